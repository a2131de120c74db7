"""Search of the guides in force: every substring of two or more characters is found, in both scripts.

Texts are folded and cut into overlapping pairs of characters (docs/adr/0009); a word of the query is a
phrase of such pairs. Candidates are taken by title first and capped, then ranked; a search takes the same
number of queries whatever it finds.
"""

import datetime as dt
import hashlib
import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchVectorField
from django.db.models import Case, Expression, F, FloatField, Func, Q, Value, When
from django.db.models.functions import Cast, StrIndex

from matters import codes, facets
from matters.facets import Facets
from matters.models import SearchEntry, SearchEntryQuerySet, Synonym
from matters.scripts import fold
from support.places.models import Agency
from support.records.actor import Actor

LONGEST_QUERY = 60
LONGEST_BODY = 12_000  # positions in a tsvector end at 16,383
CANDIDATES = 300  # near, by title and anywhere: as many of each
FAR = 2
PER_PAGE = 10
SUGGESTIONS = 5
AGENCIES = 60  # departments offered as a filter

CJK = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_RUN = re.compile(rf"([{CJK}]+)|([^\W_{CJK}]+)")

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


def _code(given: str, known: codes.Codes) -> str:
    return given if given in known else ""


@dataclass(frozen=True)
class Found:
    """One page of hits. `capped`: there are more than were ranked; `listed`: so many can be paged through.

    `facets` counts the hits by their marks. Suggestions only when nothing was hit.
    """

    entries: list[SearchEntry]
    total: int
    listed: int
    capped: bool
    page: int
    pages: int
    facets: Facets
    agencies: list[tuple[Agency, int]]
    suggestions: list[SearchEntry]


def _runs(folded: str) -> Iterator[tuple[str, bool]]:
    for match in _RUN.finditer(folded):
        yield match[0], bool(match[1])


def _tokens(folded: str) -> Iterator[tuple[str, int]]:
    """Tokens with their positions; a gap after each run keeps phrases from crossing it."""
    position = 1
    for run, cjk in _runs(folded):
        pieces = [run[i : i + 2] for i in range(len(run))] if cjk else [run[:60]]
        for piece in pieces:
            yield piece, position
            position += 1
        position += 1


def vector(title: str, body: str) -> Expression:
    """The tsvector of a folded title (weight A) and body, as an expression to store."""
    last = 0
    places: dict[str, list[str]] = {}
    for weight, text in (("A", title), ("", body[:LONGEST_BODY])):
        start = last
        for token, position in _tokens(text):
            last = start + position
            places.setdefault(token, []).append(f"{last}{weight}")
        last += 2
    literal = " ".join(f"'{token}':{','.join(at[:255])}" for token, at in places.items())
    return Cast(Value(literal), SearchVectorField())


def _phrase(run: str, cjk: bool) -> str:
    """A run as a tsquery: pairs in sequence; one character, or a Latin word, as a prefix."""
    if not cjk or len(run) == 1:
        return f"'{run}':*"
    return "(" + "<->".join(f"'{run[i : i + 2]}':" for i in range(len(run) - 1)) + ")"


def _any_pair(folded: str) -> str:
    """For suggestions: any two neighbouring characters of the query, or any Latin word."""
    pairs = [run[i : i + 2] for run, cjk in _runs(folded) if cjk for i in range(max(1, len(run) - 1))]
    words = [run for run, cjk in _runs(folded) if not cjk and len(run) > 2]
    return "|".join(_phrase(piece, piece in pairs) for piece in dict.fromkeys(pairs + words))


def expansions(folded: str) -> list[str]:
    """The catalogue's words for what the query calls otherwise."""
    terms = Synonym.objects.annotate(at=StrIndex(Value(folded), F("term"))).filter(at__gt=0)
    found = terms.order_by("term").values_list("expands_to", flat=True)
    return list(dict.fromkeys(word for words in found for word in words))


def _either(texts: list[str]) -> str:
    """A tsquery for entries that hold every run of one of the texts. Tokens are letters and digits only."""
    wholes = ["&".join(_phrase(run, cjk) for run, cjk in _runs(text)) for text in texts]
    return "|".join(f"({whole})" for whole in wholes if whole)


def _in_title(query: str) -> str:
    return query.replace("':", "':A")


class _Query(SearchQuery):
    """A tsquery in PostgreSQL's own notation, past its parser and dictionaries."""

    def as_sql(self, compiler: Any, connection: Any, **context: Any) -> Any:  # type: ignore[override]
        sql, params = compiler.compile(self.source_expressions[-1])
        return f"{sql}::tsquery", params


def search(wish: Wish, *, actor: Actor, at: dt.datetime) -> Found:
    """The page of guides in force at `at` that the wish asks for, best first. Any text is safe."""
    folded = fold(wish.q[:LONGEST_QUERY])
    rows = _narrowed(SearchEntry.objects.visible_to(actor).in_force(at), wish)
    if not folded:
        first = rows.annotate(near=_nearness(wish.region)).order_by("near", "title_fold", "pk")
        counted = facets.kept(rows, wish.narrowing, at=at)
        return _found(list(first.values_list("pk", flat=True)[:CANDIDATES]), wish, counted)
    query = _either([folded, *expansions(folded)])
    ranked = _ranked(rows, query, wish.region) if query else []
    if ranked:
        return _found(ranked, wish, facets.count(SearchEntry.objects.filter(pk__in=ranked)))
    return _found([], wish, Facets(), suggestions=_suggest(rows, folded, wish.region))


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


def _ranked(rows: SearchEntryQuerySet, query: str, region: str) -> list[int]:
    """Keys of entries, best first. The region and the titles have their own share of candidates."""
    hits = rows.filter(tsv=_Query(query))
    by_title = rows.filter(tsv=_Query(_in_title(query)))
    nearby = hits.annotate(near=_nearness(region)).filter(near__lt=FAR)
    shares = [share.values("pk")[:CANDIDATES] for share in (nearby, by_title, hits)]
    rank = Func(F("tsv"), _Query(query), function="ts_rank", output_field=FloatField())
    candidates = SearchEntry.objects.filter(pk__in=shares[0].union(*shares[1:]))
    ordered = candidates.annotate(near=_nearness(region), rank=rank)
    return list(ordered.order_by("near", "-rank", "title_fold", "pk").values_list("pk", flat=True))


def _suggest(rows: SearchEntryQuerySet, folded: str, region: str) -> list[SearchEntry]:
    query = _any_pair(folded)
    if not query:
        return []
    return _entries(_ranked(rows, query, region)[:SUGGESTIONS])


def _entries(keys: list[int]) -> list[SearchEntry]:
    rows = SearchEntry.objects.defer("tsv", "body_fold").select_related("agency__region").in_bulk(keys)
    return [rows[key] for key in keys]


def _found(ranked: list[int], wish: Wish, counted: Facets, suggestions: Sequence[SearchEntry] = ()) -> Found:
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
        facets=counted,
        agencies=_agencies(counted),
        suggestions=list(suggestions),
    )


def _agencies(counted: Facets) -> list[tuple[Agency, int]]:
    most = [(int(key), n) for key, n in counted.of("agency")[:AGENCIES]]
    found = Agency.objects.in_bulk([key for key, _n in most]) if most else {}
    return [(found[key], n) for key, n in most]


def _nearness(region: str) -> Expression:
    """0 inside the current region, 1 for the regions above it, 2 elsewhere. Without a region, 0 for all."""
    above = facets.above(region)
    inside = Q(region_code__range=facets.subtree(region))
    return Case(When(inside, then=0), When(region_code__in=above, then=1), default=FAR)
