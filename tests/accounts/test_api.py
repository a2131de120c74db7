import pytest
from django.utils import timezone
from knox.models import AuthToken
from rest_framework.test import APIClient

from support.accounts import actions
from support.records.models import AuditEvent
from tests.conftest import PASSWORD

TOKENS = "/api/v1/tokens/"
ME = "/api/v1/me/"


@pytest.fixture
def api():
    return APIClient()


def log_in(api, user="citizen", password=PASSWORD):
    return api.post(TOKENS, {"username": user, "password": password})


def with_token(api, user="citizen") -> APIClient:
    api.credentials(HTTP_AUTHORIZATION=f"Token {log_in(api, user).json()['token']}")
    return api


def test_a_token_opens_the_api_until_it_is_ended(api, citizen):
    answer = log_in(api)
    assert answer.status_code == 201
    assert set(answer.json()) == {"token", "expiry"}
    api.credentials(HTTP_AUTHORIZATION=f"Token {answer.json()['token']}")
    assert api.get(ME).status_code == 200
    assert api.delete(f"{TOKENS}current/").status_code == 204
    assert api.get(ME).status_code == 401


def test_me_is_masked(api, citizen):
    me = with_token(api).get(ME)
    assert me.json() == {
        "kind": "citizen",
        "name": "张小兰",
        "party": {
            "uuid": str(citizen.party.uuid),
            "kind": "natural",
            "name": "张小兰",
            "number": "6****************2",
            "phone": "199****0001",
        },
        "hat": "citizen",
        "hats": [{"value": "citizen", "label": "个人"}],
    }


@pytest.mark.parametrize("hat", ["company:nonsense", "officer", "company:", "\u4e2d"])
def test_a_hat_one_does_not_have_is_refused(api, citizen, hat):
    me = with_token(api).get(ME, headers={"x-acting-as": hat})
    assert me.status_code == 403
    assert "您不能以该身份办事" in me.json()["detail"]


def test_a_session_hat_one_no_longer_has_gives_the_default(client, citizen):
    client.force_login(citizen)
    session = client.session
    session["hat"] = "officer"
    session.save()
    assert client.get(ME).json()["hat"] == "citizen"


def test_acting_as_a_company(api, firm_agent, firm):
    me = with_token(api, "firm_agent").get(ME, headers={"x-acting-as": f"company:{firm.uuid}"}).json()
    assert (me["kind"], me["party"]["uuid"]) == ("company", str(firm.uuid))


def test_an_officer_has_no_party(api, officer):
    me = with_token(api, "officer").get(ME).json()
    assert (me["kind"], me["party"]) == ("officer", None)


@pytest.mark.parametrize(
    "data", [{}, {"username": "citizen"}, {"username": "a\0", "password": "x"}, ["x"], "x"]
)
def test_bad_input(api, citizen, data):
    answer = api.post(TOKENS, data)
    assert answer.status_code == 400
    assert answer.json().keys() & {"errors", "detail"}


def test_a_wrong_password(api, citizen):
    answer = log_in(api, password="wrong")
    assert (answer.status_code, answer.json()) == (401, {"detail": "用户名或密码不正确"})
    assert not AuthToken.objects.exists()


def test_five_wrong_passwords_lock_here_and_on_the_page(api, citizen, client):
    for _ in range(4):
        assert log_in(api, password="wrong").status_code == 401
    locked = log_in(api, password="wrong")
    assert (locked.status_code, locked.json()["detail"]) == (429, "密码错误次数过多，请 15 分钟后再试")
    assert log_in(api).status_code == 429
    assert not AuthToken.objects.exists()
    assert client.post("/accounts/login/", {"username": "citizen", "password": PASSWORD}).status_code == 429


def test_asking_for_tokens_is_throttled_whatever_address_is_claimed(api, citizen):
    answers = [
        api.post(TOKENS, {}, headers={"x-forwarded-for": f"203.0.113.{n}"}).status_code for n in range(21)
    ]
    assert answers == [400] * 20 + [429]


def test_without_a_token_nothing(api, db):
    assert api.get(ME).status_code == 401
    assert api.delete(f"{TOKENS}current/").status_code == 401
    assert api.get(ME, headers={"authorization": "Token nonsense"}).status_code == 401


def test_a_session_is_not_a_token_and_still_needs_the_csrf_token(citizen):
    browser = APIClient(enforce_csrf_checks=True)
    browser.force_login(citizen)
    assert browser.get(ME).status_code == 200
    assert browser.delete(f"{TOKENS}current/").status_code == 403


def test_an_inactive_user_is_out_at_once(api, citizen):
    with_token(api)
    citizen.is_active = False
    citizen.save()
    assert api.get(ME).status_code == 401


def test_the_eleventh_token_ends_the_oldest(citizen, stranger):
    others, _text = actions.issue_token(stranger, now=timezone.now())
    rows = [actions.issue_token(citizen, now=timezone.now())[0] for _ in range(11)]
    left = set(AuthToken.objects.values_list("pk", flat=True))
    assert left == {others.pk, *(row.pk for row in rows[1:])}


def test_tokens_are_recorded(api, citizen):
    log_in(api, password="wrong")
    with_token(api).delete(f"{TOKENS}current/")
    events = AuditEvent.objects.order_by("id")
    assert [event.verb for event in events] == [
        "account.login_failed",
        "account.token",
        "account.token_end",
    ]
    assert {event.target for event in events} == {f"accounts.user:{citizen.uuid}"}
