import datetime as dt

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.calendars.terms import (
    NATIONAL,
    Calendar,
    CalendarNotCovered,
    DayKind,
    Layer,
    Term,
    Unit,
    explain,
)
from tests.calendars import slow
from tests.calendars.slow import NINGXIA

day = dt.date.fromisoformat
NATION = slow.built()
REGION = slow.built(NINGXIA)
OFFICIAL = st.dates(dt.date(2019, 1, 1), dt.date(2025, 12, 31))


def workdays(amount: int) -> Term:
    return Term(amount, Unit.WORKDAY)


@pytest.mark.parametrize(
    ("start", "amount", "due"),
    [
        ("2024-09-27", 5, "2024-10-10"),
        ("2024-09-27", 20, "2024-10-30"),
        ("2025-12-29", 5, "2026-01-06"),
        ("2026-02-06", 5, "2026-02-13"),
        ("2026-02-06", 20, "2026-03-12"),
        ("2026-04-30", 1, "2026-05-06"),
        ("2026-09-18", 10, "2026-10-09"),
        ("2026-09-30", 45, "2026-12-08"),
        ("2022-07-08", 3, "2022-07-13"),
        ("2020-07-29", 1, "2020-07-30"),
    ],
)
def test_working_days_of_the_nation(start, amount, due):
    assert NATION.add(day(start), workdays(amount)) == (day(due), ())


@pytest.mark.parametrize(
    ("start", "amount", "due"), [("2022-07-08", 3, "2022-07-15"), ("2020-07-29", 1, "2020-08-03")]
)
def test_working_days_of_ningxia(start, amount, due):
    assert REGION.add(day(start), workdays(amount)) == (day(due), ())


@pytest.mark.parametrize(
    "date", ["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"]
)
def test_weekend_days_worked_in_exchange(date):
    assert day(date).weekday() > 4
    assert NATION.is_workday(day(date))


def test_every_day_agrees_with_the_package_the_data_came_from():
    days = (dt.date(2019, 1, 1) + dt.timedelta(days=n) for n in range(8 * 365 + 2))
    differing = [date for date in days if NATION.is_workday(date) != chinese_calendar.is_workday(date)]
    assert differing == []


@given(OFFICIAL, st.integers(1, 120), st.sampled_from([NATIONAL, NINGXIA]))
def test_working_days_against_the_slow_count(start, amount, region):
    calendar = NATION if region == NATIONAL else REGION
    due = slow.workdays_after(start, amount, region)
    assert calendar.add(start, workdays(amount)).on == due
    assert calendar.workdays_between(start, due) == amount
    assert calendar.workdays_between(due, start) == -amount


@given(OFFICIAL)
def test_a_term_of_nothing_is_the_day_itself_or_the_next_working_day(start):
    assert NATION.add(start, workdays(0)).on == NATION.roll(start) == slow.rolled(start)


@pytest.mark.parametrize(
    ("start", "term", "due"),
    [
        ("2026-03-02", Term(9, Unit.DAY), "2026-03-11"),
        ("2026-09-16", Term(15, Unit.DAY), "2026-10-08"),  # ends on 1 October: rolls over the holiday
        ("2026-05-02", Term(7, Unit.DAY), "2026-05-09"),  # a Saturday worked in exchange does not roll
        ("2026-01-31", Term(1, Unit.MONTH), "2026-02-28"),  # the last of the month, worked in exchange
        ("2024-01-31", Term(1, Unit.MONTH), "2024-02-29"),
        ("2025-10-30", Term(4, Unit.MONTH), "2026-02-28"),
        ("2025-11-30", Term(13, Unit.MONTH), "2026-12-30"),
        ("2025-12-01", Term(10, Unit.MONTH), "2026-10-08"),
        ("2026-03-15", Term(3, Unit.MONTH), "2026-06-15"),
    ],
)
def test_days_and_months(start, term, due):
    assert NATION.add(day(start), term).on == day(due)


def test_a_day_off_in_the_region_rolls_there_only():
    ten_days = Term(10, Unit.DAY)  # 2022-07-11, 古尔邦节
    assert NATION.add(day("2022-07-01"), ten_days).on == day("2022-07-11")
    assert REGION.add(day("2022-07-01"), ten_days).on == day("2022-07-13")


@pytest.mark.parametrize(
    ("start", "amount", "missing"),
    [
        ("2026-09-30", 45, ()),
        ("2026-12-21", 5, ()),
        ("2026-12-25", 1, ()),
        ("2026-12-25", 2, ((NATIONAL, 2027),)),  # 12-29 may be moved by the notice of 2027
        ("2026-12-25", 10, ((NATIONAL, 2027),)),
        ("2026-12-31", 1, ((NATIONAL, 2027),)),
        ("2026-12-31", 300, ((NATIONAL, 2027), (NATIONAL, 2028))),
    ],
)
def test_provisional_while_the_nation_has_no_notice(start, amount, missing):
    due = NATION.add(day(start), workdays(amount))
    assert due.missing == missing
    assert due.provisional is bool(missing)


@pytest.mark.parametrize(
    ("start", "amount", "missing"),
    [
        ("2022-12-01", 20, ()),
        ("2022-12-28", 2, ()),  # a region does not rearrange the days before new year
        ("2022-12-28", 3, ((NINGXIA, 2023),)),
        ("2023-12-31", 1, ((NINGXIA, 2024),)),  # the first day counted lies in 2024
        ("2026-12-01", 30, ((NINGXIA, 2026), (NATIONAL, 2027), (NINGXIA, 2027))),
    ],
)
def test_provisional_while_the_region_has_no_notice(start, amount, missing):
    due = REGION.add(day(start), workdays(amount))
    assert due.missing == missing == REGION.missing(day(start), due.on)


def test_a_term_in_days_is_provisional_too():
    assert NATION.add(day("2026-12-20"), Term(20, Unit.DAY)).missing == ((NATIONAL, 2027),)


def test_the_reason_is_a_code():
    assert (
        REGION.add(day("2026-12-30"), workdays(5)).reason == f"2026:{NINGXIA} 2027:{NATIONAL} 2027:{NINGXIA}"
    )


def test_a_region_that_need_not_publish_makes_nothing_provisional():
    nation = Layer(NATIONAL, slow.NATIONAL_OFF, slow.NATIONAL_WORK, frozenset(range(2019, 2027)), 2019)
    city = Layer("640100000000", {day("2026-03-10"): "市庆"}, {}, frozenset({2026}), None)
    calendar = Calendar([nation, city], range(2019, 2031))
    assert calendar.add(day("2026-03-09"), workdays(1)) == (day("2026-03-11"), ())
    assert calendar.add(day("2025-03-09"), workdays(1)).missing == ()
    assert calendar.region_code == "640100000000"


def test_a_region_owes_no_notice_for_the_years_before_its_first():
    nation = Layer(NATIONAL, slow.NATIONAL_OFF, slow.NATIONAL_WORK, frozenset(range(2019, 2027)), 2019)
    calendar = Calendar([nation, Layer(NINGXIA, {}, {}, frozenset(), 2025)], range(2019, 2031))
    assert calendar.add(day("2024-03-01"), workdays(5)).missing == ()
    assert calendar.add(day("2025-03-01"), workdays(5)).missing == ((NINGXIA, 2025),)


def test_a_region_may_work_on_a_national_day_off():
    nation = Layer(NATIONAL, {day("2026-10-01"): "国庆节"}, {}, frozenset({2026}), 2026)
    region = Layer(NINGXIA, {}, {day("2026-10-01"): "国庆节"}, frozenset({2026}), 2026)
    assert Calendar([nation, region], range(2026, 2027)).is_workday(day("2026-10-01"))


def test_a_region_may_be_off_where_the_nation_works_and_repeats_it_without_effect():
    nation = Layer(
        NATIONAL, {day("2026-10-01"): "国庆节"}, {day("2026-10-10"): "国庆节"}, frozenset({2026}), 2026
    )
    off = {day("2026-10-10"): "古尔邦节", day("2026-10-01"): "古尔邦节"}
    calendar = Calendar([nation, Layer(NINGXIA, off, {}, frozenset({2026}), 2026)], range(2026, 2027))
    assert not calendar.is_workday(day("2026-10-10"))
    assert [one.kind for one in calendar.skipped(day("2026-09-30"), day("2026-10-01"))] == [DayKind.HOLIDAY]


@pytest.mark.parametrize(
    ("start", "term"),
    [
        ("2018-12-31", workdays(1)),
        ("2018-06-01", workdays(1)),
        ("2018-12-31", workdays(0)),
        ("2018-06-30", Term(12, Unit.MONTH)),
        ("1999-01-01", workdays(9000)),
        ("2031-01-01", workdays(1)),
        ("2030-12-20", workdays(30)),
        ("2026-01-01", workdays(10**9)),
        ("2026-01-01", Term(10**9, Unit.DAY)),
        ("2026-01-01", Term(10**9, Unit.MONTH)),
    ],
)
def test_years_without_any_calendar(start, term):
    with pytest.raises(CalendarNotCovered):
        NATION.add(day(start), term)


def test_no_calendar_at_all():
    with pytest.raises(CalendarNotCovered):
        Calendar([Layer(NATIONAL, {}, {}, frozenset(), 2019)], range(0))


def test_a_term_in_words_and_never_negative():
    assert [str(Term(3, unit)) for unit in Unit] == ["3 个工作日", "3 日", "3 个月"]
    assert Term(3, "month").unit is Unit.MONTH
    with pytest.raises(ValueError):
        workdays(-1)


def test_an_explanation_can_be_counted_again_by_hand():
    found = explain(NATION, day("2026-09-18"), workdays(10))
    assert [str(one.on) for one in found.makeup] == ["2026-09-20"]
    assert [(str(one.on), one.kind, one.name) for one in found.skipped][:3] == [
        ("2026-09-19", DayKind.WEEKEND, ""),
        ("2026-09-25", DayKind.HOLIDAY, "中秋节"),
        ("2026-09-26", DayKind.HOLIDAY, "中秋节"),
    ]
    assert (found.due.on - found.start).days == 10 + len(found.skipped)


def test_an_explanation_names_the_regions_own_days():
    skipped = explain(REGION, day("2022-07-08"), workdays(3)).skipped
    assert [(one.kind, one.name) for one in skipped][2:] == [(DayKind.REGIONAL, "古尔邦节")] * 2


def test_of_a_term_in_days_only_the_rolling_is_explained():
    found = explain(NATION, day("2026-09-16"), Term(15, Unit.DAY))
    assert [one.on.day for one in found.skipped] == [1, 2, 3, 4, 5, 6, 7]
    assert found.makeup == ()
    assert explain(NATION, day("2026-03-02"), Term(9, Unit.DAY)).skipped == ()
