"""一次性告知 (行政许可法 32): the one notice of a case, its items, and what the applicant answered."""

import uuid
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from support.documents.models import Upload
from support.records.sealing import SealedText


class Correction(models.Model):
    """The one correction notice a case may have. Its answers lie here until all of them are handed in."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case: models.OneToOneField[Any, Any] = models.OneToOneField(
        "applications.Application", on_delete=models.PROTECT, related_name="correction"
    )
    days = models.PositiveSmallIntegerField(help_text="working days the applicant has")
    told_at = models.DateTimeField()
    officer_id = models.BigIntegerField()
    officer_name = models.CharField(max_length=50)
    answers_sealed = models.BinaryField(default=b"")
    sealed_text = SealedText("answers_sealed")


class CorrectionItem(models.Model):
    """One thing to mend: a material or a field of the pinned guide, why, and how.

    None is added after the notice; an item is judged once, after everything was handed in.
    """

    class Target(models.TextChoices):
        MATERIAL = "material", _("申请材料")
        FIELD = "field", _("表单内容")

    correction = models.ForeignKey(Correction, on_delete=models.PROTECT, related_name="items")
    target = models.CharField(max_length=8, choices=Target)
    key = models.CharField(max_length=60)
    why = models.CharField(_("不符合的地方"), max_length=300)
    how = models.CharField(_("怎样补正"), max_length=300)
    sheets = models.BooleanField(default=False, help_text="handed in on paper at a window")
    met = models.BooleanField(null=True)
    judged = models.CharField(_("核对意见"), max_length=300, default="", blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["correction", "target", "key"], name="one_item_per_target")
        ]


class CorrectionFile(models.Model):
    """One page uploaded for an item, until it is handed in with the rest."""

    item = models.ForeignKey(CorrectionItem, on_delete=models.PROTECT, related_name="files")
    upload = models.OneToOneField(Upload, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]
