"""The life of a standard: proposed, reviewed, tried in chosen regions, put in force or ended.

Every verb locks the standard and asks who acts and in which state.
"""

import datetime as dt

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from matters.editing.panels import FEWEST, panel
from matters.editing.reviews import Refused, Standing, speak
from matters.models import GuideVersion, Standard, StandardReview
from support.places.models import Agency, Region, Role
from support.records import actions as records
from support.records.actor import Actor

State = Standard.State
PROVINCE = "2"  # GB/T 39046 A.2


class StandardRefused(Refused):
    """The step cannot be taken on the standard."""


def may_propose(actor: Actor, agency: Agency) -> bool:
    """An editor of a department of the province."""
    return agency.level == PROVINCE and actor.holds(Role.EDITOR, agency.pk)


def proposers(actor: Actor) -> list[Agency]:
    """The departments for which the actor may propose."""
    return list(Agency.objects.filter(pk__in=actor.agencies_with(Role.EDITOR), level=PROVINCE).order_by("pk"))


@transaction.atomic
def propose(version: GuideVersion, agency: Agency, *, actor: Actor, now: dt.datetime) -> Standard:
    """Propose the guide as the standard of its entry for the agency's region, to the panel of the agency."""
    if not may_propose(actor, agency):
        raise PermissionDenied(_("标准由省级部门的事项编辑提出。"))
    departments = panel(agency)
    if len(departments) < FEWEST:
        raise StandardRefused(_("本地区还没有设定至少两个审核部门，不能提出标准。"))
    try:
        with transaction.atomic():
            standard = Standard.objects.create(
                directory=version.matter.directory,
                agency=agency,
                document=version.document,
                made_by_id=actor.person,
                made_at=now,
            )
    except IntegrityError as error:
        raise StandardRefused(_("这个事项已经有一份标准正在审核或者试点。")) from error
    StandardReview.objects.bulk_create(
        [StandardReview(standard=standard, agency=each, round=1) for each in departments]
    )
    _record("matters.standard.propose", standard, actor, now)
    return standard


@transaction.atomic
def review(
    standard: Standard, agency: Agency, outcome: str, *, comment: str, actor: Actor, now: dt.datetime
) -> Standard:
    """One department agrees or returns it with reasons; all must agree."""
    standard = _locked(standard, State.REVIEW)
    standing = speak(
        standard.reviews.all(), agency, outcome, comment=comment, refuse=StandardRefused,
        wrote=_("您提出了这份标准，不能审核。") if standard.made_by_id == actor.person else "", actor=actor, now=now,
    )  # fmt: skip
    if standing is Standing.RETURNED:
        standard.state = State.RETURNED
    elif standing is Standing.AGREED:
        standard.state = State.APPROVED
    return _kept(standard, f"matters.standard.{outcome}", actor, now)


@transaction.atomic
def try_out(
    standard: Standard,
    regions: list[Region],
    *,
    starts_at: dt.datetime,
    ends_at: dt.datetime,
    actor: Actor,
    now: dt.datetime,
) -> Standard:
    """试点: try an approved standard in some regions of its own, between two instants."""
    standard = _decided_by(standard, actor, State.APPROVED)
    low, high = standard.agency.region.subtree()
    if not regions or any(not low <= region.code <= high for region in regions):
        raise StandardRefused(_("请在本地区内选择至少一个试点地区。"))
    if timezone.localdate(starts_at) < timezone.localdate(now) or ends_at <= starts_at:
        raise StandardRefused(_("试点的开始日期不能早于今天，结束日期应晚于开始日期。"))
    standard.state, standard.starts_at, standard.ends_at = State.TRIAL, starts_at, ends_at
    standard.regions.set(regions)
    return _kept(standard, "matters.standard.trial", actor, now)


@transaction.atomic
def put_in_force(standard: Standard, *, actor: Actor, now: dt.datetime) -> Standard:
    """生效 for all, once the trial has begun; what was in force for the entry before ends."""
    standard = _decided_by(standard, actor, State.TRIAL)
    if standard.starts_at is None or standard.starts_at > now:
        raise StandardRefused(_("试点还没有开始，不能生效。"))
    before = Standard.objects.filter(
        directory=standard.directory_id, agency=standard.agency_id, state=State.IN_FORCE
    )
    before.update(state=State.ENDED, reason=_("由新的标准代替。"))
    standard.state = State.IN_FORCE
    return _kept(standard, "matters.standard.in_force", actor, now)


@transaction.atomic
def end(standard: Standard, reason: str, *, actor: Actor, now: dt.datetime) -> Standard:
    """终止 a trial or a standard in force, with the reason."""
    standard = _decided_by(standard, actor, State.APPROVED, State.TRIAL, State.IN_FORCE)
    if not reason.strip():
        raise StandardRefused(_("请写明终止的原因。"))
    standard.state, standard.reason = State.ENDED, reason.strip()
    return _kept(standard, "matters.standard.end", actor, now)


def may_decide(actor: Actor, standard: Standard) -> bool:
    """A reviewer of the department that made it, other than its author."""
    return actor.holds(Role.REVIEWER, standard.agency_id) and standard.made_by_id != actor.user_id


def _decided_by(standard: Standard, actor: Actor, *states: str) -> Standard:
    standard = _locked(standard, *states)
    if not may_decide(actor, standard):
        raise PermissionDenied(_("由提出标准的部门的事项审核人员决定；提出人不能自己决定。"))
    return standard


def _locked(standard: Standard, *states: str) -> Standard:
    rows = Standard.objects.select_related("agency__region", "directory").select_for_update(of=("self",))
    standard = rows.get(pk=standard.pk)
    if standard.state not in states:
        raise StandardRefused(
            _("标准现在的状态是“%(state)s”，不能这样做。") % {"state": standard.get_state_display()}
        )
    return standard


def _kept(standard: Standard, verb: str, actor: Actor, now: dt.datetime) -> Standard:
    standard.save()
    _record(verb, standard, actor, now)
    return standard


def _record(verb: str, standard: Standard, actor: Actor, now: dt.datetime) -> None:
    records.write(
        verb,
        actor=actor,
        target=f"matters.standard:{standard.uuid}",
        agency_id=standard.agency_id,
        details={"directory": standard.directory_id, "regions": [r.pk for r in standard.regions.all()]},
        at=now,
    )
