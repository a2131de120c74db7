"""The one way to write the audit record, and to take the next number of a series."""

import datetime as dt
from typing import Any

from django.db import connection
from django.utils import timezone

from support.records.actor import Actor
from support.records.models import AuditEvent


def write(
    verb: str,
    *,
    actor: Actor,
    target: str,
    subject_id: int | None = None,
    agency_id: int | None = None,
    details: dict[str, Any] | None = None,
    at: dt.datetime | None = None,
) -> None:
    """Record an act, or a read of personal data (`read.…` verbs), in the caller's transaction.

    `details` takes ids, codes and counts; never names, numbers or free text of a person.
    """
    AuditEvent.objects.create(
        at=at or timezone.now(),
        verb=verb,
        actor_kind=actor.kind,
        actor_id=actor.user_id,
        actor_name=actor.name,
        on_behalf_of=actor.party_id,
        subject_id=subject_id,
        agency_id=agency_id,
        target=target,
        details=details or {},
    )


def next_number(series: str) -> int:
    """The next number of a series, from 1. Locks the series until the transaction ends: call it late."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO records_series AS s (name, last) VALUES (%s, 1)"
            " ON CONFLICT (name) DO UPDATE SET last = s.last + 1 RETURNING last",
            [series],
        )
        return int(cursor.fetchone()[0])
