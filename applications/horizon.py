"""Which clock of a case ends first, and when little of it is left: pure values from its readings.

Everything here is an instant that does not move while nobody acts, so that it can be stored and
compared with any `now`, in Python and in SQL alike (docs/adr/0015).
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.conf import settings

from support.calendars import clock as pure
from support.calendars.terms import ONE_DAY, Calendar

Span = tuple[dt.date, dt.date]
"""The days after the first up to the second."""

# A pause without an announced end: longer than any case.
NO_END = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)


class Horizon(NamedTuple):
    """The nearest end, the instant from which it is near, and until when its clock stands still."""

    due_at: dt.datetime | None = None
    amber_at: dt.datetime | None = None
    held_until: dt.datetime | None = None


def amber_on(spans: Sequence[Span], due_on: dt.date, calendar: Calendar) -> dt.date:
    """The first day on which a term that runs during `spans` is near its end.

    Near: no more working days are left than the part or the number in the setting NEAR_THE_END.
    Days of a pause lie between the spans and count neither as term nor as left.
    """
    setting = settings.NEAR_THE_END
    total = sum(calendar.workdays_between(*span) for span in spans)
    near = max(setting["workdays"], total * setting["part"] // setting["of"])
    for after, until in reversed(spans):
        here = calendar.workdays_between(after, until)
        if here > near:
            return calendar.workday_before(until, near)
        near -= here
    return spans[0][0] if spans else due_on


def of_term(start: dt.date, due_on: dt.date, calendar: Calendar) -> Horizon:
    """That of a clock which has run from `start` without a pause."""
    return Horizon(pure.end_of(due_on), _start_of(amber_on([(start, due_on)], due_on, calendar)))


def of_reading(reading: pure.Reading, calendar: Calendar) -> Horizon:
    """That of one clock. A clock that is stopped, or has not started, has none."""
    if reading.due_on is None or reading.stopped:
        return Horizon()
    spans = [(why.after, why.until) for why in reading.why if why.kind == "run"]
    amber = _start_of(amber_on(spans, reading.due_on, calendar))
    return Horizon(pure.end_of(reading.due_on), amber, _held_until(reading))


def nearest(horizons: Iterable[Horizon]) -> Horizon:
    """The one that ends first. A clock held without an announced end comes after every other."""
    running = [each for each in horizons if each.due_at is not None]
    return min(running, key=_rank, default=Horizon())


def _rank(horizon: Horizon) -> tuple[bool, dt.datetime]:
    assert horizon.due_at is not None
    return horizon.held_until == NO_END, horizon.due_at


def _held_until(reading: pure.Reading) -> dt.datetime | None:
    """An exclusion ends on the day told in writing, a pause when somebody ends it."""
    if not reading.paused:
        return None
    hold = [why for why in reading.why if why.kind in ("pause", "exclude")][-1]
    return pure.end_of(hold.until) if hold.kind == "exclude" else NO_END


def _start_of(day: dt.date) -> dt.datetime:
    return pure.end_of(day - ONE_DAY)
