"""The page on which supervisors see which notices are loaded and enter a new one."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from support.accounts.access import ActorRequest, audience
from support.calendars.actions import SUPERVISOR, enter_notice
from support.calendars.forms import NoticeForm
from support.calendars.models import OfficialYear, RegionalLayer
from support.calendars.notice_rules import NoticeRefused
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
