"""What makes a form impossible to fill in, slow to check or useless, each with one broken form."""

import copy
import time

import pytest

from matters.checks import problems
from matters.formedit import rules
from matters.patterns import PatternRefused, compiled
from tests.matters.conftest import text


def choice(key, *values, **more):
    options = [{"value": value, "label": text(value, en=value)} for value in values]
    return {"key": key, "type": "choice", "label": text(key, en=key), "choices": options, **more}


def question(key, kind="text", **more):
    return {"key": key, "type": kind, "label": text(key, en=key), **more}


def when(*terms, mode="all"):
    pairs = [{"field": key, "equals": value} for key, value in terms]
    return {"show_if": pairs[0] if len(pairs) == 1 else {mode: pairs}}


@pytest.fixture
def found(small, places, new_matter):
    """The faults of a form of one step, as publishing finds them."""
    from matters.actions import complete

    matter = new_matter()

    def check(*fields, results=None):
        document = copy.deepcopy(small)
        document["form"]["steps"][0]["fields"] = list(fields)
        document["results"] += results or []
        return {problem.path: problem.message for problem in problems(complete(matter, document))}

    return check


def column(key, kind="text", **more):
    return {"key": key, "type": kind, "label": text(key, en=key), **more}


A = choice("a", "x", "y")
FIRST = "form.steps[0].fields[0]"
SECOND = "form.steps[0].fields[1]"
THIRD = "form.steps[0].fields[2]"
BROKEN = {
    "on nothing": ([question("b", **when(("gone", "x")))], f"{FIRST}.show_if", "不存在"),
    "on itself": ([choice("a", "x", **when(("a", "x")))], f"{FIRST}.show_if", "自己"),
    "on a later one": ([question("b", **when(("a", "x"))), A], f"{FIRST}.show_if", "移到前面"),
    "in a circle": (
        [choice("b", "z", **when(("a", "x"))), choice("a", "x", **when(("b", "z")))],
        f"{FIRST}.show_if",
        "互为条件",
    ),
    "on no choice": (
        [question("b"), question("c", **when(("b", "x")))],
        f"{SECOND}.show_if",
        "单选项目的选项",
    ),
    "on what is not offered": ([A, question("b", **when(("a", "z")))], f"{SECOND}.show_if", "单选项目的选项"),
    "one of two is not offered": (
        [A, question("b", **when(("a", "x"), ("a", "z"), mode="any"))],
        f"{SECOND}.show_if",
        "单选项目的选项",
    ),
    "contradiction": ([A, question("b", **when(("a", "x"), ("a", "y")))], f"{SECOND}.show_if", "互相矛盾"),
    "contradiction further back": (
        [A, question("b", "yesno", **when(("a", "x"))), question("c", **when(("b", "yes"), ("a", "y")))],
        f"{THIRD}.show_if",
        "互相矛盾",
    ),
    "least above most": (
        [question("n", "number", minimum="5", maximum="4")],
        f"{FIRST}.minimum",
        "最小值大于最大值",
    ),
    "days in the wrong order": (
        [question("d", "date", minimum="today", maximum="2001-01-01")],
        f"{FIRST}.minimum",
        "最小值大于最大值",
    ),
    "a day as a number": ([question("n", "number", minimum="today")], f"{FIRST}.minimum", "不是这类问题的值"),
    "no such day": ([question("d", "date", maximum="2026-02-30")], f"{FIRST}.maximum", "不是这类问题的值"),
    "no such time": ([question("t", "time", maximum="25:00")], f"{FIRST}.maximum", "不是这类问题的值"),
    "a bound of a text": ([question("t", minimum="1")], f"{FIRST}.minimum", "没有最小值"),
    "shortest above longest": (
        [question("t", min_length=101)],
        f"{FIRST}.min_length",
        "最少字数大于最多字数",
    ),
    "rows in the wrong order": (
        [question("t", "table", min_rows=3, max_rows=2, columns=[column("c")])],
        f"{FIRST}.min_rows",
        "最少行数大于",
    ),
    "no expression": (
        [question("t", pattern={"match": "[a", "words": text("不对", en="no")})],
        f"{FIRST}.pattern",
        "写错了",
    ),
    "endless expression": (
        [question("t", pattern={"match": "(a+)+b", "words": text("不对", en="no")})],
        f"{FIRST}.pattern",
        "过于复杂",
    ),
    "expression of a number": (
        [question("n", "number", pattern={"match": "1", "words": text("不对", en="no")})],
        f"{FIRST}.pattern",
        "只有文字类",
    ),
    "an option twice": ([choice("a", "x", "x")], f"{FIRST}.choices", "选项代码 x 重复"),
    "no option": ([choice("a")], f"{FIRST}.choices", "至少要有 1 项"),
    "a column twice": (
        [question("t", "table", columns=[column("c"), column("c")])],
        f"{FIRST}.columns",
        "列的标识 c 重复",
    ),
    "no column is needed": (
        [question("t", "table", columns=[column("c", required=False)])],
        f"{FIRST}.columns",
        "至少要有一列",
    ),
    "a column's bounds": (
        [question("t", "table", columns=[column("c", "number", minimum="2", maximum="1")])],
        f"{FIRST}.columns[0].minimum",
        "最小值大于",
    ),
    "numbers in a table unsealed": (
        [question("t", "table", columns=[column("c", "idnumber")])],
        f"{FIRST}.sensitive",
        "加密保存",
    ),
    "a card unsealed": ([question("t", "bankcard")], f"{FIRST}.sensitive", "加密保存"),
    "no question": ([], "form.steps[0].fields", "至少要有 1 项"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_form_that_cannot_work_is_not_published(found, name):
    fields, path, words = BROKEN[name]
    faults = found(*copy.deepcopy(fields))
    assert words in faults.get(path, ""), faults


def test_a_sound_form_has_no_fault(found):
    sound = [
        A,
        question("b", "yesno", **when(("a", "x"))),
        question("c", **when(("b", "yes"), ("a", "y"), mode="any")),
        question("d", "date", minimum="today-30d", maximum="today+1y"),
        question("t", pattern={"match": "[A-Z]{2}[0-9]{6,10}", "words": text("不对", en="no")}, min_length=8),
        question("w", "table", sensitive=True, columns=[column("c", "idnumber", unique=True)]),
    ]
    assert found(*sound) == {}


@pytest.mark.parametrize(
    ("more", "words"), [(when(("a", "x")), "不是每次都询问"), ({"required": False}, "选填")]
)
def test_a_certificate_prints_only_what_is_always_asked(found, more, words):
    content = [{"key": "name", "label": text("名称", en="Name"), "source": "b"}]
    certificate = {
        "key": "licence",
        "kind": "1",
        "name": text("许可证", en="Licence"),
        "type_code": "1" * 21,
        "contents": content,
        "sample": [{"label": text("编号", en="Number"), "value": text("示例", en="sample")}],
    }
    assert found(A, question("b"), results=[certificate]) == {}
    faults = found(A, question("b", **more), results=[certificate])
    assert words in faults["results[1].contents[0].source"]


def test_a_long_step_is_a_warning(small):
    step = small["form"]["steps"][0]
    step["fields"] = [question(f"q{n}") for n in range(rules.MOST_FIELDS)]
    assert not list(rules.long_steps(small))
    step["fields"].append(question("more"))
    assert [path for path, _words in rules.long_steps(small)] == ["form.steps[0]"]


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+b",
        "(a|a)*b",
        "(a|aa)+b",
        "(.*)(.*)(.*)x",
        ".*.*.*x",
        "(?=a)a",
        r"(a)\1",
        "(a?){20}b",
        "(a|a)" * 30 + "b",
        "(?:a{1,5}){40}",
    ],
)
def test_an_expression_that_could_take_long_is_refused(pattern):
    with pytest.raises(PatternRefused) as refused:
        compiled(pattern, 100)
    assert refused.value.slow


@pytest.mark.parametrize("pattern", ["(", "[a", "a{9999999999999}", "*a", r"\g<x>", "(?P<n>"])
def test_what_is_no_expression_is_refused(pattern):
    with pytest.raises(PatternRefused) as refused:
        compiled(pattern, 100)
    assert not refused.value.slow


@pytest.mark.parametrize(
    "pattern", ["a*a*b", "a+[ab]+b", "(?:ab)*c", "(?:a|b)?a{0,99}b", "[a-z]{0,50}[a-z]{0,50}x"]
)
def test_what_is_allowed_is_quick_at_its_worst(pattern):
    made = compiled(pattern, 100)
    began = time.perf_counter()
    for text_ in ("a" * 100, "ab" * 50, "a" * 99 + "!"):
        made.fullmatch(text_)
    assert time.perf_counter() - began < 0.5


@pytest.mark.parametrize("pattern", ["(?:a?){1000}", "(?:){4000000000}", "(a|b?){20}", "a{40}", "(a{0,3}){9}"])
def test_what_may_be_empty_or_never_fits_is_not_repeated(pattern):
    with pytest.raises(PatternRefused) as refused:
        compiled(pattern, 10)
    assert refused.value.slow
