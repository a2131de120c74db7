"""Floor and candidate in turn; the figure is the median of the ratios of each round.

Absolute figures of a shared machine drift; two things measured one after the other drift together. A row
whose floor spread more than a quarter over its rounds is void: run it again on a quieter machine.
"""

import statistics
from collections.abc import Callable
from dataclasses import dataclass

ROUNDS = 5
SPREAD = 0.25
HEAD = (
    "| what | floor | candidate | ratio | CPU ms floor | CPU ms candidate | |\n"
    "|---|---:|---:|---:|---:|---:|---|\n"
)


@dataclass(frozen=True)
class Run:
    """What one round of one side gave: a figure (a rate, or a time), and CPU milliseconds for each thing done."""

    figure: float
    cpu_ms: float


@dataclass(frozen=True)
class Row:
    """One line of the table. `ratio` is candidate / floor, whatever the figures are."""

    name: str
    floors: list[Run]
    candidates: list[Run]
    unit: str

    @property
    def ratio(self) -> float:
        pairs = zip(self.floors, self.candidates, strict=True)
        return statistics.median(candidate.figure / floor.figure for floor, candidate in pairs)

    @property
    def void(self) -> bool:
        figures = [floor.figure for floor in self.floors]
        return max(figures) / min(figures) - 1 > SPREAD

    def __str__(self) -> str:
        floor, candidate = (
            statistics.median(r.figure for r in side) for side in (self.floors, self.candidates)
        )
        cpu = [statistics.median(r.cpu_ms for r in side) for side in (self.floors, self.candidates)]
        return (
            f"| {self.name} | {floor:,.1f} {self.unit} | {candidate:,.1f} {self.unit} | **{self.ratio:.2f}** "
            f"| {cpu[0]:.2f} | {cpu[1]:.2f} | {'void' if self.void else ''} |"
        )


def in_turn(name: str, unit: str, floor: Callable[[], Run], candidate: Callable[[], Run]) -> Row:
    """Both once to warm up, then ROUNDS times in turn."""
    floor(), candidate()
    pairs = [(floor(), candidate()) for _ in range(ROUNDS)]
    return Row(name, [pair[0] for pair in pairs], [pair[1] for pair in pairs], unit)
