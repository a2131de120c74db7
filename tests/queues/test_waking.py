import time

import pytest
from django.db import transaction
from kombu.exceptions import OperationalError

from support.queues import waking


@pytest.fixture
def sent(monkeypatch):
    """Names of the tasks asked for; `sent.broken` makes the broker unreachable."""

    class Sent(list):
        broken = False

    names = Sent()

    def send_task(name, **options):
        names.append(name)
        if names.broken:
            raise OperationalError("connection refused")

    monkeypatch.setattr(waking.current_app, "send_task", send_task)
    monkeypatch.setattr(waking, "_quiet_until", 0.0)
    return names


@pytest.mark.django_db(transaction=True)
def test_wakes_after_commit_and_not_before(sent):
    with transaction.atomic():
        waking.wake("notices.drain")
        assert sent == []
    assert sent == ["notices.drain"]


@pytest.mark.django_db(transaction=True)
def test_rolled_back_wakes_nobody(sent):
    with pytest.raises(RuntimeError), transaction.atomic():
        waking.wake("notices.drain")
        raise RuntimeError
    assert sent == []


@pytest.mark.django_db(transaction=True)
def test_unreachable_broker_is_logged_and_then_left_alone_for_a_while(sent, caplog, monkeypatch):
    sent.broken = True
    waking.wake("notices.drain")
    waking.wake("notices.drain")
    assert sent == ["notices.drain"]
    assert "notices.drain" in caplog.text
    later = time.monotonic() + waking.QUIET + 1
    monkeypatch.setattr(waking.time, "monotonic", lambda: later)
    waking.wake("notices.drain")
    assert len(sent) == 2
