"""What search needs: derived rows of the guides, people's words, and what found nothing."""

import datetime as dt

from django.contrib.postgres.fields import ArrayField, DateTimeRangeField
from django.contrib.postgres.fields.ranges import RangeEndsWith, RangeStartsWith
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.utils.translation import gettext_lazy as _

from matters.models.directory import in_use
from matters.models.guides import GuideVersion
from support.places.models import Agency, Role
from support.records.actor import Actor

KEEPERS_OF_WORDS = (Role.EDITOR, Role.REVIEWER, Role.SUPERVISOR)


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
    letters = models.TextField(default="", help_text="titles and what people say, for typing errors: tokens.letters")
    popularity = models.PositiveIntegerField(default=0, help_text="cases of the matter filed of late")
    edition = models.PositiveSmallIntegerField(default=0, help_text="of the rules by which the row was made")

    objects = SearchEntryQuerySet.as_manager()

    class Meta:
        indexes = [
            GinIndex(fields=["tsv"], name="search_words"),
            GinIndex(fields=["letters"], name="search_letters", opclasses=["gin_trgm_ops"]),
            models.Index(fields=["agency"], name="search_by_agency"),
            models.Index(fields=["region_code"], name="search_by_region"),
            models.Index(fields=["-popularity", "title_fold", "id"], name="search_hot"),
            models.Index(RangeStartsWith("validity"), name="search_begins"),
            models.Index(RangeEndsWith("validity"), name="search_ends"),
        ]

    def __str__(self) -> str:
        return self.title_fold


class SynonymQuerySet(models.QuerySet["Synonym"]):
    def visible_to(self, actor: Actor) -> "SynonymQuerySet":
        """What people call a matter is nobody's secret."""
        return self.all()

    def in_use(self) -> "SynonymQuerySet":
        return self.filter(in_use=True)


class Synonym(models.Model):
    """What people call a matter, and the catalogue's words for it. Both folded (`scripts.fold`).

    `revision` counts what people changed; rows of the installation's own data have 0 and follow the data. A
    removed row stays, not in use, so that the data does not bring it back.
    """

    term = models.CharField(_("人们的说法"), max_length=60, unique=True)
    expands_to = ArrayField(models.CharField(max_length=60), verbose_name=_("目录里的用词"))
    sounds = ArrayField(
        models.CharField(max_length=400), default=list, help_text="LIKE patterns of the pinyin of term and words"
    )
    initials = models.CharField(max_length=60, default="", help_text="first letters of the pinyin of the term")
    letters = models.TextField(default="", help_text="of the term, for typing errors: tokens.letters")
    in_use = models.BooleanField(default=True)
    revision = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField(null=True)
    changed_by = models.CharField(max_length=50, default="")

    objects = SynonymQuerySet.as_manager()

    class Meta:
        verbose_name = _("搜索同义词")
        indexes = [GinIndex(fields=["letters"], name="synonym_letters", opclasses=["gin_trgm_ops"])]

    def __str__(self) -> str:
        return f"{self.term} → {'、'.join(self.expands_to)}"


class ZeroHitQuerySet(models.QuerySet["ZeroHit"]):
    def visible_to(self, actor: Actor) -> "ZeroHitQuerySet":
        """For those who keep the words of the search."""
        return self.all() if actor.agencies_with(*KEEPERS_OF_WORDS) else self.none()


class ZeroHit(models.Model):
    """A search term that found nothing, and how often. No one who searched is recorded."""

    term = models.CharField(max_length=60, unique=True)
    count = models.PositiveIntegerField(default=1)
    last_at = models.DateTimeField()

    objects = ZeroHitQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["-count"], name="zero_hits_often")]

    def __str__(self) -> str:
        return self.term


class CatalogueChange(models.Model):
    """One transaction that changed what search and its pages show. Triggers write it (0012_search).

    Rows of different transactions are different rows: publishing waits for nobody.
    """

    xid = models.BigIntegerField(primary_key=True, help_text="of the transaction")
    times = models.PositiveIntegerField(help_text="statements so far")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.xid}: {self.times}"
