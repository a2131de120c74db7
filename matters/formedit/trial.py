"""以申请人身份试填: the draft's form as an applicant meets it. Nothing is stored but the trial's own answers, in the
cache, for its author alone."""

import json
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from matters.answers import review
from matters.formedit import logic
from matters.formedit.views import KEEPERS, back_to, draft_of, tabs
from matters.forms import StepForm, clean_answers, step_form
from matters.guides import Guide
from matters.models import GuideDraft
from support.accounts.access import ActorRequest, audience

HOURS = 8
CHECK = "check"


def answers_key(draft: UUID, user_id: int) -> str:
    """Under which key of the cache the answers of a user's trial of a draft lie (a dict, for eight hours)."""
    return f"form-try:{draft}:{user_id}"


def answers_of(draft: GuideDraft, user_id: int) -> dict[str, Any]:
    """What the user has filled in in the trial of this draft; empty if nothing, or no longer."""
    found: dict[str, Any] = cache.get(answers_key(draft.uuid, user_id)) or {}
    return found


def _keep(draft: GuideDraft, user_id: int, answers: dict[str, Any]) -> None:
    cache.set(answers_key(draft.uuid, user_id), answers, HOURS * 3600)


def _guide(draft: GuideDraft) -> Guide | None:
    """The form, if every step of it has questions that can be asked."""
    guide = logic.guide_of(draft.document)
    if guide is None or not guide.steps or not all(step.fields for step in guide.steps):
        return None
    try:
        for step in guide.steps:
            StepForm(step, answers={})
    except (ValueError, ArithmeticError):  # a bound of another type: reported as a fault of the form
        return None
    return guide


@audience("officer", *KEEPERS)
def form_try(request: ActorRequest, uuid: Any) -> HttpResponse:
    """From the beginning; POST forgets what was filled in."""
    draft = draft_of(request, uuid)
    guide = _guide(draft)
    if guide is None:
        context = {"draft": draft, "tabs": tabs(draft, "form_try", 0), "back": back_to(draft)}
        return render(request, "catalogue/form_try_not_yet.html", context)
    if request.method == "POST":
        cache.delete(answers_key(draft.uuid, request.actor.person))
    return redirect("catalogue:form_try_page", draft.uuid, guide.steps[0].key)


@audience("officer", *KEEPERS)
def form_try_page(request: ActorRequest, uuid: Any, page: str) -> HttpResponse:
    """One step, or the check page at the end."""
    draft = draft_of(request, uuid)
    guide = _guide(draft)
    if guide is None:
        return redirect("catalogue:form_try", draft.uuid)
    keys = [*(step.key for step in guide.steps), CHECK]
    if page not in keys:
        raise Http404
    place = keys.index(page)
    context = {
        "draft": draft,
        "back": back_to(draft),
        "tabs": tabs(draft, "form_try", 0),
        "titles": [*(step.title for step in guide.steps), _("核对")],
        "step_no": place + 1,
        "before": keys[place - 1] if place else "",
    }
    if page == CHECK:
        return _check(request, draft, guide, context)
    return _step(request, draft, guide, page, context | {"after": keys[place + 1]})


def _step(
    request: ActorRequest, draft: GuideDraft, guide: Guide, page: str, context: dict[str, Any]
) -> HttpResponse:
    answers = answers_of(draft, request.actor.person)
    try:
        form = step_form(
            guide, page, data=request.POST if request.method == "POST" else None, initial=answers
        )
    except (ValueError, ArithmeticError):  # a bound of another type: reported as a fault of the form
        return redirect("catalogue:form_logic", draft.uuid)
    if request.method == "POST":
        valid = form.is_valid() and not form.reshaped
        emptied = form.definitions.keys() - form.errors.keys()
        kept = {key: value for key, value in answers.items() if key not in emptied}
        _keep(draft, request.actor.person, kept | form.to_json())
        if valid:
            return redirect("catalogue:form_try_page", draft.uuid, context["after"])
        if form.reshaped:
            form.forgive()
    words = _("正式办理时，由申请人的账户资料自动填好。")
    rows = [
        {
            "field": field,
            "source": words if guide.field(field.name).prefill else "",
            "show_if": getattr(field.field, "show_if", None),
        }
        for field in form
    ]
    context |= {"form": form, "step": form.step, "rows": rows}
    return render(request, "catalogue/form_try.html", context, status=422 if form.errors else 200)


def _check(request: ActorRequest, draft: GuideDraft, guide: Guide, context: dict[str, Any]) -> HttpResponse:
    kept, errors = clean_answers(guide, answers_of(draft, request.actor.person))
    steps = {field.key: field.step for field in guide.fields()}
    labels = {field.key: field.label for field in guide.fields()}
    context |= {
        "sections": review(guide, kept, masked=False),
        "json": json.dumps(kept, ensure_ascii=False, indent=2),
        "faults": [
            {
                "url": _address(draft, steps.get(key, guide.steps[0].key), key),
                "words": _named(labels.get(key, key), word),
            }
            for key, words in errors.items()
            for word in words
        ],
    }
    return render(request, "catalogue/form_try_check.html", context)


def _named(label: str, word: str) -> str:
    return word if label in word else _("%(label)s：%(words)s") % {"label": label, "words": word}


def _address(draft: GuideDraft, step: str, key: str) -> str:
    return f"{reverse('catalogue:form_try_page', args=[draft.uuid, step])}#id_{key}"


@require_safe
@audience("officer", *KEEPERS)
def form_try_answers(request: ActorRequest, uuid: Any) -> HttpResponse:
    """The answers of the own trial, as the API takes them, and what is wrong with them."""
    draft = draft_of(request, uuid)
    guide = _guide(draft)
    if guide is None:
        raise Http404
    kept, errors = clean_answers(guide, answers_of(draft, request.actor.person))
    answer = JsonResponse({"answers": kept, "errors": errors}, json_dumps_params={"ensure_ascii": False})
    answer["Cache-Control"] = "no-store"
    return answer
