"""What the gateway reports after it has taken a message: repeated, out of order, or before our own write."""

import datetime as dt

from django.db.models import Q, Value
from django.db.models.functions import Coalesce

from support.notices.models import Channel, Delivery
from support.notices.sms import Report

# Outcome → what is noted, and what must not be known yet. Delivered is the last word.
NOTED = {
    "accepted": ("sent_at", Q(sent_at=None)),
    "undeliverable": ("failed_at", Q(failed_at=None, delivered_at=None)),
    "delivered": ("delivered_at", Q(delivered_at=None)),
}


def note(report: Report, *, now: dt.datetime) -> bool:
    """Write a report down. False: nothing new, or no message of ours.

    Each shows that the gateway has the message, so nobody sends it again. One condition decides in the
    database: any order and any number of repetitions end in the same row.
    """
    column, unknown = NOTED[report.outcome]
    at = min(report.at, now)
    values = {"sent_at": Coalesce("sent_at", Value(at)), column: at}
    if report.outcome == "undeliverable":
        values["failure"] = report.code or "unknown"
    rows = Delivery.objects.filter(unknown, uuid=report.message_id, channel=Channel.SMS)
    return bool(
        rows.update(
            **values, provider_id=report.provider_id, next_at=None, lease_until=None, error="",
        )
    )  # fmt: skip
