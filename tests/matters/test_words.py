"""搜索用词: kept by those whose duty it is, told of each other's changes; a miss becomes a synonym by one press."""

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from matters.actions import note_zero_hit
from matters.models import Synonym, ZeroHit
from matters.search import Wish, search
from matters.words import actions, misses
from support.records.actor import VISITOR
from support.records.models import AuditEvent
from tests.conftest import actor_of
from tests.matters.conftest import NOW, text

LIST = "/catalogue/words/"


@pytest.fixture(autouse=True)
def the_day():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def editing(client, editor, food):
    client.force_login(editor)
    return client


def total(q) -> int:
    found = search(Wish(q=q), actor=VISITOR, at=NOW)
    return found.total - found.near


def verbs():
    acts = AuditEvent.objects.filter(verb__startswith="matters.word_").order_by("id")
    return list(acts.values_list("verb", flat=True))


def post(client, url, **data):
    return client.post(url, data, follow=True)


def test_a_term_is_added_changed_and_removed_with_a_record_of_each(editing):
    page = post(editing, LIST + "new/", term="摆夜宵摊", words="食品经营许可\n食品经营许可、餐饮服务")
    assert page.status_code == 200
    assert "已添加“摆夜宵摊”" in page.content.decode()
    row = Synonym.objects.get(term="摆夜宵摊")
    assert (row.expands_to, row.revision, row.changed_by) == (["食品经营许可", "餐饮服务"], 1, "冯媛")
    assert total("摆夜宵摊") == total("baiyexiaotan") == total("byxt") == 1
    post(editing, f"{LIST}{row.pk}/", words="餐饮服务", revision="1")
    row.refresh_from_db()
    assert (row.expands_to, row.revision) == (["餐饮服务"], 2)
    assert "删除后" in editing.get(f"{LIST}{row.pk}/remove/").content.decode()
    post(editing, f"{LIST}{row.pk}/remove/", revision="2")
    assert total("摆夜宵摊") == 0
    assert editing.get(f"{LIST}{row.pk}/").status_code == 404
    assert verbs() == ["matters.word_add", "matters.word_change", "matters.word_remove"]
    changed = AuditEvent.objects.get(verb="matters.word_change").details
    assert (changed["before"], changed["words"]) == (["食品经营许可", "餐饮服务"], ["餐饮服务"])
    post(editing, LIST + "new/", term="摆夜宵摊", words="食品经营许可")
    assert total("摆夜宵摊") == 1
    assert Synonym.objects.get(term="摆夜宵摊").revision == 4


def test_the_second_of_two_is_told_and_nothing_typed_is_lost(editing, reviewer):
    row = Synonym.objects.get(term="开餐馆")
    actions.change(row.pk, ["餐饮服务"], revision=0, actor=actor_of(reviewer), now=NOW)
    answer = editing.post(f"{LIST}{row.pk}/", {"words": "食堂", "revision": "0"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "何思远" in page
    assert "现在是：餐饮服务" in page
    assert "食堂</textarea>" in page
    row.refresh_from_db()
    assert row.expands_to == ["餐饮服务"]
    assert 'name="revision" value="1"' in page
    post(editing, f"{LIST}{row.pk}/", words="食堂", revision="1")
    row.refresh_from_db()
    assert row.expands_to == ["食堂"]
    post(editing, f"{LIST}{row.pk}/remove/", revision="1")
    assert Synonym.objects.get(pk=row.pk).in_use


def test_who_changes_what_another_has_removed_is_told(editing, reviewer):
    row = Synonym.objects.get(term="开餐馆")
    actions.remove(row.pk, revision=0, actor=actor_of(reviewer), now=NOW)
    answer = editing.post(f"{LIST}{row.pk}/", {"words": "食堂", "revision": "0"})
    assert "删除了这个词" in answer.content.decode()
    assert "食堂</textarea>" in answer.content.decode()


@pytest.mark.parametrize(
    ("term", "words", "said"),
    [
        ("", "食品经营许可", "请填写人们的说法"),
        ("馆", "食品经营许可", "至少要有两个字"),
        ("！？", "食品经营许可", "至少要有两个字"),
        ("640199199003070002", "食品经营许可", "不能含号码或邮箱"),
        ("a@example.com", "食品经营许可", "不能含号码或邮箱"),
        ("开餐馆", "食品经营许可", "已经有了"),
        ("開餐館", "食品经营许可", "已经有了"),
        ("摆摊", "", "请填写目录里的用词"),
        ("摆摊", "、,\n", "请填写目录里的用词"),
        ("摆摊", "火星移民许可", "现行办事指南里没有"),
        ("摆摊", "食", "应为 2 至 60 个字"),
        ("摆摊", "、".join(f"词语{n}" for n in range(9)), "最多填写 8 个词"),
        ("餐饮服务", "餐饮服务", "不能就是人们的说法"),
        ("摆摊", "'; DROP <->|&!:* %_", "应为 2 至 60 个字"),
        ("摆摊", "drop'<->|&!:*%_", "现行办事指南里没有"),
        ("摆摊\x00", "食品经营许可", "空字符"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(editing, term, words, said):
    answer = editing.post(LIST + "new/", {"term": term, "words": words})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not verbs()


def test_a_miss_becomes_a_synonym_by_one_press(editing):
    for _n in range(3):
        note_zero_hit("食品许可办理", now=NOW)
    miss = ZeroHit.objects.get()
    page = editing.get(LIST).content.decode()
    assert "搜过 3 次" in page
    assert 'value="食品经营许可"' in page
    post(editing, f"{LIST}misses/{miss.pk}/adopt/", words="食品经营许可")
    assert not ZeroHit.objects.exists()
    assert total("食品许可办理") == 1
    assert "搜过" not in editing.get(LIST).content.decode()


def test_an_offer_that_finds_nothing_any_more_comes_back_as_a_form(editing):
    note_zero_hit("食品许可办理", now=NOW)
    answer = editing.post(f"{LIST}misses/{ZeroHit.objects.get().pk}/adopt/", {"words": "没有的词"})
    assert answer.status_code == 422
    assert "现行办事指南里没有“没有的词”" in answer.content.decode()
    assert ZeroHit.objects.exists()


@pytest.mark.parametrize(
    ("term", "words", "like"),
    [
        ("食品许可办理", ["食品经营许可"], ""),
        ("开餐管子", ["食品经营许可"], "开餐馆"),
        ("kaicanguanr", ["食品经营许可"], "开餐馆"),
        ("开奶茶点", ["食品经营许可"], "开奶茶店"),
    ],
)
def test_what_a_miss_may_have_meant(food, editor, term, words, like):
    note_zero_hit(term, now=NOW)
    ((_row, meant),) = misses.latest(actor=actor_of(editor), at=NOW)
    assert meant[0] == (words, like)


def test_nothing_is_offered_for_what_is_like_nothing_nor_what_is_not_in_force(food, editor):
    note_zero_hit("宠物", now=NOW)
    ((_row, meant),) = misses.latest(actor=actor_of(editor), at=NOW)
    assert meant == []
    ZeroHit.objects.update(term="食品许可办理")
    before = food.validity.lower.replace(year=2020)
    assert misses.latest(actor=actor_of(editor), at=before)[0][1] == []


def test_a_term_of_no_use_is_dismissed(editing):
    note_zero_hit("哈哈哈", now=NOW)
    pk = ZeroHit.objects.get().pk
    post(editing, f"{LIST}misses/{pk}/dismiss/")
    assert not ZeroHit.objects.exists()
    assert verbs() == ["matters.word_dismiss"]
    assert editing.post(f"{LIST}misses/{pk}/dismiss/").status_code == 404


def test_only_those_whose_duty_it_is(client, clerk, supervisor, citizen, food):
    for user, status in ((clerk, 403), (citizen, 403), (supervisor, 200)):
        client.force_login(user)
        assert client.get(LIST).status_code == status
        assert (reverse("words:list") in client.get("/").content.decode()) == (status == 200)
    with pytest.raises(PermissionDenied):
        actions.add("摆摊", ["食品经营许可"], actor=actor_of(clerk), now=NOW)
    note_zero_hit("宠物", now=NOW)
    assert misses.latest(actor=actor_of(clerk), at=NOW) == []


def test_the_list_takes_the_same_number_of_queries_however_long(editing, put_in_force):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            editing.get(LIST)
        return len(captured)

    note_zero_hit("食品许可办理", now=NOW)
    few = queries()
    for n in range(12):
        note_zero_hit(f"食品许可办理{'一二三四五六七八九十百千'[n]}", now=NOW)
        put_in_force(n + 1, name=text(f"食品许可{n}"))
    assert queries() == few


def test_the_list_is_searched_and_paged(editing):
    page = editing.get(LIST, {"q": "開餐館"}).content.decode()
    assert "开餐馆" in page
    assert "盖房子" not in page
    assert "没有这样的用词" in editing.get(LIST, {"q": "%"}).content.decode()
    for query in ({"page": "2"}, {"page": "x"}, {"page": "999999"}, {"q": "\x00"}):
        assert editing.get(LIST, query).status_code == 200
