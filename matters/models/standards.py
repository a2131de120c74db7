"""标准: how a matter is to be handled throughout a region, tried in some places before it binds all."""

import datetime as dt
import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from matters.models.directory import DirectoryEntry
from matters.models.drafts import Review
from support.places.models import Agency, Region, Role
from support.records.actor import Actor


class StandardQuerySet(models.QuerySet["Standard"]):
    def visible_to(self, actor: Actor) -> "StandardQuerySet":
        """Those who work on the catalogue: what is tried and in force meets all; a proposal only its agency and
        the departments asked."""
        keeps = actor.agencies_with(Role.EDITOR, Role.REVIEWER)
        if not keeps:
            return self.none()
        asked = StandardReview.objects.filter(agency__in=actor.agencies_with(Role.REVIEWER)).values(
            "standard"
        )
        public = models.Q(state__in=(Standard.State.TRIAL, Standard.State.IN_FORCE, Standard.State.ENDED))
        return self.filter(public | models.Q(agency__in=keeps) | models.Q(pk__in=asked))

    def binding(self, catalog_code: str, region: str) -> "StandardQuerySet":
        """In force for an entry and for the region (12 digits) or one above it."""
        return self.filter(
            state=Standard.State.IN_FORCE,
            directory__catalog_code=catalog_code,
            agency__region__in=_above(region),
        )

    def tried(self, catalog_code: str, region: str, at: dt.datetime) -> "StandardQuerySet":
        """On trial at `at` for an entry, in the region or in one above it."""
        return self.filter(
            state=Standard.State.TRIAL,
            directory__catalog_code=catalog_code,
            starts_at__lte=at,
            ends_at__gt=at,
            regions__in=_above(region),
        ).distinct()


def _above(region: str) -> set[str]:
    return {region[:width].ljust(12, "0") for width in Region.WIDTHS.values()}


class Standard(models.Model):
    """A standard for a directory entry, made by a department of a region from a published guide.

    Proposed, reviewed by the panel, tried in chosen regions with an end, then in force for the whole region, or
    ended with reasons.
    """

    class State(models.TextChoices):
        REVIEW = "review", _("审核中")
        RETURNED = "returned", _("已退回")
        APPROVED = "approved", _("审核通过")
        TRIAL = "trial", _("试点")
        IN_FORCE = "in_force", _("生效")
        ENDED = "ended", _("已终止")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    directory = models.ForeignKey(DirectoryEntry, on_delete=models.PROTECT, related_name="standards")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    document = models.JSONField(help_text="schema/guide-1.json")
    state = models.CharField(max_length=10, choices=State, default=State.REVIEW)
    regions = models.ManyToManyField(Region, related_name="+", help_text="of the trial")
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    reason = models.TextField(_("终止原因"), default="")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    objects = StandardQuerySet.as_manager()

    class Meta:
        verbose_name = _("标准")
        constraints = [
            models.UniqueConstraint(
                fields=["directory", "agency"],
                condition=models.Q(state__in=("review", "approved", "trial")),
                name="one_standard_in_the_making",
            ),
            models.UniqueConstraint(
                fields=["directory", "agency"],
                condition=models.Q(state="in_force"),
                name="one_standard_in_force",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.directory} {self.state}"


class StandardReview(Review):
    """The review of a standard by one department."""

    standard = models.ForeignKey(Standard, on_delete=models.CASCADE, related_name="reviews")

    class Meta:
        verbose_name = _("标准审核")
        constraints = [models.UniqueConstraint(fields=["standard", "agency"], name="one_review_per_standard")]

    def __str__(self) -> str:
        return f"{self.standard} {self.agency}"
