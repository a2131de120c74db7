"""动态调整: the versions of directory entries, and the requests by which they come about."""

import datetime as dt
import uuid

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.utils.translation import gettext_lazy as _

from matters.models.directory import DirectoryEntry, FoldedField
from matters.models.drafts import Review
from support.places.models import Agency, Role
from support.records.actor import Actor


class DirectoryChangeQuerySet(models.QuerySet["DirectoryChange"]):
    def visible_to(self, actor: Actor) -> "DirectoryChangeQuerySet":
        """What was decided is public. What is not: the editors and reviewers of the proposing agency, and
        the reviewers of the departments that were asked."""
        known = models.Q(state__in=DirectoryChange.DECIDED) | models.Q(emergency=True)
        if not actor.is_officer:
            return self.filter(known)
        own = models.Q(agency__in=actor.agencies_with(Role.EDITOR, Role.REVIEWER))
        asked = ChangeReview.objects.filter(agency__in=actor.agencies_with(Role.REVIEWER)).values("change")
        return self.filter(known | own | models.Q(pk__in=asked))

    def decided(self) -> "DirectoryChangeQuerySet":
        """What the public log shows: approved, or in force as an emergency."""
        return self.filter(models.Q(state__in=DirectoryChange.DECIDED) | models.Q(emergency=True))

    def waiting_for(self, actor: Actor) -> "DirectoryChangeQuerySet":
        """Those that a department of the actor is asked to review and has not."""
        asked = ChangeReview.objects.filter(
            agency__in=actor.agencies_with(Role.REVIEWER),
            outcome=None,
            change=models.OuterRef("pk"),
            round=models.OuterRef("round"),
        )
        return self.filter(models.Exists(asked), state=DirectoryChange.State.REVIEW)


class DirectoryChange(models.Model):
    """A request to change the directory: proposed by a department, reviewed side by side, in force at its time.

    `proposed` holds the facts of the entries that come about, one each; of 变更 those of the entry itself.
    An emergency suspension is in force at once and reviewed afterwards.
    """

    class Kind(models.TextChoices):
        NEW = "new", _("新增")
        CHANGE = "change", _("变更")
        SPLIT = "split", _("拆分")
        MERGE = "merge", _("合并")
        SUSPEND = "suspend", _("暂停")
        CANCEL = "cancel", _("取消")
        RESUME = "resume", _("恢复")

    class State(models.TextChoices):
        DRAFT = "draft", _("起草中")
        REVIEW = "review", _("审核中")
        APPROVED = "approved", _("审核通过")
        LIFTED = "lifted", _("补审未通过，已解除")
        DROPPED = "dropped", _("已放弃")

    class Effect(models.TextChoices):
        KEEP = "keep", _("不受影响，按提交申请时的规定办完")
        RELIEVE = "relieve", _("只减不增：减少材料或者缩短时限，由办理机关照此办理")
        END = "end", _("依据已经废止，由办理机关逐件作出书面决定终止")

    DECIDED = (State.APPROVED, State.LIFTED)

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=8, choices=Kind)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="directory_changes")
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)
    emergency = models.BooleanField(default=False)
    reason = models.TextField(_("理由"))
    basis = models.TextField(_("依据"))
    proposed = models.JSONField(default=list)
    effect = models.CharField(max_length=8, choices=Effect, default=Effect.KEEP)
    effect_note = models.TextField(default="", blank=True, help_text="what is relieved, or why cases end")
    starts_at = models.DateTimeField(_("计划生效时间"), null=True, help_text="null: on approval")
    resumes_on = models.DateField(
        _("预计恢复日期"), null=True, help_text="of a suspension; a promise, no order"
    )
    in_force_from = models.DateTimeField(null=True, help_text="once approved")
    effect_told_at = models.DateTimeField(null=True, help_text="when those with running cases were told")
    review_due_on = models.DateField(null=True, help_text="of an emergency suspension")
    round = models.PositiveIntegerField(default=0)
    revision = models.PositiveIntegerField(default=1)
    editors = models.JSONField(default=list, help_text="ids of those who saved anything")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    entries = models.ManyToManyField(
        DirectoryEntry, through="ChangedEntry", related_name="changes", help_text="as they are before"
    )

    objects = DirectoryChangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("目录调整申请")
        indexes = [
            models.Index(fields=["state", "-updated_at"], name="changes_by_state"),
            models.Index(fields=["-in_force_from"], name="changes_in_force"),
            models.Index(
                fields=["in_force_from"],
                condition=models.Q(state="approved", effect_told_at=None) & ~models.Q(effect="keep"),
                name="change_effects_to_tell",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.uuid}"

    @property
    def awaits_review(self) -> bool:
        """待补审: an emergency suspension in force that the departments have yet to judge."""
        return self.emergency and self.state == self.State.REVIEW

    def is_in_force(self, at: dt.datetime) -> bool:
        """Whether it has taken effect, and was not lifted."""
        return self.state != self.State.LIFTED and self.in_force_from is not None and self.in_force_from <= at


class ChangedEntry(models.Model):
    """An entry that a request concerns. Only one request at a time may be open on an entry."""

    change = models.ForeignKey(DirectoryChange, on_delete=models.CASCADE, related_name="concerned")
    entry = models.ForeignKey(DirectoryEntry, on_delete=models.PROTECT, related_name="concerned")
    open = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["change", "entry"], name="entry_once_in_a_change"),
            models.UniqueConstraint(
                fields=["entry"], condition=models.Q(open=True), name="one_open_change_of_an_entry"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.change} {self.entry}"


class ChangeReview(Review):
    """The review of a change by one department in one round."""

    change = models.ForeignKey(DirectoryChange, on_delete=models.CASCADE, related_name="reviews")

    class Meta:
        verbose_name = _("目录调整审核")
        constraints = [
            models.UniqueConstraint(fields=["change", "agency", "round"], name="one_change_review_per_round")
        ]
        indexes = [
            models.Index(
                fields=["agency", "change"], condition=models.Q(outcome=None), name="change_reviews_waiting"
            )
        ]

    def __str__(self) -> str:
        return f"{self.change} {self.agency} {self.round}"


class DirectoryVersionQuerySet(models.QuerySet["DirectoryVersion"]):
    def visible_to(self, actor: Actor) -> "DirectoryVersionQuerySet":
        """The directory and its history are public."""
        return self.all()

    def ever_in_force(self) -> "DirectoryVersionQuerySet":
        """Without those that another took the place of before they began."""
        return self.filter(validity__isempty=False)


class DirectoryVersion(models.Model):
    """One version of a directory entry: facts and state from an instant on. Never changed; only its end can be
    set or brought forward, before its beginning too (then it was never in force). A trigger refuses the rest.
    """

    entry = models.ForeignKey(DirectoryEntry, on_delete=models.PROTECT, related_name="versions")
    version = models.PositiveIntegerField()
    facts_version = models.PositiveIntegerField(help_text="the version that last changed the facts")
    name = models.CharField(_("事项名称"), max_length=200)
    task_type = models.CharField(_("事项类型"), max_length=2)
    by_law = models.TextField(_("设定依据"), null=True)
    use_level = models.CharField(_("行使层级"), max_length=20, null=True)
    department = models.CharField(_("部门"), max_length=100, null=True)
    local_catalog_code = models.CharField(_("地方基本编码"), max_length=50, default="")
    name_fold = FoldedField(of="name", max_length=400)
    state = models.CharField(_("事项状态"), max_length=1, choices=DirectoryEntry.State)
    validity = DateTimeRangeField(help_text="open below: since before the portal")
    change = models.ForeignKey(
        DirectoryChange, null=True, on_delete=models.PROTECT, related_name="made", help_text="null: loaded"
    )
    held_by = models.ForeignKey(
        DirectoryChange,
        null=True,
        on_delete=models.PROTECT,
        related_name="holds",
        help_text="the emergency suspension but for which it would be in use",
    )

    objects = DirectoryVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("基本目录版本")
        constraints = [
            models.UniqueConstraint(fields=["entry", "version"], name="directory_version_once"),
            ExclusionConstraint(
                name="one_directory_version_in_force",
                expressions=[("entry", RangeOperators.EQUAL), ("validity", RangeOperators.OVERLAPS)],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entry} v{self.version}"

    @property
    def catalog_code(self) -> str | None:
        return self.entry.catalog_code


class Lineage(models.Model):
    """Which entry came from which, by 拆分 or 合并."""

    change = models.ForeignKey(DirectoryChange, on_delete=models.PROTECT, related_name="lineage")
    before = models.ForeignKey(DirectoryEntry, on_delete=models.PROTECT, related_name="became")
    after = models.ForeignKey(DirectoryEntry, on_delete=models.PROTECT, related_name="came_from")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["before", "after"], name="lineage_once")]

    def __str__(self) -> str:
        return f"{self.before} → {self.after}"
