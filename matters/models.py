"""The directory of matters, the implementation lists made from it, and their published guides."""

import datetime as dt
import uuid
from functools import cached_property
from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeOperators
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from matters.guides import SOURCE, Guide
from matters.scripts import fold
from support.places.models import Agency
from support.records.actor import Actor


class FoldedField(models.CharField):  # type: ignore[type-arg]
    """The folded form of the field `of`, for search; made afresh whenever the row is written."""

    def __init__(self, *, of: str, **kwargs: Any) -> None:
        super().__init__(**{"editable": False, "default": "", **kwargs})
        self.of = of

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "of": self.of}

    def pre_save(self, row: models.Model, add: bool) -> str:
        folded = fold(getattr(row, self.of))
        setattr(row, self.attname, folded)
        return folded


class DirectoryEntryQuerySet(models.QuerySet["DirectoryEntry"]):
    def visible_to(self, actor: Actor) -> "DirectoryEntryQuerySet":
        """The directory is public to every hat, but for what was cancelled."""
        return self.exclude(state=DirectoryEntry.State.CANCELLED)

    def with_claimed(self, at: dt.datetime) -> "DirectoryEntryQuerySet":
        """`claimed`: some agency has a guide for it in force at `at`. The others are 待认领."""
        guides = GuideVersion.objects.in_force(at).filter(matter__agency__is_active=True)
        return self.annotate(claimed=models.Exists(guides.filter(matter__directory=models.OuterRef("pk"))))


class DirectoryEntry(models.Model):
    """基本目录: what every implementation of one matter has in common. Facts of S2 `up_task_directory`.

    What is not known of an entry taken from elsewhere is null.
    """

    class State(models.TextChoices):
        IN_USE = "1", _("在用")
        SUSPENDED = "2", _("暂停")
        CANCELLED = "3", _("取消")

    catalog_code = models.CharField(
        _("基本编码"), max_length=12, null=True, blank=True, unique=True, help_text="null: not yet coded"
    )
    local_catalog_code = models.CharField(_("地方基本编码"), max_length=50, default="", blank=True)
    name = models.CharField(_("事项名称"), max_length=200)
    task_type = models.CharField(_("事项类型"), max_length=2, help_text="GB/T 39046 A.1")
    by_law = models.TextField(_("设定依据"), null=True, blank=True)
    use_level = models.CharField(
        _("行使层级"), max_length=20, null=True, blank=True, help_text="GB/T 39046 A.2, joined by ^"
    )
    state = models.CharField(_("事项状态"), max_length=1, choices=State, default=State.IN_USE)
    version = models.PositiveIntegerField(_("版本"), default=1)
    department = models.CharField(
        _("部门"), max_length=100, null=True, blank=True, help_text="as named by the source; null: its agencies"
    )
    source = models.CharField(_("来源"), max_length=100, null=True, blank=True, help_text="null: our own")
    source_code = models.CharField(
        _("来源编码"), max_length=60, null=True, blank=True, unique=True, help_text="the item's code there"
    )
    name_fold = FoldedField(of="name", max_length=400)

    objects = DirectoryEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("基本目录")

    def __str__(self) -> str:
        return self.name


class MatterQuerySet(models.QuerySet["Matter"]):
    def visible_to(self, actor: Actor) -> "MatterQuerySet":
        """What is published is public to every hat (行政许可法 30)."""
        return self.all()

    def open(self) -> "MatterQuerySet":
        """Those that may be applied for: neither suspended nor cancelled in the directory."""
        return self.filter(directory__state=DirectoryEntry.State.IN_USE, agency__is_active=True)


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
        return self.in_force(at).filter(
            matter__directory__state=DirectoryEntry.State.IN_USE, matter__agency__is_active=True
        )

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


class SearchEntryQuerySet(models.QuerySet["SearchEntry"]):
    def visible_to(self, actor: Actor) -> "SearchEntryQuerySet":
        """Published guides are public to every hat."""
        return self.all()

    def in_force(self, at: dt.datetime) -> "SearchEntryQuerySet":
        """Of the guides in force at `at`, those whose matter is open."""
        return self.filter(
            validity__contains=at,
            guide__matter__directory__state=DirectoryEntry.State.IN_USE,
            agency__is_active=True,
        )


class SearchEntry(models.Model):
    """What search and the lists need of a guide version. Derived: `actions.publish` makes and removes it."""

    guide = models.OneToOneField(GuideVersion, on_delete=models.CASCADE, related_name="search_entry")
    validity = DateTimeRangeField(help_text="copy of the guide's")
    title_fold = models.CharField(max_length=400)
    body_fold = models.TextField()
    tsv = SearchVectorField(help_text="bigrams of both, see search.vector; title has weight A")
    card = models.JSONField(help_text="what a hit shows")
    region_code = models.CharField(max_length=12)
    agency = models.ForeignKey(Agency, on_delete=models.CASCADE, related_name="+")
    task_type = models.CharField(max_length=2)
    audiences = ArrayField(models.CharField(max_length=8), help_text="natural, legal")
    natural_themes = ArrayField(models.CharField(max_length=3))
    legal_themes = ArrayField(models.CharField(max_length=3))
    flags = ArrayField(models.CharField(max_length=12), help_text="instant, online, pledge, deferral")

    objects = SearchEntryQuerySet.as_manager()

    class Meta:
        indexes = [
            GinIndex(fields=["tsv"], name="search_words"),
            models.Index(fields=["agency"], name="search_by_agency"),
        ]

    def __str__(self) -> str:
        return self.title_fold


class Synonym(models.Model):
    """What people call a matter, and the catalogue's words for it. Both folded (`search.fold`)."""

    term = models.CharField(max_length=60, unique=True)
    expands_to = ArrayField(models.CharField(max_length=60))

    class Meta:
        verbose_name = _("搜索同义词")

    def __str__(self) -> str:
        return f"{self.term} → {'、'.join(self.expands_to)}"


class ZeroHit(models.Model):
    """A search term that found nothing, and how often. No one who searched is recorded."""

    term = models.CharField(max_length=60, unique=True)
    count = models.PositiveIntegerField(default=1)
    last_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["-count"], name="zero_hits_often")]

    def __str__(self) -> str:
        return self.term
