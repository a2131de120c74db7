"""期限计算器: the same count as the API, day by day, in words."""

import datetime as dt
import re

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from support.calendars.actions import calendar_for
from support.calendars.months import cells, months, rolled_from, runs
from support.calendars.terms import NATIONAL, Term, explain
from tests.calendars.slow import NINGXIA

pytestmark = pytest.mark.django_db
URL = "/terms/"
ASKED = {"start": "2026-09-30", "amount": "45", "unit": "workday", "region": NATIONAL}


@pytest.fixture
def ask(client, official):
    def ask(**change):
        asked = {key: value for key, value in (ASKED | change).items() if value is not None}
        return client.get(URL, asked, headers={"accept-language": "zh-hans"})

    return ask


def main(answer):
    return answer.content.decode().split("<main")[1].split("</main")[0]


def day(text):
    return dt.date.fromisoformat(text)


def counted(start, amount, unit, region=NATIONAL):
    calendar = calendar_for(region)
    found = explain(calendar, day(start), Term(amount, unit))
    return found, cells(found, calendar)


# --- the picture ----------------------------------------------------------------------------------


def test_every_day_says_what_became_of_it(official):
    _found, shown = counted("2026-09-30", 5, "workday")
    said = {f"{on:%m-%d}": (cell.state, cell.mark, cell.words) for on, cell in shown.items()}
    assert said["09-30"] == ("start", "起", "起算日，不计入")
    assert said["10-01"] == ("skipped", "休", "国庆节")
    assert said["10-08"] == ("counted", "", "第 1 日")
    assert said["10-10"] == ("counted", "班", "第 3 日，国庆节调休上班")
    assert said["10-11"] == ("skipped", "休", "周末")
    assert said["10-13"] == ("last", "止", "最后一天")
    assert len(shown) == 14


@pytest.mark.parametrize(
    ("start", "amount", "unit"),
    [
        ("2026-02-06", 20, "workday"),
        ("2026-09-18", 10, "workday"),
        ("2026-09-18", 15, "day"),
        ("2026-01-31", 1, "month"),
    ],
)
def test_the_counted_days_are_the_term(official, start, amount, unit):
    found, shown = counted(start, amount, unit)
    days = [cell for cell in shown.values() if cell.state in ("counted", "last")]
    if unit == "workday":
        assert len(days) == amount
    assert list(shown) == [day(start) + dt.timedelta(days=n) for n in range(len(shown))]
    assert max(shown) == found.due.on
    assert {on for on, cell in shown.items() if cell.state == "skipped"} == {d.on for d in found.skipped}


def test_a_term_in_days_skips_only_where_its_end_rolled(official):
    found, shown = counted("2026-09-18", 15, "day")
    assert rolled_from(found) == day("2026-10-03")
    assert shown[day("2026-09-25")].words == "第 7 日"  # 中秋节 counts within a term of days
    assert shown[day("2026-10-03")].state == "skipped"
    assert found.due.on == day("2026-10-08")
    assert rolled_from(counted("2026-09-18", 10, "workday")[0]) is None
    assert rolled_from(counted("2026-09-18", 3, "day")[0]) is None


def test_months_are_whole_weeks_and_not_too_many(official):
    _found, shown = counted("2026-09-30", 45, "workday")
    pictures = months(shown)
    assert [f"{month.first:%Y-%m}" for month in pictures] == ["2026-09", "2026-10", "2026-11", "2026-12"]
    for month in pictures:
        assert {len(week) for week in month.weeks} == {7}
        assert all(
            cell is None or cell.on.month == month.first.month for week in month.weeks for cell in week
        )
        assert all(any(cell and cell.state for cell in week) for week in month.weeks)
    drawn = [cell for month in pictures for week in month.weeks for cell in week if cell and cell.state]
    assert drawn == list(shown.values())
    assert months(counted("2026-09-30", 400, "workday")[1]) == []


def test_days_off_on_end_are_one_row(official):
    rows = runs(counted("2026-09-30", 45, "workday")[0])
    assert [(f"{r.first:%m-%d}", f"{r.last:%m-%d}", r.days, r.words, r.counted) for r in rows] == [
        ("10-01", "10-07", 7, "国庆节", False),
        ("10-10", "10-10", 1, "国庆节调休上班", True),
    ]


# --- the page -------------------------------------------------------------------------------------


def test_first_comes_the_form_for_today(client, official):
    with time_machine.travel(dt.datetime(2026, 11, 23, 10, tzinfo=dt.UTC)):
        page = main(client.get(URL))
    assert 'value="2026-11-23"' in page
    assert 'value="20"' in page
    assert f'value="{NINGXIA}" selected' in page  # the installation's region
    assert "的最后一天" not in page


def test_the_region_chosen_is_the_one_counted_in(client, official):
    for cookie, layer in [
        ("640104000000", NINGXIA),
        ("110101000000", NATIONAL),
        ("x", NINGXIA),
        ("²" * 12, NINGXIA),
    ]:
        client.cookies["region"] = cookie
        assert f'value="{layer}" selected' in main(client.get(URL))


@pytest.mark.parametrize(
    "change", [{}, {"region": NINGXIA}, {"unit": "day"}, {"unit": "month", "amount": "3"}]
)
def test_the_page_says_what_the_api_says(ask, client, change):
    answer = client.get("/api/v1/terms/due", ASKED | change).json()
    page = main(ask(**change))
    assert f"<strong>{answer['due_on']}</strong>" in page
    assert ("暂定" in page) == answer["provisional"]
    assert answer["reason"] in page
    assert page.count("国庆节调休上班") >= len(answer["makeup"])


def test_provisional_says_which_notice_is_missing(ask):
    page = main(ask(region=NINGXIA))
    assert "宁夏回族自治区 2026 年放假通知尚未登记" in page
    assert "2027 年全国放假安排尚未登记" in main(ask(start="2026-12-01", amount="30"))


def test_a_rolled_end_is_explained(ask):
    page = main(ask(start="2026-09-18", amount="15", unit="day"))
    assert "期限本应在 2026-10-03 届满" in page
    assert "顺延跨过的日子" in page


def test_a_term_of_years_is_counted_without_pictures(ask):
    page = main(ask(amount="1000"))
    assert 'class="month"' not in page
    assert "不再逐日列出" in page
    assert len(page) < 40_000


@pytest.mark.parametrize(
    "start",
    [
        "2026年9月30日", "2026/9/30", "20260930", "２０２６－０９－３０", " 2026-9-30 ", "2026.9.30",
    ],
)  # fmt: skip
def test_days_as_people_write_them(ask, start):
    assert "<strong>2026-12-08</strong>" in main(ask(start=start))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"start": ""}, "请填写起算日"),
        ({"start": "2026-02-30"}, "没有 2026-02-30 这一天"),
        ({"start": "昨天"}, "请按“年-月-日”填写"),
        ({"start": "\x00" * 40}, "需要修改"),
        ({"amount": ""}, "请填写期限"),
        ({"amount": "二十"}, "期限应为整数"),
        ({"amount": "1.5"}, "期限应为整数"),
        ({"amount": "0"}, "期限最短为 1"),
        ({"amount": "3661"}, "期限最长为 3660"),
        ({"amount": "9" * 400}, "期限最长为 3660"),
        ({"unit": "year"}, "请选择期限单位"),
        ({"unit": None}, "请选择期限单位"),
        ({"region": "640104000000"}, "请从列表中选择地区"),
        ({"start": "2018-06-01"}, "只能计算 2019-01-01 至 2036-12-31 之间的期限"),
        ({"start": "0001-01-01"}, "只能计算 2019-01-01 至 2036-12-31 之间的期限"),
        ({"start": "2036-12-01", "amount": "3660"}, "只能计算 2019-01-01 至 2036-12-31 之间的期限"),
        ({"start": "9999-12-31", "unit": "month"}, "只能计算 2019-01-01 至 2036-12-31 之间的期限"),
    ],
)
def test_bad_input_in_words_and_kept(ask, change, words):
    answer = ask(**change)
    page = main(answer)
    assert answer.status_code == 422
    assert words in page
    assert "<title>错误：" in answer.content.decode()
    assert "的最后一天" not in page
    for name in ("start", "amount"):
        typed = change.get(name, ASKED[name])
        assert not typed.isprintable() or f'name="{name}" value="{typed}"' in page or not typed


def test_without_any_calendar_page_and_api_say_so(client, db):
    assert client.get(URL).status_code == 200
    answer = client.get(URL, {**ASKED, "region": ""})
    assert answer.status_code == 422
    assert "还没有登记放假安排" in main(answer)
    api = client.get("/api/v1/terms/due", ASKED)
    assert api.status_code == 400
    assert "还没有登记放假安排" in api.content.decode()


def test_the_cost_does_not_grow_with_the_term(ask):
    def queries(**change):
        with CaptureQueriesContext(connection) as captured:
            ask(**change)
        return len(captured)

    ask(region=NINGXIA)
    assert queries(amount="1", region=NINGXIA) == queries(amount="2000", region=NINGXIA) <= 5


def test_an_address_can_be_kept_and_shared(ask):
    assert re.search(r'<form method="get"', main(ask()))
