"""What a draft has from the material library, compared with the library as it is now."""

import re
from typing import Any

from django.utils.translation import gettext as _

from matters.checks import Problem
from matters.editing.elements import BY_KEY
from matters.editing.paths import get, put
from matters.models import GuideDraft, LibraryMaterial

Elements = dict[str, Any]
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
(_MATERIALS,) = BY_KEY["materials"].groups
SHARED = tuple(element for element in _MATERIALS.elements if element.shared)


def shared_of(material: Elements) -> Elements:
    """The elements of a material that the library defines."""
    found: Elements = {}
    for element in SHARED:
        if (value := get(material, element.steps)) is not None:
            found = put(found, element.steps, value)
    return found


def referred(draft: GuideDraft) -> dict[str, LibraryMaterial]:
    """The definitions to which the materials of a draft refer, by uuid; one query."""
    named = {str(get(material, ("library", "uuid"))) for material in draft.document.get("materials") or []}
    uuids = {name for name in named if _UUID.fullmatch(name)}
    if not uuids:
        return {}
    return {str(row.uuid): row for row in LibraryMaterial.objects.filter(uuid__in=uuids)}


def differing(draft: GuideDraft) -> list[Problem]:
    """References to no definition, and copies of the definition of today that say something else."""
    known, found = referred(draft), []
    for n, material in enumerate(draft.document.get("materials") or []):
        if not (reference := material.get("library")):
            continue
        row = known.get(reference["uuid"])
        if row is None or reference["revision"] > row.revision:
            found.append(Problem(f"materials[{n}].library", _("材料库中没有这一版，请重新选用")))
        elif reference["revision"] == row.revision and shared_of(material) != row.elements:
            found.append(
                Problem(f"materials[{n}].library", _("与材料库的内容不一致，请重新选用或者改为本指南自有"))
            )
    return found
