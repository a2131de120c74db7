"""Checking by the printed code and by file, by anybody, without an account."""

import datetime as dt
from types import SimpleNamespace

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from certificates import actions, throttle
from certificates.models import Certificate, UseLog
from support.documents import actions as documents
from support.documents.models import Document
from support.records.actor import TIMER
from tests.documents.conftest import LICENCE, NOW, plain_pdf


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(NOW, tick=False):
        yield


def by_code(client, code: str):
    return client.get(reverse("certificates:check", args=[code]))


def by_file(client, data: bytes, name: str = "证照.pdf"):
    return client.post(reverse("certificates:verify"), {"file": SimpleUploadedFile(name, data)})


@pytest.fixture
def pdf(certificate) -> bytes:
    return documents.read_file(certificate.document)


@pytest.fixture
def paper(agency, citizen) -> Document:
    document = documents.order(
        "acceptance", key="paper", agency=agency, party_id=citizen.party.pk, payload=LICENCE, number="受1",
        actor=TIMER, now=NOW,
    )  # fmt: skip
    documents.drain(NOW)
    document.refresh_from_db()
    return document


# --- by code ------------------------------------------------------------------------------------


def test_a_valid_certificate(certificate, client):
    page = by_code(client, certificate.code).content.decode()
    assert "证照有效" in page
    for words in ("食品经营许可证", "张*", certificate.agency.name, "2026-11-23", "2031-11-22", "有效"):
        assert words in page
    for secret in ("张小兰", "示例路", certificate.number, certificate.identifier, str(certificate.uuid)):
        assert secret not in page
    assert UseLog.objects.get().kind == "code"


@pytest.mark.parametrize("typed", ["{0}", "{1}", " {1} ", "{2}"])
def test_typed_by_hand(certificate, client, typed):
    pretty = certificate.document.pretty_code
    code = typed.format(certificate.code, pretty, pretty.lower())
    response = client.get(reverse("certificates:verify"), {"code": code}, follow=True)
    assert "证照有效" in response.content.decode()


@pytest.mark.parametrize(
    "forged",
    [
        "ABCDEFGHJKMNPQRS",
        "0",
        "-",
        "' OR 1=1",
        "<script>alert(1)</script>",
        "％",
        "\x00",
        "很" * 300,
        "９" * 16,
    ],
)
def test_forged(certificate, client, forged):
    response = by_code(client, forged.replace("/", "%2F"))
    page = response.content.decode()
    assert response.status_code == 200
    assert "不是本平台签发的证照或文书" in page
    assert "<script>alert" not in page
    assert "张*" not in page


@pytest.mark.parametrize(
    ("state", "words"),
    [("00", "正在出证"), ("02", "暂扣"), ("03", "撤销"), ("04", "注销"), ("07", "吊销"), ("99", "其他")],
)
def test_not_valid_and_why(certificate, client, state, words):
    Certificate.objects.update(state=state)
    page = by_code(client, certificate.code).content.decode()
    assert words in page
    assert "证照有效" not in page
    assert 'class="notice ok"' not in page


def test_while_it_is_made(reserve, client):
    assert "正在出证" in by_code(client, reserve().code).content.decode()


def test_ended(certificate, client):
    with time_machine.travel(dt.datetime(2031, 11, 22, 23, 59, tzinfo=NOW.tzinfo), tick=False):
        assert "证照有效" in by_code(client, certificate.code).content.decode()
    with time_machine.travel(dt.datetime(2031, 11, 23, 0, 0, tzinfo=NOW.tzinfo), tick=False):
        page = by_code(client, certificate.code).content.decode()
    assert "已过有效期" in page
    assert "证照有效" not in page


def test_a_paper(paper, client):
    page = by_code(client, paper.code).content.decode()
    assert "文书由本平台签发" in page
    assert "受理通知书" in page
    assert "张*" in page
    assert "食品经营许可" not in page


def test_a_paper_that_is_not_made_yet(paper, client):
    Document.objects.update(state="ordered")
    page = by_code(client, paper.code).content.decode()
    assert "尚未签发" in page
    assert 'class="notice ok"' not in page


def test_by_api(certificate, client):
    answer = client.get(f"/api/v1/verify/{certificate.code}")
    assert answer.status_code == 200
    data = answer.json()
    assert (data["found"], data["valid"], data["holder"]) == (True, True, "张*")
    assert set(data) == {
        "found", "valid", "words", "title", "state", "holder", "issuer", "issued_on", "valid_from", "valid_until",
    }  # fmt: skip
    answer = client.get("/api/v1/verify/FORGED")
    assert answer.status_code == 404
    assert answer.json()["found"] is False


# --- by file ------------------------------------------------------------------------------------


def test_the_original(certificate, pdf, client):
    page = by_file(client, pdf).content.decode()
    assert "证照有效" in page
    assert "内容没有改动" in page
    assert "张小兰" not in page
    assert UseLog.objects.get().kind == "file"


def test_a_genuine_file_of_a_revoked_certificate(certificate, pdf, client):
    """The file is unchanged; the certificate is worth nothing any more."""
    Certificate.objects.update(state=Certificate.State.REVOKED)
    page = by_file(client, pdf).content.decode()
    assert "吊销" in page
    assert "证照有效" not in page
    assert 'class="notice ok"' not in page


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda pdf: pdf[:5000] + b"?" + pdf[5001:], "内容被改动过"),
        (lambda pdf: pdf + b"\n%", "被添加了内容"),
        (lambda pdf: pdf[: pdf.index(b"%%EOF") + 6], "电子签名被去掉了"),
        (lambda pdf: plain_pdf(), "不是本平台签发的文件"),
        (lambda pdf: b"hello", "不是能读取的 PDF"),
    ],
)
def test_not_the_original(certificate, pdf, client, change, words):
    response = by_file(client, change(pdf))
    page = response.content.decode()
    assert response.status_code == 200
    assert words in page
    assert 'class="notice bad"' in page
    assert "证照有效" not in page
    assert "张*" not in page
    assert not UseLog.objects.exists()


def test_a_paper_by_file(paper, client):
    assert "文书由本平台签发" in by_file(client, documents.read_file(paper)).content.decode()


@pytest.mark.parametrize(
    ("data", "words"), [({}, "请选择要核验的 PDF 文件"), ({"file": "no file"}, "请选择要核验的")]
)
@pytest.mark.django_db
def test_no_file(client, data, words):
    response = client.post(reverse("certificates:verify"), data)
    assert response.status_code == 422
    assert words in response.content.decode()


@pytest.mark.django_db
def test_empty_and_too_large(client, settings):
    assert "文件是空的" in by_file(client, b"").content.decode()
    settings.UPLOAD_MAX_BYTES = 1024 * 1024
    assert "超过 1 MB" in by_file(client, bytes(1024 * 1024 + 1)).content.decode()


@pytest.mark.parametrize("name", ["../../x.pdf", "<script>.pdf", "\u202efdp.exe", "很" * 300 + ".pdf"])
@pytest.mark.django_db
def test_hostile_names(client, name):
    response = by_file(client, plain_pdf(), name)
    assert response.status_code == 200
    assert "<script>.pdf" not in response.content.decode()


def test_by_api_file(certificate, pdf, client):
    answer = client.post("/api/v1/verify/", {"file": SimpleUploadedFile("a.pdf", pdf)})
    assert answer.json()["verdict"] == "valid"
    assert answer.json()["check"]["valid"] is True
    answer = client.post("/api/v1/verify/", {"file": SimpleUploadedFile("a.pdf", pdf + b" ")})
    assert (answer.json()["verdict"], answer.json()["check"]) == ("appended", None)
    answer = client.post("/api/v1/verify/", {})
    assert answer.status_code == 400
    assert "请选择" in answer.json()["errors"]["file"][0]


# --- not without end ----------------------------------------------------------------------------


@pytest.mark.django_db
def test_files_are_limited(client, monkeypatch):
    from certificates import views

    monkeypatch.setattr(views, "FILES_PER_WINDOW", 2)
    for _turn in range(2):
        assert by_file(client, plain_pdf()).status_code == 200
    response = by_file(client, plain_pdf())
    assert response.status_code == 429
    assert "核验次数太多" in response.content.decode()
    with time_machine.travel(NOW + dt.timedelta(seconds=throttle.WINDOW), tick=False):
        assert by_file(client, plain_pdf()).status_code == 200


def test_the_addresses_of_one_customer_are_limited_together(rf):
    tries = [rf.get("/", REMOTE_ADDR=address) for address in ("2001:db8:1:2::1", "2001:db8:1:2:3::1")]
    assert [throttle.admitted(each, "file", 1, NOW) for each in tries] == [True, False]
    assert throttle.admitted(rf.get("/", REMOTE_ADDR="2001:db8:1:3::1"), "file", 1, NOW)


@pytest.mark.django_db
def test_codes_are_limited(client, monkeypatch):
    from certificates import api, views

    monkeypatch.setattr(views, "CHECKS_PER_WINDOW", 3)
    monkeypatch.setattr(api, "CHECKS_PER_WINDOW", 3)
    codes = [by_code(client, "X").status_code for _turn in range(3)]
    assert codes == [200, 200, 200]
    assert by_code(client, "X").status_code == 429
    assert client.get(reverse("certificates:present_check", args=["x"])).status_code == 429
    assert client.get("/api/v1/verify/X").status_code == 429


def test_without_a_cache_checking_goes_on(certificate, client, monkeypatch):
    """A cache that does not answer gives nothing back (settings.CACHES)."""
    silent = SimpleNamespace(add=lambda *_: None, incr=lambda *_: None)
    monkeypatch.setattr(throttle, "cache", silent)
    assert "证照有效" in by_code(client, certificate.code).content.decode()


def test_checking_is_open_to_all(client, cast, certificate):
    for user in cast.values():
        client.force_login(user)
        assert client.get(reverse("certificates:verify")).status_code == 200
        assert by_code(client, certificate.code).status_code == 200


def test_the_use_log_is_the_holders(certificate, client, citizen):
    actions.check_code(certificate.code, NOW)
    client.force_login(citizen)
    page = client.get(reverse("certificates:detail", args=[certificate.uuid])).content.decode()
    assert "证照上的核验码被查询" in page
    assert "未登录的访问者" in page
