"""What the search field offers while somebody types."""

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matters.models import DirectoryEntry, SearchEntry, ZeroHit
from matters.suggest import MOST
from portal import views
from support.records.actor import VISITOR
from tests.matters.conftest import *  # noqa: F403  # the catalogue's fixtures
from tests.matters.conftest import NOW, text


@pytest.fixture(autouse=True)
def the_day():
    with time_machine.travel(NOW, tick=False):
        yield


def offered(client, q, **headers):
    answer = client.get(
        reverse("portal:suggest"), {"q": q}, headers={"accept-language": "zh-hans", **headers}
    )
    assert answer.status_code == 200
    page = answer.content.decode()
    return [part.partition("</li>")[0] for part in page.split('<li role="option" aria-selected="false">')[1:]]


FOOD = "食品经营许可（新办）"


@pytest.mark.parametrize(
    ("q", "words"),
    [
        ("食品", ["食品证", FOOD]),
        ("经营许", [FOOD]),
        ("食品经营许可（新办）", [FOOD]),
        ("shipinj", [FOOD]),
        ("spjy", [FOOD]),
        ("开餐", ["开餐馆"]),
        ("開餐", ["开餐馆"]),
        ("kaicang", ["开餐馆"]),
        ("kai can", ["开餐馆"]),
        ("kcg", ["开餐馆"]),
        ("餐饮", ["餐饮"]),
        ("盖房", []),  # what it stands for is not there
        ("食", ["食品证", FOOD]),
        ("s", []),
        ("", []),
        ("没有", []),
    ],
)
def test_words_and_titles_that_begin_or_hold_it(client, food, q, words):
    assert offered(client, q) == words


def test_in_the_language_of_the_reader(client, food):
    assert offered(client, "Food", **{"accept-language": "en"})[-1] == "Food business licence (new)"
    assert offered(client, "经营", **{"accept-language": "zh-hant"}) == ["食品經營許可（新辦）"]
    assert offered(client, "开餐", **{"accept-language": "zh-hant"}) == ["開餐館"]


def test_the_current_region_and_hot_matters_first_each_name_once(
    client, food, put_in_force, agency_elsewhere
):
    put_in_force(1, agency=agency_elsewhere, name=text("招牌甲"))
    put_in_force(2, name=text("招牌乙"))
    hot = put_in_force(3, name=text("招牌丙"))
    put_in_force(4, name=text("招牌丙"))
    SearchEntry.objects.filter(guide=hot).update(popularity=100)
    client.cookies["region"] = "640104000000"
    assert offered(client, "招牌") == ["招牌丙", "招牌乙", "招牌甲"]


def test_only_what_is_open(client, food):
    DirectoryEntry.objects.update(state=DirectoryEntry.State.SUSPENDED)
    assert offered(client, "食品") == offered(client, "开餐") == []


def test_two_queries_and_eight_words_however_many_there_are(client, food, put_in_force):
    for n in range(1, 12):
        put_in_force(n, name=text(f"食品招牌{n}"))
    for q in ("食品", "开", "kai", "餐"):
        with CaptureQueriesContext(connection) as queries:
            assert len(offered(client, q)) <= MOST
        assert len(queries) <= 2
    assert len(offered(client, "食品")) == MOST
    assert not ZeroHit.objects.exists()


@pytest.mark.parametrize(
    "q",
    [
        "\x00",
        "\x01\x02",
        "%",
        "_",
        "' OR 1=1 --",
        "<->|&!:*()",
        "😀",
        "ｋａｉ",
        "食x品y",
        "食" * 10_000,
        "<b>x</b>",
        "\\",
    ],
)
def test_any_input_is_safe(client, food, q):
    offered(client, q)
    for url in (reverse("portal:search"), "/api/v1/matters/"):
        assert client.get(url, {"q": q}).status_code == 200


def test_what_is_no_text_is_safe(client, food):
    for path in ("/search/suggest/?q=%ED%A0%80", "/search/suggest/?q=%FF%FE", "/search/?q=%ED%A0%80"):
        assert client.get(path).status_code == 200


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(q=st.text(max_size=80))
def test_really_any_input_is_safe(food, q):
    from matters.suggest import suggest

    suggest(q, region="640104000000", language="en", actor=VISITOR, at=NOW)


def test_who_asks_too_often_is_refused_for_a_minute(client, food, monkeypatch):
    monkeypatch.setattr(views, "SUGGESTIONS_PER_WINDOW", 2)
    statuses = [client.get(reverse("portal:suggest"), {"q": "食品"}).status_code for _n in range(3)]
    assert statuses == [200, 200, 429]


def test_the_page_says_which_hits_are_only_alike_and_still_counts_the_word(client, food):
    page = client.get(reverse("portal:search"), {"q": "食品经管许可"}, headers={"accept-language": "zh-hans"})
    assert "没有办事指南正好写着“食品经管许可”" in page.content.decode()
    assert ZeroHit.objects.get().term == "食品经管许可"
    client.get(reverse("portal:search"), {"q": "kaicanguan", "pace": "1"})
    assert ZeroHit.objects.count() == 1  # the filter found nothing, the word does
