import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.urls import reverse

from support.records.models import AuditEvent
from tests.conftest import PASSWORD

LOGIN = "/accounts/login/"
PROFILE = "/accounts/profile/"


def log_in(client, user, password=PASSWORD, **more):
    return client.post(LOGIN, {"username": user.username, "password": password, **more})


def test_log_in_and_go_where_one_wanted_to_go(client, citizen):
    asked = client.get(PROFILE)
    assert asked.url == f"{LOGIN}?next=%2Faccounts%2Fprofile%2F"
    assert 'name="next" value="/accounts/profile/"' in client.get(asked.url).text
    assert log_in(client, citizen, next=PROFILE).url == PROFILE
    assert client.get(PROFILE).status_code == 200


def test_without_a_wish_to_my_space(client, citizen):
    assert log_in(client, citizen).url == reverse("portal:my")


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil.example"]
)
def test_another_site_is_never_the_next_page(client, citizen, target):
    assert target not in client.get(LOGIN, {"next": target}).text
    assert log_in(client, citizen, next=target).url == reverse("portal:my")


def test_a_wrong_password_is_said_and_the_name_kept(client, citizen):
    page = log_in(client, citizen, "wrong")
    assert page.status_code == 200
    assert "用户名或密码不正确" in page.text
    assert 'value="citizen"' in page.text
    assert "wrong" not in page.text


def test_an_unknown_user_reads_the_same_as_a_wrong_password(client, citizen):
    known = log_in(client, citizen, "wrong").context["form"].non_field_errors()
    unknown = (
        client.post(LOGIN, {"username": "nobody", "password": "wrong"}).context["form"].non_field_errors()
    )
    assert known == unknown


@pytest.mark.parametrize(
    "data", [{}, {"username": "a\0b", "password": "x"}, {"username": "x" * 10_000, "password": "x"}]
)
def test_bad_input_is_a_page_not_a_crash(client, db, data):
    assert client.post(LOGIN, data).status_code == 200


def test_five_wrong_passwords_lock_for_a_while(client, citizen, stranger):
    for _ in range(4):
        assert log_in(client, citizen, "wrong").status_code == 200
    locked = log_in(client, citizen, "wrong")
    assert locked.status_code == 429
    assert "请 15 分钟后再试" in locked.text
    assert log_in(client, citizen).status_code == 429, "the right password is refused too"
    assert log_in(client, stranger).status_code == 302, "others at the same address are not locked"


def test_another_address_is_not_locked(client, citizen, settings):
    settings.PROXIES = 1
    for _ in range(5):
        client.post(
            LOGIN, {"username": "citizen", "password": "wrong"}, headers={"x-forwarded-for": "203.0.113.1"}
        )
    data = {"username": "citizen", "password": PASSWORD}
    spoofed = {"x-forwarded-for": "198.51.100.9, 203.0.113.1"}
    assert client.post(LOGIN, data, headers=spoofed).status_code == 429
    assert client.post(LOGIN, data, headers={"x-forwarded-for": "203.0.113.2"}).status_code == 302


def test_the_addresses_of_one_customer_are_locked_together(client, citizen):
    data = {"username": "citizen", "password": "wrong"}
    for n in range(5):
        client.post(LOGIN, data, REMOTE_ADDR=f"2001:db8:1:2:{n:x}::1")
    data["password"] = PASSWORD
    assert client.post(LOGIN, data, REMOTE_ADDR="2001:db8:1:2:ffff::9").status_code == 429
    assert client.post(LOGIN, data, REMOTE_ADDR="2001:db8:1:3::1").status_code == 302


def test_without_a_proxy_of_ours_no_forwarded_address_is_believed(client, citizen):
    for n in range(5):
        claimed = {"x-forwarded-for": f"203.0.113.{n}"}
        answer = client.post(LOGIN, {"username": "citizen", "password": "wrong"}, headers=claimed)
    assert answer.status_code == 429


def test_a_forwarded_address_that_is_none_is_not_believed(client, citizen, settings):
    settings.PROXIES = 1
    data = {"username": "citizen", "password": "wrong"}
    assert client.post(LOGIN, data, headers={"x-forwarded-for": "drop table"}).status_code == 200


def test_an_inactive_user_cannot_log_in(client, citizen):
    citizen.is_active = False
    citizen.save()
    assert log_in(client, citizen).status_code == 200
    assert client.get(PROFILE).status_code == 302


def test_a_session_that_ran_out_is_said_once_logged_in_again_all_is_well(client, citizen):
    log_in(client, citizen)
    Session.objects.all().delete()
    cache.clear()
    sent = client.get(PROFILE)
    assert "expired=1" in sent.url
    assert "登录已过期" in client.get(sent.url).text
    assert log_in(client, citizen, next=PROFILE).url == PROFILE


def test_a_first_visit_is_not_called_expired(client, db):
    assert "登录已过期" not in client.get(client.get(PROFILE).url).text


def test_a_swap_without_session_sends_the_whole_page_to_the_login(client, db):
    headers = {"hx-request": "true", "hx-current-url": "https://testserver/accounts/profile/contact/?a=1"}
    answer = client.get(PROFILE, headers=headers)
    assert answer.headers["HX-Redirect"] == f"{LOGIN}?next=%2Faccounts%2Fprofile%2Fcontact%2F%3Fa%3D1"


def test_a_swap_from_no_address_comes_back_to_where_it_asked(client, db):
    answer = client.get("/my/", headers={"hx-request": "true", "hx-current-url": "http://["})
    assert answer.headers["HX-Redirect"] == f"{LOGIN}?next=%2Fmy%2F"


def test_log_out_ends_the_session(client, citizen):
    log_in(client, citizen)
    assert client.get("/accounts/logout/").status_code == 405, "a link must not log out"
    client.post("/accounts/logout/")
    assert client.get(PROFILE).status_code == 302
    assert client.post("/accounts/logout/").status_code == 302, "twice is no error"


def test_personal_pages_are_not_kept_by_the_browser(client, citizen):
    log_in(client, citizen)
    assert "no-store" in client.get(PROFILE).headers["Cache-Control"]


def test_who_is_logged_in_needs_no_second_login(client, citizen):
    log_in(client, citizen)
    assert client.get(LOGIN, {"next": PROFILE}).url == PROFILE


def test_demo_accounts_are_listed_in_demo_mode_only(client, db, settings):
    assert "officer_elsewhere" not in client.get(LOGIN).text
    settings.DEMO = True
    assert "officer_elsewhere" in client.get(LOGIN).text


def test_an_address_that_fails_too_often_waits_whoever_it_names(client, citizen, settings):
    settings.PROXIES = 1
    here, there = {"x-forwarded-for": "203.0.113.1"}, {"x-forwarded-for": "203.0.113.2"}
    right = {"username": "citizen", "password": PASSWORD}
    for n in range(30):
        wrong = {"username": f"nobody{n}", "password": "wrong"}
        assert client.post(LOGIN, wrong, headers=here).status_code == 200
    refused = client.post(LOGIN, right, headers=here)
    assert refused.status_code == 429
    assert "请 10 分钟后再试" in refused.text
    assert client.get(LOGIN, headers=here).status_code == 200, "looking is no try"
    for path in ("/accounts/register/", "/accounts/password/reset/", "/api/v1/tokens/"):
        assert client.post(path, {}, headers=here).status_code == 429, path
    assert client.post(LOGIN, right, headers=there).status_code == 302


def test_right_passwords_are_not_counted(client, citizen):
    for _ in range(31):
        assert log_in(client, citizen).status_code == 302
        client.logout()


def test_coming_going_and_failing_are_recorded_without_the_name_typed(client, citizen):
    log_in(client, citizen, "wrong")
    client.post(LOGIN, {"username": "secret-typed-here", "password": "wrong"})
    client.post(LOGIN, {"username": "citizen"})
    log_in(client, citizen)
    client.post("/accounts/logout/")
    client.post("/accounts/logout/")
    known, unknown, came, went = AuditEvent.objects.order_by("id")
    target = f"accounts.user:{citizen.uuid}"
    assert [known.verb, unknown.verb] == ["account.login_failed"] * 2
    assert (known.target, known.details, known.actor_id) == (target, {"user": citizen.pk}, None)
    assert (unknown.target, unknown.details) == ("accounts.user:unknown", {"user": None})
    assert (came.verb, came.target, came.actor_id) == ("account.login", target, citizen.pk)
    assert (went.verb, went.target, went.actor_id) == ("account.logout", target, citizen.pk)
