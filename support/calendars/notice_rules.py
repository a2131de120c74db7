"""What a notice of days off must satisfy before it moves anybody's due date."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from django.utils.translation import gettext as _

from support.calendars.models import OfficialDay, OfficialYear, RegionalLayer
from support.calendars.terms import BEFORE_NEW_YEAR, NATIONAL


class NoticeDay(NamedTuple):
    """One day of a notice: off, or worked in exchange."""

    date: dt.date
    kind: OfficialDay.Kind
    name: str


Problem = tuple[int | None, str]
"""The place of the day in the notice, None for the notice as a whole; and what is wrong, in words."""


class NoticeRefused(Exception):
    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(" ".join(words for _place, words in problems))
        self.problems = problems


def codes_above(region_code: str) -> tuple[str, ...]:
    """Nation, province, city and county over a region, itself included, without repetition."""
    codes = (NATIONAL, *(region_code[:width].ljust(12, "0") for width in (2, 4, 6)))
    return tuple(dict.fromkeys(codes))


def problems_of(
    region_code: str, year: int, days: Sequence[NoticeDay], *, today: dt.date, replace: bool
) -> list[Problem]:
    layer = RegionalLayer.objects.filter(pk=region_code).first()
    if layer is None:
        return [(None, _("系统中没有为该地区设置放假安排。"))]
    return _problems_of_year(layer, year, days, today, replace) + _problems_of_days(layer, year, days)


def _problems_of_year(
    layer: RegionalLayer, year: int, days: Sequence[NoticeDay], today: dt.date, replace: bool
) -> list[Problem]:
    problems: list[Problem] = []
    first, last = layer.since_year or today.year, today.year + 1
    if not first <= year <= last:
        problems.append((None, _("年份应在 %(first)s 至 %(last)s 之间。") % {"first": first, "last": last}))
    if not days:
        problems.append((None, _("请至少填写一天。")))
    known = OfficialYear.objects.filter(layer=layer, year=year, official=True).first()
    if known and not replace:
        problems.append(
            (None, _("该年已有正式安排（%(source)s）。如需更正，请勾选“更正”。") % {"source": known.source})
        )
    return problems


def _problems_of_days(layer: RegionalLayer, year: int, days: Sequence[NoticeDay]) -> list[Problem]:
    problems: list[Problem] = []
    above = _meanings_above(layer.region_code)
    elsewhere = OfficialDay.objects.filter(region_code=layer.region_code).exclude(year__year=year)
    taken = set(elsewhere.values_list("date", flat=True))
    first = dt.date(year, 1, 1) - BEFORE_NEW_YEAR
    for place, day in enumerate(days):
        values = {"date": day.date.isoformat(), "year": year}
        if not first <= day.date <= dt.date(year, 12, 31):
            problems.append((place, _("%(date)s 不在 %(year)s 年。") % values))
        elif day.date in taken:
            problems.append((place, _("%(date)s 重复。") % values))
        elif day.kind == OfficialDay.Kind.WORK and _is_worked_anyway(day.date, above):
            problems.append((place, _("%(date)s 本来就是工作日，不需要写“上班”。") % values))
        taken.add(day.date)
    return problems


def _meanings_above(region_code: str) -> Mapping[dt.date, str]:
    """What the notices of the larger regions say of each day; the nearest prevails."""
    meanings: dict[dt.date, str] = {}
    for code in codes_above(region_code):
        if code != region_code:
            meanings |= OfficialDay.objects.filter(region_code=code).values_list("date", "kind")
    return meanings


def _is_worked_anyway(date: dt.date, above: Mapping[dt.date, str]) -> bool:
    kind = above.get(date)
    return kind == OfficialDay.Kind.WORK if kind else date.weekday() < 5
