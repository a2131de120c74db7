import datetime as dt
import uuid

import pytest
from django.urls import reverse

from matters.actions import publish
from matters.models import DirectoryEntry
from support.records.actor import TIMER
from tests.matters.conftest import NOW, text
from tests.matters.test_rules import PLEDGE


@pytest.fixture(autouse=True)
def the_day(time_machine_at):
    time_machine_at(NOW)


@pytest.fixture
def time_machine_at():
    import time_machine

    travels = []

    def go(moment):
        travel = time_machine.travel(moment, tick=False)
        travel.start()
        travels.append(travel)

    yield go
    for travel in reversed(travels):
        travel.stop()


def page(client, version, number=None, language="zh-hans"):
    name = "matters:guide_version" if number else "matters:guide"
    args = [version.matter.uuid, number] if number else [version.matter.uuid]
    return client.get(reverse(name, args=args), headers={"accept-language": language})


def words_of(node):
    """Every wording of a document in Simplified Chinese that a reader must find on the page."""
    if isinstance(node, dict):
        if "zh-hans" in node:
            yield node["zh-hans"]
        else:
            for key, child in node.items():
                if key not in ("form", "contents", "identity"):
                    yield from words_of(child)
    elif isinstance(node, list):
        for child in node:
            yield from words_of(child)


def test_the_page_has_every_element_of_the_guide(client, food):
    response = page(client, food)
    assert response.status_code == 200
    html = response.content.decode()
    from django.utils.html import escape

    for wording in words_of(food.document):
        assert escape(wording) in html, wording
    identity = food.document["identity"]
    agency = food.matter.agency
    for value in (
        identity["task_code"], identity["catalog_code"], identity["agency"]["uscc"], agency.name, "县级", "市级",
        "法定本级行使", "自然人、企业法人", "承诺件", "行政许可", "窗口办理", "互联网电子证照反馈", "全县", "准营准办",
        "10 个工作日", "15 个工作日", "0 次", "不收费", "原件 1 份", "申请人自备", "必要", "附件上传",
        "每页不超过 10 MB", "最多 10 页", "不计入", "5 年", agency.review_authority, agency.court, "六十日", "六个月",
        "0951-0000021", "0951-0000022", "第 1 版", "2024-01-01", "第三十一条",
    ):  # fmt: skip
        assert value in html, value
    assert reverse("applications:apply", args=[food.matter.uuid]) in html
    assert "data:image/svg+xml" in html


def test_the_guide_and_its_figures_are_one_query_each(client, food, django_assert_num_queries):
    with django_assert_num_queries(2):
        page(client, food)


def test_no_empty_section_is_shown(client, put_in_force):
    html = page(client, put_in_force()).content.decode()
    for anchor in ("materials", "special", "fees", "places", "intermediaries", "faq"):
        assert f'id="{anchor}"' not in html
        assert f'"#{anchor}"' not in html or anchor == "places"
    assert 'id="conditions"' in html


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        (
            {
                "intermediaries": [
                    {
                        name: text(f"中介{name}")
                        for name in ("name", "conditions", "process", "term", "fee")
                    }
                    | {"basis": text("《中介条例》")}
                ]
            },
            ["中介name", "中介fee", "任何部门不得指定"],
        ),
        (
            {
                "fees": {
                    "charged": True,
                    "items": [
                        {
                            "name": text("工本费"),
                            "standard": text("每本十元"),
                            "basis": text("《某条例》"),
                            "reducible": True,
                            "reduction": text("低保户免收"),
                        }
                    ],
                }
            },
            ["工本费", "每本十元", "《某条例》", "低保户免收"],
        ),
        ({"remedies": {"review_authority": "某某人民政府"}}, ["某某人民政府", "银川市兴庆区人民法院"]),
        (
            {
                "project_type": "1",
                "terms": {"acceptance": {"amount": 1, "unit": "day", "basis": text("《例》")}},
            },
            ["当场办结"],
        ),
        (
            {
                "online": {"available": False, "full": False, "depth": ["1"]},
                "visits": {"count": "1", "reason": text("当面核验")},
            },
            ["请到窗口办理"],
        ),
        ({"pledge": PLEDGE}, ["可告知承诺", "承诺符合条件", "代替许可条件的审查", "30 个工作日", "可以纠正"]),
        (
            {"entrusted_to": "某街道办事处", "joint_agencies": ["某局", "某队"]},
            ["某街道办事处", "某局、某队"],
        ),
    ],
)
def test_elements_the_sample_does_not_have(client, put_in_force, extra, words):
    html = page(client, put_in_force(**extra)).content.decode()
    for wording in words:
        assert wording in html


def test_a_deferrable_material_says_until_when(client, put_in_force, food):
    main, other = food.document["materials"][:2]
    material = {**other, "necessity": "3", "deferrable_days": 2}
    html = page(client, put_in_force(materials=[main, material])).content.decode()
    assert "可容缺，2 个工作日内补齐" in html
    assert "可容缺受理" in html


def test_a_blank_form_may_be_a_file(client, put_in_force, food):
    material = {**food.document["materials"][1], "blank": {"file": "blank.pdf"}}
    assert "guides/blank.pdf" in page(client, put_in_force(materials=[material])).content.decode()


def test_an_old_version_is_shown_as_such(client, food):
    later = NOW + dt.timedelta(days=1)
    document = {**food.document, "summary": text("新的说明")}
    publish(food.matter, document, starts_at=later, actor=TIMER, now=NOW)
    import time_machine

    with time_machine.travel(later + dt.timedelta(hours=1), tick=False):
        new = page(client, food).content.decode()
        old = page(client, food, 1).content.decode()
    assert "新的说明" in new
    assert "第 1 版" in new  # the way back
    assert "这是第 1 版，已不再有效" in old
    assert reverse("applications:apply", args=[food.matter.uuid]) not in old
    assert food.document["summary"]["zh-hans"] in old


def test_a_version_not_yet_in_force_is_not_shown(client, food):
    publish(food.matter, food.document, starts_at=NOW + dt.timedelta(days=9), actor=TIMER, now=NOW)
    assert page(client, food, 2).status_code == 404
    assert page(client, food).status_code == 200


@pytest.mark.parametrize(
    ("state", "words"),
    [(DirectoryEntry.State.SUSPENDED, "暂停办理"), (DirectoryEntry.State.CANCELLED, "现在不能办理")],
)
def test_a_closed_matter_says_so(client, food, state, words):
    DirectoryEntry.objects.filter(pk=food.matter.directory_id).update(state=state)
    response = page(client, food)
    assert response.status_code == 404
    assert words in response.content.decode()
    assert page(client, food, 1).status_code == 200  # for those who applied under it


def test_an_unknown_matter_says_so(client, db):
    response = client.get(reverse("matters:guide", args=[uuid.uuid4()]))
    assert response.status_code == 404
    assert "没有找到这个事项" in response.content.decode()
    assert reverse("portal:search") in response.content.decode()


def test_another_language(client, food, put_in_force):
    traditional = page(client, food, language="zh-hant").content.decode()
    assert "食品經營許可（新辦）" in traditional
    assert "申請材料" in traditional
    assert '<html lang="zh-Hant">' in traditional
    english = page(client, food, language="en").content.decode()
    assert "<h1>Food business licence (new)</h1>" in english
    untranslated = put_in_force(summary=text("在门头设置招牌前登记。"))
    chinese_only = page(client, untranslated, language="en").content.decode()
    assert '<h1><span lang="zh-Hans">' in chinese_only
    assert "available in Simplified Chinese only" in chinese_only
    assert '<html lang="en">' in chinese_only


def test_words_of_a_guide_are_never_markup(client, put_in_force):
    html = page(client, put_in_force(summary=text("<script>alert(1)</script>"))).content.decode()
    assert "<script>alert" not in html
