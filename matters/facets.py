"""The hits of a search counted by every mark with which they can be narrowed, in one statement."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.core.cache import cache
from django.db import connection
from django.db.models import F
from django.db.models.fields.json import KT

from matters import catalogue
from matters.models import SearchEntryQuerySet
from support.places.models import Region

_WIDTHS = sorted(Region.WIDTHS.values())
KEPT_SECONDS = 300
# One pass over the hits for all marks. `ROWS` is the query of the hits with its parameters.
COUNT = """
WITH hits AS MATERIALIZED (ROWS)
SELECT 'agency', agency_id::text, count(*) FROM hits GROUP BY 2
UNION ALL SELECT 'region', region_code, count(*) FROM hits GROUP BY 2
UNION ALL SELECT 'level', level, count(*) FROM hits GROUP BY 2
UNION ALL SELECT 'kind', task_type, count(*) FROM hits GROUP BY 2
UNION ALL SELECT 'pace', pace, count(*) FROM hits GROUP BY 2
UNION ALL SELECT 'audience', unnest(audiences), count(*) FROM hits GROUP BY 2
UNION ALL SELECT 'natural', unnest(natural_themes), count(*) FROM hits GROUP BY 2
UNION ALL SELECT 'legal', unnest(legal_themes), count(*) FROM hits GROUP BY 2
UNION ALL SELECT 'flag', unnest(flags), count(*) FROM hits GROUP BY 2
"""
_COLUMNS = (
    "agency_id", "region_code", "task_type", "audiences", "natural_themes", "legal_themes", "flags"
)  # fmt: skip


@dataclass(frozen=True)
class Facets:
    """`counts`: mark → value → number of hits. The marks are those of COUNT."""

    total: int = 0
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def of(self, mark: str) -> list[tuple[str, int]]:
        """The values of a mark, most hits first."""
        return sorted(self.counts.get(mark, {}).items(), key=lambda pair: (-pair[1], pair[0]))

    def areas(self, area: str) -> list[tuple[str, int]]:
        """The regions directly inside `area` (empty: the nation) with the hits in their subtrees. Where all
        hits lie in one of them it says nothing, and those inside that one are given."""
        inside = self.counts.get("region", {})
        for width in (w for w in _WIDTHS if w > _width(area)):
            found: dict[str, int] = defaultdict(int)
            for code, n in inside.items():
                if _width(code) >= width:
                    found[code[:width].ljust(12, "0")] += n
            if len(found) > 1 or sum(found.values()) < self.total:
                return sorted(found.items())
        return []


def _width(region: str) -> int:
    """How many digits of a padded code say something: 2 for a province … 12 for a village; 0 for the nation."""
    significant = len(region.rstrip("0"))
    return next(w for w in _WIDTHS if w >= significant) if significant else 0


def subtree(region: str) -> tuple[str, str]:
    """Lowest and highest code inside a region, itself included."""
    stem = region[: _width(region)]
    return stem.ljust(12, "0"), stem.ljust(12, "9")


def above(region: str) -> list[str]:
    """The codes of the regions above one."""
    return [region[:w].ljust(12, "0") for w in _WIDTHS if w < _width(region)]


def count(rows: SearchEntryQuerySet) -> Facets:
    """Count the marks of the rows in one query, however many they are."""
    columns = rows.order_by().values(*_COLUMNS, level=F("agency__level"), pace=KT("card__project_type"))
    inner, params = columns.query.sql_with_params()
    counts: dict[str, dict[str, int]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(COUNT.replace("ROWS", inner), params)
        for mark, value, n in cursor.fetchall():
            counts[mark][value] = n
    return Facets(total=sum(counts["agency"].values()), counts=dict(counts))


def kept(rows: SearchEntryQuerySet, key: str, *, at: dt.datetime) -> Facets:
    """As `count`, for many rows: counted afresh when the catalogue changes, at the instant at which something
    planned begins or ends, and every five minutes.

    `key` says by what the rows were narrowed. Some 50 bytes are kept for each agency, region and code.
    """
    name = f"facets:{catalogue.version()}:{key}"
    found: tuple[dt.datetime | None, Facets] | None = cache.get(name)
    if found is None or (found[0] is not None and found[0] <= at):
        found = catalogue.next_change(at), count(rows)
        cache.set(name, found, KEPT_SECONDS)
    return found[1]
