"""实施清单 and the published versions of its guide."""

import datetime as dt
import uuid
from functools import cached_property

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from matters.guides import SOURCE, Guide
from matters.models.directory import DirectoryEntry, in_use
from support.places.models import Agency
from support.records.actor import Actor


class MatterQuerySet(models.QuerySet["Matter"]):
    def visible_to(self, actor: Actor) -> "MatterQuerySet":
        """What is published is public to every hat (行政许可法 30)."""
        return self.all()

    def open(self, at: dt.datetime) -> "MatterQuerySet":
        """Those that may be applied for at `at`: neither suspended nor cancelled in the directory."""
        return self.filter(in_use(at, "directory__"), agency__is_active=True)


class Matter(models.Model):
    """实施清单: the identity of one matter as one agency handles it. Its words are in its guide versions."""

    class Regime(models.TextChoices):
        """Which rules govern the clock: those of 行政许可法, or the published terms alone."""

        LICENCE = "licence", _("行政许可法")
        OTHER = "other", _("公布的办理规则")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    task_code = models.CharField(
        _("实施编码"), max_length=36, unique=True, help_text="31 characters; 33 with the 业务办理项 sequence"
    )
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="matters")
    directory = models.ForeignKey(DirectoryEntry, on_delete=models.PROTECT, related_name="matters")
    task_type = models.CharField(_("事项类型"), max_length=2, help_text="GB/T 39046 A.1")
    regime = models.CharField(max_length=8, choices=Regime)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = MatterQuerySet.as_manager()

    class Meta:
        verbose_name = _("实施清单")

    def __str__(self) -> str:
        return self.task_code


class GuideVersionQuerySet(models.QuerySet["GuideVersion"]):
    def visible_to(self, actor: Actor) -> "GuideVersionQuerySet":
        """Every row is published, and what is published is public to every hat (行政许可法 30)."""
        return self.all()

    def in_force(self, at: dt.datetime) -> "GuideVersionQuerySet":
        return self.filter(validity__contains=at)

    def open_at(self, at: dt.datetime) -> "GuideVersionQuerySet":
        """Those under which one may apply at `at`: in force, the matter neither suspended nor cancelled."""
        return self.in_force(at).filter(in_use(at, "matter__directory__"), matter__agency__is_active=True)

    def begun(self, at: dt.datetime) -> "GuideVersionQuerySet":
        """In force at `at` or at some time before."""
        return self.filter(validity__startswith__lte=at)


class GuideVersion(models.Model):
    """办事指南: one published version. Never changed; only the open end of its validity can be closed.

    A trigger refuses every other update and every deletion; what was filed under a version renders
    with it for ever.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="versions")
    version = models.PositiveIntegerField()
    document = models.JSONField(help_text="schema/guide-1.json")
    validity = DateTimeRangeField(help_text="from the instant it takes effect, until replaced")
    published_at = models.DateTimeField()
    published_by = models.CharField(max_length=50)

    objects = GuideVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("办事指南")
        constraints = [
            models.UniqueConstraint(fields=["matter", "version"], name="guide_version_once"),
            ExclusionConstraint(
                name="one_guide_in_force",
                expressions=[("matter", RangeOperators.EQUAL), ("validity", RangeOperators.OVERLAPS)],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.matter} v{self.version}"

    @cached_property
    def guide(self) -> Guide:
        """The guide in Simplified Chinese, the language in which it is published."""
        return Guide(self.document)

    def guide_in(self, language: str) -> Guide:
        return Guide(self.document, language)

    @property
    def said(self) -> Guide:
        """The guide in the reader's language, for pages. Papers and records keep to `guide`."""
        return self.guide_in(get_language() or SOURCE)
