"""The statutory clock: a pure fold over ledger rows, `(entries, calendar) -> Reading`.

Nothing here ticks. A clock is the list of what was done to it; each reading counts it afresh, so a
stopped worker loses no day and a calendar loaded later corrects every date. Whoever keeps a ledger
asks `admit` before writing a row and `read` for everything else.
"""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from support.calendars.terms import ONE_DAY, Calendar, Day, Gap, Term, Unit, bare_end

ZONE = ZoneInfo("Asia/Shanghai")


class Kind(StrEnum):
    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    EXTEND = "extend"
    EXCLUDE = "exclude"
    STOP = "stop"


class Fault(StrEnum):
    """Why an entry is refused; `words.refusal` says it to people."""

    NOT_STARTED = "not_started"
    STARTED = "started"
    STOPPED = "stopped"
    PAUSED = "paused"
    RUNNING = "running"
    ORDER = "order"
    RETROACTIVE = "retroactive"
    TERM = "term"
    EXPIRED = "expired"
    EXTENDED = "extended"


class ClockError(ValueError):
    """An entry that the law or the order of time forbids."""

    def __init__(self, fault: Fault, entry: "Entry") -> None:
        super().__init__(f"{fault}: {entry.kind} on {entry.on}")
        self.fault = fault
        self.entry = entry


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of a ledger: what was done, when (`at`), and from which local day it takes effect (`on`).

    start: `term` opens on `on`, which is not counted; it may lie before `at` (行政许可法 32: silence
    accepts as of the day of receipt). extend: `term` is added. exclude: time not counted (行政许可法
    45) until the day told in writing, given as `until` or as a `term` from `on`. resume ends a pause
    or an exclusion, at the latest on the day it is written.
    """

    kind: Kind
    at: dt.datetime
    on: dt.date
    term: Term | None = None
    reason: str = ""
    basis: str = ""
    until: dt.date | None = None


class Why(NamedTuple):
    """One stretch of a clock: the days after `after` up to `until`.

    kind: run, pause, exclude or extend. `counted` is in working days for a term in working days, else
    in calendar days; of an extension, the amount added. `skipped` are days off met while running.
    """

    kind: str
    after: dt.date
    until: dt.date
    counted: int
    skipped: tuple[Day, ...]
    reason: str
    basis: str


class Reading(NamedTuple):
    """What a clock shows. `due_on` is None before the start.

    While paused, `due_on` supposes that the clock resumes today; during an exclusion, that it runs to
    the day told. `missing` are the notices that may still move the date.
    """

    due_on: dt.date | None = None
    paused: bool = False
    stopped: bool = False
    missing: tuple[Gap, ...] = ()
    why: tuple[Why, ...] = ()

    @property
    def provisional(self) -> bool:
        return bool(self.missing)


def end_of(day: dt.date) -> dt.datetime:
    """The instant at which a local day is over: the following midnight."""
    return dt.datetime.combine(day + ONE_DAY, dt.time.min, ZONE)


def read(entries: Sequence[Entry], calendar: Calendar, *, today: dt.date) -> Reading:
    """Read a clock. Raises ClockError for rows out of order, CalendarNotCovered beyond the calendar.

    What depends on the calendar is not judged again: an extension granted in time stays granted when
    a notice loaded later moves the day on which the term would have ended. `admit` judges it once.
    """
    if not entries:
        return Reading()
    ledger = _sorted_out(entries, calendar)
    holds = [_Span(hold, hold.ended or hold.told or max(hold.since, today)) for hold in ledger.holds]
    end = _end(ledger, holds, calendar)
    # Held on its very last day, it has that day again when it resumes.
    due = calendar.roll(max(end, holds[-1].until) if holds else end)
    return Reading(
        due_on=due,
        paused=any(hold.holds_on(today) for hold in ledger.holds),
        stopped=ledger.stopped,
        missing=calendar.missing(ledger.start.on, due),
        why=_why(ledger, holds, end, due, calendar),
    )


def admit(entries: Sequence[Entry], entry: Entry, calendar: Calendar) -> None:
    """Raise ClockError unless `entry` may be written behind `entries` now.

    Beyond the order of rows: nothing is paused, excluded or extended after the term has ended; an
    extension is given once and while the clock runs (行政许可法 42).
    """
    read((*entries, entry), calendar, today=entry.on)
    if entry.kind not in (Kind.PAUSE, Kind.EXCLUDE, Kind.EXTEND):
        return
    now = read(entries, calendar, today=entry.on)
    if now.due_on is None or entry.on > now.due_on:
        raise ClockError(Fault.EXPIRED, entry)
    if entry.kind is Kind.EXTEND and now.paused:
        raise ClockError(Fault.PAUSED, entry)
    if entry.kind is Kind.EXTEND and any(past.kind is Kind.EXTEND for past in entries):
        raise ClockError(Fault.EXTENDED, entry)


# --- sorting out the rows -------------------------------------------------------------------------


@dataclass
class _Hold:
    """Time not counted: the days after `since`, up to the day it ended or the day told in writing."""

    entry: Entry
    told: dt.date | None
    ended: dt.date | None = None

    @property
    def since(self) -> dt.date:
        return self.entry.on

    def holds_on(self, day: dt.date) -> bool:
        return self.ended is None and (self.told is None or day <= self.told)


class _Span(NamedTuple):
    hold: _Hold
    until: dt.date


@dataclass
class _Ledger:
    start: Entry
    term: Term
    holds: list[_Hold] = field(default_factory=list)
    extensions: list[tuple[Entry, Term]] = field(default_factory=list)
    stopped: bool = False

    def take(self, entry: Entry, calendar: Calendar) -> None:
        if self.stopped:
            raise ClockError(Fault.STOPPED, entry)
        held = self.holds[-1] if self.holds and self.holds[-1].holds_on(entry.on) else None
        match entry.kind:
            case Kind.START:
                raise ClockError(Fault.STARTED, entry)
            case Kind.PAUSE | Kind.EXCLUDE:
                self._hold(held, entry, calendar)
            case Kind.RESUME:
                self._resume(held, entry)
            case Kind.EXTEND:
                self._extend(held, entry)
            case Kind.STOP:
                self.stopped = True
                if held:
                    held.ended = entry.on

    def _hold(self, held: _Hold | None, entry: Entry, calendar: Calendar) -> None:
        """A new notice, or a pause, takes over from a running exclusion; nothing interrupts a pause."""
        if held and held.told is None:
            raise ClockError(Fault.PAUSED, entry)
        if held:
            held.ended = entry.on
        told = _told(entry, calendar) if entry.kind is Kind.EXCLUDE else None
        self.holds.append(_Hold(entry, told))

    def _resume(self, held: _Hold | None, entry: Entry) -> None:
        """After the day told the clock runs already; the actual end is then on record, no more."""
        if held:
            held.ended = entry.on
        elif not self.holds or self.holds[-1].ended is not None:
            raise ClockError(Fault.RUNNING, entry)

    def _extend(self, held: _Hold | None, entry: Entry) -> None:
        if held and held.told is None:
            raise ClockError(Fault.PAUSED, entry)
        if entry.term is None:
            raise ClockError(Fault.TERM, entry)
        self.extensions.append((entry, entry.term))


def _sorted_out(entries: Sequence[Entry], calendar: Calendar) -> _Ledger:
    start = entries[0]
    if start.kind is not Kind.START:
        raise ClockError(Fault.NOT_STARTED, start)
    if start.term is None:
        raise ClockError(Fault.TERM, start)
    ledger = _Ledger(start, start.term)
    _check_days(start)
    for before, entry in pairwise(entries):
        if entry.at < before.at or entry.on < before.on:
            raise ClockError(Fault.ORDER, entry)
        _check_days(entry)
        ledger.take(entry, calendar)
    return ledger


def _check_days(entry: Entry) -> None:
    """Nothing takes effect after the day it is written; what adds time, not before it either."""
    written = entry.at.astimezone(ZONE).date()
    if entry.on > written:
        raise ClockError(Fault.ORDER, entry)
    if entry.on < written and entry.kind in (Kind.PAUSE, Kind.EXCLUDE, Kind.EXTEND):
        raise ClockError(Fault.RETROACTIVE, entry)


def _told(entry: Entry, calendar: Calendar) -> dt.date:
    told = entry.until or (calendar.add(entry.on, entry.term).on if entry.term else None)
    if told is None or told < entry.on:
        raise ClockError(Fault.TERM, entry)
    return told


# --- counting -------------------------------------------------------------------------------------


def _counted(unit: Unit, calendar: Calendar, after: dt.date, until: dt.date) -> int:
    return calendar.workdays_between(after, until) if unit is Unit.WORKDAY else (until - after).days


def _end(ledger: _Ledger, holds: Sequence[_Span], calendar: Calendar) -> dt.date:
    """The term and what was added, shifted by the time not counted, not yet rolled.

    Totals are taken per unit before any rolling: only the last day of the whole term rolls.
    """
    total = Counter({ledger.term.unit: ledger.term.amount})
    for _, term in ledger.extensions:
        total[term.unit] += term.amount
    unit = Unit.WORKDAY if ledger.term.unit is Unit.WORKDAY else Unit.DAY
    total[unit] += _held(ledger, holds, calendar)
    end = bare_end(ledger.start.on, Term(total[Unit.MONTH], Unit.MONTH))
    end = bare_end(end, Term(total[Unit.DAY], Unit.DAY))
    return calendar.workday_after(end, total[Unit.WORKDAY]) if total[Unit.WORKDAY] else end


def _held(ledger: _Ledger, holds: Sequence[_Span], calendar: Calendar) -> int:
    return sum(_counted(ledger.term.unit, calendar, hold.since, until) for hold, until in holds)


def _why(
    ledger: _Ledger, holds: Sequence[_Span], end: dt.date, due: dt.date, calendar: Calendar
) -> tuple[Why, ...]:
    """The stretches in order of days: run, held, run … up to the due date; extensions where granted."""
    rows: list[Why] = []
    at = ledger.start.on
    left = _counted(ledger.term.unit, calendar, at, end) - _held(ledger, holds, calendar)
    for hold, until in holds:
        rows.append(_run(ledger, calendar, at, hold.since, left))
        left -= rows[-1].counted
        rows.append(Why(hold.entry.kind, hold.since, until, 0, (), hold.entry.reason, hold.entry.basis))
        at = until
    rows.append(_run(ledger, calendar, at, due, left))
    rows = [row for row in rows if row.kind != "run" or row.after < row.until]
    for entry, term in ledger.extensions:
        rows.append(Why(entry.kind, entry.on, entry.on, term.amount, (), entry.reason, entry.basis))
    return tuple(sorted(rows, key=lambda row: row.after))


def _run(ledger: _Ledger, calendar: Calendar, after: dt.date, until: dt.date, left: int) -> Why:
    """One stretch of counting; of a term in calendar days only the days it rolled over are skipped."""
    start, unit = ledger.start, ledger.term.unit
    counted = min(_counted(unit, calendar, after, until), left)
    full = after + counted * ONE_DAY
    if unit is Unit.WORKDAY:
        skipped = calendar.skipped(after, until)
    else:
        skipped = calendar.skipped(full - ONE_DAY, until) if full < until else ()
    return Why("run", after, until, counted, skipped, start.reason, start.basis)
