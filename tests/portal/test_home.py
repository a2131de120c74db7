import pytest
from django.urls import reverse

from evaluations.models import AgencyFigure, Measure
from matters.actions import load_directory
from matters.models import DirectoryEntry, ZeroHit
from tests.matters.conftest import *  # noqa: F403  # the catalogue's fixtures
from tests.matters.conftest import NOW, text

HANS = {"accept-language": "zh-hans"}


@pytest.fixture(autouse=True)
def the_day():
    import time_machine

    with time_machine.travel(NOW, tick=False):
        yield


def html(client, url, **query):
    response = client.get(url, query, headers=HANS)
    assert response.status_code == 200
    return response.content.decode()


HOME, SEARCH, REGIONS = "portal:home", "portal:search", "portal:regions"


# --- home ------------------------------------------------------------------------------------------


def test_home_shows_only_what_has_guides(client, food):
    page = html(client, reverse(HOME))
    assert "准营准办" in page
    assert "audience=natural&amp;theme=040" in page
    assert "婚姻登记" not in page
    assert "兴庆区审批局" in page
    assert "金凤区审批局" not in page
    assert reverse("matters:guide", args=[food.matter.uuid]) in page
    assert page.count("<h1") == 1


def test_the_tabs_of_home(client, food):
    assert "audience=legal&amp;theme=010" in html(client, reverse(HOME), audience="legal")
    assert "audience=natural&amp;theme=040" in html(client, reverse(HOME), audience="martian")


def test_an_empty_catalogue_shows_no_empty_section(client, db):
    page = html(client, reverse(HOME))
    assert 'role="search"' in page
    assert "按主题办" not in page
    assert "按部门办" not in page


def test_home_costs_the_same_however_much_is_published(client, food, put_in_force, agency_elsewhere):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def queries():
        with CaptureQueriesContext(connection) as captured:
            html(client, reverse(HOME))
        return len(captured)

    first, again = queries(), queries()
    for number in range(1, 6):
        put_in_force(number, agency=agency_elsewhere)
    assert (first, again, queries()) == (8, 3, 8)


def test_a_newly_published_guide_is_on_the_home_page_at_once(client, food, put_in_force, agency_elsewhere):
    html(client, reverse(HOME))
    put_in_force(agency=agency_elsewhere)
    assert "金凤区审批局" in html(client, reverse(HOME))


def test_the_public_figures_are_shown_once_there_is_a_rating(client, agency):
    assert "好评率" not in html(client, reverse(HOME))
    AgencyFigure.objects.create(agency=agency, measure=Measure.EVALUABLE, count=4)
    AgencyFigure.objects.create(agency=agency, measure=5, count=2)
    page = html(client, reverse(HOME))
    assert "好评率" in page
    assert "100.0" in page


# --- search ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("q", ["开餐馆", "開餐館"])
def test_a_visitor_finds_the_guide_by_words_not_in_its_name(client, food, q):
    page = html(client, reverse(SEARCH), q=q)
    assert "食品经营许可（新办）" in page
    assert reverse("matters:guide", args=[food.matter.uuid]) in page
    assert reverse("applications:apply", args=[food.matter.uuid]) in page
    assert "10 个工作日" in page
    assert "银川市兴庆区审批服务管理局" in page
    assert f'value="{q}"' in page


def test_nothing_found(client, food):
    page = html(client, reverse(SEARCH), q="食品许可办理")
    assert "没有找到符合的办事指南" in page
    assert "您要找的可能是" in page
    assert "12345" in page
    assert ZeroHit.objects.get().term == "食品许可办理"


def test_a_filter_that_excludes_everything_can_be_dropped(client, put_in_force):
    put_in_force()
    page = html(client, reverse(SEARCH), q="招牌", audience="natural")
    assert "去掉筛选条件再搜一次" in page


def test_an_empty_search_is_no_search_without_result(client, db):
    html(client, reverse(SEARCH))
    assert not ZeroHit.objects.exists()


@pytest.mark.parametrize(
    "q", ["\x00", "%_'\"<script>", "x" * 3000, "\ud800".encode("utf-8", "surrogatepass")]
)
def test_bad_input_is_kept_and_harmless(client, food, q):
    page = html(
        client, reverse(SEARCH), q=q, page="0", region="../", agency="'", audience="\x00", theme="\x00"
    )
    assert "<script>" not in page.split("<main")[1]


def test_departments_narrow_and_let_go(client, food, put_in_force, agency_elsewhere):
    put_in_force(agency=agency_elsewhere)
    page = html(client, reverse(SEARCH))
    assert f"agency={agency_elsewhere.uuid}" in page
    narrowed = html(client, reverse(SEARCH), agency=str(agency_elsewhere.uuid))
    assert "户外招牌设置登记" in narrowed
    assert "食品经营许可" not in narrowed.split("<main")[1]
    assert "取消" in narrowed


def test_pages_keep_the_words(client, put_in_force):
    for number in range(1, 13):
        put_in_force(number, name=text(f"招牌{number}"))
    first = html(client, reverse(SEARCH), q="招牌")
    assert "page=2" in first
    assert "第 1 页，共 2 页" in first
    assert "第 2 页，共 2 页" in html(client, reverse(SEARCH), q="招牌", page="2")


def test_a_suspended_matter_disappears(client, food):
    DirectoryEntry.objects.update(state=DirectoryEntry.State.SUSPENDED)
    assert "没有找到" in html(client, reverse(SEARCH), q="开餐馆")
    assert "准营准办" not in html(client, reverse(HOME))


def test_search_costs_a_constant_number_of_queries(client, food, django_assert_num_queries):
    for _ in range(2):
        with django_assert_num_queries(7):  # two of them for what the directory has besides
            html(client, reverse(SEARCH), q="开餐馆")
        load_directory()


def test_what_only_the_directory_has_is_no_dead_end(client, food):
    load_directory()
    page = html(client, reverse(SEARCH), q="定製客運")
    assert "没有找到符合的办事指南" in page
    assert "目录中还有 1 个待认领事项" in page
    assert "定制客运备案" in page
    assert reverse("matters:directory") + "?claimed=no&amp;q=" in page
    many = html(client, reverse(SEARCH), q="许可")
    assert "食品经营许可（新办）" in many
    total = DirectoryEntry.objects.filter(name__contains="许可").count() - 1
    assert f"目录中还有 {total} 个待认领事项" in many
    assert total > 5
    assert many.count('<li lang="zh">') == 5
    for nothing in ("", "量子隐形传态"):
        assert "待认领事项" not in html(client, reverse(SEARCH), q=nothing)


# --- regions ---------------------------------------------------------------------------------------


def test_the_chosen_region_is_kept_and_its_guides_come_first(client, food, put_in_force, agency_elsewhere):
    put_in_force(agency=agency_elsewhere, summary=text("食品店也要登记"))
    client.get(reverse(REGIONS), {"region": "640106000000"})
    assert client.cookies["region"].value == "640106000000"
    page = html(client, reverse(SEARCH))
    assert "金凤区 ·" in page
    assert page.index("户外招牌设置登记") < page.index("食品经营许可（新办）")


@pytest.mark.parametrize("region", ["", "650000000000", "x", "640104001000", "\x00"])
def test_a_region_that_is_not_offered_is_not_kept(client, places, region):
    response = client.get(reverse(REGIONS), {"region": region})
    assert response.status_code == 200
    assert "region" not in response.cookies


def test_a_forged_cookie_falls_back_to_the_installations_region(client, food):
    for forged in ("x", "999999999999", "²³", "64'"):
        client.cookies["region"] = forged
        assert "宁夏回族自治区" in html(client, reverse(HOME))
