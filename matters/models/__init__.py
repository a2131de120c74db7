"""The directory of matters, the implementation lists made from it, and their published guides."""

from matters.models.directory import DirectoryEntry, DirectoryEntryQuerySet, FoldedField
from matters.models.guides import GuideVersion, GuideVersionQuerySet, Matter, MatterQuerySet
from matters.models.search import SearchEntry, SearchEntryQuerySet, Synonym, ZeroHit

__all__ = [
    "DirectoryEntry",
    "DirectoryEntryQuerySet",
    "FoldedField",
    "GuideVersion",
    "GuideVersionQuerySet",
    "Matter",
    "MatterQuerySet",
    "SearchEntry",
    "SearchEntryQuerySet",
    "Synonym",
    "ZeroHit",
]
