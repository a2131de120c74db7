"""Stable keys: what a case, a certificate or a situation refers to is never called something else later."""

from collections.abc import Iterator
from typing import Any

from matters.editing.sections import Group
from matters.models import GuideDraft


def fresh(draft: GuideDraft, group: Group) -> str:
    """`m1`, `m2` …: the first key that neither the draft nor any version of the matter has had in such a list."""
    documents = [draft.document, *draft.matter.versions.values_list("document", flat=True)]
    used = {key for document in documents for key in _keys(document, group)}
    return next(key for n in range(1, len(used) + 2) if (key := f"{group.prefix}{n}") not in used)


def _keys(node: Any, group: Group) -> Iterator[str]:
    """The keys of every list of that name in a document."""
    if isinstance(node, list):
        for item in node:
            yield from _keys(item, group)
    elif isinstance(node, dict):
        for name, part in node.items():
            if name == group.path and isinstance(part, list):
                yield from (item[group.key] for item in part if isinstance(item, dict) and group.key in item)
            yield from _keys(part, group)
