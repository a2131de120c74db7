"""Search of the guides in force: every substring of two or more characters is found, in both scripts and by pinyin.

Texts are folded and cut into overlapping pairs of characters (docs/adr/0009); a word of the query is a
phrase of such pairs. Where few or none hold the words, those that are written or sound alike are added
(docs/adr/0023). Candidates are taken by title first and capped, then ranked; a search takes the same number
of queries whatever it finds.
"""

import datetime as dt
import hashlib
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from typing import Any, NamedTuple

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db.models import BooleanField, Case, Expression, F, FloatField, Func, Q, Value, When
from django.db.models.functions import Ln, StrIndex

from matters import codes, facets, sounds, tokens
from matters.facets import Facets
from matters.models import SearchEntry, SearchEntryQuerySet, Synonym
from matters.scripts import fold, runs
from matters.tokens import Query
from support.places.models import Agency
from support.records.actor import Actor

LONGEST_QUERY = 60
CANDIDATES = 300  # near, by title and anywhere: as many of each
FEW = 3  # with fewer hits, what is written or sounds alike is looked for
HEAT = 8  # the higher, the less it counts that a matter is often applied for
PER_PAGE = 10
SUGGESTIONS = 5
AGENCIES = 60  # departments offered as a filter

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_REGION = re.compile(r"[0-9]{12}", re.ASCII)
FLAGS = ("online", "pledge", "deferral")


@dataclass(frozen=True)
class Wish:
    """What is looked for. `theme` is of the audience's list in `codes`; `kind`, `pace`, `level` are codes of
    TASK_TYPES, PROJECT_TYPES, USE_LEVELS; `flags` must all hold. Guides of `region` come first, those outside
    `area` do not come at all (12-digit codes)."""

    q: str = ""
    region: str = ""
    audience: str = ""
    theme: str = ""
    agency: uuid.UUID | None = None
    kind: str = ""
    pace: str = ""
    level: str = ""
    area: str = ""
    flags: tuple[str, ...] = ()
    page: int = 1

    @classmethod
    def of(cls, asked: Mapping[str, str], *, region: str = "") -> "Wish":
        """From query parameters. A filter that makes no sense is left out; `region` is the default."""
        given = asked.get("region", "")
        audience = asked.get("audience", "")
        theme, page, agency = asked.get("theme", ""), asked.get("page", ""), asked.get("agency", "")
        return cls(
            q=asked.get("q", "").strip(),
            region=given if _REGION.fullmatch(given) else region,
            audience=audience if audience in codes.AUDIENCES else "",
            theme=theme if theme in codes.THEMES.get(audience, {}) else "",
            agency=uuid.UUID(agency) if _UUID.fullmatch(agency) else None,
            kind=_code(asked.get("kind", ""), codes.TASK_TYPES),
            pace=_code(asked.get("pace", ""), codes.PROJECT_TYPES),
            level=_code(asked.get("level", ""), codes.USE_LEVELS),
            area=asked["area"] if _REGION.fullmatch(asked.get("area", "")) else "",
            flags=tuple(flag for flag in FLAGS if asked.get(flag) == "1"),
            page=int(page) if re.fullmatch(r"[0-9]{1,4}", page, re.ASCII) else 1,
        )

    @property
    def narrowing(self) -> str:
        """The same for all wishes that leave the same guides; what the order depends on is not in it."""
        what = astuple(replace(self, q="", region="", page=1))
        return hashlib.sha256(repr(what).encode()).hexdigest()[:32]

    @property
    def is_whole(self) -> bool:
        """Whether nothing but words narrows it."""
        return replace(self, q="", region="", page=1) == Wish()


def _code(given: str, known: codes.Codes) -> str:
    return given if given in known else ""


@dataclass(frozen=True)
class Found:
    """One page of hits. `capped`: there are more than were ranked; `listed`: so many can be paged through;
    `near`: so many of them, the last ones, are only written or sound like what was looked for.

    `facets` counts the hits by their marks. Suggestions only when nothing was hit.
    """

    entries: list[SearchEntry]
    total: int
    listed: int
    capped: bool
    page: int
    pages: int
    near: int
    facets: Facets
    agencies: list[tuple[Agency, int]]
    suggestions: list[SearchEntry]


class Match(NamedTuple):
    """What counts as a hit, what as a hit by title (None: not told apart), and how well it fits."""

    hit: Q
    title: Q | None
    rank: Expression


def expansions(folded: str, *, alike: bool = False) -> list[str]:
    """The catalogue's words for what the query calls otherwise, in characters or pinyin.

    `alike`: also for what merely sounds or is written like what people say.
    """
    said = sounds.typed(folded) or (sounds.spelled(folded) if alike else "")
    spelt = tokens.spaced(folded) if alike and _is_long(folded) else ""
    rows = Synonym.objects.filter(in_use=True).annotate(
        holds=StrIndex(Value(folded), F("term")),
        heard=_is_like(said),
        near=TrigramWordSimilarity(spelt, "letters") if spelt else Value(0.0),
    )
    asked = Q(holds__gt=0) | (Q(heard=True) | Q(initials=said) if said else Q())
    if spelt:
        asked |= Q(letters__trigram_word_similar=spelt)
    found: list[str] = []
    for row in rows.filter(asked).order_by("-near", "term"):
        own, *others = [pattern.strip("%") for pattern in row.sounds or [""]]
        if row.holds or (own and own in said) or (said and row.initials == said) or row.near > 0:  # type: ignore[attr-defined]
            found += row.expands_to
        else:  # one of its words was meant, not the term
            found += [
                word for word, sound in zip(row.expands_to, others, strict=False) if sound and sound in said
            ]
    return list(dict.fromkeys(found))


def _is_like(said: str) -> Expression:
    """Whether the letters hold one of the sounds of a synonym."""
    return Func(
        Value(said),
        F("sounds"),
        template="%(expressions)s)",
        arg_joiner=" LIKE ANY (",
        output_field=BooleanField(),
    )


def _is_long(folded: str) -> bool:
    return any(len(run) >= tokens.LONG for run, _cjk in runs(folded))


def search(wish: Wish, *, actor: Actor, at: dt.datetime) -> Found:
    """The page of guides in force at `at` that the wish asks for, best first. Any text is safe."""
    folded = fold(wish.q[:LONGEST_QUERY])
    everything = SearchEntry.objects.visible_to(actor).in_force(at)
    rows = _narrowed(everything, wish)
    if not folded:
        return _found(_listed(rows, wish.region), wish, facets.kept(rows, wish.narrowing, at=at))
    match = exactly([folded, sounds.typed(folded), *expansions(folded)])
    ranked = _ranked(rows, match, wish.region) if match else []
    near: list[int] = []
    if len(ranked) < FEW and (wish.is_whole or not match or everything.filter(match.hit)[:FEW].count() < FEW):
        like = _alike(folded)
        near = [pk for pk in _ranked(rows, like, wish.region) if pk not in ranked] if like else []
    if ranked or near:
        keys = ranked + near
        return _found(keys, wish, facets.count(SearchEntry.objects.filter(pk__in=keys)), near=len(near))
    return _found([], wish, Facets(), suggestions=_suggest(rows, folded, wish.region))


def exactly(texts: Sequence[str]) -> Match | None:
    """Entries that hold every word of one of the texts; nothing if there is no word in them."""
    query = tokens.either(texts)
    in_title = tokens.either(texts, title=True)
    return Match(Q(tsv=Query(query)), Q(tsv=Query(in_title)), _text_rank(query)) if query else None


def _alike(folded: str) -> Match | None:
    """Entries that for every word of the query hold it, or in their titles what sounds or is written like it."""
    hit, forgiven = Q(), ""
    for run, cjk in runs(folded):
        spelt = tokens.spaced(run) if len(run) >= tokens.LONG else ""
        said = tokens.heard(run, cjk)
        whole = "|".join(filter(None, (tokens.phrase(run, cjk, alone=False), said)))
        hit &= Q(tsv=Query(whole)) | (Q(letters__trigram_word_similar=spelt) if spelt else Q())
        forgiven = forgiven or spelt or said
    otherwise = tokens.either(expansions(folded, alike=True))
    if not forgiven:
        hit = Q()
    if otherwise:
        hit |= Q(tsv=Query(otherwise))
    if not hit:
        return None
    rank: Any = TrigramWordSimilarity(tokens.spaced(folded), "letters")
    return Match(hit, None, rank + _text_rank(otherwise) if otherwise else rank)


def _text_rank(query: str) -> Any:
    return Func(F("tsv"), Query(query), function="ts_rank", output_field=FloatField())


def _narrowed(rows: SearchEntryQuerySet, wish: Wish) -> SearchEntryQuerySet:
    if wish.audience:
        rows = rows.filter(audiences__contains=[wish.audience])
    if wish.theme:
        rows = rows.filter(**{f"{wish.audience}_themes__contains": [wish.theme]})
    if wish.agency:
        rows = rows.filter(agency__uuid=wish.agency)
    if wish.kind:
        rows = rows.filter(task_type=wish.kind)
    if wish.pace:
        rows = rows.filter(card__project_type=wish.pace)
    if wish.level:
        rows = rows.filter(agency__level=wish.level)
    if wish.area:
        rows = rows.filter(region_code__range=facets.subtree(wish.area))
    if wish.flags:
        rows = rows.filter(flags__contains=list(wish.flags))
    return rows


def _listed(rows: SearchEntryQuerySet, region: str) -> list[int]:
    """Keys of the first CANDIDATES entries of a list without words: the region, then those above it, then what
    is most often applied for. Each share is read off an index as far as it is wanted."""
    order = ("-popularity", "title_fold", "pk")
    parts = (_inside(region), _above(region), Q()) if region else (Q(),)
    shares = [rows.filter(part).order_by(*order).values("pk")[:CANDIDATES] for part in parts]
    wanted = shares[0].union(*shares[1:]) if len(shares) > 1 else shares[0]
    first = SearchEntry.objects.filter(pk__in=wanted).annotate(near=nearness(region)).order_by("near", *order)
    return list(first.values_list("pk", flat=True)[:CANDIDATES])


def _ranked(rows: SearchEntryQuerySet, match: Match, region: str) -> list[int]:
    """Keys of entries, best first. The region and the titles have their own share of candidates."""
    return list(candidates(rows, match, region).values_list("pk", flat=True))


def candidates(rows: SearchEntryQuerySet, match: Match, region: str, most: int = 0) -> SearchEntryQuerySet:
    """The hits that are ranked, best first: the region, then those above it, then how well the text fits
    and how often the matter is applied for. `most`: of each share."""
    hits = rows.filter(match.hit)
    nearby = [hits.filter(_inside(region) | _above(region))] if region else []
    by_title = [rows.filter(match.title)] if match.title else []
    shares = [share.values("pk")[: most or CANDIDATES] for share in (*nearby, *by_title, hits)]
    wanted = shares[0].union(*shares[1:]) if len(shares) > 1 else shares[0]
    heat = 1 + Ln(1 + F("popularity")) / HEAT
    ordered = SearchEntry.objects.filter(pk__in=wanted).annotate(
        near=nearness(region), fits=match.rank * heat
    )
    return ordered.order_by("near", "-fits", "title_fold", "pk")


def _suggest(rows: SearchEntryQuerySet, folded: str, region: str) -> list[SearchEntry]:
    query = tokens.any_pair(folded)
    if not query:
        return []
    match = Match(Q(tsv=Query(query)), Q(tsv=Query(tokens.any_pair(folded, title=True))), _text_rank(query))
    return _entries(_ranked(rows, match, region)[:SUGGESTIONS])


def _entries(keys: list[int]) -> list[SearchEntry]:
    rows = (
        SearchEntry.objects.defer("tsv", "body_fold", "letters")
        .select_related("agency__region")
        .in_bulk(keys)
    )
    return [rows[key] for key in keys]


def _found(
    ranked: list[int], wish: Wish, counted: Facets, near: int = 0, suggestions: Sequence[SearchEntry] = ()
) -> Found:
    pages = max(1, -(-len(ranked) // PER_PAGE))
    page = min(max(1, wish.page), pages)
    shown = ranked[(page - 1) * PER_PAGE : page * PER_PAGE]
    return Found(
        entries=_entries(shown) if shown else [],
        total=counted.total,
        listed=len(ranked),
        capped=len(ranked) >= CANDIDATES,
        page=page,
        pages=pages,
        near=near,
        facets=counted,
        agencies=_agencies(counted),
        suggestions=list(suggestions),
    )


def _agencies(counted: Facets) -> list[tuple[Agency, int]]:
    most = [(int(key), n) for key, n in counted.of("agency")[:AGENCIES]]
    found = Agency.objects.in_bulk([key for key, _n in most]) if most else {}
    return [(found[key], n) for key, n in most]


def nearness(region: str) -> Expression:
    """0 inside the current region, 1 for the regions above it, 2 elsewhere. Without a region, 0 for all."""
    return Case(When(_inside(region), then=0), When(_above(region), then=1), default=2)


def _inside(region: str) -> Q:
    return Q(region_code__range=facets.subtree(region))


def _above(region: str) -> Q:
    return Q(region_code__in=facets.above(region))
