"""Forms made from a definition: each type of question, on the page and over the API."""

import copy
import json

import jsonschema
import pytest
from django.http import QueryDict

from matters.form_schema import json_schema
from matters.forms import clean_answers, prefill, step_form, validate_answers
from matters.guides import Guide
from support.accounts.models import Party
from tests.matters.conftest import text

KINDS = {
    "kind": {"type": "choice", "choices": [("shop", "门店"), ("stall", "摊位")]},
    "stall_no": {"type": "text", "max_length": 5, "show_if": {"field": "kind", "equals": "stall"}},
    "story": {"type": "textarea", "max_length": 10, "required": False},
    "staff": {"type": "number", "minimum": "1", "maximum": "500", "unit": "人"},
    "area": {"type": "number", "decimals": 2},
    "rent": {"type": "money", "minimum": "0"},
    "opens_on": {"type": "date", "minimum": "2026-01-01", "maximum": "2027-12-31"},
    "id_number": {"type": "idnumber", "sensitive": True},
    "uscc": {"type": "uscc", "required": False},
    "phone": {"type": "phone", "sensitive": True},
    "owner": {"type": "name"},
    "home": {"type": "address"},
    "goods": {"type": "choices", "choices": [("hot", "热食"), ("cold", "冷食")]},
    "county": {"type": "region", "within": "640100000000"},
    "email": {"type": "email", "required": False, "sensitive": True},
    "promise": {"type": "declaration", "statement": text("以上属实。", en="All this is true.")},
}
LABELS = {key: f"项目{n}" for n, key in enumerate(KINDS, start=1)}
GOOD = {
    "kind": "stall",
    "stall_no": "A1",
    "story": "一\n二",
    "staff": 3,
    "area": "12.50",
    "rent": "100.00",
    "opens_on": "2026-12-01",
    "id_number": "640199199003070002",
    "uscc": "91640104YYYY0091X3",
    "phone": "19900000001",
    "owner": "阿依·古丽",
    "home": "银川市兴庆区示例路100号",
    "goods": ["hot", "cold"],
    "county": "640104000000",
    "email": "a@example.com",
    "promise": True,
}


def field(key, definition):
    made = {"key": key, "label": text(LABELS[key], en=f"Item {key}"), **definition}
    if "choices" in made:
        made["choices"] = [{"value": v, "label": text(w, en=v)} for v, w in made["choices"]]
    if "unit" in made:
        made["unit"] = text(made["unit"], en="people")
    return made


@pytest.fixture
def guide(small, places) -> Guide:
    fields = [field(key, definition) for key, definition in copy.deepcopy(KINDS).items()]
    small["form"]["steps"] = [
        {"key": "all", "title": text("全部", en="All"), "fields": fields},
        {
            "key": "more",
            "title": text("更多", en="More"),
            "fields": [
                {
                    "key": "licence_no",
                    "type": "text",
                    "label": text("门店编号", en="Shop number"),
                    "show_if": {"field": "kind", "equals": "shop"},
                }
            ],
        },
    ]
    return Guide(small)


def typed(**changes) -> QueryDict:
    """What a browser sends for GOOD, with changes."""
    data = QueryDict(mutable=True)
    for key, value in (GOOD | changes).items():
        if isinstance(value, list):
            data.setlist(key, value)
        elif key == "opens_on":
            data.update(
                zip(("opens_on_year", "opens_on_month", "opens_on_day"), value.split("-"), strict=True)
            )
        else:
            data[key] = "on" if value is True else str(value)
    return data


def test_a_page_and_the_api_give_the_same_answers(guide):
    form = step_form(guide, "all", data=typed())
    assert form.is_valid(), form.errors
    assert form.to_json() == GOOD
    assert clean_answers(guide, GOOD) == (GOOD, {})


def test_answers_survive_json_and_fill_the_form_again(guide):
    kept = json.loads(json.dumps(GOOD))
    html = step_form(guide, "all", initial=kept).as_p()
    assert 'value="19900000001"' in html
    assert 'value="2026"' in html
    assert 'value="12" name' in html or 'name="opens_on_month" value="12"' in html
    assert html.count("checked") == 4  # stall, hot, cold, promise
    assert '<option value="640104000000" selected>' in html


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("kind", "", "请选择“项目1”"),
        ("kind", "castle", "“项目1”请从所列选项中选择"),
        ("stall_no", "123456", "“项目2”最多 5 个字，您输入了 6 个"),
        ("stall_no", "", "请填写“项目2”"),
        ("story", "一二三四五六七八九十甲", "“项目3”最多 10 个字，您输入了 11 个"),
        ("staff", "三", "“项目4（人）”的格式不正确"),
        ("staff", "0", "“项目4（人）”不能小于 1"),
        ("staff", "501", "“项目4（人）”不能大于 500"),
        ("staff", "1.5", "“项目4（人）”最多 0 位小数"),
        ("area", "1.234", "“项目5”最多 2 位小数"),
        ("area", "1" * 20, "“项目5”的数字太长"),
        ("area", "NaN", "“项目5”的格式不正确"),
        ("rent", "-1", "“项目6”不能小于 0"),
        ("opens_on", "2025-12-31", "“项目7”不能早于 2026-01-01"),
        ("opens_on", "2026-02-30", "2026 年 2 月 30 日不存在"),
        ("id_number", "64019919900307000", "身份证号码应为 18 位，您输入了 17 位"),
        ("id_number", "", "请填写“项目8”"),
        ("uscc", "91640104YYYY0091X4", "最后一位校验码不符"),
        ("phone", "1990000000", "手机号码应为 11 位，您输入了 10 位"),
        ("owner", "某", "姓名应为 2 至 50 个字"),
        ("home", "长" * 201, "“项目12”最多 200 个字"),
        ("goods", [], "请选择“项目13”"),
        ("goods", ["poison"], "“项目13”请从所列选项中选择"),
        ("county", "650000000000", "“项目14”请从所列选项中选择"),
        ("email", "a@", "“项目15”的格式不正确"),
        ("promise", "", "请阅读并勾选“项目16”"),
    ],
)
def test_bad_input_is_refused_in_words_on_the_page_and_over_the_api(guide, key, value, words):
    form = step_form(guide, "all", data=typed(**{key: value}) if value != "" else typed_without(key))
    assert words in str(form.errors.get(key)), form.errors
    assert set(form.errors) == {key}
    assert key not in form.to_json()
    errors = validate_answers(guide, {**GOOD, key: value})
    assert set(errors) == {key}


def typed_without(key) -> QueryDict:
    data = typed()
    del data[key]
    return data


STRANGE = [None, 5.5, {"a": 1}, [1], True, "\x00", "\ud800", [["hot"]], 10**30, "字" * 5000]


@pytest.mark.parametrize("key", KINDS)
def test_no_json_value_breaks_the_check(guide, key):
    for value in STRANGE:
        kept, errors = clean_answers(guide, {**GOOD, key: value})
        json.dumps([kept, errors], ensure_ascii=False).encode()  # storable, sayable
        assert key not in kept or (key, value) == ("promise", True)


@pytest.mark.parametrize("answers", [None, [], "x", 3])
def test_answers_that_are_no_table(guide, answers):
    assert list(validate_answers(guide, answers)) == [""]


def test_unknown_questions_are_refused(guide):
    assert validate_answers(guide, {**GOOD, "bribe": "100"}) == {"bribe": ["申请表中没有这一项"]}


def test_a_question_not_asked_is_dropped_faults_and_all(guide):
    answers = {**GOOD, "kind": "shop", "stall_no": "much too long", "licence_no": "7"}
    kept, errors = clean_answers(guide, answers)
    assert errors == {}
    assert "stall_no" not in kept
    assert kept["licence_no"] == "7"


def test_a_question_asked_under_an_answer_of_the_step_is_required(guide):
    answers = {key: value for key, value in GOOD.items() if key != "stall_no"}
    assert validate_answers(guide, answers) == {"stall_no": ["请填写“项目2”"]}


def test_a_condition_on_an_earlier_step(guide):
    assert "licence_no" not in step_form(guide, "more", initial={"kind": "stall"}).fields
    assert "licence_no" in step_form(guide, "more", initial={"kind": "shop"}).fields
    assert validate_answers(guide, {**GOOD, "kind": "shop"}) == {"licence_no": ["请填写“门店编号”"]}


def test_a_conditional_question_says_when_to_answer_it(guide):
    form = step_form(guide, "all")
    assert form.fields["stall_no"].help_text.startswith("“项目1”选择“摊位”时填写")


def test_what_people_type_is_brought_to_one_form(guide):
    data = typed(
        id_number="６４０１９９ 19900307 0002", staff="１，２", phone="+86 199-0000-0001", owner="阿依•古丽"
    )
    form = step_form(guide, "all", data=data)
    assert form.is_valid() is False or form.to_json()["id_number"] == "640199199003070002"
    assert form.to_json()["phone"] == "19900000001"
    assert form.to_json()["owner"] == "阿依·古丽"


def test_line_ends_count_once(guide):
    form = step_form(guide, "all", data=typed(story="一二三四\r\n五六七八九"))
    assert form.is_valid(), form.errors
    assert form.to_json()["story"] == "一二三四\n五六七八九"


def test_a_percent_sign_in_a_label(guide):
    guide.document["form"]["steps"][0]["fields"][3]["label"] = text("持股（%）", en="Share (%)")
    errors = validate_answers(Guide(guide.document), {**GOOD, "staff": 0})
    assert errors == {"staff": ["“持股（％）（人）”不能小于 1"]}


def test_the_form_speaks_the_language_asked_for(guide):
    assert step_form(guide, "all", lang="en").fields["staff"].label == "Item staff（people）"
    assert step_form(guide, "all", lang="zh-hans").fields["staff"].label == "项目4（人）"


def test_an_unknown_step(guide):
    with pytest.raises(KeyError):
        step_form(guide, "nowhere")


def test_the_regions_offered_are_one_query(guide, django_assert_num_queries):
    with django_assert_num_queries(1):
        form = step_form(guide, "all", data=typed())
        form.is_valid()
        form.as_p()


def test_clients_can_check_with_json_schema_what_the_server_accepts(guide):
    validator = jsonschema.Draft202012Validator(json_schema(guide))
    validator.check_schema(validator.schema)
    assert list(validator.iter_errors(GOOD)) == []
    for key, value in (("staff", "3"), ("goods", "hot"), ("promise", False), ("county", "x"), ("new", "x")):
        assert list(validator.iter_errors({**GOOD, key: value})), key
    without = {key: value for key, value in GOOD.items() if key != "stall_no"}
    assert [error.message for error in validator.iter_errors(without)] == [
        "'stall_no' is a required property"
    ]


# --- prefilling ----------------------------------------------------------------------------------


def test_a_citizen_finds_the_own_data_filled_in(food, citizen):
    party = Party.objects.get(user=citizen)
    found = prefill(food.guide, party)
    assert found == {
        "applicant_kind": "natural",
        "applicant_name": "张小兰",
        "id_number": "640199199003070002",
        "phone": "19900000001",
        "home_address": "银川市兴庆区示例路100号（示例）",
    }


def test_an_organisation_finds_its_code_and_nothing_its_fields_would_refuse(food, firm):
    firm.phone = "0951-0000091"
    found = prefill(food.guide, firm)
    assert found["uscc"] == "91640104YYYY0091X3"
    assert "id_number" not in found
    assert "phone" not in found  # a landline is no mobile number


def test_prefilled_answers_are_valid_answers(food, citizen):
    found = prefill(food.guide, Party.objects.get(user=citizen))
    form = step_form(food.guide, "applicant", initial=found).filled(found)
    assert form.is_valid(), form.errors
    assert form.to_json() == found
