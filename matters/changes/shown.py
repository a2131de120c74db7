"""What the pages say of the directory's history: states at an instant, what became of an entry, what is planned."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.fields.json import KT
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from matters import codes
from matters.models import DirectoryChange, DirectoryEntry, DirectoryVersion, GuideVersion, Lineage, Matter
from support.places.models import Agency, Role
from support.records.actor import Actor

State = DirectoryEntry.State
TONES = {State.IN_USE: "ok", State.SUSPENDED: "warn", State.CANCELLED: "calm"}


@dataclass(frozen=True)
class Closed:
    """Why a matter may not be applied for: the suspension that holds it, or what took the place of its entry."""

    suspended: bool
    suspension: DirectoryChange | None = None
    became: tuple[DirectoryEntry, ...] = ()


def closed(entry: DirectoryEntry, at: dt.datetime) -> Closed:
    state = entry.as_of(at).state
    if state == State.SUSPENDED:
        made = entry.changes.filter(kind=DirectoryChange.Kind.SUSPEND, in_force_from__lte=at)
        return Closed(True, made.exclude(state=DirectoryChange.State.LIFTED).order_by("in_force_from").last())
    became = Lineage.objects.filter(before=entry, change__in_force_from__lte=at).select_related("after")
    return Closed(False, became=tuple(row.after for row in became.order_by("after__catalog_code")))


def planned(entry: DirectoryEntry, at: dt.datetime) -> list[DirectoryVersion]:
    """The versions that are decided and begin after `at`."""
    later = entry.versions.filter(validity__startswith__gt=at).select_related("change__agency")
    return list(later.order_by("validity"))


def history(entry: DirectoryEntry, at: dt.datetime) -> list[DirectoryVersion]:
    """What has been in force up to `at`, the newest first."""
    begun = entry.versions.ever_in_force().exclude(validity__startswith__gt=at)
    return list(begun.select_related("change__agency").order_by("-version"))


def lineage(entry: DirectoryEntry) -> list[Lineage]:
    """Where the entry came from and what became of it, planned ones too."""
    rows = Lineage.objects.filter(before=entry) | Lineage.objects.filter(after=entry)
    return list(rows.select_related("before", "after", "change").order_by("pk"))


def facts(row: DirectoryEntry | DirectoryVersion) -> list[tuple[str, str]]:
    """The facts of an entry in words; what is not known is left out."""
    entry = row if isinstance(row, DirectoryEntry) else row.entry
    found: list[tuple[str, Any]] = [
        (_("基本编码"), entry.catalog_code),
        (_("地方基本编码"), row.local_catalog_code),
        (_("事项类型"), codes.TASK_TYPES.get(row.task_type, row.task_type)),
        (_("行使层级"), codes.listed(codes.USE_LEVELS, row.use_level.split("^")) if row.use_level else ""),
        (_("设定依据"), row.by_law),
        (_("部门"), row.department),
    ]
    return [(name, str(value)) for name, value in found if value]


def outdated(actor: Actor, at: dt.datetime) -> list[Matter]:
    """The lists of the actor's agencies whose published guide was stamped before the directory last changed
    what they inherit; `entry_version` is the version to catch up with."""
    guides = GuideVersion.objects.in_force(at).filter(matter=OuterRef("pk"))
    stamped = guides.annotate(seen=Cast(KT("document__identity__directory_version"), IntegerField()))
    current = DirectoryVersion.objects.filter(entry=OuterRef("directory"), validity__contains=at)
    rows = Matter.objects.filter(agency__in=actor.agencies_with(Role.EDITOR)).annotate(
        seen=Subquery(stamped.values("seen")[:1]), entry_version=Subquery(current.values("facts_version")[:1])
    )
    behind = rows.filter(seen__lt=F("entry_version")).select_related("directory", "agency")
    return list(behind.order_by("task_code"))


def succeeded(actor: Actor, at: dt.datetime) -> list[Lineage]:
    """What took the place of entries that the actor's agencies had claimed, and that they have yet to claim."""
    own = actor.agencies_with(Role.EDITOR)
    had = Matter.objects.filter(agency__in=own, directory=OuterRef("before"))
    has = Matter.objects.filter(agency__in=own, directory=OuterRef("after"))
    rows = Lineage.objects.filter(Exists(had), ~Exists(has), change__in_force_from__lte=at)
    return list(rows.select_related("before", "after", "change").order_by("pk"))


def agencies(actor: Actor, *roles: str) -> "QuerySet[Agency]":
    """The agencies for which the actor holds one of the roles, those of the highest level first."""
    rows = Agency.objects.filter(pk__in=actor.agencies_with(*roles), is_active=True)
    return rows.select_related("region__parent__parent").order_by("level", "pk")
