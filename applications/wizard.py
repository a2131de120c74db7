"""The steps of an application as pages: the form's own steps, the materials, the check page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from applications.models import Draft
from matters.answers import review as answers_in_words
from matters.guides import NO_CHOICES, Choices, Guide, Material
from matters.situations import PLACE

SITUATIONS = "your-situation"  # no step of a form can have this key
MATERIALS = "materials"
CHECK = "check"


@dataclass(frozen=True)
class Page:
    key: str
    title: str
    done: bool = False
    current: bool = False


def asked_for(guide: Guide, choices: Choices, *, at_window: bool) -> tuple[Material, ...]:
    """The materials asked for in a situation: as files online; at a window on paper too."""
    return guide.at_window_for(choices) if at_window else guide.uploads_for(choices)


def asked_of(draft: Draft, guide: Guide) -> tuple[Material, ...]:
    """Those of a draft, in the words of a guide."""
    return asked_for(guide, draft.situations, at_window=draft.agency_id is not None)


def pages(guide: Guide, draft: Draft | None = None, current: str = "") -> list[Page]:
    """Every page of the wizard in order, with where the applicant stands."""
    done = set(draft.steps_done) if draft else set()
    keys = [(SITUATIONS, _("您的情形"))] if guide.situations else []
    keys += [(step.key, step.title) for step in guide.steps]
    if asked_of(draft, guide) if draft else guide.uploads:
        keys.append((MATERIALS, _("申请材料")))
    keys.append((CHECK, _("核对并提交")))
    return [Page(key, title, done=key in done, current=key == current) for key, title in keys]


def neighbours(all_pages: Sequence[Page], key: str) -> tuple[str, str]:
    """Keys of the page before and after `key`; empty at the ends."""
    keys = [page.key for page in all_pages]
    place = keys.index(key)
    before = keys[place - 1] if place else ""
    after = keys[place + 1] if place + 1 < len(keys) else ""
    return before, after


def first_open(all_pages: Sequence[Page]) -> str:
    """The first page not yet done: where a returning applicant goes on."""
    return next((page.key for page in all_pages if not page.done), CHECK)


def page_of_error(guide: Guide, key: str) -> str:
    """The page on which an error about this field, material or question of 情形 is mended."""
    if key.startswith(f"{PLACE}."):
        return SITUATIONS
    for step in guide.steps:
        if any(field.key == key for field in step.fields):
            return step.key
    return MATERIALS


def review(
    guide: Guide, answers: Mapping[str, Any], *, masked: bool, situations: Choices = NO_CHOICES
) -> list[dict[str, Any]]:
    """The answers about the situation, then those of the form, in sections (see `matters.answers.review`)."""
    chosen = [
        {"label": each.question, "value": each.say(situations.get(each.key, ""))} for each in guide.situations
    ]
    first = [{"key": SITUATIONS, "title": _("情形"), "rows": chosen}] if chosen else []
    return first + answers_in_words(guide, answers, masked=masked)
