"""长辈版: one question on each page, in the order of the form. The same draft and the same steps as otherwise.

A place is a page of the wizard and, where the page is gone through one by one, the key of a question or a
material on it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from applications.models import Draft
from applications.wizard import CHECK, MATERIALS, Page
from matters.forms import step_form
from matters.guides import Choices, Field, Guide

Place = tuple[str, str]


def one_by_one(request: HttpRequest, draft: Draft) -> bool:
    """Not at a window, where an officer fills in."""
    return draft.agency_id is None and request.COOKIES.get("mode") == "elder"


def asked(guide: Guide, answers: Mapping[str, Any]) -> list[Field]:
    """The questions that are asked under these answers; an answer to one that is not asked decides nothing."""
    found: list[Field] = []
    kept: dict[str, Any] = {}
    for field in guide.fields():
        if field.shown(kept):
            found.append(field)
            kept |= {field.key: answers[field.key]} if field.key in answers else {}
    return found


def trail(
    guide: Guide, all_pages: Sequence[Page], answers: Mapping[str, Any], situations: Choices
) -> list[Place]:
    """Every place in order. A step of which nothing is asked is left out."""
    split: dict[str, list[str]] = {step.key: [] for step in guide.steps}
    for field in asked(guide, answers):
        split[field.step].append(field.key)
    split[MATERIALS] = [material.key for material in guide.uploads_for(situations)]
    return [(page.key, key) for page in all_pages for key in split.get(page.key, [""])]


def elsewhere(
    request: HttpRequest, draft: Draft, all_pages: Sequence[Page], places: Sequence[Place], here: Place
) -> str:
    """Where this request belongs in the mode in use: the address, or nothing when it is right here."""
    page, question = here
    if question:
        if here not in places:
            return url(draft, (page, ""), request)
        moved = request.method == "GET" and not one_by_one(request, draft)
        return f"{url(draft, (page, ''), request)}#id_{question}" if moved else ""
    if request.method != "GET" or not one_by_one(request, draft) or here in places:
        return ""
    order = [each.key for each in all_pages]
    return url(draft, next(p for p in places if order.index(p[0]) >= order.index(page)), request)


def url(draft: Draft, place: Place, request: HttpRequest | None = None, *, back: bool = False) -> str:
    """The address of a place; on the way back to the check page if `back`, or if the request is."""
    page, question = place
    name = "applications:draft_question" if question else draft.route
    path = reverse(name, args=[draft.uuid, page, question] if question else [draft.uuid, page])
    return f"{path}?back={CHECK}" if back or (request and request.GET.get("back") == CHECK) else path


def where(draft: Draft, places: Sequence[Place], key: str) -> str:
    """The address of the question or material with this key; empty where they are not gone through one by one."""
    place = next((place for place in places if key and place[1] == key), None)
    return url(draft, place, back=True) if place else ""


def following(
    request: HttpRequest,
    draft: Draft,
    places: Sequence[Place],
    here: Place,
    open_question: Place | None = None,
) -> str:
    """The place after `here`. On the way back to the check page: that, or a question opened by the answer."""
    if request.GET.get("back") == CHECK:
        return url(draft, open_question, back=True) if open_question else url(draft, (CHECK, ""))
    after = list(places).index(here) + 1
    return url(draft, places[after]) if after < len(places) else ""


def preceding(draft: Draft, places: Sequence[Place], here: Place) -> str:
    before = list(places).index(here) - 1
    return url(draft, places[before]) if before >= 0 else ""


def unanswered(guide: Guide, answers: Mapping[str, Any]) -> Place | None:
    """The first question that must be answered and is not."""
    return next(((f.step, f.key) for f in asked(guide, answers) if f.required and f.key not in answers), None)


def completes(guide: Guide, draft: Draft, here: Place, answers: Mapping[str, Any]) -> bool:
    """Whether the step is done with this answer: all of it is valid, and gone through to its last question."""
    step, question = here
    last = [field.key for field in asked(guide, answers) if field.step == step][-1:]
    form = step_form(guide, step, initial=answers)
    return (step in draft.steps_done or last == [question]) and form.filled(answers).is_valid()
