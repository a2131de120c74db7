"""Under /api/ every answer is JSON, whatever was asked, and none of one's own is kept."""

import pytest

from portal import errors
from support.accounts import api_views

TOKENS = "/api/v1/tokens/"
pytestmark = pytest.mark.django_db


def send(client, body):
    return client.post(TOKENS, body, content_type="application/json")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("[" * 100_000, "嵌套过深"),
        ('{"a":' * 40 + "1" + "}" * 40, "嵌套过深"),
        ('{"username": "\\ud800", "password": "x"}', "无法识别的字符"),
        ('{"a": [{"\\udc00": 1}]}', "无法识别的字符"),
        ("{", "不是有效的 JSON"),
    ],
)
def test_unfit_json_is_refused_in_words(client, body, words):
    answer = send(client, body)
    assert answer.status_code == 400
    assert words in answer.json()["detail"]


def test_whole_pairs_are_text(client):
    assert "username" in send(client, '{"password": "\\ud83d\\ude00"}').json()["errors"]


def test_an_address_nobody_answers(client):
    answer = client.get("/api/v1/nothing/")
    assert (answer.status_code, answer.json()) == (404, {"detail": "没有这个接口地址"})


def test_the_unforeseen(client, monkeypatch):
    def break_down(**given):
        raise RuntimeError("internal")

    monkeypatch.setattr(api_views, "Credentials", break_down)
    client.raise_request_exception = False
    answer = send(client, "{}")
    assert (answer.status_code, answer.json()) == (500, {"detail": "系统暂时出了问题，请稍后再试"})


def test_a_broken_request(rf):
    answer = errors.bad_request(rf.get("/api/v1/me/"), ValueError("internal"))
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("path", [TOKENS, "/accounts/login/", "/no/such/page/"])
def test_a_large_body_is_refused_unread(client, path):
    answer = client.post(path, b"", content_type="application/json", CONTENT_LENGTH=str(12 * 1024**2 + 1))
    assert answer.status_code == 413
    if path == TOKENS:
        assert "最多 12 MB" in answer.json()["detail"]
    else:
        assert "提交的内容过大" in answer.text


def test_a_body_of_unsaid_length_is_refused(client):
    more = {"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"}
    answer = client.post("/accounts/login/", b"", content_type="text/plain", **more)
    assert answer.status_code == 411
    assert "没有注明内容长度" in answer.text


def test_no_cache_keeps_what_is_ones_own(client):
    assert client.get("/api/v1/me/").headers["Cache-Control"] == "no-store"
    assert send(client, "{}").headers["Cache-Control"] == "no-store"
    assert client.get("/api/v1/verify/x").headers["Cache-Control"] == "no-store"
    assert "Cache-Control" not in client.get("/api/v1/matters/").headers
    known = client.get("/api/v1/matters/", headers={"authorization": "Token x"})
    assert known.headers["Cache-Control"] == "no-store"
