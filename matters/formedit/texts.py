"""Texts of a document in a form: Chinese words, with overrides in the other script and English."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from matters.fields import Reshapable
from matters.formedit.kinds import Words
from matters.guides import SOURCE
from matters.scripts import TRADITIONAL, traditional

Node = dict[str, Any]
ENGLISH = "en"
# Texts with a wording in each language: name of the property, whether it runs over several lines.
TEXTS: dict[str, tuple[Words, bool]] = {
    "label": (gettext_lazy("问题"), False),
    "title": (gettext_lazy("步骤名称"), False),
    "help": (gettext_lazy("填写说明"), True),
    "statement": (gettext_lazy("声明的内容"), True),
    "unit": (gettext_lazy("单位"), False),
    "pattern_words": (gettext_lazy("格式不对时的提示"), False),
}


class Texts(Reshapable, forms.Form):
    """Texts in Chinese (required where the document needs them), with overrides in the other languages."""

    use_required_attribute = False

    def add_text(self, name: str, text: Node | None, *, required: bool, help_text: Words = "") -> None:
        label, long = TEXTS[name]
        said = text or {}
        converted = said.get(TRADITIONAL) == traditional(said[SOURCE]) if SOURCE in said else False
        override = "" if converted else said.get(TRADITIONAL, "")
        shown = {
            name: (label, said.get(SOURCE, ""), required),
            f"{name}_hant": (_("%(label)s（繁体）") % {"label": label}, override, False),
            f"{name}_en": (_("%(label)s（英文）") % {"label": label}, said.get(ENGLISH, ""), False),
        }
        for key, (title, initial, needed) in shown.items():
            self.fields[key] = forms.CharField(
                label=str(title),
                initial=initial,
                required=needed,
                max_length=2000 if long else 200,
                help_text=str(help_text) if key == name else "",
                widget=forms.Textarea({"rows": 2}) if long else forms.TextInput({"autocomplete": "off"}),
                error_messages={"required": _("请填写“%(label)s”") % {"label": title}},
            )

    def text(self, name: str) -> Node:
        """The text as it stands in a document; empty without Chinese words."""
        found = {
            SOURCE: self.cleaned_data.get(name, ""),
            TRADITIONAL: self.cleaned_data.get(f"{name}_hant", ""),
            ENGLISH: self.cleaned_data.get(f"{name}_en", ""),
        }
        return {language: words for language, words in found.items() if words} if found[SOURCE] else {}

    @property
    def translations(self) -> list[forms.BoundField]:
        return [field for field in self if field.name.endswith(("_hant", "_en"))]

    @property
    def mistranslated(self) -> bool:
        return any(field.errors for field in self.translations)
