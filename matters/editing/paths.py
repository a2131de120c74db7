"""Places in a document: steps of names and numbers, written `materials[2].name` by the checks."""

import copy
import re
from typing import Any

Path = tuple[str | int, ...]
_STEP = re.compile(r"[^.\[\]]+")
_INDEX = re.compile(r"[0-9]{1,6}", re.ASCII)


def steps(written: str) -> Path:
    """`materials[2].name` or `materials.2.name` as steps; empty for the whole document."""
    return tuple(int(step) if _INDEX.fullmatch(step) else step for step in _STEP.findall(written))


def get(document: Any, path: Path) -> Any:
    """What stands there; None where there is nothing."""
    for step in path:
        if isinstance(step, int):
            fits = isinstance(document, list) and step < len(document)
        else:
            fits = isinstance(document, dict) and step in document
        if not fits:
            return None
        document = document[step]
    return document


def put(document: Any, path: Path, value: Any) -> Any:
    """A copy of the document with `value` there; None takes away what stood there, and what is left empty.

    Objects on the way are made. An item of a list may be replaced or, one past the end, appended.
    """
    if not path:
        return value
    first, rest = path[0], path[1:]
    if isinstance(first, int):
        items: list[Any] = list(document) if isinstance(document, list) else []
        old = items[first] if first < len(items) else None
        items[first : first + 1] = [put(old, rest, value)]
        return items
    parts: dict[str, Any] = dict(document) if isinstance(document, dict) else {}
    new = put(parts.get(first), rest, value)
    if new is None or (new == {} and rest):
        parts.pop(first, None)
    else:
        parts[first] = copy.deepcopy(new)
    return parts
