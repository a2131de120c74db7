"""A counted term as a picture: each month of it as weeks of days, and the days that were not counted."""

import datetime as dt
from calendar import Calendar as Weeks
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from support.calendars import words
from support.calendars.terms import ONE_DAY, Calendar, Day, DayKind, Explanation, Unit, bare_end

MOST_MONTHS = 13
WEEKDAYS = [
    pgettext_lazy("weekday", "一"),
    pgettext_lazy("weekday", "二"),
    pgettext_lazy("weekday", "三"),
    pgettext_lazy("weekday", "四"),
    pgettext_lazy("weekday", "五"),
    pgettext_lazy("weekday", "六"),
    pgettext_lazy("weekday", "日"),
]


class Cell(NamedTuple):
    """A day of the picture. state: start, counted, skipped, last, or empty outside the term.

    `mark` is one character for small windows, as calendars print it: 休, 班; `words` say it in full.
    """

    on: dt.date
    state: str = ""
    mark: str = ""
    words: str = ""


class Month(NamedTuple):
    first: dt.date
    weeks: list[list[Cell | None]]


class Run(NamedTuple):
    """Days on end that were treated alike."""

    first: dt.date
    last: dt.date
    days: int
    words: str
    counted: bool


def cells(found: Explanation, calendar: Calendar) -> dict[dt.date, Cell]:
    """What became of every day from the opening day to the last."""
    start, last = found.start, found.due.on
    special = {day.on: day for day in calendar.special(start, last)}
    skipped = {day.on for day in found.skipped}
    shown = {start: Cell(start, "start", _("起"), _("起算日，不计入"))}
    number = 0
    for on in (start + ONE_DAY * n for n in range(1, (last - start).days + 1)):
        if on in skipped:
            shown[on] = Cell(on, "skipped", _("休"), words.day(special[on]))
            continue
        number += 1
        shown[on] = _counted(on, number, special.get(on), found)
    if last != start:
        shown[last] = Cell(last, "last", _("止"), _("最后一天"))
    return shown


def _counted(on: dt.date, number: int, day: Day | None, found: Explanation) -> Cell:
    said = _("第 %(n)s 日") % {"n": number}
    if found.term.unit is Unit.WORKDAY and day and day.kind is DayKind.MAKEUP:
        return Cell(on, "counted", _("班"), _("%(nth)s，%(why)s") % {"nth": said, "why": words.day(day)})
    return Cell(on, "counted", "", said)


def months(shown: dict[dt.date, Cell]) -> list[Month]:
    """The months of a term, in the weeks that hold a day of it; empty when there are too many to look at."""
    firsts = sorted({on.replace(day=1) for on in shown})
    if len(firsts) > MOST_MONTHS:
        return []
    return [Month(first, _weeks(first, shown)) for first in firsts]


def _weeks(first: dt.date, shown: dict[dt.date, Cell]) -> list[list[Cell | None]]:
    rows = [
        [shown.get(on, Cell(on)) if on.month == first.month else None for on in week]
        for week in Weeks().monthdatescalendar(first.year, first.month)
    ]
    return [row for row in rows if any(cell and cell.state for cell in row)]


def runs(found: Explanation) -> list[Run]:
    """Days off by name and make-up working days, in order; neighbours of one name as one run."""
    days = [(day, False) for day in found.skipped if day.kind is not DayKind.WEEKEND]
    days += [(day, True) for day in found.makeup]
    listed: list[Run] = []
    for day, counted in sorted(days, key=lambda pair: pair[0].on):
        last = listed[-1] if listed else None
        if last and last.words == words.day(day) and last.last + ONE_DAY == day.on:
            listed[-1] = last._replace(last=day.on, days=last.days + 1)
        else:
            listed.append(Run(day.on, day.on, 1, words.day(day), counted))
    return listed


def rolled_from(found: Explanation) -> dt.date | None:
    """The day off on which a term in days or months would have ended; None where its end did not move."""
    if found.term.unit is Unit.WORKDAY:
        return None
    bare = bare_end(found.start, found.term)
    return bare if bare != found.due.on else None
