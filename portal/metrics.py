"""Figures for who looks after the portal, in the words of Prometheus. No label names a person or a case.

Requests are counted by each web process; with PROMETHEUS_MULTIPROC_DIR those of one machine or container
keep their counts in files there, and whichever is asked answers for all. What the database knows is the
same wherever it is asked, and asked at most every ten seconds.
"""

import datetime as dt
import hmac
import logging
import os
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from ipaddress import ip_address

from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.db import Error
from django.db.models import Count, Min, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from applications.models import Application, Deadline
from portal import health
from support.accounts.access import audience
from support.queues import rows

log = logging.getLogger(__name__)

KEPT = 10  # seconds for which one look into the database serves all who ask
SNAPSHOT = "portal.metrics"
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_VIA")
IN_PROCESS = CollectorRegistry()
REQUESTS = Histogram(
    "portal_request_seconds",
    "Time to answer a request.",
    ["view", "method", "status"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=IN_PROCESS,
)


@dataclass(frozen=True)
class Figure:
    name: str
    value: float
    labels: tuple[tuple[str, str], ...] = ()


FIGURES = {
    "portal_up": "1 while this part answers.",
    "portal_heartbeat_age_seconds": "Since a worker last finished a task sent by beat.",
    "portal_queue_waiting": "Rows that a worker has still to act on, now or later.",
    "portal_queue_due": "Rows that a worker should act on now.",
    "portal_queue_oldest_seconds": "For how long the oldest of them has been due.",
    "portal_queue_dead": "Rows that were given up and wait for somebody.",
    "portal_deadlines_due": "Deadlines that the sweep should look at now.",
    "portal_sweep_lag_seconds": "For how long the oldest of them has been due.",
    "portal_deadlines_failed": "Open deadlines at which the sweep has failed.",
    "portal_cases_open": "Cases without an end.",
    "portal_cases_late": "Open cases whose nearest term has run out.",
}


def figures(now: dt.datetime) -> list[Figure]:
    """Everything but the requests. What cannot be found out is left out."""
    known = [*_parts(now), *_heartbeat(now)]
    try:
        known += cache.get(SNAPSHOT) or _look(now)
    except Error as error:
        log.warning("no figures from the database: %s", type(error).__name__)
    return known


def _look(now: dt.datetime) -> list[Figure]:
    found = [*_queues(now), *_deadlines(now), *_cases(now)]
    cache.set(SNAPSHOT, found, KEPT)
    return found


def _parts(now: dt.datetime) -> Iterator[Figure]:
    checks: dict[str, Callable[[dt.datetime], None]] = {
        "database": health.database,
        "broker": health.broker,
        "cache": _cache,
    }
    for part, check in checks.items():
        try:
            check(now)
            up = 1
        except Exception as error:  # whatever it is, the part does not work
            log.warning("%s does not answer: %s", part, type(error).__name__)
            up = 0
        yield Figure("portal_up", up, (("part", part),))


def _cache(now: dt.datetime) -> None:
    """A cache that cannot be reached answers like an empty one; so it is asked for what it was just told."""
    told = secrets.token_hex(8)
    cache.set(f"{SNAPSHOT}.{told}", told, 5)
    if cache.get(f"{SNAPSHOT}.{told}") != told:
        raise health.Unwell("forgets")


def _heartbeat(now: dt.datetime) -> Iterator[Figure]:
    last = cache.get(health.HEARTBEAT)
    if last is not None:
        yield Figure("portal_heartbeat_age_seconds", max(0.0, now.timestamp() - last))


def _queues(now: dt.datetime) -> Iterator[Figure]:
    for model in (model for model in apps.get_models() if issubclass(model, rows.QueueRow)):
        label = (("queue", model._meta.label_lower),)
        queue = model._default_manager.all()
        found = queue.filter(next_at__isnull=False).aggregate(
            waiting=Count("pk"), due=Count("pk", filter=Q(next_at__lte=now)), oldest=Min("next_at")
        )
        yield Figure("portal_queue_waiting", found["waiting"], label)
        yield Figure("portal_queue_due", found["due"], label)
        yield Figure("portal_queue_oldest_seconds", _seconds_since(found["oldest"], now), label)
        yield Figure("portal_queue_dead", rows.dead(queue).count(), label)


def _deadlines(now: dt.datetime) -> Iterator[Figure]:
    due = Deadline.objects.filter(done_at=None, next_at__lte=now)
    found = due.aggregate(count=Count("pk"), oldest=Min("next_at"))
    yield Figure("portal_deadlines_due", found["count"])
    yield Figure("portal_sweep_lag_seconds", _seconds_since(found["oldest"], now))
    failed = health.failed_deadlines()
    if failed is not None:
        yield Figure("portal_deadlines_failed", failed)


def _cases(now: dt.datetime) -> Iterator[Figure]:
    cases = Application.objects.open()
    yield Figure("portal_cases_open", cases.count())
    yield Figure("portal_cases_late", cases.filter(due_at__lte=now).count())


def _seconds_since(then: dt.datetime | None, now: dt.datetime) -> float:
    return max(0.0, (now - then).total_seconds()) if then else 0.0


class State(Collector):
    """`figures` as Prometheus reads them."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        known = figures(timezone.now())
        for name, words in FIGURES.items():
            mine = [figure for figure in known if figure.name == name]
            if mine:
                family = GaugeMetricFamily(name, words, labels=[label for label, _ in mine[0].labels])
                for figure in mine:
                    family.add_metric([value for _, value in figure.labels], figure.value)
                yield family


def registry() -> CollectorRegistry:
    """The requests of all web processes of this machine, or of this one, and the state of the whole."""
    shown = CollectorRegistry()
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        MultiProcessCollector(shown)  # type: ignore[no-untyped-call]
    else:
        shown.register(IN_PROCESS)
    shown.register(State())
    return shown


def _may_ask(request: HttpRequest) -> bool:
    """Who holds METRICS_TOKEN, or is on this machine and not merely passed on by a proxy on it."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if settings.METRICS_TOKEN and kind == "Bearer":
        return hmac.compare_digest(token.encode(), settings.METRICS_TOKEN.encode())
    try:
        local = ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
    return local and not any(request.META.get(name) for name in FORWARDED)


@audience("public")
@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """The figures, for whom they are meant; to all others the page does not exist."""
    if not _may_ask(request):
        raise Http404
    return HttpResponse(generate_latest(registry()), content_type=CONTENT_TYPE_LATEST)
