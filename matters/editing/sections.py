"""What the sections of a draft are made of: plain elements, and lists of items that have elements themselves.

The table itself is in `elements`. An element the schema does not know is not offered.
"""

import json
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from matters.checks import SCHEMA
from matters.codes import Codes
from matters.editing.paths import Path, steps

Words = Any  # str, or translated when it is shown


@dataclass(frozen=True)
class Element:
    """One element of a guide. `path` is beneath its section or item; empty: the item itself is a text.

    Kinds: `text` and `long` (a text in three languages), `line` (a plain string), `lines` (plain strings, one a
    line), `code`, `codes`, `yes` (a boolean), `number`, `megabytes` (kept in bytes), `term`, `months` (a term in
    months), `question` (a field of the application form), `when` (options of situations).
    `shared`: a material taken from the library has it from there. `by_law`: of a licence the statute says it.
    """

    path: str
    kind: str
    label: Words
    help: Words = ""
    choices: Codes = field(default_factory=dict)
    optional: bool = False
    shared: bool = False
    by_law: bool = False
    least: int = 0
    most: int = 1000

    @property
    def steps(self) -> Path:
        return steps(self.path)

    @property
    def name(self) -> str:
        """Of its input; the input of the source language, where there are several."""
        return self.path.replace(".", "-") or "text"

    @property
    def anchor(self) -> str:
        """The id of the input that takes the focus."""
        first = {"term": "-amount", "months": "-amount", "yes": "_0", "codes": "_0"}
        radios = self.kind == "code" and len(self.choices) <= RADIOS
        return f"id_{self.name}{'_0' if radios else first.get(self.kind, '')}"


RADIOS = 4  # choices that stand open; more are a drop-down list


@dataclass(frozen=True)
class Group:
    """A list of items. `one` is what an item is called; `named` the element that names an item in the list.

    `prefix`: items have stable keys, `m1` and so on, kept under `key`.
    """

    path: str
    title: Words
    one: Words
    elements: tuple[Element, ...]
    named: str = "name"
    prefix: str = ""
    key: str = "key"
    groups: tuple["Group", ...] = ()
    help: Words = ""
    most: int = 0

    @property
    def steps(self) -> Path:
        return steps(self.path)

    @property
    def is_text(self) -> bool:
        """Whether an item is a text and nothing else."""
        return len(self.elements) == 1 and not self.elements[0].path


@dataclass(frozen=True)
class Section:
    """One tile of the hub and one page. `must`: no guide is published without it."""

    key: str
    title: Words
    icon: str
    must: bool = True
    elements: tuple[Element, ...] = ()
    groups: tuple[Group, ...] = ()
    help: Words = ""

    @property
    def tops(self) -> frozenset[str | int]:
        """The parts of the document this section keeps."""
        return frozenset(path[0] for path in self.paths)

    @property
    def paths(self) -> list[Path]:
        return [*(each.steps for each in self.elements), *(each.steps for each in self.groups)]


@dataclass(frozen=True)
class Spot:
    """A list of a draft and one place in it: `index` None is a new item."""

    group: Group
    path: Path
    index: int | None

    @property
    def written(self) -> str:
        """As in addresses: `results.0.contents.1`."""
        last = "new" if self.index is None else str(self.index)
        return ".".join([*map(str, self.path), last])

    @property
    def item(self) -> Path:
        assert self.index is not None
        return (*self.path, self.index)


def spot(section: Section, path: Path) -> Spot | None:
    """The innermost list item of the section that a path leads to or into; `new` as an index: a new one."""
    found, groups, before = None, section.groups, 0
    while before < len(path):
        rest = path[before:]
        group = next(
            (g for g in groups if rest[: len(g.steps)] == g.steps and len(rest) > len(g.steps)), None
        )
        if group is None:
            break
        at = before + len(group.steps)
        index = path[at]
        if index != "new" and not isinstance(index, int):
            break
        found = Spot(group, path[:at], index if isinstance(index, int) else None)
        groups, before = group.groups, at + 1
    return found


def known(sections: tuple[Section, ...]) -> tuple[Section, ...]:
    """The sections without what the schema has no place for."""
    kept = [_known_in(section, ()) for section in sections]
    return tuple(section for section in kept if section.elements or section.groups)


def _known_in(part: Any, before: Path) -> Any:
    elements = tuple(e for e in part.elements if in_schema((*before, *e.steps)))
    groups = [g for g in part.groups if in_schema((*before, *g.steps))]
    beneath = tuple(_known_in(group, (*before, *group.steps, 0)) for group in groups)
    return replace(part, elements=elements, groups=beneath)


@lru_cache(maxsize=1)
def schema() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return read


def in_schema(path: Path) -> bool:
    """Whether a document may have something there."""
    node: Any = schema()
    for step in path:
        node = _resolved(node)
        node = node.get("items") if isinstance(step, int) else node.get("properties", {}).get(step)
        if node is None:
            return False
    return True


def _resolved(node: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in node:
        return _resolved(schema()["$defs"][node["$ref"].rsplit("/", 1)[1]])
    if "allOf" in node and "properties" not in node:
        return _resolved(node["allOf"][0])
    return node
