"""Requests to change the directory: drafted by kind, sent, judged by the departments that were asked."""

import re
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from matters.changes import actions, shown
from matters.changes.actions import ChangeRefused, StaleChange
from matters.changes.forms import ChangeForm, PartForm, ReviewForm, initial_of, part_forms
from matters.changes.rules import SHAPES, problems, warnings
from matters.changes.views import KEEPERS
from matters.checks import Problem
from matters.models import ChangeReview, DirectoryChange, DirectoryEntry
from support.accounts.access import ActorRequest, audience
from support.places.models import Agency, Role
from support.records.actor import Actor

Kind, State = DirectoryChange.Kind, DirectoryChange.State


@audience("officer", Role.EDITOR)
@require_http_methods(["GET", "POST"])
def propose(request: ActorRequest, kind: str) -> HttpResponse:
    """A new request of one kind, for `?entry=` where it concerns one."""
    if kind not in Kind.values:
        raise Http404
    agencies = list(shown.agencies(request.actor, Role.EDITOR))
    if not agencies:
        raise PermissionDenied(_("您的岗位没有此项权限。"))
    chosen = request.POST.get("agency") or request.GET.get("agency", "")
    agency = next((each for each in agencies if str(each.uuid) == chosen), agencies[0])
    about = None
    if "entry" in request.GET:
        rows = DirectoryEntry.objects.visible_to(request.actor).filter(source=None)
        about = get_object_or_404(rows, uuid=_uuid(request.GET["entry"]))
    initial = {"entries": about.code if about else "", "effect": DirectoryChange.Effect.KEEP}
    parts = []
    if about and kind in (Kind.CHANGE, Kind.SPLIT):
        same = {
            name: getattr(about, name) for name in ("name", "task_type", "by_law", "use_level", "department")
        }
        parts = [initial_of(same if kind == Kind.CHANGE else same | {"name": ""})] * SHAPES[Kind(kind)].parts[
            0
        ]
    return _form(request, kind, agency, None, initial, parts, agencies)


@audience("officer", Role.EDITOR)
@require_http_methods(["GET", "POST"])
def edit(request: ActorRequest, uuid: UUID) -> HttpResponse:
    """Go on with a request that is not under review."""
    found = _change(request.actor, uuid)
    if not request.actor.holds(Role.EDITOR, found.agency_id) or found.state != State.DRAFT:
        return redirect("catalogue:change", uuid)
    initial = {
        "entries": "\n".join(row.entry.code for row in found.concerned.select_related("entry")),
        "reason": found.reason,
        "basis": found.basis,
        "effect": found.effect,
        "effect_note": found.effect_note,
        "starts_at": found.starts_at,
        "resumes_on": found.resumes_on,
        "seen": found.revision,
    }
    parts = [initial_of(part) for part in found.proposed]
    return _form(request, found.kind, found.agency, found, initial, parts, [found.agency])


def _form(
    request: ActorRequest,
    kind: str,
    agency: Agency,
    found: DirectoryChange | None,
    initial: dict[str, Any],
    parts: list[dict[str, Any]],
    agencies: list[Agency],
) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    more = data is not None and "more" in data
    form = ChangeForm(kind, None if more else data, initial=_typed(data, initial) if more else initial)
    forms = part_forms(kind, agency, data, parts, more=1 if more else 0)
    if more:
        forms = [
            PartForm(None, prefix=f.prefix, initial=_part_typed(f), kind=kind, agency=agency) for f in forms
        ]
    refusal: ChangeRefused | None = None
    if data is not None and not more and all([form.is_valid(), *[f.is_valid() for f in forms]]):
        try:
            kept = _keep(request.actor, kind, agency, found, form, forms)
            return redirect("catalogue:change", kept.uuid)
        except ChangeRefused as refused:
            refusal = refused
            if isinstance(refused, StaleChange):
                typed = data.copy()
                typed["seen"] = str(refused.change.revision)
                form.data = typed
    wrong = refusal or form.errors or any(f.errors for f in forms)
    context = {
        "form": form,
        "parts": forms,
        "change": found,
        "kind": Kind(kind),
        "agency": agency,
        "agencies": agencies,
        "refusal": refusal,
        "wrong": wrong,
        "may_add": len(forms) < SHAPES[Kind(kind)].parts[1],
        "warnings": warnings(found) if found else [],
    }
    return render(request, "catalogue/changes_form.html", context, status=422 if wrong and data else 200)


def _typed(data: Any, initial: dict[str, Any]) -> dict[str, Any]:
    """What was typed so far, shown again untouched when another part is added."""
    return initial | {name: data[name] for name in data if not name.startswith("parts-")}


def _part_typed(form: PartForm) -> dict[str, Any]:
    if not form.is_bound:
        return dict(form.initial or {})
    data: Any = form.data
    return {
        name: data.getlist(form.add_prefix(name)) if name == "use_level" else data.get(form.add_prefix(name))
        for name in form.fields
    }


def _keep(
    actor: Actor,
    kind: str,
    agency: Agency,
    found: DirectoryChange | None,
    form: ChangeForm,
    forms: list[PartForm],
) -> DirectoryChange:
    concerned = form.cleaned_data.get("entries") or [None]
    content = form.content([part.part(concerned[0]) for part in forms])
    now = timezone.now()
    if found is None:
        return actions.propose(kind, agency, content, actor=actor, now=now)
    return actions.save(found, content, seen=form.cleaned_data["seen"] or 0, actor=actor, now=now)


# --- one request ---------------------------------------------------------------------------------


@audience("officer", *KEEPERS)
@require_http_methods(["GET", "POST"])
def change(request: ActorRequest, uuid: UUID) -> HttpResponse:
    """A request with its reviews; its editors send it, the departments that were asked judge it."""
    found = _change(request.actor, uuid)
    form, refusal = ReviewForm(initial={"seen": found.revision}), None
    if request.method == "POST":
        form = ReviewForm(request.POST)
        if form.is_valid():
            try:
                return _act(request, found, form)
            except ChangeRefused as refused:
                refusal = refused
                found = _change(request.actor, uuid)
                form = ReviewForm({"seen": found.revision, "comment": form.cleaned_data["comment"]})
    status = 409 if isinstance(refusal, StaleChange) else 422 if refusal or form.errors else 200
    return render(
        request, "catalogue/changes_change.html", _shown(request, found, form, refusal), status=status
    )


def _act(request: ActorRequest, found: DirectoryChange, form: ReviewForm) -> HttpResponse:
    act, now = request.POST.get("act", ""), timezone.now()
    given: dict[str, Any] = {"seen": form.cleaned_data["seen"], "actor": request.actor, "now": now}
    if act in ChangeReview.Outcome.values:
        department = get_object_or_404(Agency, uuid=_uuid(request.POST.get("agency", "")))
        actions.review(found, department, act, comment=form.cleaned_data["comment"], **given)
        messages.success(request, _("审核意见已记录。"))
    elif act == "drop":
        actions.drop(found, **given)
        messages.success(request, _("申请已放弃。"))
        return redirect("catalogue:directory")
    elif act in ("submit", "take_back"):
        getattr(actions, act)(found, **given)
        messages.success(request, _("已送审。") if act == "submit" else _("已撤回，可以修改。"))
    else:
        raise Http404
    return redirect("catalogue:change", found.uuid)


def _shown(
    request: ActorRequest, found: DirectoryChange, form: ReviewForm, refusal: ChangeRefused | None
) -> dict[str, Any]:
    now, actor = timezone.now(), request.actor
    entries = [row.entry for row in found.concerned.select_related("entry").order_by("pk")]
    editing = actor.holds(Role.EDITOR, found.agency_id)
    draft = found.state == State.DRAFT
    broken = problems(found, entries, at=found.starts_at or now) if draft and editing else []
    reviews = list(found.reviews.select_related("agency", "by").order_by("round", "agency_id"))
    asked = [
        row.agency
        for row in reviews
        if row.round == found.round and row.outcome is None and actor.holds(Role.REVIEWER, row.agency_id)
    ]
    return {
        "change": found,
        "entries": entries,
        "parts": [_part_shown(part, entries, found.kind) for part in found.proposed],
        "form": form,
        "refusal": refusal,
        "problems": [(p, _place(p)) for p in (refusal.problems if refusal else []) or broken],
        "warnings": warnings(found),
        "reviews": reviews,
        "in_force": found.is_in_force(now),
        "asked": asked if found.state == State.REVIEW and actor.user_id not in found.editors else [],
        "may_edit": editing and draft,
        "may_take_back": editing and found.state == State.REVIEW and not found.emergency,
        "today": timezone.localdate(now),
    }


def _part_shown(part: dict[str, Any], entries: list[DirectoryEntry], kind: str) -> dict[str, Any]:
    """A proposed entry in words; of a change, each fact beside the one it replaces."""
    wanted = shown.facts(DirectoryEntry(**{**part, "catalog_code": part.get("catalog_code") or None}))
    before: dict[str, str] = {}
    if kind == Kind.CHANGE and entries:
        before = dict(shown.facts(entries[0])) | {_("事项名称"): entries[0].name}
    rows = [(_("事项名称"), part.get("name", "")), *wanted]
    return {
        "name": part.get("name", ""),
        "rows": [
            (name, value, before.get(name) if before.get(name) != value else None) for name, value in rows
        ],
    }


def _place(problem: Problem) -> str:
    """The id of the field that a problem is about."""
    matched = re.fullmatch(r"parts\[(\d+)\]\.(\w+)", problem.path)
    if matched:
        name = "code" if matched[2] in ("catalog_code", "local_catalog_code") else matched[2]
        return f"id_parts-{matched[1]}-{name}"
    return "parts" if problem.path == "parts" else f"id_{problem.path}"


def _change(actor: Actor, uuid: UUID) -> DirectoryChange:
    rows = DirectoryChange.objects.visible_to(actor).select_related("agency__region", "updated_by")
    return get_object_or_404(rows, uuid=uuid)


def _uuid(given: str) -> UUID:
    try:
        return UUID(given)
    except ValueError as error:
        raise Http404 from error
