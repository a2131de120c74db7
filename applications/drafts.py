"""Filling in: one draft per matter and party, saved on every step, gone after thirty days."""

import datetime as dt
import json
from collections.abc import Collection, Mapping
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from applications.models import CaseMaterial, CorrectionFile, DeferredFile, Draft, DraftMaterial
from applications.wizard import MATERIALS, SITUATIONS
from matters.forms import prefill
from matters.guides import NO_CHOICES, Choices, Material
from matters.models import DirectoryEntry, GuideVersion, Matter, is_state
from matters.situations import understood
from support.accounts import window
from support.accounts.models import Party
from support.documents import actions as documents
from support.documents.models import Upload
from support.records import actions as records
from support.records.actor import Actor

BATCH = 200
ABOUT_TO_EXPIRE = dt.timedelta(days=1)


def start(
    matter: Matter, version: GuideVersion, *, actor: Actor, now: dt.datetime, choices: Choices = NO_CHOICES
) -> Draft:
    """The party's live draft for this matter, or a new one prefilled from the profile.

    A draft begun under an older guide goes on under the one in force: keys are stable, so what was
    typed stays where the field still exists. `choices`: answers to 情形 brought along from the guide.
    """
    with transaction.atomic():
        for old in Draft.objects.filter(matter=matter, party_id=actor.party, agency=None, expires_at__lte=now):
            discard(old)
        draft, created = Draft.objects.get_or_create(
            matter=matter,
            party_id=actor.party,
            agency=None,
            defaults={
                "guide": version,
                "started_by_id": actor.person,
                "updated_at": now,
                "expires_at": now + Draft.LIFETIME,
            },
        )
        if created:
            party = Party.objects.get(pk=actor.party)
            draft.situations = dict(choices)
            write_answers(draft, prefill(version.guide, party), now=now)
            records.write(
                "draft.start",
                actor=actor,
                target=f"applications.draft:{draft.uuid}",
                subject_id=party.pk,
                at=now,
            )
        else:
            draft = renew(draft, version, choices)
    return draft


@transaction.atomic
def renew(draft: Draft, version: GuideVersion, choices: Choices = NO_CHOICES) -> Draft:
    """A draft that was there, under the guide in force; its own answers to 情形 count more than `choices`."""
    draft = Draft.objects.select_for_update().get(pk=draft.pk)
    if draft.guide_id != version.pk:
        draft.guide, draft.steps_done = version, []
    draft.situations = understood(version.guide, {**choices, **draft.situations})
    draft.save(update_fields=["guide", "steps_done", "situations"])
    return draft


def read_answers(draft: Draft) -> dict[str, Any]:
    answers: dict[str, Any] = json.loads(draft.sealed_text or "{}")
    return answers


def write_answers(draft: Draft, answers: Mapping[str, Any], *, now: dt.datetime) -> None:
    """Keep these answers; the draft lives on for thirty days from now."""
    draft.sealed_text = json.dumps(answers, ensure_ascii=False)
    _keep(draft, now)


def _keep(draft: Draft, now: dt.datetime) -> None:
    draft.updated_at = now
    draft.expires_at = now + Draft.LIFETIME
    draft.save()


def save_step(
    draft: Draft,
    step_key: str,
    values: Mapping[str, Any],
    *,
    done: bool,
    now: dt.datetime,
    emptied: Collection[str] = (),
) -> Draft:
    """Merge one step's values into the draft under its lock: two open tabs lose nothing else.

    `emptied` names the answers that were there and have been cleared.
    """
    with transaction.atomic():
        draft = Draft.objects.select_for_update().select_related("guide", "matter").get(pk=draft.pk)
        steps = set(draft.steps_done)
        draft.steps_done = sorted(steps | {step_key} if done else steps - {step_key})
        kept = {key: value for key, value in read_answers(draft).items() if key not in emptied}
        write_answers(draft, {**kept, **values}, now=now)
    return draft


def save_situations(draft: Draft, choices: Choices, *, done: bool, now: dt.datetime) -> Draft:
    """Keep the answers to 情形. If they have changed, the materials are to be looked at again; files stay."""
    with transaction.atomic():
        draft = Draft.objects.select_for_update().select_related("guide", "matter").get(pk=draft.pk)
        steps = set(draft.steps_done) - {SITUATIONS}
        if draft.situations != choices:
            steps.discard(MATERIALS)
        draft.situations = dict(choices)
        draft.steps_done = sorted(steps | {SITUATIONS} if done else steps)
        _keep(draft, now)
    return draft


def save_deferred(draft: Draft, shown: Collection[str], ticked: Collection[str]) -> None:
    """Keep which of the materials `shown` are to be handed in later (容缺), under the draft's lock."""
    with transaction.atomic():
        locked = Draft.objects.select_for_update().get(pk=draft.pk)
        locked.deferred = sorted({*locked.deferred} - {*shown} | {*ticked} & {*shown})
        locked.save(update_fields=["deferred"])
    draft.deferred = locked.deferred


def attach(draft: Draft, material_key: str, file: Any, *, actor: Actor, now: dt.datetime) -> DraftMaterial:
    """Store one uploaded page under a material of the guide, within its limits.

    Raises documents.UploadRefused, also if it is not asked for in the applicant's situation, and
    Draft.DoesNotExist if the draft was submitted meanwhile.
    """
    material = draft.guide.guide.material(material_key)
    if material.max_bytes and file.size > material.max_bytes:
        raise documents.UploadRefused(_("文件超过 %(n)d MB。") % {"n": material.max_bytes // 1024 // 1024})
    upload = documents.store_upload(file, actor=actor, party_id=draft.party_id, now=now)
    try:
        return _hold(draft, material, upload)
    except (documents.UploadRefused, Draft.DoesNotExist):
        documents.discard_upload(upload)
        raise


@transaction.atomic
def _hold(draft: Draft, material: Material, upload: Upload) -> DraftMaterial:
    """Put a stored page into its slot, under the draft's lock."""
    locked = Draft.objects.select_for_update().get(pk=draft.pk)
    if not material.fits(locked.situations):
        raise documents.UploadRefused(_("按您选择的情形，不需要这份材料。"))
    held = draft.materials.filter(material_key=material.key).count()
    if material.max_pages and held >= material.max_pages:
        raise documents.UploadRefused(_("最多上传 %(n)d 个文件。") % {"n": material.max_pages})
    return DraftMaterial.objects.create(draft=draft, material_key=material.key, upload=upload)


def detach(item: DraftMaterial) -> None:
    """Take one page out of a draft and really delete its file, unless a case has named it meanwhile."""
    upload = item.upload
    item.delete()
    if not CaseMaterial.objects.filter(upload=upload).exists():
        documents.discard_upload(upload)


def discard(draft: Draft) -> None:
    """Really delete a draft and every file uploaded for it; no soft delete. With a draft of a window goes
    the party that was only met there."""
    with transaction.atomic():
        for item in draft.materials.select_related("upload"):
            detach(item)
        draft.delete()
        if draft.agency_id is not None and not Draft.objects.filter(party_id=draft.party_id).exists():
            window.forget(draft.party_id)


def discard_expired(now: dt.datetime) -> int:
    """Discard the drafts past their day, and uploads that no filing or draft has named in that time.

    While a matter is suspended its drafts do not run out: they have their whole time again once it is resumed.
    """
    suspended = is_state([DirectoryEntry.State.SUSPENDED], now, "directory__")
    waiting = Draft.objects.filter(matter__in=Matter.objects.filter(suspended))
    waiting.filter(expires_at__lte=now + ABOUT_TO_EXPIRE).update(expires_at=now + Draft.LIFETIME)
    expired = Draft.objects.filter(expires_at__lte=now)
    count = 0
    for draft in expired.order_by("expires_at")[:BATCH]:
        discard(draft)
        count += 1
    forgotten = Upload.objects.filter(created_at__lte=now - Draft.LIFETIME).exclude(
        Exists(CaseMaterial.objects.filter(upload=OuterRef("pk")))
        | Exists(DraftMaterial.objects.filter(upload=OuterRef("pk")))
        | Exists(CorrectionFile.objects.filter(upload=OuterRef("pk")))
        | Exists(DeferredFile.objects.filter(upload=OuterRef("pk")))
    )
    for upload in forgotten.order_by("pk")[:BATCH]:
        documents.discard_upload(upload)
    return count
