"""A light on a row, the filter and the counter in SQL, and a slow count by hand: three ways, one answer."""

import datetime as dt
import random

import pytest
from django.core.management import call_command
from django.utils import timezone

from applications import clock, desk, horizon, lights, sweep
from applications.lights import Level, level
from applications.models import Application, Clock, ClockEntry
from applications.workflow import ClockEffect
from support.calendars import clock as pure
from support.calendars.actions import NoticeDay, enter_notice
from support.calendars.models import OfficialDay
from support.calendars.terms import Term, Unit
from support.records.actor import TIMER
from tests.applications.conftest import MONDAY, SHANGHAI, at
from tests.conftest import actor_of

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)


# --- by hand ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "shown"),
    [
        # accepted on Tuesday 24 November, promised within ten working days: until 8 December
        (at("2026-11-24"), "green"),
        (at("2026-12-02", 23), "green"),  # four working days left, more than a third of ten
        (at("2026-12-03", 0), "amber"),  # three left
        (at("2026-12-08", 23), "amber"),
        (at("2026-12-09", 0), "red"),
    ],
)
def test_the_thresholds(accepted, moment, shown):
    assert timezone.localdate(accepted.promised_due_at).isoformat() == "2026-12-09"
    assert level(accepted, moment) == shown
    assert Application.objects.filter(lights.lit(shown, moment)).get() == accepted


def test_a_short_term_turns_amber_with_two_days_left(received):
    """Five working days from Monday: a third is one, so the number of two decides."""
    assert [level(received, at(day)) for day in ("2026-11-25", "2026-11-26", "2026-11-27", "2026-11-30")] == [
        "green", "amber", "amber", "amber",
    ]  # fmt: skip


def test_the_thresholds_come_from_one_setting(received, settings):
    settings.NEAR_THE_END = {"part": 1, "of": 1, "workdays": 0}
    call_command("count_again")
    assert sweep.recompute_stale(MONDAY) == 1
    assert level(Application.objects.get(), at("2026-11-24")) == "amber"


def test_silence_is_followed_before_it_is_written(received, guide):
    """With every worker down: red only after the promised term, counted from the receipt, has ended."""
    due = pure.end_of(clock.calendar_of(received).add(MONDAY.date(), guide.promised).on)
    assert received.deemed_due_at == due
    at_lapse = received.acceptance_due_at
    for moment in (at_lapse, due - DAY, due, received.deemed_statutory_due_at + DAY):
        unwritten = lights.light(received, moment, clock.calendar_of(received))
        in_sql = [each for each in Level if Application.objects.filter(lights.lit(each, moment)).exists()]
        assert in_sql == [unwritten.level]
        with_statute = Application.objects.filter(lights.past_the_law(moment)).exists()
        assert with_statute == (moment >= received.deemed_statutory_due_at)
    sweep.sweep(at_lapse)
    written = Application.objects.get()
    assert (written.due_at, written.amber_at) == (received.deemed_due_at, received.deemed_amber_at)
    assert written.statutory_due_at == received.deemed_statutory_due_at
    assert written.deemed_due_at is None


def test_an_exclusion_shows_as_paused_until_the_day_told(accepted, officer):
    """行政许可法 45: told in writing on 25 November, five working days."""
    for one in ("promised", "statutory"):
        write(accepted, one, "exclude", at("2026-11-25"), Term(5, Unit.WORKDAY))
    clock.recompute(accepted, today=dt.date(2026, 11, 25))
    accepted.save()
    paused = lights.light(accepted, at("2026-12-02", 23), clock.calendar_of(accepted))
    assert (paused.level, paused.words) == ("paused", "已暂停 · 至 2026-12-02")
    assert Application.objects.filter(lights.lit("paused", at("2026-12-02", 23))).exists()
    assert level(accepted, at("2026-12-03", 0)) == "green"
    assert not desk.is_late(accepted, at("2026-12-15"))
    assert level(accepted, at("2026-12-16", 0)) == "red"  # five working days later than without


def test_which_term_was_breached(accepted):
    promised, statutory = accepted.promised_due_at, accepted.statutory_due_at
    assert lights.breach(accepted, promised - DAY) is None
    assert lights.breach(accepted, promised) == "promised"
    assert lights.breach(accepted, statutory) == "statutory"
    assert not Application.objects.filter(lights.past_the_law(statutory - DAY)).exists()


def test_the_certificate_has_a_light_of_its_own_until_it_is_served(reviewed, step, approver):
    case = step("grant", reviewed, approver, now=at("2026-11-26"))
    assert level(case, at("2026-11-27")) == "green"  # ten working days (行政许可法 44)
    assert level(case, case.due_at) == "red"
    assert not desk.is_late(case, case.due_at)
    due_at = case.due_at
    clock.stop(case, Clock.ISSUE, actor=TIMER, at=at("2026-11-27"))
    clock.recompute(case, today=at("2026-11-27").date())
    assert level(case, due_at) == "none"


# --- at random ----------------------------------------------------------------------------------------


def write(case, which, kind, when, term=None):
    ClockEntry.objects.create(
        case=case, clock=which, kind=kind, at=when, on=timezone.localdate(when),
        amount=term.amount if term else None, unit=term.unit if term else "", reason="", basis="",
        actor_kind="timer", actor_name="",
    )  # fmt: skip


def some_case(like, number, dice):
    """A case received at some instant, some days into its life, sometimes held, sometimes closed."""
    received = dt.datetime(
        2026, dice.randint(8, 11), dice.randint(1, 28), dice.randint(0, 23), tzinfo=SHANGHAI
    )
    case = Application(
        number=f"N{number}", key=f"key-{number}", matter=like.matter, guide=like.guide, agency=like.agency,
        region_code=like.region_code, party=like.party, filed_by=like.filed_by, state="received",
        received_at=received, deemable=dice.random() < 0.8,
    )  # fmt: skip
    case.save()
    write(case, "acceptance", "start", received, Term(dice.randint(1, 6), Unit.WORKDAY))
    acted = received
    if dice.random() < 0.7:
        acted += dt.timedelta(hours=dice.randint(0, 60))
        write(case, "acceptance", "stop", acted)
        case.state, case.accepted_at = "in_review", acted
        terms = [Term(dice.randint(1, 25), dice.choice([Unit.WORKDAY, Unit.DAY])) for _ in range(2)]
        for which, term in zip(("promised", "statutory"), sorted(terms, key=lambda t: t.amount), strict=True):
            if dice.random() < 0.85:
                write(case, which, "start", acted, term)
                last = hold(case, which, term, acted, dice)
                acted = max(acted, last)
    clock.recompute(case, today=timezone.localdate(acted))
    case.save()
    return case, acted


def hold(case, which, term, acted, dice):
    """Perhaps time not counted, with or without an announced end, perhaps over already."""
    day = timezone.localdate(acted)
    first = clock.calendar_of(case).add(day, Term(term.amount, term.unit)).on
    when = acted + DAY * dice.randint(0, max(0, (first - day).days - 1))
    kind = dice.choice(["", "", "exclude", "pause", "over"])
    if kind == "exclude":
        write(case, which, "exclude", when, Term(dice.randint(1, 9), Unit.WORKDAY))
    elif kind:
        write(case, which, "pause", when)
        if kind == "over":
            when += DAY * dice.randint(0, 9)
            write(case, which, "resume", when)
    return when if kind else acted


def by_hand(case, now, guide):
    """The rule as it is said: green while more than a third and more than two working days are left."""
    calendar, today = clock.calendar_of(case), timezone.localdate(now)
    if clock.lapsed(case, now):
        begun = pure.Kind.START, case.received_at, case.receipt_day
        terms = (guide.promised, guide.statutory)
        read = [pure.read([pure.Entry(*begun, term)], calendar, today=today) for term in terms]
    else:
        read = [each for each in clock.readings(case, today=today).values() if not each.stopped]
    if not read:
        return "none"
    open_end = {id(each): each.paused and each.why and last_hold(each).kind == "pause" for each in read}
    first = min(read, key=lambda each: (bool(open_end[id(each)]), each.due_on))
    if first.paused:
        return "paused"
    running = [
        why.after + DAY * n
        for why in first.why
        if why.kind == "run"
        for n in range(1, (why.until - why.after).days + 1)
    ]
    total = [day for day in running if calendar.is_workday(day)]
    left = [day for day in total if day > today]
    if today > first.due_on:
        return "red"
    return "green" if 3 * len(left) > len(total) and len(left) > 2 else "amber"


def last_hold(reading):
    return [why for why in reading.why if why.kind in ("pause", "exclude")][-1]


@pytest.mark.parametrize("seed", range(3))
def test_row_filter_and_counter_agree_with_a_count_by_hand(received, guide, supervisor, seed):
    dice = random.Random(seed)
    if seed == 2:
        days = [NoticeDay(dt.date(2026, 9, n), OfficialDay.Kind.OFF, "示例") for n in (2, 3, 4, 16)]
        enter_notice("640000000000", 2026, days, "示例通知", actor=actor_of(supervisor), now=at("2026-08-01"))
    made = [some_case(received, number, dice) for number in range(40)]
    Application.objects.filter(pk=received.pk).update(closed_at=MONDAY)
    seen = set()
    for _ in range(25):
        offset = dt.timedelta(hours=dice.randint(0, 24 * 50), microseconds=dice.choice([0, 0, 1]))
        for case, acted in dice.sample(made, 12):
            now = acted + offset
            if dice.random() < 0.3:  # on the very edge
                now = max(acted, dt.datetime.combine(timezone.localdate(now), dt.time.min, SHANGHAI))
            shown = level(case, now)
            seen.add(shown)
            assert shown == by_hand(case, now, guide), (case.number, now)
        now = at("2026-09-01") + offset
        rows = Application.objects.open()
        in_sql = {row.pk: row.light for row in rows.annotate(light=lights.level_column(now))}
        in_python = {row.pk: level(row, now) for row in rows}
        assert in_sql == in_python
        for each in Level:
            filtered = set(rows.filter(lights.lit(each, now)).values_list("pk", flat=True))
            assert filtered == {pk for pk, shown in in_python.items() if shown == each}, each
        late = set(rows.filter(desk.tab_of("late").where(now)).values_list("pk", flat=True))
        assert late == {row.pk for row in rows if desk.is_late(row, now)}
        law = rows.filter(lights.lit("red", now) & lights.past_the_law(now))
        assert {row.pk for row in law} == {row.pk for row in rows if lights.breach(row, now) == "statutory"}
    assert seen >= set(Level.values)


def test_a_hold_without_end_comes_after_every_running_clock(accepted):
    write(accepted, "promised", "pause", at("2026-11-25"))
    clock.recompute(accepted, today=dt.date(2026, 11, 25))
    assert (accepted.due_at, accepted.held_until) == (accepted.statutory_due_at, None)
    write(accepted, "statutory", "pause", at("2026-11-25"))
    clock.recompute(accepted, today=dt.date(2026, 11, 25))
    assert accepted.held_until == horizon.NO_END


def test_the_door_keeps_the_columns(received):
    clock.apply(
        received, ClockEffect("acceptance", "stop"), guide=received.guide.guide, actor=TIMER, at=MONDAY
    )
    clock.recompute(received, today=MONDAY.date())
    assert (received.due_at, received.amber_at) == (None, None)
