"""情形: at most five questions that trim the materials of a guide; their rule, their form, their answers."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.utils.translation import gettext as _

from matters.guides import SOURCE, Choices, Guide

PREFIX = "s"  # of the questions' names in addresses: s-premises
PLACE = "situations"  # where an error about one of them is told: situations.premises


class SituationForm(forms.Form):
    """The questions of a guide, in its language; every one is to be answered."""

    use_required_attribute = False

    def __init__(self, guide: Guide, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for situation in guide.situations:
            label = {"label": situation.question}
            self.fields[situation.key] = forms.ChoiceField(
                label=situation.question,
                help_text=situation.help,
                choices=situation.options,
                widget=forms.RadioSelect,
                error_messages={
                    "required": _("请选择“%(label)s”") % label,
                    "invalid_choice": _("“%(label)s”请从所列选项中选择") % label,
                },
            )

    def choices(self) -> dict[str, str]:
        """What has been answered so far and can be understood."""
        self.is_valid()
        return {key: value for key, value in self.cleaned_data.items() if value}


def understood(guide: Guide, given: Mapping[str, Any], *, prefix: str | None = None) -> dict[str, str]:
    """Of these answers those that the guide knows; the others are left out."""
    return SituationForm(guide, given, prefix=prefix).choices()


def clean(guide: Guide, given: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, list[str]]]:
    """The answers of a filing, where every question is answered, and what is wrong with them by its place."""
    form = SituationForm(guide, given)
    errors = {f"{PLACE}.{key}": [str(each) for each in words] for key, words in form.errors.items()}
    unknown = [key for key in given if key not in form.fields]
    errors |= {f"{PLACE}.{str(key)[:60]}": [_("办事指南没有这个情形问题。")] for key in unknown}
    return form.choices(), errors


def complete(guide: Guide, choices: Choices) -> bool:
    return all(situation.key in choices for situation in guide.situations)


def address(choices: Choices) -> str:
    """The answers as the query of an address; empty for none."""
    named = {f"{PREFIX}-{key}": value for key, value in choices.items()}
    return f"?{urlencode(named)}" if named else ""


def in_words(guide: Guide, choices: Choices) -> list[tuple[str, str]]:
    """Question and answer of each question that was answered."""
    pairs = [(each.question, each.say(choices.get(each.key, ""))) for each in guide.situations]
    return [(question, answer) for question, answer in pairs if answer]


def condition(guide: Guide, when: Mapping[str, list[str]]) -> str:
    """In words, under which answers a material is asked for."""
    parts = [
        _("“%(question)s”选择“%(answer)s”")
        % {"question": each.question, "answer": _("”或者“").join(map(each.say, when[each.key]))}
        for each in guide.situations
        if each.key in when
    ]
    return _("，并且").join(parts)


def json_schema(guide: Guide) -> dict[str, Any]:
    """The JSON Schema (2020-12) of the answers, for clients; the server's own check is `clean`."""
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            each.key: {"title": each.question, "enum": [value for value, _label in each.options]}
            for each in guide.situations
        },
        "required": [each.key for each in guide.situations],
    }


# --- the rule of publishing ------------------------------------------------------------------------

Findings = Iterator[tuple[str, str]]


def sound(document: dict[str, Any]) -> Findings:
    """Every question trims something, every condition names a question and its answers.

    Questions do not depend on each other: a condition with known answers can always be met.
    """
    situations, materials = document.get("situations", []), document["materials"]
    known = {each["key"]: {option["value"] for option in each["options"]} for each in situations}
    yield from _repeated("situations", [each["key"] for each in situations])
    for i, situation in enumerate(situations):
        options = situation["options"]
        yield from _repeated(f"situations[{i}].options", [option["value"] for option in options])
        yield from _repeated(f"situations[{i}].options", [option["label"][SOURCE] for option in options])
        values = known[situation["key"]]
        if all(values <= set(m.get("when", {}).get(situation["key"], values)) for m in materials):
            yield f"situations[{i}]", _("没有材料因这个问题增减；请删去它，或者给材料写明适用的情形")
    for i, material in enumerate(materials):
        yield from _when(f"materials[{i}].when", material.get("when", {}), known)


def _repeated(path: str, names: list[str]) -> Findings:
    for name, count in Counter(names).items():
        if count > 1:
            yield path, _("“%(name)s”重复") % {"name": name}


def _when(path: str, when: dict[str, list[str]], known: dict[str, set[str]]) -> Findings:
    for key, values in when.items():
        if key not in known:
            yield f"{path}.{key}", _("没有情形问题 %(key)s") % {"key": key}
            continue
        for value in values:
            if value not in known[key]:
                yield f"{path}.{key}", _("情形问题 %(key)s 没有选项 %(value)s") % {"key": key, "value": value}
        if not known[key] & set(values):
            yield f"{path}.{key}", _("任何情形下都不会要求这份材料")
