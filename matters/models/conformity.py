"""Rules of practice that administrators have made binding."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from support.places.models import Region
from support.records.actor import Actor


class HardenedRuleQuerySet(models.QuerySet["HardenedRule"]):
    def visible_to(self, actor: Actor) -> "HardenedRuleQuerySet":
        """Which rules bind is no secret among those who work on the catalogue."""
        return self.all() if actor.is_officer else self.none()

    def codes_for(self, region: str) -> set[str]:
        """Codes of the rules that are hardened for a region (12 digits), there or above."""
        above = {region[:width].ljust(12, "0") for width in Region.WIDTHS.values()}
        return set(self.filter(region__in=above).values_list("code", flat=True))


class HardenedRule(models.Model):
    """A rule from practice that is an error, no warning, for the agencies of a region and of those beneath it."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(_("规则"), max_length=3, help_text="matters.checks.RULES")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = HardenedRuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("严格执行的规则")
        constraints = [models.UniqueConstraint(fields=["region", "code"], name="rule_hardened_once")]

    def __str__(self) -> str:
        return f"{self.region_id} {self.code}"
