"""Whether this process lives, and whether the portal as a whole does its work."""

import datetime as dt
import logging
from collections.abc import Callable
from functools import lru_cache

from django.core.cache import cache
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from applications.models import Deadline
from portal.celery import app
from support.accounts.access import audience

log = logging.getLogger(__name__)

HEARTBEAT = "portal.heartbeat"
OLDEST_HEARTBEAT = 60  # seconds; beat sends one every 15
LONGEST_LAG = 120  # seconds; the sweep looks every 20
BROKER_HOLDS = 5  # seconds for which one answer of the broker is enough


class Unwell(Exception):
    """A part does not do its work."""


def beat(now: dt.datetime) -> None:
    """Note that a worker took and finished a task that beat had sent."""
    cache.set(HEARTBEAT, now.timestamp(), timeout=None)


def database(now: dt.datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def broker(now: dt.datetime) -> None:
    if complaint := _broker_complaint(int(now.timestamp()) // BROKER_HOLDS):
        raise Unwell(complaint)


@lru_cache(maxsize=1)
def _broker_complaint(period: int) -> str:
    """Why the broker cannot be used, or nothing. One connection in each period, however often we are asked."""
    try:
        _connect_to_broker()
    except Exception as error:  # whatever it is; raised, it would not be kept
        return repr(error)
    return ""


def _connect_to_broker() -> None:
    with app.connection_for_write(connect_timeout=2) as broker:
        broker.ensure_connection(max_retries=1, timeout=2)


def worker(now: dt.datetime) -> float:
    """Seconds since the last heartbeat."""
    last = cache.get(HEARTBEAT)
    if last is None:
        raise Unwell("no heartbeat yet")
    return _within(now.timestamp() - last, OLDEST_HEARTBEAT)


def sweep(now: dt.datetime) -> float:
    """Seconds for which the deadline waiting longest has been due and not looked at."""
    waiting = Deadline.objects.filter(done_at=None, next_at__lte=now).order_by("next_at", "id")
    oldest = waiting.values_list("next_at", flat=True).first()
    return _within((now - oldest).total_seconds() if oldest else 0, LONGEST_LAG)


def failed_deadlines() -> int | None:
    """Open deadlines at which the sweep has failed; they are tried again. None if the database does not say."""
    try:
        return Deadline.objects.filter(done_at=None).exclude(error="").count()
    except Error:
        return None


def _within(seconds: float, limit: int) -> float:
    if seconds > limit:
        raise Unwell(f"{seconds:.0f} s, over {limit}")
    return round(seconds, 1)


CHECKS: dict[str, Callable[[dt.datetime], float | None]] = {
    "database": database,
    "broker": broker,
    "worker": worker,
    "sweep": sweep,
}


@audience("public")
@never_cache
@require_safe
def livez(request: HttpRequest) -> HttpResponse:
    """This process answers. Asks nobody else, so that a dead database does not restart the web."""
    return HttpResponse("ok", content_type="text/plain")


@audience("public")
@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """The parts by name, with seconds where time is what counts; 503 and the names of those that fail.

    `failed_deadlines` is for who looks after the portal: a single bad case does not make the rest unready.
    """
    now = timezone.now()
    seconds: dict[str, float] = {}
    failing: list[str] = []
    for name, check in CHECKS.items():
        try:
            if (found := check(now)) is not None:
                seconds[name] = found
        except Exception as error:  # whatever it is, the part does not work; the log says more
            log.warning("not ready: %s: %r", name, error)
            failing.append(name)
    body = {"ready": not failing, "failing": failing, "seconds": seconds, "failed_deadlines": failed_deadlines()}
    return JsonResponse(body, status=503 if failing else 200)
