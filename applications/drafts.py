"""Filling in: one draft per matter and party, saved on every step, gone after thirty days."""

import datetime as dt
import json
from collections.abc import Collection, Mapping
from typing import Any

from django.db import transaction

from applications.models import Draft, DraftMaterial
from matters.forms import prefill
from matters.models import GuideVersion, Matter
from support.accounts.models import Party
from support.documents import actions as documents
from support.records import actions as records
from support.records.actor import Actor


def start(matter: Matter, version: GuideVersion, *, actor: Actor, now: dt.datetime) -> Draft:
    """The party's live draft for this matter, or a new one prefilled from the profile.

    A draft begun under an older guide goes on under the one in force: keys are stable, so what was
    typed stays where the field still exists.
    """
    with transaction.atomic():
        Draft.objects.filter(matter=matter, party_id=actor.party, expires_at__lte=now).delete()
        draft, created = Draft.objects.get_or_create(
            matter=matter,
            party_id=actor.party,
            defaults={
                "guide": version,
                "started_by_id": actor.person,
                "updated_at": now,
                "expires_at": now + Draft.LIFETIME,
            },
        )
        if created:
            party = Party.objects.get(pk=actor.party)
            write_answers(draft, prefill(version.guide, party), now=now)
            records.write(
                "draft.start",
                actor=actor,
                target=f"applications.draft:{draft.uuid}",
                subject_id=party.pk,
                at=now,
            )
        elif draft.guide_id != version.pk:
            draft.guide, draft.steps_done = version, []
            draft.save(update_fields=["guide", "steps_done"])
    return draft


def read_answers(draft: Draft) -> dict[str, Any]:
    answers: dict[str, Any] = json.loads(draft.sealed_text or "{}")
    return answers


def write_answers(draft: Draft, answers: Mapping[str, Any], *, now: dt.datetime) -> None:
    """Keep these answers; the draft lives on for thirty days from now."""
    draft.sealed_text = json.dumps(answers, ensure_ascii=False)
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


def attach(draft: Draft, material_key: str, file: Any, *, actor: Actor, now: dt.datetime) -> DraftMaterial:
    """Store one uploaded page under a material of the guide. Raises documents.UploadRefused."""
    upload = documents.store_upload(file, actor=actor, party_id=draft.party_id, now=now)
    return DraftMaterial.objects.create(draft=draft, material_key=material_key, upload=upload)


def discard_expired(now: dt.datetime) -> int:
    """Really delete what has expired; no soft delete."""
    count, _rows = Draft.objects.filter(expires_at__lte=now).delete()
    return count
