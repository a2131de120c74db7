import datetime as dt

import pytest

from support.calendars.clock import ZONE, ClockError, Entry, Fault, Kind, admit, end_of, read
from support.calendars.terms import NATIONAL, Term, Unit
from tests.calendars import slow
from tests.calendars.slow import NINGXIA

day = dt.date.fromisoformat
NATION = slow.built()
TWENTY = Term(20, Unit.WORKDAY)
TEN = Term(10, Unit.WORKDAY)


def entry(kind: str, on: str, term: Term | None = None, *, at: str = "", until: str = "") -> Entry:
    """An act at ten in the morning of a day, or of the day `at`."""
    instant = dt.datetime.combine(day(at or on), dt.time(10), ZONE)
    told = day(until) if until else None
    return Entry(Kind(kind), instant, day(on), term, f"{kind} 的理由", f"{kind} 的依据", told)


START = entry("start", "2026-03-02", TWENTY)  # a Monday; due 2026-03-30


def due(*entries: Entry, today: str = "2026-03-02") -> str:
    return str(read(entries, NATION, today=day(today)).due_on)


def test_nothing_has_started():
    reading = read([], NATION, today=day("2026-03-02"))
    assert (reading.due_on, reading.paused, reading.stopped, reading.why) == (None, False, False, ())


def test_the_opening_day_is_not_counted():
    assert due(START) == "2026-03-30"


def test_accepted_by_silence_as_of_the_day_of_receipt():
    """行政许可法 32: the row is written on the sixth day or later, the clock starts at receipt."""
    assert due(entry("start", "2026-03-02", TWENTY, at="2026-03-10")) == due(START)


def test_the_last_day_ends_at_the_following_midnight():
    assert end_of(day("2026-12-31")).isoformat() == "2027-01-01T00:00:00+08:00"


# --- pause and resume -----------------------------------------------------------------------------


def test_a_pause_shifts_by_the_paused_working_days():
    paused = entry("pause", "2026-03-05"), entry("resume", "2026-03-11")
    assert due(START, *paused) == "2026-04-03"  # four working days: 6, 9, 10 and 11 March


def test_a_pause_over_a_holiday_shifts_by_working_days_only():
    start = entry("start", "2026-09-18", TEN)
    paused = entry("pause", "2026-09-30"), entry("resume", "2026-10-08")
    assert (due(start), due(start, *paused)) == ("2026-10-09", "2026-10-10")


def test_while_paused_the_date_supposes_a_resumption_today():
    paused = (START, entry("pause", "2026-03-05"))
    assert due(*paused, today="2026-03-05") == "2026-03-30"
    assert due(*paused, today="2026-03-06") == "2026-03-31"
    reading = read(paused, NATION, today=day("2026-03-11"))
    assert (str(reading.due_on), reading.paused) == ("2026-04-03", True)


def test_paused_and_resumed_on_one_day_changes_nothing():
    reading = read(
        (START, entry("pause", "2026-03-05"), entry("resume", "2026-03-05")), NATION, today=day("2026-03-06")
    )
    assert (str(reading.due_on), reading.paused) == ("2026-03-30", False)


def test_held_on_the_last_day_it_has_that_day_again():
    held = START, entry("pause", "2026-03-30")
    assert due(*held, entry("resume", "2026-04-01")) == "2026-04-01"
    assert due(*held, entry("resume", "2026-04-05")) == "2026-04-07"  # a Sunday of 清明节 rolls


def test_a_term_in_days_shifts_by_calendar_days_and_rolls_once():
    start = entry("start", "2026-03-02", Term(61, Unit.DAY))  # ends on Saturday 2 May: holiday
    assert due(start) == "2026-05-06"
    assert due(start, entry("pause", "2026-03-05"), entry("resume", "2026-03-12")) == "2026-05-09"


def test_a_term_in_months_shifts_by_calendar_days():
    start = entry("start", "2026-01-31", Term(1, Unit.MONTH), at="2026-01-31")
    assert due(start) == "2026-02-28"
    assert due(start, entry("pause", "2026-02-03"), entry("resume", "2026-02-06")) == "2026-03-03"


# --- excluded time (行政许可法 45) ------------------------------------------------------------------


def test_an_exclusion_ends_on_the_day_told_without_any_act():
    told = START, entry("exclude", "2026-03-05", until="2026-03-16")
    assert due(*told) == "2026-04-09"  # seven working days, 6 to 16 March
    for today, paused in (("2026-03-16", True), ("2026-03-17", False)):
        reading = read(told, NATION, today=day(today))
        assert (str(reading.due_on), reading.paused) == ("2026-04-09", paused)


def test_an_exclusion_ends_at_its_actual_end_if_that_is_earlier():
    told = START, entry("exclude", "2026-03-05", until="2026-03-16")
    assert due(*told, entry("resume", "2026-03-11")) == "2026-04-03"


def test_an_actual_end_after_the_day_told_adds_nothing():
    told = START, entry("exclude", "2026-03-05", until="2026-03-16")
    assert due(*told, entry("resume", "2026-03-20")) == due(*told)


def test_an_actual_end_may_be_written_later():
    told = START, entry("exclude", "2026-03-05", until="2026-03-31")
    assert due(*told, entry("resume", "2026-03-11", at="2026-03-13")) == "2026-04-03"


def test_the_time_needed_may_be_told_as_a_term():
    told = START, entry("exclude", "2026-03-05", Term(7, Unit.WORKDAY))
    assert due(*told) == due(START, entry("exclude", "2026-03-05", until="2026-03-16"))


def test_more_time_needs_a_new_notice():
    first = START, entry("exclude", "2026-03-05", until="2026-03-16")
    assert due(*first, entry("exclude", "2026-03-13", until="2026-03-20")) == "2026-04-15"
    late = entry("exclude", "2026-03-18", until="2026-03-20")  # the 17th and the 18th were counted
    assert due(*first, late) == "2026-04-13"


# --- extension and stop ---------------------------------------------------------------------------


def test_an_extension_adds_working_days():
    assert due(START, entry("extend", "2026-03-30", TEN)) == "2026-04-14"


def test_an_extended_term_in_days_rolls_only_at_its_very_end():
    start = entry("start", "2026-03-02", Term(61, Unit.DAY))  # alone it would roll from 2 to 6 May
    assert due(start, entry("extend", "2026-04-01", Term(10, Unit.DAY))) == "2026-05-12"


def test_a_stopped_clock_keeps_its_date():
    reading = read((START, entry("stop", "2026-03-20")), NATION, today=day("2026-08-01"))
    assert (str(reading.due_on), reading.stopped, reading.paused) == ("2026-03-30", True, False)


def test_stopping_ends_a_pause():
    stopped = START, entry("pause", "2026-03-05"), entry("stop", "2026-03-11")
    reading = read(stopped, NATION, today=day("2026-08-01"))
    assert (str(reading.due_on), reading.paused) == ("2026-04-03", False)


def test_provisional_and_the_same_ledger_under_a_calendar_loaded_later():
    start = entry("start", "2026-12-14", TWENTY)
    before = read([start], NATION, today=day("2026-12-14"))
    assert (before.missing, before.provisional) == (((NATIONAL, 2027),), True)
    after = read([start], slow.built(last_official=2027), today=day("2026-12-14"))
    assert (after.due_on, after.provisional) == (before.due_on, False)
    assert read([START], slow.built(NINGXIA), today=day("2026-03-02")).missing == ((NINGXIA, 2026),)


# --- why --------------------------------------------------------------------------------------------


def test_why_tells_every_stretch():
    entries = (
        START,
        entry("exclude", "2026-03-05", until="2026-03-16"),
        entry("resume", "2026-03-12"),
        entry("extend", "2026-03-20", TEN),
    )
    why = read(entries, NATION, today=day("2026-03-20")).why
    assert [(row.kind, str(row.after), str(row.until), row.counted) for row in why] == [
        ("run", "2026-03-02", "2026-03-05", 3),
        ("exclude", "2026-03-05", "2026-03-12", 0),
        ("run", "2026-03-12", "2026-04-21", 27),
        ("extend", "2026-03-20", "2026-03-20", 10),
    ]
    assert why[1].basis == "exclude 的依据"
    assert why[3].reason == "extend 的理由"
    assert "清明节" in {skipped.name for skipped in why[2].skipped}


def test_why_counts_a_rolled_end_once():
    start = entry("start", "2026-03-02", Term(61, Unit.DAY))
    (run,) = read([start], NATION, today=day("2026-03-02")).why
    assert run.counted == 61
    assert [str(skipped.on) for skipped in run.skipped] == [
        "2026-05-02",
        "2026-05-03",
        "2026-05-04",
        "2026-05-05",
    ]


# --- what is refused --------------------------------------------------------------------------------


PAUSED = (START, entry("pause", "2026-03-05"))
EXCLUDED = (START, entry("exclude", "2026-03-05", until="2026-03-16"))
STOPPED = (START, entry("stop", "2026-03-05"))


@pytest.mark.parametrize(
    ("ledger", "added", "fault"),
    [
        ((), entry("pause", "2026-03-05"), Fault.NOT_STARTED),
        ((), entry("start", "2026-03-05"), Fault.TERM),
        ((), entry("start", "2026-03-06", TEN, at="2026-03-05"), Fault.ORDER),
        ((START,), entry("start", "2026-03-05", TEN), Fault.STARTED),
        ((START,), entry("resume", "2026-03-05"), Fault.RUNNING),
        ((START,), entry("extend", "2026-03-05"), Fault.TERM),
        ((START,), entry("exclude", "2026-03-05"), Fault.TERM),
        ((START,), entry("exclude", "2026-03-05", until="2026-03-04"), Fault.TERM),
        ((START,), entry("pause", "2026-02-27"), Fault.ORDER),
        ((START,), entry("pause", "2026-03-05", at="2026-03-06"), Fault.RETROACTIVE),
        ((START,), entry("exclude", "2026-03-05", at="2026-03-06", until="2026-03-16"), Fault.RETROACTIVE),
        ((START,), entry("extend", "2026-03-05", TEN, at="2026-03-06"), Fault.RETROACTIVE),
        ((START,), entry("pause", "2026-03-06", at="2026-03-05"), Fault.ORDER),
        (PAUSED, entry("resume", "2026-03-04", at="2026-03-06"), Fault.ORDER),
        (PAUSED, entry("resume", "2026-03-07", at="2026-03-06"), Fault.ORDER),
        (PAUSED, entry("pause", "2026-03-06"), Fault.PAUSED),
        (PAUSED, entry("exclude", "2026-03-06", until="2026-03-16"), Fault.PAUSED),
        (PAUSED, entry("extend", "2026-03-06", TEN), Fault.PAUSED),
        ((*PAUSED, entry("resume", "2026-03-06")), entry("resume", "2026-03-09"), Fault.RUNNING),
        (STOPPED, entry("pause", "2026-03-06"), Fault.STOPPED),
        (STOPPED, entry("stop", "2026-03-06"), Fault.STOPPED),
    ],
)
def test_rows_out_of_order_are_refused_by_reading_and_by_admission(ledger, added, fault):
    for refuse in (
        lambda: read((*ledger, added), NATION, today=added.on),
        lambda: admit(ledger, added, NATION),
    ):
        with pytest.raises(ClockError) as refused:
            refuse()
        assert refused.value.fault is fault
        assert refused.value.entry is added


@pytest.mark.parametrize(
    ("ledger", "added", "fault"),
    [
        ((START,), entry("extend", "2026-03-31", TEN), Fault.EXPIRED),
        ((START,), entry("pause", "2026-03-31"), Fault.EXPIRED),
        ((START,), entry("exclude", "2026-03-31", until="2026-04-10"), Fault.EXPIRED),
        (EXCLUDED, entry("extend", "2026-03-10", TEN), Fault.PAUSED),
        ((START, entry("extend", "2026-03-10", TEN)), entry("extend", "2026-03-11", TEN), Fault.EXTENDED),
    ],
)
def test_what_depends_on_the_calendar_is_judged_once_when_written(ledger, added, fault):
    with pytest.raises(ClockError) as refused:
        admit(ledger, added, NATION)
    assert refused.value.fault is fault
    assert read((*ledger, added), NATION, today=added.on).due_on


@pytest.mark.parametrize(
    ("ledger", "added"),
    [
        ((), START),
        ((START,), entry("extend", "2026-03-30", TEN)),
        ((START,), entry("pause", "2026-03-30")),
        (PAUSED, entry("resume", "2026-06-30")),
        (EXCLUDED, entry("exclude", "2026-03-16", until="2026-03-20")),
        (EXCLUDED, entry("extend", "2026-03-17", TEN)),
        (EXCLUDED, entry("pause", "2026-03-10")),
        ((START,), entry("stop", "2026-06-30")),
    ],
)
def test_what_is_lawful_is_admitted(ledger, added):
    admit(ledger, added, NATION)


def test_an_act_of_the_same_day_but_an_earlier_hour_is_out_of_order():
    earlier = Entry(Kind.RESUME, PAUSED[1].at - dt.timedelta(hours=1), PAUSED[1].on)
    with pytest.raises(ClockError) as refused:
        read((*PAUSED, earlier), NATION, today=earlier.on)
    assert refused.value.fault is Fault.ORDER


def test_the_day_an_act_is_written_is_the_local_day():
    """23:30 in Shanghai is still the day before in UTC; both are one instant."""
    at = dt.datetime(2026, 3, 5, 23, 30, tzinfo=ZONE).astimezone(dt.UTC)
    admit((START,), Entry(Kind.PAUSE, at, day("2026-03-05")), NATION)
    after_midnight = dt.datetime(2026, 3, 5, 16, 30, tzinfo=dt.UTC)
    with pytest.raises(ClockError):
        admit((START,), Entry(Kind.PAUSE, after_midnight, day("2026-03-05")), NATION)
