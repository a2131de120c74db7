"""The same law counted the slow way, day by day from the data files, sharing no code with the product."""

import datetime as dt
import json
from pathlib import Path

from support.calendars.terms import NATIONAL, Calendar, Layer

DATA = Path(__file__).parents[2] / "support" / "calendars" / "data"
NINGXIA = "640000000000"
ONE = dt.timedelta(days=1)


def _dates(path: str, kind: str) -> dict[dt.date, str]:
    years = json.loads((DATA / path).read_text(encoding="utf-8"))["years"].values()
    return {dt.date.fromisoformat(date): name for year in years for date, name in year[kind].items()}


NATIONAL_OFF = _dates("national_2019_2026.json", "off")
NATIONAL_WORK = _dates("national_2019_2026.json", "work")
NINGXIA_OFF = _dates("regional_64_ningxia.json", "off")


def is_workday(day: dt.date, region: str = NATIONAL) -> bool:
    if region == NINGXIA and day in NINGXIA_OFF:
        return False
    if day in NATIONAL_OFF:
        return False
    return day in NATIONAL_WORK or day.isoweekday() not in (6, 7)


def workdays_after(start: dt.date, count: int, region: str = NATIONAL) -> dt.date:
    day = start
    while count:
        day += ONE
        count -= is_workday(day, region)
    return day


def rolled(day: dt.date, region: str = NATIONAL) -> dt.date:
    while not is_workday(day, region):
        day += ONE
    return day


def built(region: str = NATIONAL, *, last_official: int = 2026, stop: int = 2031) -> Calendar:
    """The product's calendar over the same data; official nationally to 2026, in Ningxia to 2022."""
    nation = Layer(NATIONAL, NATIONAL_OFF, NATIONAL_WORK, frozenset(range(2019, last_official + 1)), 2019)
    ningxia = Layer(NINGXIA, NINGXIA_OFF, {}, frozenset(range(2019, 2023)), 2019)
    return Calendar([nation] if region == NATIONAL else [nation, ningxia], range(2019, stop))
