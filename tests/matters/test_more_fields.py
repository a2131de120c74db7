"""The further types of questions: yes and no, months, times, codes, tables; patterns, bounds from today, conditions
of several terms. A page and the API accept and refuse the same."""

import copy
import datetime as dt
import json

import jsonschema
import pytest
from django.http import QueryDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matters.answers import review
from matters.fields import as_typed
from matters.form_schema import json_schema
from matters.forms import clean_answers, day_of, step_form
from matters.guides import Guide
from tests.matters.conftest import text

MANNERS = [
    {"value": "cash", "label": text("货币", en="Cash")},
    {"value": "goods", "label": text("实物", en="Goods")},
]
COLUMNS = [
    {"key": "name", "type": "name", "label": text("股东姓名", en="Name")},
    {"key": "id_number", "type": "idnumber", "label": text("身份证号码", en="Identity number"), "unique": True},
    {
        "key": "share", "type": "number", "label": text("持股比例", en="Share"), "decimals": 2,
        "minimum": "0", "maximum": "100", "unit": text("%", en="%"),
    },
    {"key": "manner", "type": "choice", "label": text("出资方式", en="Manner"), "choices": MANNERS},
    {"key": "since", "type": "month", "label": text("出资时间", en="Since"), "required": False},
]  # fmt: skip
KIN = {"key": "who", "type": "text", "label": text("称谓", en="Kin"), "max_length": 4}
PLATE = {
    "match": "[\u4e00-\u9fa5][A-Z][A-Z0-9]{5,6}",
    "words": text("号牌应为省份简称加字母和数字", en="Letters"),
}
FIELDS = {
    "branch": {"type": "yesno"},
    "founded": {"type": "month", "minimum": "1990-01", "maximum": "2026-12"},
    "opens_at": {"type": "time", "minimum": "06:00", "maximum": "23:00"},
    "postcode": {"type": "postcode"},
    "card": {"type": "bankcard", "sensitive": True},
    "landline": {"type": "landline"},
    "born_on": {"type": "date", "minimum": "1900-01-01", "maximum": "today-18y", "sensitive": True},
    "plate": {"type": "text", "min_length": 7, "max_length": 8, "pattern": PLATE},
    "owners": {"type": "table", "columns": COLUMNS, "max_rows": 3, "sensitive": True},
    "kin": {"type": "table", "required": False, "columns": [KIN]},
    "head": {
        "type": "text", "required": False,
        "show_if": {"any": [{"field": "branch", "equals": "yes"}, {"field": "size", "equals": "large"}]},
    },
}  # fmt: skip
OWNER = {"name": "张小兰", "id_number": "640199199003070002", "share": "60.00", "manner": "cash"}
GOOD = {
    "branch": "yes", "founded": "2020-05", "opens_at": "09:30", "postcode": "750001", "card": "6222020200112233446",
    "landline": "0951-6012345-12", "born_on": "1990-03-07", "plate": "宁A12345", "owners": [OWNER], "head": "总店",
}  # fmt: skip


@pytest.fixture
def guide(small, places) -> Guide:
    fields = [
        {"key": key, "label": text(f"甲{key}", en=key), **copy.deepcopy(made)} for key, made in FIELDS.items()
    ]
    small["form"]["steps"] = [{"key": "all", "title": text("全部", en="All"), "fields": fields}]
    return Guide(small)


def typed(guide, answers, **raw) -> QueryDict:
    """What a browser sends for answers in JSON; `raw` is typed as it stands."""
    data = QueryDict(mutable=True)
    sent = {}
    for key, made in step_form(guide, "all").fields.items():
        sent |= as_typed(made, key, answers.get(key))
    for name, value in (sent | raw).items():
        data[name] = value
    return data


def page(guide, answers):
    form = step_form(guide, "all", data=typed(guide, answers))
    form.is_valid()
    return form


def test_a_page_and_the_api_give_the_same_answers(guide):
    form = page(guide, GOOD)
    assert form.is_valid(), form.errors
    assert form.to_json() == GOOD
    assert clean_answers(guide, GOOD) == (GOOD, {})
    assert not list(jsonschema.Draft202012Validator(json_schema(guide)).iter_errors(GOOD))


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("branch", "maybe", "请从所列选项中选择"),
        ("branch", None, "请选择"),
        ("founded", "2020-13", "月份应为 1 至 12"),
        ("founded", "1989-12", "不能早于 1990-01"),
        ("founded", "2027-01", "不能晚于 2026-12"),
        ("opens_at", "24:00", "时间应为 00:00 至 23:59"),
        ("opens_at", "九点", "时间应为 00:00 至 23:59"),
        ("opens_at", "05:59", "不能早于 06:00"),
        ("postcode", "75000", "邮政编码应为 6 位数字"),
        ("card", "622202020011223344", "校验码不符"),
        ("card", "622202", "银行卡号应为 16 至 19 位，您输入了 6 位"),
        ("card", "6222O20200112233446", "银行卡号只能是数字"),
        ("landline", "6012345", "固定电话应带区号"),
        ("landline", "19900000001", "固定电话应带区号"),
        ("born_on", "2999-01-01", "不能晚于"),
        ("plate", "宁a12345", "号牌应为省份简称加字母和数字"),
        ("plate", "宁A1", "最少 7 个字，您输入了 3 个"),
        ("owners", [], "请填写“甲owners”"),
        ("owners", [OWNER] * 2, "第 2 行：“身份证号码”与第 1 行重复"),
        ("owners", [{**OWNER, "share": "101.00"}], "第 1 行：“持股比例（%）”不能大于 100"),
        ("owners", [{"name": "张小兰"}], "第 1 行：请选择“出资方式”"),
        ("owners", [{**OWNER, "manner": "debt"}], "第 1 行：“出资方式”请从所列选项中选择"),
        ("kin", [{"who": "一二三四五"}], "第 1 行：“称谓”最多 4 个字，您输入了 5 个"),
    ],
)
def test_bad_input_is_refused_in_the_same_words_on_the_page_and_over_the_api(guide, key, value, words):
    answers = {k: v for k, v in (GOOD | {key: value}).items() if v is not None}
    form = page(guide, answers)
    assert set(form.errors) == {key}
    assert words.replace("%", "％") in " ".join(form.errors[key]).replace("%", "％")
    assert key not in form.to_json()
    assert clean_answers(guide, answers)[1] == {key: list(form.errors[key])}


@pytest.mark.parametrize("count", [21, 51, 200])
def test_a_table_has_no_more_rows_than_allowed(guide, count):
    errors = clean_answers(guide, {**GOOD, "kin": [{"who": "子"}] * count})[1]
    assert errors == {"kin": ["“甲kin”最多填 20 行"]}


def test_rows_are_never_dropped_in_silence(guide):
    guide.document["form"]["steps"][0]["fields"][9]["max_rows"] = 50
    errors = clean_answers(Guide(guide.document), {**GOOD, "kin": [{"who": "子"}] * 51})[1]
    assert errors == {"kin": ["“甲kin”最多填 50 行"]}


def test_what_people_type_is_brought_to_one_form(guide):
    data = typed(
        guide, GOOD, opens_at="９点30分", postcode="７５０００１", card="6222 0202 0011 2233 446",
        landline="（0951）6012345 转 12", founded_year="２０２０年5月", founded_month="",
    )  # fmt: skip
    form = step_form(guide, "all", data=data)
    assert form.is_valid(), form.errors
    assert form.to_json() == GOOD


def test_answers_survive_json_and_fill_the_page_again(guide):
    html = step_form(guide, "all", initial=json.loads(json.dumps(GOOD))).as_p()
    for part in ('value="09:30"', 'name="owners-0-name" value="张小兰"', 'name="founded_month" value="5"'):
        assert part in html, part


ODD = [
    None,
    5.5,
    {"a": 1},
    [1],
    [[]],
    [{}],
    [{"who": 1}],
    [{"x": "1"}],
    True,
    "\x00",
    "\ud800",
    10**30,
    "字" * 5000,
]


@pytest.mark.parametrize("key", FIELDS)
def test_no_json_value_breaks_the_check(guide, key):
    for value in ODD:
        kept, errors = clean_answers(guide, {**GOOD, key: value})
        json.dumps([kept, errors], ensure_ascii=False).encode()
        assert key not in kept or (key in ("kin", "head") and value in ([{}],)), (key, value)


STRINGS = st.text(alphabet="0123456789-:年月点转()（） A一\x00a%+", max_size=22)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(["founded", "opens_at", "postcode", "card", "landline", "plate"]), STRINGS)
def test_page_and_api_accept_and_refuse_the_same(guide, key, value):
    """Whatever is sent: the same answers kept, and what is kept fits the schema and is kept again."""
    answers = {**GOOD, key: value}
    kept, errors = clean_answers(guide, answers)
    form = page(guide, answers)
    if key != "founded":  # the page takes a month apart
        assert (form.to_json(), dict(form.errors)) == (kept, errors)
    if not errors:
        assert clean_answers(guide, kept) == (kept, {})
        assert not list(jsonschema.Draft202012Validator(json_schema(guide)).iter_errors(kept))


def test_a_row_is_added_and_removed_by_a_button(guide):
    two = {**GOOD, "owners": [OWNER, {**OWNER, "name": "李小青", "id_number": ""}]}
    added = step_form(guide, "all", data=typed(guide, two, **{"table-rows": "more:owners"}))
    assert added.reshaped
    added.forgive()
    html = str(added["owners"])
    assert 'name="owners-2-name"' in html and 'value="李小青"' in html and not added.errors
    dropped = step_form(guide, "all", data=typed(guide, two, **{"table-rows": "drop:owners:0"}))
    assert 'name="owners-0-name" value="李小青"' in str(dropped["owners"])
    assert "owners-1-name" not in str(dropped["owners"])
    assert not page(guide, two).reshaped


@pytest.mark.parametrize("press", ["drop:owners:99", "drop:owners:x", "more:nothing", "", "drop:owners:-1"])
def test_hostile_buttons_change_nothing(guide, press):
    form = step_form(guide, "all", data=typed(guide, GOOD, **{"table-rows": press, "kin-count": "9999999"}))
    form.full_clean()
    assert form.cleaned_data["owners"] == [OWNER]


def test_faults_stand_at_their_cell(guide):
    form = page(guide, {**GOOD, "owners": [OWNER, {**OWNER, "share": "101.00", "id_number": "1"}]})
    html = str(form["owners"])
    assert html.count('aria-invalid="true"') == 2
    assert 'id="id_owners_1_share_error"' in html


def test_a_table_is_read_as_a_table_and_hides_numbers(guide):
    rows = {row["key"]: row for row in review(guide, GOOD, masked=True)[0]["rows"]}
    table = rows["owners"]["table"]
    assert table["heads"][0] == "股东姓名"
    assert [cell["value"] for cell in table["rows"][0]] == [
        "张小兰",
        "6****************2",
        "60.00 %",
        "货币",
        "",
    ]
    assert "6222020200112233446" not in str(rows)
    assert rows["branch"]["value"] == "是"
    assert guide.field("owners").say([OWNER]) == "张小兰、640199199003070002、60.00、货币"


def test_yes_and_no_speak_the_language_of_the_guide(guide):
    guide.document["name"].setdefault("en", "Sign")
    assert [w for _v, w in step_form(guide, "all", lang="zh-hans").fields["branch"].choices] == ["是", "否"]
    english = Guide(guide.document, "en")
    assert english.speaks == "en" and english.field("branch").say("no") == "No"


# --- bounds from today, conditions of several terms ----------------------------------------------


@pytest.mark.parametrize(
    ("bound", "today", "day"),
    [
        ("2026-02-03", "2026-01-01", "2026-02-03"),
        ("today", "2026-01-31", "2026-01-31"),
        ("today+1m", "2026-01-31", "2026-02-28"),
        ("today-18y", "2028-02-29", "2010-02-28"),
        ("today-1m", "2026-01-15", "2025-12-15"),
        ("today+30d", "2026-01-15", "2026-02-14"),
    ],
)
def test_a_bound_may_count_from_today(bound, today, day):
    assert day_of(bound, dt.date.fromisoformat(today)).isoformat() == day


BOTH = [{"field": "a", "equals": "x"}, {"field": "b", "equals": "yes"}]


@pytest.mark.parametrize(
    ("condition", "answers", "asked"),
    [
        ({"all": BOTH}, {"a": "x", "b": "yes"}, True),
        ({"all": BOTH}, {"a": "x", "b": "no"}, False),
        ({"all": BOTH}, {"a": "y", "b": "yes"}, False),
        ({"any": BOTH}, {"a": "y", "b": "yes"}, True),
        ({"any": BOTH}, {"a": "x", "b": "no"}, True),
        ({"any": BOTH}, {"a": "y", "b": "no"}, False),
    ],
)
def test_conditions_of_several_terms(small, condition, answers, asked):
    """`a` in an earlier step, `b` in the same: on the page, over the API, in the schema."""
    choices = [{"value": v, "label": text(v, en=v)} for v in ("x", "y")]
    first = {"key": "a", "type": "choice", "label": text("甲", en="a"), "choices": choices}
    own = {"key": "b", "type": "yesno", "label": text("乙", en="b")}
    asked_if = {"key": "c", "type": "text", "label": text("丙", en="c"), "show_if": condition}
    small["form"]["steps"] = [
        {"key": "one", "title": text("一", en="1"), "fields": [first]},
        {"key": "two", "title": text("二", en="2"), "fields": [own, asked_if]},
    ]
    guide = Guide(small)
    errors = clean_answers(guide, answers)[1]
    assert errors == ({"c": ["请填写“丙”"]} if asked else {})
    form = step_form(guide, "two", initial={"a": answers["a"]}, data={"b": answers["b"]})
    assert form.is_valid() is not asked
    known = "all" in condition and answers["a"] == "y"
    assert ("c" in form.fields) is not known
    if "c" in form.fields and "“乙”" in form.fields["c"].help_text:
        assert form.fields["c"].help_text == "“乙”选择“是”时填写。"
    schema = jsonschema.Draft202012Validator(json_schema(guide))
    assert bool(list(schema.iter_errors(answers))) is asked
    assert not list(schema.iter_errors({**answers, "c": "x"}))
