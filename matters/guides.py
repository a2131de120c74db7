"""Reading a published guide: a frozen view of its document (schema/guide-1.json) in one language."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from matters import codes
from matters.guide_parts import LONGEST as LONGEST
from matters.guide_parts import NO_CHOICES as NO_CHOICES
from matters.guide_parts import SOURCE as SOURCE
from matters.guide_parts import YES_NO as YES_NO
from matters.guide_parts import Choices as Choices
from matters.guide_parts import Field as Field
from matters.guide_parts import Material as Material
from matters.guide_parts import Procedure as Procedure
from matters.guide_parts import Result as Result
from matters.guide_parts import Situation as Situation
from matters.guide_parts import Step as Step
from matters.guide_parts import field_of, material_of, procedure_of, result_of, situation_of
from matters.guide_parts import is_text as is_text
from matters.guide_parts import say as say
from matters.guide_parts import texts as texts
from support.calendars.terms import Term, Unit


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
                tuple(field_of(field, step["key"], self.speaks) for field in step["fields"]),
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
        return tuple(material_of(material) for material in self.words["materials"])

    @cached_property
    def situations(self) -> tuple[Situation, ...]:
        return tuple(situation_of(situation) for situation in self.words.get("situations", ()))

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
    def procedures(self) -> tuple[Procedure, ...]:
        """特别程序: the published list, outside which there is none."""
        return tuple(procedure_of(each, licence=self.is_licence) for each in self.words["special_procedures"])

    @cached_property
    def results(self) -> tuple[Result, ...]:
        return tuple(result_of(result) for result in self.words["results"])

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
