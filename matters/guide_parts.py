"""The parts of a guide as they are read from its document: questions, materials, situations, results."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_noop

from matters import codes
from matters.conditions import Condition
from support.calendars.terms import Term, Unit

SOURCE = "zh-hans"
Choices = Mapping[str, str]  # the answers to the questions of 情形: key → value
NO_CHOICES: Choices = {}
YES_NO = {"yes": {SOURCE: "是", "en": "Yes"}, "no": {SOURCE: "否", "en": "No"}}
EXCLUDED_BY = gettext_noop("行政许可法第四十五条")  # pages translate
LONGEST = {"text": 100, "textarea": 1000, "address": 200}


def is_text(value: Any) -> bool:
    """A text of the document: one wording per language, the source language always there."""
    return isinstance(value, dict) and SOURCE in value


def texts(node: Any) -> Iterator[dict[str, str]]:
    """Every text in a part of a document, depth first."""
    if is_text(node):
        yield node
    elif isinstance(node, dict | list):
        for child in node.values() if isinstance(node, dict) else node:
            yield from texts(child)


def say(node: Any, language: str) -> Any:
    """A part of a document with every text reduced to its wording in one language."""
    if is_text(node):
        return node.get(language) or node[SOURCE]
    if isinstance(node, dict):
        return {key: say(child, language) for key, child in node.items()}
    if isinstance(node, list):
        return [say(child, language) for child in node]
    return node


@dataclass(frozen=True)
class Field:
    """One question of the application form, or one column of such a question of type `table`.

    `key` is stable and never reused. `pattern` is an expression that the whole text matches, and the words
    for who does not. `unique` is of a column: no two rows may say the same.
    """

    key: str
    type: str
    label: str
    step: str
    help: str = ""
    required: bool = True
    sensitive: bool = False
    min_length: int | None = None
    max_length: int | None = None
    pattern: tuple[str, str] | None = None
    minimum: str | None = None
    maximum: str | None = None
    decimals: int = 0
    unit: str = ""
    within: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    prefill: str = ""
    show_if: Condition | None = None
    statement: str = ""
    columns: tuple["Field", ...] = ()
    min_rows: int = 1
    max_rows: int = 20
    unique: bool = False

    @property
    def longest(self) -> int:
        """How many characters a text may have."""
        return self.max_length or LONGEST[self.type]

    def shown(self, answers: dict[str, Any]) -> bool:
        """Whether the question is asked, given the answers so far."""
        return self.show_if is None or self.show_if.holds(answers)

    def say(self, value: Any) -> str:
        """An answer as it is printed: choices in their words, nothing for no answer; rows one after another."""
        if self.type == "table":
            rows = ([c.say(row.get(c.key)) for c in self.columns] for row in value or ())
            return "；".join("、".join(cell for cell in row if cell) for row in rows)
        labels = dict(self.choices)
        values = value if isinstance(value, list) else [] if value is None else [value]
        return "、".join(labels.get(str(item), str(item)) for item in values)


@dataclass(frozen=True)
class Step:
    """One page of the application form."""

    key: str
    title: str
    help: str
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Situation:
    """情形: one question whose answer trims the materials. `key` and the options' values are stable."""

    key: str
    question: str
    help: str
    options: tuple[tuple[str, str], ...]

    def say(self, value: str) -> str:
        """An option in its words; empty for none."""
        return dict(self.options).get(value, "")


@dataclass(frozen=True)
class Material:
    """One material asked for. `words` holds what is only shown; `max_bytes`, `max_pages` bound an upload.

    `when` names the situations on which it depends, each with the answers under which it is asked for.
    """

    key: str
    name: str
    necessity: str
    deferrable_days: int | None
    max_bytes: int | None
    max_pages: int | None
    words: dict[str, Any]
    when: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def fits(self, choices: Choices) -> bool:
        """Whether it is asked for under these answers; a question not answered yet rules nothing out."""
        return all(choices.get(key, values[0]) in values for key, values in self.when)

    @property
    def required(self) -> bool:
        return self.necessity == codes.REQUIRED

    @property
    def deferrable(self) -> bool:
        return self.necessity == codes.DEFERRABLE

    @property
    def on_paper(self) -> bool:
        """Whether a window takes it on paper (收取方式 纸质收取)."""
        return codes.ON_PAPER in self.words["collect"]

    @property
    def as_file(self) -> bool:
        """Whether a window may upload or scan it."""
        return bool({codes.ATTACHED, codes.SCANNED} & set(self.words["collect"]))


@dataclass(frozen=True)
class Result:
    """What the applicant receives. `contents` maps the certificate's fields to answers' keys."""

    key: str
    kind: str
    name: str
    type_code: str
    validity: Term | None
    contents: tuple[tuple[str, str, str], ...]
    words: dict[str, Any]

    @property
    def is_certificate(self) -> bool:
        return self.kind == "1"


@dataclass(frozen=True)
class Procedure:
    """特别程序 as the guide publishes it: `term` is the longest it may take.

    `exclusion`: the rule by which its time is not counted; empty where it runs inside the term.
    """

    key: str
    name: str
    term: Term
    basis: str
    charged: bool
    charge_basis: str
    exclusion: str


def procedure_of(procedure: dict[str, Any], *, licence: bool) -> Procedure:
    """Time is left out only by a cited rule: 行政许可法 45 for its eight procedures, else the one given."""
    cited = procedure.get("exclusion_basis", "")
    if licence and procedure["kind"] in codes.EXCLUDED_BY_LAW:
        cited = cited or EXCLUDED_BY
    return Procedure(
        key=procedure["key"],
        name=procedure["name"],
        term=Term(procedure["term"]["amount"], Unit(procedure["term"]["unit"])),
        basis=procedure["basis"],
        charged=procedure["charged"],
        charge_basis=procedure.get("charge_basis", ""),
        exclusion=cited if procedure["excluded_from_statutory"] else "",
    )


READ = ("choices", "show_if", "pattern", "columns")  # not as they stand


def field_of(field: dict[str, Any], step: str, language: str) -> Field:
    given = {name: value for name, value in field.items() if name not in READ}
    choices = [(choice["value"], choice["label"]) for choice in field.get("choices", ())]
    if field["type"] == "yesno":
        choices = [(value, say(words, language)) for value, words in YES_NO.items()]
    pattern = field.get("pattern")
    return Field(
        **given,
        step=step,
        choices=tuple(choices),
        show_if=Condition.read(field.get("show_if")),
        pattern=(pattern["match"], pattern["words"]) if pattern else None,
        columns=tuple(field_of(column, step, language) for column in field.get("columns", ())),
    )


def material_of(material: dict[str, Any]) -> Material:
    limits = material.get("limits", {})
    return Material(
        key=material["key"],
        name=material["name"],
        necessity=material["necessity"],
        deferrable_days=material.get("deferrable_days"),
        max_bytes=limits.get("max_bytes"),
        max_pages=limits.get("max_pages"),
        words=material,
        when=tuple((key, tuple(values)) for key, values in material.get("when", {}).items()),
    )


def situation_of(situation: dict[str, Any]) -> Situation:
    return Situation(
        key=situation["key"],
        question=situation["question"],
        help=situation.get("help", ""),
        options=tuple((option["value"], option["label"]) for option in situation["options"]),
    )


def result_of(result: dict[str, Any]) -> Result:
    validity = result.get("validity")
    return Result(
        key=result["key"],
        kind=result["kind"],
        name=result["name"],
        type_code=result.get("type_code", ""),
        validity=Term(validity["amount"], Unit(validity["unit"])) if validity else None,
        contents=tuple((c["key"], c["label"], c["source"]) for c in result.get("contents", ())),
        words=result,
    )
