"""The agencies' public figures. Only ratings that somebody gave are counted, never a default one."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, Decimal
from typing import Any

from django.db import connection
from django.db.models import Sum
from django.utils.translation import gettext as _

from evaluations.codes import GOOD, NEGATIVE
from evaluations.models import AgencyFigure, Measure, RatingDelta
from support.places.models import Agency

# One statement: a delta is in the sum or still in its table for every reader, never in both or neither.
FOLD = """
WITH taken AS (DELETE FROM evaluations_ratingdelta RETURNING agency_id, measure, count)
INSERT INTO evaluations_agencyfigure AS figure (agency_id, measure, count)
SELECT agency_id, measure, sum(count) FROM taken GROUP BY agency_id, measure ORDER BY agency_id, measure
ON CONFLICT (agency_id, measure) DO UPDATE SET count = figure.count + excluded.count
"""


def _percent(part: int, whole: int) -> Decimal | None:
    """With one decimal, rounded down: 100 is shown only where it is the whole."""
    if not whole:
        return None
    return (Decimal(100 * part) / whole).quantize(Decimal("0.1"), ROUND_DOWN)


@dataclass
class Figures:
    """Sums of one agency, or of all. Rates are percentages, None where there is nothing to divide by."""

    agency: Agency | None = None
    counts: dict[int, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def evaluable(self) -> int:
        """Finished cases that could be evaluated."""
        return self.counts[Measure.EVALUABLE]

    @property
    def rated(self) -> int:
        return sum(count for measure, count in self.counts.items() if measure != Measure.EVALUABLE)

    @property
    def negative(self) -> int:
        return sum(self.counts[level] for level in NEGATIVE)

    @property
    def good_rate(self) -> Decimal | None:
        """好评率: three to five stars, of all ratings."""
        return _percent(sum(self.counts[level] for level in GOOD), self.rated)

    @property
    def participation(self) -> Decimal | None:
        """参评率: ratings, of the cases that could be evaluated."""
        return _percent(self.rated, self.evaluable)


def fold() -> None:
    """Move the deltas that wait into the figures. Any number of workers may do so at once."""
    with connection.cursor() as cursor:
        cursor.execute(FOLD)


def _sums() -> Iterable[tuple[int, int, int]]:
    """(agency, measure, count), folded or not, in one statement."""
    columns = ("agency_id", "measure", "total")
    waiting = RatingDelta.objects.values("agency_id", "measure").annotate(total=Sum("count"))
    folded = AgencyFigure.objects.values("agency_id", "measure").annotate(total=Sum("count"))
    return folded.values_list(*columns).union(waiting.values_list(*columns), all=True)


def agency_figures() -> list[Figures]:
    """The figures of every agency that has finished a case, by region and name."""
    agencies = Agency.objects.in_bulk()
    figures: dict[int, Figures] = {}
    for agency_id, measure, count in _sums():
        figure = figures.setdefault(agency_id, Figures(agencies[agency_id]))
        figure.counts[measure] += count
    return sorted(
        figures.values(), key=lambda f: (f.agency.region_id, f.agency.name) if f.agency else ("", "")
    )


def headline() -> list[dict[str, Any]]:
    """The figures of all agencies together, as `components/figures.html` shows them. Empty: no rating."""
    total = Figures()
    for _agency, measure, count in _sums():
        total.counts[measure] += count
    if not total.rated:
        return []
    return [
        {"name": _("好评率"), "value": total.good_rate, "unit": "%", "words": _("基本满意及以上占全部评价")},
        {"name": _("参评率"), "value": total.participation, "unit": "%", "words": _("已评价占可评价办件")},
        {
            "name": _("评价"),
            "value": total.rated,
            "unit": _("件"),
            "words": _("均为办事人主动评价，无默认好评"),
        },
    ]
