import datetime as dt
from contextlib import nullcontext
from unittest.mock import Mock

import pytest
from django.core.cache import cache
from django.db import OperationalError
from django.utils import timezone

from applications.models import Clock, Deadline
from portal import health
from portal.tasks import heartbeat

NOW = dt.datetime(2026, 9, 1, 9, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def nothing_known():
    cache.delete(health.HEARTBEAT)
    health._broker_complaint.cache_clear()
    yield
    cache.delete(health.HEARTBEAT)


@pytest.fixture
def working(monkeypatch):
    """A portal of which only the parts named in the test fail."""
    monkeypatch.setattr(health, "CHECKS", dict.fromkeys(health.CHECKS, lambda now: None))
    return health.CHECKS


def broken(now: dt.datetime) -> None:
    raise RuntimeError("password=hunter2 host=10.0.0.1")


def test_alive_without_database_broker_or_worker(client, working):
    """No `db` fixture: a query would fail this test. A cookie must not cause one either."""
    client.cookies["sessionid"] = "x" * 32
    answer = client.get("/livez")
    assert (answer.status_code, answer.content) == (200, b"ok")
    assert "no-store" in answer["Cache-Control"]


def test_ready_names_seconds_and_nothing_else(client, db):
    heartbeat()
    answer = client.get("/readyz")
    assert answer.status_code == 200
    body = answer.json()
    assert (body["ready"], body["failing"]) == (True, [])
    assert set(body["seconds"]) == {"worker", "sweep"}


@pytest.mark.parametrize("part", ["database", "broker", "worker", "sweep"])
def test_a_failing_part_is_named_and_its_error_is_not_shown(client, db, working, part):
    working[part] = broken
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"ready": False, "failing": [part], "seconds": {}, "failed_deadlines": 0}


def test_the_database_check_asks_the_database(monkeypatch):
    monkeypatch.setattr(health, "connection", None)
    with pytest.raises(AttributeError):
        health.database(NOW)


def test_the_broker_check_connects(monkeypatch):
    monkeypatch.setattr(health.app, "connection_for_write", broken)
    with pytest.raises(health.Unwell, match="TypeError"):
        health.broker(NOW)


@pytest.mark.parametrize("complaint", [None, OSError("no broker")])
def test_many_questions_make_few_connections(monkeypatch, complaint):
    made = Mock(side_effect=complaint)
    monkeypatch.setattr(health, "_connect_to_broker", made)
    for number in range(50):
        with pytest.raises(health.Unwell) if complaint else nullcontext():
            health.broker(NOW + dt.timedelta(seconds=number / 50))
    assert made.call_count == 1
    with pytest.raises(health.Unwell) if complaint else nullcontext():
        health.broker(NOW + dt.timedelta(seconds=health.BROKER_HOLDS))
    assert made.call_count == 2


def test_no_heartbeat_or_an_old_one_fails():
    with pytest.raises(health.Unwell):
        health.worker(NOW)
    health.beat(NOW)
    assert health.worker(NOW + dt.timedelta(seconds=health.OLDEST_HEARTBEAT)) == health.OLDEST_HEARTBEAT
    with pytest.raises(health.Unwell):
        health.worker(NOW + dt.timedelta(seconds=health.OLDEST_HEARTBEAT + 1))


def test_the_task_that_beat_sends_is_the_heartbeat(settings):
    names = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert heartbeat.name in names
    heartbeat()
    assert health.worker(timezone.now()) < 5


@pytest.fixture
def deadline(db):
    """A deadline without its case: the foreign key is looked at on commit, and it is gone by then."""

    def make(next_at: dt.datetime, **values: object) -> Deadline:
        kind, number = Clock.ACCEPTANCE, Deadline.objects.count() + 1
        return Deadline.objects.create(
            case_id=1, kind=kind, round=number, due_at=NOW, next_at=next_at, **values
        )

    yield make
    Deadline.objects.all().delete()


def test_the_lag_is_that_of_the_oldest_waiting_deadline(deadline):
    assert health.sweep(NOW) == 0
    deadline(NOW - dt.timedelta(seconds=30))
    deadline(NOW - dt.timedelta(seconds=90))
    deadline(NOW - dt.timedelta(days=1), done_at=NOW)
    deadline(NOW + dt.timedelta(days=1))
    assert health.sweep(NOW) == 90
    with pytest.raises(health.Unwell):
        health.sweep(NOW + dt.timedelta(seconds=health.LONGEST_LAG))


def test_deadlines_that_failed_are_counted_and_fail_nothing(client, working, deadline):
    deadline(NOW, error="KeyError('term')")
    deadline(NOW, error="KeyError('term')", done_at=NOW)
    deadline(NOW)
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["failed_deadlines"] == 1


def test_without_a_database_they_are_unknown(client, working, monkeypatch):
    monkeypatch.setattr(health.Deadline.objects, "filter", Mock(side_effect=OperationalError))
    assert client.get("/readyz").json()["failed_deadlines"] is None
