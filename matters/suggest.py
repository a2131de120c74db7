"""What a search field offers while somebody types: what people say, then titles. Two queries, whatever is typed."""

import datetime as dt
from typing import Any

from django.db.models import CharField, Q, Value
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce, Length

from matters import search, sounds
from matters.guides import SOURCE
from matters.models import SearchEntry, Synonym
from matters.scripts import TRADITIONAL, fold, traditional
from support.records.actor import Actor

MOST = 8
SAID = 3  # of them what people say
TRIED = 8
CANDIDATES = 60  # near and anywhere: as many of each
FEWEST = 2  # Latin letters


def suggest(q: str, *, region: str, language: str, actor: Actor, at: dt.datetime) -> list[str]:
    """Up to MOST words that find something, those of the current region first. Any text is safe."""
    folded = fold(q[: search.LONGEST_QUERY])
    said = sounds.typed(folded)
    if not folded or (folded.isascii() and len(folded) < FEWEST):
        return []
    synonyms = _people_say(folded, said)
    rows = SearchEntry.objects.visible_to(actor).in_force(at)
    titled = search.exactly([folded, said])
    parts: list[Any] = []
    if titled and titled.title:
        best = search.candidates(rows, titled._replace(hit=titled.title), region, CANDIDATES)
        name = Coalesce(KT(f"card__name__{language}"), KT(f"card__name__{SOURCE}"))
        parts.append(best.annotate(what=Value("")).values_list("what", name)[:CANDIDATES])
    for term, words in synonyms:
        match = search.exactly(words)
        if match:
            parts.append(rows.filter(match.hit).values_list(Value(term), Value(term, CharField()))[:1])
    if not parts:
        return []
    found = list(parts[0].union(*parts[1:], all=True)) if len(parts) > 1 else list(parts[0])
    terms = {what for what, _name in found if what}
    people = [term for term, _words in synonyms if term in terms][:SAID]
    titles = [name for what, name in found if not what]
    shown = [traditional(term) if language == TRADITIONAL else term for term in people]
    return list(dict.fromkeys([*shown, *titles]))[:MOST]


def _people_say(folded: str, said: str) -> list[tuple[str, list[str]]]:
    """Synonyms that begin like it, the shortest first."""
    begins = Q(term__startswith=folded)
    if said:
        begins |= Q(sounds__0__startswith=f"%{said}") | Q(initials__startswith=said)
    rows = Synonym.objects.filter(begins, in_use=True).order_by(Length("term"), "term")
    return list(rows.values_list("term", "expands_to")[:TRIED])
