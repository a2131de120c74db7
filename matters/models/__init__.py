"""The directory of matters, the implementation lists made from it, and their guides: drafts and published."""

from matters.models.directory import DirectoryEntry, DirectoryEntryQuerySet, FoldedField
from matters.models.drafts import GuideDraft, GuideDraftQuerySet, GuideReview, Review, ReviewingAgency
from matters.models.exchange import ImportJob, ImportJobQuerySet
from matters.models.guides import GuideVersion, GuideVersionQuerySet, Matter, MatterQuerySet
from matters.models.search import (
    KEEPERS_OF_WORDS,
    CatalogueChange,
    SearchEntry,
    SearchEntryQuerySet,
    Synonym,
    SynonymQuerySet,
    ZeroHit,
    ZeroHitQuerySet,
)
from matters.models.trials import Trial

__all__ = [
    "CatalogueChange",
    "DirectoryEntry",
    "DirectoryEntryQuerySet",
    "FoldedField",
    "GuideDraft",
    "GuideDraftQuerySet",
    "GuideReview",
    "KEEPERS_OF_WORDS",
    "GuideVersion",
    "GuideVersionQuerySet",
    "ImportJob",
    "ImportJobQuerySet",
    "Matter",
    "MatterQuerySet",
    "Review",
    "ReviewingAgency",
    "SearchEntry",
    "SearchEntryQuerySet",
    "Synonym",
    "Trial",
    "SynonymQuerySet",
    "ZeroHit",
    "ZeroHitQuerySet",
]
