"""The calendar of a region, and the loading of official days off."""

import datetime as dt
import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import holidays
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from support.calendars.models import CalendarVersion, OfficialDay, OfficialYear, RegionalLayer
from support.calendars.notice_rules import NoticeDay, NoticeRefused, codes_above, problems_of
from support.calendars.terms import NATIONAL, Calendar, Layer
from support.records import actions as records
from support.records.actor import Actor

DATA = Path(__file__).parent / "data"
BUNDLED = "随系统提供"
GUESS = "按《全国年节及纪念日放假办法》推算，未含调休（holidays 软件包）"
GUESSED_YEARS = 10
SUPERVISOR = "supervisor"


# --- the calendar of a region ---------------------------------------------------------------------


def calendar_for(region_code: str) -> Calendar:
    """The calendar in force in a region (12 digits; NATIONAL for none).

    One query to see whether anything was loaded since; the calendar itself is kept by the process.
    For many cases at once ask once per region. Raises CalendarNotCovered if nothing is loaded.
    """
    number, stamp = _version()
    known = _names(stamp)
    return _calendar(stamp, number, tuple(code for code in codes_above(region_code) if code in known))


def current_version() -> int:
    """The number of the last load; a due date counted under a lower one is to be counted again."""
    return _version()[0]


def layer_names() -> Mapping[str, str]:
    """Names by code of the regions that have days of their own."""
    return _names(_version()[1])


def _version() -> tuple[int, uuid.UUID | None]:
    row = CalendarVersion.objects.filter(pk=CalendarVersion.ONLY).values_list("number", "stamp").first()
    return row or (0, None)


@lru_cache(maxsize=2)
def _names(stamp: uuid.UUID | None) -> Mapping[str, str]:
    return dict(RegionalLayer.objects.values_list("region_code", "name"))


@lru_cache(maxsize=64)
def _calendar(stamp: uuid.UUID | None, number: int, codes: tuple[str, ...]) -> Calendar:
    """Kept per stamp: a load brings a new one, and old calendars fall out of the cache."""
    layers = [_layer(code) for code in codes]
    known = set(OfficialYear.objects.filter(layer_id=NATIONAL).values_list("year", flat=True))
    first = stop = min(known, default=0)
    while stop in known:
        stop += 1
    return Calendar(layers, range(first, stop), version=number)


def _layer(code: str) -> Layer:
    days = list(OfficialDay.objects.filter(region_code=code))
    official = OfficialYear.objects.filter(layer_id=code, official=True).values_list("year", flat=True)
    return Layer(
        region_code=code,
        off={day.date: day.name for day in days if day.kind == OfficialDay.Kind.OFF},
        work={day.date: day.name for day in days if day.kind == OfficialDay.Kind.WORK},
        official=frozenset(official),
        since=RegionalLayer.objects.values_list("since_year", flat=True).get(pk=code),
    )


# --- writing a year -------------------------------------------------------------------------------


def _locked_version() -> CalendarVersion:
    """Loads come one after the other: taken first, held to the end of the transaction."""
    CalendarVersion.objects.get_or_create(pk=CalendarVersion.ONLY)
    return CalendarVersion.objects.select_for_update().get(pk=CalendarVersion.ONLY)


def _bump(version: CalendarVersion, now: dt.datetime) -> None:
    version.number += 1
    version.stamp = uuid.uuid4()
    version.changed_at = now
    version.save()


def _write(year: OfficialYear, days: Iterable[NoticeDay]) -> None:
    """Put a year in the place of what was known of it."""
    OfficialYear.objects.filter(layer_id=year.layer_id, year=year.year).delete()
    year.save()
    OfficialDay.objects.bulk_create(
        OfficialDay(year=year, region_code=year.layer_id, **day._asdict()) for day in days
    )


def _days_of(year: OfficialYear) -> set[NoticeDay]:
    return {NoticeDay(day.date, OfficialDay.Kind(day.kind), day.name) for day in year.days.all()}


@transaction.atomic
def load_official(now: dt.datetime | None = None) -> int:
    """Bring the official years in `data/`, and guesses for the years after them, up to date.

    May run at any time; a notice entered by hand is never touched. Returns how many rows changed.
    """
    now = now or timezone.now()
    version = _locked_version()
    changed = 0
    for path in sorted(DATA.glob("*.json")):
        document = json.loads(path.read_text(encoding="utf-8"))
        code = document["region_code"]
        _layer_row, created = RegionalLayer.objects.update_or_create(
            region_code=code, defaults={"name": document["region_name"], "since_year": document["since"]}
        )
        changed += created
        for year, notice in document["years"].items():
            row = OfficialYear(
                layer_id=code, year=int(year), source=notice["source"], loaded_at=now, loaded_by=BUNDLED
            )
            changed += _write_bundled(row, _noted(notice))
    last = OfficialYear.objects.filter(layer_id=NATIONAL, official=True).order_by("-year")[0].year
    for year in range(last + 1, last + 1 + GUESSED_YEARS):
        row = OfficialYear(
            layer_id=NATIONAL, year=year, source=GUESS, official=False, loaded_at=now, loaded_by=BUNDLED
        )
        changed += _write_bundled(row, _guessed(year))
    if changed:
        _bump(version, now)
    return changed


def _write_bundled(row: OfficialYear, days: set[NoticeDay]) -> bool:
    known = OfficialYear.objects.filter(layer_id=row.layer_id, year=row.year).first()
    if known and known.loaded_by != BUNDLED:
        return False
    if known and (known.source, known.official, _days_of(known)) == (row.source, row.official, days):
        return False
    _write(row, days)
    return True


def _noted(notice: Mapping[str, Any]) -> set[NoticeDay]:
    return {
        NoticeDay(dt.date.fromisoformat(date), kind, name)
        for kind in OfficialDay.Kind
        for date, name in notice[kind.value].items()
    }


def _guessed(year: int) -> set[NoticeDay]:
    """Days off by statute, without the exchanges of weekends that only the notice can tell."""
    return {
        NoticeDay(date, OfficialDay.Kind.OFF, name.partition("（")[0] + "（推算）")
        for date, name in holidays.country_holidays("CN", years=year, language="zh_CN").items()
    }


# --- a notice entered by hand ---------------------------------------------------------------------


@transaction.atomic
def enter_notice(
    region_code: str,
    year: int,
    days: Sequence[NoticeDay],
    source: str,
    *,
    actor: Actor,
    now: dt.datetime,
    replace: bool = False,
) -> OfficialYear:
    """Make a region's year official; every open due date may move.

    `source` is the number of the notice. `replace` corrects a year that is official already. Raises
    NoticeRefused, and PermissionDenied for anybody but a supervisor.
    """
    if not actor.agencies_with(SUPERVISOR):
        raise PermissionDenied(_("只有效能监督人员可以登记放假通知。"))
    version = _locked_version()
    problems = problems_of(region_code, year, days, today=timezone.localdate(now), replace=replace)
    if problems:
        raise NoticeRefused(problems)
    before = OfficialYear.objects.filter(layer_id=region_code, year=year).first()
    replaced = sorted(day.date.isoformat() for day in _days_of(before)) if before else []
    row = OfficialYear(
        layer_id=region_code, year=year, source=source, loaded_at=now, loaded_by=actor.name[:50]
    )
    _write(row, days)
    _bump(version, now)
    records.write(
        "calendar.notice",
        actor=actor,
        target=f"calendars.officialyear:{region_code}/{year}",
        details={
            "version": version.number,
            "days": [f"{day.date} {day.kind.value}" for day in sorted(days)],
            "replaced": replaced,
        },
        at=now,
    )
    return row
