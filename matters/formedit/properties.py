"""The properties of one field or step of a form, as a form: what its type has, and nothing else."""

import re
from collections.abc import Collection, Sequence
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator
from django.utils.translation import gettext as _

from matters import forms as made_forms
from matters.conditions import MOST, Condition
from matters.fields import TableField
from matters.formedit import rules
from matters.formedit.kinds import COLUMN_TYPES, KINDS, PREFILL, PREFILLED
from matters.formedit.structure import new_key
from matters.formedit.texts import ENGLISH, Texts
from matters.guides import SOURCE, Field
from matters.scripts import TRADITIONAL
from support.places.models import Region

Node = dict[str, Any]


BOUND = re.compile(
    r"-?[0-9]{1,12}(\.[0-9]{1,6})?|[0-9]{4}-[0-9]{2}(-[0-9]{2})?|[0-9]{2}:[0-9]{2}|today([+-][0-9]{1,4}[dmy])?"
)
UNITS = {"d": "天", "m": "个月", "y": "年"}


def bound_in_words(bound: str) -> str:
    found = re.fullmatch(r"today(?:([+-])([0-9]+)([dmy]))?", bound)
    if not found:
        return bound
    sign, amount, unit = found.groups()
    return f"今天{sign}{int(amount)}{UNITS[unit]}" if sign else "今天"


def read_bound(typed: str) -> str:
    """`今天`, `今天-18年`, `今天+30天`, or the bound as it is."""
    found = re.fullmatch(r"今[天日] ?(?:([+-]) ?([0-9]{1,4}) ?(天|日|个?月|年))?", typed.strip())
    if not found:
        return typed.strip()
    sign, amount, unit = found.groups()
    return f"today{sign}{amount}{ {'天': 'd', '日': 'd', '年': 'y'}.get(unit, 'm') }" if sign else "today"


class _Switch(forms.BooleanField):
    """On or off, both of them an answer."""

    def validate(self, value: bool) -> None:
        pass


class StepProperties(Texts):
    """Title and help of a step."""

    def __init__(self, old: Node, data: Any = None) -> None:
        super().__init__(data)
        self.add_text("title", old.get("title"), required=True)
        self.add_text("help", old.get("help"), required=False)

    def definition(self) -> Node:
        made = {"title": self.text("title")}
        return made | ({"help": self.text("help")} if self.text("help") else {})

    main = property(lambda self: [self["title"], self["help"]])


class FieldProperties(Texts):
    """All that a field of one type has. `earlier` are those of the form's `fields` on which it may depend, `taken`
    the keys that nothing new may have."""

    def __init__(
        self, kind: str, old: Node, fields: Sequence[Node], earlier: Sequence[Node], taken: Collection[str],
        data: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(data)
        self.kind, self.old, self.taken = kind, old, taken
        self.labels = {field["key"]: field for field in fields}
        self.made: Node = {}
        self.add_text("label", old.get("label"), required=True)
        for name in KINDS[kind].properties:
            getattr(self, f"_{name}")()
        self.add_text("help", old.get("help"), required=False, help_text=_("显示在问题下面，写给申请人看。"))
        self._switches()
        self._condition(earlier)

    # --- what a type has ---

    def _length(self, name: str, label: str) -> None:
        self.fields[name] = forms.IntegerField(
            label=label, required=False, min_value=1, max_value=4000, initial=self.old.get(name),
            widget=forms.TextInput({"inputmode": "numeric"}),
        )  # fmt: skip

    def _min_length(self) -> None:
        self._length("min_length", _("最少字数"))

    def _max_length(self) -> None:
        self._length("max_length", _("最多字数"))

    def _min_rows(self) -> None:
        self._rows("min_rows", _("最少行数"))

    def _max_rows(self) -> None:
        self._rows("max_rows", _("最多行数"))

    def _rows(self, name: str, label: str) -> None:
        self._length(name, label)
        self.fields[name].validators.append(MaxValueValidator(50))

    def _pattern(self) -> None:
        pattern = self.old.get("pattern", {})
        self.fields["pattern"] = forms.CharField(
            label=_("格式（正则表达式）"), required=False, max_length=200, initial=pattern.get("match", ""),
            help_text=_("整段文字都要符合，例如 [A-Z]{2}[0-9]{6}。不会写的，留空。"),
            widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
        )  # fmt: skip
        self.add_text("pattern_words", pattern.get("words"), required=False)

    def _bound(self, name: str, label: str) -> None:
        examples = {
            "date": _("例如 2026-01-01、今天、今天-18年、今天+30天"),
            "month": _("例如 2026-01"),
            "time": _("例如 09:00"),
        }
        self.fields[name] = forms.CharField(
            label=label, required=False, max_length=30, initial=bound_in_words(self.old.get(name, "")),
            help_text=examples.get(self.kind, ""), widget=forms.TextInput({"autocomplete": "off"}),
        )  # fmt: skip

    def _minimum(self) -> None:
        self._bound("minimum", _("最早") if self.kind in made_forms.TIMES else _("最小值"))

    def _maximum(self) -> None:
        self._bound("maximum", _("最晚") if self.kind in made_forms.TIMES else _("最大值"))

    def _decimals(self) -> None:
        self.fields["decimals"] = forms.IntegerField(
            label=_("小数位数"), required=False, min_value=0, max_value=6, initial=self.old.get("decimals"),
            widget=forms.TextInput({"inputmode": "numeric"}),
        )  # fmt: skip

    def _unit(self) -> None:
        self.add_text("unit", self.old.get("unit"), required=False)

    def _statement(self) -> None:
        self.add_text("statement", self.old.get("statement"), required=True)

    def _prefill(self) -> None:
        choices = [("", _("不预填，由申请人填写")), *((key, PREFILL[key]) for key in PREFILLED[self.kind])]
        self.fields["prefill"] = forms.ChoiceField(
            label=_("自动填写"), required=False, choices=choices, initial=self.old.get("prefill", ""),
            help_text=_("从申请人的账户资料带出，页面上会写明来源。"),
        )  # fmt: skip

    def _within(self) -> None:
        regions = Region.objects.filter(level__lt=made_forms.COUNTY).order_by("code")
        self.fields["within"] = forms.ChoiceField(
            label=_("可选范围"), required=False, initial=self.old.get("within", ""),
            choices=[("", _("全国")), *((region.code, region.name) for region in regions)],
        )  # fmt: skip

    def _choices(self) -> None:
        rows = [
            {"label": c["label"].get(SOURCE, ""), ENGLISH: c["label"].get(ENGLISH, ""), "value": c["value"]}
            for c in self.old.get("choices", ())
        ]
        columns = (
            Field("label", "text", _("选项"), "", unique=True),
            Field(ENGLISH, "text", _("英文"), "", required=False),
            Field("value", "text", _("代码"), "", required=False),
        )
        self._table("choices", _("选项"), columns, rows, least=2 if self.kind == "choice" else 1, most=50)

    def _columns(self) -> None:
        rows = [
            {
                "label": c["label"].get(SOURCE, ""),
                "type": c["type"],
                "needed": "yes" if c.get("required", True) else "no",
                "unique": "yes" if c.get("unique") else "no",
                "options": "；".join(choice["label"][SOURCE] for choice in c.get("choices", ())),
                ENGLISH: c["label"].get(ENGLISH, ""),
                "key": c["key"],
            }
            for c in self.old.get("columns", ())
        ]
        yes_no = (("yes", _("是")), ("no", _("否")))
        columns = (
            Field("label", "text", _("列名"), "", unique=True),
            Field(
                "type", "choice", _("类型"), "", choices=tuple((t, str(KINDS[t].name)) for t in COLUMN_TYPES)
            ),
            Field("needed", "choice", _("必填"), "", choices=yes_no),
            Field("unique", "choice", _("各行不得重复"), "", choices=yes_no),
            Field("options", "text", _("单选的选项，用“；”隔开"), "", required=False, max_length=300),
            Field(ENGLISH, "text", _("英文"), "", required=False),
            Field("key", "text", _("代码"), "", required=False),
        )
        self._table("columns", _("各列"), columns, rows, least=1, most=8)

    def _table(
        self, name: str, label: str, columns: tuple[Field, ...], rows: list[Node], *, least: int, most: int
    ) -> None:
        table = Field(name, "table", label, "", columns=columns, min_rows=least, max_rows=most)
        made = TableField(
            table, made_forms.cell, label=label, initial=rows, error_messages={"required": _("至少要写一项")}
        )
        made.cells["key" if name == "columns" else "value"].widget = forms.HiddenInput()
        self.fields[name] = made

    # --- what every question has ---

    def _switches(self) -> None:
        always = KINDS[self.kind].sealed
        self.fields["required"] = _Switch(label=_("必须填写"), initial=self.old.get("required", True))
        self.fields["sensitive"] = _Switch(
            label=_("个人信息，加密保存"), initial=always or self.old.get("sensitive", False), disabled=always
        )

    def _condition(self, earlier: Sequence[Node]) -> None:
        condition = Condition.read(self.old.get("show_if"))
        terms = [f"{key}={value}" for key, value in condition.terms] if condition else []
        groups = [
            (field["label"][SOURCE], [(f"{field['key']}={value}", words) for value, words in answers])
            for field in earlier
            if (answers := answers_of(field))
        ]
        known = {value for _label, group in groups for value, _words in group}
        lost = [(term, self._lost(term)) for term in terms if term not in known]
        if not groups and not lost:
            return
        for n in range(MOST):
            self.fields[f"when_{n + 1}"] = forms.ChoiceField(
                label=[_("仅当选择了"), _("第二个条件"), _("第三个条件")][n],
                required=False,
                initial=terms[n] if n < len(terms) else "",
                choices=[("", _("总是询问") if n == 0 else _("没有")), *groups, *lost],
            )
        self.fields["mode"] = forms.ChoiceField(
            label=_("几个条件时"), required=False, initial=condition.mode if condition else "all",
            choices=[("all", _("全部符合才询问")), ("any", _("符合一个就询问"))],
        )  # fmt: skip

    def _lost(self, term: str) -> str:
        """A term on which nothing can depend here any more, in words."""
        key, _eq, value = term.partition("=")
        asked = self.labels.get(key)
        answer = dict(answers_of(asked)).get(value, value) if asked else value
        said = {"question": asked["label"][SOURCE] if asked else key, "answer": answer}
        return _("（已失效）“%(question)s”选择“%(answer)s”") % said

    # --- the definition ---

    def clean_minimum(self) -> str:
        return self._read_bound("minimum")

    def clean_maximum(self) -> str:
        return self._read_bound("maximum")

    def _read_bound(self, name: str) -> str:
        bound = read_bound(self.cleaned_data[name])
        if bound and not BOUND.fullmatch(bound):
            raise forms.ValidationError(_("“%(bound)s”不是这类问题的值") % {"bound": bound})
        return bound

    def clean(self) -> Node:
        if self.cleaned_data.get("pattern") and not self.cleaned_data.get("pattern_words"):
            self.add_error("pattern_words", _("请写明格式不对时给申请人看的提示"))
        if not self.errors:
            self.made = self._definition()
            document = {"form": {"steps": [{"fields": [self.made]}]}}
            for rule in rules.OF_ONE_FIELD:
                for path, words in rule(document):
                    name = path.removeprefix("form.steps[0].fields[0].").partition("[")[0].partition(".")[0]
                    self.add_error(name if name in self.fields else None, words)
        return self.cleaned_data

    def _definition(self) -> Node:
        given = self.cleaned_data
        made: Node = {"key": self.old.get("key", "new"), "type": self.kind}
        for name in ("label", "help", "statement", "unit"):
            made |= {name: self.text(name)} if self.text(name) else {}
        for name in ("min_length", "max_length", "min_rows", "max_rows", "decimals"):
            made |= {name: given[name]} if given.get(name) is not None else {}
        for name in ("minimum", "maximum", "prefill", "within"):
            made |= {name: given[name]} if given.get(name) else {}
        if given.get("pattern"):
            made["pattern"] = {"match": given["pattern"], "words": self.text("pattern_words")}
        if "choices" in given:
            made["choices"] = options(given["choices"], self.old.get("choices", ()), self.taken)
        if "columns" in given:
            made["columns"] = columns(given["columns"], self.old.get("columns", ()), self.taken)
        made |= {} if given["required"] else {"required": False}
        held = {column["type"] for column in made.get("columns", ())}
        made |= {"sensitive": True} if given["sensitive"] or held & set(rules.PERSONAL) else {}
        terms = dict.fromkeys(given[f"when_{n + 1}"] for n in range(MOST) if given.get(f"when_{n + 1}"))
        if terms:
            pairs = tuple((key, value) for key, _eq, value in (term.partition("=") for term in terms))
            made["show_if"] = Condition(pairs, "any" if given.get("mode") == "any" else "all").write()
        return made

    @property
    def main(self) -> list[forms.BoundField]:
        apart = {field.name for field in (*self.translations, *self.conditions)}
        return [field for field in self if field.name not in apart]

    @property
    def conditions(self) -> list[forms.BoundField]:
        return [field for field in self if field.name.startswith("when_") or field.name == "mode"]


def answers_of(field: Node) -> list[tuple[str, str]]:
    """The answers of a question on which another may depend, in words."""
    if field["type"] == "yesno":
        return [("yes", _("是")), ("no", _("否"))]
    return (
        [(c["value"], c["label"][SOURCE]) for c in field.get("choices", ())]
        if field["type"] == "choice"
        else []
    )


def options(rows: Sequence[Node], old: Sequence[Node], reserved: Collection[str]) -> list[Node]:
    """Choices as they stand in a document: known ones keep their value and other wordings."""
    before = {choice["value"]: choice for choice in old}
    taken = {*before, *reserved}
    made = []
    for row in rows:
        known = before.get(row.get("value", ""))
        value = known["value"] if known else new_key(row.get(ENGLISH, ""), taken, "o")
        taken.add(value)
        made.append({"value": value, "label": _relabelled(row, known)})
    return made


def columns(rows: Sequence[Node], old: Sequence[Node], reserved: Collection[str]) -> list[Node]:
    """Columns as they stand in a document: known ones of the same type keep what is not edited here."""
    before = {column["key"]: column for column in old}
    taken = {*before, *reserved}
    made = []
    for row in rows:
        known = before.get(row.get("key", ""))
        key = known["key"] if known else new_key(row.get(ENGLISH, ""), taken, "c")
        taken.add(key)
        column: Node = {**(known if known and known["type"] == row["type"] else {})}
        column.pop("unique", None)
        column |= {"key": key, "type": row["type"], "label": _relabelled(row, known)}
        column |= {"required": row["needed"] == "yes"}
        column |= {"unique": True} if row["unique"] == "yes" else {}
        if row["type"] == "choice":
            column["choices"] = _column_options(row.get("options", ""), column.get("choices", ()), taken)
        made.append(column)
    return made


def _column_options(typed: str, old: Sequence[Node], reserved: Collection[str]) -> list[Node]:
    known = {choice["label"][SOURCE]: choice for choice in old}
    words = dict.fromkeys(word.strip() for word in re.split(r"[；;]", typed) if word.strip())
    rows = [{"label": word, **(_as_row(known[word]) if word in known else {})} for word in words]
    return options(rows, old, reserved)


def _as_row(choice: Node) -> Node:
    english = {ENGLISH: choice["label"][ENGLISH]} if ENGLISH in choice["label"] else {}
    return {"value": choice["value"], **english}


def _relabelled(row: Node, known: Node | None) -> Node:
    same = known is not None and known["label"].get(SOURCE) == row["label"]
    kept = (
        {TRADITIONAL: known["label"][TRADITIONAL]} if same and known and TRADITIONAL in known["label"] else {}
    )
    return {SOURCE: row["label"], **kept, **({ENGLISH: row[ENGLISH]} if row.get(ENGLISH) else {})}
