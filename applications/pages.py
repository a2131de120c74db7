"""Pages that an applicant adds to a case after filing, within the limits of the material."""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

from django.utils.translation import gettext as _

from applications.models import Application, CaseMaterial, CorrectionFile, DeferredFile
from support.documents import actions as documents
from support.documents.actions import UploadRefused
from support.documents.models import Upload
from support.records.actor import Actor


class NotOpen(Exception):
    """What was asked for was handed in, or the case was closed, meanwhile."""


def store(
    case: Application, key: str, file: Any, hold: Callable[[Sequence[Upload]], None], *, actor: Actor, now: dt.datetime
) -> None:
    """Store one page and let `hold` put it in its place. Raises UploadRefused, NotOpen; then nothing is kept."""
    material = case.guide.said.material(key)
    if material.max_bytes and file.size > material.max_bytes:
        raise UploadRefused(_("文件超过 %(n)d MB。") % {"n": material.max_bytes // 1024 // 1024})
    upload = documents.store_upload(file, actor=actor, party_id=case.party_id, now=now)
    try:
        hold([upload])
    except (UploadRefused, NotOpen):
        documents.discard_upload(upload)
        raise


def check(case: Application, key: str, held: int, uploads: Sequence[Upload]) -> None:
    """Raise UploadRefused for more pages than the guide takes, or a page used elsewhere."""
    most = case.guide.said.material(key).max_pages
    if most and held + len(uploads) > most:
        raise UploadRefused(_("最多上传 %(n)d 个文件。") % {"n": most})
    if any(model.objects.filter(upload__in=uploads).exists() for model in (CaseMaterial, CorrectionFile, DeferredFile)):
        raise UploadRefused(_("同一份文件不能用两次。"))
