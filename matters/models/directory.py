"""基本目录: what all implementations of one matter have in common."""

import datetime as dt
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from matters.scripts import fold
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
        from matters.models.guides import GuideVersion

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
        _("部门"),
        max_length=100,
        null=True,
        blank=True,
        help_text="as named by the source; null: its agencies",
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
