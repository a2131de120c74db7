"""What changes of the directory mean for running cases: nothing, unless the change says that it relieves them or that
they are to be ended. Nothing here ends a case, and nothing is ever asked for besides.
"""

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from applications import papers
from applications.models import Application, ApplicationQuerySet
from matters import codes
from matters.changes.actions import note_told
from matters.checks import DAYS_IN
from matters.models import DirectoryChange
from support.notices import actions as notices
from support.places.models import Role
from support.records.actor import Actor

BATCH = 20
Effect = DirectoryChange.Effect
_TERMS = {"promised": _("承诺办结时限"), "statutory": _("法定办结时限")}


@dataclass(frozen=True)
class Relief:
    """What a case is spared: `materials` its own guide asks for and the one in force does not, `terms` that became
    shorter as (name, former, present). Both may be empty: then the change has its words only."""

    change: DirectoryChange
    materials: tuple[str, ...]
    terms: tuple[tuple[str, str, str], ...]


def relief(case: Application, now: dt.datetime) -> Relief | None:
    """What a change since receipt relieves the running case of."""
    if case.closed_at:
        return None
    since = DirectoryChange.objects.filter(
        state=DirectoryChange.State.APPROVED, effect=Effect.RELIEVE, entries=case.matter.directory_id,
        in_force_from__gt=case.received_at, in_force_from__lte=now,
    )  # fmt: skip
    change = since.order_by("-in_force_from").first()
    if change is None:
        return None
    version = case.matter.versions.in_force(now).first()
    stamped = change.made.filter(entry=case.matter.directory_id).first()
    if version is None or stamped is None or _directory_version(version.document) < stamped.version:
        return Relief(change, (), ())
    former, present = case.guide.said, version.said
    wanted = {material.key for material in present.materials if material.required}
    spared = tuple(m.name for m in former.materials if m.required and m.key not in wanted)
    pairs = [
        (name, former.document["terms"].get(name), present.document["terms"].get(name)) for name in _TERMS
    ]
    terms = tuple(
        (str(_TERMS[name]), codes.term(was), codes.term(now_is))
        for name, was, now_is in pairs
        if was and now_is and _days(now_is) < _days(was)
    )
    return Relief(change, spared, terms)


def to_be_ended(actor: Actor, now: dt.datetime) -> ApplicationQuerySet:
    """Running cases of the actor's agencies whose basis was repealed: each is ended by a written, reasoned decision
    of an approver, or not at all."""
    repealed = DirectoryChange.objects.filter(
        state=DirectoryChange.State.APPROVED, effect=Effect.END, in_force_from__lte=now
    )
    cases = Application.objects.visible_to(actor).open().filter(matter__directory__changes__in=repealed)
    return cases.select_related("guide", "agency", "matter__directory").order_by("received_at", "id")


def tell(now: dt.datetime) -> int:
    """Tell those concerned of changes that have come into force since the last look; returns how many changes."""
    due = DirectoryChange.objects.filter(
        state=DirectoryChange.State.APPROVED, effect_told_at=None, in_force_from__lte=now
    ).exclude(effect=Effect.KEEP)
    changes = list(due.order_by("in_force_from")[:BATCH])
    for change in changes:
        with transaction.atomic():
            _tell(change, now)
            note_told(change, now=now)
    if changes:
        notices.wake()
    return len(changes)


def _tell(change: DirectoryChange, now: dt.datetime) -> None:
    directory = change.entries.values("pk")
    cases = Application.objects.open().filter(
        matter__directory__in=directory, received_at__lt=change.in_force_from
    )
    if change.effect == Effect.END:
        for agency_id in cases.order_by("agency_id").values_list("agency_id", flat=True).distinct():
            notices.tell_officers(
                agency_id, Role.APPROVER, "cases_to_end", key=f"change:{change.uuid}:{agency_id}",
                context={"matter": _names(change)}, url=reverse("applications:repealed"), now=now,
            )  # fmt: skip
        return
    for case in cases.select_related("guide").iterator(chunk_size=500):
        notices.tell_party(
            case.party_id, "case_relieved", key=f"change:{change.uuid}:{case.uuid}",
            context={"number": case.number, "matter": case.guide.document["name"]},
            url=papers.case_url(case), now=now, agency_id=case.agency_id,
        )  # fmt: skip


def _names(change: DirectoryChange) -> str:
    return "、".join(change.entries.order_by("pk").values_list("name", flat=True))


def _directory_version(document: dict[str, object]) -> int:
    identity = document["identity"]
    return int(identity["directory_version"]) if isinstance(identity, dict) else 0


def _days(term: dict[str, object]) -> float:
    return float(term["amount"]) * DAYS_IN[str(term["unit"])]  # type: ignore[arg-type]
