"""Silence: on the sixth working day the case is accepted as of its receipt, worker or no worker."""

import datetime as dt

import pytest
from django.db import connection
from django.utils import timezone

from applications import clock, desk, sweep
from applications.models import Application, Deadline
from applications.workflow import StepRefused
from support.calendars.actions import NoticeDay, enter_notice
from support.calendars.models import OfficialDay
from support.documents.models import Document
from support.notices.models import Notice
from tests.applications.conftest import MONDAY, at
from tests.conftest import actor_of

pytestmark = pytest.mark.django_db

SIXTH_DAY = at("2026-12-01", 0)


def fresh(case):
    return Application.objects.get(pk=case.pk)


def test_before_midnight_of_the_fifth_day_nothing_happens(received):
    assert sweep.sweep(SIXTH_DAY - timezone.timedelta(seconds=1)) == 0
    assert fresh(received).state == "received"


def test_the_sweep_writes_what_the_law_has_done(received, guide, citizen, clerk):
    late = SIXTH_DAY + timezone.timedelta(days=3)
    assert sweep.sweep(late) == 1
    case = fresh(received)
    assert case.state == "in_review"
    assert case.accepted_at == received.received_at  # as of receipt, not of the fifth day or the sweep
    event = case.events.get(step="deem_accepted")
    assert (event.at, event.actor_kind) == (SIXTH_DAY, "timer")
    expected = clock.calendar_of(case).add(MONDAY.date(), guide.statutory).on
    assert timezone.localdate(case.statutory_due_at) - timezone.timedelta(days=1) == expected
    assert Notice.objects.filter(user=citizen, kind="case_deemed_accepted").count() == 1
    assert Notice.objects.filter(user=clerk, kind="case_deemed_accepted_officer").count() == 1
    paper = Document.objects.get(kind="deemed_acceptance")
    assert (paper.payload["accepted_on"], paper.issued_at) == ("2026-11-23", late)  # not backdated


def test_a_second_sweep_does_nothing(received):
    sweep.sweep(SIXTH_DAY)
    assert sweep.sweep(SIXTH_DAY) == 0
    assert fresh(received).events.filter(step="deem_accepted").count() == 1


def test_with_every_worker_down_the_law_still_holds(received, step, clerk, officer):
    assert clock.standing(received, SIXTH_DAY) == "in_review"
    with pytest.raises(StepRefused):
        step("refuse_acceptance", received, clerk, now=SIXTH_DAY, reasons="材料不全", where_to_go="别处")
    with pytest.raises(StepRefused):
        step("accept", received, clerk, now=SIXTH_DAY)
    case = step("give_opinion", received, officer, now=SIXTH_DAY, verdict="grant", reasons="符合条件")
    assert case.accepted_at == received.received_at
    assert [e.step for e in case.events.all()] == ["file", "deem_accepted", "give_opinion"]
    assert Notice.objects.filter(kind="case_deemed_accepted").count() == 1


def test_the_desk_counts_it_where_the_law_has_put_it(received, clerk):
    actor = actor_of(clerk)
    assert desk.counts(actor, SIXTH_DAY - timezone.timedelta(seconds=1))["received"] == 1
    counts = desk.counts(actor, SIXTH_DAY)
    assert (counts["received"], counts["review"]) == (0, 1)
    assert len(desk.listing(actor, desk.tab_of("review"), SIXTH_DAY).cases) == 1


def test_other_regimes_know_no_acceptance_by_silence(received, step, clerk, supervisor):
    Application.objects.filter(pk=received.pk).update(deemable=False)
    sweep.sweep(SIXTH_DAY)
    assert fresh(received).state == "received"
    assert Notice.objects.filter(user=supervisor, kind="case_overdue").count() == 1
    assert step("accept", received, clerk, now=SIXTH_DAY).state == "in_review"


def test_a_poison_case_does_not_stop_the_others(file_case, monkeypatch):
    bad, good = file_case(key="bad-case"), file_case(key="good-case")
    settle = sweep.settle

    def poisoned(case, now):
        if case.pk == bad.pk:
            connection.cursor().execute("SELECT 1/0")  # breaks the transaction, not only the function
        return settle(case, now)

    monkeypatch.setattr(sweep, "settle", poisoned)
    assert sweep.sweep(SIXTH_DAY) == 2
    assert (fresh(bad).state, fresh(good).state) == ("received", "in_review")
    row = Deadline.objects.get(case=bad, kind="acceptance")
    assert "division by zero" in row.error
    assert row.next_at > SIXTH_DAY
    monkeypatch.undo()
    sweep.sweep(row.next_at)
    assert fresh(bad).state == "in_review"


def test_a_calendar_loaded_later_moves_the_day(received, supervisor, citizen):
    enter_notice(
        "640000000000", 2026, [NoticeDay(dt.date(2026, 11, 26), OfficialDay.Kind.OFF, "古尔邦节")], "示例通知",
        actor=actor_of(supervisor), now=MONDAY,
    )  # fmt: skip
    assert sweep.recompute_stale(MONDAY) == 1
    case = fresh(received)
    assert timezone.localdate(case.acceptance_due_at).isoformat() == "2026-12-02"
    assert case.deadlines.get(kind="acceptance").due_at == case.acceptance_due_at
    notice = Notice.objects.get(user=citizen, kind="case_dates_moved")
    assert notice.agency_id == Application.objects.get(number=notice.case_number).agency_id
    assert sweep.sweep(SIXTH_DAY) == 0


def test_a_poison_case_does_not_stop_the_counting_again(file_case, supervisor, monkeypatch):
    bad, good = file_case(key="bad-case"), file_case(key="good-case")
    Application.objects.update(calendar_version=0)
    settle = sweep.settle

    def poisoned(case, now):
        if case.pk == bad.pk:
            raise RuntimeError("broken row")
        return settle(case, now)

    monkeypatch.setattr(sweep, "settle", poisoned)
    assert sweep.recompute_stale(MONDAY) == 1
    assert (fresh(bad).calendar_version, fresh(good).calendar_version > 0) == (0, True)
