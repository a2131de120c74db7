"""窗口代录: what is kept of a case that window staff took in for whoever stood at the counter."""

import uuid
from typing import Any

from django.db import models

from support.accounts.models import Party
from support.records.sealing import SealedText

WORDING = "窗口核对/1"  # version of the words under which the applicant checked what was read back


class Intake(models.Model):
    """Who took a case in at the window, for whom, and who stood there (行政许可法 29: an agent may file)."""

    insert_only = True

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.OneToOneField("applications.Application", on_delete=models.PROTECT, related_name="intake")
    officer_id = models.BigIntegerField()
    officer_name = models.CharField(max_length=50)
    agent_name = models.CharField(max_length=50, default="", blank=True, help_text="empty: in person")
    agent_sealed = models.BinaryField(default=b"")
    agent_number = SealedText("agent_sealed")
    agent = models.ForeignKey(
        Party, null=True, on_delete=models.PROTECT, related_name="+", help_text="the agent, where known"
    )  # fmt: skip
    mandate = models.CharField(max_length=100, default="", blank=True, help_text="the document shown")
    wording = models.CharField(max_length=20)
    at = models.DateTimeField()


class PaperReceived(models.Model):
    """Sheets handed in for one material of the pinned guide, checked and kept at the window."""

    insert_only = True

    case = models.ForeignKey("applications.Application", on_delete=models.PROTECT, related_name="sheets")
    material_key = models.CharField(max_length=60)
    original = models.PositiveSmallIntegerField()
    copy = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["material_key"]
        constraints = [models.UniqueConstraint(fields=["case", "material_key"], name="paper_received_once")]


def intake_of(case: Any) -> Intake | None:
    """None: filed by the applicant."""
    found: Intake | None = getattr(case, "intake", None)
    return found
