"""The clock against a counter that walks day by day, over random lawful ledgers."""

import datetime as dt
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.calendars.clock import ZONE, ClockError, Entry, Fault, Kind, admit, read
from support.calendars.terms import NATIONAL, Calendar, Term, Unit
from tests.calendars import slow
from tests.calendars.slow import NINGXIA, ONE

CALENDARS = {NATIONAL: slow.built(stop=2033), NINGXIA: slow.built(NINGXIA, stop=2033)}


@dataclass
class Held:
    """Days (since, until] do not count."""

    since: dt.date
    until: dt.date


def due_by_hand(start: dt.date, unit: Unit, total: int, holds: list[Held], region: str) -> dt.date:
    """Walk on from the opening day; a day counts unless it lies in a hold or, for working days, is off."""
    date, left = start, total
    floor = max((held.until for held in holds), default=start)
    while left or date < floor:
        date += ONE
        if any(held.since < date <= held.until for held in holds):
            continue
        if left and (unit is Unit.DAY or slow.is_workday(date, region)):
            left -= 1
    return slow.rolled(date, region)


steps = st.lists(
    st.tuples(
        st.sampled_from(["pause", "exclude", "extend", "resume"]), st.integers(0, 20), st.integers(0, 12)
    ),
    max_size=6,
)


def written(
    start: Entry, plan: list[tuple[str, int, int]], calendar: Calendar
) -> tuple[list[Entry], list[ClockError]]:
    """Try each planned act so many days after the last; keep what is admitted."""
    ledger, refused, today = [start], [], start.on
    for kind, later, length in plan:
        today += dt.timedelta(days=later)
        at = dt.datetime.combine(today, dt.time(9), ZONE)
        term = Term(length, start.term.unit) if kind == "extend" and start.term else None
        until = today + dt.timedelta(days=length) if kind == "exclude" else None
        entry = Entry(Kind(kind), at, today, term, until=until)
        try:
            admit(ledger, entry, calendar)
        except ClockError as error:
            refused.append(error)
        else:
            ledger.append(entry)
    return ledger, refused


def holds_by_hand(ledger: list[Entry], today: dt.date) -> list[Held]:
    """Each pause or exclusion runs until the next pause, exclusion or resumption, or the day told."""
    holds: list[Held] = []
    for entry in ledger:
        if entry.kind in (Kind.PAUSE, Kind.EXCLUDE, Kind.RESUME) and holds:
            holds[-1].until = min(holds[-1].until, entry.on)
        if entry.kind in (Kind.PAUSE, Kind.EXCLUDE):
            holds.append(Held(entry.on, entry.until or dt.date.max))
    if holds and holds[-1].until == dt.date.max:
        holds[-1].until = today
    return holds


@given(
    st.dates(dt.date(2019, 1, 1), dt.date(2026, 6, 30)),
    st.sampled_from([Unit.WORKDAY, Unit.DAY]),
    st.integers(1, 60),
    steps,
    st.sampled_from([NATIONAL, NINGXIA]),
    st.integers(0, 40),
)
def test_due_date_paused_and_reasons_against_the_walk(on, unit, amount, plan, region, later):
    calendar = CALENDARS[region]
    start = Entry(Kind.START, dt.datetime.combine(on, dt.time(9), ZONE), on, Term(amount, unit))
    ledger, _ = written(start, plan, calendar)
    today = ledger[-1].on + dt.timedelta(days=later)
    total = amount + sum(entry.term.amount for entry in ledger if entry.kind is Kind.EXTEND and entry.term)
    holds = holds_by_hand(ledger, today)

    reading = read(ledger, calendar, today=today)

    assert reading.due_on == due_by_hand(on, unit, total, holds, region)
    assert sum(row.counted for row in reading.why if row.kind == "run") == total
    _assert_unbroken(reading.why, on, reading.due_on)


def _assert_unbroken(why, start: dt.date, due: dt.date) -> None:
    """Stretches follow one another without gap or overlap, from the start to the due date."""
    stretches = [row for row in why if row.kind != "extend"]
    at = start
    for row in stretches:
        assert row.after == at <= row.until
        at = row.until
    assert at == due


@given(st.dates(dt.date(2019, 1, 1), dt.date(2026, 6, 30)), st.integers(1, 30), steps)
def test_what_was_refused_as_late_came_after_the_last_day_counted_by_hand(on, amount, plan):
    calendar = CALENDARS[NATIONAL]
    start = Entry(Kind.START, dt.datetime.combine(on, dt.time(9), ZONE), on, Term(amount, Unit.WORKDAY))
    ledger, refused = written(start, plan, calendar)
    for error in refused:
        if error.fault is not Fault.EXPIRED:
            continue
        before = [entry for entry in ledger if entry.on <= error.entry.on]
        total = amount + sum(
            entry.term.amount for entry in before if entry.kind is Kind.EXTEND and entry.term
        )
        last = due_by_hand(on, Unit.WORKDAY, total, holds_by_hand(before, error.entry.on), NATIONAL)
        assert error.entry.on > last


@pytest.mark.parametrize("broken", ["opening day", "make-up day", "holiday"])
def test_the_walk_itself_can_fail(broken):
    """A clock that counted the opening day, or forgot an exchange or a holiday, would be caught."""
    on, total = dt.date(2026, 9, 18), 10
    right = due_by_hand(on, Unit.WORKDAY, total, [], NATIONAL)
    wrong = {
        "opening day": slow.workdays_after(on - ONE, total),
        "make-up day": _week_days_after(on, total, slow.NATIONAL_OFF),
        "holiday": _week_days_after(on, total, {}),
    }[broken]
    assert right == dt.date(2026, 10, 9)
    assert wrong != right


def _week_days_after(start: dt.date, count: int, off: dict[dt.date, str]) -> dt.date:
    date = start
    while count:
        date += ONE
        count -= date.weekday() < 5 and date not in off
    return date
