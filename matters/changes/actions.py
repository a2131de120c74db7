"""The life of a request to change the directory: proposed, reviewed by several departments, in force at its time;
and the emergency suspension, which is in force first and reviewed afterwards.

Every verb locks the request, asks who acts and in which state, and compares the revision that was seen.
"""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from matters import ranks
from matters.changes import versions
from matters.changes.rules import may_touch, problems
from matters.checks import Problem
from matters.editing.panels import FEWEST, panel
from matters.editing.reviews import Refused, Standing, speak
from matters.models import ChangedEntry, ChangeReview, DirectoryChange, DirectoryEntry, ReviewingAgency
from support.calendars.actions import calendar_for
from support.calendars.terms import Term, Unit
from support.places.models import Agency, Role
from support.records import actions as records
from support.records.actor import Actor

Kind, State, Effect = DirectoryChange.Kind, DirectoryChange.State, DirectoryChange.Effect
REVIEWED_WITHIN = Term(5, Unit.WORKDAY)  # an emergency suspension, after it took effect


class ChangeRefused(Refused):
    """The step cannot be taken on the request."""


class StaleChange(ChangeRefused):
    """Somebody else saved in between: nothing was overwritten. `change` is as it is now."""

    def __init__(self, change: DirectoryChange) -> None:
        self.change = change
        name = change.updated_by.name if change.updated_by else ""
        super().__init__(
            _("%(name)s 刚刚改动了这份申请，您的操作没有执行。请核对最新内容后再试。") % {"name": name}
        )


@dataclass(frozen=True)
class Content:
    """What is asked for. `proposed`: the facts of the entries that come about."""

    entries: tuple[DirectoryEntry, ...] = ()
    reason: str = ""
    basis: str = ""
    proposed: list[dict[str, Any]] = field(default_factory=list)
    effect: str = Effect.KEEP
    effect_note: str = ""
    starts_at: dt.datetime | None = None
    resumes_on: dt.date | None = None


# --- proposing -----------------------------------------------------------------------------------


@transaction.atomic
def propose(
    kind: str, agency: Agency, content: Content, *, actor: Actor, now: dt.datetime
) -> DirectoryChange:
    """Begin a request; it need not be complete. Raises PermissionDenied."""
    if not actor.holds(Role.EDITOR, agency.pk):
        raise PermissionDenied(_("您不是该机关的事项编辑。"))
    change = DirectoryChange.objects.create(
        kind=kind,
        agency=agency,
        editors=[actor.person],
        created_at=now,
        updated_at=now,
        updated_by_id=actor.person,
        **_columns(content),
    )
    _concern(change, content.entries)
    _record("directory.propose", change, actor, now)
    return change


@transaction.atomic
def save(
    change: DirectoryChange, content: Content, *, seen: int, actor: Actor, now: dt.datetime
) -> DirectoryChange:
    """Keep a new state of the request. Raises PermissionDenied, StaleChange, ChangeRefused."""
    change = _own(change, seen, actor, State.DRAFT)
    for name, value in _columns(content).items():
        setattr(change, name, value)
    _concern(change, content.entries)
    change.editors = sorted({*change.editors, actor.person})
    return _kept(change, "directory.edit", actor, now)


@transaction.atomic
def submit(change: DirectoryChange, *, seen: int, actor: Actor, now: dt.datetime) -> DirectoryChange:
    """送审: ask every department of the panel, side by side. From here on no second request may concern the same
    entries. Raises PermissionDenied, StaleChange, ChangeRefused."""
    change = _own(change, seen, actor, State.DRAFT)
    departments = panel(change.agency)
    if len(departments) < FEWEST:
        raise ChangeRefused(_("本地区还没有设定至少两个审核部门，不能送审。"))
    entries = _entries(change)
    if change.starts_at and change.starts_at < now:
        raise ChangeRefused(
            _("计划生效时间已经过去，请修改。"), [Problem("starts_at", _("计划生效时间已经过去。"))]
        )
    if broken := problems(change, entries, at=change.starts_at or now):
        raise ChangeRefused(_("还有 %(n)s 处需要修改，改好后才能送审。") % {"n": len(broken)}, broken)
    _reserve(change, entries, now)
    change.state, change.round = State.REVIEW, change.round + 1
    _ask(change, departments)
    return _kept(change, "directory.submit", actor, now)


@transaction.atomic
def take_back(change: DirectoryChange, *, seen: int, actor: Actor, now: dt.datetime) -> DirectoryChange:
    """撤回送审: back to the draft; a new review is then needed."""
    change = _own(change, seen, actor, State.REVIEW)
    if change.emergency:
        raise ChangeRefused(_("紧急暂停已经生效，由审核部门补审，不能撤回。"))
    change.state = State.DRAFT
    change.concerned.update(open=False)
    return _kept(change, "directory.take_back", actor, now)


@transaction.atomic
def drop(change: DirectoryChange, *, seen: int, actor: Actor, now: dt.datetime) -> None:
    """Give the draft up."""
    change = _own(change, seen, actor, State.DRAFT)
    change.state = State.DROPPED
    _kept(change, "directory.drop", actor, now)


# --- review --------------------------------------------------------------------------------------


@transaction.atomic
def review(
    change: DirectoryChange,
    agency: Agency,
    outcome: str,
    *,
    comment: str,
    seen: int,
    actor: Actor,
    now: dt.datetime,
) -> DirectoryChange:
    """One department agrees, or returns the request with its reasons. The last to agree puts it in force at its
    time; one return sends it back, or lifts an emergency suspension. Raises PermissionDenied, ChangeRefused."""
    change = _locked(change, seen, State.REVIEW)
    standing = speak(
        change.reviews.filter(round=change.round), agency, outcome, comment=comment, refuse=ChangeRefused,
        wrote=_("您参与了申请，不能审核。") if actor.user_id in change.editors else "", actor=actor, now=now,
    )  # fmt: skip
    if standing is Standing.RETURNED:
        _return(change, now)
    elif standing is Standing.AGREED:
        _approve(change, now)
    else:  # the others see the same request as before
        _record(f"directory.review.{outcome}", change, actor, now)
        return change
    return _kept(change, f"directory.review.{outcome}", actor, now, by=False)


def _return(change: DirectoryChange, now: dt.datetime) -> None:
    entries = _entries(change)
    change.concerned.update(open=False)
    if not change.emergency:
        change.state = State.DRAFT
        return
    change.state = State.LIFTED
    for entry in entries:
        versions.release(entry, change, at=now)
    DirectoryEntry.objects.project(now, [entry.pk for entry in entries])


def _approve(change: DirectoryChange, now: dt.datetime) -> None:
    """In force at its planned time, or now if that has passed. Checked once more: the directory may have moved."""
    change.state = State.APPROVED
    if change.emergency:
        return
    at = max(change.starts_at or now, now)
    entries = _entries(change)
    if broken := problems(change, entries, at=at):
        raise ChangeRefused(_("送审以后目录有变化，请退回修改后重新送审。"), broken)
    try:
        with transaction.atomic():
            versions.enforce(change, entries, at=at)
    except IntegrityError as error:
        raise ChangeRefused(_("送审以后目录有变化，编码已被使用，请退回修改后重新送审。")) from error
    change.in_force_from = at
    if at <= now:
        change.concerned.update(open=False)
    DirectoryEntry.objects.project(now, [entry.pk for entry in entries])


# --- emergencies ---------------------------------------------------------------------------------


def may_suspend_at_once(actor: Actor, agency: Agency, entry: DirectoryEntry) -> bool:
    """A reviewer of a reviewing department, or the head of an agency, of the level that keeps the entry."""
    if not may_touch(agency, entry):
        return False
    reviewing = ReviewingAgency.objects.filter(region=agency.region_id, agency=agency).exists()
    return actor.holds(Role.AGENCY_HEAD, agency.pk) or (reviewing and actor.holds(Role.REVIEWER, agency.pk))


@transaction.atomic
def suspend_at_once(
    entry: DirectoryEntry,
    agency: Agency,
    *,
    reason: str,
    basis: str,
    actor: Actor,
    now: dt.datetime,
    resumes_on: dt.date | None = None,
) -> DirectoryChange:
    """紧急暂停: in force now; the panel judges it within `REVIEWED_WITHIN`. Raises PermissionDenied, ChangeRefused."""
    if not may_suspend_at_once(actor, agency, entry):
        raise PermissionDenied(_("您的岗位不能紧急暂停这个事项。"))
    if not reason.strip() or not ranks.cited(basis):
        raise ChangeRefused(_("请写明紧急暂停的理由，和依据的法律、法规或者文件名称（用书名号）。"))
    entry = DirectoryEntry.objects.select_for_update().get(pk=entry.pk)
    if entry.as_of(now).state != DirectoryEntry.State.IN_USE:
        raise ChangeRefused(_("该事项现在不是“在用”，不需要紧急暂停。"))
    departments = panel(agency)
    if not departments:
        raise ChangeRefused(_("本地区没有可以补审的其他审核部门。"))
    today = timezone.localdate(now)
    change = DirectoryChange.objects.create(
        kind=Kind.SUSPEND, agency=agency, state=State.REVIEW, emergency=True, reason=reason.strip(),
        basis=basis.strip(), resumes_on=resumes_on, in_force_from=now, round=1, editors=[actor.person],
        review_due_on=calendar_for(agency.region_id).add(today, REVIEWED_WITHIN).on,
        created_at=now, updated_at=now, updated_by_id=actor.person,
    )  # fmt: skip
    ChangedEntry.objects.create(change=change, entry=entry, open=False)
    _ask(change, departments)
    versions.hold(entry, change, at=now)
    DirectoryEntry.objects.project(now, [entry.pk])
    _record("directory.suspend_at_once", change, actor, now)
    return change


def note_told(change: DirectoryChange, *, now: dt.datetime) -> None:
    """Those who have running cases have been told of the change."""
    DirectoryChange.objects.filter(pk=change.pk).update(effect_told_at=now)


# --- within --------------------------------------------------------------------------------------


def _columns(content: Content) -> dict[str, Any]:
    names = ("reason", "basis", "proposed", "effect", "effect_note", "starts_at", "resumes_on")
    return {name: getattr(content, name) for name in names}


def _concern(change: DirectoryChange, entries: Collection[DirectoryEntry]) -> None:
    change.concerned.all().delete()
    ChangedEntry.objects.bulk_create(
        [ChangedEntry(change=change, entry=entry, open=False) for entry in entries]
    )


def _entries(change: DirectoryChange) -> list[DirectoryEntry]:
    """The entries concerned, locked in the order of their keys."""
    rows = DirectoryEntry.objects.filter(pk__in=change.concerned.values("entry")).order_by("pk")
    return list(rows.select_for_update())


def _reserve(change: DirectoryChange, entries: Collection[DirectoryEntry], now: dt.datetime) -> None:
    """Hold the entries for this request; the locks on them keep out a second one until then."""
    held = ChangedEntry.objects.filter(entry__in=entries, open=True).exclude(change=change)
    held.filter(change__in_force_from__lte=now).update(open=False)
    if other := held.select_related("entry", "change__agency").first():
        raise ChangeRefused(
            _("“%(name)s”已有%(agency)s提出的“%(kind)s”申请（%(state)s），办完后才能再提。")
            % {
                "name": other.entry.name,
                "agency": other.change.agency.name,
                "kind": other.change.get_kind_display(),
                "state": other.change.get_state_display(),
            }
        )
    change.concerned.update(open=True)


def _ask(change: DirectoryChange, departments: Collection[Agency]) -> None:
    ChangeReview.objects.bulk_create(
        [ChangeReview(change=change, agency=agency, round=change.round) for agency in departments]
    )


def _own(change: DirectoryChange, seen: int, actor: Actor, *states: str) -> DirectoryChange:
    if not actor.holds(Role.EDITOR, change.agency_id):
        raise PermissionDenied(_("您不是该机关的事项编辑。"))
    return _locked(change, seen, *states)


def _locked(change: DirectoryChange, seen: int, *states: str) -> DirectoryChange:
    rows = DirectoryChange.objects.select_related("agency__region", "updated_by")
    change = rows.select_for_update(of=("self",)).get(pk=change.pk)
    if change.revision != seen:
        raise StaleChange(change)
    if change.state not in states:
        raise ChangeRefused(
            _("申请现在的状态是“%(state)s”，不能这样做。") % {"state": change.get_state_display()}
        )
    return change


def _kept(
    change: DirectoryChange, verb: str, actor: Actor, now: dt.datetime, *, by: bool = True
) -> DirectoryChange:
    change.revision += 1
    change.updated_at = now
    if by:
        change.updated_by_id = actor.person
    change.save()
    _record(verb, change, actor, now)
    return change


def _record(verb: str, change: DirectoryChange, actor: Actor, now: dt.datetime) -> None:
    records.write(
        verb,
        actor=actor,
        target=f"matters.directorychange:{change.uuid}",
        agency_id=change.agency_id,
        details={"kind": change.kind, "revision": change.revision, "round": change.round},
        at=now,
    )
