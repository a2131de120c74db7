"""Tests of a definition, written by its author before it goes live."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from matters.models.guides import Matter


class Trial(models.Model):
    """自测: one made-up case of a matter, the steps taken on it, the time that passes, and what is expected.

    It stays with the matter from version to version. `fingerprint` is that of definition and script at the
    last run: once either has changed, the result no longer counts.
    """

    class Purpose(models.TextChoices):
        GRANT = "grant", _("准予")
        REFUSE = "refuse", _("不予准许")
        CORRECT = "correct", _("补正")
        SILENCE = "silence", _("逾期不答复")
        OTHER = "other", _("其他情形")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="trials")
    name = models.CharField(_("名称"), max_length=60)
    purpose = models.CharField(_("目的"), max_length=8, choices=Purpose)
    script: Any = models.JSONField(help_text="matters.trials.Script")
    revision = models.PositiveIntegerField(default=1)
    fingerprint = models.CharField(max_length=64, default="")
    passed = models.BooleanField(null=True)
    report: Any = models.JSONField(default=list, help_text="matters.trials.Line of the last run")
    ran_at = models.DateTimeField(null=True)
    ran_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("自测")
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name
