"""实施清单 in the making: the draft of a guide, and who reviews it before it is published."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from matters.guides import SOURCE
from matters.models.guides import GuideVersion, Matter
from support.places.models import Agency, Region, Role
from support.records.actor import Actor


class ReviewingAgency(models.Model):
    """审核部门: who reviews, side by side, what the agencies of a region and of those beneath it propose.

    The nearest region with any such row counts. By default 办公厅（室） and 司法厅（局）.
    """

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("审核部门")
        constraints = [models.UniqueConstraint(fields=["region", "agency"], name="reviewing_agency_once")]

    def __str__(self) -> str:
        return f"{self.region} {self.agency}"


class GuideDraftQuerySet(models.QuerySet["GuideDraft"]):
    def visible_to(self, actor: Actor) -> "GuideDraftQuerySet":
        """Drafts of the agencies for which the actor edits or reviews, and those an agency of his is asked to
        review. Nobody else sees what is not published."""
        if not actor.is_officer:
            return self.none()
        own = actor.agencies_with(Role.EDITOR, Role.REVIEWER)
        asked = GuideReview.objects.filter(agency__in=actor.agencies_with(Role.REVIEWER)).values("draft")
        return self.filter(models.Q(matter__agency__in=own) | models.Q(pk__in=asked))

    def open(self) -> "GuideDraftQuerySet":
        return self.filter(state__in=GuideDraft.OPEN)


class GuideDraft(models.Model):
    """A guide being written: edited, reviewed in parallel, approved, published as a `GuideVersion`.

    `document` is the guide without its `identity`, which is stamped from directory and list. Every saving
    counts `revision` up; who saves says which one was seen, so nothing is overwritten unseen.
    """

    class State(models.TextChoices):
        EDITING = "editing", _("编辑中")
        REVIEW = "review", _("审核中")
        APPROVED = "approved", _("审核通过")
        PUBLISHED = "published", _("已发布")
        DROPPED = "dropped", _("已放弃")

    OPEN = (State.EDITING, State.REVIEW, State.APPROVED)

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="drafts")
    based_on = models.ForeignKey(GuideVersion, null=True, on_delete=models.PROTECT, related_name="+")
    document = models.JSONField(help_text="schema/guide-1.json without identity; may be incomplete")
    state = models.CharField(max_length=10, choices=State, default=State.EDITING)
    revision = models.PositiveIntegerField(default=1)
    round = models.PositiveIntegerField(default=0, help_text="of review")
    starts_at = models.DateTimeField(_("计划生效时间"), null=True, help_text="null: on publishing")
    ends_at = models.DateTimeField(_("计划失效时间"), null=True)
    note = models.TextField(_("变更说明"), default="", help_text="for the public change log")
    editors = models.JSONField(
        default=list, help_text="ids of those who saved anything since the last publishing"
    )
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    version = models.OneToOneField(
        GuideVersion, null=True, on_delete=models.PROTECT, related_name="made_from"
    )

    objects = GuideDraftQuerySet.as_manager()

    class Meta:
        verbose_name = _("实施清单草稿")
        constraints = [
            models.UniqueConstraint(
                fields=["matter"],
                condition=models.Q(state__in=("editing", "review", "approved")),
                name="one_open_draft",
            )
        ]
        indexes = [models.Index(fields=["state", "-updated_at"], name="drafts_by_state")]

    def __str__(self) -> str:
        return f"{self.matter} r{self.revision}"

    @property
    def title(self) -> str:
        """The name in Chinese, or that of the directory while none is written."""
        name: Any = self.document.get("name")
        written = name.get(SOURCE) if isinstance(name, dict) else ""
        return written or self.matter.directory.name

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN


class Review(models.Model):
    """One department's part in a joint review. Base of the reviews of drafts and of directory changes."""

    class Outcome(models.TextChoices):
        APPROVED = "approved", _("同意")
        RETURNED = "returned", _("退回修改")

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    round = models.PositiveIntegerField()
    outcome = models.CharField(max_length=10, choices=Outcome, null=True)
    comment = models.TextField(_("审核意见"), default="")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(null=True)

    class Meta:
        abstract = True


class GuideReview(Review):
    """The review of a draft by one department in one round."""

    draft = models.ForeignKey(GuideDraft, on_delete=models.CASCADE, related_name="reviews")

    class Meta:
        verbose_name = _("实施清单审核")
        constraints = [
            models.UniqueConstraint(fields=["draft", "agency", "round"], name="one_review_per_round")
        ]
        indexes = [
            models.Index(
                fields=["agency", "draft"], condition=models.Q(outcome=None), name="guide_reviews_waiting"
            )
        ]

    def __str__(self) -> str:
        return f"{self.draft} {self.agency} {self.round}"
