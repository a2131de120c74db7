"""Filing: a submission is checked against the guide in force and becomes exactly one case.

No transition: the case is created in the first state of the table. Receipt is the instant the
filing enters the system, on any day (电子签名法 11); counting starts with the next day.
"""

import datetime as dt
import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import uuid4

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from applications import clock, counter, papers
from applications.counter import AtWindow, Sheets
from applications.deferral import choice
from applications.delivery import Wish, note_choice
from applications.drafts import detach
from applications.models import (
    Application,
    CaseEvent,
    CaseMaterial,
    Clock,
    DeferredMaterial,
    Draft,
    DraftMaterial,
    actor_columns,
    case_target,
)
from applications.wizard import asked_for
from applications.workflow import FIRST_STATE, ClockEffect
from matters.forms import clean_answers
from matters.guides import NO_CHOICES, Choices, Guide
from matters.models import GuideVersion, Matter
from matters.situations import clean as clean_situations
from support.accounts.models import Party
from support.documents import actions as documents
from support.documents.models import Upload
from support.notices import actions as notices
from support.places.models import Role
from support.records import actions as records
from support.records.actor import Actor

# Article and version of the words ticked before filing; outside licences the duty is that of the guide.
DECLARATION = {True: "行政许可法31/1", False: "真实性声明/1"}
ON_PAPER = Wish()  # who consents to nothing receives paper
Uploads = Mapping[str, Sequence[Upload]]


class FilingRefused(Exception):
    """The submission cannot become a case. `errors` maps field or material keys to words."""

    def __init__(self, errors: dict[str, list[str]]) -> None:
        super().__init__("; ".join(word for words in errors.values() for word in words))
        self.errors = errors


def checked(
    guide: Guide, answers: Mapping[str, Any], uploads: Uploads, situations: Choices, sheets: Sheets | None = None,
    deferred: Collection[str] = (),
) -> tuple[dict[str, Any], dict[str, str]]:
    """Answers and situations in their stored form. Raises FilingRefused with the errors by field or material key.

    Materials outside the guide, or not asked for in this situation, are refused as strictly as missing
    ones (行政许可法 31). `sheets`: what a window received on paper, which counts as handed in; None where
    there is no window. `deferred`: keys of the materials that the applicant chose to hand in later (容缺).
    """
    kept, errors = clean_answers(guide, answers)
    choices, wrong = clean_situations(guide, situations)
    errors |= wrong
    known = {material.key for material in (guide.uploads if sheets is None else guide.at_window)}
    wanted = () if wrong else asked_for(guide, choices, at_window=sheets is not None)
    spared = set() if wrong else known - {material.key for material in wanted}
    for key in uploads:
        if key in spared:
            errors[key] = [_("按您选择的情形，不需要这份材料。")]
        elif key not in known:
            errors[key] = [_("办事指南没有要求这份材料。")]
    errors |= counter.wrong_sheets(guide, sheets or {}, choices)
    named = [upload.pk for pages in uploads.values() for upload in pages]
    if len(named) != len(set(named)):
        errors[""] = [_("同一份文件不能用两次。")]
    for material in wanted:
        if material.max_pages and len(uploads.get(material.key, ())) > material.max_pages:
            errors[material.key] = [_("最多上传 %(n)d 个文件。") % {"n": material.max_pages}]
        needed = material.required or (material.deferrable and material.key not in deferred)
        if needed and not uploads.get(material.key) and material.key not in (sheets or {}):
            errors.setdefault(material.key, [counter.ask_for(material, at_window=sheets is not None)])
    errors |= choice.wrong(deferred, wanted, {*uploads, *(sheets or {})})
    if errors:
        raise FilingRefused(errors)
    return kept, choices


OWN = {"party.kind": "kind", "party.name": "name", "party.number": "number"}


def not_the_applicants(guide: Guide, answers: Mapping[str, Any], party: Party) -> dict[str, list[str]]:
    """Who applies is not typed but known: answers about it must be those of the account."""
    return {
        field.key: [_("“%(label)s”应与账户的实名信息一致。") % {"label": field.label}]
        for field in guide.fields()
        if field.prefill in OWN
        and field.key in answers
        and answers[field.key] != getattr(party, OWN[field.prefill])
    }


def submit_draft(
    draft: Draft, *, actor: Actor, now: dt.datetime, wish: Wish = ON_PAPER, seen: Choices | None = None
) -> Application:
    """Turn a draft into a case, once. A second submission of the same draft gives the same case.

    `wish` is how papers are to reach the applicant; without one they wait at the window. `seen`: the
    situation that the applicant looked at; if it is no longer that of the draft, nothing is filed.
    Files that the situation does not ask for stay out of the case and are deleted. A draft of a window
    becomes a case taken in there, with what was received on paper.
    """
    key = str(draft.uuid)
    with transaction.atomic():
        locked = Draft.objects.visible_to(actor).select_for_update().filter(pk=draft.pk).first()
        if locked is None:
            return _filed(key, actor)
        if seen is not None and seen != locked.situations:
            raise FilingRefused({"": [_("您在别处更改了情形。请核对现在的内容，再提交。")]})
        uploads, spared = sorted_uploads(locked)
        at_window = counter.at_window(locked)
        wanted = asked_for(locked.guide.guide, locked.situations, at_window=at_window is not None)
        given = {*uploads, *(at_window.sheets if at_window else ())}
        case = _file(
            locked.matter,
            json.loads(locked.sealed_text or "{}"),
            uploads,
            seen=locked.guide,
            key=key,
            party=locked.party,
            actor=actor,
            now=now,
            channel=Application.Channel.COUNTER if at_window else Application.Channel.ONLINE,
            wish=wish,
            situations=locked.situations,
            window=at_window,
            deferred=choice.chosen(locked.deferred, wanted, given),
        )
        for item in spared:
            detach(item)
        locked.delete()
        return case


def sorted_uploads(draft: Draft) -> tuple[dict[str, list[Upload]], list[DraftMaterial]]:
    """The files of a draft by material, and those that its guide does not ask for in its situation."""
    at_window = draft.agency_id is not None
    asked = asked_for(draft.guide.guide, draft.situations, at_window=at_window)
    wanted = {material.key for material in asked if material.as_file}
    uploads: dict[str, list[Upload]] = {}
    spared: list[DraftMaterial] = []
    for item in draft.materials.select_related("upload"):
        if item.material_key in wanted:
            uploads.setdefault(item.material_key, []).append(item.upload)
        else:
            spared.append(item)
    return uploads, spared


def submit(
    matter: Matter,
    answers: Mapping[str, Any],
    uploads: Uploads,
    *,
    key: str,
    actor: Actor,
    now: dt.datetime,
    channel: str = Application.Channel.API,
    wish: Wish = ON_PAPER,
    situations: Choices = NO_CHOICES,
    deferred: Collection[str] = (),
) -> Application:
    """File without a draft (API). The same key of the same party gives the same case, however often."""
    existing = Application.objects.visible_to(actor).filter(key=key).first()
    if existing:
        return existing
    try:
        with transaction.atomic():
            return _file(
                matter, answers, uploads, seen=None, key=key, actor=actor, now=now, channel=channel, wish=wish,
                situations=situations, deferred=deferred,
                party=Party.objects.get(pk=actor.party),
            )  # fmt: skip
    except IntegrityError:
        return _filed(key, actor)


def _filed(key: str, actor: Actor) -> Application:
    """The case already filed under a key. Raises FilingRefused if there is none of the actor's."""
    case = Application.objects.visible_to(actor).filter(key=key).first()
    if case is None:
        raise FilingRefused({"": [_("草稿已删除或者提交标识已被使用，请重新填写。")]})
    return case


def _file(
    matter: Matter,
    answers: Mapping[str, Any],
    uploads: Uploads,
    *,
    seen: GuideVersion | None,
    key: str,
    party: Party,
    actor: Actor,
    now: dt.datetime,
    channel: str,
    wish: Wish,
    situations: Choices,
    window: AtWindow | None = None,
    deferred: Collection[str] = (),
) -> Application:
    version = GuideVersion.objects.open_at(now).filter(matter=matter).first()
    if version is None:
        raise FilingRefused({"": [_("此事项目前不开放申请。您填写的内容已保存。")]})
    if seen is not None and seen.pk != version.pk:
        raise FilingRefused({"": [_("办事指南已更新，请核对有变化的内容后再提交。您填写的内容已保存。")]})
    guide = version.guide
    if party.kind not in guide.audiences:
        raise FilingRefused({"": [_("此事项不面向您现在的身份，请切换身份后再申请。")]})
    if window and (objections := counter.objections(version, party, window, actor, wish=wish)):
        raise FilingRefused(objections)
    kept, choices = checked(guide, answers, uploads, situations, window.sheets if window else None, deferred)
    errors = not_the_applicants(guide, kept, party)
    if errors:
        raise FilingRefused(errors)
    case = _create(matter, version, guide, kept, uploads, key, party, actor, now, channel, choices)
    case.deferred_open = len(deferred)
    DeferredMaterial.objects.bulk_create(
        DeferredMaterial(case=case, material_key=m.key, days=m.deferrable_days or 1)
        for m in guide.materials
        if m.key in deferred
    )
    if window:
        counter.note_intake(case, window, actor=actor, now=now)
    clock.apply(case, ClockEffect(Clock.ACCEPTANCE, "start"), guide=guide, actor=actor, at=now)
    clock.recompute(case, today=timezone.localdate(now))
    case.number = next_case_number(matter.task_code, timezone.localdate(now))
    note_choice(case, wish, actor=actor, now=now)
    case.save()
    _announce(case, guide, actor, now)
    return case


def _create(
    matter: Matter,
    version: GuideVersion,
    guide: Guide,
    answers: Mapping[str, Any],
    uploads: Uploads,
    key: str,
    party: Party,
    actor: Actor,
    now: dt.datetime,
    channel: str,
    situations: dict[str, str],
) -> Application:
    plain, secret = papers.split_answers(guide, answers)
    case = Application(
        number=uuid4().hex, key=key, matter=matter, guide=version, agency=matter.agency,
        region_code=matter.agency.region_id, party=party, filed_by_id=actor.person,
        channel=channel, state=FIRST_STATE, answers=plain, received_at=now, situations=situations,
        deemable=clock.silence_is_acceptance(guide),
    )  # fmt: skip
    case.sealed_text = secret
    case.save(force_insert=True)
    CaseMaterial.objects.bulk_create(
        CaseMaterial(case=case, material_key=material, upload=upload, position=position)
        for material, pages in uploads.items()
        for position, upload in enumerate(pages)
    )
    return case


def next_case_number(task_code: str, day: dt.date) -> str:
    """实施编码 + yyyyMMdd + sequence of the day, at least four digits, never reused."""
    sequence = records.next_number(f"case:{task_code}:{day:%Y%m%d}")
    return f"{task_code}{day:%Y%m%d}{sequence:04d}"


def _announce(case: Application, guide: Guide, actor: Actor, now: dt.datetime) -> None:
    CaseEvent.objects.create(
        case=case, step="file", from_state="", to_state=case.state, at=now, **actor_columns(actor)
    )
    papers.order_for(case, "receipt", step="file", actor=actor, at=now)
    context = {"number": case.number, "matter": case.guide.document["name"]}
    notices.tell_party(
        case.party_id, "case_received", key=f"{case.uuid}:file", context=context,
        url=papers.case_url(case), now=now, agency_id=case.agency_id,
    )  # fmt: skip
    notices.tell_officers(
        case.agency_id, Role.CLERK, "new_case_officer", key=f"{case.uuid}:file:clerk", context=context,
        url=papers.desk_url(case), now=now,
    )  # fmt: skip
    records.write(
        "case.file", actor=actor, target=case_target(case), subject_id=case.party_id,
        agency_id=case.agency_id, at=now,
        details={"guide": case.guide_id, "channel": case.channel, "declared": DECLARATION[guide.is_licence],
                 **({"deferred": choice.WORDING} if case.deferred_open else {})},
    )  # fmt: skip
    documents.wake()
    notices.wake()
