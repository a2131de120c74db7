"""目录管理: the tree of the directory with its states and plans, an entry with its history, and what is suspended at
once."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from matters import codes
from matters.changes import actions, shown
from matters.changes.actions import ChangeRefused
from matters.changes.forms import ReasonForm
from matters.changes.rules import SHAPES, may_touch
from matters.models import ChangedEntry, DirectoryChange, DirectoryEntry
from matters.scripts import fold
from matters.search import LONGEST_QUERY
from support.accounts.access import ActorRequest, audience
from support.places.models import Agency, Role
from support.records.actor import Actor

Kind, State = DirectoryChange.Kind, DirectoryChange.State
KEEPERS = (Role.EDITOR, Role.REVIEWER, Role.AGENCY_HEAD)
PER_PAGE = 30


@audience("officer", *KEEPERS)
@require_safe
def directory(request: ActorRequest) -> HttpResponse:
    """The directory of the actor's region in the order of its codes, and what waits for the actor."""
    now, actor = timezone.now(), request.actor
    DirectoryEntry.objects.project(now)
    agency = shown.agencies(actor, *KEEPERS).first()
    line = [region.code for region in agency.region.line()] if agency else []
    q, state = request.GET.get("q", "")[:LONGEST_QUERY], request.GET.get("state", "")
    rows = DirectoryEntry.objects.visible_to(actor).filter(source=None, region_code__in=["", *line])
    if folded := fold(q):
        rows = rows.filter(
            Q(name_fold__contains=folded) | Q(catalog_code=folded) | Q(local_catalog_code=folded)
        )
    narrowed = rows.filter(_TABS[state]) if state in _TABS else rows
    page = Paginator(narrowed.order_by("catalog_code", "local_catalog_code"), PER_PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "rows": [_row(entry) for entry in page],
        "page": page,
        "q": q,
        "state": state,
        "tabs": _tabs(state, q, rows),
        "previous_url": _address(state, q, page.previous_page_number()) if page.has_previous() else "",
        "next_url": _address(state, q, page.next_page_number()) if page.has_next() else "",
        "kinds": [Kind.NEW, Kind.MERGE] if actor.agencies_with(Role.EDITOR) else [],
        **_waiting(actor, now),
    }
    return render(request, "catalogue/changes_directory.html", context)


_STATES = DirectoryEntry.State
_TABS = {
    "in_use": Q(state=_STATES.IN_USE),
    "suspended": Q(state=_STATES.SUSPENDED),
    "cancelled": Q(state=_STATES.CANCELLED, changes_at=None),
    "planned": Q(changes_at__isnull=False),
}


def _tabs(state: str, q: str, rows: QuerySet[DirectoryEntry]) -> list[dict[str, Any]]:
    labels = {
        "": _("全部"), "in_use": _("在用"), "suspended": _("暂停"), "planned": _("有计划调整"),
        "cancelled": _("取消"),
    }  # fmt: skip
    counts = rows.aggregate(**{name: Count("pk", filter=where) for name, where in _TABS.items()})
    return [
        {
            "label": label,
            "count": counts.get(name),
            "url": _address(name, q),
            "current": state == name,
        }
        for name, label in labels.items()
    ]


def _address(state: str, q: str, page: int = 1) -> str:
    asked: dict[str, str | int] = {"state": state, "q": q, "page": page}
    return "?" + urlencode(asked)


def _row(entry: DirectoryEntry) -> dict[str, Any]:
    return {
        "entry": entry,
        "type": codes.TASK_TYPES.get(entry.task_type, entry.task_type),
        "tone": shown.TONES[DirectoryEntry.State(entry.state)],
        "sub": bool(entry.code) and entry.code[-3:] != "000",
        "planned": entry.changes_at,
        "begins": entry.state == _STATES.CANCELLED and entry.changes_at is not None,
    }


def _waiting(actor: Actor, now: dt.datetime) -> dict[str, Any]:
    """What waits for the actor: requests to review, own ones on their way, lists that the directory left behind."""
    own = DirectoryChange.objects.filter(agency__in=actor.agencies_with(Role.EDITOR))
    named = ("agency", "concerned__entry")
    seen = DirectoryChange.objects.visible_to(actor).select_related("agency").prefetch_related(named[1])
    return {
        "to_review": seen.waiting_for(actor).order_by("updated_at"),
        "under_way": seen.filter(
            pk__in=own.filter(state__in=(State.DRAFT, State.REVIEW)).values("pk")
        ).order_by("-updated_at"),
        "emergencies": seen.filter(emergency=True, state=State.REVIEW).order_by("review_due_on"),
        "outdated": shown.outdated(actor, now),
        "succeeded": shown.succeeded(actor, now),
        "today": timezone.localdate(now),
    }


@audience("officer", *KEEPERS)
@require_safe
def entry(request: ActorRequest, uuid: UUID) -> HttpResponse:
    """One entry with its versions, lineage and plans, and what the actor may propose."""
    now, actor = timezone.now(), request.actor
    DirectoryEntry.objects.project(now)
    found = get_object_or_404(DirectoryEntry.objects.visible_to(actor), uuid=uuid)
    open_ = ChangedEntry.objects.filter(entry=found, open=True).select_related("change__agency")
    pending = open_.exclude(change__in_force_from__lte=now).first()
    own = next((agency for agency in shown.agencies(actor, Role.EDITOR) if may_touch(agency, found)), None)
    kinds = [kind for kind, shape in SHAPES.items() if found.state in shape.states and kind != Kind.MERGE]
    context = {
        "entry": found,
        "row": _row(found),
        "facts": shown.facts(found),
        "history": shown.history(found, now),
        "planned": shown.planned(found, now),
        "lineage": shown.lineage(found),
        "pending": pending.change if pending else None,
        "kinds": kinds if own else [],
        "may_suspend": found.state == _STATES.IN_USE and _suspending_agency(actor, found) is not None,
    }
    return render(request, "catalogue/changes_entry.html", context)


# --- emergencies ---------------------------------------------------------------------------------


@audience("officer", Role.REVIEWER, Role.AGENCY_HEAD)
@require_http_methods(["GET", "POST"])
def suspend(request: ActorRequest, uuid: UUID) -> HttpResponse:
    """紧急暂停: at once, with reason and basis; reviewed afterwards."""
    found = get_object_or_404(DirectoryEntry.objects.visible_to(request.actor), uuid=uuid)
    agency = _suspending_agency(request.actor, found)
    if agency is None:
        raise Http404
    form, refusal = ReasonForm(request.POST if request.method == "POST" else None), None
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.suspend_at_once(
                found, agency, **form.cleaned_data, actor=request.actor, now=timezone.now()
            )
        except ChangeRefused as refused:
            refusal = refused
        else:
            messages.success(request, _("已紧急暂停，等待审核部门补审。"))
            return redirect("catalogue:change", made.uuid)
    context = {"entry": found, "agency": agency, "form": form, "refusal": refusal}
    status = 422 if refusal or form.errors else 200
    return render(request, "catalogue/changes_suspend.html", context, status=status)


def _suspending_agency(actor: Actor, found: DirectoryEntry) -> Agency | None:
    agencies = shown.agencies(actor, Role.REVIEWER, Role.AGENCY_HEAD)
    return next((agency for agency in agencies if actions.may_suspend_at_once(actor, agency, found)), None)
