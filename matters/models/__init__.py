"""The directory of matters, the implementation lists made from it, and their guides: drafts and published."""

from matters.models.directory import DirectoryEntry, DirectoryEntryQuerySet, FoldedField
from matters.models.drafts import GuideDraft, GuideDraftQuerySet, GuideReview, Review, ReviewingAgency
from matters.models.exchange import ImportJob, ImportJobQuerySet
from matters.models.guides import GuideVersion, GuideVersionQuerySet, Matter, MatterQuerySet
from matters.models.library import LibraryMaterial, LibraryMaterialQuerySet
from matters.models.search import SearchEntry, SearchEntryQuerySet, Synonym, ZeroHit
from matters.models.trials import Trial

__all__ = [
    "DirectoryEntry",
    "DirectoryEntryQuerySet",
    "FoldedField",
    "GuideDraft",
    "GuideDraftQuerySet",
    "GuideReview",
    "GuideVersion",
    "GuideVersionQuerySet",
    "ImportJob",
    "ImportJobQuerySet",
    "LibraryMaterial",
    "LibraryMaterialQuerySet",
    "Matter",
    "MatterQuerySet",
    "Review",
    "ReviewingAgency",
    "SearchEntry",
    "SearchEntryQuerySet",
    "Synonym",
    "Trial",
    "ZeroHit",
]
