"""Reading a published guide: a frozen view of its document (schema/guide-1.json) in one language."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from matters import codes
from matters.conditions import Condition
from support.calendars.terms import Term, Unit

SOURCE = "zh-hans"
Choices = Mapping[str, str]  # the answers to the questions of 情形: key → value
NO_CHOICES: Choices = {}
YES_NO = {"yes": {SOURCE: "是", "en": "Yes"}, "no": {SOURCE: "否", "en": "No"}}
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


@dataclass(frozen=True, eq=False)
class Guide:
    """A guide's document, read in a language. Texts it lacks are given in Simplified Chinese."""

    document: dict[str, Any]
    language: str = SOURCE

    @cached_property
    def speaks(self) -> str:
        """The language in which the whole guide can be read: the one asked for only if no text lacks it."""
        complete = all(self.language in text for text in texts(self.document))
        return self.language if complete else SOURCE

    @cached_property
    def words(self) -> dict[str, Any]:
        """The whole document in the language it speaks, for pages that only show it."""
        said: dict[str, Any] = say(self.document, self.speaks)
        return said

    @property
    def name(self) -> str:
        return str(self.words["name"])

    @property
    def regime(self) -> str:
        return str(self.document["identity"]["regime"])

    @property
    def is_licence(self) -> bool:
        """Whether 行政许可法 governs (art. 2, 3). What is not a licence obeys what its guide publishes."""
        return self.regime == "licence"

    @property
    def is_instant(self) -> bool:
        """即办件: decided on the spot when the materials are complete."""
        return str(self.document["project_type"]) == codes.INSTANT

    @property
    def foundation(self) -> str:
        """设定依据: laws and articles on which the matter rests, in one line."""
        return "；".join(f"{each['law']}{each.get('article', '')}" for each in self.words["basis"])

    @property
    def task_type(self) -> str:
        return str(self.document["identity"]["task_type"])

    def _term(self, name: str) -> Term | None:
        term = self.document["terms"].get(name)
        return Term(term["amount"], Unit(term["unit"])) if term else None

    @property
    def acceptance(self) -> Term:
        """Within which acceptance is decided; published with every guide (行政许可法 32: five days)."""
        term = self._term("acceptance")
        assert term is not None
        return term

    @property
    def statutory(self) -> Term | None:
        return self._term("statutory")

    @property
    def promised(self) -> Term | None:
        """None: decided on the spot (即办件), or nothing beyond the statutory term is promised."""
        return self._term("promised")

    @property
    def issue(self) -> Term | None:
        """From decision to service, where a guide outside 行政许可法 publishes it."""
        return self._term("issue")

    @property
    def silence_basis(self) -> str:
        """The cited rule by which silence over the acceptance term is acceptance. Empty for licences,
        with which it is the statute itself, and where silence means nothing."""
        return str(self.words["terms"]["acceptance"].get("silence_basis", ""))

    def term_basis(self, name: str) -> str:
        """The legal basis given for the term of this name; may be empty."""
        return str((self.words["terms"].get(name) or {}).get("basis", ""))

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        return tuple(
            Step(
                step["key"],
                step["title"],
                step.get("help", ""),
                tuple(_field(field, step["key"], self.speaks) for field in step["fields"]),
            )
            for step in self.words["form"]["steps"]
        )

    def step(self, key: str) -> Step:
        """Raises KeyError when the form has no such step."""
        for step in self.steps:
            if step.key == key:
                return step
        raise KeyError(key)

    def fields(self) -> tuple[Field, ...]:
        return tuple(field for step in self.steps for field in step.fields)

    def field(self, key: str) -> Field:
        """Raises KeyError when the form has no such field."""
        for field in self.fields():
            if field.key == key:
                return field
        raise KeyError(key)

    @property
    def sensitive_keys(self) -> frozenset[str]:
        """Answers that may only be stored sealed."""
        return frozenset(field.key for field in self.fields() if field.sensitive)

    @cached_property
    def materials(self) -> tuple[Material, ...]:
        return tuple(_material(material) for material in self.words["materials"])

    @cached_property
    def situations(self) -> tuple[Situation, ...]:
        return tuple(_situation(situation) for situation in self.words.get("situations", ()))

    def materials_for(self, choices: Choices) -> tuple[Material, ...]:
        """The materials asked for under these answers to the questions of 情形."""
        return tuple(material for material in self.materials if material.fits(choices))

    @property
    def uploads(self) -> tuple[Material, ...]:
        """The materials that are handed in as files (收取方式 附件上传), whatever the situation."""
        return self.uploads_for(NO_CHOICES)

    def uploads_for(self, choices: Choices) -> tuple[Material, ...]:
        """The files asked for under these answers."""
        return tuple(m for m in self.materials_for(choices) if codes.ATTACHED in m.words["collect"])

    @property
    def at_window(self) -> tuple[Material, ...]:
        """The materials that are handed in at a window (on paper, scanned, as files), whatever the situation."""
        return self.at_window_for(NO_CHOICES)

    def at_window_for(self, choices: Choices) -> tuple[Material, ...]:
        """Those asked for at a window under these answers."""
        return tuple(m for m in self.materials_for(choices) if m.on_paper or m.as_file)

    @property
    def serves_at_window(self) -> bool:
        """办理形式 窗口办理."""
        return codes.AT_WINDOW in self.document["handle_types"]

    def material(self, key: str) -> Material:
        """Raises KeyError when the guide asks for no such material."""
        for material in self.materials:
            if material.key == key:
                return material
        raise KeyError(key)

    @cached_property
    def results(self) -> tuple[Result, ...]:
        return tuple(_result(result) for result in self.words["results"])

    @property
    def certificate(self) -> Result | None:
        """The certificate issued on granting, if the matter ends in one."""
        return next((result for result in self.results if result.is_certificate), None)

    @property
    def hands_over(self) -> bool:
        """Whether granting ends in a document of any kind; an approval (批文) is one as a certificate is."""
        return any(result.kind != codes.NO_RESULT for result in self.results)

    def certificate_fields(self, answers: dict[str, Any]) -> dict[str, str]:
        """What the certificate prints of the answers, in words, by the certificate's own keys."""
        contents = self.certificate.contents if self.certificate else ()
        return {key: self.field(source).say(answers.get(source)) for key, _label, source in contents}

    @property
    def audiences(self) -> list[str]:
        """`natural`, `legal` or both, from the service objects."""
        objects = self.document["service_objects"]
        return ["natural"] * ("1" in objects) + ["legal"] * any(code != "1" for code in objects)

    @property
    def flags(self) -> list[str]:
        """Of `codes.FLAGS`, those that hold."""
        document = self.document
        holds = {
            "instant": document["project_type"] == codes.INSTANT,
            "online": document["online"]["full"],
            "pledge": document["pledge"]["available"],
            "deferral": any(m["necessity"] == codes.DEFERRABLE for m in document["materials"]),
        }
        return [flag for flag, held in holds.items() if held]


READ = ("choices", "show_if", "pattern", "columns")


def _field(field: dict[str, Any], step: str, language: str) -> Field:
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
        columns=tuple(_field(column, step, language) for column in field.get("columns", ())),
    )


def _material(material: dict[str, Any]) -> Material:
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


def _situation(situation: dict[str, Any]) -> Situation:
    return Situation(
        key=situation["key"],
        question=situation["question"],
        help=situation.get("help", ""),
        options=tuple((option["value"], option["label"]) for option in situation["options"]),
    )


def _result(result: dict[str, Any]) -> Result:
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
