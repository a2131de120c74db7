"""Terms and working-day calendars: pure values, no database.

Counting follows 民法典 201-203: the day on which a term opens is not counted; a term in months ends
on the same-numbered day, else on the last of the month; a day off as last day rolls to the next
working day. Terms of agencies are in working days (行政许可法 82). A working day is neither weekend
nor day off, or a weekend day worked in exchange (调休上班).
"""

import datetime as dt
from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

NATIONAL = "000000000000"
ONE_DAY = dt.timedelta(days=1)
# The notice of a year rearranges up to three days before it: that of 2019 made 2018-12-29 a working
# day and 2018-12-31 a day off.
BEFORE_NEW_YEAR = dt.timedelta(days=3)

Gap = tuple[str, int]
"""A region code and a year for which its notice is missing."""


class CalendarNotCovered(LookupError):
    """A day that must be judged lies outside every calendar, official or guessed."""


class Unit(StrEnum):
    WORKDAY = "workday"
    DAY = "day"
    MONTH = "month"


_WORDS = {Unit.WORKDAY: "个工作日", Unit.DAY: "日", Unit.MONTH: "个月"}


@dataclass(frozen=True, slots=True)
class Term:
    """So many working days, calendar days or months. Zero means the opening day itself."""

    amount: int
    unit: Unit

    def __post_init__(self) -> None:
        object.__setattr__(self, "unit", Unit(self.unit))
        if self.amount < 0:
            raise ValueError("a term is not negative")

    def __str__(self) -> str:
        return f"{self.amount} {_WORDS[self.unit]}"


class Due(NamedTuple):
    """The last day of a term. Provisional while a notice that may move it is missing."""

    on: dt.date
    missing: tuple[Gap, ...] = ()

    @property
    def provisional(self) -> bool:
        return bool(self.missing)

    @property
    def reason(self) -> str:
        """The missing notices as codes, `2027:000000000000`; for people see `words.why_provisional`."""
        return " ".join(f"{year}:{region}" for region, year in self.missing)


class DayKind(StrEnum):
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    REGIONAL = "regional"
    MAKEUP = "makeup"


class Day(NamedTuple):
    """A day that is not an ordinary working day, and why. A weekend has no name."""

    on: dt.date
    kind: DayKind
    name: str


class Layer(NamedTuple):
    """What the notices of one region say. Years outside `official` hold guesses, or nothing.

    `since`: the first year for which the region must have a notice; None if it need not publish any.
    """

    region_code: str
    off: Mapping[dt.date, str]
    work: Mapping[dt.date, str]
    official: frozenset[int]
    since: int | None

    def lacks(self, year: int) -> bool:
        """Whether a notice for the year must exist and is not there."""
        return self.since is not None and self.since <= year and year not in self.official


class Calendar:
    """The working days of one region over a span of years. Immutable.

    `region_code` is that of the deepest layer, so neighbours without days of their own share one
    calendar. Nothing is counted when asked: `_rank` holds the number of working days up to each day,
    `_dues` the working days themselves. Raises CalendarNotCovered for days outside the span.
    """

    __slots__ = ("_base", "_dues", "_gaps", "_missing_from", "_missing_to", "_rank", "_sees", "_special",
                 "first", "last", "region_code", "version")  # fmt: skip

    def __init__(self, layers: Sequence[Layer], years: range, *, version: int = 0) -> None:
        """`layers` runs from the nation to the smallest region; a later layer prevails."""
        if not years:
            raise CalendarNotCovered("no national calendar is loaded")
        self.region_code = layers[-1].region_code
        self.version = version
        self.first = dt.date(years.start, 1, 1)
        self.last = dt.date(years.stop - 1, 12, 31)
        self._base = self.first.toordinal()
        self._special = _special_days(layers)
        self._weigh_gaps(layers, years)
        self._count_days()

    def _weigh_gaps(self, layers: Sequence[Layer], years: range) -> None:
        """For every day, where in `_gaps` the notices begin and end that a span there depends on."""
        counts = [0]  # gaps before each year
        gaps: list[Gap] = []
        for year in range(years.start, years.stop + 1):  # one more, for the days before that new year
            gaps += [(layer.region_code, year) for layer in layers if layer.lacks(year)]
            counts.append(len(gaps))
        self._gaps = tuple(gaps)
        self._missing_from: list[int] = []
        self._missing_to: list[int] = []
        for day in _days(self.first, self.last):
            year = day.year - years.start
            new_year_near = (day + BEFORE_NEW_YEAR).year > day.year and layers[0].lacks(day.year + 1)
            self._missing_from.append(counts[(day + ONE_DAY).year - years.start])
            self._missing_to.append(counts[year + 1] + new_year_near)

    def _count_days(self) -> None:
        """Rank every day; beside each working day, its Due as seen from `_sees` gaps on."""
        self._rank: list[int] = []
        self._dues: list[Due] = []
        self._sees: list[int] = []
        begin = 0
        for index, day in enumerate(_days(self.first, self.last)):
            if _is_work(day, self._special):
                self._dues.append(Due(day, self._gaps[begin : self._missing_to[index]]))
                self._sees.append(begin)
            self._rank.append(len(self._dues))
            begin = self._missing_from[index]

    def __repr__(self) -> str:
        return f"Calendar({self.region_code}, {self.first.year}-{self.last.year}, version {self.version})"

    def _index(self, day: dt.date) -> int:
        index = day.toordinal() - self._base
        if not 0 <= index < len(self._rank):
            raise CalendarNotCovered(f"{day} is outside {self.first} to {self.last}")
        return index

    def _before(self, index: int) -> int:
        """Working days before the day at an index."""
        return self._rank[index - 1] if index else 0

    def is_workday(self, day: dt.date) -> bool:
        index = self._index(day)
        return self._rank[index] > self._before(index)

    def workdays_between(self, after: dt.date, until: dt.date) -> int:
        """Working days in (after, until]; negative when `until` comes first."""
        return self._rank[self._index(until)] - self._rank[self._index(after)]

    def roll(self, day: dt.date) -> dt.date:
        """The day itself if it is a working day, else the next working day."""
        return self._nth(self._before(self._index(day)))

    def workday_after(self, day: dt.date, amount: int) -> dt.date:
        """The working day that is the `amount`-th after a day; for 0 the day itself, rolled."""
        return self._nth(self._rank[self._index(day)] + amount - 1) if amount else self.roll(day)

    def workday_before(self, day: dt.date, amount: int) -> dt.date:
        """The first day from which on no more than `amount` working days are left up to `day`, included."""
        return self._nth(self._rank[self._index(day)] - amount - 1)

    def _nth(self, place: int) -> dt.date:
        if place < 0:
            raise CalendarNotCovered(f"the day lies before {self.first}")
        if place >= len(self._dues):
            raise CalendarNotCovered(f"the term ends after {self.last}")
        return self._dues[place].on

    def add(self, start: dt.date, term: Term) -> Due:
        """The last day of a term that opens on `start`."""
        if term.unit is not Unit.WORKDAY:
            self._index(start)
            on = self.roll(bare_end(start, term))
            return Due(on, self.missing(start, on))
        index = start.toordinal() - self._base
        if index >= 0 and term.amount:  # the hot path, without calls
            try:
                place = self._rank[index] + term.amount - 1
                if self._sees[place] == self._missing_from[index]:
                    return self._dues[place]
            except IndexError:
                pass
        on = self.workday_after(start, term.amount)
        return Due(on, self.missing(start, on))

    def missing(self, after: dt.date, until: dt.date) -> tuple[Gap, ...]:
        """The missing notices that may still change the days in (after, until], in order of years."""
        return self._gaps[self._missing_from[self._index(after)] : self._missing_to[self._index(until)]]

    def special(self, after: dt.date, until: dt.date) -> tuple[Day, ...]:
        """Weekends, days off and make-up working days in (after, until], in order."""
        return tuple(day for day in map(self._describe, _days(after + ONE_DAY, until)) if day)

    def skipped(self, after: dt.date, until: dt.date) -> tuple[Day, ...]:
        """The days in (after, until] that are not working days, with their names."""
        return tuple(day for day in self.special(after, until) if day.kind is not DayKind.MAKEUP)

    def _describe(self, day: dt.date) -> Day | None:
        named = self._special.get(day)
        return named or (Day(day, DayKind.WEEKEND, "") if day.weekday() > 4 else None)


def _days(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    return map(dt.date.fromordinal, range(first.toordinal(), last.toordinal() + 1))


def _special_days(layers: Sequence[Layer]) -> dict[dt.date, Day]:
    special: dict[dt.date, Day] = {}
    for layer in layers:
        off = DayKind.HOLIDAY if layer.region_code == NATIONAL else DayKind.REGIONAL
        for day, name in layer.off.items():
            # A region that repeats a national day off adds nothing to it.
            if day not in special or special[day].kind is DayKind.MAKEUP:
                special[day] = Day(day, off, name)
        for day, name in layer.work.items():
            special[day] = Day(day, DayKind.MAKEUP, name)
    return special


def _is_work(day: dt.date, special: Mapping[dt.date, Day]) -> bool:
    named = special.get(day)
    return named.kind is DayKind.MAKEUP if named else day.weekday() < 5


def bare_end(start: dt.date, term: Term) -> dt.date:
    """The last day of a term in days or months before rolling (民法典 202)."""
    try:
        if term.unit is Unit.DAY:
            return start + dt.timedelta(days=term.amount)
        year, month = divmod(start.year * 12 + start.month - 1 + term.amount, 12)
        return start.replace(year=year, month=month + 1, day=min(start.day, monthrange(year, month + 1)[1]))
    except (ValueError, OverflowError) as error:
        raise CalendarNotCovered(f"{start} + {term}") from error


class Explanation(NamedTuple):
    """A due date with everything needed to count it again by hand."""

    start: dt.date
    term: Term
    due: Due
    skipped: tuple[Day, ...]
    makeup: tuple[Day, ...]


def explain(calendar: Calendar, start: dt.date, term: Term) -> Explanation:
    """The due date, the days off not counted and the weekend days counted on the way.

    In a term of calendar days or months only the days over which its end rolled are skipped.
    """
    due = calendar.add(start, term)
    if term.unit is Unit.WORKDAY:
        makeup = tuple(day for day in calendar.special(start, due.on) if day.kind is DayKind.MAKEUP)
        return Explanation(start, term, due, calendar.skipped(start, due.on), makeup)
    before_end = bare_end(start, term) - ONE_DAY
    return Explanation(start, term, due, calendar.skipped(before_end, due.on), ())
