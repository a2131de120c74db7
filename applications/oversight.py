"""效能监督: what each figure means, and exactly which cases it counts.

A figure, the list behind it and its export are one queryset, so they cannot differ. Cases that are
open are counted as they stand now, the others within one month.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from applications import desk, lights, shown
from applications.lights import Level, lit, past_the_law
from applications.models import Application, ApplicationQuerySet, CaseEvent, Opinion, Service, State, lapsed
from certificates.models import Certificate
from support.calendars.clock import ZONE
from support.places.models import Agency, Role
from support.records.actor import Actor

ROLES = (Role.SUPERVISOR, Role.AGENCY_HEAD)
Rows = ApplicationQuerySet


@dataclass(frozen=True)
class Month:
    """A calendar month in local time: [begin, end)."""

    year: int
    month: int

    @classmethod
    def of(cls, now: dt.datetime) -> "Month":
        today = timezone.localdate(now)
        return cls(today.year, today.month)

    @classmethod
    def parse(cls, text: str, now: dt.datetime) -> "Month":
        """2026-11; this month for anything else, or for a month that has not begun."""
        try:
            begun = dt.datetime.strptime(text, "%Y-%m")
        except ValueError:
            return cls.of(now)
        asked = cls(begun.year, begun.month)
        known = str(asked) == text and asked.year > 1990 and asked.begin <= now
        return asked if known else cls.of(now)

    @property
    def begin(self) -> dt.datetime:
        return dt.datetime(self.year, self.month, 1, tzinfo=ZONE)

    @property
    def end(self) -> dt.datetime:
        return self.next.begin

    @property
    def next(self) -> "Month":
        return Month(self.year + self.month // 12, self.month % 12 + 1)

    @property
    def previous(self) -> "Month":
        return Month(self.year - (self.month == 1), (self.month - 2) % 12 + 1)

    def __str__(self) -> str:
        return f"{self.year}-{self.month:02d}"


@dataclass(frozen=True)
class Measure:
    """One figure: its name, its definition in words, and the condition that says the same."""

    key: str
    label: str | Promise
    words: str | Promise
    where: Callable[[dt.datetime, Month], Q]
    group: str = "open"
    tone: str = "calm"


def _closed(now: dt.datetime, month: Month) -> Q:
    return Q(closed_at__gte=month.begin, closed_at__lt=month.end)


def _closed_late(now: dt.datetime, month: Month) -> Q:
    unanswered = Q(state=State.NOT_ACCEPTED, deemable=False, acceptance_due_at__lte=F("closed_at"))
    late = Q(promised_due_at__lte=F("closed_at")) | Q(statutory_due_at__lte=F("closed_at")) | unanswered
    return _closed(now, month) & late


def _served_late(now: dt.datetime, month: Month) -> Q:
    late = Service.objects.filter(at__gte=month.begin, at__lt=month.end).exclude(late_reason="")
    return Q(pk__in=late.values("case_id"))


def _silent(now: dt.datetime, month: Month) -> Q:
    """Written down already, or not yet: the term ended within the month."""
    written = CaseEvent.objects.filter(step="deem_accepted", at__gte=month.begin, at__lt=month.end)
    unwritten = Application.objects.open().filter(
        lapsed(now),
        due_at__lte=now,  # true of all of these; the index finds them by it
        acceptance_due_at__gte=month.begin,
        acceptance_due_at__lt=month.end,
    )
    return Q(pk__in=written.values("case_id").union(unwritten.values("pk"), all=True))


def _told_once(now: dt.datetime, month: Month) -> Q:
    return _closed(now, month) & Q(correction__isnull=False)


def _accepted_once(now: dt.datetime, month: Month) -> Q:
    return _told_once(now, month) & Q(accepted_at__isnull=False)


MEASURES = (
    Measure("open", _("在办"), _("已收件、还没有办结的办件。"), lambda now, month: Q(closed_at=None)),
    Measure(
        "near", _("临期"), _("在办，最先到期的时限已亮黄灯、还没有届满。"),
        lambda now, month: Q(closed_at=None) & lit(Level.AMBER, now), tone="warn",
    ),
    Measure(
        "promised", _("超期（黄）"),
        _("在办，承诺办结时限或者不能视为受理的受理期限已届满，法定时限还没有届满。"),
        lambda now, month: Q(closed_at=None) & lit(Level.RED, now) & ~past_the_law(now), tone="warn",
    ),
    Measure(
        "statutory", _("超期（红）"), _("在办，法定办结时限已届满。"),
        lambda now, month: Q(closed_at=None) & lit(Level.RED, now) & past_the_law(now), tone="bad",
    ),
    Measure(
        "silent", _("视为受理"), _("当月受理期限届满没有告知、自收件之日起即为受理的许可办件。"),
        _silent, group="silent", tone="warn",
    ),
    Measure("closed", _("办结"), _("当月办结的办件，包括不予受理和撤回。"), _closed, group="closed"),
    Measure(
        "closed_late", _("超期办结"), _("当月办结，办结时已超过承诺或者法定时限。"),
        _closed_late, group="closed", tone="bad",
    ),
    Measure(
        "told_once", _("告知补正"), _("当月办结的办件中，经过一次性告知补正的。一件只能告知一次。"),
        _told_once, group="closed",
    ),
    Measure(
        "accepted_once", _("一次补正后受理"), _("当月办结、经过一次性告知的办件中，补正后受理的（包括视为受理）。"),
        _accepted_once, group="closed",
    ),
    Measure(
        "served_late", _("补登送达"), _("当月登记、送达日期早于登记日期的办件，登记时写明了原因。"),
        _served_late, group="served", tone="warn",
    ),
)  # fmt: skip
BY_KEY: Mapping[str, Measure] = {measure.key: measure for measure in MEASURES}
LATE = ("promised", "statutory")


def overseen(actor: Actor) -> Rows:
    """The cases of the agencies at which the actor supervises, or which the actor heads."""
    agencies = actor.agencies_with(*ROLES)
    return Application.objects.visible_to(actor).filter(agency_id__in=agencies)


def cases(
    actor: Actor,
    measure: Measure,
    now: dt.datetime,
    month: Month,
    *,
    agency: UUID | None = None,
    matter: UUID | None = None,
) -> Rows:
    """The cases that a figure counts, for one agency or matter if named; open ones by time left."""
    rows = overseen(actor).filter(measure.where(now, month))
    if agency:
        rows = rows.filter(agency__uuid=agency)
    if matter:
        rows = rows.filter(matter__uuid=matter)
    if measure.group == "closed":
        return rows.order_by("-closed_at", "-pk")
    return rows.order_by(lights.due_in_law(now).asc(nulls_last=True), "pk")


@dataclass
class Figures:
    """The measures of one agency, one matter, or of all together."""

    name: str = ""
    uuid: UUID | None = None
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(BY_KEY, 0))

    def add(self, counts: Mapping[str, int]) -> None:
        for key in BY_KEY:
            self.counts[key] += counts.get(key, 0)


@dataclass(frozen=True)
class Overview:
    total: Figures
    agencies: list[Figures]
    matters: list[Figures]


def overview(actor: Actor, now: dt.datetime, month: Month) -> Overview:
    """Every figure by agency and by matter. Six queries, however many agencies and cases."""
    total = Figures()
    agencies = {
        agency.pk: Figures(agency.name, agency.uuid)
        for agency in Agency.objects.filter(pk__in=actor.agencies_with(*ROLES)).order_by("pk")
    }
    matters = {pk: Figures(name, uuid) for pk, uuid, name in desk.matter_names(actor.agencies_with(*ROLES))}
    for group in dict.fromkeys(measure.group for measure in MEASURES):
        for agency_id, matter_id, counts in _grouped(overseen(actor), group, now, month):
            for figures in (total, agencies[agency_id], matters.setdefault(matter_id, Figures())):
                figures.add(counts)
    busy = [each for each in matters.values() if any(each.counts.values())]
    return Overview(total, list(agencies.values()), sorted(busy, key=lambda each: each.name))


def _grouped(
    rows: Rows, group: str, now: dt.datetime, month: Month
) -> Iterable[tuple[int, int, dict[str, int]]]:
    """Counts by agency and matter of the measures of one group, over the rows of its first."""
    wanted = [measure for measure in MEASURES if measure.group == group]
    found = (
        rows.filter(wanted[0].where(now, month))
        .order_by()
        .values("agency_id", "matter_id")
        .annotate(**{each.key: Count("pk", filter=each.where(now, month)) for each in wanted})
    )
    for row in found:
        counts: dict[str, Any] = dict(row)
        yield counts.pop("agency_id"), counts.pop("matter_id"), counts


# --- one row of a list or an export -------------------------------------------------------------------


def with_stage(rows: Any) -> Rows:
    """The rows with what `line` needs, without a query for each."""
    issuing = Certificate.State.ISSUING
    waits = Application.objects.filter(pk=OuterRef("pk"), decision__certificate__state=issuing)
    reviewed = Exists(Opinion.objects.filter(case=OuterRef("pk")))
    staged: Rows = rows.select_related("guide", "agency").annotate(reviewed=reviewed, issuing=Exists(waits))
    return staged


def line(case: Any, now: dt.datetime, calendar: Any) -> dict[str, Any]:
    """A case as supervision reads it: where it stands, its light, how late, and who is to act."""
    stage = desk.stage(case, now, reviewed=case.reviewed, issuing=case.issuing)
    role = desk.WAITS_FOR.get(stage.key)
    return {
        "case": case,
        "stage": shown.standing(case, now).label if stage.key == "closed" else stage.label,
        "light": lights.light(case, now, calendar),
        "over": lights.days_over(case, now, calendar),
        "breach": lights.breach(case, now),
        "who": Role(role).label if role else "",
    }
