"""Everything that keeps a guide from being published, each in words with its place."""

import copy
import json
from typing import Any

import pytest

from matters import codes
from matters.actions import complete
from matters.checks import SCHEMA, findings, problems
from tests.matters.conftest import text


@pytest.fixture
def document(food) -> dict[str, Any]:
    return copy.deepcopy(food.document)


def found(document: dict[str, Any]) -> str:
    return "\n".join(map(str, findings(document)))


def test_the_samples_have_no_problem(document, matter, small):
    assert problems(document) == []
    assert problems(complete(matter, small)) == []


def place(document: Any, path: str) -> tuple[Any, Any]:
    *steps, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    for step in steps:
        document = document[step]
    return document, last


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("name", None, "缺少 name"),
        ("basis", [], "basis：至少要有 1 项"),
        ("materials.1.name", {"zh-hans": ""}, "materials[1].name.zh-hans：不能为空"),
        ("materials.1.name", {"en": "Plan"}, "materials[1].name：缺少 zh-hans"),
        ("materials.0.necessity", "4", "materials[0].necessity：只能是 1、2、3 之一"),
        ("materials.0.colour", "red", "materials[0]：有不认识的项 colour"),
        ("terms.statutory.amount", "15", "terms.statutory.amount：类型应为 integer"),
        ("terms.statutory.amount", 0, "terms.statutory.amount：不能小于 1"),
        ("terms.statutory.basis", None, "terms.statutory：缺少 basis"),
        ("summary", {"zh-hans": "长" * 4001}, "summary.zh-hans：最多 4000 个字"),
        ("form.steps.0.fields.0.key", "Kind!", "form.steps[0].fields[0].key：格式不正确"),
        ("form.steps.0.fields.0.choices", None, "form.steps[0].fields[0]：缺少 choices"),
        ("service_objects", ["1", "1"], "service_objects：有重复的项"),
        ("schema", 2, "schema：只能是 1"),
    ],
)
def test_the_schema_speaks_in_words_with_the_path(document, path, value, words):
    holder, last = place(document, path)
    if value is None:
        del holder[last]
    else:
        holder[last] = value
    assert words in found(document)


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("terms.promised", {"amount": 16, "unit": "workday"}, "承诺办结时限不能长于法定办结时限"),
        ("terms.promised", {"amount": 1, "unit": "month"}, "承诺办结时限不能长于法定办结时限"),
        ("terms.promised", None, "承诺件必须公布承诺办结时限"),
        ("terms.statutory", None, "行政许可必须公布法定办结时限"),
        ("terms.acceptance.amount", 6, "受理期限为五个工作日"),
        ("terms.acceptance.amount", 4, "受理期限为五个工作日"),
        ("terms.acceptance.unit", "day", "受理期限为五个工作日"),
        ("identity.task_type", "07", "适用《行政许可法》"),
        ("identity.regime", "other", "适用《行政许可法》"),
        ("faq", [], "行政许可至少要有一个常见问题"),
        ("process.3.name", text("决定"), "缺少：审批"),
        ("materials.0.blank", None, "要有空白表和样表"),
        ("materials.0.sample", None, "要有空白表和样表"),
        ("results.0.sample", [], "要有结果样本"),
        ("online.pay", True, "不收费的，不能有网上支付"),
        ("online", {"available": False, "full": False, "depth": ["1"]}, "支持邮寄才能写 0 次"),
        ("service_objects", ["1"], "themes.legal：主题应与服务对象一致"),
        ("themes.natural", [], "themes.natural：主题应与服务对象一致"),
        ("enquiry.phones", ["0000021"], "电话要带区号"),
        ("complaint.phones", ["0951-0000021"], "咨询电话和投诉电话不能相同"),
        ("materials.1.key", "application", "标识 application 重复"),
        ("form.steps.1.fields.0.key", "applicant_name", "标识 applicant_name 重复"),
        ("materials.1.name", text("其他相关材料"), "不得要求兜底性材料"),
        ("materials.1.name", text("法律、法规规定的其他材料"), "不得要求兜底性材料"),
        ("materials.1.name", text("營業執照等材料"), "不得要求兜底性材料"),
        ("materials.1.necessity", "3", "写明补交期限"),
        ("materials.1.copies", {"original": 0, "copy": 0}, "不能都是 0 份"),
        ("form.steps.0.fields.2.show_if.equals", "nobody", "条件只能是前面某个单选项目的选项"),
        ("form.steps.0.fields.2.show_if.field", "tenure", "排在后面，请把它移到前面"),
        ("form.steps.0.fields.2.sensitive", False, "个人信息项目必须标明加密保存"),
        ("form.steps.0.fields.5.sensitive", False, "个人信息项目必须标明加密保存"),
        ("results.0.type_code", None, "证照要写明证照类型代码"),
        ("results.0.validity.unit", "workday", "只能是 month"),
        ("results.0.contents.0.source", "nothing", "申请表中没有这一项"),
        ("visits", {"count": "1"}, "需要到现场的，要说明原因"),
        ("visits.count", "1", "全程网办的到现场次数应为 0 次"),
        ("fees.charged", True, "收费的，要写明收费项目"),
        ("special_procedures.0.excluded_from_statutory", True, "才不计入法定办结时限"),
        ("themes.natural", ["123"], "没有主题 123"),
    ],
)
def test_the_rules_of_the_trade(document, path, value, words):
    holder, last = place(document, path)
    if value is None:
        del holder[last]
    else:
        holder[last] = value
    assert words in found(document)


XKF = "《中华人民共和国行政许可法》"


@pytest.mark.parametrize(
    ("amount", "unit", "basis", "words"),
    [
        (20, "workday", f"{XKF}第四十二条", ""),
        (28, "day", f"{XKF}第四十二条", ""),
        (21, "workday", f"{XKF}第四十二条", "最长二十个工作日"),
        (29, "day", f"{XKF}第四十二条", "最长二十个工作日"),
        (1, "month", f"{XKF}第四十二条", "最长二十个工作日"),
        (30, "workday", "本机关的规定", "最长二十个工作日"),
        (30, "workday", "《关于办理时限的通知》", "最长二十个工作日"),  # a notice is no law
        # 行政许可法 42 speaks of 法律、法规: the rule of a department or of a local government lengthens nothing
        (30, "workday", "《食品经营许可和备案管理办法》", "最长二十个工作日"),
        (30, "workday", "《公共场所卫生管理条例实施细则》", "最长二十个工作日"),
        (30, "workday", "《宁夏回族自治区行政许可规定》", "最长二十个工作日"),
        (30, "workday", "《某部关于下放审批权的决定》", "最长二十个工作日"),
        (30, "workday", "《中华人民共和国水法》第四十八条", ""),
        (30, "workday", "《国务院对确需保留的行政审批项目设定行政许可的决定》", ""),
        (30, "workday", "《某市人民代表大会常务委员会关于某事项的决定》", ""),
        (30, "workday", "《另一条例》第二十六条", ""),
        (45, "workday", f"{XKF}第二十六条第二款", ""),
        (45, "workday", "《中華人民共和國行政許可法》第二十六條", ""),
        (46, "workday", f"{XKF}第二十六条第二款", "最长四十五个工作日"),
        (3, "month", f"{XKF}第二十六条第二款", "最长四十五个工作日"),
        (3, "month", f"{XKF}第四十二条；《取水许可和水资源费征收管理条例》第十九条", ""),
    ],
)
def test_the_term_of_a_licence_is_that_of_the_law(document, amount, unit, basis, words):
    document["terms"]["statutory"] = {"amount": amount, "unit": unit, "basis": text(basis)}
    if words:
        assert words in found(document)
    else:
        assert problems(document) == []


def test_the_law_on_licences_binds_licences_only(document):
    document["identity"] |= {"regime": "other", "task_type": "07"}
    document["terms"]["statutory"] = {"amount": 60, "unit": "day", "basis": text("本机关的规定")}
    document["terms"]["acceptance"]["basis"] = text("本机关的规定")
    document["special_procedures"] = []  # a hearing by 行政许可法 45 is one of licences too
    assert problems(document) == []


def test_a_matter_that_ends_in_nothing_needs_no_sample(document):
    document["results"] = [{"key": "none", "kind": "4", "name": text("不发证件")}]
    assert problems(document) == []


def test_a_national_short_number_needs_no_area_code(document):
    document["enquiry"]["phones"] = ["12345"]
    assert problems(document) == []


def test_a_free_matter_has_no_fee_items(document):
    item = {"name": text("工本费"), "standard": text("十元"), "basis": text("某文件"), "reducible": False}
    document["fees"]["items"] = [item]
    assert "不收费的，不能有收费项目" in found(document)


def test_what_another_law_excludes_does_not_count(document):
    procedure = document["special_procedures"][0]
    procedure |= {"excluded_from_statutory": True, "exclusion_basis": text("《某法》第一条")}
    assert problems(document) == []


@pytest.mark.parametrize("basis", ["《某部门管理办法》第一条", "本机关的规定"])
def test_no_rule_below_a_regulation_stops_the_clock_of_a_licence(document, basis):
    procedure = document["special_procedures"][0]
    procedure |= {"excluded_from_statutory": True, "exclusion_basis": text(basis)}
    assert "才不计入法定办结时限" in found(document)


def test_what_stops_the_clock_of_a_licence_stops_no_other(document):
    document["identity"] |= {"regime": "other", "task_type": "07"}
    document["terms"]["statutory"]["basis"] = document["terms"]["acceptance"]["basis"] = text("本机关的规定")
    procedure = document["special_procedures"][0]
    document["special_procedures"] = [procedure]
    procedure |= {"kind": "hearing", "excluded_from_statutory": True}
    assert "才不计入法定办结时限" in found(document)  # 行政许可法 2, 3, 45
    procedure["exclusion_basis"] = text("《中华人民共和国行政许可法》第四十五条")
    assert "才不计入法定办结时限" in found(document)
    procedure["exclusion_basis"] = text("《某办法》第一条")
    assert problems(document) == []


@pytest.mark.parametrize("name", ["其他组织章程", "公司章程", "平面图（等比例）", "等级证书"])
def test_a_definite_material_is_no_catch_all(document, name):
    document["materials"][1]["name"] = text(name)
    assert problems(document) == []


def test_promises_are_compared_across_units(document):
    document["terms"]["promised"] = {"amount": 20, "unit": "day"}
    assert problems(document) == []  # twenty days are shorter than fifteen working days


def test_the_code_lists_of_schema_and_words_are_the_same():
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    of = schema["properties"]
    material = schema["$defs"]["material"]["properties"]
    pairs = [
        (of["power_source"]["enum"], codes.POWER_SOURCES),
        (of["service_objects"]["items"]["enum"], codes.SERVICE_OBJECTS),
        (of["handle_types"]["items"]["enum"], codes.HANDLE_TYPES),
        (of["project_type"]["enum"], codes.PROJECT_TYPES),
        (of["visits"]["properties"]["count"]["enum"], codes.VISITS),
        (of["area"]["enum"], codes.AREAS),
        (of["online"]["properties"]["depth"]["items"]["enum"], codes.ONLINE_DEPTHS),
        (of["special_procedures"]["items"]["properties"]["kind"]["enum"], codes.SPECIAL_PROCEDURES),
        (material["necessity"]["enum"], codes.NECESSITIES),
        (material["type"]["enum"], codes.MATERIAL_TYPES),
        (material["format"]["enum"], codes.MATERIAL_FORMATS),
        (material["source_type"]["enum"], codes.MATERIAL_SOURCES),
        (material["collect"]["items"]["enum"], codes.COLLECT_TYPES),
        (schema["$defs"]["result"]["properties"]["kind"]["enum"], codes.RESULT_KINDS),
    ]
    for values, words in pairs:
        assert sorted(values) == sorted(words)
    assert set(codes.EXCLUDED_BY_LAW) < set(codes.SPECIAL_PROCEDURES)
