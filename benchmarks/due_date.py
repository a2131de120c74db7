"""Due dates from the rank table beside loops over days, in one run. Prints a table; no thresholds.

    python -m benchmarks.due_date

Floor and candidate alternate; a row whose floor spread more than 25 % over the rounds is marked void.
Figures are CPU time; the ratio is the median of the ratios of each round.
"""

import datetime as dt
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import chinese_calendar

from support.calendars.terms import NATIONAL, Calendar, Layer, Term, Unit

DATA = Path(__file__).parents[1] / "support" / "calendars" / "data"
ONE_DAY = dt.timedelta(days=1)
START = dt.date(2024, 9, 27)
ROUNDS = 7
SPREAD = 0.25


def _dates(file: str, kind: str) -> dict[dt.date, str]:
    years = json.loads((DATA / file).read_text(encoding="utf-8"))["years"].values()
    return {dt.date.fromisoformat(date): name for year in years for date, name in year[kind].items()}


OFF = _dates("national_2019_2026.json", "off")
WORK = _dates("national_2019_2026.json", "work")
NATION = Layer(NATIONAL, OFF, WORK, frozenset(range(2019, 2027)), 2019)
REGION = Layer(
    "640000000000", _dates("regional_64_ningxia.json", "off"), {}, frozenset(range(2019, 2023)), 2019
)


def by_package(start: dt.date, amount: int) -> dt.date:
    """The naive loop: ask the package about every day."""
    day = start
    while amount:
        day += ONE_DAY
        amount -= chinese_calendar.is_workday(day)
    return day


def by_sets(start: dt.date, amount: int) -> dt.date:
    """A careful loop: days off and make-up days in hash tables."""
    day = start
    while amount:
        day += ONE_DAY
        if day in WORK or (day.weekday() < 5 and day not in OFF):
            amount -= 1
    return day


def cpu(act: Callable[[], object], times: int) -> float:
    """Microseconds of CPU for one call."""
    before = time.process_time_ns()
    for _ in range(times):
        act()
    return (time.process_time_ns() - before) / times / 1000


def compare(floor: Callable[[], object], candidate: Callable[[], object], times: int) -> str:
    pairs = [(cpu(floor, times), cpu(candidate, 200_000)) for _ in range(ROUNDS)]
    floors, candidates = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    void = max(floors) / min(floors) - 1 > SPREAD
    ratio = statistics.median(slow / fast for slow, fast in pairs)
    words = f"{statistics.median(floors):10.2f} {statistics.median(candidates):10.3f} {ratio:9.0f}"
    return words + ("  void" if void else "")


def main() -> None:
    years = range(2019, 2037)
    tables = {"nation": Calendar([NATION], years), "ningxia": Calendar([NATION, REGION], years)}
    out = [f"{'term':>5} {'table':>8} {'floor':>8} {'floor us':>10} {'table us':>10} {'ratio':>9}"]
    for amount in (5, 20, 45, 60):
        term = Term(amount, Unit.WORKDAY)
        for name, table in tables.items():
            for floor, times in ((by_package, 60), (by_sets, 3000)):
                if floor(START, amount) != tables["nation"].add(START, term).on:
                    raise SystemExit("the loop and the table disagree")
                row = compare(
                    lambda floor=floor, amount=amount: floor(START, amount),  # type: ignore[misc]
                    lambda table=table, term=term: table.add(START, term),  # type: ignore[misc]
                    times,
                )
                out.append(f"{amount:5} {name:>8} {floor.__name__[3:]:>8} {row}")
    sys.stdout.write("\n".join(out) + "\n")


if __name__ == "__main__":
    main()
