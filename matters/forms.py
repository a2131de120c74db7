"""Application forms made from a guide's definition: one Django form per step, the same checks for the API.

Answers are JSON: text, whole numbers as integers, other numbers and money as decimal strings, dates as
yyyy-mm-dd, months as yyyy-mm, times as hh:mm, yes and no as such, several choices as a list, the rows of a
table as a list of objects, a declaration as true. A field left empty is left out.
"""

import calendar
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
from django.utils import timezone
from django.utils.translation import gettext as _

from matters import fields as more
from matters.conditions import Condition
from matters.fields import EMPTY, Reshapable, TableField, as_json, as_typed
from matters.guides import Field, Guide, Step
from matters.patterns import PatternRefused, compiled
from support.accounts.fields import DatePartsField, IdNumberField, PersonNameField, PhoneField, UsccField
from support.accounts.models import Party
from support.places.models import Region

Answers = dict[str, Any]
COUNTY = 4
CHOOSING = ("choice", "choices", "region", "yesno")
TIMES = ("date", "month", "time")
STRICT = {"date": r"[0-9]{4}-[0-9]{2}-[0-9]{2}", "month": r"[0-9]{4}-[0-9]{2}"}


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
    choosing = field.type in CHOOSING
    messages = {
        "required": _("请选择“%(label)s”") if choosing else _("请填写“%(label)s”"),
        "invalid": _("“%(label)s”的格式不正确，请核对"),
        "invalid_choice": _("“%(label)s”请从所列选项中选择"),
        "invalid_list": _("“%(label)s”请从所列选项中选择"),
        "max_length": _("“%(label)s”最多 %%(limit_value)d 个字，您输入了 %%(show_value)d 个"),
        "min_length": _("“%(label)s”最少 %%(limit_value)d 个字，您输入了 %%(show_value)d 个"),
        "min_value": _("“%(label)s”不能小于 %%(limit_value)s"),
        "max_value": _("“%(label)s”不能大于 %%(limit_value)s"),
        "max_digits": _("“%(label)s”的数字太长，请核对"),
        "max_whole_digits": _("“%(label)s”的数字太长，请核对"),
        "max_decimal_places": _("“%(label)s”最多 %%(max)s 位小数"),
    }
    if field.type in TIMES:
        messages["min_value"] = _("“%(label)s”不能早于 %%(limit_value)s")
        messages["max_value"] = _("“%(label)s”不能晚于 %%(limit_value)s")
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
    made = _TextField(**_common(field), min_length=field.min_length, max_length=field.longest, widget=widget)
    if field.pattern:
        made.validators.append(_matches(field, *field.pattern))
    return made


def _matches(field: Field, pattern: str, words: str) -> Callable[[str], None]:
    """The check of a text against its pattern. One that no check would let through is not asked."""
    try:
        wanted = compiled(pattern, field.longest)
    except PatternRefused:
        return lambda text: None

    def check(text: str) -> None:
        if len(text) <= field.longest and not wanted.fullmatch(text):
            raise ValidationError(words, code="pattern")

    return check


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


def _bounded(field: Field, made: forms.Field, read: Callable[[str], Any] = str) -> forms.Field:
    if field.minimum:
        made.validators.append(MinValueValidator(read(field.minimum)))
    if field.maximum:
        made.validators.append(MaxValueValidator(read(field.maximum)))
    return made


def day_of(bound: str, today: dt.date) -> dt.date:
    """The day of a bound: yyyy-mm-dd, `today`, or so many days, months or years from today (`today-18y`).

    From the end of a long month to a shorter one it is that one's last day. Raises ValueError.
    """
    found = re.fullmatch(r"today(?:([+-][0-9]{1,4})([dmy]))?", bound)
    if not found:
        return dt.date.fromisoformat(bound)
    amount, unit = int(found[1] or 0), found[2] or "d"
    if unit == "d":
        return today + dt.timedelta(days=amount)
    years, month = divmod(today.year * 12 + today.month - 1 + amount * (12 if unit == "y" else 1), 12)
    return dt.date(years, month + 1, min(today.day, calendar.monthrange(years, month + 1)[1]))


def _date(field: Field) -> forms.Field:
    today = timezone.localdate()
    return _bounded(field, DatePartsField(**_common(field)), lambda bound: day_of(bound, today))


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
    "yesno": _choice,
    "month": lambda field: _bounded(field, more.MonthField(**_common(field))),
    "time": lambda field: _bounded(field, more.TimeField(**_common(field))),
    "postcode": lambda field: more.PostcodeField(**_common(field)),
    "bankcard": lambda field: more.BankCardField(**_common(field)),
    "landline": lambda field: more.LandlineField(**_common(field)),
    "table": lambda field: TableField(field, cell, **_common(field)),
    "region": _region,
    "declaration": _declaration,
    "email": lambda field: forms.EmailField(**_common(field), max_length=254),
}


def cell(column: Field) -> forms.Field:
    """A question in a row of a table: in little room, a choice is a list to open."""
    made = BUILDERS[column.type](column)
    if isinstance(made, forms.ChoiceField) and not isinstance(made, forms.MultipleChoiceField):
        made.widget = forms.Select(choices=[("", _("请选择")), *column.choices])
    return made


# --- one step ----------------------------------------------------------------------------------


class StepForm(Reshapable, forms.Form):
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
            if field.show_if is None or field.show_if.rest(answers, own)
        }
        for key, field in self.definitions.items():
            self.fields[key] = BUILDERS[field.type](field)
            rest = field.show_if.rest(answers, own) if field.show_if else True
            if isinstance(rest, Condition):
                self._say_when(self.fields[key], rest, own)

    def filled(self, answers: Mapping[str, Any]) -> "StepForm":
        """The same form, bound to answers in JSON as if a page had sent them."""
        typed: dict[str, Any] = {}
        for key, made in self.fields.items():
            typed |= as_typed(made, key, answers.get(key))
        return StepForm(self.step, answers=self.answers, data=typed)

    @staticmethod
    def _say_when(made: forms.Field, condition: Condition, own: Mapping[str, Field]) -> None:
        made.show_if = condition  # type: ignore[attr-defined]  # for the template
        terms = [
            _("“%(question)s”选择“%(answer)s”")
            % {"question": own[key].label, "answer": dict(own[key].choices).get(value, value)}
            for key, value in condition.terms
        ]
        joined = (_("，并且") if condition.mode == "all" else _("，或者")).join(terms)
        made.help_text = _("%(conditions)s时填写。") % {"conditions": joined} + str(made.help_text)

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
            key: as_json(self.definitions[key], value)
            for key, value in self.cleaned_data.items()
            if value not in EMPTY
        }
        return {key: value for key, value in found.items() if value is not False}


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
    if field.type == "table":
        columns = {column.key: column for column in field.columns}
        return isinstance(value, list) and all(
            isinstance(row, dict) and all(k in columns and _fits(columns[k], v) for k, v in row.items())
            for row in value
        )
    if field.type in ("number", "money") and isinstance(value, int) and not isinstance(value, bool):
        return abs(value) < 10**15
    if not isinstance(value, str) or any(unicodedata.category(c) == "Cs" for c in value):
        return False
    return field.type not in STRICT or bool(re.fullmatch(STRICT[field.type], value))


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
