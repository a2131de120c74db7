"""The directory of matters, the implementation lists made from it, and their guides: drafts and published."""

from matters.models.changes import (
    ChangedEntry,
    ChangeReview,
    DirectoryChange,
    DirectoryChangeQuerySet,
    DirectoryVersion,
    DirectoryVersionQuerySet,
    Lineage,
)
from matters.models.conformity import HardenedRule, HardenedRuleQuerySet
from matters.models.directory import DirectoryEntry, DirectoryEntryQuerySet, FoldedField, is_state
from matters.models.drafts import GuideDraft, GuideDraftQuerySet, GuideReview, Review, ReviewingAgency
from matters.models.exchange import ImportJob, ImportJobQuerySet
from matters.models.guides import GuideVersion, GuideVersionQuerySet, Matter, MatterQuerySet
from matters.models.library import LibraryMaterial, LibraryMaterialQuerySet
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
from matters.models.standards import Standard, StandardQuerySet, StandardReview
from matters.models.trials import Trial

__all__ = [
    "CatalogueChange",
    "ChangeReview",
    "ChangedEntry",
    "DirectoryChange",
    "DirectoryChangeQuerySet",
    "DirectoryEntry",
    "DirectoryEntryQuerySet",
    "DirectoryVersion",
    "DirectoryVersionQuerySet",
    "FoldedField",
    "GuideDraft",
    "GuideDraftQuerySet",
    "GuideReview",
    "KEEPERS_OF_WORDS",
    "GuideVersion",
    "GuideVersionQuerySet",
    "HardenedRule",
    "HardenedRuleQuerySet",
    "ImportJob",
    "ImportJobQuerySet",
    "Lineage",
    "LibraryMaterial",
    "LibraryMaterialQuerySet",
    "Matter",
    "MatterQuerySet",
    "Review",
    "ReviewingAgency",
    "SearchEntry",
    "SearchEntryQuerySet",
    "Standard",
    "StandardQuerySet",
    "StandardReview",
    "Synonym",
    "Trial",
    "SynonymQuerySet",
    "ZeroHit",
    "ZeroHitQuerySet",
    "is_state",
]
