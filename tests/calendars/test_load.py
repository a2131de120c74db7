"""Loading: repeatable, never over a notice entered by hand, seen by every process at once."""

import datetime as dt
import threading
import uuid

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from support.calendars.actions import (
    GUESSED_YEARS,
    calendar_for,
    current_version,
    enter_notice,
    layer_names,
    load_official,
)
from support.calendars.models import CalendarVersion, OfficialDay, OfficialYear, RegionalLayer
from support.calendars.notice_rules import NoticeDay
from support.calendars.terms import NATIONAL, CalendarNotCovered, Term, Unit
from support.places.models import Role
from support.records.actor import Actor, Kind
from tests.calendars import slow
from tests.calendars.slow import NINGXIA

NOW = dt.datetime(2026, 11, 23, 10, tzinfo=dt.UTC)
ACTOR = Actor(Kind.OFFICER, 1, "赵监督", grants=frozenset({(1, Role.SUPERVISOR.value)}))
OFF = OfficialDay.Kind.OFF
EID = [NoticeDay(dt.date(2026, 3, 20), OFF, "开斋节"), NoticeDay(dt.date(2026, 5, 27), OFF, "古尔邦节")]
day = dt.date.fromisoformat


def enter(days=EID, region=NINGXIA, year=2026, **more):
    return enter_notice(region, year, days, "宁政办发〔2025〕1号", actor=ACTOR, now=NOW, **more)


def test_what_is_loaded_is_what_the_files_say(official):
    calendar, region = calendar_for(NATIONAL), calendar_for(NINGXIA)
    days = [dt.date(2019, 1, 1) + slow.ONE * n for n in range(8 * 365 + 2)]
    assert [one for one in days if calendar.is_workday(one) != slow.is_workday(one)] == []
    assert [one for one in days if region.is_workday(one) != slow.is_workday(one, NINGXIA)] == []


def test_loading_again_changes_nothing(official):
    version, years = current_version(), set(OfficialYear.objects.values_list("pk", "loaded_at"))
    assert load_official() == 0
    assert (current_version(), set(OfficialYear.objects.values_list("pk", "loaded_at"))) == (version, years)


def test_loading_mends_what_differs_from_the_file(official):
    OfficialDay.objects.filter(region_code=NATIONAL, date="2026-10-01").delete()
    version = current_version()
    assert load_official() == 1
    assert current_version() == version + 1
    assert not calendar_for(NATIONAL).is_workday(day("2026-10-01"))


def test_years_after_the_last_notice_are_guessed_and_say_so(official):
    guessed = OfficialYear.objects.filter(official=False)
    assert sorted(guessed.values_list("year", flat=True)) == list(range(2027, 2027 + GUESSED_YEARS))
    calendar = calendar_for(NATIONAL)
    assert calendar.last == dt.date(2026 + GUESSED_YEARS, 12, 31)
    assert not calendar.is_workday(day("2027-10-01"))
    due = calendar.add(day("2027-09-30"), Term(1, Unit.WORKDAY))
    assert due.missing == ((NATIONAL, 2027),)
    assert {one.name for one in calendar.skipped(day("2027-09-30"), day("2027-10-01"))} == {"国庆节（推算）"}


def test_a_notice_entered_by_hand_outlives_the_next_load(official):
    enter([NoticeDay(dt.date(2027, 1, 4), OFF, "元旦")], NATIONAL, 2027)
    enter(year=2022, days=[NoticeDay(dt.date(2022, 7, 11), OFF, "古尔邦节")], replace=True)
    assert load_official() == 1  # one more year guessed, after 2027
    assert not calendar_for(NATIONAL).is_workday(day("2027-01-04"))
    assert calendar_for(NINGXIA).is_workday(day("2022-07-12"))


def test_the_nation_and_a_county_of_ningxia(official):
    assert calendar_for(NATIONAL).region_code == NATIONAL
    county, village = calendar_for("640106000000"), calendar_for("640106001002")
    assert county is village is calendar_for(NINGXIA)
    assert county.region_code == NINGXIA
    assert calendar_for("110101000000").region_code == NATIONAL


def test_a_city_with_days_of_its_own(official):
    RegionalLayer.objects.create(region_code="640100000000", name="银川市")
    row = OfficialYear.objects.create(layer_id="640100000000", year=2022, source="通知", loaded_at=NOW)
    OfficialDay.objects.create(year=row, region_code="640100000000", date="2022-07-14", kind=OFF, name="市庆")
    CalendarVersion.objects.update(stamp=uuid.uuid4())
    assert not calendar_for("640106000000").is_workday(day("2022-07-14"))
    assert not calendar_for("640106000000").is_workday(day("2022-07-11"))
    assert calendar_for("640200000000").is_workday(day("2022-07-14"))
    assert layer_names()["640100000000"] == "银川市"


def test_a_calendar_is_kept_until_something_is_loaded(official, django_assert_num_queries):
    before = calendar_for(NINGXIA)
    with django_assert_num_queries(1):
        assert calendar_for(NINGXIA) is before
    enter()
    after = calendar_for(NINGXIA)
    assert after is not before
    assert after.version == current_version() == before.version + 1
    assert (before.is_workday(day("2026-03-20")), after.is_workday(day("2026-03-20"))) == (True, False)


def test_a_load_rolled_back_leaves_no_trace_in_the_process(official):
    before = calendar_for(NINGXIA)
    with transaction.atomic():
        enter()
        assert not calendar_for(NINGXIA).is_workday(day("2026-03-20"))
        transaction.set_rollback(True)
    assert calendar_for(NINGXIA) is before
    enter([NoticeDay(dt.date(2026, 3, 23), OFF, "开斋节")])  # is given the same number
    again = calendar_for(NINGXIA)
    assert again.is_workday(day("2026-03-20"))
    assert not again.is_workday(day("2026-03-23"))


@pytest.mark.django_db(transaction=True)
def test_a_load_in_another_process_is_seen_at_the_next_question():
    load_official()
    assert calendar_for(NINGXIA).is_workday(day("2026-03-20"))
    _elsewhere(enter)
    assert not calendar_for(NINGXIA).is_workday(day("2026-03-20"))


@pytest.mark.django_db(transaction=True)
def test_two_loads_at_once_are_two_versions():
    load_official()
    version = current_version()
    with transaction.atomic():
        enter()
        other = threading.Thread(target=_elsewhere, args=(lambda: enter(year=2025, days=[_eid(2025)]),))
        other.start()
        other.join(0.3)
        assert other.is_alive()  # waits for this transaction
    other.join()
    assert current_version() == version + 2


def _eid(year: int) -> NoticeDay:
    return NoticeDay(dt.date(year, 3, 31), OFF, "开斋节")


def _elsewhere(act) -> None:
    """Run an act on a database connection of its own and wait for it."""
    failed: list[BaseException] = []

    def work() -> None:
        try:
            act()
        except BaseException as error:  # handed to the test below
            failed.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert failed == []


def test_nothing_loaded(db):
    assert current_version() == 0
    with pytest.raises(CalendarNotCovered):
        calendar_for(NATIONAL)


def test_the_command(db, capsys):
    call_command("load_calendars")
    assert "calendar version 1" in capsys.readouterr().out
