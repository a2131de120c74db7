"""Search of the guides in force: every substring of two or more characters is found, in both scripts.

Texts are folded and cut into overlapping pairs of characters (docs/adr/0009); a word of the query is a
phrase of such pairs. Candidates are taken by title first and capped, then ranked; three queries in all.
"""

import datetime as dt
import re
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchVectorField
from django.db.models import Case, Count, Expression, F, FloatField, Func, Q, Value, When
from django.db.models.functions import Cast, StrIndex

from matters import codes
from matters.models import SearchEntry, SearchEntryQuerySet, Synonym
from matters.scripts import fold
from support.places.models import Agency, Region
from support.records.actor import Actor

LONGEST_QUERY = 60
LONGEST_BODY = 12_000  # positions in a tsvector end at 16,383
CANDIDATES = 300  # near, by title and anywhere: as many of each
FAR = 2
PER_PAGE = 10
SUGGESTIONS = 5
AGENCIES = 12  # departments offered as a filter

_CJK = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_RUN = re.compile(rf"([{_CJK}]+)|([^\W_{_CJK}]+)")

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Wish:
    """What is looked for. `region` is a 12-digit code; `theme` is of the audience's list in `codes`."""

    q: str = ""
    region: str = ""
    audience: str = ""
    theme: str = ""
    agency: uuid.UUID | None = None
    page: int = 1

    @classmethod
    def of(cls, asked: Mapping[str, str], *, region: str = "") -> "Wish":
        """From query parameters. A filter that makes no sense is left out; `region` is the default."""
        given = asked.get("region", "")
        audience = asked.get("audience", "")
        theme, page, agency = asked.get("theme", ""), asked.get("page", ""), asked.get("agency", "")
        return cls(
            q=asked.get("q", "").strip(),
            region=given if re.fullmatch(r"[0-9]{12}", given, re.ASCII) else region,
            audience=audience if audience in codes.AUDIENCES else "",
            theme=theme if theme in codes.THEMES.get(audience, {}) else "",
            agency=uuid.UUID(agency) if _UUID.fullmatch(agency) else None,
            page=int(page) if re.fullmatch(r"[0-9]{1,4}", page, re.ASCII) else 1,
        )


@dataclass(frozen=True)
class Found:
    """One page of hits. `capped`: there are more than were ranked. Suggestions only when nothing was hit."""

    entries: list[SearchEntry]
    total: int
    capped: bool
    page: int
    pages: int
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
        everything = rows.annotate(near=_nearness(wish.region)).order_by("near", "title_fold", "pk")
        return _found(list(everything.values_list("pk", "agency_id")[:CANDIDATES]), wish)
    query = _either([folded, *expansions(folded)])
    ranked = _ranked(rows, query, wish.region) if query else []
    if ranked:
        return _found(ranked, wish)
    return _found([], wish, suggestions=_suggest(rows, folded, wish.region))


def _narrowed(rows: SearchEntryQuerySet, wish: Wish) -> SearchEntryQuerySet:
    if wish.audience:
        rows = rows.filter(audiences__contains=[wish.audience])
    if wish.theme:
        rows = rows.filter(**{f"{wish.audience}_themes__contains": [wish.theme]})
    if wish.agency:
        rows = rows.filter(agency__uuid=wish.agency)
    return rows


def _ranked(rows: SearchEntryQuerySet, query: str, region: str) -> list[tuple[int, int]]:
    """Keys of entry and agency, best first. The region and the titles have their own share of candidates."""
    hits = rows.filter(tsv=_Query(query))
    by_title = rows.filter(tsv=_Query(_in_title(query)))
    nearby = hits.annotate(near=_nearness(region)).filter(near__lt=FAR)
    shares = [share.values("pk")[:CANDIDATES] for share in (nearby, by_title, hits)]
    rank = Func(F("tsv"), _Query(query), function="ts_rank", output_field=FloatField())
    candidates = SearchEntry.objects.filter(pk__in=shares[0].union(*shares[1:]))
    ordered = candidates.annotate(near=_nearness(region), rank=rank)
    return list(ordered.order_by("near", "-rank", "title_fold", "pk").values_list("pk", "agency_id"))


def _suggest(rows: SearchEntryQuerySet, folded: str, region: str) -> list[SearchEntry]:
    query = _any_pair(folded)
    if not query:
        return []
    keys = [key for key, _agency in _ranked(rows, query, region)[:SUGGESTIONS]]
    return _entries(keys)


def _entries(keys: list[int]) -> list[SearchEntry]:
    rows = SearchEntry.objects.defer("tsv", "body_fold").select_related("agency__region").in_bulk(keys)
    return [rows[key] for key in keys]


def _found(ranked: list[tuple[int, int]], wish: Wish, suggestions: Sequence[SearchEntry] = ()) -> Found:
    pages = max(1, -(-len(ranked) // PER_PAGE))
    page = min(max(1, wish.page), pages)
    shown = [key for key, _agency in ranked[(page - 1) * PER_PAGE : page * PER_PAGE]]
    counts = Counter(agency for _key, agency in ranked)
    agencies = Agency.objects.in_bulk(counts) if counts else {}
    return Found(
        entries=_entries(shown) if shown else [],
        total=len(ranked),
        capped=len(ranked) >= CANDIDATES,
        page=page,
        pages=pages,
        agencies=[(agencies[key], n) for key, n in counts.most_common(AGENCIES)],
        suggestions=list(suggestions),
    )


@dataclass(frozen=True)
class Overview:
    """What is offered now: themes by audience and agencies with their number of guides, newest guides."""

    themes: dict[str, list[tuple[str, int]]]
    agencies: list[tuple[Agency, int]]
    newest: list[SearchEntry]


def overview(*, actor: Actor, at: dt.datetime, newest: int) -> Overview:
    """For the home page, in five queries; nothing is listed that has no guide in force."""
    rows = SearchEntry.objects.visible_to(actor).in_force(at)
    themes = {}
    for audience in codes.AUDIENCES:
        unnested = rows.annotate(theme=Func(F(f"{audience}_themes"), function="unnest"))
        counted = unnested.values("theme").annotate(guides=Count("pk")).order_by("-guides", "theme")
        themes[audience] = list(counted.values_list("theme", "guides"))
    counts = dict(rows.values("agency").annotate(guides=Count("pk")).values_list("agency", "guides"))
    agencies = Agency.objects.in_bulk(counts)
    return Overview(
        themes=themes,
        agencies=sorted(
            ((agencies[key], n) for key, n in counts.items()), key=lambda pair: (-pair[1], pair[0].pk)
        ),
        newest=list(rows.only("card", "flags", "agency").order_by("-guide__published_at", "-pk")[:newest]),
    )


def _nearness(region: str) -> Expression:
    """0 inside the current region, 1 for the regions above it, 2 elsewhere. Without a region, 0 for all."""
    widths = sorted(Region.WIDTHS.values())
    width = next(w for w in widths if w >= len(region.rstrip("0")))
    stem = region[:width]
    above = [stem[:w].ljust(12, "0") for w in widths if w < width]
    inside = Q(region_code__range=(stem.ljust(12, "0"), stem.ljust(12, "9")))
    return Case(When(inside, then=0), When(region_code__in=above, then=1), default=FAR)
