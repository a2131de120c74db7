"""Workbooks that somebody brought in: looked through, then taken over, in the background."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from support.places.models import Agency, Role
from support.queues.rows import QueueRow, dead_index, due_index
from support.records.actor import Actor


class ImportJobQuerySet(models.QuerySet["ImportJob"]):
    def visible_to(self, actor: Actor) -> "ImportJobQuerySet":
        """Those of the agencies for which the actor edits."""
        if not actor.is_officer:
            return self.none()
        return self.filter(agency__in=actor.agencies_with(Role.EDITOR))


class ImportJob(QueueRow):
    """One workbook. `checked`: the dry run is over and its report is there; only then can it be applied."""

    class State(models.TextChoices):
        CHECKING = "checking", _("检查中")
        CHECKED = "checked", _("已检查")
        APPLYING = "applying", _("导入中")
        APPLIED = "applied", _("已导入")
        REFUSED = "refused", _("不能导入")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    applied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    file_name = models.CharField(max_length=100)
    data = models.BinaryField(help_text="the workbook; emptied when the job has ended")
    state = models.CharField(max_length=10, choices=State, default=State.CHECKING)
    done = models.PositiveIntegerField(default=0, help_text="lists")
    total = models.PositiveIntegerField(default=0, help_text="lists")
    report: Any = models.JSONField(default=dict, help_text="exchange.importing.Report")
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    objects = ImportJobQuerySet.as_manager()

    class Meta:
        verbose_name = _("清单导入")
        indexes = [
            due_index("imports_due"),
            dead_index("imports_dead"),
            models.Index(fields=["agency", "-id"], name="imports_by_agency"),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def working(self) -> bool:
        return self.next_at is not None
