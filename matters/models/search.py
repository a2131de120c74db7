"""What search needs: derived rows of the guides, people's words, and what found nothing."""

import datetime as dt

from django.contrib.postgres.fields import ArrayField, DateTimeRangeField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.utils.translation import gettext_lazy as _

from matters.models.directory import in_use
from matters.models.guides import GuideVersion
from support.places.models import Agency
from support.records.actor import Actor


class SearchEntryQuerySet(models.QuerySet["SearchEntry"]):
    def visible_to(self, actor: Actor) -> "SearchEntryQuerySet":
        """Published guides are public to every hat."""
        return self.all()

    def in_force(self, at: dt.datetime) -> "SearchEntryQuerySet":
        """Of the guides in force at `at`, those whose matter is open."""
        open_now = in_use(at, "guide__matter__directory__")
        return self.filter(open_now, validity__contains=at, agency__is_active=True)


class SearchEntry(models.Model):
    """What search and the lists need of a guide version. Derived: `actions.publish` makes and removes it."""

    guide = models.OneToOneField(GuideVersion, on_delete=models.CASCADE, related_name="search_entry")
    validity = DateTimeRangeField(help_text="copy of the guide's")
    title_fold = models.CharField(max_length=400)
    body_fold = models.TextField()
    tsv = SearchVectorField(help_text="bigrams of both, see search.vector; title has weight A")
    card = models.JSONField(help_text="what a hit shows")
    region_code = models.CharField(max_length=12)
    agency = models.ForeignKey(Agency, on_delete=models.CASCADE, related_name="+")
    task_type = models.CharField(max_length=2)
    audiences = ArrayField(models.CharField(max_length=8), help_text="natural, legal")
    natural_themes = ArrayField(models.CharField(max_length=3))
    legal_themes = ArrayField(models.CharField(max_length=3))
    flags = ArrayField(models.CharField(max_length=12), help_text="instant, online, pledge, deferral")

    objects = SearchEntryQuerySet.as_manager()

    class Meta:
        indexes = [
            GinIndex(fields=["tsv"], name="search_words"),
            models.Index(fields=["agency"], name="search_by_agency"),
        ]

    def __str__(self) -> str:
        return self.title_fold


class Synonym(models.Model):
    """What people call a matter, and the catalogue's words for it. Both folded (`search.fold`)."""

    term = models.CharField(max_length=60, unique=True)
    expands_to = ArrayField(models.CharField(max_length=60))

    class Meta:
        verbose_name = _("搜索同义词")

    def __str__(self) -> str:
        return f"{self.term} → {'、'.join(self.expands_to)}"


class ZeroHit(models.Model):
    """A search term that found nothing, and how often. No one who searched is recorded."""

    term = models.CharField(max_length=60, unique=True)
    count = models.PositiveIntegerField(default=1)
    last_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["-count"], name="zero_hits_often")]

    def __str__(self) -> str:
        return self.term
