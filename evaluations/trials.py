"""How a trial of a standard goes: figures of the places that try it, beside those that do not."""

import datetime as dt
from collections import Counter
from typing import NamedTuple

from django.db.models import Avg, Count, Q, QuerySet
from django.utils import timezone

from applications.models import Application
from evaluations.models import FEWEST, Rating
from matters.models import Standard
from support.calendars.actions import calendar_for
from support.places.models import Region


class Figures(NamedTuple):
    """Of the cases closed during the trial. `days`: working days on average from receipt to the end, None
    without cases; `stars`: mean of the ratings, None with fewer than so many that none can be told."""

    closed: int
    days: float | None
    stars: float | None


def figures(standard: Standard, now: dt.datetime) -> tuple[Figures, Figures]:
    """(in the regions of the trial, in the rest of the department's region)."""
    inside = Q(pk__in=[])
    for region in standard.regions.all():
        inside |= _within(region)
    scope = _within(standard.agency.region)
    until = min(standard.ends_at or now, now)
    cases = Application.objects.filter(
        scope, matter__directory=standard.directory_id, closed_at__gte=standard.starts_at, closed_at__lt=until
    )
    return _of(cases.filter(inside)), _of(cases.exclude(inside))


def _within(region: Region) -> Q:
    return Q(region_code__range=region.subtree())


def _of(cases: QuerySet[Application]) -> Figures:
    spans = Counter(
        (code, timezone.localdate(received), timezone.localdate(closed))
        for code, received, closed in cases.values_list("region_code", "received_at", "closed_at").iterator()
    )
    closed = sum(spans.values())
    worked = sum(
        n * calendar_for(code).workdays_between(first, last) for (code, first, last), n in spans.items()
    )
    rated = Rating.objects.filter(case__in=cases.values("pk")).aggregate(n=Count("pk"), mean=Avg("stars"))
    return Figures(
        closed,
        round(worked / closed, 1) if closed else None,
        round(rated["mean"], 1) if rated["n"] >= FEWEST else None,
    )
