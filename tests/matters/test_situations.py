"""情形: read, checked before publishing, answered on the guide's page, told to clients."""

import copy

import pytest
import time_machine

from matters import situations
from matters.actions import GuideRefused, publish
from matters.checks import problems
from matters.guides import Guide
from support.records.actor import TIMER
from tests.matters.conftest import NOW
from tests.matters.situations import text, with_situations


@pytest.fixture
def document(food):
    return with_situations(food.document)


@pytest.fixture
def published(food, document):
    with time_machine.travel(NOW, tick=False):
        yield publish(food.matter, document, starts_at=NOW, actor=TIMER, now=NOW)


def keys(materials) -> list[str]:
    return [material.key for material in materials][2:]  # beyond the application and the layout


pytestmark = pytest.mark.django_db


# --- read ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("choices", "asked"),
    [
        ({}, ["safety_rules", "lease", "consent", "letter"]),
        ({"premises": "owned"}, ["safety_rules"]),
        ({"premises": "lent", "agent": "agent"}, ["safety_rules", "consent"]),
        ({"premises": "leased", "agent": "self"}, ["safety_rules", "lease", "consent"]),
        ({"premises": "leased", "agent": "agent"}, ["safety_rules", "lease", "consent", "letter"]),
        ({"agent": "self"}, ["safety_rules", "lease", "consent"]),
    ],
)
def test_every_question_named_must_match_and_one_not_answered_rules_nothing_out(document, choices, asked):
    assert keys(Guide(document).materials_for(choices)) == asked


def test_a_guide_without_questions_asks_for_everything(food):
    guide = food.guide
    assert guide.situations == ()
    assert guide.materials_for({"premises": "owned"}) == guide.materials
    assert situations.clean(guide, {}) == ({}, {})


def test_answers_are_cleaned(document):
    guide = Guide(document)
    good = {"premises": "owned", "agent": "self"}
    assert situations.clean(guide, good) == (good, {})
    kept, errors = situations.clean(guide, {"premises": "castle", "colour": "red"})
    assert kept == {}
    assert errors == {
        "situations.premises": ["“场所是自有还是租赁？”请从所列选项中选择"],
        "situations.agent": ["请选择“由谁办理？”"],
        "situations.colour": ["办事指南没有这个情形问题。"],
    }


# --- checked -------------------------------------------------------------------------------------


def option(value: str, words: str):
    return {"value": value, "label": text(words)}


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda d: d["materials"][3].update(when={"colour": ["red"]}), "materials[3].when.colour：没有情形问题 colour"),
        (lambda d: d["materials"][3].update(when={"premises": ["leased", "castle"]}), "没有选项 castle"),
        (lambda d: d["materials"][3].update(when={"premises": ["castle"]}), "任何情形下都不会要求这份材料"),
        (lambda d: d["materials"].pop(), "situations[1]：没有材料因这个问题增减"),
        (lambda d: d["materials"][5]["when"].update(agent=["self", "agent"]), "situations[1]：没有材料因这个问题增减"),
        (lambda d: d["situations"][1].update(key="premises"), "situations：“premises”重复"),
        (lambda d: d["situations"][0]["options"].append(option("owned", "又一")), "“owned”重复"),
        (lambda d: d["situations"][0]["options"].append(option("again", "自有")), "“自有”重复"),
        (lambda d: d["situations"].extend({**d["situations"][0], "key": f"q{n}"} for n in range(4)), "最多 5 项"),
        (lambda d: d["situations"][1]["options"].pop(), "situations[1].options：至少要有 2 项"),
        (lambda d: d["materials"][3].update(when={}), "materials[3].when：至少要有 1 项"),
        (lambda d: d["materials"][3].update(when={"premises": []}), "至少要有 1 项"),
        (lambda d: d["materials"][3].update(when={"场所": ["leased"]}), "格式不正确"),
    ],
)  # fmt: skip
def test_publishing_refuses_what_makes_no_sense(document, spoil, words):
    spoilt = copy.deepcopy(document)
    spoil(spoilt)
    assert words in "\n".join(map(str, problems(spoilt)))


def test_the_whole_is_published(published, food, document):
    assert problems(published.document) == []
    assert published.document["situations"][0]["question"]["zh-hant"] == "場所是自有還是租賃？"
    document["materials"][3]["when"] = {"colour": ["red"]}
    with pytest.raises(GuideRefused, match="没有情形问题 colour"):
        publish(food.matter, document, starts_at=NOW, actor=TIMER, now=NOW)


# --- the page of the guide -----------------------------------------------------------------------


def test_the_page_asks_and_shows_everything_before_it_is_answered(client, published):
    page = client.get(f"/matters/{published.matter.uuid}/").content.decode()
    assert all(words in page for words in ("场所是自有还是租赁？", "以合同为准。", "由谁办理？", "租赁合同"))
    assert "“场所是自有还是租赁？”选择“租赁”或者“无偿借用”的需要" in page
    assert "“场所是自有还是租赁？”选择“租赁”，并且“由谁办理？”选择“委托代办”的需要" in page
    assert "按您的情况" not in page
    assert f'href="/apply/{published.matter.uuid}/"' in page


def test_answers_trim_the_list_and_go_along_to_the_application(client, published):
    url = f"/matters/{published.matter.uuid}/"
    page = client.get(f"{url}?s-premises=lent&s-agent=self")
    said = page.content.decode()
    assert [material["key"] for material in page.context["materials"]][2:] == ["safety_rules", "consent"]
    assert "按您的情况，需要 4 份材料" in said
    assert [material["name"] for material in page.context["spared"]] == ["租赁合同", "授权委托书"]
    assert "按您的情况不需要的材料（2 份）" in said
    assert f'href="/apply/{published.matter.uuid}/?s-premises=lent&amp;s-agent=self"' in said
    assert f'href="{url}#materials"' in said
    again = client.get(f"{url}versions/{published.version}/?s-premises=lent&s-agent=self")
    assert "按您的情况，需要 4 份材料" in again.content.decode()


def test_a_half_answered_page_says_so_and_nonsense_is_left_out(client, published):
    page = client.get(
        f"/matters/{published.matter.uuid}/?s-premises=owned&s-agent=nobody&s-x=1&premises=lent"
    )
    said = page.content.decode()
    assert "按您已经回答的，最多需要 3 份材料" in said
    assert "还有 1 个问题没有回答" in said
    assert f'href="/apply/{published.matter.uuid}/?s-premises=owned"' in said


def test_the_questions_are_asked_in_the_language_of_the_page(client, published):
    url = f"/matters/{published.matter.uuid}/?s-premises=owned"
    assert "場所是自有還是租賃" in client.get(url, headers={"accept-language": "zh-hant"}).content.decode()


# --- for clients ---------------------------------------------------------------------------------


def test_clients_get_the_schema_of_the_answers(client, published, food):
    schema = client.get(f"/api/v1/matters/{published.matter.uuid}/form-schema/").json()
    asked = schema["$defs"]["situations"]
    assert asked["required"] == ["premises", "agent"]
    assert asked["properties"]["premises"] == {
        "title": "场所是自有还是租赁？",
        "enum": ["owned", "leased", "lent"],
    }
    whole = client.get(f"/api/v1/matters/{published.matter.uuid}/").json()["document"]
    assert whole["materials"][3]["when"] == {"premises": ["leased"]}
