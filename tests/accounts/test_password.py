import re

import pytest
from knox.models import AuthToken

from tests.conftest import PASSWORD

RESET = "/accounts/password/reset/"
NEW = "seven-green-doors"


def ask(client, mailoutbox, email="citizen@example.com") -> str:
    client.post(RESET, {"email": email})
    return re.search(r"https?://[^/]+(/\S+)", mailoutbox[-1].body)[1]


def test_a_forgotten_password_is_reset_by_mail(client, citizen, mailoutbox, settings):
    link = ask(client, mailoutbox)
    assert mailoutbox[0].to == ["citizen@example.com"]
    assert mailoutbox[0].subject == "重设登录密码"
    assert settings.PORTAL_URL in mailoutbox[0].body
    form = client.get(link, follow=True)
    assert "设置新密码" in form.text
    client.post(form.request["PATH_INFO"], {"password1": NEW, "password2": NEW})
    citizen.refresh_from_db()
    assert citizen.check_password(NEW)
    assert "链接已失效" in client.get(link, follow=True).text, "used once"


def test_the_link_names_the_portal_not_the_host_header(client, citizen, mailoutbox, settings):
    client.post(RESET, {"email": "citizen@example.com"}, headers={"host": "evil.example"})
    assert "evil.example" not in mailoutbox[0].body


def test_an_unknown_address_gets_the_same_answer_and_no_mail(client, citizen, mailoutbox):
    known, unknown = (client.post(RESET, {"email": e}) for e in ("citizen@example.com", "nobody@example.com"))
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    assert len(mailoutbox) == 1
    assert client.get(unknown.url).status_code == 200


@pytest.mark.parametrize(
    "link", ["MQ/set-password/", "x/y/", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5/abc-def/", "4pyT/1-2/"]
)
def test_a_broken_link_says_so(client, citizen, link):
    assert "链接已失效" in client.get(f"{RESET}{link}").text


def test_a_weak_new_password_is_refused(client, citizen, mailoutbox):
    form = client.get(ask(client, mailoutbox), follow=True)
    page = client.post(form.request["PATH_INFO"], {"password1": "12345", "password2": "12345"})
    assert page.context["form"].errors
    citizen.refresh_from_db()
    assert citizen.check_password(PASSWORD)


def test_a_reset_ends_sessions_tokens_and_the_lockout(client, citizen, mailoutbox, django_user_model):
    AuthToken.objects.create(citizen)
    for _ in range(5):
        client.post("/accounts/login/", {"username": "citizen", "password": "wrong"})
    form = client.get(ask(client, mailoutbox), follow=True)
    client.post(form.request["PATH_INFO"], {"password1": NEW, "password2": NEW})
    assert not AuthToken.objects.exists()
    assert client.post("/accounts/login/", {"username": "citizen", "password": NEW}).status_code == 302


def change(client, **data):
    given = {"old_password": PASSWORD, "password1": NEW, "password2": NEW, **data}
    return client.post("/accounts/password/", given)


def test_change_the_password_and_stay_logged_in(client, citizen):
    client.force_login(citizen)
    assert change(client).url == "/accounts/profile/"
    assert client.get("/accounts/profile/").status_code == 200
    citizen.refresh_from_db()
    assert citizen.check_password(NEW)


def test_the_old_password_is_asked_for(client, citizen):
    client.force_login(citizen)
    assert "原密码不正确" in change(client, old_password="wrong").text
    citizen.refresh_from_db()
    assert citizen.check_password(PASSWORD)
