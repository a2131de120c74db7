"""Uploads, the papers (文书) and certificates as sealed PDFs, and the seals they are signed with."""

import datetime as dt
import json
import secrets
import uuid
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from support.accounts.models import Party, User
from support.places.models import CASE_ROLES, Agency
from support.queues.rows import QueueRow, dead_index
from support.records.actor import Actor
from support.records.sealing import SealedText

CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # nothing that is misread on paper
CODE_LENGTH = 16


def new_code() -> str:
    """A random public code of 79 bits: it can be typed from paper and tells nothing."""
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))


class UploadQuerySet(models.QuerySet["Upload"]):
    def visible_to(self, actor: Actor) -> "UploadQuerySet":
        """Applicants: their party's. Officers reach an upload through the case that it belongs to."""
        if actor.is_applicant and actor.party_id is not None:
            return self.filter(party_id=actor.party_id)
        return self.none()


class Upload(models.Model):
    """One file that a party handed in, checked and stored sealed. Its content never changes."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="uploads")
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    original_name = models.CharField(_("文件名"), max_length=100)
    content_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField(help_text="bytes of the stored content")
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField()

    objects = UploadQuerySet.as_manager()

    class Meta:
        verbose_name = _("上传材料")

    def __str__(self) -> str:
        return self.original_name

    @property
    def path(self) -> str:
        return f"uploads/{self.uuid.hex[:2]}/{self.uuid}"

    @property
    def place(self) -> str:
        """What the sealed file is bound to; see records.sealing."""
        return f"documents.upload.file:{self.uuid}"


class DocumentQuerySet(models.QuerySet["Document"]):
    def visible_to(self, actor: Actor) -> "DocumentQuerySet":
        """Applicants: the papers addressed to their party. Case workers: those of their agencies."""
        if actor.is_applicant and actor.party_id is not None:
            return self.filter(party_id=actor.party_id)
        if actor.is_officer:
            return self.filter(agency_id__in=actor.agencies_with(*CASE_ROLES))
        return self.none()


class Document(QueueRow):
    """A paper: ordered with a frozen payload, then rendered, sealed and signed once by the worker.

    `sha256` is that of the signed PDF; whoever sets it first has made the document.
    """

    class State(models.TextChoices):
        ORDERED = "ordered", _("制作中")
        READY = "ready", _("已制成")
        FAILED = "failed", _("制作失败")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=20, help_text="a code of `kinds.KINDS`")
    title = models.CharField(_("名称"), max_length=60)
    number = models.CharField(_("文号"), max_length=80)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="documents")
    party = models.ForeignKey(
        Party, null=True, blank=True, on_delete=models.PROTECT, related_name="documents"
    )
    case_number = models.CharField(_("办件编号"), max_length=50, default="", blank=True)
    template = models.CharField(max_length=60)
    payload_sealed = models.BinaryField()
    code = models.CharField(_("核验码"), max_length=16, unique=True, default=new_code)
    state = models.CharField(max_length=8, choices=State, default=State.ORDERED)
    issued_at = models.DateTimeField(help_text="when it was ordered: the date it bears")

    sha256 = models.CharField(max_length=64, default="", blank=True)
    pages = models.PositiveSmallIntegerField(null=True)
    signed_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True, help_text="when the addressee first opened it")
    seal = models.ForeignKey("Seal", null=True, on_delete=models.PROTECT, related_name="+")

    payload_text = SealedText("payload_sealed")
    objects = DocumentQuerySet.as_manager()

    class Meta:
        verbose_name = _("文书")
        indexes = [
            models.Index(fields=["next_at", "id"], condition=~Q(next_at=None), name="document_queue"),
            dead_index("document_dead"),
            models.Index(fields=["case_number"], name="document_by_case"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["sha256"], condition=~Q(sha256=""), name="document_file_once"),
            models.CheckConstraint(
                condition=~Q(state="ready") | (~Q(sha256="") & ~Q(signed_at=None) & ~Q(seal=None)),
                name="ready_document_is_signed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.number}"

    @property
    def payload(self) -> dict[str, Any]:
        """What it says. Holds personal data: callers record the read."""
        content: dict[str, Any] = json.loads(self.payload_text)
        return content

    @property
    def is_ready(self) -> bool:
        return self.state == self.State.READY

    @property
    def folder(self) -> str:
        return f"documents/{self.uuid.hex[:2]}/{self.uuid}"

    def path_of(self, sha256: str) -> str:
        """Where a rendering with this hash is stored; two workers never write the same file."""
        return f"{self.folder}/{sha256}.pdf.sealed"

    @property
    def place(self) -> str:
        return f"documents.document.file:{self.uuid}"

    @property
    def pretty_code(self) -> str:
        """The code as printed, in groups of four."""
        return "-".join(self.code[start : start + 4] for start in range(0, len(self.code), 4))


class CertificateAuthority(models.Model):
    """The installation's own root, under which its seals are certified. One is active; all are trusted."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    certificate_pem = models.TextField()
    key_sealed = models.BinaryField()
    key_pem = SealedText("key_sealed")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["is_active"], condition=Q(is_active=True), name="one_active_ca")
        ]


class Seal(models.Model):
    """电子印章 of an agency: a certificate of its own and the picture drawn from its name and legend."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="seals")
    authority = models.ForeignKey(CertificateAuthority, on_delete=models.PROTECT, related_name="+")
    legend = models.CharField(_("印文"), max_length=20)
    serial = models.CharField(max_length=40, unique=True, help_text="hexadecimal")
    certificate_pem = models.TextField()
    key_sealed = models.BinaryField()
    key_pem = SealedText("key_sealed")
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField()
    is_current = models.BooleanField(default=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("电子印章")
        constraints = [
            models.UniqueConstraint(
                fields=["agency"], condition=Q(is_current=True), name="one_current_seal_per_agency"
            )
        ]

    def __str__(self) -> str:
        return f"{self.agency} {self.legend}"

    def is_usable(self, at: dt.datetime) -> bool:
        return self.revoked_at is None and self.valid_from <= at < self.valid_until


class SealUse(models.Model):
    """One use of a seal (用印记录). Inserted, never changed."""

    insert_only = True

    seal = models.ForeignKey(Seal, on_delete=models.PROTECT, related_name="uses")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="seal_uses")
    at = models.DateTimeField()
