"""基本目录: what all implementations of one matter have in common."""

import datetime as dt
import uuid
from typing import TYPE_CHECKING, Any

from django.db import connection, models
from django.utils.translation import gettext_lazy as _

from matters.scripts import fold
from support.records.actor import Actor

if TYPE_CHECKING:
    from matters.models.changes import DirectoryVersion

# What a version fixes of its entry; the row of the entry repeats those of the version in force.
FACTS = ("name", "task_type", "by_law", "use_level", "department", "local_catalog_code")
PROJECT = """
UPDATE matters_directoryentry AS e
SET name = v.name, name_fold = v.name_fold, task_type = v.task_type, by_law = v.by_law, use_level = v.use_level,
    department = v.department, local_catalog_code = v.local_catalog_code, state = v.state,
    version = v.version, facts_version = v.facts_version,
    changes_at = (
        SELECT min(lower(n.validity)) FROM matters_directoryversion AS n
        WHERE n.entry_id = e.id AND lower(n.validity) > %(at)s
    )
FROM matters_directoryversion AS v
WHERE v.entry_id = e.id AND v.validity @> %(at)s AND (e.changes_at <= %(at)s OR e.id = ANY(%(only)s))
"""


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


def is_state(states: list[str], at: dt.datetime, path: str = "") -> models.Q:
    """The entry at `path` is in one of the states at the instant `at`.

    The row says so up to `changes_at`; from then on the version in force does, whether or not anything has
    run since.
    """
    from matters.models.changes import DirectoryVersion

    versions = DirectoryVersion.objects.filter(
        entry=models.OuterRef(f"{path}pk"), validity__contains=at, state__in=states
    )
    row = models.Q(**{f"{path}state__in": states})
    before = models.Q(**{f"{path}changes_at": None}) | models.Q(**{f"{path}changes_at__gt": at})
    after = models.Q(**{f"{path}changes_at__lte": at})
    return row & before | after & models.Q(models.Exists(versions))


def in_use(at: dt.datetime, path: str = "") -> models.Q:
    """The entry at `path` is neither suspended nor cancelled at the instant `at`."""
    return is_state([DirectoryEntry.State.IN_USE], at, path)


class DirectoryEntryQuerySet(models.QuerySet["DirectoryEntry"]):
    def visible_to(self, actor: Actor) -> "DirectoryEntryQuerySet":
        """The directory is public to every hat, with what was cancelled."""
        return self.all()

    def listed_at(self, at: dt.datetime) -> "DirectoryEntryQuerySet":
        """Those in the directory at `at`: begun and not cancelled."""
        states = DirectoryEntry.State
        return self.filter(is_state([states.IN_USE, states.SUSPENDED], at))

    def of_region(self, region_code: str, above: list[str]) -> "DirectoryEntryQuerySet":
        """The directory of a region: the national entries, those of the regions above, and its own; nothing that
        was taken from elsewhere."""
        return self.filter(region_code__in=["", *above, region_code], source=None)

    def reopen(self) -> None:
        """In use whatever was decided: for a trial, which is rolled back."""
        self.update(state=DirectoryEntry.State.IN_USE, changes_at=None)

    def project(self, at: dt.datetime, only: list[int] | None = None) -> None:
        """Bring the rows up to the versions in force at `at`: those that are due, and `only` whatever they say."""
        if only or self.filter(changes_at__lte=at).exists():
            with connection.cursor() as cursor:
                cursor.execute(PROJECT, {"at": at, "only": only or []})

    def with_claimed(self, at: dt.datetime) -> "DirectoryEntryQuerySet":
        """`claimed`: some agency has a guide for it in force at `at`. The others are 待认领."""
        from matters.models.guides import GuideVersion

        guides = GuideVersion.objects.in_force(at).filter(matter__agency__is_active=True)
        return self.annotate(claimed=models.Exists(guides.filter(matter__directory=models.OuterRef("pk"))))


class DirectoryEntry(models.Model):
    """基本目录: what every implementation of one matter has in common. Facts of S2 `up_task_directory`.

    What is not known of an entry taken from elsewhere is null. Facts and state repeat the version in force
    until `changes_at`; a row whose first version has not begun is not listed.
    """

    class State(models.TextChoices):
        IN_USE = "1", _("在用")
        SUSPENDED = "2", _("暂停")
        CANCELLED = "3", _("取消")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
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
    facts_version = models.PositiveIntegerField(
        default=1, help_text="the version that last changed the facts"
    )
    changes_at = models.DateTimeField(null=True, editable=False, help_text="when the next version begins")
    region_code = models.CharField(
        max_length=12, default="", blank=True, help_text="whose own directory; empty: the national one"
    )
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
        indexes = [
            models.Index(
                fields=["changes_at"],
                condition=models.Q(changes_at__isnull=False),
                name="directory_changes_due",
            ),
            models.Index(fields=["region_code"], name="directory_of_region"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["region_code", "local_catalog_code"],
                condition=models.Q(source=None) & ~models.Q(local_catalog_code=""),
                name="local_code_once_in_a_region",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def as_of(self, at: dt.datetime) -> "DirectoryEntry | DirectoryVersion":
        """Facts and state at an instant, not before the row's own: the row, or the version then in force."""
        if self.changes_at is None or at < self.changes_at:
            return self
        return self.versions.get(validity__contains=at)

    @property
    def code(self) -> str:
        """基本编码, national or local. What was taken from elsewhere has none of ours."""
        return self.catalog_code or (self.local_catalog_code if self.source is None else "")
