"""The public figures of agencies and matters. Only ratings that somebody gave are counted, never a default one."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, Decimal
from typing import Any

from django.db import connection
from django.db.models import Sum
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from evaluations.codes import GOOD, NEGATIVE, Level
from evaluations.models import FEWEST, AgencyFigure, Measure, RatingDelta
from matters.guides import SOURCE, say
from matters.models import GuideVersion, Matter
from support.places.models import Agency

# One statement: a delta is in the sums or still in its table for every reader, never in both or neither.
FOLD = """
WITH taken AS (DELETE FROM evaluations_ratingdelta RETURNING agency_id, matter_id, measure, count)
INSERT INTO evaluations_agencyfigure AS figure (agency_id, matter_id, measure, count)
SELECT agency_id, matter_id, measure, sum(count) FROM taken
GROUP BY GROUPING SETS ((agency_id, matter_id, measure), (agency_id, measure))
ORDER BY agency_id, matter_id, measure
ON CONFLICT (agency_id, matter_id, measure) DO UPDATE SET count = figure.count + excluded.count
"""


def _percent(part: int, whole: int) -> Decimal | None:
    """With one decimal, rounded down: 100 is shown only where it is the whole."""
    if not whole:
        return None
    return (Decimal(100 * part) / whole).quantize(Decimal("0.1"), ROUND_DOWN)


@dataclass
class Figures:
    """Sums of one agency, of one of its matters, or of all. Rates are percentages, None where there is
    nothing to divide by."""

    agency: Agency | None = None
    matter: Matter | None = None
    name: str = ""
    counts: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    withheld: bool = False  # so few ratings that a level would tell who gave it

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
    def satisfaction(self) -> Decimal | None:
        """满意度: the stars given, of the stars that could have been given (five for each rating)."""
        return _percent(sum(level * self.counts[level] for level in Level), 5 * self.rated)

    @property
    def participation(self) -> Decimal | None:
        """参评率: ratings, of the cases that could be evaluated."""
        return _percent(self.rated, self.evaluable)

    @property
    def levels(self) -> list[tuple[str, int]]:
        """How many of each level, the best first."""
        return [(str(level.label), self.counts[level]) for level in Level]


def fold() -> None:
    """Move the deltas that wait into the figures. Any number of workers may do so at once."""
    with connection.cursor() as cursor:
        cursor.execute(FOLD)


def _sums() -> Iterable[tuple[int, int, int]]:
    """(agency, measure, count), folded or not, in one statement."""
    columns = ("agency_id", "measure", "total")
    waiting = RatingDelta.objects.values("agency_id", "measure").annotate(total=Sum("count"))
    folded = (
        AgencyFigure.objects.filter(matter=None).values("agency_id", "measure").annotate(total=Sum("count"))
    )
    return folded.values_list(*columns).union(waiting.values_list(*columns), all=True)


def _by_agency() -> dict[int, Figures]:
    """Withheld are those of an agency with fewer than FEWEST ratings; how many it has is public all the same."""
    figures: dict[int, Figures] = defaultdict(Figures)
    for agency_id, measure, count in _sums():
        figures[agency_id].counts[measure] += count
    for figure in figures.values():
        figure.withheld = 0 < figure.rated < FEWEST
    return figures


def agency_figures() -> list[Figures]:
    """The figures of every agency that has finished a case, by region and name."""
    agencies, figures = Agency.objects.in_bulk(), _by_agency()
    for pk, figure in figures.items():
        figure.agency = agencies[pk]
    return sorted(
        figures.values(), key=lambda f: (f.agency.region_id, f.agency.name) if f.agency else ("", "")
    )


def _sums_by_matter(agency_id: int) -> Iterable[tuple[int, int, int]]:
    """(matter, measure, count) of one agency, folded or not, in one statement."""
    columns = ("matter_id", "measure", "total")
    waiting = RatingDelta.objects.filter(agency=agency_id).values("matter_id", "measure")
    folded = AgencyFigure.objects.filter(agency=agency_id).exclude(matter=None).values("matter_id", "measure")
    return (
        folded.annotate(total=Sum("count"))
        .values_list(*columns)
        .union(waiting.annotate(total=Sum("count")).values_list(*columns), all=True)
    )


def figures_by_matter(agency_id: int) -> dict[int, Figures]:
    """The figures of every matter of which the agency has finished a case.

    `withheld` are those whose levels would tell, or let be computed from the agency's own sums, what one of
    fewer than FEWEST persons said; the numbers of cases and ratings are public all the same.
    """
    figures: dict[int, Figures] = defaultdict(Figures)
    for matter_id, measure, count in _sums_by_matter(agency_id):
        figures[matter_id].counts[measure] += count
    hidden = 0
    for figure in sorted(figures.values(), key=lambda f: f.rated):
        figure.withheld = 0 < figure.rated < FEWEST or 0 < hidden < FEWEST
        hidden += figure.rated if figure.withheld else 0
    return dict(figures)


def matter_figures(agency: Agency) -> list[Figures]:
    """`figures_by_matter` with the matters and their names, the most rated first."""
    figures = figures_by_matter(agency.pk)
    matters = Matter.objects.in_bulk(figures)
    names = names_of(figures)
    for pk, figure in figures.items():
        figure.agency, figure.matter, figure.name = agency, matters[pk], names[pk]
    return sorted(figures.values(), key=lambda f: (-f.rated, -f.evaluable, f.name))


def names_of(matters: Iterable[int]) -> dict[int, str]:
    """The names of matters as their newest guides give them, in the reader's language."""
    versions = GuideVersion.objects.filter(matter__in=matters).order_by("version")
    language = get_language() or SOURCE
    newest = dict(versions.values_list("matter", "document__name"))
    return {pk: say(name, language) for pk, name in newest.items()}


def rated_matters(agencies: Iterable[int]) -> list[tuple[Matter, str]]:
    """The matters of which these agencies have ratings, with their names, by name."""
    found: set[int] = set()
    for table in (AgencyFigure, RatingDelta):
        rows = table.objects.filter(agency__in=agencies, measure__in=Level.values, matter__isnull=False)
        found |= set(rows.values_list("matter", flat=True).distinct())
    matters, names = Matter.objects.in_bulk(found), names_of(found)
    return sorted(((matters[pk], names[pk]) for pk in found), key=lambda pair: pair[1])


def figures_of_matter(matter: Matter) -> Figures | None:
    """What the guide of a matter shows of its ratings; None while it has none."""
    figure = figures_by_matter(matter.agency_id).get(matter.pk)
    return figure if figure and figure.rated else None


def headline() -> list[dict[str, Any]]:
    """The figures of all agencies together, as `components/figures.html` shows them. Empty: no rating.

    Agencies whose figures are withheld are no part of it: the difference would tell them.
    """
    total = Figures()
    for figure in _by_agency().values():
        if not figure.withheld:
            for measure, count in figure.counts.items():
                total.counts[measure] += count
    return shown(total) if total.rated else []


def shown(figure: Figures) -> list[dict[str, Any]]:
    """Figures with their definitions, for `components/figures.html`. Only of what has ratings."""
    good = {"name": _("好评率"), "value": figure.good_rate, "unit": "%", "words": _("基本满意及以上占全部评价")}
    part = {"name": _("参评率"), "value": figure.participation, "unit": "%", "words": _("已评价占可评价办件")}
    stars = {
        "name": _("满意度"), "value": figure.satisfaction, "unit": "%", "words": _("所得星数占满分（每件五星）"),
    }  # fmt: skip
    rated = {
        "name": _("评价"), "value": figure.rated, "unit": _("件"), "words": _("均为办事人主动评价，无默认好评"),
    }  # fmt: skip
    return [part, rated] if figure.withheld else [good, part, stars, rated]
