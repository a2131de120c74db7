"""Keeping the material library, and using it in drafts: chosen, brought up to date, made the guide's own."""

import copy
import datetime as dt
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from matters.editing import actions as editing
from matters.editing import keys
from matters.editing.actions import DraftRefused
from matters.editing.elements import BY_KEY
from matters.editing.paths import get
from matters.editing.references import SHARED
from matters.guides import SOURCE
from matters.models import GuideDraft, LibraryMaterial
from support.places.models import Agency, Role
from support.records import actions as records
from support.records.actor import Actor

Elements = dict[str, Any]
(GROUP,) = BY_KEY["materials"].groups


@transaction.atomic
def keep(
    row: LibraryMaterial | None,
    elements: Elements,
    *,
    agency: Agency,
    shared: bool,
    active: bool = True,
    seen: int = 0,
    actor: Actor,
    now: dt.datetime,
) -> LibraryMaterial:
    """Keep a definition, new or changed; guides that use it are not touched. Raises PermissionDenied, DraftRefused."""
    if row:
        row = LibraryMaterial.objects.select_for_update().get(pk=row.pk)
        agency = row.agency
    if not actor.holds(Role.EDITOR, agency.pk):
        raise PermissionDenied(_("您不是该机关的事项编辑。"))
    if row and row.revision != seen:
        raise DraftRefused(
            _("%(name)s 刚刚保存了这份材料，您的修改没有保存。请核对最新内容后再改。")
            % {"name": row.updated_by.name}
        )
    name = get(elements, ("name", SOURCE))
    if not name:
        raise DraftRefused(_("请填写材料名称"))
    row = row or LibraryMaterial(agency=agency, revision=0)
    row.revision, row.name, row.elements = row.revision + 1, name[:200], elements
    row.shared, row.is_active, row.updated_at, row.updated_by_id = shared, active, now, actor.person
    row.save()
    records.write(
        "matters.library",
        actor=actor,
        target=f"matters.librarymaterial:{row.uuid}",
        agency_id=agency.pk,
        details={"revision": row.revision, "shared": shared, "active": active},
        at=now,
    )
    return row


def choose(
    draft: GuideDraft, row: LibraryMaterial, *, seen: int, actor: Actor, now: dt.datetime
) -> GuideDraft:
    """从材料库选用: a further material of the draft, a copy of the definition with a reference to it."""
    materials = list(draft.document.get("materials") or [])
    new = {"key": keys.fresh(draft, GROUP), **copy.deepcopy(row.elements), "library": row.reference}
    document = {**draft.document, "materials": [*materials, new]}
    return editing.save(draft, document, seen=seen, actor=actor, now=now)


def renew(
    draft: GuideDraft, key: str, row: LibraryMaterial, *, seen: int, actor: Actor, now: dt.datetime
) -> GuideDraft:
    """The material of that key takes what the library says of it today; what is the guide's own stays."""

    def renewed(material: Elements) -> Elements:
        tops = {element.steps[0] for element in SHARED}
        own = {name: value for name, value in material.items() if name not in tops}
        return {**own, **copy.deepcopy(row.elements), "library": row.reference}

    return _with(draft, key, renewed, seen=seen, actor=actor, now=now)


def detach(draft: GuideDraft, key: str, *, seen: int, actor: Actor, now: dt.datetime) -> GuideDraft:
    """The material of that key becomes the guide's own: it can be edited, and no longer follows the library."""

    def detached(material: Elements) -> Elements:
        return {name: value for name, value in material.items() if name != "library"}

    return _with(draft, key, detached, seen=seen, actor=actor, now=now)


def _with(
    draft: GuideDraft, key: str, change: Any, *, seen: int, actor: Actor, now: dt.datetime
) -> GuideDraft:
    materials = draft.document.get("materials") or []
    if all(material.get("key") != key for material in materials):
        raise DraftRefused(_("这一项已经不在了。"))
    changed = [change(material) if material.get("key") == key else material for material in materials]
    return editing.save(draft, {**draft.document, "materials": changed}, seen=seen, actor=actor, now=now)
