"""When a question is asked: the answers to earlier single choices on which it depends."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal

MOST = 3
Term = tuple[str, str]
"""The key of an earlier question, and the value that must have been chosen there."""


@dataclass(frozen=True)
class Condition:
    """One to three terms that must `all` hold, or of which `any` must."""

    terms: tuple[Term, ...]
    mode: Literal["all", "any"] = "all"

    @classmethod
    def read(cls, node: Mapping[str, Any] | None) -> "Condition | None":
        """From `{field, equals}`, `{all: […]}` or `{any: […]}` of a document; None for no condition."""
        if not node:
            return None
        if "field" in node:
            return cls(((node["field"], node["equals"]),))
        mode: Literal["all", "any"] = "any" if "any" in node else "all"
        return cls(tuple((term["field"], term["equals"]) for term in node[mode]), mode)

    def write(self) -> dict[str, Any]:
        """As it stands in a document."""
        terms = [{"field": key, "equals": value} for key, value in self.terms]
        return terms[0] if len(terms) == 1 else {self.mode: terms}

    def holds(self, answers: Mapping[str, Any]) -> bool:
        found = (answers.get(key) == value for key, value in self.terms)
        return any(found) if self.mode == "any" else all(found)

    def rest(self, answers: Mapping[str, Any], open_keys: Collection[str]) -> "Condition | bool":
        """What is still to be decided while the questions `open_keys` can be answered; or whether it holds."""
        known = [answers.get(key) == value for key, value in self.terms if key not in open_keys]
        left = tuple(term for term in self.terms if term[0] in open_keys)
        if self.mode == "any" and any(known):
            return True
        if self.mode == "all" and not all(known):
            return False
        return Condition(left, self.mode) if left else self.mode == "all"
