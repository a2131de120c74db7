"""What the gateway reports: signed, in any order, any number of times, before our own write or after."""

import datetime as dt
import itertools
import json
import time
import uuid

import pytest
from django.test import Client

from support.notices import delivery, hooks, reports, sms_http
from support.notices.models import Channel, Delivery
from support.notices.sms import Report
from tests.notices.conftest import NOW, state_of, try_all
from tests.notices.sandboxes import until

pytestmark = pytest.mark.django_db
HOOK = "/hooks/sms/"
LATER = NOW + dt.timedelta(minutes=5)


@pytest.fixture
def waiting(citizen, tell, with_sms) -> Delivery:
    tell(citizen.party)
    return Delivery.objects.get(channel=Channel.SMS)


@pytest.fixture
def sent(waiting, monkeypatch) -> Delivery:
    monkeypatch.setitem(delivery.SENDERS, Channel.SMS, lambda row: "p1")
    delivery.send_next(Channel.SMS, now=NOW)
    waiting.refresh_from_db()
    return waiting


def report(row: Delivery, outcome: str, **more) -> dict:
    return {"id": str(row.uuid), "provider_id": "p1", "outcome": outcome, "at": NOW.timestamp() + 60, **more}


def post(said, *, stamp: str = "", direction: str = "report", signature: str = "", path: str = HOOK):
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    stamp = stamp or str(int(time.time()))
    signature = signature or sms_http.sign(direction, stamp, body)
    return Client(enforce_csrf_checks=True).post(
        path, body, content_type="application/json", headers={"X-Timestamp": stamp, "X-Signature": signature}
    )


# --- what is noted


def test_delivered(sent):
    answer = post(report(sent, "delivered"))
    assert (answer.status_code, answer.json()["noted"]) == (200, True)
    assert state_of(sent) == "delivered"
    assert (sent.sent_at, sent.delivered_at) == (NOW, NOW + dt.timedelta(minutes=1))


def test_repeated_reports_change_nothing(sent):
    post(report(sent, "delivered"))
    again = post(report(sent, "delivered", at=NOW.timestamp() + 999))
    assert (again.status_code, again.json()["noted"]) == (200, False)
    sent.refresh_from_db()
    assert sent.delivered_at == NOW + dt.timedelta(minutes=1)


def test_what_is_known_is_no_news(sent):
    assert post(report(sent, "accepted")).json()["noted"] is False
    post(report(sent, "delivered"))
    assert post(report(sent, "undeliverable", code="unreachable")).json()["noted"] is False
    sent.refresh_from_db()
    assert (sent.sent_at, sent.failed_at, sent.failure) == (NOW, None, "")


def test_undeliverable_says_why_and_is_not_sent_again(sent):
    post(report(sent, "undeliverable", code="unreachable"))
    assert (state_of(sent), sent.failure, sent.next_at) == ("failed", "unreachable", None)
    assert try_all(Channel.SMS, NOW + dt.timedelta(days=1, hours=1)) == 0


@pytest.mark.parametrize("order", itertools.permutations(["accepted", "undeliverable", "delivered"]))
def test_in_any_order_delivered_is_the_last_word(waiting, order):
    for outcome in (*order, *order):
        reports.note(Report(waiting.uuid, "p1", outcome, NOW), now=LATER)
    assert state_of(waiting) == "delivered"


@pytest.mark.parametrize("order", itertools.permutations(["accepted", "undeliverable"]))
def test_in_any_order_undeliverable_is_not_taken_back(waiting, order):
    for outcome in (*order, *order):
        reports.note(Report(waiting.uuid, "p1", outcome, NOW), now=LATER)
    assert state_of(waiting) == "failed"


@pytest.mark.parametrize(
    ("outcome", "state"), [("accepted", "sent"), ("delivered", "delivered"), ("undeliverable", "failed")]
)
def test_a_report_before_our_own_write_is_kept(waiting, monkeypatch, outcome, state):
    def taken_and_reported_at_once(row: Delivery) -> str:
        post(report(row, outcome, at=NOW.timestamp()))
        return "p1"

    monkeypatch.setitem(delivery.SENDERS, Channel.SMS, taken_and_reported_at_once)
    delivery.send_next(Channel.SMS, now=NOW)
    assert state_of(waiting) == state
    assert (waiting.sent_at, waiting.provider_id, waiting.next_at) == (NOW, "p1", None)


def test_a_report_saves_what_was_given_up_because_the_answers_were_lost(waiting):
    Delivery.objects.update(next_at=None, error="Unavailable RemoteDisconnected", attempts=8)
    assert state_of(waiting) == "dead"
    post(report(waiting, "delivered"))
    assert (state_of(waiting), waiting.error) == ("delivered", "")


def test_a_report_from_the_future_is_of_now(sent):
    post(report(sent, "delivered", at=time.time() + 10**6))
    sent.refresh_from_db()
    assert sent.delivered_at.timestamp() <= time.time()


def test_unknown_messages_and_mails_are_answered_calmly(sent):
    unknown = post(report(sent, "delivered", id=str(uuid.uuid4())))
    assert (unknown.status_code, unknown.json()["noted"]) == (200, False)
    mail = Delivery.objects.get(channel=Channel.EMAIL)
    assert post(report(mail, "delivered")).json()["noted"] is False
    assert state_of(mail) == "waiting"


# --- who may report


@pytest.mark.parametrize(
    "forged",
    [
        {"signature": "0" * 64},
        {"signature": "ü"},
        {"direction": "send"},
        {"stamp": str(int(time.time()) - sms_http.WINDOW - 5)},
        {"stamp": str(int(time.time()) + 10**5)},
    ],
)
def test_a_forged_old_or_reflected_report_is_refused(sent, forged):
    assert post(report(sent, "delivered"), **forged).status_code == 403
    assert state_of(sent) == "sent"


def test_a_changed_report_is_refused(sent):
    stamp = str(int(time.time()))
    signature = sms_http.sign("report", stamp, json.dumps(report(sent, "undeliverable")).encode())
    assert post(report(sent, "delivered"), stamp=stamp, signature=signature).status_code == 403


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"{",
        b"[]",
        b"[" * 4000,
        {"id": "x", "outcome": "delivered", "at": 1},
        {"id": str(uuid.uuid4()), "outcome": "lost", "at": 1},
        {"id": str(uuid.uuid4()), "outcome": "delivered"},
        {"id": str(uuid.uuid4()), "outcome": "delivered", "at": 1e300},
        {"id": str(uuid.uuid4()), "outcome": "delivered", "at": "nan"},
    ],
)
def test_a_report_that_cannot_be_read_is_refused(with_sms, said):
    assert post(said).status_code == 400


def test_a_stamp_that_is_no_time_is_refused(sent):
    assert post(report(sent, "delivered"), stamp="yesterday").status_code == 400


def test_strange_characters_are_left_out(sent):
    assert (
        post(report(sent, "undeliverable", provider_id="a\0b" * 99, code="13800000001\0no")).status_code
        == 200
    )
    sent.refresh_from_db()
    assert sent.failure == "no"
    assert "\0" not in sent.provider_id


def test_a_large_body_is_not_read(with_sms):
    assert post(b"x" * (hooks.LONGEST + 1)).status_code == 413
    assert post(b"x" * hooks.LONGEST).status_code == 400


def test_forgers_are_slowed_down_and_true_reports_heard_all_the_same(sent, monkeypatch):
    monkeypatch.setattr(hooks, "FORGERIES", 3)
    statuses = [post(b"{}", signature="0" * 64).status_code for _ in range(5)]
    assert statuses == [403, 403, 403, 429, 429]
    assert post(report(sent, "delivered")).status_code == 200


def test_without_a_gateway_nobody_reports(sent, settings):
    settings.SMS_GATEWAY_URL = ""
    assert post(report(sent, "delivered")).status_code == 404


def test_only_posts(client, with_sms):
    assert client.get(HOOK).status_code == 405


# --- the whole way


@pytest.mark.django_db(transaction=True)
def test_there_and_back_through_a_gateway_that_behaves_badly(
    citizen, stranger, tell, gateway, live_server, monkeypatch
):
    """A third of all requests fail, every report comes twice and the last one first."""
    monkeypatch.setattr(sms_http, "TIMEOUT", 2)
    sandbox = gateway(f"{live_server.url}{HOOK}", trouble=0.3, repeat=1, shuffle=1, silence=0, seed="7")
    stranger.party.phone = "19900000008"  # cannot be reached
    stranger.party.save()
    for number in range(12):
        tell(citizen.party, key=f"c{number}")
        tell(stranger.party, key=f"s{number}")
    at = NOW
    for _ in range(8):
        try_all(Channel.SMS, at)
        at += dt.timedelta(hours=1)
    rows = Delivery.objects.filter(channel=Channel.SMS)
    until(lambda: not rows.exclude(state__in=("delivered", "failed")).exists(), "all reported")
    assert rows.filter(state="delivered", notice__user=citizen).count() == 12
    assert rows.filter(state="failed", failure="unreachable", notice__user=stranger).count() == 12
    assert len(sandbox.taken) == len({line["id"] for line in sandbox.taken}) == 24
    assert rows.filter(attempts__gt=1).exists(), "the gateway has made trouble"


@pytest.mark.django_db(transaction=True)
def test_reports_wait_until_the_portal_is_there(citizen, tell, gateway, live_server, settings):
    settings.ALLOWED_HOSTS = ["elsewhere.example"]  # answers 400
    sandbox = gateway(f"{live_server.url}{HOOK}")
    tell(citizen.party)
    try_all(Channel.SMS, NOW)
    row = Delivery.objects.get(channel=Channel.SMS)
    time.sleep(0.2)
    assert (state_of(row), sandbox.reported) == ("sent", [])
    settings.ALLOWED_HOSTS = ["*"]
    until(lambda: state_of(row) == "delivered", "the report, tried again")
