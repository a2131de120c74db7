"""Steps and fields of a draft's form: found, added, moved, copied, removed. Works on the document handed in."""

import copy
import re
from collections.abc import Collection, Iterator
from typing import Any

from django.utils.translation import gettext as _

from matters.guides import SOURCE
from matters.models import GuideDraft, Matter

Node = dict[str, Any]


def steps_of(document: Node) -> list[Node]:
    """The steps; a document without a form gets an empty one."""
    steps: list[Node] = document.setdefault("form", {}).setdefault("steps", [])
    return steps


def fields_of(document: Node) -> Iterator[Node]:
    for step in steps_of(document):
        yield from step["fields"]


def step_of(document: Node, key: str) -> Node | None:
    return next((step for step in steps_of(document) if step["key"] == key), None)


def field_of(document: Node, key: str) -> tuple[Node, Node] | None:
    """A field with the step in which it stands."""
    pairs = ((step, field) for step in steps_of(document) for field in step["fields"])
    return next((pair for pair in pairs if pair[1]["key"] == key), None)


def earlier(document: Node, key: str, step_key: str = "") -> list[Node]:
    """The fields before one; for a field yet to be added, all up to the end of its step."""
    found: list[Node] = []
    for step in steps_of(document):
        for field in step["fields"]:
            if field["key"] == key:
                return found
            found.append(field)
        if step["key"] == step_key:
            return found
    return found


# --- keys ------------------------------------------------------------------------------------------


def taken_keys(matter: Matter, document: Node) -> set[str]:
    """Keys of steps, fields and options that the matter has ever published, or that the draft uses."""
    forms = [*matter.versions.values_list("document__form", flat=True), document.get("form")]
    return {key for form in forms for key in _keys(form)}


def published_fields(draft: GuideDraft) -> dict[str, str]:
    """Keys of fields that some version asked, with their type: neither may become another."""
    found: dict[str, str] = {}
    for form in draft.matter.versions.order_by("version").values_list("document__form", flat=True):
        found |= {field["key"]: field["type"] for step in form["steps"] for field in step["fields"]}
    return found


def _keys(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        yield from (
            value for name, value in node.items() if name in ("key", "value") and isinstance(value, str)
        )
        node = list(node.values())
    if isinstance(node, list):
        for child in node:
            yield from _keys(child)


def new_key(english: str, taken: Collection[str], letter: str) -> str:
    """A key that was never used: the words of the English label, or a letter and a number."""
    words = "_".join(re.findall(r"[a-z0-9]+", english.lower()))[:34].strip("_")
    stem = words if re.match(r"[a-z]", words) else ""
    if stem and stem not in taken:
        return stem
    numbers = (f"{stem}_{n}" if stem else f"{letter}{n}" for n in range(2 if stem else 1, len(taken) + 3))
    return next(key for key in numbers if key not in taken)


# --- changes ---------------------------------------------------------------------------------------


def change(document: Node, do: str, taken: Collection[str]) -> str | None:
    """Carry out one button of the structure; the key to show then, "" for none. None: nothing to do.

    `do`: up, down, copy, drop of `step:<key>` or `field:<key>`, or `to:<field>:<step>`.
    """
    verb, _colon, rest = do.partition(":")
    what, _colon, key = rest.partition(":")
    if verb == "to":
        return _to(document, what, key)
    siblings = _siblings(document, what, key)
    if siblings is None:
        return None
    place = [node["key"] for node in siblings].index(key)
    if verb in ("up", "down"):
        other = place + (1 if verb == "down" else -1)
        if not 0 <= other < len(siblings):
            return None
        siblings[place], siblings[other] = siblings[other], siblings[place]
        return key
    if verb == "copy" and what == "field":
        twin = copy.deepcopy(siblings[place])
        twin["key"] = new_key(twin["label"].get("en", ""), taken, "f")
        twin["label"] = {SOURCE: _("%(label)s（副本）") % {"label": twin["label"][SOURCE]}}
        siblings.insert(place + 1, twin)
        return str(twin["key"])
    if verb == "drop":
        del siblings[place]
        return ""
    return None


def _siblings(document: Node, what: str, key: str) -> list[Node] | None:
    if what == "step":
        return steps_of(document) if step_of(document, key) else None
    found = field_of(document, key) if what == "field" else None
    return found[0]["fields"] if found else None


def _to(document: Node, key: str, step_key: str) -> str | None:
    found, target = field_of(document, key), step_of(document, step_key)
    if not found or target is None or target is found[0]:
        return None
    found[0]["fields"].remove(found[1])
    target["fields"].append(found[1])
    return key
