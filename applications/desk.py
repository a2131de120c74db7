"""The officers' queue: tabs with exact counts, filters, pages in order of time left, neighbours.

One agency at a time, the best of each merged: so every list reads the first rows of a partial index,
however many cases there are (docs/adr/0015).
"""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    BooleanField,
    Count,
    DateTimeField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from applications import clock
from applications.actions import available
from applications.horizon import NO_END
from applications.lights import Level, ends, level, lit
from applications.models import (
    Application,
    ApplicationQuerySet,
    CaseEvent,
    Opinion,
    SpecialProcedure,
    State,
    lapsed,
)
from applications.permissions import concerning, taken_in
from applications.workflow import (
    STEPS,
    Facts,
    Running,
    Step,
    StepRefused,
    a_procedure_runs,
    an_opinion_exists,
    another_person_reviewed,
    everything_is_in,
    no_procedure_runs,
    the_correction_is_overdue,
)
from certificates.models import Certificate
from matters import codes
from matters.models import Matter
from support.calendars.clock import ZONE
from support.places.models import CASE_ROLES, Role
from support.records.actor import Actor, Kind

PAGE = 20
Rows = ApplicationQuerySet
REVIEWED = Q(Exists(Opinion.objects.filter(case=OuterRef("pk"))))
RUNNING = SpecialProcedure.objects.filter(case=OuterRef("pk"), ended_at=None)


# --- tabs ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Tab:
    """One stage of the work. `running`: of cases without a decision; the others are counted apart."""

    key: str
    label: str | Promise
    where: Callable[[dt.datetime], Q]
    running: bool = True
    newest_first: bool = False


def received(now: dt.datetime) -> Q:
    return Q(state=State.RECEIVED) & ~lapsed(now)


def supplemented(now: dt.datetime) -> Q:
    return Q(state=State.SUPPLEMENTED) & ~lapsed(now)


def under_review(now: dt.datetime) -> Q:
    return Q(state=State.IN_REVIEW) | lapsed(now)


TABS = (
    Tab("received", gettext_lazy("待受理"), received),
    Tab("judge", gettext_lazy("待核对补正"), supplemented),
    Tab("correcting", gettext_lazy("等待补正"), lambda now: Q(state=State.CORRECTING)),
    Tab("review", gettext_lazy("审查中"), lambda now: under_review(now) & ~REVIEWED),
    Tab("decide", gettext_lazy("待决定"), lambda now: under_review(now) & REVIEWED),
    Tab(
        "issue",
        gettext_lazy("待出证"),
        lambda now: Q(
            state=State.GRANTED,
            due_at__isnull=False,
            decision__certificate__state=Certificate.State.ISSUING,
        ),
        running=False,
    ),
    Tab("late", gettext_lazy("已超期"), lambda now: lit(Level.RED, now)),
    Tab(
        "closed",
        gettext_lazy("已办结"),
        lambda now: Q(closed_at__isnull=False),
        running=False,
        newest_first=True,
    ),
)
STAGES = TABS[:6]
WAITS_FOR = {"received": Role.CLERK, "judge": Role.CLERK, "review": Role.OFFICER, "decide": Role.APPROVER}


def tab_of(key: str) -> Tab:
    return next((tab for tab in TABS if tab.key == key), TABS[0])


def stage(case: Application, now: dt.datetime, *, reviewed: bool, issuing: bool = False) -> Tab:
    """The tab in which a case stands by the work that is to be done on it."""
    if case.closed_at is not None:
        return tab_of("issue" if issuing else "closed")
    before_review = {State.RECEIVED: "received", State.SUPPLEMENTED: "judge", State.CORRECTING: "correcting"}
    if key := before_review.get(clock.standing(case, now)):
        return tab_of(key)
    return tab_of("decide" if reviewed else "review")


def is_late(case: Application, now: dt.datetime) -> bool:
    """Whether the agency has let a term pass. An acceptance term that ends is no overrun but acceptance
    by law, unless the guide's regime knows none."""
    return case.closed_at is None and level(case, now) == Level.RED


# --- filters ------------------------------------------------------------------------------------------


class Mine:
    TAKEN = "taken"
    NOW = "now"


@dataclass(frozen=True)
class Wish:
    """What the list is narrowed to. `closed_days` bounds the closed cases; None: all that ever were."""

    agency_id: int | None = None
    light: str = ""
    matter: str = ""
    channel: str = ""
    received_from: dt.date | None = None
    received_to: dt.date | None = None
    mine: str = ""
    name: str = ""
    number: str = ""
    closed_days: int | None = 30


EVERYTHING = Wish()
WHOLE_NUMBER = 31  # from so many characters on, a number is looked up, not compared with the end of others


def narrowed(actor: Actor, now: dt.datetime, wish: Wish) -> Rows:
    """The cases the actor may know of and wishes to see."""
    rows = Application.objects.visible_to(actor)
    exact = {
        "agency_id": wish.agency_id,
        "matter__uuid": wish.matter,
        "channel": wish.channel,
        "party__name__startswith": wish.name,
        "received_at__gte": _midnight(wish.received_from),
        "received_at__lt": _midnight(wish.received_to, days=1),
    }
    rows = rows.filter(**{column: value for column, value in exact.items() if value})
    if wish.number:
        whole = len(wish.number) >= WHOLE_NUMBER
        rows = rows.filter(**{"number" if whole else "number__endswith": wish.number})
    if wish.light:
        rows = rows.filter(lit(wish.light, now))
    if wish.mine == Mine.TAKEN:
        own = CaseEvent.objects.filter(case=OuterRef("pk"), actor_kind=Kind.OFFICER, actor_id=actor.person)
        rows = rows.filter(Exists(own))
    if wish.mine == Mine.NOW:
        rows = rows.filter(can_act(actor, now))
    return rows


def _midnight(day: dt.date | None, *, days: int = 0) -> dt.datetime | None:
    if day is None or dt.date.max - day < dt.timedelta(days):  # nothing comes behind the last day there is
        return None
    return dt.datetime.combine(day + dt.timedelta(days), dt.time.min, ZONE)


def _of(tab: Tab, rows: Rows, now: dt.datetime, wish: Wish) -> Rows:
    if tab.running:
        return rows.open().filter(tab.where(now))
    if tab.key == "closed" and wish.closed_days and len(wish.number) < WHOLE_NUMBER:
        rows = rows.filter(closed_at__gte=now - dt.timedelta(wish.closed_days))
    return rows.filter(tab.where(now))


# Those of the steps for which a case waits.
GUARDS: dict[Callable[[Facts], None], Callable[[int, dt.datetime], Q]] = {
    an_opinion_exists: lambda me, now: REVIEWED,
    another_person_reviewed: lambda me, now: (
        ~Q(Exists(Opinion.objects.filter(case=OuterRef("pk"), officer_id=me)))
    ),
    everything_is_in: lambda me, now: Q(deferred_open=0),
    the_correction_is_overdue: lambda me, now: Q(correction_due_at__lte=now),
    no_procedure_runs: lambda me, now: ~Q(Exists(RUNNING)),
    a_procedure_runs: lambda me, now: Q(Exists(RUNNING)),
}


def can_act(actor: Actor, now: dt.datetime) -> Q:
    """The cases that wait for this officer at `now`: `offers` for SQL."""
    standing = {
        State.RECEIVED: received(now),
        State.SUPPLEMENTED: supplemented(now),
        State.IN_REVIEW: under_review(now),
    }
    wanted = Q()
    for step in STEPS.values():
        agencies = actor.agencies_with(step.who)
        if not agencies or step.aside:
            continue
        guarded = Q(agency_id__in=agencies)
        if step.instant:
            guarded &= Q(guide__document__project_type=codes.INSTANT)
        if step.licence:
            guarded &= Q(guide__document__identity__regime="licence")
        if step.listed:
            guarded &= ~Q(guide__document__special_procedures=[])
        if step.deferring is not None:
            guarded &= Q(deferred_open__gt=0) if step.deferring else Q(deferred_open=0)
        for guard in step.guards:
            guarded &= GUARDS[guard](actor.person, now)
        if step.decides:
            guarded &= ~taken_in(actor)
        for state in step.sources:
            wanted |= guarded & standing.get(state, Q(state=state))
    return wanted & ~concerning(actor) if wanted else Q(pk__in=[])


def matters(actor: Actor) -> list[tuple[str, str]]:
    """Uuid and name of the matters in which the actor can see cases, by name."""
    cases = Application.objects.visible_to(actor).filter(matter=OuterRef("pk"))
    named = matter_names(actor.agencies_with(*CASE_ROLES), Exists(cases))
    return sorted(((str(uuid), name) for _pk, uuid, name in named), key=lambda row: row[1])


def matter_names(agencies: Iterable[int], *conditions: Any) -> list[tuple[int, UUID, str]]:
    """Id, uuid and newest published name of the matters of some agencies."""
    rows = (
        Matter.objects.filter(*conditions, agency_id__in=agencies, versions__isnull=False)
        .order_by("pk", "-versions__version")
        .distinct("pk")
    )
    return list(rows.values_list("pk", "uuid", F("versions__document__name__zh-hans")))


# --- counts and pages ---------------------------------------------------------------------------------


def counts(actor: Actor, now: dt.datetime, wish: Wish = EVERYTHING) -> dict[str, int]:
    """Exact number of cases behind each tab, under the same filters as the lists. Three queries."""
    rows = narrowed(actor, now, wish)
    running = {tab.key: Count("pk", filter=tab.where(now)) for tab in TABS if tab.running}
    found: dict[str, int] = rows.open().aggregate(**running)
    others = {tab.key: _of(tab, rows, now, wish).count() for tab in TABS if not tab.running}
    return found | others


class Place(NamedTuple):
    """Where a case stands in a list: its sort key."""

    at: dt.datetime
    pk: int

    def __str__(self) -> str:
        since = self.at - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
        return f"{since // dt.timedelta(microseconds=1)}_{self.pk}"

    @classmethod
    def parse(cls, text: str) -> "Place | None":
        """The place written as text, None for anything else."""
        stamp, _sep, pk = text.rpartition("_")
        if not (text.isascii() and stamp.isdigit() and pk.isdigit() and len(text) < 40):
            return None
        try:
            return cls(dt.datetime.fromtimestamp(int(stamp) / 1_000_000, tz=dt.UTC), int(pk))
        except (ValueError, OverflowError, OSError):
            return None


@dataclass(frozen=True)
class Page:
    """Some cases of a list, and where to go on from in either direction."""

    cases: Sequence[Application]
    previous: Place | None = None
    next: Place | None = None


def place(case: Application, tab: Tab, now: dt.datetime) -> Place:
    moment = case.closed_at if tab.newest_first else ends(case, now).due_at
    return Place(moment or NO_END, case.pk)


def listing(
    actor: Actor,
    tab: Tab,
    now: dt.datetime,
    wish: Wish = EVERYTHING,
    *,
    after: Place | None = None,
    before: Place | None = None,
) -> Page:
    """A page of a tab by time left (closed cases newest first), behind or before a place."""
    places = _places(actor, tab, now, wish, start=before or after, back=before is not None)
    if before is not None and len(places) <= PAGE:  # the beginning: a whole first page
        return listing(actor, tab, now, wish)
    shown = places[:PAGE]
    more = shown[-1] if len(places) > PAGE else None
    cases = _cases(actor, shown)
    if before is None:
        return Page(cases, previous=shown[0] if after and shown else None, next=more)
    return Page(cases[::-1], previous=more, next=shown[0])


def neighbours(
    actor: Actor, tab: Tab, now: dt.datetime, wish: Wish, here: Place
) -> tuple[Application | None, Application | None]:
    """The cases before and behind a place in a list; the case that stood there may have left it."""
    places = [_places(actor, tab, now, wish, start=here, back=back, most=1) for back in (True, False)]
    rows = Application.objects.visible_to(actor).in_bulk([each.pk for found in places for each in found])
    before, behind = (rows.get(found[0].pk) if found else None for found in places)
    return before, behind


def _places(
    actor: Actor,
    tab: Tab,
    now: dt.datetime,
    wish: Wish,
    *,
    start: Place | None,
    back: bool,
    most: int = PAGE + 1,
) -> list[Place]:
    """The first places of a list behind `start`, or before it, nearest first: one query."""
    descending = tab.newest_first != back
    order = ("-at", "-pk") if descending else ("at", "pk")
    agencies = [wish.agency_id] if wish.agency_id else sorted(actor.agencies_with(*CASE_ROLES))
    branches = [
        _beyond(part, start, descending).values_list("at", "pk").order_by(*order)[:most]
        for agency in agencies
        for part in _parts(
            tab, _of(tab, narrowed(actor, now, replace(wish, agency_id=agency)), now, wish), now
        )
    ]
    if not branches:
        return []
    first, *others = branches
    found = first.union(*others, all=True).order_by(*order)[:most] if others else first
    return [Place(*row) for row in found]


def _parts(tab: Tab, rows: Rows, now: dt.datetime) -> Iterable[Any]:
    """The rows with their sort key `at`, apart where it comes from another column.

    What silence has accepted was due for acceptance before `now`: the index finds it by that.
    """
    if tab.newest_first:
        return [rows.annotate(at=F("closed_at"))]
    dated = rows.filter(~lapsed(now), due_at__isnull=False).annotate(at=F("due_at"))
    if not tab.running:
        return [dated]
    no_end = Value(NO_END, DateTimeField())
    silent = rows.filter(lapsed(now), due_at__lte=now).annotate(at=Coalesce("deemed_due_at", no_end))
    return [dated, silent, rows.filter(~lapsed(now), due_at=None).annotate(at=no_end)]


def _beyond(rows: Any, start: Place | None, descending: bool) -> Any:
    """Written so that an index on the key gives the range."""
    if start is None:
        return rows
    if descending:
        return rows.filter(Q(at__lt=start.at) | Q(pk__lt=start.pk), at__lte=start.at)
    return rows.filter(Q(at__gt=start.at) | Q(pk__gt=start.pk), at__gte=start.at)


def _cases(actor: Actor, places: Sequence[Place]) -> list[Application]:
    """The cases at these places with what a row shows and what its buttons depend on: one query."""
    rows = (
        Application.objects.visible_to(actor)
        .filter(pk__in=[each.pk for each in places])
        .select_related("guide", "agency", "party", "matter")
        .annotate(
            opinion_officers=ArraySubquery(
                Opinion.objects.filter(case=OuterRef("pk")).order_by("pk").values("officer_id")
            ),
            concerned=ExpressionWrapper(concerning(actor), output_field=BooleanField()),
            running_until=Subquery(RUNNING.values("until")[:1]),
            running_excluded=Exists(RUNNING.exclude(exclusion="")),
        )
    )
    found = {case.pk: case for case in rows}
    return [found[each.pk] for each in places if each.pk in found]


# --- one row ------------------------------------------------------------------------------------------


def offers(case: Any, actor: Actor, now: dt.datetime) -> list[Step]:
    """The steps of this officer for which a row of `listing` waits, in the order of the table."""
    if case.concerned:
        return []
    facts = Facts(
        frozenset(case.opinion_officers), actor.user_id, now, case.correction_due_at,
        ends(case, now).statutory_due_at,
        Running(case.running_until, case.running_excluded) if case.running_until else None,
        deferred_open=case.deferred_open,
    )  # fmt: skip
    return [
        step
        for step in available(case, actor, now=now)
        if not step.aside and all(_passes(guard, facts) for guard in step.guards)
    ]


def _passes(guard: Callable[[Facts], None], facts: Facts) -> bool:
    try:
        guard(facts)
    except StepRefused:
        return False
    return True
