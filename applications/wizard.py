"""The steps of an application as pages: the form's own steps, the materials, the check page."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from applications.models import Draft
from matters.guides import NO_CHOICES, Choices, Field, Guide, Material
from matters.situations import PLACE
from support.accounts.masking import mask_number, mask_phone
from support.places.models import Region

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


MASKS: dict[str, Callable[[str], str]] = {"idnumber": mask_number, "phone": mask_phone}


def review(
    guide: Guide, answers: Mapping[str, Any], *, masked: bool, situations: Choices = NO_CHOICES
) -> list[dict[str, Any]]:
    """Sections of answers: title, page key and rows of (label, value in words).

    `masked` hides identity and telephone numbers; only whoever must check them sees them whole.
    """
    chosen = [
        {"label": each.question, "value": each.say(situations.get(each.key, ""))} for each in guide.situations
    ]
    first = [{"key": SITUATIONS, "title": _("情形"), "rows": chosen}] if chosen else []
    return first + [
        {
            "key": step.key,
            "title": step.title,
            "rows": [
                {"label": field.label, "value": in_words(field, answers.get(field.key), masked=masked)}
                for field in step.fields
                if field.shown(dict(answers))
            ],
        }
        for step in guide.steps
    ]


def in_words(field: Field, value: Any, *, masked: bool = False) -> str:
    """A stored answer as a person reads it; empty for none."""
    if masked and field.type in MASKS:
        return MASKS[field.type](field.say(value))
    if field.type == "region" and value:
        region = Region.objects.select_related("parent").filter(code=value).first()
        return f"{region.parent or ''}{region}" if region else str(value)
    if field.type == "declaration":
        return _("已确认") if value else ""
    said = field.say(value)
    return f"{said} {field.unit}".strip() if said else ""
