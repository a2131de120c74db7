"""Messages to users, and their delivery by e-mail and text message."""

import uuid

from django.db import models
from django.db.models import Case, Q, Value, When
from django.utils.translation import gettext_lazy as _

from support.accounts.models import Party, User
from support.notices.kinds import KINDS, fill
from support.places.models import CASE_ROLES, Agency, Role
from support.queues.rows import QueueRow, dead_index, due_index
from support.records.actor import Actor
from support.records.sealing import SealedText


class NoticeQuerySet(models.QuerySet["Notice"]):
    def visible_to(self, actor: Actor) -> "NoticeQuerySet":
        """What was sent to the person, under every hat: a message is theirs as a letter is."""
        if actor.user_id is None:
            return self.none()
        return self.filter(user_id=actor.user_id)

    def unread(self) -> "NoticeQuerySet":
        return self.filter(read_at=None)

    def unread_first(self) -> "NoticeQuerySet":
        return self.alias(was_read=Q(read_at__isnull=False)).order_by("was_read", "-id")


class Notice(models.Model):
    """One message to one user, about the business of a party or the work of an agency.

    It keeps the kind and its facts, and is put into words when read, in the reader's language.
    Formal notification is done by a Document; a notice says that there is something to see.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="notices")
    party = models.ForeignKey(Party, null=True, on_delete=models.PROTECT, related_name="+")
    agency = models.ForeignKey(Agency, null=True, on_delete=models.PROTECT, related_name="+")
    case_number = models.CharField(max_length=50, default="", blank=True)
    kind = models.CharField(max_length=40, help_text="a code of `kinds.KINDS`")
    facts = models.JSONField(default=dict)
    url = models.CharField(max_length=300, help_text="a path of this site")
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    key = models.CharField(max_length=190, unique=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("消息")
        indexes = [
            models.Index(fields=["user", "-id"], name="notice_by_user"),
            models.Index(fields=["user"], condition=Q(read_at=None), name="notice_unread"),
            models.Index(fields=["case_number"], condition=~Q(case_number=""), name="notice_by_case"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        return fill(KINDS[self.kind].title, self.facts)

    @property
    def body(self) -> str:
        return fill(KINDS[self.kind].body, self.facts)


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def visible_to(self, actor: Actor) -> "DeliveryQuerySet":
        """What was sent in an agency's business: to its parties, for who works on cases there; to its
        own staff as well, for the supervisor alone, who is told of ratings and delays."""
        if not actor.is_officer:
            return self.none()
        to_parties = Q(agency_id__in=actor.agencies_with(*CASE_ROLES), for_party=True)
        return self.filter(to_parties | Q(agency_id__in=actor.agencies_with(Role.SUPERVISOR)))


class Channel(models.TextChoices):
    SMS = "sms", _("短信")
    EMAIL = "email", _("电子邮件")


class State(models.TextChoices):
    """How far a delivery has come. A mail server reports nothing after it has accepted a mail."""

    DEAD = "dead", _("已停止发送")
    FAILED = "failed", _("未送达")
    WAITING = "waiting", _("待发送")
    SENT = "sent", _("已发出")
    DELIVERED = "delivered", _("已送达")


class Delivery(QueueRow):
    """A notice on its way by another channel than the site itself. At least once, see `queues.rows`.

    The address is frozen and sealed. Our `uuid` goes out with every attempt, so that a second copy can
    be recognised; what staff send again after it was reported undeliverable has a new one. What the
    provider reports later (`reports`) may come before we have noted the sending.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="deliveries")
    agency = models.ForeignKey(
        Agency, null=True, on_delete=models.PROTECT, related_name="+", db_index=False,
        help_text="in whose business; copied from the notice",
    )  # fmt: skip
    for_party = models.BooleanField(default=False, help_text="to an applicant, not to staff")
    channel = models.CharField(max_length=5, choices=Channel, default=Channel.EMAIL)
    address_sealed = models.BinaryField()
    sent_at = models.DateTimeField(null=True, help_text="accepted by the provider")
    delivered_at = models.DateTimeField(null=True, help_text="as reported")
    failed_at = models.DateTimeField(null=True, help_text="reported as undeliverable")
    failure = models.CharField(max_length=60, default="", blank=True, help_text="the provider's code")
    provider_id = models.CharField(max_length=120, default="", blank=True)
    state = models.GeneratedField(
        expression=Case(
            When(delivered_at__isnull=False, then=Value("delivered")),
            When(failed_at__isnull=False, then=Value("failed")),
            When(next_at__isnull=False, then=Value("waiting")),
            When(~Q(error=""), then=Value("dead")),
            default=Value("sent"),
        ),
        output_field=models.CharField(max_length=9, choices=State),
        db_persist=True,
    )

    address = SealedText("address_sealed")

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("消息发送")
        indexes = [
            due_index("delivery_due"),
            dead_index("delivery_dead"),
            models.Index(
                fields=["agency", "state", "-id"], include=["channel", "for_party"], name="delivery_by_state"
            ),
        ]

    def __str__(self) -> str:
        return self.key
