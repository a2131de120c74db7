import datetime as dt
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matters import search as module
from matters.actions import note_zero_hit, publish
from matters.models import DirectoryEntry, SearchEntry, Synonym, ZeroHit
from matters.overview import newest, offered
from matters.scripts import fold
from matters.search import Wish, search
from support.places.models import Agency
from support.records.actor import TIMER, VISITOR
from tests.matters.conftest import NOW, text

XINGQING, JINFENG, YINCHUAN, NINGXIA = "640104000000", "640106000000", "640100000000", "640000000000"


def names(q="", at=NOW, **wish):
    return [
        entry.card["name"]["zh-hans"] for entry in search(Wish(q=q, **wish), actor=VISITOR, at=at).entries
    ]


def exact(q) -> int:
    """How many hits hold the very words."""
    found = search(Wish(q=q), actor=VISITOR, at=NOW)
    return found.total - found.near


@pytest.mark.parametrize(
    "q",
    [
        "开餐馆", "開餐館", "我想开餐馆", "开饭店", "開小吃店", "餐饮", "kaicanguan", "RESTAURANT",
        "食品经营许可", "食品經營許可證", "经营", "品经", "許可", "Catering", "cater", "ＣＡＴＥＲＩＮＧ",
        "食品 兴庆区", "兴庆区审批", "设备布局", "食", "证", "办", "11640104YYYY0021594",
    ],
)  # fmt: skip
def test_the_sample_is_found(food, q):
    assert names(q) == ["食品经营许可（新办）"]


def test_a_word_that_is_nowhere_in_the_guide_finds_it_by_synonym_only(food):
    assert "开饭店" not in SearchEntry.objects.get(guide=food).body_fold
    assert names("开饭店")
    Synonym.objects.filter(term="开饭店").delete()
    Synonym.objects.filter(term="饭店").delete()
    assert not names("开饭店")


@pytest.mark.parametrize("q", ["", "   "])
def test_without_words_everything_is_listed(food, put_in_force, q):
    put_in_force()
    assert len(names(q)) == 2


@pytest.mark.parametrize(
    "q",
    [
        "%", "_", "%_%", "'", "''", "\\", "a'b\\c:*&|!()", "<->", ":*", "!", "&", "|", "\x00", "\x00\x00开", "，。！？",
        "餐" * 300, "x" * 300, "食 " * 150, "𠮷野家", "😀", "\ud800", "ﬁ", "١٢٣", "ªº",
        "'; DROP TABLE matters_matter;--", "\u200b", "é" * 80, "가나다",
    ],
)  # fmt: skip
def test_any_input_is_safe(food, q):
    found = search(Wish(q=q), actor=VISITOR, at=NOW)
    assert found.total in (0, 1)
    note_zero_hit(q, now=NOW)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(q=st.text(max_size=80))
def test_really_any_input_is_safe(food, q):
    search(Wish(q=q), actor=VISITOR, at=NOW)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_every_piece_of_a_title_is_found(put_in_force, data):
    if not SearchEntry.objects.exists():
        put_in_force()
    title = "户外招牌设置登记"
    start = data.draw(st.integers(0, len(title) - 1))
    end = data.draw(st.integers(start + 1, len(title)))
    assert names(title[start:end]) == [title]


def test_a_phrase_does_not_cross_a_mark(put_in_force):
    put_in_force(name=text("登记。招牌"))
    assert names("招牌")
    assert exact("登记招牌") == 0


def test_characters_must_stand_together(put_in_force):
    put_in_force()
    assert exact("户招") == 0


def test_all_words_must_be_there(put_in_force):
    put_in_force()
    assert names("招牌 登记")
    assert not names("招牌 消防")


def test_a_title_comes_before_a_text(put_in_force, new_matter):
    put_in_force(1, summary=text("与消防无关，先办消防再办本项，消防消防。"))
    put_in_force(2, name=text("消防设计审查"))
    assert names("消防") == ["消防设计审查", "户外招牌设置登记"]


def test_the_current_region_comes_first_then_those_above_it(put_in_force, places):
    for number, (region, name) in enumerate(
        [(JINFENG, "招牌一"), (NINGXIA, "招牌二"), (XINGQING, "招牌三"), (YINCHUAN, "招牌四")], start=1
    ):
        put_in_force(number, agency=Agency.objects.filter(region=region).first(), name=text(name))
    assert names("招牌", region=XINGQING) == ["招牌三", "招牌二", "招牌四", "招牌一"]
    assert names("招牌", region=JINFENG)[0] == "招牌一"
    assert set(names("招牌", region=YINCHUAN)[:3]) == {"招牌一", "招牌三", "招牌四"}
    assert names(region=JINFENG)[0] == "招牌一"


def test_the_current_region_comes_first_even_if_there_are_more_hits_than_are_ranked(
    put_in_force, monkeypatch
):
    monkeypatch.setattr(module, "CANDIDATES", 2)
    elsewhere = Agency.objects.filter(region=JINFENG).first()
    for number in range(1, 6):
        put_in_force(number, agency=elsewhere, name=text(f"招牌{number}"))
    put_in_force(6, name=text("本区招牌"))
    found = search(Wish(q="招牌", region=XINGQING), actor=VISITOR, at=NOW)
    assert found.entries[0].card["name"]["zh-hans"] == "本区招牌"
    assert found.capped


def test_filters(food, put_in_force):
    other = put_in_force()
    assert names(audience="natural") == ["食品经营许可（新办）"]
    assert len(names(audience="legal", theme="010")) == 2
    assert names(audience="natural", theme="040") == ["食品经营许可（新办）"]
    assert names("招牌", audience="natural") == []
    assert len(names(agency=other.matter.agency.uuid)) == 2
    assert names(agency=uuid.uuid4()) == []


def test_filters_by_kind_pace_level_area_and_flags(food, put_in_force, agency_elsewhere):
    put_in_force(1, agency=agency_elsewhere)
    put_in_force(2, agency=Agency.objects.filter(region=NINGXIA).first(), name=text("省级招牌"),
                 online={"available": True, "full": False, "depth": ["2"]})  # fmt: skip
    licence, sign, above = "食品经营许可（新办）", "户外招牌设置登记", "省级招牌"
    assert names(kind="01") == [licence]
    assert set(names(kind="07")) == {sign, above}
    assert names(pace="1") == []
    assert len(names(pace="2")) == 3
    assert names(level="2") == [above]
    assert set(names(level="4")) == {licence, sign}
    assert names(area=JINFENG) == [sign]
    assert set(names(area=YINCHUAN)) == {licence, sign}
    assert len(names(area=NINGXIA)) == 3
    assert set(names(flags=("online",))) == {licence, sign}
    assert names(flags=("online", "pledge")) == []


def test_the_departments_of_the_hits_are_counted(food, put_in_force, agency_elsewhere):
    put_in_force(agency=agency_elsewhere)
    found = search(Wish(), actor=VISITOR, at=NOW)
    assert {(agency.short_name, n) for agency, n in found.agencies} == {
        ("兴庆区审批局", 1),
        ("金凤区审批局", 1),
    }


def test_pages(put_in_force, monkeypatch):
    monkeypatch.setattr(module, "PER_PAGE", 2)
    for number in range(1, 6):
        put_in_force(number, name=text(f"招牌{number}"))
    seen = [name for page in (1, 2, 3) for name in names("招牌", page=page)]
    assert sorted(seen) == [f"招牌{number}" for number in range(1, 6)]
    assert search(Wish(q="招牌", page=99), actor=VISITOR, at=NOW).page == 3


def test_only_guides_in_force_are_found(matter, small):
    publish(matter, small, starts_at=NOW, actor=TIMER, now=NOW)
    assert not names("招牌", at=NOW - dt.timedelta(seconds=1))
    assert names("招牌", at=NOW)


@pytest.mark.parametrize("state", [DirectoryEntry.State.SUSPENDED, DirectoryEntry.State.CANCELLED])
def test_closed_matters_are_not_found(put_in_force, state):
    version = put_in_force()
    DirectoryEntry.objects.filter(pk=version.matter.directory_id).update(state=state)
    assert not names("招牌")
    assert not names()
    assert not newest(actor=VISITOR, at=NOW, most=3)
    assert offered(actor=VISITOR, at=NOW).total == 0


def test_nothing_found_but_something_like_it_suggested(food):
    found = search(Wish(q="食品许可办理"), actor=VISITOR, at=NOW)
    assert found.total == 0
    assert [entry.guide for entry in found.suggestions] == [food]


def test_nothing_like_it(food):
    found = search(Wish(q="zz"), actor=VISITOR, at=NOW)
    assert (found.total, found.suggestions) == (0, [])


def count(**wish) -> int:
    with CaptureQueriesContext(connection) as queries:
        search(Wish(**wish), actor=VISITOR, at=NOW)
    return len(queries)


def test_the_number_of_queries_does_not_grow_with_the_hits(put_in_force, agency_elsewhere):
    put_in_force(1)
    assert (count(q="招牌"), count(q="户外招牌没置登记", audience="legal"), count()) == (6, 8, 6)
    for number in range(2, 8):
        put_in_force(number, agency=agency_elsewhere)
    assert (count(q="招牌"), count(q="户外招牌没置登记", audience="legal"), count()) == (5, 8, 6)


# --- words that found nothing -------------------------------------------------------------------


def test_a_search_without_result_is_counted(db):
    for _ in range(2):
        note_zero_hit("辦護照", now=NOW)
    row = ZeroHit.objects.get()
    assert (row.term, row.count, row.last_at) == ("办护照", 2, NOW)


@pytest.mark.parametrize(
    "q",
    [
        "640199199003070002",
        "张小兰19900000001",
        "a@example.com",
        "我叫张小兰住在示例路一百号想办一个证应该找谁",
        "x",
        "",
    ],
)
def test_what_may_be_somebodys_data_is_not_kept(db, q):
    note_zero_hit(q, now=NOW)
    assert not ZeroHit.objects.exists()


# --- wishes from addresses ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "wish"),
    [
        ({}, Wish(region=NINGXIA)),
        ({"q": " 开餐馆 ", "region": XINGQING, "page": "2"}, Wish(q="开餐馆", region=XINGQING, page=2)),
        (
            {"region": "64'--", "page": "-1", "agency": "x", "audience": "x", "theme": "040"},
            Wish(region=NINGXIA),
        ),
        ({"region": "６４０１０４００００００", "page": "٣"}, Wish(region=NINGXIA)),
        ({"audience": "natural", "theme": "040"}, Wish(region=NINGXIA, audience="natural", theme="040")),
        ({"audience": "legal", "theme": "040\x00"}, Wish(region=NINGXIA, audience="legal")),
        ({"page": "99999999999999"}, Wish(region=NINGXIA)),
        (
            {"kind": "07", "pace": "2", "level": "4", "area": JINFENG, "online": "1", "deferral": "1"},
            Wish(region=NINGXIA, kind="07", pace="2", level="4", area=JINFENG, flags=("online", "deferral")),
        ),
        (
            {"kind": "'", "pace": "x", "level": "\x00", "area": "٦٤٠١٠٤٠٠٠٠٠٠", "online": "yes", "instant": "1"},
            Wish(region=NINGXIA),
        ),
    ],
)
def test_a_filter_that_makes_no_sense_is_left_out(asked, wish):
    assert Wish.of(asked, region=NINGXIA) == wish


# --- folding -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("開餐館", "开餐馆"),
        ("ＡＢＣ　１２", "abc 12"),
        ("  a\n\tb ", "a b"),
        ("a\x00b", "a b"),
        ("行政複議", "行政复议"),
        ("行政復議", "行政复议"),
    ],
)
def test_fold(typed, folded):
    assert fold(typed) == folded


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=50))
def test_folding_gives_text_that_can_be_stored(typed):
    fold(typed).encode()
    assert "\x00" not in fold(typed)
