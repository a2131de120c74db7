"""How texts become tokens of the index, and queries become tsqueries over them (docs/adr/0009, 0023).

Both are built as literals out of letters and digits only: nothing that somebody types is syntax. Weights:
A titles, B pinyin, C first letters of pinyin, D everything else.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchVectorField
from django.db.models import Expression, Value
from django.db.models.functions import Cast

from matters import sounds
from matters.scripts import runs

LONGEST_BODY = 12_000  # positions in a tsvector end at 16,383
WORD = 60  # letters of a Latin word
LONG = 4  # characters of a word in which a typing error is looked for
HEARD = 3  # characters of a word that is looked for by its sound


class Query(SearchQuery):
    """A tsquery in PostgreSQL's own notation, past its parser and dictionaries."""

    def as_sql(self, compiler: Any, connection: Any, **context: Any) -> Any:  # type: ignore[override]
        sql, params = compiler.compile(self.source_expressions[-1])
        return f"{sql}::tsquery", params


def _tokens(folded: str) -> Iterator[tuple[str, int]]:
    """Tokens with their positions; a gap after each run keeps phrases from crossing it."""
    position = 1
    for run, cjk in runs(folded):
        pieces = [run[i : i + 2] for i in range(len(run))] if cjk else [run[:WORD]]
        for piece in pieces:
            yield piece, position
            position += 1
        position += 1


def vector(titles: Sequence[str], body: str, spoken: Sequence[str] = ()) -> Expression:
    """The tsvector of folded titles and body, as an expression to store; `spoken`: found by pinyin besides
    the titles."""
    last = 0
    places: dict[str, list[str]] = {}
    for weight, tokens in zip("BC", sounds.starts([*titles, *spoken]), strict=True):
        for token in tokens:
            places.setdefault(token, []).append(f"1{weight}")
    for weight, text in (("A", "\n".join(titles)), ("", body[:LONGEST_BODY])):
        start = last
        for token, position in _tokens(text):
            last = start + position
            places.setdefault(token, []).append(f"{last}{weight}")
        last += 2
    literal = " ".join(f"'{token}':{','.join(at[:255])}" for token, at in places.items())
    return Cast(Value(literal), SearchVectorField())


def spaced(folded: str) -> str:
    """A query as `letters` has its texts, without pinyin."""
    return " ".join(" ".join(run) if cjk else run for run, cjk in runs(folded))


def letters(texts: Sequence[str]) -> str:
    """Folded texts as trigrams forgive errors in them: each Chinese character a word, Latin words whole; and
    the pinyin of each run."""
    found = [piece for text in texts for piece in runs(text)]
    written = [" ".join(run) if cjk else run for run, cjk in found]
    spoken = [sounds.sound(run) for run, cjk in found if cjk and len(run) > 1]
    return " ".join(dict.fromkeys(filter(None, written + spoken)))


def phrase(run: str, cjk: bool, *, title: bool = False, alone: bool = True) -> str:
    """A run as a tsquery: pairs in sequence; one character, or a Latin word, as a prefix.

    `title`: in titles and their pinyin only. A word that is one syllable of pinyin among others, or very
    short, is only what it is: see `either`.
    """
    if cjk and len(run) > 1:
        weight = "A" if title else ""
        return "(" + "<->".join(f"'{run[i : i + 2]}':{weight}" for i in range(len(run) - 1)) + ")"
    literal = cjk or len(run) < sounds.FEWEST or (not alone and sounds.is_syllable(run))
    weight = ("A" if title else "AD") if literal else "ABC" if title else ""
    return f"'{run[:WORD]}':*{weight}"


def either(texts: Sequence[str], *, title: bool = False) -> str:
    """A tsquery for entries that hold every run of one of the texts."""
    wholes = []
    for text in texts:
        pieces = list(runs(text))
        wholes.append("&".join(phrase(*piece, title=title, alone=len(pieces) == 1) for piece in pieces))
    return "|".join(f"({whole})" for whole in dict.fromkeys(wholes) if whole)


def any_pair(folded: str, *, title: bool = False) -> str:
    """For suggestions: any two neighbouring characters of the query, or any Latin word."""
    pairs = [run[i : i + 2] for run, cjk in runs(folded) if cjk for i in range(max(1, len(run) - 1))]
    words = [run for run, cjk in runs(folded) if not cjk and len(run) > 2]
    return "|".join(phrase(piece, piece in pairs, title=title) for piece in dict.fromkeys(pairs + words))


def heard(run: str, cjk: bool) -> str:
    """A run of Chinese as a tsquery by its sound; nothing for a short one."""
    said = sounds.sound(run) if cjk and len(run) >= HEARD else ""
    return f"'{said[: sounds.LONGEST]}':*B" if said else ""
