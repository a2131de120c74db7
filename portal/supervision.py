"""效能监督: the figures of the agencies one oversees, the cases behind each, and their export."""

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, override
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from applications import oversight
from applications.desk import matter_names
from applications.oversight import BY_KEY, MEASURES, ROLES, Figures, Measure, Month
from support import sheets
from support.accounts.access import ActorRequest, audience
from support.calendars.actions import calendar_for
from support.places.models import Agency
from support.records import actions as records
from support.records.actor import Actor

PAGE = 30
CHUNK = 500
# Pages of other parts that belong to this work, shown where they exist.
ELSEWHERE: tuple[tuple[str | Promise, str], ...] = (
    (gettext_lazy("收到的评价"), "evaluations:received"),
    (gettext_lazy("消息发送"), "notices:deliveries"),
)


@audience("officer", *ROLES)
@require_safe
def overview(request: ActorRequest) -> HttpResponse:
    """Tiles with their definitions, then the same figures by agency and by matter."""
    now = timezone.now()
    month = Month.parse(request.GET.get("month", ""), now)
    found = oversight.overview(request.actor, now, month)
    context = {
        "month": month,
        "tiles": [
            {"measure": m, "n": found.total.counts[m.key], "url": _cases_url(m.key, month)} for m in MEASURES
        ],
        "measures": MEASURES,
        "agencies": [_row(each, month, "agency") for each in found.agencies],
        "matters": [_row(each, month, "matter") for each in found.matters],
        "previous_url": f"?month={month.previous}",
        "next_url": f"?month={month.next}" if month != Month.of(now) else "",
        "ignored": _("月份") if request.GET.get("month", str(month)) != str(month) else "",
        "elsewhere": [(label, url) for label, name in ELSEWHERE if (url := _reversed(name))],
    }
    return render(request, "portal/supervision.html", context)


def _row(figures: Figures, month: Month, kind: str) -> dict[str, Any]:
    cells = [
        {"n": figures.counts[m.key], "url": _cases_url(m.key, month, **{kind: figures.uuid}), "measure": m}
        for m in MEASURES
    ]
    return {"name": figures.name, "cells": cells}


def _cases_url(measure: str, month: Month, **part: Any) -> str:
    query = {"measure": measure, "month": month, **part}
    return f"{reverse('portal:supervision_cases')}?{urlencode(query)}"


def _reversed(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


# --- the cases behind a figure ------------------------------------------------------------------------


class Wish(NamedTuple):
    """Which figure, of which month, agency and matter; `ignored` names what was not understood."""

    measure: Measure
    month: Month
    agency: Agency | None
    matter: tuple[int, Any, str] | None
    ignored: tuple[str, ...]

    @property
    def query(self) -> dict[str, Any]:
        asked = {
            "measure": self.measure.key,
            "month": self.month,
            "agency": self.agency.uuid if self.agency else "",
            "matter": self.matter[1] if self.matter else "",
        }
        return {name: value for name, value in asked.items() if value}


def _wish(request: ActorRequest, now: dt.datetime) -> Wish:
    asked = {name: request.GET.get(name, "") for name in ("measure", "month", "agency", "matter")}
    overseen = request.actor.agencies_with(*ROLES)
    agencies = {str(agency.uuid): agency for agency in Agency.objects.filter(pk__in=overseen)}
    matters = {str(row[1]): row for row in matter_names(overseen)}
    month = Month.parse(asked["month"], now)
    names = {"measure": _("指标"), "month": _("月份"), "agency": _("机关"), "matter": _("事项")}
    understood = {
        "measure": asked["measure"] in BY_KEY,
        "month": asked["month"] == str(month),
        "agency": asked["agency"] in agencies,
        "matter": asked["matter"] in matters,
    }
    return Wish(
        BY_KEY.get(asked["measure"], MEASURES[0]),
        month,
        agencies.get(asked["agency"]),
        matters.get(asked["matter"]),
        tuple(names[name] for name, value in asked.items() if value and not understood[name]),
    )


def _behind(actor: Actor, wish: Wish, now: dt.datetime) -> Any:
    return oversight.cases(
        actor, wish.measure, now, wish.month,
        agency=wish.agency.uuid if wish.agency else None, matter=wish.matter[1] if wish.matter else None,
    )  # fmt: skip


@audience("officer", *ROLES)
@require_safe
def cases(request: ActorRequest) -> HttpResponse:
    """Exactly the cases that a figure counts; the read is recorded with their ids."""
    now = timezone.now()
    wish = _wish(request, now)
    page = Paginator(_behind(request.actor, wish, now), PAGE).get_page(request.GET.get("page"))
    listed = list(oversight.with_stage(page.object_list))
    _record(request.actor, "read.supervision", wish, [case.pk for case in listed], now)
    here = urlencode(wish.query)
    context = {
        "wish": wish,
        "total": page.paginator.count,
        "rows": list(_lines(listed, now)),
        "page": page,
        "ignored": _("、").join(wish.ignored),
        "previous_url": f"?{here}&page={page.previous_page_number()}" if page.has_previous() else "",
        "next_url": f"?{here}&page={page.next_page_number()}" if page.has_next() else "",
        "export_url": f"{reverse('portal:supervision_export')}?{here}",
        "back_url": f"{reverse('portal:supervision')}?month={wish.month}",
    }
    return render(request, "portal/supervision_cases.html", context)


def _lines(listed: Iterable[Any], now: dt.datetime) -> Iterator[dict[str, Any]]:
    calendars: dict[str, Any] = {}
    for case in listed:
        if case.region_code not in calendars:
            calendars[case.region_code] = calendar_for(case.region_code)
        yield oversight.line(case, now, calendars[case.region_code])


def _record(actor: Actor, verb: str, wish: Wish, ids: list[int], now: dt.datetime) -> None:
    records.write(
        verb, actor=actor, target=f"applications.measure:{wish.measure.key}",
        details={"cases": ids, "month": str(wish.month)}, at=now,
    )  # fmt: skip


# --- export -------------------------------------------------------------------------------------------


@audience("officer", *ROLES)
@require_safe
def export(request: ActorRequest) -> StreamingHttpResponse:
    """The list as CSV: no applicant, no number of a person. Each part is recorded before it leaves."""
    now = timezone.now()
    wish = _wish(request, now)
    response = StreamingHttpResponse(
        _csv(request.actor, wish, now, get_language() or "zh-hans"), content_type="text/csv; charset=utf-8"
    )
    name = f"supervision-{wish.measure.key}-{wish.month}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _csv(actor: Actor, wish: Wish, now: dt.datetime, language: str) -> Iterator[bytes]:
    ids = list(_behind(actor, wish, now).values_list("pk", flat=True))
    with override(language):
        head = [
            _("办件编号"), _("事项"), _("办理机关"), _("收件时间"), _("环节"), _("时限"), _("最后一日"),
            _("超期工作日"), _("超期情形"), _("待办岗位"), _("办结时间"),
        ]  # fmt: skip
    yield sheets.BOM + b"".join(sheets.lines([head]))
    for start in range(0, len(ids), CHUNK):
        part = ids[start : start + CHUNK]
        found = oversight.with_stage(oversight.overseen(actor).filter(pk__in=part)).in_bulk()
        listed = [found[pk] for pk in part if pk in found]
        _record(actor, "export.supervision", wish, [case.pk for case in listed], now)
        with override(language):
            rows = [_values(line) for line in _lines(listed, now)]
        yield b"".join(sheets.lines(rows))


def _values(line: dict[str, Any]) -> list[Any]:
    case, light = line["case"], line["light"]
    return [
        case.number, case.guide.guide.name, case.agency.name, _local(case.received_at), line["stage"],
        light.words, light.due_on or "", "" if line["over"] is None else line["over"],
        line["breach"].label if line["breach"] else "", line["who"], _local(case.closed_at),
    ]  # fmt: skip


def _local(moment: dt.datetime | None) -> str:
    return timezone.localtime(moment).strftime("%Y-%m-%d %H:%M") if moment else ""

