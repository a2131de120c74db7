"""特别程序 and 延长审批 of a case: what was told in writing, by whom, until when, and how it ended."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class SpecialProcedure(models.Model):
    """One procedure out of the guide's published list, or the one extension of the statutory term.

    `until` is the last day told in writing. An extension is over as soon as it is given.
    """

    class Code(models.TextChoices):
        """特别程序种类 of GB/T 39046."""

        EXTENSION = "1", _("延长审批")
        LISTED = "2", _("特别程序")

    class Result(models.TextChoices):
        MET = "met", _("符合要求")
        UNMET = "unmet", _("不符合要求")
        NONE = "none", _("没有结论")

    case: models.ForeignKey[Any, Any] = models.ForeignKey(
        "applications.Application", on_delete=models.PROTECT, related_name="procedures"
    )
    code = models.CharField(max_length=1, choices=Code)
    key = models.CharField(
        max_length=60, default="", blank=True, help_text="in the guide; none: an extension"
    )
    exclusion = models.CharField(
        max_length=200, default="", blank=True, help_text="the rule by which its time is not counted"
    )
    began_at = models.DateTimeField()
    until = models.DateField()
    ended_at = models.DateTimeField(null=True, help_text="when its end was recorded")
    ended_on = models.DateField(null=True, help_text="the day on which it was over in fact")
    result = models.CharField(_("结果"), max_length=5, choices=Result, default="", blank=True)
    opinion = models.CharField(_("意见"), max_length=1000, default="", blank=True)
    unit = models.CharField(_("实施单位"), max_length=100, default="", blank=True)
    handler = models.CharField(_("经办人"), max_length=50, default="", blank=True)
    ended_by = models.CharField(max_length=50, default="", blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["case", "code", "key"], name="one_procedure_per_key"),
            models.UniqueConstraint(
                fields=["case"], condition=Q(ended_at=None), name="one_procedure_at_a_time"
            ),
        ]


class ProcedureNotice(models.Model):
    """What the applicant was told in writing: why, how long, until which day. More time is a notice more."""

    insert_only = True

    procedure = models.ForeignKey(SpecialProcedure, on_delete=models.PROTECT, related_name="notices")
    amount = models.PositiveSmallIntegerField()
    unit = models.CharField(max_length=10)
    until = models.DateField()
    reasons = models.TextField(max_length=2000)
    at = models.DateTimeField()
    approver_id = models.BigIntegerField()
    approver_name = models.CharField(max_length=50)

    class Meta:
        ordering = ["id"]
