"""What was searched for in vain, each with words and guides it may have meant. One query for them all."""

import datetime as dt
from collections import defaultdict
from typing import Any, NamedTuple

from django.db import connection

from matters import sounds, tokens
from matters.models import ZeroHit
from matters.scripts import runs
from support.records.actor import Actor

MOST = 10
# For each term: synonyms written or sounding like it, then titles that share most with it; of those that hold
# a pair of its characters some are looked at, so that common ones cost no more.
MEANT = """
SELECT miss.id, meant.term, meant.words
FROM unnest(%(ids)s::bigint[], %(pairs)s::text[], %(spelt)s::text[], %(said)s::text[])
    AS miss (id, pairs, spelt, said)
CROSS JOIN LATERAL (
    (SELECT term, expands_to AS words FROM matters_synonym
     WHERE in_use AND ((miss.spelt <> '' AND letters %%> miss.spelt)
                       OR (miss.said <> '' AND miss.said LIKE ANY (sounds)))
     ORDER BY word_similarity(miss.spelt, letters) DESC, term LIMIT 2)
    UNION ALL
    (SELECT '', ARRAY[title_fold]::varchar[] FROM (
        SELECT title_fold, ts_rank(tsv, miss.pairs::tsquery) AS fits FROM matters_searchentry
        WHERE miss.pairs <> '' AND tsv @@ miss.pairs::tsquery AND validity @> %(at)s LIMIT 200) AS near
     GROUP BY title_fold ORDER BY max(fits) DESC, title_fold LIMIT 3)
) AS meant
"""


class Meant(NamedTuple):
    """Words that a term may stand for; `like`: the synonym that has them, none for the title of a guide."""

    words: list[str]
    like: str


def latest(*, actor: Actor, at: dt.datetime) -> list[tuple[ZeroHit, list[Meant]]]:
    """The terms searched for most often, with what they may mean."""
    rows = list(ZeroHit.objects.visible_to(actor).order_by("-count", "-last_at", "pk")[:MOST])
    found = _meant(rows, at) if rows else {}
    return [(row, found.get(row.pk, [])) for row in rows]


def _meant(rows: list[ZeroHit], at: dt.datetime) -> dict[int, list[Meant]]:
    long = [any(len(run) >= tokens.LONG for run, _cjk in runs(row.term)) for row in rows]
    asked: dict[str, Any] = {
        "ids": [row.pk for row in rows],
        "pairs": [tokens.any_pair(row.term) for row in rows],
        "spelt": [tokens.spaced(row.term) if far else "" for row, far in zip(rows, long, strict=True)],
        "said": [sounds.typed(row.term) or sounds.spelled(row.term) for row in rows],
        "at": at,
    }
    found: dict[int, list[Meant]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(MEANT, asked)
        for pk, term, words in cursor.fetchall():
            meant = Meant(words if term else [_core(words[0])], term)
            if meant.words not in [other.words for other in found[pk]]:
                found[pk].append(meant)
    return found


def _core(title: str) -> str:
    """The longest piece of a title: 食品经营许可 of 食品经营许可(新办)."""
    return max((run for run, _cjk in runs(title)), key=len, default=title)[:60]
