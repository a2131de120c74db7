"""Messages to users, and their delivery by e-mail."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from support.accounts.models import Party, User
from support.notices.kinds import KINDS, fill
from support.places.models import Agency
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
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        return fill(KINDS[self.kind].title, self.facts)

    @property
    def body(self) -> str:
        return fill(KINDS[self.kind].body, self.facts)


class Delivery(QueueRow):
    """A notice on its way by another channel than the site itself. At least once, see `queues.rows`.

    The address is frozen and sealed. `provider_id` is the Message-ID: the same at every attempt, so
    that a second copy can be recognised.
    """

    class Channel(models.TextChoices):
        EMAIL = "email", _("电子邮件")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="deliveries")
    channel = models.CharField(max_length=5, choices=Channel, default=Channel.EMAIL)
    address_sealed = models.BinaryField()
    sent_at = models.DateTimeField(null=True)
    provider_id = models.CharField(max_length=120, default="", blank=True)

    address = SealedText("address_sealed")

    class Meta:
        verbose_name = _("消息发送")
        indexes = [due_index("delivery_due"), dead_index("delivery_dead")]

    def __str__(self) -> str:
        return self.key
