"""The figures: true, cheap, for those who look after the portal alone, and about nobody."""

import datetime as dt
import os
import re
import subprocess
import sys

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from applications.models import Application, Deadline
from portal import health, metrics
from support.documents.models import Document
from support.notices.models import Delivery, Notice
from tests.applications.conftest import (  # noqa: F401
    answers,
    file_case,
    guide,
    uploads_for,
    version,
)

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 23, 3, 0, tzinfo=dt.UTC)


def read(client, **headers) -> dict[str, dict]:
    """name → labels → value"""
    answer = client.get("/metrics", **headers)
    assert answer.status_code == 200
    found: dict[str, dict] = {}
    for family in text_string_to_metric_families(answer.content.decode()):
        for sample in family.samples:
            found.setdefault(sample.name, {})[tuple(sorted(sample.labels.items()))] = sample.value
    return found


def figure(name: str, now=NOW, **labels: str) -> float:
    (found,) = [f for f in metrics.figures(now) if f.name == name and dict(f.labels) == labels]
    return found.value


# --- who may ask -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({}, 200),
        ({"REMOTE_ADDR": "::1"}, 200),
        ({"REMOTE_ADDR": "10.0.0.7"}, 404),
        ({"REMOTE_ADDR": ""}, 404),
        ({"HTTP_X_FORWARDED_FOR": "203.0.113.5"}, 404),
        ({"HTTP_X_FORWARDED_FOR": "127.0.0.1"}, 404),
        ({"HTTP_FORWARDED": "for=127.0.0.1"}, 404),
        ({"REMOTE_ADDR": "10.0.0.7", "HTTP_AUTHORIZATION": "Bearer the-token"}, 200),
        ({"REMOTE_ADDR": "10.0.0.7", "HTTP_AUTHORIZATION": "Bearer another"}, 404),
        ({"REMOTE_ADDR": "10.0.0.7", "HTTP_AUTHORIZATION": "Bearer 令牌"}, 404),
        ({"REMOTE_ADDR": "10.0.0.7", "HTTP_AUTHORIZATION": "Token the-token"}, 404),
        ({"HTTP_HOST": "10.0.0.3:8000"}, 200),
    ],
)
def test_only_this_machine_or_the_token(client, settings, given, status):
    settings.METRICS_TOKEN, settings.ALLOWED_HOSTS = "the-token", ["portal.example"]
    settings.PORTAL_URL = "https://portal.example"
    assert client.get("/metrics", **given).status_code == status


def test_without_a_token_none_is_right(client, settings):
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics", REMOTE_ADDR="10.0.0.7", HTTP_AUTHORIZATION="Bearer ").status_code == 404


# --- requests ----------------------------------------------------------------------------------


def test_requests_are_counted_by_view_method_and_status(client):
    labels = (("method", "GET"), ("status", "2xx"), ("view", "portal:home"))
    before = read(client).get("portal_request_seconds_count", {}).get(labels, 0)
    client.get("/")
    found = read(client)
    assert found["portal_request_seconds_count"][labels] == before + 1
    assert found["portal_request_seconds_sum"][labels] > 0


def test_no_label_comes_from_a_visitor(client, cast):
    client.get("/no/such/page/640199199003070002")
    client.generic("GUESSED", "/")
    client.get("/my/cases/00000000-0000-4000-8000-000000000000/")
    text = client.get("/metrics").content.decode()
    assert 'method="other"' in text
    assert not [word for word in ("640199", "GUESSED", "no/such", "00000000-0000") if word in text]
    assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}", text)


WRITE = """
import os, sys
from prometheus_client import CollectorRegistry, Histogram
histogram = Histogram("portal_request_seconds", "", ["view", "method", "status"], registry=CollectorRegistry())
histogram.labels("portal:home", "GET", "2xx").observe(0.5)
"""


def test_whoever_is_asked_answers_for_all_web_processes(client, monkeypatch, tmp_path):
    environment = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    for _ in range(2):  # two processes, both gone by now
        subprocess.run([sys.executable, "-c", WRITE], env=environment, check=True)
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    labels = (("method", "GET"), ("status", "2xx"), ("view", "portal:home"))
    found = read(client)
    assert found["portal_request_seconds_count"] == {labels: 2}
    assert found["portal_up"]


# --- the state ---------------------------------------------------------------------------------


def test_queues_tell_what_waits_what_is_due_and_what_is_dead(file_case):  # noqa: F811
    file_case(now=NOW)
    Document.objects.update(next_at=None)
    Delivery.objects.all().delete()
    notice = Notice.objects.first()
    for key, values in {
        "due": {"next_at": NOW - dt.timedelta(seconds=90)},
        "later": {"next_at": NOW + dt.timedelta(seconds=90)},
        "done": {"next_at": None},
        "dead": {"next_at": None, "error": "550"},
        "tried": {"next_at": NOW - dt.timedelta(seconds=5), "error": "450"},
    }.items():
        Delivery.objects.create(notice=notice, key=key, address_sealed=b"", **values)
    labels = {"queue": "notices.delivery"}
    assert figure("portal_queue_waiting", **labels) == 3
    assert figure("portal_queue_due", **labels) == 2
    assert figure("portal_queue_oldest_seconds", **labels) == 90
    assert figure("portal_queue_dead", **labels) == 1
    assert figure("portal_queue_waiting", queue="documents.document") == 0


def test_cases_and_their_deadlines(file_case):  # noqa: F811
    for number in range(3):
        file_case(key=f"case-{number}", now=NOW)
    assert (figure("portal_cases_open"), figure("portal_cases_late")) == (3, 0)
    metrics.cache.clear()
    first, second, third = Application.objects.order_by("id")
    Application.objects.filter(pk=first.pk).update(due_at=NOW)
    Application.objects.filter(pk=second.pk).update(due_at=NOW, closed_at=NOW)
    rows = Deadline.objects.order_by("id")
    rows.filter(case=first).update(next_at=NOW - dt.timedelta(seconds=70))
    rows.filter(case=second).update(done_at=NOW, error="KeyError", next_at=NOW - dt.timedelta(days=1))
    rows.filter(case=third).update(error="KeyError")
    assert (figure("portal_cases_open"), figure("portal_cases_late")) == (2, 1)
    assert figure("portal_deadlines_due") == rows.filter(case=first).count()
    assert figure("portal_sweep_lag_seconds") == 70
    assert figure("portal_deadlines_failed") == rows.filter(case=third).count()


def test_the_heartbeat_and_the_parts(client):
    assert not [f for f in metrics.figures(NOW) if f.name == "portal_heartbeat_age_seconds"]
    health.beat(NOW - dt.timedelta(seconds=12))
    assert figure("portal_heartbeat_age_seconds") == 12
    assert read(client)["portal_up"] == dict.fromkeys(
        [(("part", part),) for part in ("database", "broker", "cache")], 1
    )


def test_a_dead_cache_shows_as_down_and_the_rest_is_still_told(client, settings):
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}}
    found = read(client)
    assert found["portal_up"][(("part", "cache"),)] == 0
    assert found["portal_up"][(("part", "database"),)] == 1
    assert "portal_cases_open" in found


def test_a_dead_database_shows_as_down(client, monkeypatch):
    def gone(*args):
        raise metrics.Error("no connection")

    monkeypatch.setattr(metrics, "_look", gone)
    monkeypatch.setattr(health, "database", gone)
    found = read(client)
    assert found["portal_up"][(("part", "database"),)] == 0
    assert "portal_cases_open" not in found


def test_many_who_ask_cost_one_look(client):
    read(client)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        read(client)
    assert [query["sql"] for query in queries] == ["SELECT 1"]


def test_what_is_counted_stands_in_small_indexes(cast):
    """With sequential scans made dear, no figure needs one."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    with CaptureQueriesContext(connection) as queries:
        metrics._look(timezone.now())
    for query in (query["sql"] for query in queries if "SELECT" in query["sql"]):
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN " + query)
            plan = "\n".join(row[0] for row in cursor.fetchall())
        assert re.search(r"(delivery_due|delivery_dead|document_queue|document_dead|deadline_open"
                         r"|deadline_failed|case_queue|case_amber|case_calendar|imports_due|imports_dead)",
                         plan), query + plan  # fmt: skip
