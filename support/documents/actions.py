"""Storing uploads, ordering papers, and making them: render, seal, sign, once."""

import datetime as dt
import hashlib
import json
import logging
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from support.documents import rendering, signing
from support.documents.content import EXTENSIONS, PDF, check, clean_name, too_large
from support.documents.content import UploadRefused as UploadRefused
from support.documents.drawing import qr_svg as qr_svg
from support.documents.kinds import KINDS
from support.documents.models import Document, Seal, SealUse, Upload
from support.documents.verification import Finding as Finding
from support.documents.verification import Verdict as Verdict
from support.documents.verification import is_signed_by
from support.documents.verification import verify_pdf as verify_pdf
from support.places.models import Agency
from support.queues import waking
from support.queues.rows import MAX_ATTEMPTS, claim, fail
from support.records import actions as records
from support.records.actor import Actor
from support.records.sealing import seal, unseal

log = logging.getLogger(__name__)

LEASE = 120  # seconds; a paper takes less than one
DRAIN = "documents.drain"

Ready = Callable[[Document, dt.datetime], None]
_on_ready: defaultdict[str, list[Ready]] = defaultdict(list)


# --- uploads ----------------------------------------------------------------------------------


def store_upload(file: Any, *, actor: Actor, party_id: int, now: dt.datetime) -> Upload:
    """Check a file and keep it sealed. Raises UploadRefused, in the user's words.

    Applicants store for their own party; officers for whomever they serve at the counter.
    """
    if actor.user_id is None or not (actor.is_officer or (actor.is_applicant and actor.party_id == party_id)):
        raise PermissionDenied(_("您不能为这一主体上传材料。"))
    if (getattr(file, "size", 0) or 0) > settings.UPLOAD_MAX_BYTES:
        raise too_large()
    name = clean_name(file.name or "")
    content = check(file.read(settings.UPLOAD_MAX_BYTES + 1), name)
    upload = Upload(
        party_id=party_id, uploaded_by_id=actor.user_id, original_name=name, created_at=now,
        content_type=content.content_type, size=len(content.data), sha256=_hash(content.data),
    )  # fmt: skip
    try:
        default_storage.save(upload.path, ContentFile(seal(content.data, place=upload.place)))
    except OSError as error:  # the disk is full, or gone
        log.exception("upload not stored")
        default_storage.delete(upload.path)
        raise UploadRefused(_("暂时无法保存文件，请稍后重试。已填写的内容不受影响")) from error
    try:
        upload.save()
    except BaseException:
        default_storage.delete(upload.path)
        raise
    return upload


def read_upload(upload: Upload) -> bytes:
    """The content. Personal data: callers record the read."""
    with default_storage.open(upload.path) as file:
        return unseal(file.read(), place=upload.place)


def serve_upload(upload: Upload, disposition: str = "inline") -> HttpResponse:
    """The content as a response that no browser will run; `disposition` is inline or attachment."""
    stem, _dot, extension = upload.original_name.rpartition(".")
    expected = EXTENSIONS[upload.content_type]
    name = upload.original_name if extension.lower() in expected else f"{stem or extension}.{expected[0]}"
    return serve(read_upload(upload), upload.content_type, name, disposition)


def serve(data: bytes, content_type: str, name: str, disposition: str = "inline") -> HttpResponse:
    """A file for the browser: never sniffed, never cached, without rights of its own.

    Several browsers refuse to show a PDF in a sandbox; their viewer has one of its own.
    """
    sandbox = "" if content_type == PDF else "sandbox; "
    return HttpResponse(
        data,
        content_type=content_type,
        headers={
            "Content-Disposition": content_disposition_header(disposition == "attachment", name) or "inline",
            "Content-Security-Policy": f"{sandbox}default-src 'none'; frame-ancestors 'self'",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        },
    )


def discard_upload(upload: Upload) -> None:
    """Delete an upload that belongs to no case; its file goes when the transaction commits."""
    path = upload.path
    upload.delete()
    transaction.on_commit(lambda: default_storage.delete(path))


# --- ordering papers --------------------------------------------------------------------------


def next_document_number(agency: Agency, kind: str, year: int) -> str:
    """文号, e.g. 兴庆区审批局受字〔2026〕第12号. Locks the series until the transaction ends."""
    word = KINDS[kind].word
    number = records.next_number(f"document.{agency.uscc}.{word}.{year}")
    return f"{agency.short_name}{word}字〔{year}〕第{number}号"


def order(
    kind: str, *, key: str, agency: Agency, party_id: int | None, payload: dict[str, Any], number: str,
    actor: Actor, now: dt.datetime, template: str = "", case_number: str = "",
) -> Document:  # fmt: skip
    """Order a paper in the caller's transaction; the worker makes it. The same key gives the same paper.

    What the payload of a kind holds stands in `kinds`. Raises ValueError if something needed is missing.
    """
    row = KINDS[kind]
    if missing := row.missing(payload):
        raise ValueError(f"{kind}: payload lacks {', '.join(missing)}")
    if existing := Document.objects.filter(key=key).first():
        return existing
    document = Document(
        key=key, kind=kind, title=row.title_for(payload), number=number, agency=agency, party_id=party_id,
        case_number=case_number or payload.get("case_number", ""), template=template or kind,
        issued_at=now, next_at=now,
    )  # fmt: skip
    document.payload_text = json.dumps(payload, ensure_ascii=False)
    document.save()
    records.write(
        "document.order", actor=actor, target=target_of(document), subject_id=party_id,
        agency_id=agency.pk, details={"kind": kind, "number": number}, at=now,
    )  # fmt: skip
    wake()
    return document


def target_of(document: Document) -> str:
    """How the audit record names a document."""
    return f"documents.document:{document.uuid}"


def wake() -> None:
    """Have the worker look at the queue right after the caller's transaction has committed."""
    waking.wake(DRAIN)


# --- making papers ----------------------------------------------------------------------------


def when_ready(kind: str, call: Ready) -> None:
    """Have `call(document, now)` run in the transaction in which a document of the kind becomes ready."""
    if call not in _on_ready[kind]:
        _on_ready[kind].append(call)


def drain(now: dt.datetime, limit: int = 20) -> int:
    """Make up to `limit` documents that are due; the number that were tried.

    Holds no lock while rendering. A worker that dies leaves a lease that runs out.
    """
    rows = claim(Document.objects.filter(state=Document.State.ORDERED), now=now, lease=LEASE, limit=limit)
    for document in rows:
        try:
            _make(document, now)
        except Exception as error:
            log.exception("document %s not made", document.uuid)
            _note_failure(document, error, now)
    return len(rows)


def _make(document: Document, now: dt.datetime) -> None:
    signer = signing.signer_for(document.agency, now)
    unsigned, pages = rendering.render(document, signer.seal)
    pdf = signer.sign(unsigned, reason=document.title)
    if not is_signed_by(pdf, signer.seal):
        raise RuntimeError("the signature does not verify: check the clock and the seal service")
    path = document.path_of(_hash(pdf))
    default_storage.save(path, ContentFile(seal(pdf, place=document.place)))
    # If this fails the outcome is unknown: the file stays, and whoever wins sweeps what does not count.
    if _complete(document, pdf, pages, signer.seal, now):
        _sweep_losers(document, keep=path)
    else:
        default_storage.delete(path)


@transaction.atomic
def _complete(document: Document, pdf: bytes, pages: int, used: Seal, now: dt.datetime) -> bool:
    """The first to set the hash wins, even if its lease has run out; what follows shares its transaction."""
    won = Document.objects.filter(pk=document.pk, state=Document.State.ORDERED).update(
        state=Document.State.READY, sha256=_hash(pdf), pages=pages, seal=used, signed_at=now,
        next_at=None, lease_until=None, error="",
    )  # fmt: skip
    if won:
        SealUse.objects.create(seal=used, document=document, at=now)
        ready = Document.objects.get(pk=document.pk)  # ours keeps its lease, by which a failure is noted
        for call in _on_ready[document.kind]:
            call(ready, now)
    return bool(won)


def _sweep_losers(document: Document, *, keep: str) -> None:
    """Remove what killed or slower workers left beside the file that counts."""
    for name in default_storage.listdir(document.folder)[1]:
        if f"{document.folder}/{name}" != keep:
            default_storage.delete(f"{document.folder}/{name}")


def _note_failure(document: Document, error: Exception, now: dt.datetime) -> None:
    held = fail(document, f"{type(error).__name__}: {error}", now=now)
    if held and document.attempts >= MAX_ATTEMPTS:
        Document.objects.filter(pk=document.pk, state=Document.State.ORDERED).update(
            state=Document.State.FAILED
        )


def given_up() -> "QuerySet[Document]":
    """Documents that nobody will try again by themselves: every attempt failed, or killed its worker."""
    return Document.objects.filter(next_at=None).exclude(state=Document.State.READY)


def retry(document: Document, *, actor: Actor, now: dt.datetime) -> bool:
    """Order a document that was given up again, unchanged. False if it is not given up."""
    again = given_up().filter(pk=document.pk).update(
        state=Document.State.ORDERED, attempts=0, next_at=now, lease_until=None
    )
    if again:
        records.write("document.retry", actor=actor, target=target_of(document), at=now)
        wake()
    return bool(again)


def read_file(document: Document) -> bytes:
    """The signed PDF of a ready document. Personal data: callers record the read."""
    with default_storage.open(document.path_of(document.sha256)) as file:
        return unseal(file.read(), place=document.place)


def note_reading(document: Document, *, actor: Actor, now: dt.datetime) -> None:
    """Keep when the addressee first opened a paper. Service does not wait for it (电子签名法 11)."""
    if actor.is_applicant and document.read_at is None:
        Document.objects.filter(pk=document.pk, read_at=None).update(read_at=now)


def stored_paths() -> Iterator[str]:
    """The name in the storage of every file that the database counts on."""
    for upload in Upload.objects.only("uuid").iterator():
        yield upload.path
    for document in Document.objects.exclude(sha256="").only("uuid", "sha256").iterator():
        yield document.path_of(document.sha256)


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
