"""Official calendars as rows: who publishes one, which years are known, which days they move."""

import uuid

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from support.records.actor import Actor

REGION_CODE = RegexValidator(r"^[0-9]{12}\Z", _("区划代码应为 12 位数字"))


class RegionalLayer(models.Model):
    """A region with working days of its own; the nation is the first. Changed by loading, not by users."""

    region_code = models.CharField(max_length=12, primary_key=True, validators=[REGION_CODE])
    name = models.CharField(max_length=60)
    since_year = models.PositiveSmallIntegerField(
        null=True, help_text="first year for which a notice must exist; null: the region may publish none"
    )

    class Meta:
        ordering = ["region_code"]

    def __str__(self) -> str:
        return self.name


class OfficialYearQuerySet(models.QuerySet["OfficialYear"]):
    def visible_to(self, actor: Actor) -> "OfficialYearQuerySet":
        """Everybody: notices of days off are published."""
        return self.all()


class OfficialYear(models.Model):
    """The notice of one region for one year. Not official: a guess that stands in until it appears."""

    layer = models.ForeignKey(
        RegionalLayer, on_delete=models.PROTECT, related_name="years", db_column="region_code"
    )
    year = models.PositiveSmallIntegerField()
    source = models.CharField(_("文号"), max_length=200)
    official = models.BooleanField(default=True)
    loaded_at = models.DateTimeField()
    loaded_by = models.CharField(max_length=50)

    objects = OfficialYearQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["layer", "year"], name="one_notice_a_year")]

    def __str__(self) -> str:
        return f"{self.layer_id} {self.year}"


class OfficialDay(models.Model):
    """A day on which the notice departs from the week. It may lie in the last days of the year before."""

    class Kind(models.TextChoices):
        OFF = "off", _("放假")
        WORK = "work", _("上班")

    year = models.ForeignKey(OfficialYear, on_delete=models.CASCADE, related_name="days")
    region_code = models.CharField(max_length=12, validators=[REGION_CODE])
    date = models.DateField()
    kind = models.CharField(max_length=4, choices=Kind)
    name = models.CharField(max_length=30)

    class Meta:
        ordering = ["date"]
        constraints = [
            models.UniqueConstraint(fields=["region_code", "date"], name="one_meaning_a_day"),
            models.CheckConstraint(condition=models.Q(kind__in=["off", "work"]), name="off_or_work"),
        ]

    def __str__(self) -> str:
        return f"{self.date} {self.name}"


class CalendarVersion(models.Model):
    """The one row that every load changes; processes compare it with what they hold.

    `stamp` is fresh for each load, since the number of a load rolled back is given again.
    """

    ONLY = 1

    number = models.PositiveIntegerField(default=0)
    stamp = models.UUIDField(default=uuid.uuid4)
    changed_at = models.DateTimeField(null=True)
