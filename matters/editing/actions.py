"""The life of a draft: claimed or begun, edited, reviewed by several departments, published at a set time.

Every verb locks the draft, asks who acts and in which state, and compares the revision that was seen.
"""

import datetime as dt
from collections.abc import Collection
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from matters import actions, trials
from matters.checks import Problem, problems
from matters.coding import wrong_in_task_code
from matters.editing import references
from matters.editing.panels import FEWEST, panel
from matters.editing.reviews import Refused, Standing, speak
from matters.models import DirectoryEntry, GuideDraft, GuideReview, GuideVersion, Matter
from matters.permissions import may_edit, may_publish, wrote
from matters.scripts import without_converted
from support.places.models import Agency, Role
from support.records import actions as records
from support.records.actor import Actor

Document = dict[str, Any]
State = GuideDraft.State
LICENCE_TYPE = "01"  # GB/T 39046 A.1
SEQUENCES = 99


class DraftRefused(Refused):
    """The step cannot be taken on the draft."""


class StaleDraft(DraftRefused):
    """Somebody else saved in between: nothing was overwritten. `draft` is as it is now."""

    def __init__(self, draft: GuideDraft) -> None:
        self.draft = draft
        name = draft.updated_by.name if draft.updated_by else ""
        super().__init__(
            _("%(name)s 刚刚保存了这份草稿，您的修改没有保存。请核对最新内容后再改。") % {"name": name}
        )


# --- beginning -----------------------------------------------------------------------------------


@transaction.atomic
def claim(entry: DirectoryEntry, agency: Agency, *, actor: Actor, now: dt.datetime) -> GuideDraft:
    """认领: make the agency's implementation list of a directory entry, with an empty draft.

    A further claim of the same entry is a further 业务办理项, numbered on. Raises PermissionDenied, DraftRefused.
    """
    if not actor.holds(Role.EDITOR, agency.pk):
        raise PermissionDenied(_("您不是该机关的事项编辑。"))
    DirectoryEntry.objects.project(now)
    entry = DirectoryEntry.objects.select_for_update().get(pk=entry.pk)
    if why := why_not(entry, agency, now):
        raise DraftRefused(why)
    task_code = _next_code(entry, agency)
    if wrong := wrong_in_task_code(task_code, level=agency.level, catalog_code=entry.code):
        raise DraftRefused(wrong)
    matter = Matter.objects.create(
        task_code=task_code,
        agency=agency,
        directory=entry,
        task_type=entry.task_type,
        regime=Matter.Regime.LICENCE if entry.task_type == LICENCE_TYPE else Matter.Regime.OTHER,
    )
    return _begin(matter, skeleton(matter), None, actor=actor, now=now, verb="matters.claim")


def why_not(entry: DirectoryEntry, agency: Agency, now: dt.datetime) -> str:
    """Why an agency cannot claim an entry, in words; empty if it can."""
    if entry.as_of(now).state != DirectoryEntry.State.IN_USE:
        return _("该事项已暂停或者取消，不能认领。")
    if entry.region_code not in ("", *(region.code for region in agency.region.line())):
        return _("该事项是其他地区的目录，不能认领。")
    if not entry.code:
        return _("该事项还没有基本编码，请先提出目录新增申请，取得编码后再认领。")
    if agency.level not in (entry.use_level or "").split("^"):
        return _("该事项的行使层级不包括本级，不能认领。")
    return ""


def _next_code(entry: DirectoryEntry, agency: Agency) -> str:
    """实施编码 with the next free 业务办理项 sequence: 33 characters (facts of the national rules)."""
    stem = f"{agency.uscc}{agency.level}{entry.code}"
    taken = set(Matter.objects.filter(task_code__startswith=stem).values_list("task_code", flat=True))
    free = (code for n in range(1, SEQUENCES + 1) if (code := f"{stem}{n:02d}") not in taken)
    code = next(free, "")
    if not code:
        raise DraftRefused(_("该事项的业务办理项已满 99 个。"))
    return code


def skeleton(matter: Matter) -> Document:
    """An empty document with what the directory and the agency already say."""
    entry, agency = matter.directory, matter.agency
    document: Document = {
        "schema": 1,
        "name": {"zh-hans": entry.name},
        "conditions": [],
        "process": [],
        "special_procedures": [],
        "fees": {"charged": False, "items": []},
        "results": [],
        "materials": [],
        "form": {"steps": []},
        "faq": [],
        "places": [],
        "enquiry": {"phones": [agency.phone]},
        "complaint": {"phones": [agency.complaint_phone]},
        "rights": [],
        "duties": [],
        "themes": {"natural": [], "legal": []},
        "keywords": [],
        "online": {"available": True, "full": False, "depth": []},
        "pledge": {"available": False},
        "terms": {},
    }
    if entry.by_law:
        document["basis"] = [{"law": {"zh-hans": law}} for law in entry.by_law.split("；") if law.strip()]
    return document


@transaction.atomic
def revise(matter: Matter, *, actor: Actor, now: dt.datetime) -> GuideDraft:
    """The open draft of a published matter, begun from its last version if there is none yet."""
    if not may_edit(actor, matter):
        raise PermissionDenied(_("您不是该机关的事项编辑。"))
    matter = Matter.objects.select_for_update().get(pk=matter.pk)
    if already := matter.drafts.open().first():
        return already
    last = matter.versions.order_by("-version").first()
    if last is None:
        return _begin(matter, skeleton(matter), None, actor=actor, now=now, verb="matters.revise")
    document = without_converted({key: part for key, part in last.document.items() if key != "identity"})
    return _begin(matter, document, last, actor=actor, now=now, verb="matters.revise")


def _begin(
    matter: Matter,
    document: Document,
    last: GuideVersion | None,
    *,
    actor: Actor,
    now: dt.datetime,
    verb: str,
) -> GuideDraft:
    draft = GuideDraft.objects.create(
        matter=matter,
        based_on=last,
        document=document,
        editors=[actor.person],
        created_at=now,
        updated_at=now,
        updated_by_id=actor.person,
    )
    _record(verb, draft, actor, now)
    return draft


# --- editing -------------------------------------------------------------------------------------


@transaction.atomic
def save(
    draft: GuideDraft,
    document: Document,
    *,
    seen: int,
    actor: Actor,
    now: dt.datetime,
    note: str | None = None,
    hands: Collection[int] = (),
) -> GuideDraft:
    """Keep a new state of the document; it need not be complete. `hands`: who else wrote it. Raises StaleDraft,
    DraftRefused."""
    draft = _locked(draft, seen, State.EDITING)
    if not may_edit(actor, draft.matter):
        raise PermissionDenied(_("您不是该机关的事项编辑。"))
    draft.document = {key: value for key, value in document.items() if key != "identity"}
    draft.note = draft.note if note is None else note
    draft.editors = sorted({*draft.editors, *hands, actor.person})
    return _kept(draft, "matters.edit", actor, now)


def whole(draft: GuideDraft) -> Document:
    """The document as it would be published now."""
    return actions.complete(draft.matter, draft.document)


def found(draft: GuideDraft, *, now: dt.datetime) -> list[Problem]:
    """All that keeps the draft from being published: the conformity check, then its author's own tests."""
    broken = problems(whole(draft)) or references.differing(draft)
    return broken or trials.unmet(draft, now=now)


# --- review --------------------------------------------------------------------------------------


@transaction.atomic
def submit(
    draft: GuideDraft,
    *,
    seen: int,
    actor: Actor,
    now: dt.datetime,
    starts_at: dt.datetime | None = None,
    ends_at: dt.datetime | None = None,
) -> GuideDraft:
    """送审: ask every department of the panel for its review, side by side. Raises DraftRefused."""
    draft = _locked(draft, seen, State.EDITING)
    if not may_edit(actor, draft.matter):
        raise PermissionDenied(_("您不是该机关的事项编辑。"))
    departments = panel(draft.matter.agency)
    if len(departments) < FEWEST:
        raise DraftRefused(_("本地区还没有设定至少两个审核部门，不能送审。"))
    if starts_at and starts_at < now:
        raise DraftRefused(_("计划生效时间已经过去。"))
    if ends_at and ends_at <= (starts_at or now):
        raise DraftRefused(_("计划失效时间应晚于生效时间。"))
    if broken := found(draft, now=now):
        raise DraftRefused(_("还有 %(n)s 处不符合规范，改好后才能送审。") % {"n": len(broken)}, broken)
    draft.state, draft.round = State.REVIEW, draft.round + 1
    draft.editors = sorted({*draft.editors, actor.person})  # the times are part of what is reviewed
    draft.starts_at, draft.ends_at = starts_at, ends_at
    GuideReview.objects.bulk_create(
        [GuideReview(draft=draft, agency=agency, round=draft.round) for agency in departments]
    )
    return _kept(draft, "matters.submit", actor, now)


@transaction.atomic
def review(
    draft: GuideDraft,
    agency: Agency,
    outcome: str,
    *,
    comment: str,
    seen: int,
    actor: Actor,
    now: dt.datetime,
) -> GuideDraft:
    """One department agrees or returns the draft with its reasons. One return sends it back at once; the
    others' opinions of the round stay on record. Raises PermissionDenied, DraftRefused."""
    draft = _locked(draft, seen, State.REVIEW)
    standing = speak(
        draft.reviews.filter(round=draft.round), agency, outcome, comment=comment, refuse=DraftRefused,
        wrote=_("您参与了编写，不能审核。") if wrote(actor, draft) else "", actor=actor, now=now,
    )  # fmt: skip
    if standing is Standing.RETURNED:
        draft.state = State.EDITING
    elif standing is Standing.AGREED:
        draft.state = State.APPROVED
    return _kept(draft, f"matters.review.{outcome}", actor, now, by=False)


@transaction.atomic
def take_back(draft: GuideDraft, *, seen: int, actor: Actor, now: dt.datetime) -> GuideDraft:
    """撤回送审: back to editing, from review or after approval; a new review is then needed."""
    draft = _locked(draft, seen, State.REVIEW, State.APPROVED)
    if not may_edit(actor, draft.matter):
        raise PermissionDenied(_("您不是该机关的事项编辑。"))
    draft.state = State.EDITING
    return _kept(draft, "matters.take_back", actor, now)


# --- the end -------------------------------------------------------------------------------------


@transaction.atomic
def publish(draft: GuideDraft, *, seen: int, actor: Actor, now: dt.datetime) -> GuideVersion:
    """Publish the approved draft: in force at its planned time, or now if that has passed or none was set.

    Checked once more: directory and rules may have changed since. Raises PermissionDenied, DraftRefused,
    GuideRefused.
    """
    draft = _locked(draft, seen, State.APPROVED)
    if not may_publish(actor, draft.matter):
        raise PermissionDenied(_("您的岗位不能发布该机关的办事指南。"))
    if wrote(actor, draft):
        raise DraftRefused(_("您参与了编写，应由其他审核人员发布。"))
    if broken := found(draft, now=now):
        raise DraftRefused(_("送审以后规则或者目录有变化，请撤回修改后重新送审。"), broken)
    if draft.ends_at and draft.ends_at <= now:
        raise DraftRefused(_("计划失效时间已经过去，请撤回修改。"))
    starts_at = max(draft.starts_at or now, now)
    version = actions.publish(
        draft.matter, draft.document, starts_at=starts_at, ends_at=draft.ends_at, actor=actor, now=now
    )
    draft.state, draft.version = State.PUBLISHED, version
    _kept(draft, "matters.published", actor, now, by=False)
    return version


@transaction.atomic
def drop(draft: GuideDraft, *, seen: int, actor: Actor, now: dt.datetime) -> None:
    """Give the draft up. What was published before stays in force."""
    draft = _locked(draft, seen, State.EDITING)
    if not may_edit(actor, draft.matter):
        raise PermissionDenied(_("您不是该机关的事项编辑。"))
    draft.state = State.DROPPED
    _kept(draft, "matters.drop", actor, now)


def _locked(draft: GuideDraft, seen: int, *states: str) -> GuideDraft:
    rows = GuideDraft.objects.select_related("matter__agency__region", "matter__directory", "updated_by")
    draft = rows.select_for_update(of=("self",)).get(pk=draft.pk)
    if draft.revision != seen:
        raise StaleDraft(draft)
    if draft.state not in states:
        raise DraftRefused(
            _("草稿现在的状态是“%(state)s”，不能这样做。") % {"state": draft.get_state_display()}
        )
    return draft


def _kept(draft: GuideDraft, verb: str, actor: Actor, now: dt.datetime, *, by: bool = True) -> GuideDraft:
    draft.revision += 1
    draft.updated_at = now
    if by:
        draft.updated_by_id = actor.person
    draft.save()
    _record(verb, draft, actor, now)
    return draft


def _record(verb: str, draft: GuideDraft, actor: Actor, now: dt.datetime) -> None:
    records.write(
        verb,
        actor=actor,
        target=f"matters.guidedraft:{draft.uuid}",
        agency_id=draft.matter.agency_id,
        details={"task_code": draft.matter.task_code, "revision": draft.revision, "round": draft.round},
        at=now,
    )
