"""Text messages through the sandbox gateway: sent once whatever happens, at daytime, without personal data."""

import datetime as dt
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.core.management import call_command

from support.accounts.models import Party, User
from support.notices import delivery, sms, sms_http
from support.notices.models import Channel, Delivery, Notice
from support.queues.rows import MAX_ATTEMPTS
from tests.notices.conftest import CONTEXT, NOW, state_of, try_all
from tests.notices.sandboxes import Gateway

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


def drain(now: dt.datetime) -> int:
    return try_all(Channel.SMS, now)


def texts() -> "list[Delivery]":
    return list(Delivery.objects.filter(channel=Channel.SMS).select_related("notice"))


@pytest.fixture
def waiting(citizen, tell, with_sms) -> Delivery:
    tell(citizen.party)
    [row] = texts()
    return row


# --- who gets one


def test_a_decision_is_worth_a_text_a_receipt_is_not(citizen, tell, with_sms):
    tell(citizen.party, "case_received", key="received")
    assert not texts()
    tell(citizen.party, "case_granted", key="granted")
    [row] = texts()
    assert (row.address, row.notice.user) == (citizen.party.phone, citizen)
    assert citizen.party.phone.encode() not in bytes(row.address_sealed)


def test_without_gateway_telephone_or_wish_there_is_none(citizen, tell, settings, with_sms):
    User.objects.filter(pk=citizen.pk).update(by_sms=False)
    tell(citizen.party, key="no wish")
    User.objects.filter(pk=citizen.pk).update(by_sms=True)
    Party.objects.filter(pk=citizen.party.pk).update(phone_sealed=b"")
    tell(citizen.party, key="no telephone")
    citizen.party.phone = "19900000001"
    citizen.party.save()
    settings.SMS_GATEWAY_URL = ""
    tell(citizen.party, key="no gateway")
    assert not texts()
    assert Notice.objects.count() == Delivery.objects.count() == 3, "by mail and in the site all the same"


def test_who_does_not_want_mail_gets_none(citizen, tell, clerk, tell_role):
    User.objects.update(by_email=False)
    tell(citizen.party)
    tell_role(key="officers")
    assert Notice.objects.count() == 3  # the citizen and both who are at the window
    assert not Delivery.objects.exists()


def test_for_an_organisation_the_telephone_of_who_is_mandated_rings(firm, firm_agent, tell, with_sms):
    tell(firm)
    [row] = texts()
    assert row.address == firm_agent.party.phone != firm.phone


# --- when


@pytest.mark.parametrize(
    ("local", "sent"),
    [
        ("2026-03-02 06:59", "2026-03-02 07:00"),
        ("2026-03-02 07:00", "2026-03-02 07:00"),
        ("2026-03-02 21:59", "2026-03-02 21:59"),
        ("2026-03-02 22:00", "2026-03-03 07:00"),
        ("2026-03-02 23:59", "2026-03-03 07:00"),
        ("2026-03-03 00:00", "2026-03-03 07:00"),
    ],
)
def test_nobody_is_woken(citizen, tell, gateway, local, sent):
    sandbox = gateway()
    zone = dt.timezone(8 * HOUR)
    at, morning = (dt.datetime.fromisoformat(text).replace(tzinfo=zone) for text in (local, sent))
    tell(citizen.party, now=at)
    [row] = texts()
    assert row.next_at == morning
    assert Delivery.objects.get(channel=Channel.EMAIL).next_at == at
    if morning != at:
        Delivery.objects.update(next_at=at)  # as a text that failed before, or that waited for a worker
        assert drain(at) == 0
    assert drain(morning) == 1
    assert len(sandbox.taken) == 1


# --- what goes out


def test_code_facts_and_path_go_out_and_nothing_else(citizen, tell, gateway):
    sandbox = gateway()
    tell(citizen.party, context={**CONTEXT, "matter": "很长的事项名称" * 10})
    [row] = texts()
    assert drain(NOW) == 1
    [taken] = sandbox.taken
    assert taken["template"] == "case_accepted"
    assert taken["parameters"] == {
        "matter": ("很长的事项名称" * 10)[:29] + "…",
        "path": f"/my/messages/{row.notice.uuid}/",
    }
    assert (taken["id"], taken["to"]) == (str(row.uuid), "199****0001")
    assert state_of(row) == "sent"
    assert (row.sent_at, row.provider_id) == (NOW, taken["provider_id"])
    assert citizen.party.phone not in (sandbox.place / "outbox.jsonl").read_text()
    assert (sandbox.place / "outbox.jsonl").stat().st_mode & 0o077 == 0


def test_templates_to_register_have_every_code_and_no_empty_place(capsys):
    call_command("sms_templates")
    lines = capsys.readouterr().out.splitlines()
    assert "case_granted" in [line.split("\t")[0] for line in lines]
    assert all("${path}" in line and "%(" not in line for line in lines)
    assert all("${matter}" in line or "${document}" in line for line in lines)


# --- what can go wrong


def test_gateway_down_for_an_hour_loses_nothing_and_sends_nothing_twice(citizen, stranger, tell, gateway):
    sandbox = gateway()
    sandbox.mode("down")
    for number in range(4):
        tell(citizen.party, key=f"c{number}")
        tell(stranger.party, key=f"s{number}")
    for minute in range(60):
        drain(NOW + dt.timedelta(minutes=minute))
    assert not sandbox.taken
    assert {row.state for row in texts()} == {"waiting"}
    assert {row.error for row in texts()} == {"Unavailable 503"}
    sandbox.mode("up")
    at = NOW + HOUR
    for _ in range(8):
        at += HOUR / 2
        drain(at)
    assert {row.state for row in texts()} == {"sent"}
    assert sorted(line["id"] for line in sandbox.taken) == sorted(str(row.uuid) for row in texts())


@pytest.mark.parametrize(
    ("mode", "error"),
    [("down", "503"), ("busy", "429"), ("silent", "RemoteDisconnected"), ("lossy", "RemoteDisconnected")],
)
def test_each_trouble_is_tried_again_and_sends_one(citizen, tell, gateway, mode, error):
    sandbox = gateway(silence=0.1)
    tell(citizen.party)
    sandbox.mode(mode)
    assert drain(NOW) == 1
    [row] = texts()
    assert (row.state, row.error) == ("waiting", f"Unavailable {error}")
    sandbox.mode("up")
    assert drain(NOW + HOUR) == 1
    assert state_of(row) == "sent"
    assert len(sandbox.taken) == 1, "the answer was lost, not the message: the same id again"


def test_a_gateway_that_never_answers_is_left_after_a_while(citizen, tell, gateway, monkeypatch):
    monkeypatch.setattr(sms_http, "TIMEOUT", 0.2)
    gateway(silence=30).mode("silent")
    tell(citizen.party)
    assert drain(NOW) == 1
    assert texts()[0].error == "Unavailable TimeoutError"


def test_nobody_there(waiting):
    assert drain(NOW) == 1
    assert (state_of(waiting), waiting.error) == ("waiting", "Unavailable ConnectionRefusedError")
    at = NOW
    for _ in range(MAX_ATTEMPTS):
        at += 24 * HOUR
        drain(at)
    assert state_of(waiting) == "dead"


def test_while_it_is_down_few_use_up_their_attempts(citizen, tell, with_sms, settings, monkeypatch):
    for number in range(6):
        tell(citizen.party, key=str(number))
    monkeypatch.setattr(delivery.timezone, "now", lambda: NOW)
    delivery.drain(Channel.SMS, seconds=30)
    assert sum(row.attempts for row in texts()) == delivery.PATIENCE


def test_a_number_that_does_not_exist_is_given_up_at_once(citizen, tell, gateway, caplog):
    sandbox = gateway()
    citizen.party.phone = "13800000009"
    citizen.party.save()
    tell(citizen.party)
    assert drain(NOW) == 1
    [row] = texts()
    assert (row.state, row.attempts, row.error) == ("dead", 1, "Refused invalid_number")
    assert not sandbox.taken
    assert "13800000009" not in caplog.text


def test_one_that_cannot_be_sent_does_not_stop_the_others(citizen, stranger, tell, gateway):
    sandbox = gateway()
    tell(citizen.party, key="spoilt")
    Delivery.objects.filter(channel=Channel.SMS).update(address_sealed=b"spoilt")
    tell(stranger.party, key="sound")
    assert drain(NOW) == 2
    assert [line["to"] for line in sandbox.taken] == ["199****0002"]


def test_worker_killed_after_the_gateway_took_it_sends_again_under_the_same_id(
    citizen, tell, gateway, monkeypatch
):
    sandbox = gateway()
    tell(citizen.party)
    with monkeypatch.context() as killed:
        killed.setattr(delivery, "finish", lambda *args, **values: None)
        assert drain(NOW) == 1
    later = NOW + dt.timedelta(seconds=delivery.LEASE + 1)
    assert drain(later) == 1
    assert len(sandbox.taken) == 1
    [row] = texts()
    assert (row.state, row.attempts) == ("sent", 2)


def test_a_gateway_that_was_restarted_knows_what_it_took(citizen, tell, gateway, monkeypatch):
    sandbox = gateway()
    tell(citizen.party)
    [row] = texts()
    first = sms_http.send(row.address, "case_accepted", {}, str(row.uuid))
    sandbox.stop()
    sandbox.start()
    assert sms_http.send(row.address, "case_accepted", {}, str(row.uuid)) == first
    assert len(sandbox.taken) == 1


def test_a_forged_request_is_refused_and_counts_as_ours_to_mend(waiting, gateway, settings):
    sandbox = gateway()
    settings.SMS_GATEWAY_KEY = "another-key-0123456789"
    assert drain(NOW) == 1
    assert (state_of(waiting), waiting.error) == ("waiting", "Unavailable 403")
    assert not sandbox.taken


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ((202, b"no json"), "Unavailable 202"),
        ((202, b"[]"), "Unavailable 202"),
        ((302, b"{}"), "Unavailable 302"),
        ((422, b'{"error": "number 13800000001 is bad"}'), "Refused numberisbad"),
    ],
)
def test_odd_answers(waiting, settings, answer, error):
    with answering(*answer) as port:
        settings.SMS_GATEWAY_URL = f"http://127.0.0.1:{port}"
        drain(NOW)
    waiting.refresh_from_db()
    assert waiting.error == error


@contextmanager
def answering(status: int, body: bytes) -> Iterator[int]:
    """The port of a server that gives one answer to whatever it is sent."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.send_header("Location", "http://127.0.0.1:1/")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
        yield server.server_port
        server.shutdown()


# --- the sandbox itself


def test_the_same_seed_meets_the_same_trouble(tmp_path, settings):
    """Which of twenty messages are taken, by two gateways one after the other."""
    settings.SMS_GATEWAY_KEY = "a-key-of-the-tests-0123456789"

    def taken(name: str, seed: str) -> list[str]:
        sandbox = Gateway(tmp_path / name, "http://127.0.0.1:1/", trouble=0.5, seed=seed, silence=0)
        sandbox.start()
        settings.SMS_GATEWAY_URL = f"http://127.0.0.1:{sandbox.port}"
        try:
            for number in range(20):
                try:
                    sms_http.send("19900000001", "t", {}, f"id-{number}")
                except sms.Unavailable:
                    continue
            return [line["id"] for line in sandbox.taken]
        finally:
            sandbox.stop()

    first = taken("a", "1")
    assert 0 < len(first) < 20
    assert taken("b", "1") == first
    assert taken("c", "2") != first


def test_parameters_survive_as_they_are(gateway):
    sandbox = gateway()
    parameters = {"matter": "食品经营许可“新办”", "path": "/my/messages/1/"}
    sms_http.send("19900000001", "case_accepted", parameters, "id")
    assert json.loads(json.dumps(sandbox.taken[0]["parameters"])) == parameters
