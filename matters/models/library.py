"""材料库: one definition of a material, used by many guides."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from matters.models.directory import FoldedField
from support.places.models import Agency, Region, Role
from support.records.actor import Actor


class LibraryMaterialQuerySet(models.QuerySet["LibraryMaterial"]):
    def visible_to(self, actor: Actor) -> "LibraryMaterialQuerySet":
        """Those of the agencies for which the actor edits or reviews, and those shared with them from their own
        region or one above it."""
        own = actor.agencies_with(Role.EDITOR, Role.REVIEWER)
        codes = Agency.objects.filter(pk__in=own).values_list("region_id", flat=True)
        above = {code[:width].ljust(12, "0") for code in codes for width in Region.WIDTHS.values()}
        return self.filter(models.Q(agency__in=own) | models.Q(shared=True, agency__region__in=above))

    def offered(self) -> "LibraryMaterialQuerySet":
        return self.filter(is_active=True)


class LibraryMaterial(models.Model):
    """One material as the library defines it. Every saving counts `revision` up; guides keep a copy of theirs."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    shared = models.BooleanField(
        _("本地区及以下共用"), default=False, help_text="with all agencies of the region and beneath"
    )
    name = models.CharField(_("材料名称"), max_length=200)
    name_fold = FoldedField(of="name", max_length=400)
    elements = models.JSONField(help_text="of a material in schema/guide-1.json, those that are shared")
    revision = models.PositiveIntegerField(default=1)
    is_active = models.BooleanField(_("可以选用"), default=True)
    updated_at = models.DateTimeField()
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = LibraryMaterialQuerySet.as_manager()

    class Meta:
        verbose_name = _("材料库材料")
        indexes = [models.Index(fields=["agency", "name_fold"], name="library_of_agency")]

    def __str__(self) -> str:
        return f"{self.name} r{self.revision}"

    @property
    def reference(self) -> dict[str, str | int]:
        """As a material of a guide keeps it."""
        return {"uuid": str(self.uuid), "revision": self.revision}
