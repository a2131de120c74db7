"""Queues as rows: leased with SKIP LOCKED, worked on without a lock, finished conditionally.

Delivery is at least once. A worker that dies leaves a lease that runs out; the row is claimed again.
So what a row asks for must bear being done twice: a stable message id, the first result wins.
"""

import datetime as dt
from typing import Any, TypeVar

from django.db import models, transaction
from django.db.models import F, Q

MAX_ATTEMPTS = 8
BACKOFF = (10, 30, 120, 600, 1800, 3600, 7200)  # seconds after the n-th failure


class QueueRow(models.Model):
    """Mixin for a row that some worker must act on once, from `next_at` on.

    Waiting or leased: `next_at` is set. Done: null, without error. Dead: null, with the error.
    A subclass lists `due_index` and `dead_index` among its indexes.
    """

    key = models.CharField(max_length=200, unique=True)
    next_at = models.DateTimeField(null=True, help_text="null: nothing left to do")
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    error = models.TextField(default="", blank=True)

    class Meta:
        abstract = True


Row = TypeVar("Row", bound=QueueRow)


def due_index(name: str) -> models.Index:
    """For `Meta.indexes` of a queue: only open rows are in it, so that it stays as small as the work."""
    return models.Index(fields=["next_at", "id"], condition=Q(next_at__isnull=False), name=name)


def dead_index(name: str) -> models.Index:
    """For `Meta.indexes` of a queue: the few rows that were given up, found among all that are done."""
    return models.Index(fields=["id"], condition=Q(next_at=None) & ~Q(error=""), name=name)


def claim(rows: "models.QuerySet[Row]", *, now: dt.datetime, lease: int, limit: int = 1) -> list[Row]:
    """Lease up to `limit` due rows for `lease` seconds and commit; the caller then holds no lock.

    A row whose worker died at every attempt is declared dead here: nobody else would notice.
    """
    with transaction.atomic():
        due = list(
            rows.filter(Q(lease_until=None) | Q(lease_until__lt=now), next_at__lte=now)
            .order_by("next_at", "pk")
            .select_for_update(skip_locked=True, of=("self",))[:limit]
        )
        worn = [row.pk for row in due if row.attempts >= MAX_ATTEMPTS]
        if worn:
            rows.model._default_manager.filter(pk__in=worn).update(
                next_at=None, lease_until=None, error="worker lost"
            )
            due = [row for row in due if row.attempts < MAX_ATTEMPTS]
        until = now + dt.timedelta(seconds=lease)
        rows.model._default_manager.filter(pk__in=[row.pk for row in due]).update(
            lease_until=until, attempts=F("attempts") + 1
        )
    for row in due:
        row.lease_until = until
        row.attempts += 1
    if worn and not due:
        return claim(rows, now=now, lease=lease, limit=limit)
    return due


def _held(row: Row) -> "models.QuerySet[Row]":
    """The row, if this worker still holds it. A later lease always ends later, so its end is its name."""
    return type(row)._default_manager.filter(pk=row.pk, lease_until=row.lease_until)


def finish(row: Row, **values: Any) -> bool:
    """Close the row if this worker still holds its lease. False: another one took over."""
    return bool(_held(row).update(next_at=None, lease_until=None, error="", **values))


def fail(row: Row, error: str, *, now: dt.datetime, final: bool = False) -> bool:
    """Note the error and try later; after MAX_ATTEMPTS, or when `final`, the row stays, dead, with `next_at` null.

    `error` is kept in plain text: a kind and a code, no personal data. False: another one took over.
    """
    dead = final or row.attempts >= MAX_ATTEMPTS
    wait = BACKOFF[min(row.attempts, len(BACKOFF)) - 1]
    return bool(
        _held(row).update(
            next_at=None if dead else now + dt.timedelta(seconds=wait),
            lease_until=None,
            error=error[:2000] or "error",
        )
    )


def dead(rows: "models.QuerySet[Row]") -> "models.QuerySet[Row]":
    """Rows that were given up."""
    return rows.filter(next_at=None).exclude(error="")


def retry(row: Row, *, now: dt.datetime) -> bool:
    """Give a dead row all its attempts again. False: it is not dead."""
    rows = dead(type(row)._default_manager.filter(pk=row.pk))
    return bool(rows.update(next_at=now, lease_until=None, attempts=0))
