"""What a form must satisfy besides its schema: it can be filled in, every question can come up, every check is
one that can be met. Each rule yields the place of a fault and its words; a document's form is taken as schema-valid.
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import product
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from matters.conditions import Condition, Term
from matters.forms import day_of
from matters.guides import LONGEST, SOURCE
from matters.patterns import PatternRefused, compiled

Document = dict[str, Any]
Findings = Iterator[tuple[str, str]]
PERSONAL = ("idnumber", "phone", "email", "bankcard")
MOST_FIELDS = 7  # on one page of the wizard
MOST_BRANCHES = 30  # a question that can come up in more ways than that surely can
Branch = dict[str, str]
"""Answers under which a question comes up."""


def fields_of(document: Document) -> list[tuple[str, dict[str, Any]]]:
    """Every question in order, with its path."""
    return [
        (f"form.steps[{i}].fields[{j}]", field)
        for i, step in enumerate(document["form"]["steps"])
        for j, field in enumerate(step["fields"])
    ]


def parts_of(document: Document) -> list[tuple[str, dict[str, Any]]]:
    """Every question and every column of a table, with its path."""
    return [
        each
        for path, field in fields_of(document)
        for each in [
            (path, field),
            *((f"{path}.columns[{k}]", column) for k, column in enumerate(field.get("columns", ()))),
        ]
    ]


def offered(field: dict[str, Any]) -> list[str]:
    """The values of a question on which another may depend: single choices and yes/no."""
    if field["type"] == "yesno":
        return ["yes", "no"]
    return [choice["value"] for choice in field.get("choices", ())] if field["type"] == "choice" else []


# --- conditions ----------------------------------------------------------------------------------


def conditions(document: Document) -> Findings:
    """A question depends on earlier single choices, by values offered there."""
    fields = fields_of(document)
    places = {field["key"]: n for n, (_path, field) in enumerate(fields)}
    for n, (path, field) in enumerate(fields):
        condition = Condition.read(field.get("show_if"))
        for key, value in condition.terms if condition else ():
            asked = fields[places[key]][1] if key in places else None
            if asked is None:
                yield f"{path}.show_if", _("条件所指的问题 %(key)s 不存在，请重新选择") % {"key": key}
            elif key == field["key"]:
                yield f"{path}.show_if", _("条件不能是这个问题自己")
            elif places[key] > n:
                yield (
                    f"{path}.show_if",
                    _circular(fields, places, n, key)
                    or _("条件所指的“%(label)s”排在后面，请把它移到前面") % {"label": asked["label"][SOURCE]},
                )
            elif value not in offered(asked):
                yield f"{path}.show_if", _("条件只能是前面某个单选项目的选项")


def _circular(fields: list[tuple[str, dict[str, Any]]], places: dict[str, int], n: int, key: str) -> str:
    """Words for two questions that wait for one another, each for the other's answer."""
    own, seen, ahead = fields[n][1], set[str](), [key]
    while ahead:
        each = ahead.pop()
        if each == own["key"]:
            said = {"one": own["label"][SOURCE], "other": fields[places[key]][1]["label"][SOURCE]}
            return _("“%(one)s”和“%(other)s”互为条件，谁也不会出现") % said
        if each not in seen and each in places:
            seen.add(each)
            condition = Condition.read(fields[places[each]][1].get("show_if"))
            ahead += [other for other, _value in condition.terms] if condition else []
    return ""


def reachable(document: Document) -> Findings:
    """Every question comes up under some answers."""
    branches: dict[str, list[Branch]] = {}
    for path, field in fields_of(document):
        condition = Condition.read(field.get("show_if"))
        known = condition is not None and all(key in branches for key, _value in condition.terms)
        branches[field["key"]] = _branches(condition, branches) if condition else [{}]
        if known and not branches[field["key"]]:
            yield f"{path}.show_if", _("条件互相矛盾，这个问题永远不会出现")


def _branches(condition: Condition, known: dict[str, list[Branch]]) -> list[Branch]:
    """The answers under which the condition holds, each without contradiction."""
    each = [_under(term, known) for term in condition.terms]
    if condition.mode == "any":
        found = [branch for some in each for branch in some]
    else:
        found = [whole for some in product(*each) if (whole := _merged(some)) is not None]
    return found if len(found) <= MOST_BRANCHES else [{}]


def _under(term: Term, known: dict[str, list[Branch]]) -> list[Branch]:
    key, value = term
    found = (_merged((branch, {key: value})) for branch in known.get(key, ()))
    return [branch for branch in found if branch is not None]


def _merged(branches: tuple[Branch, ...]) -> Branch | None:
    whole: Branch = {}
    for branch in branches:
        if any(whole.get(key, value) != value for key, value in branch.items()):
            return None
        whole |= branch
    return whole


# --- checks of answers ---------------------------------------------------------------------------


def _readers() -> dict[str, Callable[[str], Any]]:
    """How the bounds of a type are read; a bound that cannot be is of another type."""
    today = timezone.localdate()
    return {
        "number": Decimal,
        "money": Decimal,
        "date": lambda bound: day_of(bound, today),
        "month": lambda bound: dt.datetime.strptime(bound, "%Y-%m").strftime("%Y-%m"),
        "time": lambda bound: dt.datetime.strptime(bound, "%H:%M").strftime("%H:%M"),
    }


def bounds(document: Document) -> Findings:
    readers = _readers()
    for path, field in parts_of(document):
        given = {name: field[name] for name in ("minimum", "maximum") if name in field}
        if given and field["type"] not in readers:
            yield f"{path}.{next(iter(given))}", _("这类问题没有最小值和最大值")
            continue
        read: dict[str, Any] = {}
        for name, bound in given.items():
            try:
                read[name] = readers[field["type"]](bound)
            except (ValueError, ArithmeticError):
                yield f"{path}.{name}", _("“%(bound)s”不是这类问题的值") % {"bound": bound}
        if len(read) == 2 and read["minimum"] > read["maximum"]:
            yield f"{path}.minimum", _("最小值大于最大值，怎么填都通不过")


def lengths(document: Document) -> Findings:
    for path, field in fields_of(document):
        longest = field.get("max_length", LONGEST.get(field["type"], 0))
        if "min_length" in field and field["min_length"] > longest:
            yield f"{path}.min_length", _("最少字数大于最多字数，怎么填都通不过")
        if field["type"] == "table" and field.get("min_rows", 1) > field.get("max_rows", 20):
            yield f"{path}.min_rows", _("最少行数大于最多行数，怎么填都通不过")


def patterns(document: Document) -> Findings:
    for path, field in fields_of(document):
        if "pattern" not in field:
            continue
        if field["type"] not in LONGEST:
            yield f"{path}.pattern", _("只有文字类问题可以规定格式")
            continue
        try:
            compiled(field["pattern"]["match"], field.get("max_length", LONGEST[field["type"]]))
        except PatternRefused as refused:
            yield (
                f"{path}.pattern",
                _("格式表达式过于复杂，核对可能很慢：请减少“*”“+”和嵌套，或者缩短最多字数")
                if refused.slow
                else _("格式表达式写错了，不能使用"),
            )


def choices(document: Document) -> Findings:
    for path, field in parts_of(document):
        for value, count in Counter(choice["value"] for choice in field.get("choices", ())).items():
            if count > 1:
                yield f"{path}.choices", _("选项代码 %(key)s 重复") % {"key": value}


def tables(document: Document) -> Findings:
    for path, field in fields_of(document):
        columns = field.get("columns", ())
        for key, count in Counter(column["key"] for column in columns).items():
            if count > 1:
                yield f"{path}.columns", _("列的标识 %(key)s 重复") % {"key": key}
        for column in columns:
            if column["type"] == "choice" and not column.get("choices"):
                yield (
                    f"{path}.columns",
                    _("单选的列“%(label)s”要写明选项") % {"label": column["label"][SOURCE]},
                )
        if columns and not any(column.get("required", True) for column in columns):
            yield f"{path}.columns", _("至少要有一列是必填的")


def sealed(document: Document) -> Findings:
    """Card numbers, and tables in which identity or telephone numbers stand, are sealed."""
    for path, field in fields_of(document):
        held = (
            {field["type"]} if field["type"] == "bankcard" else {c["type"] for c in field.get("columns", ())}
        )
        if held & set(PERSONAL) and not field.get("sensitive"):
            yield f"{path}.sensitive", _("个人信息项目必须标明加密保存")


# --- what the answers are for --------------------------------------------------------------------


def contents(document: Document) -> Findings:
    """What a certificate prints is always asked."""
    fields = {field["key"]: field for _path, field in fields_of(document)}
    for i, result in enumerate(document.get("results", ())):
        for j, content in enumerate(result.get("contents", ())):
            source = fields.get(content["source"])
            path = f"results[{i}].contents[{j}].source"
            if source and "show_if" in source:
                yield path, _("“%(label)s”不是每次都询问，证照上会空着") % {"label": source["label"][SOURCE]}
            elif source and not source.get("required", True):
                yield path, _("“%(label)s”是选填的，证照上会空着") % {"label": source["label"][SOURCE]}


def long_steps(document: Document) -> Findings:
    """A warning: more questions on one page than people take in."""
    for i, step in enumerate(document["form"]["steps"]):
        if len(step["fields"]) > MOST_FIELDS:
            said = {"n": len(step["fields"]), "most": MOST_FIELDS}
            yield f"form.steps[{i}]", _("这一步有 %(n)s 个问题，超过 %(most)s 个，建议分成两步") % said


RULES: tuple[Callable[[Document], Findings], ...] = (
    conditions,
    reachable,
    bounds,
    lengths,
    patterns,
    choices,
    tables,
    sealed,
    contents,
)
OF_ONE_FIELD = (bounds, lengths, patterns, choices, tables)
WARNINGS: tuple[Callable[[Document], Findings], ...] = (long_steps,)
