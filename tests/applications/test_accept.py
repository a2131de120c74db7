"""Acceptance: both clocks start, the notice goes out; repeated, stale and foreign tries are refused."""

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from applications import clock
from applications.models import Application, Clock
from applications.workflow import StepRefused
from support.accounts.models import AgencyGrant
from support.documents.models import Document
from support.notices.models import Notice
from tests.applications.conftest import MONDAY, at

pytestmark = pytest.mark.django_db


def test_accepting_starts_the_statutory_and_the_promised_clock(accepted, guide):
    today = at("2026-11-24").date()
    readings = clock.readings(accepted, today=today)
    calendar = clock.calendar_of(accepted)
    assert readings[Clock.ACCEPTANCE].stopped
    assert readings[Clock.STATUTORY].due_on == calendar.add(today, guide.statutory).on
    assert readings[Clock.PROMISED].due_on == calendar.add(today, guide.promised).on
    assert accepted.due_at == accepted.promised_due_at
    assert not accepted.deadlines.filter(kind="acceptance", done_at=None).exists()


def test_the_applicant_gets_the_notice_of_acceptance(accepted, citizen):
    paper = Document.objects.get(kind="acceptance")
    assert paper.party == citizen.party
    assert paper.payload["accepted_on"] == "2026-11-24"
    assert paper.payload["received_on"] == "2026-11-23"
    assert Notice.objects.filter(user=citizen, kind="case_accepted").count() == 1


def test_a_second_click_is_told_and_changes_nothing(accepted, step, clerk):
    with pytest.raises(StepRefused):
        step("accept", accepted, clerk)
    assert accepted.events.filter(step="accept").count() == 1


def test_a_stale_page_is_told(received, step, clerk):
    with pytest.raises(StepRefused) as refusal:
        step("accept", received, clerk, seen=received.revision - 1)
    assert refusal.value.stale
    assert Application.objects.get(pk=received.pk).state == "received"


def test_not_this_agencys_business_needs_reasons_and_where_to_go(received, step, clerk):
    with pytest.raises(StepRefused):
        step("refuse_acceptance", received, clerk, reasons="不属于本机关职权")
    case = step(
        "refuse_acceptance", received, clerk, reasons="不属于本机关职权", where_to_go="银川市市场监督管理局"
    )
    assert (case.state, case.closed_at) == ("not_accepted", MONDAY)
    paper = Document.objects.get(kind="not_accepted")
    assert paper.payload["where_to_go"] == "银川市市场监督管理局"
    assert paper.payload["remedies"]["court"]
    assert case.due_at is None


def test_the_last_moment_of_the_fifth_day_is_still_in_time(received, step, clerk):
    last = received.acceptance_due_at - timezone.timedelta(seconds=1)
    assert step("accept", received, clerk, now=last).accepted_at == last


def test_an_officer_stands_aside_from_a_case_of_their_own(received, step, clerk, citizen, agency):
    permission = Permission.objects.get(codename="clerk")
    AgencyGrant.objects.create(user=citizen, content_object=agency, permission=permission)
    with pytest.raises(StepRefused, match="回避"):
        step("accept", received, citizen)
    assert step("accept", received, clerk).state == "in_review"
