import re

import pytest
from django.core.cache import caches
from knox.models import AuthToken

from support.accounts import actions
from support.records.models import AuditEvent
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


def test_five_wrong_old_passwords_pause_the_change_and_the_change_of_e_mail(client, citizen, stranger):
    client.force_login(citizen)
    for _ in range(5):
        assert "原密码不正确" in change(client, old_password="wrong").text
    assert "请 15 分钟后再试" in change(client).text, "the right one is refused too"
    moved = {"phone": "13800000000", "email": "new@example.com", "password": PASSWORD}
    assert "请 15 分钟后再试" in client.post("/accounts/profile/contact/", moved).text
    citizen.refresh_from_db()
    assert citizen.check_password(PASSWORD)
    assert citizen.email == "citizen@example.com"
    client.force_login(stranger)
    assert change(client).status_code == 302, "others are not paused"


def test_a_right_old_password_forgets_the_wrong_ones(client, citizen):
    client.force_login(citizen)
    for _ in range(4):
        change(client, old_password="wrong")
    assert change(client).status_code == 302
    assert "原密码不正确" in change(client, old_password="wrong").text


def test_without_the_cache_the_password_is_changed_all_the_same(client, citizen, settings):
    settings.CACHES = {
        "default": {
            "BACKEND": "django_redis.cache.RedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
            "OPTIONS": {"IGNORE_EXCEPTIONS": True},
        }
    }
    client.force_login(citizen)
    assert change(client).status_code == 302
    caches.close_all()


@pytest.mark.parametrize("way", ["old", "mail"])
def test_a_password_is_saved_with_what_follows_or_not_at_all(client, citizen, mailoutbox, monkeypatch, way):
    form = client.get(ask(client, mailoutbox), follow=True).request["PATH_INFO"]

    def fail(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(actions, "forget_failures", fail)
    client.raise_request_exception = False
    if way == "old":
        client.force_login(citizen)
        assert change(client).status_code == 500
    else:
        assert client.post(form, {"password1": NEW, "password2": NEW}).status_code == 500
    citizen.refresh_from_db()
    assert citizen.check_password(PASSWORD)


def test_asking_for_and_setting_a_password_is_recorded(client, citizen, mailoutbox):
    form = client.get(ask(client, mailoutbox), follow=True)
    client.post(RESET, {"email": "nobody@example.com"})
    client.post(form.request["PATH_INFO"], {"password1": NEW, "password2": NEW})
    asked, done = AuditEvent.objects.order_by("id")
    assert (asked.verb, asked.actor_kind, asked.actor_id) == ("account.reset_request", "visitor", None)
    assert (done.verb, done.actor_id, done.details) == ("account.password", citizen.pk, {"by": "mail"})
    assert asked.target == done.target == f"accounts.user:{citizen.uuid}"
