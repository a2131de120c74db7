"""容缺受理: the materials of one case that are handed in after acceptance, each by its own day."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from support.documents.models import Upload


class DeferredMaterial(models.Model):
    """One material left out at filing by the applicant's own choice, within what the pinned guide allows.

    None is added after filing. It is handed in by itself; if it does not conform, the officer says why once, and it
    is handed in once more.
    """

    case: models.ForeignKey[Any, Any] = models.ForeignKey(
        "applications.Application", on_delete=models.PROTECT, related_name="deferred"
    )
    material_key = models.CharField(max_length=60)
    days = models.PositiveSmallIntegerField(help_text="working days from acceptance, as the guide published them")
    due_at = models.DateTimeField(null=True, help_text="the instant after the last day; from acceptance on")
    sheets = models.BooleanField(default=False, help_text="handed in on paper at a window")
    handed_at = models.DateTimeField(null=True, help_text="waits for the officer since then")
    met = models.BooleanField(null=True)
    judged = models.CharField(_("核对意见"), max_length=300, default="", blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["case", "material_key"], name="deferred_once")]

    def is_open(self) -> bool:
        """Whether the applicant may hand it in: not yet done, or told once why it does not conform."""
        return self.handed_at is None and self.met is not True


class DeferredFile(models.Model):
    """One page uploaded for a deferred material, until it is handed in."""

    item = models.ForeignKey(DeferredMaterial, on_delete=models.PROTECT, related_name="files")
    upload = models.OneToOneField(Upload, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]
