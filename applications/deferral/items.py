"""The applicant's side of 容缺: the pages of each deferred material are kept, and handed in by themselves."""

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from applications import pages
from applications.models import Application, DeferredFile, DeferredMaterial, State
from applications.pages import NotOpen
from support.documents import actions as documents
from support.documents.models import Upload
from support.records.actor import Actor


def attach(case: Application, item: DeferredMaterial, file: Any, *, actor: Actor, now: dt.datetime) -> None:
    """Keep one page, within the limits of its material. Raises UploadRefused, NotOpen."""
    pages.store(case, item.material_key, file, lambda uploads: hold(case, item, uploads), actor=actor, now=now)


def hold(case: Application, item: DeferredMaterial, uploads: Sequence[Upload]) -> None:
    """Put stored pages under an item. Raises UploadRefused, also for a page used elsewhere; NotOpen."""
    with _open(case, item):
        pages.check(case, item.material_key, item.files.count(), uploads)
        DeferredFile.objects.bulk_create(DeferredFile(item=item, upload=upload) for upload in uploads)


def detach(case: Application, upload_uuid: str) -> None:
    """Take a page out again and really delete its file. Raises NotOpen; an unknown page is nothing."""
    for file in DeferredFile.objects.filter(item__case=case).select_related("upload", "item"):
        if str(file.upload.uuid) == upload_uuid:
            with _open(case, file.item):
                file.delete()
                documents.discard_upload(file.upload)


def take_sheets(case: Application, item: DeferredMaterial, received: bool) -> None:
    """Note at a window whether the material was handed in on paper. Raises NotOpen."""
    with _open(case, item):
        DeferredMaterial.objects.filter(pk=item.pk).update(sheets=received)


@contextmanager
def _open(case: Application, item: DeferredMaterial) -> Iterator[None]:
    """Under the case's lock, while the item may still be handed in."""
    with transaction.atomic():
        locked = Application.objects.select_for_update().get(pk=case.pk)
        if locked.state != State.IN_REVIEW or not DeferredMaterial.objects.get(pk=item.pk).is_open():
            raise NotOpen(_("这份材料已经提交，或者本件已经办结。"))
        yield
