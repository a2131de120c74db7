"""Regular expressions written by editors: only those that every text of bounded length leaves quickly."""

import re
from math import prod
from re import _parser  # type: ignore[attr-defined]  # the tree of an expression, as Python itself reads it
from typing import Any

MOST_WAYS = 20_000  # tried at worst on one text, each no longer than the text
_CHARACTER = {"LITERAL", "NOT_LITERAL", "ANY", "IN", "CATEGORY", "AT"}
_REPEAT = {"MAX_REPEAT", "MIN_REPEAT"}


class PatternRefused(ValueError):
    """The expression is no expression, or could take too long; `slow` says which."""

    def __init__(self, *, slow: bool) -> None:
        self.slow = slow
        super().__init__("slow" if slow else "malformed")


def compiled(pattern: str, longest: int) -> re.Pattern[str]:
    """The expression, for texts of at most `longest` characters. Raises PatternRefused.

    What backtracking may try is counted from the tree: repeats multiply, alternatives add. References back,
    looking ahead or behind and expressions that could be tried in too many ways are refused.
    """
    try:
        made = re.compile(pattern, re.ASCII)
        tree = _parser.parse(pattern, re.ASCII)
    except (re.error, OverflowError, RecursionError):
        raise PatternRefused(slow=False) from None
    if _ways(tree, longest) > MOST_WAYS:
        raise PatternRefused(slow=True)
    return made


def _ways(tree: Any, longest: int) -> float:
    return float(prod(_ways_of(str(kind), value, longest) for kind, value in tree))


def _ways_of(kind: str, value: Any, longest: int) -> float:
    if kind in _CHARACTER:
        return 1
    if kind == "SUBPATTERN":
        return _ways(value[-1], longest)
    if kind == "BRANCH":
        return sum(_ways(each, longest) for each in value[1])
    if kind in _REPEAT:
        least, most, each = int(value[0]), min(int(value[1]), longest), _ways(value[2], longest)
        # What may be empty can be repeated in any number of ways; what must come more often than the text is long, too.
        if least > longest or (value[1] > 1 and value[2].getwidth()[0] == 0):
            return float("inf")
        if each > 1:
            return float(min(each, MOST_WAYS + 1) ** min(most, 16)) * (most - least + 1)
        return float(most - least + 1)
    return float("inf")
