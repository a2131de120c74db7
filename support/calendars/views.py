"""The pages of the calendars: which notices are loaded, to enter a new one; and for everybody, to count a term."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from support.accounts.access import ActorRequest, audience
from support.calendars import months, words
from support.calendars.actions import SUPERVISOR, calendar_for, enter_notice, layer_names
from support.calendars.forms import NoticeForm, TermForm
from support.calendars.models import OfficialYear, RegionalLayer
from support.calendars.notice_rules import NoticeRefused, codes_above
from support.calendars.terms import NATIONAL, CalendarNotCovered, DayKind, Unit, explain
from support.records.actor import Actor


@audience("officer", SUPERVISOR)
@require_http_methods(["GET", "POST"])
def years(request: ActorRequest) -> HttpResponse:
    now = timezone.now()
    form = NoticeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            year = _enter(form, request.actor, now)
        except NoticeRefused as refused:
            form.refuse(refused.problems)
        else:
            messages.success(
                request,
                _("已登记%(region)s %(year)s 年放假安排，相关期限将重新计算。")
                % {"region": year.layer.name, "year": year.year},
            )
            return redirect("calendars:years")
    shelves = shelves_for(request.actor, this_year=timezone.localdate(now).year)
    return render(request, "calendars/years.html", {"form": form, "shelves": shelves})


def _enter(form: NoticeForm, actor: Actor, now: dt.datetime) -> OfficialYear:
    given = form.cleaned_data
    return enter_notice(
        given["region"],
        given["year"],
        given["days"],
        given["source"],
        actor=actor,
        now=now,
        replace=given["replace"],
    )


def shelves_for(actor: Actor, *, this_year: int) -> list[dict[str, Any]]:
    """Each region with its years, newest first, up to the next; a year without a notice has no row."""
    rows = OfficialYear.objects.visible_to(actor).filter(year__lte=this_year + 1).prefetch_related("days")
    layers = RegionalLayer.objects.prefetch_related(Prefetch("years", rows, to_attr="known"))
    return [{"layer": layer, "years": _years(layer, this_year)} for layer in layers]


def _years(layer: RegionalLayer, this_year: int) -> list[dict[str, Any]]:
    known = {row.year: row for row in layer.known}  # type: ignore[attr-defined]
    due = range(layer.since_year, this_year + 2) if layer.since_year else ()
    return [{"year": year, "row": known.get(year)} for year in sorted({*known, *due}, reverse=True)]


@audience("public")
@require_safe
def terms(request: ActorRequest) -> HttpResponse:
    """期限计算器: the last day of a term, and of every day on the way whether it counted and why not."""
    if not any(name in request.GET for name in TermForm.base_fields):
        first = {
            "start": timezone.localdate(),
            "amount": 20,
            "unit": "workday",
            "region": _own_layer(request),
        }
        return render(request, "calendars/terms.html", {"form": TermForm(initial=first)})
    form = TermForm(request.GET)
    counted = _count(form) if form.is_valid() else None
    return render(
        request,
        "calendars/terms.html",
        {"form": form, "counted": counted},
        status=200 if counted else 422,
    )


def _own_layer(request: ActorRequest) -> str:
    """The deepest region with days of its own over the region chosen, else over the installation's."""
    chosen = request.COOKIES.get(settings.REGION_COOKIE, "")
    code = (
        chosen
        if len(chosen) == 12 and chosen.isascii() and chosen.isdigit()
        else str(settings.SITE["region"])
    )
    names = layer_names()
    return next((layer for layer in reversed(codes_above(code)) if layer in names), NATIONAL)


def _count(form: TermForm) -> dict[str, Any] | None:
    """What the page shows of a counted term; None, with the reason at the field, beyond the known years."""
    region, start, term = form.cleaned_data["region"] or NATIONAL, form.cleaned_data["start"], form.term
    try:
        calendar = calendar_for(region)
        found = explain(calendar, start, term)
    except CalendarNotCovered:
        form.add_error("start", words.uncovered(region))
        return None
    return {
        "start": start,
        "term": words.term(term),
        "region": _(layer_names()[region]),
        "due": found.due,
        "why_provisional": words.why_provisional(found.due.missing),
        "rolled_from": months.rolled_from(found),
        "months": months.months(months.cells(found, calendar)),
        "runs": months.runs(found),
        "weekend": sum(day.kind is DayKind.WEEKEND for day in found.skipped),
        "in_workdays": term.unit is Unit.WORKDAY,
        "weekdays": months.WEEKDAYS,
    }
