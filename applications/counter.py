"""窗口代录: window staff file for whoever stands at the counter, through the same door as online.

A draft of the window belongs to the agency of the matter. Beside the answers it keeps, sealed, who came
for the applicant and what was received on paper. `filing.submit_draft` makes the case of it.
"""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from applications import drafts
from applications.delivery import Wish
from applications.intake import WORDING, Intake, PaperReceived
from applications.models import Application, Draft, Manner
from applications.permissions import is_own
from matters import codes
from matters.forms import prefill
from matters.guides import Choices, Guide, Material
from matters.models import GuideVersion
from matters.scripts import fold
from support.accounts import window
from support.accounts.models import Party, User
from support.accounts.window import Visitor
from support.notices import actions as notices
from support.notices.models import Notice
from support.places.models import Role
from support.records import actions as records
from support.records.actor import Actor

SHOWN = 50
WHO = ("party.kind", "party.name", "party.number")  # as the documents say, whatever was typed before


@dataclass(frozen=True)
class Copies:
    """Sheets received on paper for one material."""

    original: int
    copy: int


Sheets = Mapping[str, Copies]
Errors = dict[str, list[str]]


@dataclass(frozen=True)
class Agent:
    """经办人: who came for the applicant, and the document that shows the mandate (行政许可法 29)."""

    name: str
    number: str
    mandate: str


@dataclass(frozen=True)
class AtWindow:
    """What a window knows of a filing beside answers and files. `visitor` takes effect with the case."""

    sheets: Sheets
    agent: Agent | None = None
    address: str = ""
    visitor: Visitor | None = None


def target(draft: Draft) -> str:
    """How the audit record names a draft."""
    return f"applications.draft:{draft.uuid}"


def note(verb: str, draft: Draft, *, actor: Actor, now: dt.datetime, **details: Any) -> None:
    """Record what an officer did with, or read in, a draft of the window."""
    records.write(
        verb, actor=actor, target=target(draft), subject_id=draft.party_id, agency_id=draft.agency_id,
        details=details, at=now,
    )  # fmt: skip


# --- beginning ------------------------------------------------------------------------------------------


def offered(actor: Actor, now: dt.datetime, words: str = "") -> list[dict[str, Any]]:
    """The matters that this officer may take in at `now`, by name: open, and handled at a window."""
    rows = GuideVersion.objects.open_at(now).filter(
        matter__agency_id__in=actor.agencies_with(Role.CLERK),
        document__handle_types__contains=[codes.AT_WINDOW],
    )
    if words:
        rows = rows.filter(search_entry__title_fold__contains=fold(words))
    named = rows.order_by("search_entry__title_fold", "pk").values(
        "matter__uuid", "matter__agency__name", name=F("document__name__zh-hans")
    )
    return [
        {"uuid": row["matter__uuid"], "name": row["name"], "agency": row["matter__agency__name"]}
        for row in named[: SHOWN + 1]
    ]


def objections(
    version: GuideVersion,
    party: Party | None,
    at_counter: AtWindow,
    actor: Actor,
    *,
    wish: Wish | None = None,
) -> Errors:
    """Why this officer may not take this in; empty if nothing stands against it. `party` None: not known yet."""
    if not (actor.is_officer and actor.holds(Role.CLERK, version.matter.agency_id)):
        return {"": [_("此事项由其他机关办理，您的岗位不能代为收件。")]}
    if not version.guide.serves_at_window:
        words = _(
            "办事指南没有写明窗口办理。申请人要求在窗口办理的，应当收件，请联系事项管理人员补充；也可以协助其网上申请。"
        )
        return {"": [words]}
    if (party and is_own(party.pk, actor)) or _is_agent(at_counter.agent, actor):
        return {"": [_("您是申请人或者经办人，应当回避，请由其他人员办理。")]}
    visitor = at_counter.visitor
    if party and visitor and (wrong := window.objections(party, visitor)):
        return {"": list(wrong.values())}
    if wish and wish.manner == Manner.ELECTRONIC and party and not window.keeps_account(party, visitor):
        return {"delivery": [_("申请人还没有网上账户，收不到电子文书，请选择纸质送达。")]}
    return {}


def _is_agent(agent: Agent | None, actor: Actor) -> bool:
    return agent is not None and Party.objects.with_number(agent.number).filter(user_id=actor.person).exists()


def start(
    version: GuideVersion, visitor: Visitor, agent: Agent | None, *, actor: Actor, now: dt.datetime
) -> Draft:
    """The window's draft for this matter and applicant: a new one, or the one already begun there.

    Raises ValidationError by field, "" under `__all__`.
    """
    known = Party.objects.with_number(visitor.number).first()
    at_counter = AtWindow({}, agent, visitor.address)
    _refuse(objections(version, known, at_counter, actor))
    if visitor.kind not in version.guide.audiences:
        raise ValidationError({"kind": _("此事项不面向这一类申请人。")})
    _check_agent(agent, visitor, version.matter.agency_id, actor, now)
    for old in Draft.objects.filter(matter=version.matter, party=known, expires_at__lte=now):
        drafts.discard(old)
    party = window.meet(visitor, agency_id=version.matter.agency_id, actor=actor, now=now)
    with transaction.atomic():
        return _draft(version, party, replace(at_counter, visitor=visitor), actor, now)


def _refuse(errors: Errors) -> None:
    if errors:
        raise ValidationError({key or "__all__": words for key, words in errors.items()})


def _check_agent(
    agent: Agent | None, visitor: Visitor, agency_id: int, actor: Actor, now: dt.datetime
) -> None:
    if agent is None:
        return
    if agent.number == visitor.number:
        raise ValidationError({"agent_number": _("这是申请人自己的号码；本人到场的，请选择“本人到场”。")})
    if not window.agrees(agent.number, agent.name, agency_id=agency_id, actor=actor, now=now):
        raise ValidationError({"agent_name": _("姓名与该号码登记的不一致，请按证件核对")})


def _draft(
    version: GuideVersion,
    party: Party,
    at_counter: AtWindow,
    actor: Actor,
    now: dt.datetime,
) -> Draft:
    assert at_counter.visitor is not None
    draft, created = Draft.objects.select_for_update().get_or_create(
        matter=version.matter,
        party=party,
        agency_id=version.matter.agency_id,
        defaults={
            "guide": version,
            "started_by_id": actor.person,
            "updated_at": now,
            "expires_at": now + Draft.LIFETIME,
        },
    )
    draft = drafts.renew(draft, version)
    sheets = {} if created else at_window(draft).sheets  # type: ignore[union-attr]
    _write(draft, replace(at_counter, sheets=sheets))
    typed = _typed(version.guide, party, at_counter.visitor)
    who = {field.key for field in version.guide.fields() if field.prefill in WHO}
    answers = {**typed, **drafts.read_answers(draft), **{key: typed[key] for key in who & typed.keys()}}
    drafts.write_answers(draft, answers, now=now)
    note("draft.start", draft, actor=actor, now=now, created=created, agent=at_counter.agent is not None)
    return draft


def _typed(guide: Guide, party: Party, visitor: Visitor) -> dict[str, Any]:
    """What need not be typed again. What the party's account holds stays there: it is not shown at a window."""
    same = window.same_name(party.name, visitor.name)
    typed = Party(kind=party.kind, name=party.name if same else visitor.name)
    typed.set_number(visitor.number)
    typed.phone, typed.address = visitor.phone, visitor.address
    return prefill(guide, typed)


# --- what the draft of a window keeps beside the answers --------------------------------------------------


def at_window(draft: Draft) -> AtWindow | None:
    """None: a draft of the applicant's own. The party, unsaved, bears the name of the document shown: a name
    that was only claimed is neither seen at the window nor filed under."""
    if draft.agency_id is None:
        return None
    kept = json.loads(draft.window_text or "{}")
    visitor = Visitor(**kept["visitor"]) if kept.get("visitor") else None
    party = draft.party
    unchecked = visitor is not None and visitor.in_person and party.identity_level < window.CHECKED
    if visitor and unchecked and not window.same_name(party.name, visitor.name):
        party.name = visitor.name
    return AtWindow(
        {key: Copies(**counts) for key, counts in kept.get("sheets", {}).items()},
        Agent(**kept["agent"]) if kept.get("agent") else None,
        kept.get("address", ""),
        visitor,
    )


def _write(draft: Draft, kept: AtWindow) -> None:
    draft.window_text = json.dumps(asdict(kept), ensure_ascii=False)
    draft.save(update_fields=["window_sealed"])


def keep_sheets(draft: Draft, sheets: Sheets) -> None:
    """Keep what was received on paper, under the draft's lock. Raises Draft.DoesNotExist once it is filed."""
    with transaction.atomic():
        locked = Draft.objects.select_for_update().get(pk=draft.pk)
        kept = at_window(locked)
        assert kept is not None
        _write(locked, replace(kept, sheets=sheets))
    draft.window_sealed = locked.window_sealed


def sheets_of(draft: Draft) -> Sheets:
    kept = at_window(draft)
    return kept.sheets if kept else {}


def ask_for(material: Material, *, at_window: bool) -> str:
    if material.deferrable:
        return _("请提交“%(name)s”；现在没有的，可以选择容缺受理，以后补交。") % {"name": material.name}
    if not at_window:
        return _("请上传“%(name)s”。") % {"name": material.name}
    if not material.as_file:
        return _("请收取“%(name)s”的纸质材料。") % {"name": material.name}
    if not material.on_paper:
        return _("请上传“%(name)s”。") % {"name": material.name}
    return _("请收取“%(name)s”的纸质材料，或者扫描上传。") % {"name": material.name}


def wrong_sheets(guide: Guide, sheets: Sheets, choices: Choices) -> Errors:
    """Errors by material key: nothing on paper beyond what the guide asks for in a situation (行政许可法 31)."""
    known = {material.key: material for material in guide.at_window}
    errors: Errors = {}
    for key, held in sheets.items():
        material = known.get(key)
        if material is None:
            errors[key] = [_("办事指南没有要求这份材料。")]
        elif not material.fits(choices):
            errors[key] = [_("按您选择的情形，不需要这份材料。")]
        elif not material.on_paper:
            errors[key] = [_("“%(name)s”不收纸质材料，请扫描上传。") % {"name": material.name}]
        elif words := _wrong_counts(material, held):
            errors[key] = [words]
    return errors


def _wrong_counts(material: Material, held: Copies) -> str:
    asked = material.words["copies"]
    words = {"name": material.name, "original": asked["original"], "copy": asked["copy"]}
    if held.original + held.copy < 1:
        return _("请填写收到“%(name)s”的份数。") % words
    if held.original > asked["original"] or held.copy > asked["copy"]:
        return (
            _("“%(name)s”办事指南只要求原件 %(original)d 份、复印件 %(copy)d 份，多出的请退还申请人。")
            % words
        )
    return ""


# --- the case -------------------------------------------------------------------------------------------


def note_intake(case: Application, at_counter: AtWindow, *, actor: Actor, now: dt.datetime) -> None:
    """Write who took the case in, who came, what was received on paper, and what that says of the party."""
    agent = at_counter.agent
    intake = Intake(
        case=case, officer_id=actor.person, officer_name=actor.name, wording=WORDING, at=now,
        agent_name=agent.name if agent else "", mandate=agent.mandate if agent else "",
        agent=Party.objects.with_number(agent.number).first() if agent else None,
    )  # fmt: skip
    intake.agent_number = agent.number if agent else ""
    intake.save()
    PaperReceived.objects.bulk_create(
        PaperReceived(case=case, material_key=key, original=held.original, copy=held.copy)
        for key, held in at_counter.sheets.items()
    )
    if at_counter.visitor:
        released = window.settle(
            case.party_id, at_counter.visitor, agency_id=case.agency_id, actor=actor, now=now
        )
        if released:
            _end_claims(case, released, now)


def _end_claims(case: Application, released: list[int], now: dt.datetime) -> None:
    """What strangers began is not the applicant's; they are told that the party is no longer theirs, when and
    where, and how to object, but neither its name nor the case."""
    for foreign in Draft.objects.filter(party_id=case.party_id, agency=None):
        drafts.discard(foreign)
    notices._tell(
        (User.objects.filter(is_active=True, pk__in=released),),
        Notice(
            agency_id=case.agency_id, kind="account_released", key=f"{case.uuid}:released",
            url=reverse("notices:list"), created_at=now,
        ),
        {"on": timezone.localdate(now).isoformat()},
    )  # fmt: skip
