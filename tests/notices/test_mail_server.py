"""E-mail over a real SMTP connection to the sandbox server."""

import datetime as dt

import pytest

from support.accounts.models import User
from support.notices.models import Channel, Delivery
from tests.notices.conftest import NOW, state_of, try_all

pytestmark = pytest.mark.django_db


@pytest.fixture
def waiting_for(citizen, tell):
    def make(email: str, key: str = "k") -> Delivery:
        User.objects.filter(pk=citizen.pk).update(email=email)
        tell(citizen.party, key=key)
        return Delivery.objects.get(key=f"{key}:{citizen.pk}:email")

    return make


def drain(now: dt.datetime) -> int:
    return try_all(Channel.EMAIL, now)


def test_title_and_link_arrive_and_nothing_of_the_person(mail_server, waiting_for, citizen, settings):
    row = waiting_for("zhang@example.com")
    assert drain(NOW) == 1
    assert state_of(row) == "sent"
    [mail] = mail_server.mails
    assert mail["Subject"].strip() == row.notice.title
    assert mail["Message-ID"] == row.provider_id
    assert mail["To"] == "zhang@example.com"
    assert mail.get_content_type() == "text/plain"
    text = mail.get_content()
    assert f"{settings.PORTAL_URL}/my/messages/{row.notice.uuid}/" in text
    for secret in (citizen.name, citizen.party.phone, citizen.party.number, row.notice.body):
        assert secret not in text
    [file] = mail_server.files
    assert b"=?utf-8?" in file.read_bytes().partition(b"\r\n\r\n")[0]
    assert file.stat().st_mode & 0o077 == 0


def test_a_mailbox_that_does_not_exist_is_given_up_at_once(mail_server, waiting_for, caplog):
    row = waiting_for("refused@example.com")
    assert drain(NOW) == 1
    assert (state_of(row), row.attempts, row.error) == ("dead", 1, "SMTPRecipientsRefused 550")
    assert "refused@example.com" not in caplog.text


def test_a_server_that_says_later_is_asked_later(mail_server, waiting_for):
    row = waiting_for("later@example.com")
    assert drain(NOW) == 1
    assert (state_of(row), row.error) == ("waiting", "SMTPRecipientsRefused 451")
    assert row.next_at == NOW + dt.timedelta(seconds=10)


def test_refused_ones_do_not_end_the_drain(mail_server, waiting_for):
    for number in range(5):
        waiting_for(f"refused{number}@example.com", key=f"r{number}")
    waiting_for("zhang@example.com", key="good")
    assert drain(NOW) == 6
    assert len(mail_server.mails) == 1


def test_a_killed_server_loses_nothing(mail_server, waiting_for):
    row = waiting_for("zhang@example.com")
    mail_server.stop()
    drain(NOW)
    assert (state_of(row), row.error) == ("waiting", "ConnectionRefusedError")
    mail_server.start()
    drain(NOW + dt.timedelta(hours=1))
    assert state_of(row) == "sent"
    assert len(mail_server.mails) == 1
