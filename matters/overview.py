"""What the catalogue offers now, for the pages that lead into it."""

import datetime as dt
import re
from collections.abc import Iterable

from matters import facets
from matters.facets import Facets
from matters.models import SearchEntry, Synonym
from matters.scripts import CJK
from matters.search import Wish
from support.records.actor import Actor


def offered(*, actor: Actor, at: dt.datetime) -> Facets:
    """All guides in force, counted by mark: the numbers of the home page, and of the lists they lead to."""
    return facets.kept(SearchEntry.objects.visible_to(actor).in_force(at), Wish().narrowing, at=at)


def newest(*, actor: Actor, at: dt.datetime, most: int) -> list[SearchEntry]:
    """The guides in force that were published last."""
    rows = SearchEntry.objects.visible_to(actor).in_force(at).order_by("-guide__published_at", "-pk")
    return list(rows.defer("tsv", "body_fold", "letters").select_related("agency__region")[:most])


def of_matters(matters: Iterable[int], *, actor: Actor, at: dt.datetime) -> dict[int, SearchEntry]:
    """The entries in force of some matters, by matter."""
    rows = SearchEntry.objects.visible_to(actor).in_force(at).filter(guide__matter__in=list(matters))
    found = rows.select_related("agency__region", "guide").defer("tsv", "body_fold", "letters", "guide__document")
    return {entry.guide.matter_id: entry for entry in found}


def people_say(entries: Iterable[SearchEntry], *, each: int) -> list[str]:
    """What people call these guides: up to `each` Chinese synonyms per guide, first one of every guide.

    Each finds its guide, since it stands for words of its title.
    """
    said = Synonym.objects.filter(in_use=True).order_by("pk").values_list("term", "expands_to")
    terms = [(term, words) for term, words in said if re.fullmatch(f"[{CJK}]+", term)]
    names = [
        [term for term, words in terms if any(word in entry.title_fold for word in words)][:each]
        for entry in entries
    ]
    rounds = [name[n] for n in range(each) for name in names if len(name) > n]
    return list(dict.fromkeys(rounds))
