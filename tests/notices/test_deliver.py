import datetime as dt
import smtplib
import socket
import threading

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import connection
from django.test import override_settings

from support.notices import delivery, tasks
from support.notices.models import Channel, Delivery, Notice
from support.queues.rows import MAX_ATTEMPTS, dead
from tests.notices.conftest import NOW, try_all

pytestmark = pytest.mark.django_db


def drain(now: dt.datetime) -> int:
    """How many mails were tried."""
    return try_all(Channel.EMAIL, now)


@pytest.fixture
def waiting(citizen, tell) -> Delivery:
    """One e-mail to the citizen, due."""
    tell(citizen.party)
    return Delivery.objects.get()


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_mail_says_the_title_and_a_link_and_nothing_else(citizen, waiting, settings):
    assert drain(NOW) == 1
    [message] = mail.outbox
    assert message.to == [citizen.email]
    assert message.subject == waiting.notice.title
    assert f"{settings.PORTAL_URL}/my/messages/{waiting.notice.uuid}/" in message.body
    assert citizen.name not in message.body
    assert waiting.notice.body not in message.body
    waiting.refresh_from_db()
    assert (waiting.sent_at, waiting.next_at) == (NOW, None)
    assert waiting.provider_id == message.extra_headers["Message-ID"]


def test_sent_once(waiting):
    assert drain(NOW) == 1
    assert drain(NOW + dt.timedelta(days=1)) == 0
    assert len(mail.outbox) == 1


def test_title_of_several_lines_cannot_add_a_header(waiting):
    Notice.objects.update(facts={"matter": "甲\nBcc: a@b.cn", "number": "1"})
    drain(NOW)
    [message] = mail.outbox
    assert "\n" not in message.subject
    assert message.recipients() == message.to


def test_refused_connection_is_tried_again_and_at_last_given_up(waiting, settings, closed_port, capsys):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", closed_port
    at = NOW
    for attempt in range(1, MAX_ATTEMPTS + 1):
        assert drain(at) == 1
        waiting.refresh_from_db()
        assert (waiting.attempts, waiting.error) == (attempt, "ConnectionRefusedError")
        at += dt.timedelta(days=1)
    assert drain(at) == 0
    assert dead(Delivery.objects.all()).get() == waiting
    call_command("dead_deliveries")
    assert str(waiting.uuid) in capsys.readouterr().out

    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    call_command("dead_deliveries", retry=True)
    assert drain(dt.datetime.now(dt.UTC)) == 1
    assert len(mail.outbox) == 1


@pytest.mark.parametrize(
    "error",
    [
        smtplib.SMTPRecipientsRefused({"citizen@example.cn": (550, b"no such user citizen@example.cn")}),
        smtplib.SMTPDataError(550, b"citizen@example.cn rejected"),
    ],
)
def test_error_keeps_the_code_and_not_the_address(waiting, monkeypatch, caplog, error):
    def refuse(self, fail_silently=False):
        raise error

    monkeypatch.setattr(mail.EmailMessage, "send", refuse)
    drain(NOW)
    waiting.refresh_from_db()
    assert waiting.error == f"{type(error).__name__} 550"
    assert "citizen@example.cn" not in caplog.text


def test_one_mail_that_cannot_be_written_does_not_stop_the_others(waiting, stranger, tell):
    Delivery.objects.filter(pk=waiting.pk).update(address_sealed=b"spoilt")
    tell(stranger.party)
    assert drain(NOW) == 2
    assert [message.to for message in mail.outbox] == [[stranger.email]]
    waiting.refresh_from_db()
    assert waiting.error == "Unsealable"


def test_worker_killed_after_sending_sends_again_under_the_same_message_id(waiting, monkeypatch):
    with monkeypatch.context() as killed:
        killed.setattr(delivery, "finish", lambda *args, **values: None)
        drain(NOW)
    later = NOW + dt.timedelta(seconds=delivery.LEASE)
    assert drain(later) == 0
    assert drain(later + dt.timedelta(seconds=1)) == 1
    first, second = mail.outbox
    assert first.extra_headers["Message-ID"] == second.extra_headers["Message-ID"]
    waiting.refresh_from_db()
    assert (waiting.next_at, waiting.attempts) == (None, 2)


def test_message_id_on_the_wire(waiting):
    drain(NOW)
    [message] = mail.outbox
    assert message.message()["Message-ID"] == delivery.message_id(waiting)


def test_task_drains_the_queue(citizen, tell):
    for key in "abc":
        tell(citizen.party, key=key)
    tasks.drain()
    assert len(mail.outbox) == 3


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_each_mail_once(citizen, tell):
    for number in range(30):
        tell(citizen.party, key=str(number))
    barrier = threading.Barrier(3)

    def work() -> None:
        try:
            barrier.wait(10)
            drain(NOW)
        finally:
            connection.close()

    with override_settings(EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend"):
        threads = [threading.Thread(target=work) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
    ids = [message.extra_headers["Message-ID"] for message in mail.outbox]
    assert len(ids) == len(set(ids)) == 30
