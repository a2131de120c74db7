"""Queues as rows: leased with SKIP LOCKED, worked on without a lock, finished conditionally.

Delivery is at least once. A worker that dies leaves a lease that runs out; the row is claimed again.
"""

import datetime as dt
from typing import Any, TypeVar

from django.db import models, transaction
from django.db.models import Q

MAX_ATTEMPTS = 8
BACKOFF = (10, 30, 120, 600, 1800, 3600, 7200)  # seconds after the n-th failure


class QueueRow(models.Model):
    """Mixin for a row that some worker must act on once, from `next_at` on."""

    key = models.CharField(max_length=200, unique=True)
    next_at = models.DateTimeField(null=True, help_text="null: nothing left to do")
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    error = models.TextField(default="", blank=True)

    class Meta:
        abstract = True


Row = TypeVar("Row", bound=QueueRow)


def claim(rows: "models.QuerySet[Row]", *, now: dt.datetime, lease: int, limit: int = 1) -> list[Row]:
    """Lease up to `limit` due rows for `lease` seconds and commit; the caller then holds no lock."""
    with transaction.atomic():
        due = list(
            rows.filter(Q(lease_until=None) | Q(lease_until__lt=now), next_at__lte=now)
            .order_by("next_at", "pk")
            .select_for_update(skip_locked=True)[:limit]
        )
        until = now + dt.timedelta(seconds=lease)
        for row in due:
            row.lease_until = until
            row.attempts += 1
            row.save(update_fields=["lease_until", "attempts"])
    return due


def finish(row: Row, **values: Any) -> bool:
    """Close the row if this worker still holds its lease. False: another one took over."""
    changed = (
        type(row)
        ._default_manager.filter(pk=row.pk, lease_until=row.lease_until)
        .update(next_at=None, lease_until=None, error="", **values)
    )
    return bool(changed)


def fail(row: Row, error: str, *, now: dt.datetime) -> bool:
    """Note the error and try later; after MAX_ATTEMPTS the row stays, dead, with `next_at` null."""
    dead = row.attempts >= MAX_ATTEMPTS
    wait = BACKOFF[min(row.attempts, len(BACKOFF)) - 1]
    changed = (
        type(row)
        ._default_manager.filter(pk=row.pk, lease_until=row.lease_until)
        .update(
            next_at=None if dead else now + dt.timedelta(seconds=wait),
            lease_until=None,
            error=error[:2000],
        )
    )
    return bool(changed)
