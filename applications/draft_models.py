"""Applications being filled in: gone when they are filed or expire."""

import datetime as dt
import uuid

from django.db import models
from django.db.models import Q

from matters.models import GuideVersion, Matter
from support.accounts.models import Party, User
from support.documents.models import Upload
from support.places.models import Agency, Role
from support.records.actor import Actor
from support.records.sealing import SealedText


class DraftQuerySet(models.QuerySet["Draft"]):
    def visible_to(self, actor: Actor) -> "DraftQuerySet":
        """The applicant's own; those begun at a window belong to its agency: its clerks see them, nobody else."""
        if actor.is_applicant and actor.party_id is not None:
            return self.filter(party_id=actor.party_id, agency=None)
        if actor.is_officer:
            return self.filter(agency_id__in=actor.agencies_with(Role.CLERK))
        return self.none()

    def live(self, now: dt.datetime) -> "DraftQuerySet":
        return self.filter(expires_at__gt=now)


class Draft(models.Model):
    """An application being filled in, really deleted when it expires: one per matter and party by the
    applicant, one at the window (`agency`)."""

    LIFETIME = dt.timedelta(days=30)

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    matter = models.ForeignKey(Matter, on_delete=models.CASCADE)
    guide = models.ForeignKey(GuideVersion, on_delete=models.CASCADE)
    party = models.ForeignKey(Party, on_delete=models.CASCADE)
    started_by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    agency = models.ForeignKey(
        Agency, null=True, blank=True, on_delete=models.CASCADE, related_name="+", help_text="of the window"
    )  # fmt: skip
    window_sealed = models.BinaryField(default=b"")
    window_text = SealedText("window_sealed")
    answers_sealed = models.BinaryField(default=b"")
    sealed_text = SealedText("answers_sealed")
    situations = models.JSONField(default=dict)
    deferred = models.JSONField(default=list, help_text="容缺: keys of the materials to be handed in later")
    steps_done = models.JSONField(default=list)
    updated_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    objects = DraftQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["matter", "party"], condition=Q(agency=None), name="one_draft_per_party"
            ),
            models.UniqueConstraint(
                fields=["matter", "party"], condition=~Q(agency=None), name="one_draft_at_window"
            ),
        ]
        indexes = [
            models.Index(fields=["expires_at"], name="draft_expiry"),
            models.Index(
                fields=["agency", "-updated_at"], condition=~Q(agency=None), name="draft_at_window"
            ),
        ]

    @property
    def route(self) -> str:
        """Name of the pages of the wizard: the applicant's, or those of the window."""
        return "applications:draft" if self.agency_id is None else "applications:intake_draft"


class DraftMaterial(models.Model):
    """One uploaded page waiting in a draft."""

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="materials")
    material_key = models.CharField(max_length=60)
    upload = models.ForeignKey(Upload, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["material_key", "id"]
