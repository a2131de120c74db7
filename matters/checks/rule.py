"""What a rule is: a function over a document, with a code, a source and a level."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

Document = dict[str, Any]
Findings = Iterator[tuple[str, str]]
DAYS_IN = {"workday": 7 / 5, "day": 1, "month": 30}

# Sources that are no law. The element rules and what a guide says against itself are errors all the same.
ELEMENTS = gettext_lazy("国家政务服务平台事项要素规范")
CONSISTENCY = gettext_lazy("指南前后一致")
PRACTICE = gettext_lazy("各地实践")


class Level(StrEnum):
    """An error keeps a guide from being published; a warning is shown to those who write and review it."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class Problem:
    """What is wrong, in words, and where: `materials[2].name`. `code` names the rule, `missing` the parts that
    `path` lacks."""

    path: str
    message: str
    code: str = ""
    level: Level = Level.ERROR
    missing: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.path + _("：") + self.message if self.path else self.message


@dataclass(frozen=True)
class Rule:
    """A rule of the trade. `code` is stable and never reused; `title` says in a line what is asked for.

    `check` yields path and words of all that breaks the rule, in a document that obeys the schema. What rests
    on practice alone is a warning, until an administrator hardens it (`matters.models.HardenedRule`).
    """

    code: str
    title: str | Promise
    check: Callable[[Document], Findings]
    source: str | Promise

    @property
    def level(self) -> Level:
        return Level.WARNING if self.source is PRACTICE else Level.ERROR

    def problems(self, document: Document) -> Iterator[Problem]:
        for path, message in self.check(document):
            yield Problem(path, message, self.code, self.level)


def days(term: Document) -> float:
    """The rough length of a term in days, only to compare terms of different units."""
    return float(term["amount"] * DAYS_IN[term["unit"]])


def is_licence(document: Document) -> bool:
    return bool(document["identity"]["regime"] == "licence")
