"""The applicant's side of a correction: partial answers are kept, and handed in all together.

An item about a field is answered by a value that the form of the pinned guide accepts; one about a material
by at least one page, or, at a window, by sheets. Questions that an answer brings up are asked along with it.
"""

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from applications import pages
from applications.models import Application, Correction, CorrectionFile, CorrectionItem, State
from applications.pages import NotOpen as NotOpen
from applications.papers import all_answers, split_answers
from applications.workflow import StepRefused
from matters.forms import StepForm, clean_answers
from matters.guides import Field, Guide, Step
from support.documents import actions as documents
from support.documents.models import Upload
from support.records.actor import Actor

FIELD = CorrectionItem.Target.FIELD


def read(correction: Correction) -> dict[str, Any]:
    """The answers kept so far, by field. Callers record the read."""
    held: dict[str, Any] = json.loads(correction.sealed_text or "{}")
    return held


def still_open(case: Application, items: Iterable[CorrectionItem]) -> list[CorrectionItem]:
    """The items not answered yet; a question that the new answers make needless is none."""
    held, guide = read(case.correction), case.guide.said
    now = {**all_answers(case), **held}
    return [item for item in items if not _answered(item, held, guide, now)]


def _answered(item: CorrectionItem, held: Mapping[str, Any], guide: Guide, now: dict[str, Any]) -> bool:
    if item.target == FIELD:
        return item.key in held or not guide.field(item.key).shown(now)
    return item.sheets or bool(item.files.all())


def asked(guide: Guide, items: Iterable[CorrectionItem]) -> tuple[Field, ...]:
    """The questions to answer again, with those that depend on them, in the order of the form."""
    keys = {item.key for item in items if item.target == FIELD}
    chosen = []
    for field in guide.fields():
        if field.key in keys or (field.show_if and any(key in keys for key, _value in field.show_if.terms)):
            keys.add(field.key)
            chosen.append(field)
    return tuple(chosen)


def form(case: Application, items: Iterable[CorrectionItem], data: Any = None) -> StepForm:
    """The questions as one form, filled with what was answered again, else with what was filed."""
    guide = case.guide.said
    step = Step("correction", "", "", asked(guide, items))
    return StepForm(step, answers={**all_answers(case), **read(case.correction)}, data=data)


def save(case: Application, values: Mapping[str, Any], *, emptied: Iterable[str] = ()) -> None:
    """Keep some answers. Raises NotOpen."""
    with _open(case) as correction:
        gone = set(emptied)
        kept = {key: value for key, value in read(correction).items() if key not in gone}
        correction.sealed_text = json.dumps({**kept, **values}, ensure_ascii=False)
        correction.save(update_fields=["answers_sealed"])


def attach(case: Application, item: CorrectionItem, file: Any, *, actor: Actor, now: dt.datetime) -> None:
    """Keep one page for an item, within the limits of its material. Raises UploadRefused, NotOpen."""
    pages.store(case, item.key, file, lambda uploads: hold(case, item, uploads), actor=actor, now=now)


def hold(case: Application, item: CorrectionItem, uploads: Sequence[Upload]) -> None:
    """Put stored pages under an item. Raises UploadRefused, also for a page used elsewhere; NotOpen."""
    with _open(case):
        pages.check(case, item.key, item.files.count(), uploads)
        CorrectionFile.objects.bulk_create(CorrectionFile(item=item, upload=upload) for upload in uploads)


def detach(case: Application, upload_uuid: str) -> None:
    """Take a page out again and really delete its file. Raises NotOpen; an unknown page is nothing."""
    with _open(case) as correction:
        files = CorrectionFile.objects.filter(item__correction=correction).select_related("upload")
        for file in files:
            if str(file.upload.uuid) == upload_uuid:
                file.delete()
                documents.discard_upload(file.upload)


def take_sheets(case: Application, item: CorrectionItem, received: bool) -> None:
    """Note at a window whether the material was handed in on paper. Raises NotOpen."""
    with _open(case):
        CorrectionItem.objects.filter(pk=item.pk).update(sheets=received)


@contextmanager
def _open(case: Application) -> Iterator[Correction]:
    """The correction of a case under the case's lock, while it may still be answered."""
    with transaction.atomic():
        locked = Application.objects.select_for_update().get(pk=case.pk)
        if locked.state != State.CORRECTING:
            raise NotOpen(_("补正已经提交，或者本件已经办结。"))
        yield Correction.objects.get(case=locked)


def hand_in(case: Application, guide: Guide) -> None:
    """Make the answers those of the case (saved by the caller). Raises StepRefused if they do not fit the rest."""
    merged = {**all_answers(case), **read(case.correction)}
    kept, errors = clean_answers(guide, merged)
    if errors:
        names = {field.key: field.label for field in guide.fields()}
        said = [f"{names.get(key, '')}：{'；'.join(words)}" for key, words in errors.items()]
        raise StepRefused(_("补正后的内容与其他内容不一致：%(words)s") % {"words": "；".join(said)})
    case.answers, case.sealed_text = split_answers(guide, kept)
