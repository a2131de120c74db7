import datetime as dt
import re
from html import unescape
from urllib.parse import parse_qsl

import pytest
from django.core.cache import cache
from django.urls import reverse

from applications.models import Application
from evaluations.models import AgencyFigure, Measure
from matters.actions import load_directory
from matters.models import DirectoryEntry, ZeroHit
from support.accounts.models import Party
from support.places.models import Agency
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
    assert (first, again, queries()) == (11, 6, 11)


def test_a_newly_published_guide_is_on_the_home_page_at_once(client, food, put_in_force, agency_elsewhere):
    html(client, reverse(HOME))
    put_in_force(agency=agency_elsewhere)
    assert "金凤区审批局" in html(client, reverse(HOME))


def test_the_public_figures_are_shown_once_there_is_a_rating(client, agency):
    assert "好评率" not in html(client, reverse(HOME))
    AgencyFigure.objects.create(agency=agency, measure=Measure.EVALUABLE, count=9)
    AgencyFigure.objects.create(agency=agency, measure=5, count=4)
    assert "好评率" not in html(client, reverse(HOME)), "of four one could tell whose they are"
    AgencyFigure.objects.filter(measure=5).update(count=5)
    page = html(client, reverse(HOME))
    assert "好评率" in page
    assert "100.0" in page


# --- the numbers of home -----------------------------------------------------------------------------


def tiles(page):
    numbered = r'<a class="tile" href="([^"]*)">(?:(?!</a>).)*?(\d+) 个事项'
    return [(unescape(url), int(n)) for url, n in re.findall(numbered, page, re.S)]


def test_every_number_is_that_of_the_list_it_leads_to(client, several):
    pages = [html(client, reverse(HOME), audience=audience) for audience in ("natural", "legal")]
    numbers = {pair for page in pages for pair in tiles(page)}
    assert len(numbers) == 5
    for url, n in numbers:
        assert found_in(html(client, url)) == n, url
    total = int(re.search(r"全部 (\d+) 个办事指南", pages[0])[1])
    assert total == found_in(html(client, reverse(SEARCH))) == 4


def test_with_more_guides_than_are_ranked_the_numbers_stay_exact(client, put_in_force, monkeypatch):
    from matters import search

    monkeypatch.setattr(search, "CANDIDATES", 2)
    for number in range(1, 6):
        put_in_force(number)
    ((_url, themes), (_other, department)) = tiles(html(client, reverse(HOME), audience="legal"))
    assert themes == department == found_in(html(client, reverse(SEARCH), audience="legal", theme="010")) == 5
    assert "列出前 2 项" in html(client, reverse(SEARCH))


def test_departments_of_the_chosen_region_come_first(client, put_in_force, agency_elsewhere):
    for number in range(1, 3):
        put_in_force(number)
    put_in_force(3, agency=agency_elsewhere)
    upper = Agency.objects.filter(region="640100000000").first()
    put_in_force(4, agency=upper)

    def order(region):
        client.cookies["region"] = region
        page = html(client, reverse(HOME)).split("按部门办")[1]
        return sorted(["兴庆区审批局", "金凤区审批局", upper.short_name], key=page.index)

    assert order("640106000000")[:2] == ["金凤区审批局", upper.short_name]
    assert order("640104000000")[:2] == ["兴庆区审批局", upper.short_name]


@pytest.fixture
def filed(cast):
    """File so many cases of a matter, so many days ago."""

    def make(version, count, days=1):
        party = Party.objects.get(user=cast["citizen"])
        for _ in range(count):
            number = Application.objects.count() + 1
            Application.objects.create(
                number=f"T{number}", key=f"k{number}", matter=version.matter, guide=version,
                agency=version.matter.agency, region_code=version.matter.agency.region_id, party=party,
                filed_by=cast["citizen"], state="received", received_at=NOW - dt.timedelta(days=days),
                deemable=False,
            )  # fmt: skip

    return make


def test_before_there_are_cases_the_newest_guides_under_an_honest_title(client, food):
    page = html(client, reverse(HOME))
    assert "最新发布的办事指南" in page
    assert "办得最多" not in page


def test_what_is_most_applied_for_by_the_cases_of_ninety_days(client, food, put_in_force, filed):
    sign = put_in_force()
    filed(food, 2)
    filed(sign, 3, days=89)
    filed(food, 7, days=91)
    page = html(client, reverse(HOME))
    listed = page.split("办得最多")[1].split("</ol>")[0]
    assert re.findall(r"(\d+) 件", listed) == ["3", "2"]
    assert listed.index("户外招牌设置登记") < listed.index("食品经营许可（新办）")
    assert "最新发布" not in page
    assert "张小兰" not in page


def test_a_closed_matter_is_not_most_applied_for(client, food, put_in_force, filed):
    sign = put_in_force()
    filed(food, 1)
    filed(sign, 3)
    DirectoryEntry.objects.filter(pk=sign.matter.directory_id).update(state=DirectoryEntry.State.SUSPENDED)
    assert "户外招牌" not in html(client, reverse(HOME))


def test_suggested_words_all_find_something(client, several):
    page = html(client, reverse(HOME))
    words = re.findall(
        r'<a href="/search/\?q=[^"]*">([^<]+)</a>', page.split('class="hot"')[1].split("</p>")[0]
    )
    assert words
    for word in words:
        assert "找到" in html(client, reverse(SEARCH), q=word)
    assert f"例：{'、'.join(words[:3])}" in page


def test_without_synonyms_no_words_are_made_up(client, put_in_force):
    put_in_force()
    page = html(client, reverse(HOME))
    assert "可以这样搜" not in page
    assert "输入要办的事" in page


def test_the_short_ways_lead_somewhere(client, db):
    page = html(client, reverse(HOME))
    ways = re.findall(r'<a class="tile" href="([^"]*)">', page)
    assert {
        reverse("applications:progress"),
        reverse("calendars:terms"),
        reverse("certificates:verify"),
    } <= set(ways)
    assert all(client.get(way).status_code == 200 for way in ways)


# --- the foot of the page --------------------------------------------------------------------------


def foot(client):
    return html(client, reverse(HOME)).split("<footer")[1]


def test_the_foot_says_what_is_set_and_nothing_else(client, db, settings):
    settings.SITE = settings.SITE | {"host": "", "operator": "", "code": "", "icp": "", "contact": ""}
    bare = foot(client)
    assert not re.search("主办|承办|标识码|示例|beian|联系我们", bare)
    assert "12345" in bare
    assert reverse("portal:mode") in bare
    said_there = {
        "host": "某县人民政府",
        "code": "6401000001",
        "icp": "宁ICP备00000001号",
        "contact": "0951-0000000",
    }
    settings.SITE = settings.SITE | said_there
    said = foot(client)
    for words in (
        "主办：某县人民政府",
        "网站标识码 6401000001",
        "宁ICP备00000001号",
        "联系我们：0951-0000000",
    ):
        assert words in said
    assert "承办" not in said


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
    assert '<span class="unseen">取消筛选：</span>金凤区审批局' in narrowed


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
        # two for what the directory has besides, two for what is like it since there are few hits, two to keep it
        with django_assert_num_queries(12):
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


def test_search_costs_the_same_with_more_hits_departments_and_regions(
    client, food, put_in_force, agency_elsewhere
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def queries(**asked):
        cache.clear()
        with CaptureQueriesContext(connection) as captured:
            html(client, reverse(SEARCH), **asked)
        return len(captured)

    put_in_force(1, agency=agency_elsewhere)
    put_in_force(8)
    put_in_force(9)
    asked = [{}, {"q": "登记"}, {"area": "640100000000", "kind": "07"}]
    before = [queries(**each) for each in asked]
    for number in range(2, 8):
        put_in_force(number, agency=Agency.objects.order_by("pk")[number])
    assert [queries(**each) for each in asked] == before
    assert max(before) <= 11


# --- filters ---------------------------------------------------------------------------------------


def links(page):
    """(address, count) of every filter offered."""
    return [
        (unescape(url), int(n))
        for url, n in re.findall(r'<a href="(\?[^"]*)"><span>[^<]*</span> <span class="count">(\d+)<', page)
    ]


def found_in(page):
    return int(re.search(r"找到 (\d+) 项", page)[1]) if "找到" in page else 0


@pytest.fixture
def several(food, put_in_force, agency_elsewhere):
    put_in_force(1, agency=agency_elsewhere)
    put_in_force(2, themes={"natural": ["060"], "legal": []}, service_objects=["1"])
    put_in_force(3, online={"available": True, "full": False, "depth": ["2"]})


def test_every_filter_leaves_as_many_as_it_says_and_keeps_the_others(client, several):
    url = reverse(SEARCH)
    first = links(html(client, url))
    assert len(first) > 8
    for address, n in first:
        page = html(client, url + address)
        assert found_in(page) == n, address
        for further, fewer in links(page):
            assert set(parse_qsl(address[1:])) <= set(parse_qsl(further[1:]))
            assert found_in(html(client, url + further)) == fewer, further


def test_what_is_chosen_can_be_taken_back_one_by_one(client, several):
    url = reverse(SEARCH)
    page = html(client, url, audience="legal", theme="010", kind="07", level="4", area="640100000000", online="1",
                pace="2", q="登记")  # fmt: skip
    chips = re.findall(r'<a class="chip" href="([^"]*)">', page)
    assert len(chips) == 7
    assert all("q=%E7%99%BB%E8%AE%B0" in chip for chip in chips)
    without_audience = next(unescape(chip) for chip in chips if "audience" not in chip)
    assert "theme" not in without_audience
    assert "全部取消" in page
    assert 'class="chip clear" href="?q=%E7%99%BB%E8%AE%B0"' in page


def test_a_filter_that_changes_nothing_is_not_offered(client, food):
    assert links(html(client, reverse(SEARCH))) == []
    assert "筛选" not in html(client, reverse(SEARCH)).split("<main")[1]


def test_unknown_departments_and_regions_can_be_taken_back(client, food):
    page = html(client, reverse(SEARCH), agency="00000000-0000-4000-8000-000000000000", area="990000000000")
    assert page.count('class="chip"') == 2
    assert "去掉筛选条件再搜一次" in page


# --- regions ---------------------------------------------------------------------------------------


def test_the_chosen_region_is_kept_and_its_guides_come_first(client, food, put_in_force, agency_elsewhere):
    put_in_force(agency=agency_elsewhere, summary=text("食品店也要登记"))
    client.get(reverse(REGIONS), {"region": "640106000000"})
    assert client.cookies["region"].value == "640106000000"
    page = html(client, reverse(SEARCH))
    assert "金凤区 ·" in page
    assert page.index("户外招牌设置登记") < page.index("食品经营许可（新办）")


def test_choosing_a_region_leads_back_to_where_one_was(client, places):
    url = reverse(REGIONS)
    assert client.get(url, {"region": "640106000000", "next": "/search/?q=x"}).url == "/search/?q=x"
    assert client.get(url, {"region": "640106000000", "next": "https://elsewhere.example/"}).url == "/"
    assert "next=/search/%3Fq%3Dx" in html(client, url, next="/search/?q=x")


@pytest.mark.parametrize("region", ["", "650000000000", "x", "640104001000", "\x00"])
def test_a_region_that_is_not_offered_is_not_kept(client, places, region):
    response = client.get(reverse(REGIONS), {"region": region})
    assert response.status_code == 200
    assert "region" not in response.cookies


def test_a_forged_cookie_falls_back_to_the_installations_region(client, food):
    for forged in ("x", "999999999999", "²³", "64'"):
        client.cookies["region"] = forged
        assert "宁夏回族自治区" in html(client, reverse(HOME))
