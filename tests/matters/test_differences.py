"""Two documents compared in words: every element, by stable keys, the heavier marked."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from matters.compare.differences import by_section, differences
from tests.matters.conftest import text
from tests.matters.test_rules import changed

FOOD = Path(__file__).parents[2] / "matters" / "data" / "guides" / "food-business-licence.json"
HYGIENE = FOOD.with_name("public-place-hygiene-licence.json")


@pytest.fixture(scope="module")
def food() -> dict[str, Any]:
    return json.loads(FOOD.read_text(encoding="utf-8"))["document"]


def said(old, new, **options) -> list[str]:
    return [("!" if change.heavier else "") + change.words for change in differences(old, new, **options)]


CONTRACT = {"key": "lease", "name": text("租赁合同"), "necessity": "1"}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ([("terms.promised.amount", 5)], ["承诺办结时限 10 → 5 个工作日"]),
        ([("terms.promised.amount", 12)], ["!承诺办结时限 10 → 12 个工作日"]),
        ([("terms.promised.amount", 20), ("terms.promised.unit", "day")], ["!承诺办结时限 10 个工作日 → 20 日"]),
        ([("terms.promised", None)], ["!不再有承诺办结时限（原为 10 个工作日）"]),
        ([("materials.1.necessity", "3"), ("materials.1.deferrable_days", 3)],
         ["材料“设备布局及操作流程”：必要性：必要 → 容缺后补",
          "材料“设备布局及操作流程”：容缺补交期限（工作日）：（无） → 3"]),
        ([("materials.1.necessity", "2")], ["材料“设备布局及操作流程”：必要性：必要 → 非必要"]),
        ([("visits", {"count": "1", "reason": text("核对原件")})],
         ["!到现场次数：0 次 → 1 次",
          "到现场次数说明：“全程网上办理，现场核查由工作人员上门进行，电子证照在线领取。” → “核对原件”"]),
        ([("fees.charged", True)], ["!收费：否 → 是"]),
        ([("online.full", False)], ["!全程网办：是 → 否"]),
        ([("themes.natural", ["035"])],
         ["新增面向自然人的主题“设立变更”", "删去面向自然人的主题“准营准办”"]),
        ([("complaint.phones", ["12345"])], ["新增投诉电话“12345”", "删去投诉电话“0951-0000022”"]),
    ],
)  # fmt: skip
def test_what_is_said(food, changes, words):
    new = changed(food, changes)
    assert sorted(said(food, new)) == sorted(words)


def test_materials_are_told_by_their_keys(food):
    old = copy.deepcopy(food)
    new = copy.deepcopy(food)
    gone = new["materials"].pop(0)
    new["materials"][0]["name"] = text("换了名字的文件")
    new["materials"].append({**gone, **CONTRACT})
    words = said(old, new)
    assert "!新增材料“租赁合同”（必要）" in words
    assert f"不再需要材料“{gone['name']['zh-hans']}”" in words
    assert any("换了名字的文件”：名称：" in line for line in words)
    assert len(words) == 3


def test_a_field_that_moves_to_another_step_stays_the_same(food):
    new = copy.deepcopy(food)
    steps = new["form"]["steps"]
    field = steps[0]["fields"].pop()
    steps[1]["fields"].insert(0, field)
    assert any("所在步骤" in line for line in said(food, new))
    assert not any("新增" in line or "删去" in line for line in said(food, new))


def test_a_new_order_is_said(food):
    new = copy.deepcopy(food)
    new["materials"].reverse()
    assert said(food, new) == ["材料的顺序有调整"]


def test_a_change_of_translation_alone_is_said(food):
    new = changed(food, [("summary.en", "Other words.")])
    assert said(food, new) == ["简介：其他语言的文本有修改"]


def leaves(node: Any, path: str = "") -> list[str]:
    if isinstance(node, dict | list):
        pairs = node.items() if isinstance(node, dict) else enumerate(node)
        return [leaf for key, child in pairs for leaf in leaves(child, f"{path}.{key}".strip("."))]
    return [path]


@pytest.mark.parametrize("file", [FOOD, HYGIENE], ids=["food", "hygiene"])
def test_no_element_can_change_unsaid(file):
    """Every value of the document, changed by itself, is found."""
    document = json.loads(file.read_text(encoding="utf-8"))["document"]
    codes = {"necessity": "2", "visits.count": "n", ".unit": "day"}
    unsaid = []
    for path in leaves(document):
        holder: Any = document
        for step in path.split("."):
            holder = holder[int(step)] if step.isdigit() else holder[step]
        other: Any = (
            not holder if isinstance(holder, bool) else holder + 1 if isinstance(holder, int) else "x9"
        )
        tail = next((code for end, code in codes.items() if path.endswith(end)), None)
        if tail == holder:
            tail = "1"
        if not differences(document, changed(document, [(path, tail or other)])):
            unsaid.append(path)
    assert unsaid == []


def test_nothing_is_said_of_the_same(food):
    assert differences(food, copy.deepcopy(food)) == []


def test_sections_stand_in_the_order_of_the_page(food):
    new = changed(
        food, [("faq.0.answer", text("新的回答")), ("terms.promised.amount", 5), ("power_source", "2")]
    )
    assert [title for title, _changes in by_section(differences(food, new))] == [
        "基本信息",
        "时限",
        "常见问题",
    ]


def test_it_speaks_the_readers_language_if_both_do(food):
    new = changed(food, [("conditions.0.en", "Another condition.")])
    del new["conditions"][0]["en"]
    with translation.override("en"):
        words = said(
            food,
            changed(food, [("materials.1.name.en", "Plan B"), ("materials.1.name.zh-hans", "乙")]),
            language="en",
        )
        assert any("Plan B" in line for line in words)
        half = said(food, changed(new, [("materials.1.name", text("乙"))]), language="en")
        assert any("乙" in line for line in half)
