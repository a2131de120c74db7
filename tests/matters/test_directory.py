"""The directory: 908 entries nobody has claimed beside those with a guide; exact counts, either script."""

from io import StringIO

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from matters.actions import DATA, load_directory
from matters.directory import PER_PAGE, Choice, browse, unclaimed
from matters.models import DirectoryEntry, Matter
from matters.scripts import fold
from support.records.actor import VISITOR
from tests.matters.conftest import NOW, text

URL = "/matters/directory/"


@pytest.fixture
def the_day():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def directory(db):
    assert load_directory() == 908


def listed(**asked):
    return browse(Choice.of(asked), actor=VISITOR, at=NOW)


def html(client, language="zh-hans", **query):
    response = client.get(URL, query, headers={"accept-language": language})
    assert response.status_code == 200
    return response.content.decode()


# --- loading -----------------------------------------------------------------------------------------


def test_the_names_are_entries_without_what_the_source_does_not_say(directory):
    rows = DirectoryEntry.objects.filter(source="四川省广安市前锋区")
    assert rows.count() == 908
    assert not rows.exclude(catalog_code=None, by_law=None, use_level=None).exists()
    entry = rows.get(source_code="511Z07001006-511602000000-000-11511301008778183N-1-00")
    assert (entry.name, entry.department, entry.task_type, entry.local_catalog_code) == (
        "企业投资项目备案（技术改造）（市级/县级）",
        "区经信局",
        "10",
        "511Z07001006",
    )
    assert entry.name_fold == "企业投资项目备案(技术改造)(市级/县级)"
    assert not Matter.objects.exists()


def test_loading_again_takes_one_look_and_writes_nothing(directory, django_assert_num_queries):
    with django_assert_num_queries(3):  # a savepoint, one look, the end of the savepoint
        assert load_directory() == 0


def test_a_changed_row_is_brought_up_to_date_and_what_was_decided_here_stays(directory):
    entry = DirectoryEntry.objects.order_by("pk").first()
    DirectoryEntry.objects.filter(pk=entry.pk).update(name="旧名", name_fold="旧名", state="2")
    assert load_directory() == 1
    again = DirectoryEntry.objects.get(pk=entry.pk)
    assert (again.name, again.name_fold, again.state) == (entry.name, entry.name_fold, "2")


def test_the_licence_of_the_names_is_shipped_with_them():
    notice = (DATA / "directory" / "NOTICE.md").read_text(encoding="utf-8")
    assert "Apache License" in notice
    assert "v-luobo/zwfw" in notice


def test_production_gets_no_samples(db, settings):
    settings.PRODUCTION = True
    call_command("load_reference", stdout=StringIO())
    assert not DirectoryEntry.objects.exists()
    settings.PRODUCTION = False
    call_command("load_reference", stdout=StringIO())
    assert DirectoryEntry.objects.count() == 908 + Matter.objects.count()


# --- the list ----------------------------------------------------------------------------------------


def test_claimed_is_what_has_a_guide_in_force(directory, food, new_matter):
    new_matter(7)  # claimed by an agency, but no guide is in force
    everything = listed()
    assert everything.claimed == {"": 910, "yes": 1, "no": 909}
    assert (everything.total, everything.pages) == (910, -(-910 // PER_PAGE))
    first = everything.entries[0]
    assert (first, first.claimed) == (food.matter.directory, True)
    assert listed(claimed="yes").entries == [food.matter.directory]
    assert food.matter.directory not in listed(claimed="no").entries


def test_an_agency_that_no_longer_works_claims_nothing(directory, food, agency):
    type(agency).objects.filter(pk=agency.pk).update(is_active=False)
    assert listed().claimed["yes"] == 0


def test_every_count_is_the_length_of_the_list_behind_it(directory, food, put_in_force):
    put_in_force(3)
    for asked in (
        {},
        {"q": "许可"},
        {"claimed": "no"},
        {"type": "01"},
        {"department": "区人社局", "q": "失业"},
    ):
        found = listed(**asked)
        for name, n in found.departments:
            assert listed(**{**asked, "department": name}).total == n, (asked, name)
        for code, n in found.task_types:
            assert listed(**{**asked, "type": code}).total == n, (asked, code)
        for value, n in found.claimed.items():
            assert listed(**{**asked, "claimed": value}).total == n
        assert sum(n for _code, n in found.task_types) == listed(**{**asked, "type": ""}).total


def test_the_pages_together_are_the_whole_list(directory):
    pages = listed().pages
    seen = [entry.pk for page in range(1, pages + 1) for entry in listed(page=str(page)).entries]
    assert len(seen) == len(set(seen)) == 908
    assert listed(page="9999").page == pages


@pytest.mark.parametrize("q", ["失业保险", "失業保險", "　失业　保险 ", "失业 保险"])
def test_search_in_either_script_and_by_several_words(directory, q):
    found = listed(q=q)
    assert found.total == DirectoryEntry.objects.filter(name__contains="失业保险").count() > 1
    assert all("失业保险" in entry.name for entry in found.entries)


def test_search_by_code_and_by_what_people_say(directory, food):
    assert food.matter.directory in listed(q="000131999000").entries
    assert food.matter.directory in listed(q="开餐馆").entries
    assert listed(q="511Z07001006").total == 1


@pytest.mark.parametrize("q", ["%", "_", "\\", "'", "\x00", "\ud800", "量" * 500])
def test_any_text_is_safe(directory, q):
    held = DirectoryEntry.objects.filter(name_fold__contains=fold(q[:60]))
    assert listed(q=q).total == held.count()
    assert listed(department=q, type=q, claimed=q, page=q).page == 1


def test_what_was_cancelled_is_gone_and_what_is_suspended_says_so(client, directory, food, the_day):
    DirectoryEntry.objects.filter(pk=food.matter.directory_id).update(state="2")
    page = html(client, q="食品经营许可", claimed="yes")
    assert "暂停" in page
    assert reverse("matters:guide", args=[food.matter.uuid]) not in page
    DirectoryEntry.objects.filter(pk=food.matter.directory_id).update(state="3")
    assert listed(q="食品经营许可", claimed="yes").total == 0


# --- the page ----------------------------------------------------------------------------------------


def test_the_page_leads_to_the_guide(client, directory, food, the_day):
    page = html(client, claimed="yes")
    assert reverse("matters:guide", args=[food.matter.uuid]) in page
    assert "全部 909" in page
    assert "待认领 908" in page
    waiting = html(client, claimed="no", department="区经信局")
    assert "企业投资项目备案（技术改造）" in waiting
    assert "样例来源：四川省广安市前锋区" in waiting
    assert '<option lang="zh" value="区经信局" selected>区经信局（1）</option>' in waiting
    assert "claimed=yes" in waiting


def test_names_are_shown_in_the_readers_script(client, directory, the_day):
    page = html(client, "zh-hant", q="技术改造")
    assert "企業投資項目備案（技術改造）" in page
    assert "区经信局" in page  # a body's name is never converted


def test_pages_keep_the_filters(client, directory, the_day):
    page = html(client, q="许可", type="01")
    assert "page=2" in page
    assert "type=01" in page.split('rel="next"')[1][:200]


def test_nothing_found_leads_on(client, directory, the_day):
    page = html(client, q="<script>alert(1)</script>")
    assert "目录中没有符合条件的事项" in page
    assert "<script>alert" not in page
    assert reverse("portal:search") in page


def test_the_queries_do_not_grow_with_the_list(client, food, put_in_force, the_day):
    def queries(**asked):
        with CaptureQueriesContext(connection) as captured:
            html(client, **asked)
        return len(captured)

    few = queries(q="许可"), queries()
    load_directory()
    for number in range(1, 9):
        put_in_force(number, name=text(f"招牌{number}"))
    assert (queries(q="许可"), queries()) == few == (10, 9)


def test_what_search_says_of_the_directory(directory, food, django_assert_num_queries):
    total = DirectoryEntry.objects.filter(name__contains="许可").count() - 1
    with django_assert_num_queries(2):
        names, n = unclaimed("許可", first=3, actor=VISITOR, at=NOW)
    assert (len(names), n) == (3, total)
    assert "食品经营许可" not in names
    assert unclaimed("量子隐形传态", first=3, actor=VISITOR, at=NOW) == ([], 0)
