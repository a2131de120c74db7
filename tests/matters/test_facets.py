"""Every number beside a filter is the number of hits behind it."""

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from matters import facets
from matters import search as module
from matters.facets import Facets
from matters.models import DirectoryEntry
from matters.overview import newest, of_matters, offered, people_say
from matters.search import Wish, search
from support.places.models import Agency
from support.records.actor import VISITOR
from tests.matters.conftest import NOW

XINGQING, JINFENG, YINCHUAN, NINGXIA = "640104000000", "640106000000", "640100000000", "640000000000"


@pytest.fixture
def several(food, put_in_force, new_matter, agency_elsewhere, small):
    """Guides that differ in every mark."""
    upper = Agency.objects.filter(region=NINGXIA).first()
    put_in_force(1, agency=agency_elsewhere)
    put_in_force(2, agency=agency_elsewhere, themes={"natural": ["060"], "legal": []}, service_objects=["1"])
    put_in_force(3, agency=upper, online={"available": True, "full": False, "depth": ["2"]})
    put_in_force(4, themes={"natural": [], "legal": ["010", "015"]})


def wishes(mark, value, wish):
    """The wish narrowed further by a value of a mark."""
    kept = {name: getattr(wish, name) for name in wish.__dataclass_fields__}
    if wish.audience and mark in {"audience", "natural", "legal"} - {wish.audience}:
        return None  # one audience at a time
    if mark == "agency":
        changed = {"agency": Agency.objects.get(pk=value).uuid}
    elif mark in ("natural", "legal"):
        changed = {"audience": mark, "theme": value}
    elif mark == "flag":
        changed = {"flags": (*wish.flags, value)}
    elif mark == "region":
        return None  # counted exactly, narrowed by subtree: see areas
    else:
        changed = {mark: value}
    return Wish(**(kept | changed))


@pytest.mark.parametrize(
    "wish",
    [
        Wish(),
        Wish(q="登记"),
        Wish(audience="legal"),
        Wish(q="招牌", flags=("online",)),
        Wish(q="zhaopai"),
        Wish(q="户外招牌没置登记"),
        Wish(area=YINCHUAN, kind="07"),
    ],
)
def test_each_count_is_what_the_filter_leaves(several, wish):
    found = search(wish, actor=VISITOR, at=NOW)
    assert found.total > 1
    checked = 0
    for mark in found.facets.counts:
        for value, n in found.facets.of(mark):
            narrowed = wishes(mark, value, wish)
            if narrowed:
                assert search(narrowed, actor=VISITOR, at=NOW).total == n, (mark, value)
                checked += 1
    for code, n in found.facets.areas(wish.area):
        narrowed = Wish(**{**{k: getattr(wish, k) for k in wish.__dataclass_fields__}, "area": code})
        assert search(narrowed, actor=VISITOR, at=NOW).total == n
        checked += 1
    assert checked > 8


def test_a_list_without_words_is_counted_whole_and_paged_so_far(put_in_force, monkeypatch):
    monkeypatch.setattr(module, "CANDIDATES", 2)
    for number in range(1, 6):
        put_in_force(number)
    found = search(Wish(), actor=VISITOR, at=NOW)
    assert (found.total, found.listed, found.capped) == (5, 2, True)
    assert sum(found.facets.counts["agency"].values()) == 5
    found = search(Wish(q="招牌"), actor=VISITOR, at=NOW)
    assert found.total == found.listed == sum(found.facets.counts["kind"].values())


def test_areas_lead_down_one_step_where_there_is_a_choice():
    spread = Facets(
        total=6, counts={"region": {NINGXIA: 1, YINCHUAN: 1, XINGQING: 2, JINFENG: 1, "640200000000": 1}}
    )
    assert spread.areas("") == [(YINCHUAN, 4), ("640200000000", 1)]  # all are in the province: not asked
    within = Facets(total=4, counts={"region": {YINCHUAN: 1, XINGQING: 2, JINFENG: 1}})
    assert within.areas(YINCHUAN) == [(XINGQING, 2), (JINFENG, 1)]
    assert within.areas("") == [(XINGQING, 2), (JINFENG, 1)]
    assert Facets(total=2, counts={"region": {XINGQING: 2}}).areas("") == []
    assert Facets().areas("") == []


@pytest.mark.parametrize(
    ("region", "low", "high", "above"),
    [
        ("", "000000000000", "999999999999", []),
        (NINGXIA, "640000000000", "649999999999", []),
        (YINCHUAN, "640100000000", "640199999999", [NINGXIA]),
        ("640110000000", "640110000000", "640110999999", [NINGXIA, YINCHUAN]),
        ("640104001000", "640104001000", "640104001999", [NINGXIA, YINCHUAN, XINGQING]),
    ],
)
def test_subtrees(region, low, high, above):
    assert facets.subtree(region) == (low, high)
    assert facets.above(region) == above


def test_counting_takes_one_query(several):
    with CaptureQueriesContext(connection) as queries:
        search(Wish(q="登记"), actor=VISITOR, at=NOW)
    assert len(queries) == 5


def test_counts_of_lists_are_kept_and_fresh_after_publishing(several, put_in_force):
    before = offered(actor=VISITOR, at=NOW)
    with CaptureQueriesContext(connection) as queries:
        assert offered(actor=VISITOR, at=NOW) == before
    assert len(queries) == 1
    put_in_force(9)
    assert offered(actor=VISITOR, at=NOW).total == before.total + 1
    DirectoryEntry.objects.update(state=DirectoryEntry.State.SUSPENDED)
    cache.clear()
    assert offered(actor=VISITOR, at=NOW).total == 0


def test_lists_narrowed_differently_are_not_mixed_up(several):
    assert search(Wish(kind="01"), actor=VISITOR, at=NOW).total == 1
    assert search(Wish(kind="07"), actor=VISITOR, at=NOW).total == 4
    assert Wish(q="x", region=XINGQING, page=3).narrowing == Wish().narrowing
    assert Wish(flags=("online",)).narrowing != Wish(flags=("pledge",)).narrowing


def test_what_people_call_it_finds_it(food, put_in_force):
    put_in_force()
    words = people_say(newest(actor=VISITOR, at=NOW, most=5), each=2)
    assert words == ["开餐馆", "开饭店"]
    for word in words:
        assert food in [entry.guide for entry in search(Wish(q=word), actor=VISITOR, at=NOW).entries]


def test_entries_of_closed_matters_are_not_given(food):
    assert of_matters([food.matter_id], actor=VISITOR, at=NOW)[food.matter_id].guide_id == food.pk
    DirectoryEntry.objects.update(state=DirectoryEntry.State.SUSPENDED)
    assert of_matters([food.matter_id], actor=VISITOR, at=NOW) == {}
