"""The pages of the directory's changes: the tree, a request by its form, its review; what the public reads."""

import datetime as dt

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.formats import date_format

from matters.changes import actions as changes
from matters.models import DirectoryChange, DirectoryEntry, Lineage
from tests.conftest import actor_of
from tests.matters.changing import LAW, THEN, part
from tests.matters.conftest import NOW, text

TREE = "/catalogue/directory/"


@pytest.fixture(autouse=True)
def the_day():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def as_(client):
    def come_in(user):
        client.force_login(user)
        return client

    return come_in


def fields(kind, n=0, **given):
    """What a browser sends of the form, `n` parts filled in."""
    sent = {"reason": "示例理由", "basis": LAW, "effect": "keep", "effect_note": "", "starts_at": ""}
    for i in range(n):
        sent |= {
            f"parts-{i}-name": f"新事项{i}", f"parts-{i}-task_type": "07", f"parts-{i}-code": f"64079951{i}000",
            f"parts-{i}-by_law": LAW, f"parts-{i}-use_level": ["4"], f"parts-{i}-department": "",
        }  # fmt: skip
    return sent | given


def test_a_split_from_form_to_force(as_, entry, region_editor, region_office, region_justice, sign):
    client = as_(region_editor)
    url = f"/catalogue/directory/propose/split/?entry={entry.uuid}"
    page = client.get(url).content.decode()
    assert entry.catalog_code in page and "调整后的事项 2" in page
    sent = fields("split", 2, entries=entry.catalog_code, starts_at="2026-11-23T13:00:00")
    more = client.post(url, {**sent, "more": "1"}).content.decode()
    assert "调整后的事项 3" in more and 'value="新事项1"' in more and "示例理由" in more
    assert not DirectoryChange.objects.exists()
    assert client.post(url, sent).status_code == 302
    change = DirectoryChange.objects.get()
    address = reverse("catalogue:change", args=[change.uuid])
    assert client.post(address, {"act": "submit", "seen": 1}).status_code == 302
    for who in (region_office, region_justice):
        client = as_(who)
        assert "待审核" in client.get(TREE).content.decode()
        page = client.get(address).content.decode()
        assert "的审核意见" in page and "新事项1" in page
        department = change.reviews.get(agency__in=actor_of(who).agency_ids).agency
        given = {"act": "approved", "seen": 2, "agency": department.uuid, "comment": ""}
        assert client.post(address, given).status_code == 302
    change.refresh_from_db()
    assert (change.state, change.in_force_from) == ("approved", THEN)
    assert Lineage.objects.count() == 2
    guide = reverse("matters:guide", args=[sign.matter.uuid])
    assert client.get(guide).status_code == 200
    assert client.get(f"/api/v1/matters/{sign.matter.uuid}/").status_code == 200
    with time_machine.travel(THEN, tick=False):
        closed = client.get(guide)
        assert closed.status_code == 404 and "已调整为" in closed.content.decode()
        assert client.get(f"/api/v1/matters/{sign.matter.uuid}/").status_code == 404
        assert "新事项0" in client.get("/matters/directory/").content.decode()
        assert "待办" not in client.get(TREE).content.decode()


def test_a_draft_that_is_wrong_says_where_and_is_not_sent(as_, entry, region_editor):
    client = as_(region_editor)
    sent = fields("new", 1, basis="有关规定", **{"parts-0-code": "640101"})
    client.post("/catalogue/directory/propose/new/", sent)
    change = DirectoryChange.objects.get()
    address = reverse("catalogue:change", args=[change.uuid])
    page = client.get(address).content.decode()
    assert "#id_basis" in page and "送审" not in page.split("修改</a>")[0].split("<form")[-1]
    refused = client.post(address, {"act": "submit", "seen": 1})
    assert refused.status_code == 422 and "书名号" in refused.content.decode()
    edited = client.get(reverse("catalogue:change_edit", args=[change.uuid])).content.decode()
    assert 'value="640101"' in edited and "有关规定" in edited
    sent = fields("new", 1, seen=1, starts_at="明天")
    wrong = client.post(reverse("catalogue:change_edit", args=[change.uuid]), sent)
    assert wrong.status_code == 422 and "2026-11-30 09:00" in wrong.content.decode()
    assert 'value="明天"' in wrong.content.decode()


def test_a_stale_form_keeps_what_was_typed(as_, propose, entry, region_editor):
    change = propose("suspend", entry)
    changes.save(change, changes.Content(entries=(entry,)), seen=1, actor=actor_of(region_editor), now=NOW)
    url = reverse("catalogue:change_edit", args=[change.uuid])
    told = as_(region_editor).post(
        url, fields("suspend", entries=entry.catalog_code, seen=1, reason="后保存的")
    )
    page = told.content.decode()
    assert told.status_code == 422 and "刚刚改动" in page and "后保存的" in page
    assert DirectoryChange.objects.get().reason == ""


@pytest.mark.parametrize("kind", [*DirectoryChange.Kind.values])
def test_every_kind_has_its_form(as_, entry, region_editor, kind):
    page = as_(region_editor).get(f"/catalogue/directory/propose/{kind}/?entry={entry.uuid}")
    assert page.status_code == 200
    assert ("预计恢复日期" in page.content.decode()) is (kind == "suspend")


@pytest.mark.parametrize("path", ["propose/kill/", "propose/new/?entry=x", "propose/new/?entry=" + "-" * 36])
def test_nonsense_is_not_found(as_, entry, region_editor, path):
    assert as_(region_editor).get(TREE + path).status_code == 404


def test_unknown_codes_are_named(as_, entry, region_editor):
    sent = fields("suspend", entries=f"{entry.catalog_code} 640700000099")
    told = as_(region_editor).post("/catalogue/directory/propose/suspend/", sent)
    assert told.status_code == 422 and "没有编码 640700000099" in told.content.decode()


@pytest.mark.parametrize("who", ["editor", "office_reviewer", "agency_head"])
def test_what_is_not_decided_is_not_found_by_others(cast, as_, propose, entry, who):
    change = propose("suspend", entry)
    assert as_(cast[who]).get(reverse("catalogue:change", args=[change.uuid])).status_code == 404


def test_an_emergency_by_its_page_and_what_citizens_read(as_, entry, region_office, sign, client):
    client = as_(region_office)
    assert (
        reverse("catalogue:suspend", args=[entry.uuid]) in client.get(f"{TREE}{entry.uuid}/").content.decode()
    )
    url = reverse("catalogue:suspend", args=[entry.uuid])
    refused = client.post(url, {"reason": "险情", "basis": "无", "resumes_on": "2026-12-01"})
    assert refused.status_code == 422 and "险情" in refused.content.decode()
    assert client.post(url, {"reason": "险情", "basis": LAW, "resumes_on": "2026-12-01"}).status_code == 302
    assert "待补审" in client.get(TREE).content.decode()
    client.logout()
    page = client.get(reverse("matters:guide", args=[sign.matter.uuid])).content.decode()
    for words in (date_format(dt.date(2026, 12, 1)), "暂停办理", "险情", "示例法", "草稿", "待补审"):
        assert words in page
    assert "险情" in client.get("/matters/directory/changes/").content.decode()
    assert "险情" in client.get(reverse("matters:entry", args=[entry.uuid])).content.decode()


def test_who_may_not_has_no_page_for_it(as_, entry, region_editor, reviewer):
    url = reverse("catalogue:suspend", args=[entry.uuid])
    assert as_(region_editor).get(url).status_code == 403
    assert as_(reviewer).get(url).status_code == 404


def test_the_log_shows_decided_changes_and_no_names_of_people(
    client,
    propose,
    decide,
    entry,
    region_office,
    region_editor,
):
    propose("cancel", entry)
    assert "示例理由" not in client.get("/matters/directory/changes/").content.decode()
    decide(propose("change", entry, proposed=[part(1, "店招登记")], starts_at=THEN))
    page = client.get("/matters/directory/changes/").content.decode()
    assert "示例理由" in page and "店招登记" in page and "待生效" in page
    assert region_office.name not in page and region_editor.name not in page
    entry_page = client.get(reverse("matters:entry", args=[entry.uuid])).content.decode()
    assert "已定的调整" in entry_page and "店招登记" in entry_page


def test_the_agency_is_told_what_the_directory_left_behind(as_, propose, decide, entry, editor, sign):
    client = as_(editor)
    decide(propose("suspend", entry))
    decide(propose("resume", entry))
    assert "请修订" not in client.get(TREE).content.decode()  # what the list inherits is the same
    decide(propose("change", entry, proposed=[part(1, "店招登记")]))
    assert "目录已更新到第 4 版，请修订" in client.get(TREE).content.decode()
    decide(propose("split", entry, proposed=[part(501, "甲"), part(502, "乙")]))
    assert "拆分而来，请认领" in client.get(TREE).content.decode()


def test_queries_do_not_grow_with_the_rows(
    as_, propose, decide, region_editor, region_office, put_in_force, entry
):
    client = as_(region_editor)

    def counted():
        found = []
        for url in (TREE, "/matters/directory/changes/", reverse("matters:entry", args=[entry.uuid])):
            with CaptureQueriesContext(connection) as queries:
                assert client.get(url).status_code == 200
            found.append(len(queries))
        return found

    decide(propose("new", proposed=[part(600, "甲")]))
    propose("new", proposed=[part(700, "乙")])
    few = counted()
    for n in range(1, 5):
        decide(propose("new", proposed=[part(600 + n, f"甲{n}")]))
        propose("new", proposed=[part(700 + n, f"乙{n}")])
        put_in_force(n + 1, name=text(f"招牌{n}"))
    assert counted() == few
    assert DirectoryEntry.objects.count() > 8
