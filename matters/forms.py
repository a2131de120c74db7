"""Application forms made from a guide's definition: one Django form per step, the same checks for the API.

Answers are JSON: text, whole numbers as integers, other numbers and money as decimal strings, dates as
yyyy-mm-dd, several choices as a list, a declaration as true. A field left empty is left out.
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext as _

from matters.guides import SOURCE, Field, Guide, Step
from support.accounts.fields import DatePartsField, IdNumberField, PersonNameField, PhoneField, UsccField
from support.accounts.models import Party
from support.places.models import Region

Answers = dict[str, Any]
LONGEST = {"text": 100, "textarea": 1000, "address": 200}
COUNTY = 4
EMPTY: tuple[Any, ...] = (None, "", [])


# --- fields ------------------------------------------------------------------------------------


class _TextField(forms.CharField):
    def to_python(self, value: Any) -> str:
        """Line ends count once, as the browser counts them."""
        return str(super().to_python(value)).replace("\r\n", "\n")


class _NumberField(forms.DecimalField):
    """Accepts full-width digits and thousands separators."""

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            value = unicodedata.normalize("NFKC", value).replace(",", "").strip()
        return super().to_python(value)


def _words(field: Field) -> dict[str, Any]:
    """The messages that name the field, for the error codes of Django's fields and validators."""
    choosing = field.type in ("choice", "choices", "region")
    messages = {
        "required": _("请选择“%(label)s”") if choosing else _("请填写“%(label)s”"),
        "invalid": _("“%(label)s”的格式不正确，请核对"),
        "invalid_choice": _("“%(label)s”请从所列选项中选择"),
        "invalid_list": _("“%(label)s”请从所列选项中选择"),
        "max_length": _("“%(label)s”最多 %%(limit_value)d 个字，您输入了 %%(show_value)d 个"),
        "min_value": _("“%(label)s”不能小于 %%(limit_value)s"),
        "max_value": _("“%(label)s”不能大于 %%(limit_value)s"),
        "max_digits": _("“%(label)s”的数字太长，请核对"),
        "max_whole_digits": _("“%(label)s”的数字太长，请核对"),
        "max_decimal_places": _("“%(label)s”最多 %%(max)s 位小数"),
    }
    label = _label(field).replace("%", "％")  # some messages are formatted once more, some are not
    return {code: message % {"label": label} for code, message in messages.items()}


def _label(field: Field) -> str:
    return (
        _("%(label)s（%(unit)s）") % {"label": field.label, "unit": field.unit} if field.unit else field.label
    )


def _common(field: Field) -> dict[str, Any]:
    return {
        "label": _label(field),
        "help_text": field.help,
        "required": field.required,
        "error_messages": _words(field),
    }


def _text(field: Field) -> forms.Field:
    widget: forms.Widget = forms.TextInput() if field.type == "text" else forms.Textarea({"rows": 4})
    if field.type == "address":
        widget.attrs |= {"autocomplete": "street-address", "rows": 2}
    return _TextField(**_common(field), max_length=field.max_length or LONGEST[field.type], widget=widget)


def _number(field: Field) -> forms.Field:
    digits = 2 if field.type == "money" else field.decimals
    return _NumberField(
        **_common(field),
        max_digits=12,
        decimal_places=digits,
        min_value=Decimal(field.minimum) if field.minimum else None,
        max_value=Decimal(field.maximum) if field.maximum else None,
        widget=forms.TextInput({"inputmode": "decimal" if digits else "numeric", "autocomplete": "off"}),
    )


def _date(field: Field) -> forms.Field:
    made = DatePartsField(**_common(field))
    if field.minimum:
        made.validators.append(MinValueValidator(dt.date.fromisoformat(field.minimum)))
    if field.maximum:
        made.validators.append(MaxValueValidator(dt.date.fromisoformat(field.maximum)))
    return made


def _choice(field: Field) -> forms.Field:
    if field.type == "choices":
        return forms.MultipleChoiceField(
            **_common(field), choices=field.choices, widget=forms.CheckboxSelectMultiple
        )
    return forms.ChoiceField(**_common(field), choices=field.choices, widget=forms.RadioSelect)


def _region(field: Field) -> forms.Field:
    counties = Region.objects.filter(level=COUNTY).select_related("parent").order_by("code")
    if field.within:
        stem = field.within.rstrip("0")
        counties = counties.filter(code__range=(stem.ljust(12, "0"), stem.ljust(12, "9")))
    groups: dict[str, list[tuple[str, str]]] = {}
    for county in counties:
        groups.setdefault(str(county.parent), []).append((county.code, county.name))
    return forms.ChoiceField(**_common(field), choices=[("", _("请选择")), *groups.items()])


def _declaration(field: Field) -> forms.Field:
    common = _common(field) | {"help_text": field.statement}
    common["error_messages"]["required"] = _("请阅读并勾选“%(label)s”") % {"label": field.label}
    return forms.BooleanField(**common)


BUILDERS: dict[str, Callable[[Field], forms.Field]] = {
    "text": _text,
    "textarea": _text,
    "address": _text,
    "number": _number,
    "money": _number,
    "date": _date,
    "idnumber": lambda field: IdNumberField(**_common(field)),
    "uscc": lambda field: UsccField(**_common(field)),
    "phone": lambda field: PhoneField(**_common(field)),
    "name": lambda field: PersonNameField(**_common(field)),
    "choice": _choice,
    "choices": _choice,
    "region": _region,
    "declaration": _declaration,
    "email": lambda field: forms.EmailField(**_common(field), max_length=254),
}


# --- one step ----------------------------------------------------------------------------------


class StepForm(forms.Form):
    """The questions of one step. `answers` are those known so far, of all steps.

    A question whose condition lies in an earlier step is left out when it does not hold. One whose
    condition lies in the same step is always there and says when to answer it; when its condition
    does not hold, what was typed into it is dropped, faults and all.
    """

    def __init__(self, step: Step, *, answers: Mapping[str, Any], data: Any = None) -> None:
        super().__init__(data, initial=dict(answers), use_required_attribute=False)
        self.step = step
        self.answers = answers
        own = {field.key: field for field in step.fields}
        self.definitions = {
            key: field
            for key, field in own.items()
            if field.show_if is None or field.show_if[0] in own or field.shown(dict(answers))
        }
        for key, field in self.definitions.items():
            self.fields[key] = BUILDERS[field.type](field)
            if field.show_if and field.show_if[0] in own:
                self._say_when(self.fields[key], field.show_if, own[field.show_if[0]])

    def filled(self, answers: Mapping[str, Any]) -> "StepForm":
        """The same form, bound to answers in JSON as if a page had sent them."""
        typed: dict[str, Any] = {}
        for key, made in self.fields.items():
            value = answers.get(key)
            if isinstance(made.widget, forms.MultiWidget):
                widget: Any = made.widget
                parts = zip(widget.widgets_names, widget.decompress(value), strict=True)
                typed |= {key + name: part for name, part in parts}
            elif value is not None:
                typed[key] = value if isinstance(value, list | bool) else str(value)
        return StepForm(self.step, answers=self.answers, data=typed)

    @staticmethod
    def _say_when(made: forms.Field, condition: tuple[str, str], asked: Field) -> None:
        made.show_if = condition  # type: ignore[attr-defined]  # for the template
        chosen = dict(asked.choices).get(condition[1], condition[1])
        hint = _("“%(question)s”选择“%(answer)s”时填写。") % {"question": asked.label, "answer": chosen}
        made.help_text = f"{hint}{made.help_text}"

    def clean(self) -> dict[str, Any]:
        """A conditional question counts only where its condition holds."""
        own = {key: self.cleaned_data.get(key) for key in self.definitions}
        for key, field in self.definitions.items():
            if not field.shown({**self.answers, **own}):
                self.errors.pop(key, None)
                self.cleaned_data.pop(key, None)
                own[key] = None
        return self.cleaned_data

    def to_json(self) -> Answers:
        """The valid answers of this step as they are stored."""
        found = {
            key: _to_json(self.definitions[key], value)
            for key, value in self.cleaned_data.items()
            if value not in EMPTY
        }
        return {key: value for key, value in found.items() if value is not False}


def _to_json(field: Field, value: Any) -> Any:
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, list):
        return list(dict.fromkeys(value))
    if isinstance(value, Decimal):
        if field.type == "money":
            return str(value.quantize(Decimal("0.01")))
        return str(value) if field.decimals else int(value)
    return value


def step_form(
    guide: Guide,
    step_key: str,
    *,
    data: Any = None,
    initial: Mapping[str, Any] | None = None,
    lang: str | None = None,
    only: str = "",
) -> StepForm:
    """The form of one step in a language (that of the guide if none is given), bound if there is data.

    `initial` holds the answers given so far; `only` is the key of the one question to ask, if not all are.
    Raises KeyError for an unknown step.
    """
    spoken = guide if lang is None else Guide(guide.document, lang)
    step = spoken.step(step_key)
    if only:
        step = replace(step, fields=tuple(field for field in step.fields if field.key == only))
    return StepForm(step, answers=initial or {}, data=data)


# --- the whole form ----------------------------------------------------------------------------


def clean_answers(guide: Guide, answers: Any) -> tuple[Answers, dict[str, list[str]]]:
    """All answers of a filing, checked by the forms of the pages: normal forms, and errors by field key.

    Answers to questions that are not asked under the other answers are dropped; unknown keys are errors.
    Errors that concern no single field stand under "".
    """
    if not isinstance(answers, dict):
        return {}, {"": [_("申请表应为“项目：内容”的结构")]}
    known = {field.key for field in guide.fields()}
    errors = {str(key)[:60]: [_("申请表中没有这一项")] for key in answers if key not in known}
    kept: Answers = {}
    for step in guide.steps:
        strange = {f.key for f in step.fields if f.key in answers and not _fits(f, answers[f.key])}
        form = StepForm(step, answers=kept)
        form = form.filled({key: value for key, value in answers.items() if key not in strange})
        errors |= {key: [str(message) for message in messages] for key, messages in form.errors.items()}
        kept |= form.to_json()
        for key in strange & form.definitions.keys():
            if form.definitions[key].shown(kept):
                errors[key] = [_words(form.definitions[key])["invalid"]]
    return kept, errors


def validate_answers(guide: Guide, answers: Any) -> dict[str, list[str]]:
    """The errors of `clean_answers`; empty when the answers can be filed."""
    return clean_answers(guide, answers)[1]


def _fits(field: Field, value: Any) -> bool:
    """Whether a JSON value has the type its field is answered with. Text must be storable."""
    if field.type == "declaration":
        return isinstance(value, bool)
    if field.type == "choices":
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    if field.type in ("number", "money") and isinstance(value, int) and not isinstance(value, bool):
        return abs(value) < 10**15
    if not isinstance(value, str) or any(unicodedata.category(c) == "Cs" for c in value):
        return False
    return field.type != "date" or bool(re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value))


def prefill(guide: Guide, party: Party) -> Answers:
    """What the applicant need not type: answers from the party's own data that the fields accept.

    Reads sealed personal data; the caller records the read.
    """
    sources: dict[str, Callable[[], str]] = {
        "party.kind": lambda: party.kind,
        "party.name": lambda: party.name,
        "party.number": lambda: party.number,
        "party.phone": lambda: party.phone,
        "party.address": lambda: party.address,
        "party.region": lambda: party.region_id or "",
    }
    found: Answers = {}
    for field in guide.fields():
        if field.prefill and field.shown(found):
            value = sources[field.prefill]()
            try:
                found[field.key] = BUILDERS[field.type](field).clean(value)
            except ValidationError:
                continue
    return {key: value for key, value in found.items() if value not in EMPTY}


# --- the same for clients ------------------------------------------------------------------------

_SCHEMAS: dict[str, dict[str, Any]] = {
    "date": {"type": "string", "format": "date"},
    "idnumber": {"type": "string", "pattern": "^[0-9]{17}[0-9X]$"},
    "uscc": {"type": "string", "pattern": "^[0-9A-HJ-NPQRTUWXY]{18}$"},
    "phone": {"type": "string", "pattern": "^1[3-9][0-9]{9}$"},
    "name": {"type": "string", "minLength": 2, "maxLength": 50},
    "region": {"type": "string", "pattern": "^[0-9]{12}$"},
    "declaration": {"const": True},
    "email": {"type": "string", "format": "email", "maxLength": 254},
}


def json_schema(guide: Guide, lang: str = SOURCE) -> dict[str, Any]:
    """The JSON Schema (2020-12) of the answers, for clients. The server's own check is `clean_answers`."""
    fields = Guide(guide.document, lang).fields()
    schema: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "additionalProperties": False,
        "properties": {field.key: _schema_of(field) for field in fields},
        "required": [field.key for field in fields if field.required and not field.show_if],
    }
    conditions = [_condition(field, field.show_if) for field in fields if field.required and field.show_if]
    return schema | ({"allOf": conditions} if conditions else {})


def _schema_of(field: Field) -> dict[str, Any]:
    values = [value for value, _label in field.choices]
    if field.type in LONGEST:
        shape: dict[str, Any] = {"type": "string", "maxLength": field.max_length or LONGEST[field.type]}
    elif field.type == "choice":
        shape = {"enum": values}
    elif field.type == "choices":
        shape = {"type": "array", "uniqueItems": True, "items": {"enum": values}}
    elif field.type in ("number", "money"):
        whole = field.type == "number" and not field.decimals
        shape = {"type": "integer"} if whole else {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}
    else:
        shape = dict(_SCHEMAS[field.type])
    return {"title": field.label, **({"description": field.help} if field.help else {}), **shape}


def _condition(field: Field, condition: tuple[str, str]) -> dict[str, Any]:
    asked, answer = condition
    return {
        "if": {"properties": {asked: {"const": answer}}, "required": [asked]},
        "then": {"required": [field.key]},
    }
