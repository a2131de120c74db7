"""Which part of a form the editor shows, and what saving it writes."""

from collections.abc import Container
from typing import Any

from matters.formedit import structure
from matters.formedit.kinds import KINDS
from matters.formedit.properties import FieldProperties, StepProperties
from support.accounts.access import ActorRequest

Node = dict[str, Any]


class Place:
    """What the address asks to see: a field, a step, or something yet to be added. `fixed` are the fields that
    were published: they keep their type. A field that another editor removed meanwhile is added anew."""

    then: dict[str, str]  # what to show after saving

    def __init__(self, request: ActorRequest, document: Node, *, fixed: Container[str] = ()) -> None:
        asked = {name: request.GET.get(name, "")[:60] for name in ("field", "step", "add", "type", "new")}
        steps = structure.steps_of(document)
        found = structure.field_of(document, asked["field"])
        self.field: Node | None = found[1] if found else None
        self.lost = bool(asked["field"] and not found)
        self.new_step = asked["new"] == "step" or not steps
        at = structure.step_of(document, asked["step"] or asked["add"] or request.POST.get("step", ""))
        self.step: Node | None = found[0] if found else at or (steps[0] if steps else None)
        self.adding = bool(asked["add"] or self.lost) and self.step is not None
        wanted = request.POST.get("kind", "") if self.lost else asked["type"]
        self.fixed = self.field is not None and self.field["key"] in fixed
        self.kind = self.field["type"] if self.field else ""
        if wanted in KINDS and not self.fixed:
            self.kind = wanted

    def form(
        self, document: Node, taken: set[str], data: Any = None
    ) -> FieldProperties | StepProperties | None:
        """The properties of what is shown; None where a type has still to be chosen."""
        if self.field is not None or (self.adding and self.kind):
            own, at = self.field or {}, self.step["key"] if self.step else ""
            before = structure.earlier(document, own.get("key", ""), at)
            fields = list(structure.fields_of(document))
            return FieldProperties(self.kind, own, fields, before, taken, data)
        if self.adding:
            return None
        return StepProperties({} if self.new_step else self.step or {}, data)

    def put(self, document: Node, form: FieldProperties | StepProperties, taken: set[str]) -> dict[str, str]:
        """Write what the form defines into the document; the place to show then."""
        if isinstance(form, StepProperties):
            return {"step": self._put_step(document, form, taken)}
        made = form.made
        if self.field is not None:
            found = structure.field_of(document, self.field["key"])
            assert found is not None
            siblings = found[0]["fields"]
            siblings[siblings.index(found[1])] = made
        else:
            made["key"] = structure.new_key(made["label"].get("en", ""), taken, "f")
            step = structure.step_of(document, self.step["key"] if self.step else "")
            assert step is not None
            step["fields"].append(made)
        return {"field": made["key"]}

    def _put_step(self, document: Node, form: StepProperties, taken: set[str]) -> str:
        made = form.definition()
        if self.new_step or self.step is None:
            made = {"key": structure.new_key(made["title"].get("en", ""), taken, "s"), **made, "fields": []}
            structure.steps_of(document).append(made)
            return str(made["key"])
        step = structure.step_of(document, self.step["key"])
        assert step is not None
        step.pop("help", None)
        step |= made
        return str(step["key"])
