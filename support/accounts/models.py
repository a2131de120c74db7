"""Users, the parties whose business is done (自然人 and 组织), mandates, and officers' grants."""

import uuid
from datetime import date

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _
from guardian.models import UserObjectPermissionBase

from support.places.models import Agency, Region
from support.records.actor import Actor
from support.records.sealing import SealedText, blind_index


class User(AbstractUser):
    """A login. Who the person is before the law stands in Party; what they may do, in AgencyGrant."""

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("姓名"), max_length=50)
    by_email = models.BooleanField(_("电子邮件通知"), default=True)
    by_sms = models.BooleanField(_("短信通知"), default=True)
    language = models.CharField(
        max_length=8, blank=True, default="", help_text="last chosen; empty: the site's"
    )

    REQUIRED_FIELDS = ["email", "name"]

    def __str__(self) -> str:
        return self.name or self.username


class PartyQuerySet(models.QuerySet["Party"]):
    def visible_to(self, actor: Actor) -> "PartyQuerySet":
        """The party acted for. Officers see people only through cases, certificates and documents."""
        if actor.is_applicant and actor.party_id:
            return self.filter(pk=actor.party_id)
        return self.none()

    def with_number(self, number: str) -> "PartyQuerySet":
        """Parties with exactly this identity number or credit code (normalised upper case)."""
        return self.filter(number_index=Party.index_of(number))


class Party(models.Model):
    """行政相对人: a natural person or an organisation in whose name business is done.

    The number (公民身份号码 GB 11643 or 统一社会信用代码 GB 32100), phone and address are sealed;
    the number is found by its blind index.
    """

    class Kind(models.TextChoices):
        NATURAL = "natural", _("自然人")
        LEGAL = "legal", _("法人或其他组织")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=8, choices=Kind)
    name = models.CharField(_("姓名或名称"), max_length=100)
    code_type = models.CharField(_("证件类型"), max_length=3, help_text="GB/T 36903 appendix A: 111, 001 …")
    number_sealed = models.BinaryField()
    number_index = models.BinaryField(max_length=32, unique=True)
    phone_sealed = models.BinaryField(default=b"")
    address_sealed = models.BinaryField(default=b"")
    region = models.ForeignKey(Region, null=True, blank=True, on_delete=models.PROTECT)
    identity_level = models.PositiveSmallIntegerField(
        default=1, help_text="1 account, 2 + mobile, 3 identity document, 4 face"
    )
    user = models.OneToOneField(User, null=True, blank=True, on_delete=models.PROTECT, related_name="party")
    created_at = models.DateTimeField(auto_now_add=True)

    number = SealedText("number_sealed")
    phone = SealedText("phone_sealed")
    address = SealedText("address_sealed")

    objects = PartyQuerySet.as_manager()

    class Meta:
        verbose_name = _("行政相对人")

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def index_of(number: str) -> bytes:
        return blind_index(number.upper(), purpose="party.number")

    def set_number(self, number: str) -> None:
        """Seal a checked number and its index together."""
        self.number = number.upper()
        self.number_index = self.index_of(number)


class Mandate(models.Model):
    """A user may act for an organisation, from a day, until a day or until revoked."""

    class Role(models.TextChoices):
        LEGAL_REPRESENTATIVE = "legal_representative", _("法定代表人")
        AGENT = "agent", _("经办人")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="mandates")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="mandates")
    role = models.CharField(max_length=24, choices=Role)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "party"], condition=models.Q(revoked_at=None), name="one_open_mandate"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} → {self.party}"


class AgencyGrant(UserObjectPermissionBase):
    """Guardian's object permission with a direct key to the agency and an end date.

    Read only through `hats.actor_for`, which honours `valid_until`; guardian's `has_perm` does not.
    """

    content_object = models.ForeignKey(Agency, on_delete=models.CASCADE)
    valid_until = models.DateField(null=True, blank=True)

    def is_valid(self, today: date) -> bool:
        return self.valid_until is None or self.valid_until >= today
