"""The rarer elements of a list: shown where they help, refused where they contradict each other."""

import copy

import pytest
import time_machine

from matters.actions import publish
from matters.checks import problems
from matters.models import GuideDraft
from support.records.actor import TIMER
from tests.matters.conftest import NOW, text
from tests.matters.test_exchange import bring, exported, put

pytestmark = pytest.mark.django_db

ELEMENTS = {
    "parent": {"catalog_code": "000131000000", "name": text("食品经营")},
    "locality": {
        "town": {"code": "640104001000", "name": "凤凰北街街道"},
        "village": {"code": "640104001002", "name": "崇安社区"},
    },
}
ONLINE = {
    "url": "https://example.gov.cn/do?a=1&b=2",
    "desktop_url": "https://example.gov.cn/desktop",
    "mobile_url": "https://m.example.gov.cn/",
}
SERVICES = {
    "appointment": True,
    "appointment_quota": text("上午 20 个"),
    "appointment_rule": text("七日内的时段"),
    "express": True,
    "post_materials": True,
    "post_results": False,
}


@pytest.fixture
def document(food):
    whole = copy.deepcopy({**food.document, **ELEMENTS})
    whole["online"] |= ONLINE
    whole["services"] |= SERVICES
    whole["materials"][1]["page_format"] = text("A4 纸单面")
    whole["results"][0]["sample_file"] = "licence.pdf"
    return whole


def test_the_page_shows_them(client, food, document):
    assert problems(document) == []
    with time_machine.travel(NOW, tick=False):
        version = publish(food.matter, document, starts_at=NOW, actor=TIMER, now=NOW)
        page = client.get(f"/matters/{version.matter.uuid}/").content.decode()
    assert 'href="https://example.gov.cn/do?a=1&amp;b=2" rel="external noopener"' in page
    assert 'href="https://example.gov.cn/desktop"' in page
    assert 'href="https://m.example.gov.cn/"' in page
    assert "上午 20 个" in page
    assert "七日内的时段" in page
    assert "A4 纸单面" in page
    assert 'href="/static/guides/licence.pdf" download' in page
    for name, value in {
        "主项": "食品经营（000131000000）",
        "所在乡镇（街道）、村（社区）": "凤凰北街街道（640104001000）、崇安社区（640104001002）",
        "材料可以邮寄": "是",
        "结果可以邮寄": "否",
    }.items():
        assert f"<dt>{name}</dt><dd>{value}</dd>" in page


def test_what_is_not_there_leaves_no_trace(client, food):
    with time_machine.travel(NOW, tick=False):
        page = client.get(f"/matters/{food.matter.uuid}/").content.decode()
    for words in (
        "主项",
        "所在乡镇",
        "邮寄</dt>",
        "预约名额",
        "下载结果样本",
        'rel="external',
        "纸质材料规格",
    ):
        assert words not in page


def test_they_go_out_to_the_workbook_and_come_back(food, document, agency, editor):
    publish(food.matter, document, starts_at=NOW, actor=TIMER, now=NOW)
    workbook = exported(food.matter)
    assert bring(workbook, agency, editor).same == 1
    changes = {
        "实施清单": {
            "parent_name": "食品", "town_name": "丽景街", "village_code": "640104001003", "schedule_quota": "30 个",
            "is_post_result": "1", "mobile_terminal_url": "https://m.example.gov.cn/new",
        },
        "办理结果": {"result_file": "new.pdf"},
    }  # fmt: skip
    for sheet, cells in changes.items():
        for element, value in cells.items():
            put(workbook, sheet, 3, element, value)
    assert (report := bring(workbook, agency, editor)).changed == 1 and not report.faults
    written = GuideDraft.objects.get().document
    assert (written["parent"]["name"], written["locality"]["town"]["name"]) == (text("食品"), "丽景街")
    assert written["locality"]["village"]["code"] == "640104001003"
    assert (written["services"]["appointment_quota"], written["services"]["post_results"]) == (
        text("30 个"),
        True,
    )
    assert written["online"]["mobile_url"] == "https://m.example.gov.cn/new"
    assert written["results"][0]["sample_file"] == "new.pdf"


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda d: d["online"].update(available=False, full=False), "online.mobile_url：不能网上办理的"),
        (lambda d: d["services"].update(appointment=False), "services.appointment_quota：不支持预约的"),
        (lambda d: d["services"].pop("appointment"), "services.appointment_rule：不支持预约的"),
        (lambda d: d["services"].update(express=False), "services.post_materials：不支持物流快递的"),
        (lambda d: d["parent"].update(catalog_code=d["identity"]["catalog_code"]), "主项不能是事项自己"),
        (lambda d: d["locality"]["town"].update(code="640105001000"), "locality.town.code：应是实施主体所在地"),
        (lambda d: d["locality"]["town"].update(code="640104000000"), "locality.town.code：应是"),
        (lambda d: d["locality"]["town"].update(code="640104001002"), "locality.town.code：应是"),
        (lambda d: d["locality"]["village"].update(code="640104002001"), "locality.village.code：应是"),
        (lambda d: d["locality"]["village"].update(code="640104001000"), "locality.village.code：应是"),
        (lambda d: d["locality"].pop("town"), "locality：缺少 town"),
        (lambda d: d["online"].update(url="javascript:alert(1)"), "online.url：格式不正确"),
        (lambda d: d["online"].update(url="http://example.gov.cn/"), "online.url：格式不正确"),
        (lambda d: d["results"][0].update(sample_file="a b.pdf"), "results[0].sample_file：格式不正确"),
    ],
)  # fmt: skip
def test_contradictions_are_refused(document, spoil, words):
    spoil(document)
    assert words in "\n".join(map(str, problems(document)))


def test_a_place_of_a_province_or_a_city_may_be_anywhere_in_it(document):
    document["identity"]["agency"]["region_code"] = "640100000000"
    assert problems(document) == []
    document["identity"]["agency"]["region_code"] = "640200000000"
    assert "locality.town.code" in "\n".join(map(str, problems(document)))
