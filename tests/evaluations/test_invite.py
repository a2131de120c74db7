import datetime as dt

import pytest

from evaluations import actions, tasks
from evaluations.models import AgencyFigure, Invitation, RatingDelta
from support.notices.models import Notice
from tests.evaluations.conftest import DECIDED, LATER

pytestmark = pytest.mark.django_db


def invited() -> int:
    return Notice.objects.filter(kind="rate_invitation").count()


def test_finished_case_is_counted_and_invited_once(finished, citizen):
    assert actions.invite(now=LATER) == 1
    assert actions.invite(now=LATER) == 0
    notice = Notice.objects.get(user=citizen, kind="rate_invitation")
    assert finished.number in notice.body
    assert (notice.agency, notice.case_number) == (finished.agency, finished.number)
    assert notice.url == f"/evaluations/{finished.uuid}/"
    assert RatingDelta.objects.filter(measure=0).count() == 1


def test_unfinished_case_is_not_invited(received):
    assert actions.invite(now=LATER) == 0
    assert not Invitation.objects.exists()


def test_who_has_rated_is_counted_and_not_asked(finished, give):
    give(finished)
    assert actions.invite(now=LATER) == 0
    assert invited() == 0
    assert RatingDelta.objects.filter(measure=0).count() == 1


def test_case_committed_late_is_found(copies):
    actions.invite(now=LATER)
    copies(1, closed_at=DECIDED - actions.OVERLAP + dt.timedelta(seconds=1))
    assert actions.invite(now=LATER) == 1


def test_workers_that_were_down_for_weeks_find_all_however_early_somebody_rates(copies, give):
    old = copies(2, closed_at=DECIDED - dt.timedelta(days=30))
    give(copies(1, closed_at=DECIDED + dt.timedelta(days=30))[0])
    assert actions.invite(now=LATER) == 3  # the two and the one of the fixture
    assert Invitation.objects.filter(case__in=old).count() == 2


def test_long_backlog_is_worked_off_in_turns(copies):
    copies(4)
    assert [actions.invite(now=LATER, limit=2) for _ in range(4)] == [2, 2, 1, 0]
    assert invited() == 5


def test_one_case_that_fails_does_not_stop_the_others(copies, monkeypatch):
    poison = copies(1)[0]
    tell = actions.notices.tell_party

    def fail_for_one(*args, context, **values):
        if context["number"] == poison.number:
            raise RuntimeError
        tell(*args, context=context, **values)

    monkeypatch.setattr(actions.notices, "tell_party", fail_for_one)
    assert actions.invite(now=LATER) == 1
    assert not Invitation.objects.filter(case=poison).exists()
    monkeypatch.undo()
    assert actions.invite(now=LATER) == 1


def test_task_invites_and_folds(copies):
    copies(2)
    tasks.invite()
    assert invited() == 3
    assert not RatingDelta.objects.exists()
    assert AgencyFigure.objects.get(measure=0, matter=None).count == 3
