"""The form editor: structure, properties, preview on a phone; what is asked when; changes by buttons."""

import copy
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from matters.editing import actions as editing
from matters.formedit import logic, structure
from matters.formedit.kinds import KINDS
from matters.formedit.place import Place
from matters.forms import StepForm
from matters.guides import SOURCE
from matters.models import GuideDraft
from matters.permissions import may_edit
from support.accounts.access import ActorRequest, audience
from support.places.models import Role

Node = dict[str, Any]
KEEPERS = (Role.EDITOR, Role.REVIEWER)


def draft_of(request: ActorRequest, uuid: Any) -> GuideDraft:
    rows = GuideDraft.objects.visible_to(request.actor)
    return get_object_or_404(
        rows.select_related("matter__agency", "matter__directory", "updated_by"), uuid=uuid
    )


def tabs(draft: GuideDraft, current: str, wrong: int) -> list[dict[str, Any]]:
    shown = [
        ("form", _("问题"), None),
        ("form_logic", _("逻辑"), wrong or None),
        ("form_try", _("以申请人身份试填"), None),
    ]
    return [
        {
            "label": label,
            "url": reverse(f"catalogue:{name}", args=[draft.uuid]),
            "count": count,
            "current": name == current,
        }
        for name, label, count in shown
    ]


def address(draft: GuideDraft, **place: str) -> str:
    query = urlencode({name: key for name, key in place.items() if key})
    return f"{reverse('catalogue:form', args=[draft.uuid])}{'?' if query else ''}{query}"


def back_to(draft: GuideDraft) -> str:
    """The hub of the draft, where that part of the catalogue is installed."""
    try:
        return reverse("catalogue:draft", args=[draft.uuid])
    except NoReverseMatch:
        return ""


@audience("officer", *KEEPERS)
def form(request: ActorRequest, uuid: Any) -> HttpResponse:
    """The three panes. A POST keeps the properties shown; one by htmx only shows what they would look like."""
    draft = draft_of(request, uuid)
    document = copy.deepcopy(draft.document)
    if logic.guide_of(document) is None:
        return render(request, "catalogue/form_unreadable.html", _frame(draft, request))
    place = Place(request, document, fixed=structure.published_fields(draft))
    editable = draft.state == GuideDraft.State.EDITING and may_edit(request.actor, draft.matter)
    posted = request.POST if request.method == "POST" else None
    if posted is not None and not editable:
        raise PermissionDenied(_("这份草稿现在不能修改。"))
    taken = structure.taken_keys(draft.matter, document)
    properties = place.form(document, taken, posted)
    if request.headers.get("HX-Request") and properties is not None:
        return _preview(request, document, place, properties, taken)
    refused, status = "", 200
    if posted is not None and properties is not None:
        if properties.reshaped:
            properties.forgive()
        elif properties.is_valid():
            refused, status, draft = _save(request, draft, document, place, properties, taken)
            if not refused:
                return redirect(f"{address(draft, **place.then)}#properties")
            if logic.guide_of(draft.document):
                document = copy.deepcopy(draft.document)
        else:
            status = 422
    return _page(request, draft, document, place, properties, editable, refused, status)


def _save(
    request: ActorRequest, draft: GuideDraft, document: Node, place: Place, properties: Any, taken: set[str]
) -> tuple[str, int, GuideDraft]:
    """Words and status of a refusal, and the draft as it is then."""
    place.then = place.put(document, properties, taken)
    try:
        draft = editing.save(draft, document, seen=seen_by(request), actor=request.actor, now=timezone.now())
    except editing.StaleDraft as stale:
        return str(stale), 409, stale.draft
    except editing.DraftRefused as refusal:
        return str(refusal), 409, draft
    messages.success(request, _("已保存。"))
    return "", 200, draft


def _frame(draft: GuideDraft, request: ActorRequest, current: str = "form") -> dict[str, Any]:
    found = logic.findings(editing.whole(draft))
    return {
        "draft": draft,
        "findings": found,
        "tabs": tabs(draft, current, len(found)),
        "back": back_to(draft),
    }


def _page(
    request: ActorRequest, draft: GuideDraft, document: Node, place: Place, properties: Any,
    editable: bool, refused: str, status: int,
) -> HttpResponse:  # fmt: skip
    context = _frame(draft, request)
    wrong = {finding.field or finding.step for finding in context["findings"]}
    shown = place.field["key"] if place.field else ""
    step_key = place.step["key"] if place.step else ""
    context |= {
        "steps": _outline(document, wrong),
        "form": properties,
        "place": place,
        "shown": shown,
        "shown_step": "" if shown or place.new_step else step_key,
        "editable": editable,
        "refused": refused,
        "kind": KINDS.get(place.kind),
        "all_kinds": KINDS.items(),
        "kinds": KINDS.items() if place.adding and not place.kind else (),
        "own": [] if place.adding or place.new_step else [
            found
            for found in context["findings"]
            if (found.field == shown if shown else found.step == step_key and not found.field)
        ],
        "other_steps": [
            {"key": step["key"], "title": step["title"][SOURCE]}
            for step in structure.steps_of(document)
            if step["key"] != step_key
        ],
        "preview": _step_form(document, place),
    }  # fmt: skip
    return render(request, "catalogue/form_editor.html", context, status=status)


def _outline(document: Node, wrong: set[str]) -> list[Node]:
    """Steps and fields for the pane of the structure."""
    return [
        {
            "key": step["key"],
            "title": step["title"][SOURCE],
            "wrong": step["key"] in wrong,
            "fields": [
                {
                    "key": field["key"],
                    "label": field["label"][SOURCE],
                    "show_if": "show_if" in field,
                    "kind": KINDS[field["type"]].name,
                    "wrong": field["key"] in wrong,
                    "optional": not field.get("required", True),
                }
                for field in step["fields"]
            ],
        }
        for step in structure.steps_of(document)
    ]


def _step_form(document: Node, place: Place) -> StepForm | None:
    """The step shown, as an applicant sees it with every question asked."""
    guide = logic.guide_of(document)
    if guide is None or place.step is None or place.new_step:
        return None
    step = structure.step_of(document, place.step["key"])
    if step is None or not step["fields"]:
        return None
    try:
        made = StepForm(guide.step(step["key"]), answers=Anything(), data=None)
    except (ValueError, ArithmeticError, KeyError):  # a bound of another type: reported as a fault
        return None
    made.auto_id = "preview_%s"
    return made


def seen_by(request: ActorRequest) -> int:
    """The revision that the page showed; one that never was, if it names none."""
    seen = request.POST.get("seen", "")[:12]
    return int(seen) if seen.isdecimal() else -1


class Anything(dict[str, Any]):
    """Answers under which every condition holds, for a preview."""

    def get(self, key: str, default: Any = None) -> Any:
        return _Equal()


class _Equal:
    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = None  # type: ignore[assignment]


def _preview(
    request: ActorRequest, document: Node, place: Place, properties: Any, taken: set[str]
) -> HttpResponse:
    """The preview with what is typed, as far as it can be used."""
    if properties.is_valid() and not properties.reshaped:
        place.put(document, properties, taken)
    return render(
        request, "catalogue/_form_preview.html", {"preview": _step_form(document, place), "place": place}
    )


@require_POST
@audience("officer", *KEEPERS)
def form_change(request: ActorRequest, uuid: Any) -> HttpResponse:
    """One button of the structure: up, down, copy, remove, to another step."""
    draft = draft_of(request, uuid)
    document = copy.deepcopy(draft.document)
    do = request.POST.get("do", "")[:120]
    taken = structure.taken_keys(draft.matter, document)
    key = structure.change(document, do, taken) if logic.guide_of(document) else None
    if key is None:
        messages.info(request, _("没有可以改动的。"))
        return redirect(address(draft))
    try:
        editing.save(draft, document, seen=seen_by(request), actor=request.actor, now=timezone.now())
    except editing.DraftRefused as refusal:
        messages.warning(request, str(refusal))
        return redirect(address(draft))
    what = "step" if do.split(":")[1] == "step" and not do.startswith("to:") else "field"
    return redirect(f"{address(draft, **{what: key})}#{f'at-{key}' if key else 'structure'}")


@require_safe
@audience("officer", *KEEPERS)
def form_logic(request: ActorRequest, uuid: Any) -> HttpResponse:
    """Every condition in a sentence, every fault and warning with the way to where it is mended."""
    draft = draft_of(request, uuid)
    context = _frame(draft, request, "form_logic")
    if logic.guide_of(draft.document) is None:
        return render(request, "catalogue/form_unreadable.html", context)
    context |= {
        "sentences": logic.sentences(draft.document),
        "warnings": logic.warnings(draft.document),
    }
    return render(request, "catalogue/form_logic.html", context)
