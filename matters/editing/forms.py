"""Forms made from elements. A draft need not be complete: only what cannot be kept at all is refused here.

A text has three inputs: `name`, `name-hant`, `name-en`. Left empty, Traditional Chinese is converted at publishing.
"""

import datetime as dt
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from matters.editing.paths import Path, get, put
from matters.editing.sections import RADIOS, Element
from matters.guides import SOURCE
from support.accounts.fields import DatePartsField

Document = dict[str, Any]
LANGUAGES = (("", SOURCE), ("-hant", "zh-hant"), ("-en", "en"))
LONGEST, LINE = 4000, 200
MEGABYTE = 2**20
UNITS = {
    "workday": gettext_lazy("个工作日"),
    "day": gettext_lazy("日（自然日）"),
    "month": gettext_lazy("个月"),
}


@dataclass(frozen=True)
class Row:
    """An element as the page shows it: its first field, the others, and what the check says of it."""

    element: Element
    field: forms.BoundField
    others: list[forms.BoundField]
    problems: list[str]


class _Lines(forms.CharField):
    """Plain strings, one a line; cleans to a list."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> Any:
        return [line.strip() for line in str(value or "").splitlines() if line.strip()]

    def validate(self, value: Any) -> None:
        if any(len(line) > LINE for line in value):
            raise ValidationError(_("每行最多 %(n)s 个字") % {"n": LINE})

    def run_validators(self, value: Any) -> None:
        for line in value:
            super().run_validators(line)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value


class _Number(forms.DecimalField):
    """Takes full-width digits too."""

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            value = unicodedata.normalize("NFKC", value).replace(",", "").strip()
        return super().to_python(value)


def _text(label: Any, *, long: bool, length: int = LONGEST, help: Any = "") -> forms.CharField:
    widget = forms.Textarea({"rows": 3}) if long else forms.TextInput
    return forms.CharField(
        label=label,
        required=False,
        max_length=length,
        widget=widget,
        help_text=help,
        error_messages={"max_length": _("最多 %(limit_value)d 个字，您输入了 %(show_value)d 个")},
    )


def _number(element: Element, label: Any, *, places: int = 0) -> forms.Field:
    whole = _("请填写数字") if places else _("请填写整数")
    return _Number(
        label=label,
        required=False,
        min_value=element.least,
        max_value=element.most,
        decimal_places=places,
        help_text=element.help,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={
            "invalid": whole,
            "max_decimal_places": whole,
            "min_value": _("不能小于 %(limit_value)s"),
            "max_value": _("不能大于 %(limit_value)s"),
        },
    )


def _choice(element: Element, choices: Iterable[tuple[str, Any]], *, many: bool = False) -> forms.Field:
    given = list(choices)
    wrong = {"invalid_choice": _("请从所列选项中选择"), "invalid_list": _("请从所列选项中选择")}
    common: dict[str, Any] = {
        "label": element.label,
        "help_text": element.help,
        "required": False,
        "error_messages": wrong,
    }
    if many:
        return forms.MultipleChoiceField(choices=given, widget=forms.CheckboxSelectMultiple, **common)
    if len(given) <= RADIOS and element.kind != "question":
        none = [("", _("不填"))] if element.optional else []
        return forms.ChoiceField(choices=[*given, *none], widget=forms.RadioSelect, **common)
    return forms.ChoiceField(choices=[("", _("请选择")), *given], **common)


def questions(document: Document) -> list[tuple[str, str]]:
    """The fields of the draft's application form: key and label."""
    listed = get(document, ("form", "steps")) or []
    fields = [field for step in listed if isinstance(step, dict) for field in step.get("fields", [])]
    return [
        (f["key"], f"{(f.get('label') or {}).get(SOURCE, '')}（{f['key']}）") for f in fields if "key" in f
    ]


def situations(document: Document) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """The questions of 情形 in the draft: key, words, options."""
    return [
        (
            each["key"],
            (each.get("question") or {}).get(SOURCE, each["key"]),
            [
                (o["value"], (o.get("label") or {}).get(SOURCE, o["value"]))
                for o in each.get("options", [])
                if "value" in o
            ],
        )
        for each in document.get("situations") or []
        if "key" in each
    ]


class ElementsForm(forms.Form):
    """The elements of a section, or of one item. `at`: where in the document they are; values are read there."""

    seen = forms.IntegerField(min_value=1, max_value=2**31, widget=forms.HiddenInput)

    def __init__(
        self,
        elements: Iterable[Element],
        document: Document,
        at: Path,
        *,
        seen: int,
        data: Any = None,
        problems: dict[str, list[str]] | None = None,
    ) -> None:
        self.elements = [e for e in elements if e.kind != "when" or situations(document)]
        self.document, self.at = document, at
        self.problems = problems or {}
        initial: dict[str, Any] = {"seen": seen}
        super().__init__(data, initial=initial)
        for element in self.elements:
            for name, field, value in self._fields(element):
                self.fields[name] = field
                initial[name] = value

    def _fields(self, element: Element) -> list[tuple[str, forms.Field, Any]]:
        value = get(self.document, (*self.at, *element.steps))
        kind, name = element.kind, element.name
        if kind in ("text", "long"):
            words = value if isinstance(value, dict) else {}
            labels = (element.label, _("繁体中文"), _("英文"))
            helps = (element.help, _("留空则自动转换"), "")
            return [
                (f"{name}{suffix}", _text(label, long=kind == "long", help=help), words.get(language, ""))
                for (suffix, language), label, help in zip(LANGUAGES, labels, helps, strict=True)
            ]
        if kind in ("term", "months"):
            term = value if isinstance(value, dict) else {}
            amount = [(f"{name}-amount", _number(element, element.label), term.get("amount"))]
            unit = forms.ChoiceField(
                label=_("单位"), choices=list(UNITS.items()), required=False,
                error_messages={"invalid_choice": _("请从所列选项中选择")},
            )  # fmt: skip
            more = [(f"{name}-unit", unit, term.get("unit", "workday"))]
            return amount + (more if kind == "term" else [])
        if kind == "when":
            chosen = value if isinstance(value, dict) else {}
            return [
                (f"{name}-{key}", self._when(element, words, options), chosen.get(key, []))
                for key, words, options in situations(self.document)
            ]
        return [(name, self._plain(element), self._shown(kind, value))]

    def _when(self, element: Element, words: str, options: list[tuple[str, str]]) -> forms.Field:
        field = _choice(element, options, many=True)
        field.label = _("%(label)s：%(question)s") % {"label": element.label, "question": words}
        return field

    def _plain(self, element: Element) -> forms.Field:
        kind = element.kind
        if kind == "lines":
            return _Lines(
                label=element.label,
                help_text=element.help,
                required=False,
                widget=forms.Textarea({"rows": 3}),
            )
        if kind in ("code", "codes"):
            return _choice(element, element.choices.items(), many=kind == "codes")
        if kind == "yes":
            return _choice(element, [("yes", _("是")), ("no", _("否"))])
        if kind == "question":
            return _choice(element, questions(self.document))
        if kind in ("number", "megabytes"):
            return _number(element, element.label, places=2 if kind == "megabytes" else 0)
        return _text(element.label, long=False, length=500, help=element.help)

    @staticmethod
    def _shown(kind: str, value: Any) -> Any:
        if kind == "yes":
            return {True: "yes", False: "no"}.get(value, "")
        if kind == "megabytes" and isinstance(value, int):
            return f"{Decimal(value) / MEGABYTE:.2f}".rstrip("0").rstrip(".")
        return value

    def rows(self) -> list[Row]:
        made = []
        for element in self.elements:
            names = [name for name, _field, _value in self._fields(element)]
            fields = [self[name] for name in names]
            if found := self.problems.get(element.name):
                said = " ".join(filter(None, [fields[0].aria_describedby, f"{fields[0].auto_id}_found"]))
                fields[0].field.widget.attrs |= {"aria-invalid": "true", "aria-describedby": said}
            made.append(Row(element, fields[0], fields[1:], found or []))
        return made

    def applied(self, document: Document) -> Document:
        """A copy of a document with what was filled in; what else stands there stays. Only when valid."""
        for element in self.elements:
            path = (*self.at, *element.steps)
            if element.kind in ("term", "months"):
                amount = self.cleaned_data[f"{element.name}-amount"]
                unit = self.cleaned_data.get(f"{element.name}-unit", "month") or "workday"
                document = put(document, (*path, "amount"), None if amount is None else int(amount))
                document = put(document, (*path, "unit"), None if amount is None else unit)
            else:
                document = put(document, path, self._typed(element, get(document, path)))
        return document

    def _typed(self, element: Element, before: Any) -> Any:
        kind, given = element.kind, self.cleaned_data
        if kind in ("text", "long"):
            words = {language: given[f"{element.name}{suffix}"] for suffix, language in LANGUAGES}
            words = {language: said.replace("\r\n", "\n") for language, said in words.items() if said}
            return words or ({SOURCE: ""} if not element.path else None)
        if kind == "when":
            keys = [key for key, _words, _options in situations(self.document)]
            return {
                key: given[f"{element.name}-{key}"] for key in keys if given[f"{element.name}-{key}"]
            } or None
        value = given[element.name]
        if kind == "yes":
            return {"yes": True, "no": False}.get(value)
        if kind in ("codes", "lines"):
            kept_empty = not element.optional or isinstance(before, list)
            return value if value or kept_empty else None
        if kind == "megabytes":
            return None if value is None else int(value * MEGABYTE)
        if kind == "number":
            return None if value is None else int(value)
        return value or None


class TimesForm(forms.Form):
    """计划生效、失效时间, in the time of the portal (Asia/Shanghai); a day without a time begins at midnight."""

    seen = forms.IntegerField(min_value=1, max_value=2**31, widget=forms.HiddenInput)
    starts_on = DatePartsField(required=False)
    starts_time = forms.TimeField(required=False)
    ends_on = DatePartsField(required=False)
    ends_time = forms.TimeField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = {
            "starts_on": (_("计划生效日期"), _("不填：发布后立即生效。")),
            "starts_time": (_("生效时刻"), _("24 小时制，如 9:00。不填：零点。")),
            "ends_on": (_("计划失效日期"), _("不填：长期有效，直到新版本生效。")),
            "ends_time": (_("失效时刻"), _("24 小时制，如 18:00。不填：零点。")),
        }
        for name, (label, help) in words.items():
            self.fields[name].label, self.fields[name].help_text = label, help
        for name in ("starts_time", "ends_time"):
            self.fields[name].error_messages["invalid"] = _("请按 24 小时制填写时刻，例如 9:00")
            self.fields[name].widget.format = "%H:%M"  # type: ignore[attr-defined]

    @classmethod
    def of(cls, starts_at: dt.datetime | None, ends_at: dt.datetime | None, seen: int) -> "TimesForm":
        starts, ends = (at and timezone.localtime(at) for at in (starts_at, ends_at))
        return cls(
            initial={
                "seen": seen,
                "starts_on": starts and starts.date(),
                "starts_time": starts and starts.time(),
                "ends_on": ends and ends.date(),
                "ends_time": ends and ends.time(),
            }
        )

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = self.cleaned_data
        for name in ("starts", "ends"):
            day, time = given.get(f"{name}_on"), given.get(f"{name}_time")
            if time and not day and f"{name}_on" not in self.errors:
                self.add_error(f"{name}_on", _("填写了时刻，请同时填写日期"))
            given[f"{name}_at"] = (
                timezone.make_aware(dt.datetime.combine(day, time or dt.time())) if day else None
            )
        return given
