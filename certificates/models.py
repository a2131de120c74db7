"""电子证照: types, the certificates issued, how they were used, and the one-time tokens of 亮证."""

import datetime as dt
import json
import uuid
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from support.accounts.models import Party, User
from support.documents.models import Document
from support.places.models import CASE_ROLES, Agency
from support.records.actor import Actor
from support.records.sealing import SealedText

TOKEN_LIMIT = dt.timedelta(minutes=5)  # no code shown on a screen outlives this


class CertificateType(models.Model):
    """A kind of certificate under its national code: the defining agency's USCC and three digits."""

    code = models.CharField(_("证照类型代码"), max_length=21, primary_key=True)
    name = models.CharField(_("证照名称"), max_length=100)
    months = models.PositiveSmallIntegerField(_("有效月数"), null=True, blank=True, help_text="null: no end")
    number_prefix = models.CharField(_("编号前缀"), max_length=10, default="", blank=True)
    labels = models.JSONField(
        default=dict, blank=True, help_text="words printed for each field key, in order"
    )
    layout = models.CharField(max_length=60, default="certificate", help_text="template of the paper")

    class Meta:
        verbose_name = _("证照类型")

    def __str__(self) -> str:
        return self.name


class CertificateQuerySet(models.QuerySet["Certificate"]):
    def visible_to(self, actor: Actor) -> "CertificateQuerySet":
        """Applicants: those their party holds. Case workers: those their agencies issued."""
        if actor.is_applicant and actor.party_id is not None:
            return self.filter(holder_id=actor.party_id)
        if actor.is_officer:
            return self.filter(agency_id__in=actor.agencies_with(*CASE_ROLES))
        return self.none()


class Certificate(models.Model):
    """One version of one certificate. Reserved by the deciding transaction, valid once signed."""

    class State(models.TextChoices):
        """00 is our own; the others are those of the national exchange table `up_lic_data`."""

        ISSUING = "00", _("出证中")
        VALID = "01", _("有效")
        SUSPENDED = "02", _("暂扣")
        WITHDRAWN = "03", _("撤销")
        CANCELLED = "04", _("注销")
        EXPIRED = "05", _("失效")
        TRANSFERRED = "06", _("办理转出")
        REVOKED = "07", _("吊销")
        OTHER = "99", _("其他")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    type = models.ForeignKey(CertificateType, on_delete=models.PROTECT, related_name="certificates")
    number = models.CharField(_("证照编号"), max_length=50)
    identifier = models.CharField(_("电子证照标识"), max_length=100, unique=True)
    version = models.PositiveSmallIntegerField(default=1)
    previous = models.OneToOneField("self", null=True, blank=True, on_delete=models.PROTECT)
    state = models.CharField(max_length=2, choices=State, default=State.ISSUING)
    holder = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="certificates")
    holder_name = models.CharField(_("持证主体"), max_length=100)
    holder_kind = models.CharField(max_length=8, choices=Party.Kind)
    holder_code_type = models.CharField(max_length=3, help_text="facts of the exchange: 001 USCC, 111 …")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="certificates")
    region_code = models.CharField(max_length=12)
    case_number = models.CharField(_("办件编号"), max_length=50)
    matter_code = models.CharField(_("实施编码"), max_length=36)
    issued_on = models.DateField(_("发证日期"))
    valid_from = models.DateField(_("有效期自"))
    valid_until = models.DateField(_("有效期至"), null=True, blank=True, help_text="last day; null: no end")
    fields_sealed = models.BinaryField(default=b"")
    document = models.OneToOneField(Document, on_delete=models.PROTECT, related_name="certificate")
    code = models.CharField(_("核验码"), max_length=16, unique=True)

    fields_text = SealedText("fields_sealed")
    objects = CertificateQuerySet.as_manager()

    class Meta:
        verbose_name = _("电子证照")
        ordering = ["-issued_on", "-id"]
        indexes = [models.Index(fields=["holder", "-issued_on"], name="certificate_by_holder")]
        constraints = [
            models.UniqueConstraint(
                fields=["case_number", "type", "version"], name="certificate_once_per_case"
            ),
            models.UniqueConstraint(
                fields=["type", "number", "version"], name="certificate_number_once"
            ),
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gte=F("valid_from")), name="validity_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.number}"

    @property
    def fields(self) -> list[tuple[str, Any]]:
        """The printed particulars as (label, value). Holds personal data: callers record the read."""
        return [(label, value) for label, value in json.loads(self.fields_text or "[]")]

    def state_at(self, today: dt.date) -> "Certificate.State":
        """What it is worth on a day: a valid certificate whose last day has passed reads as expired."""
        state = self.State(self.state)
        if state is self.State.VALID and self.valid_until is not None and self.valid_until < today:
            return self.State.EXPIRED
        return state

    def is_valid_on(self, today: dt.date) -> bool:
        return self.state_at(today) is self.State.VALID and self.valid_from <= today


class UseLog(models.Model):
    """亮证与核验记录: who showed or checked a certificate, and when. Inserted, never changed."""

    insert_only = True

    class Kind(models.TextChoices):
        PRESENTED = "presented", _("出示")
        TOKEN_CHECKED = "token", _("亮证码被扫描核验")
        CODE_CHECKED = "code", _("证照上的核验码被查询")
        FILE_CHECKED = "file", _("证照文件被核验")

    certificate = models.ForeignKey(Certificate, on_delete=models.PROTECT, related_name="uses")
    kind = models.CharField(max_length=10, choices=Kind)
    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=50)

    class Meta:
        indexes = [models.Index(fields=["certificate", "-id"], name="certificate_uses")]


class PresentToken(models.Model):
    """A one-time code behind the QR of 亮证. Only its digest is stored; used once, at most minutes old."""

    certificate = models.ForeignKey(Certificate, on_delete=models.CASCADE, related_name="tokens")
    digest = models.BinaryField(max_length=32, unique=True)
    shown_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    token: str = ""  # known only to the instance that made it

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__lte=F("created_at") + TOKEN_LIMIT), name="token_is_short_lived"
            )
        ]
