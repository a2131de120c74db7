"""The decision: two people, reasons and remedies, the certificate reserved in the same transaction."""

import copy
import datetime as dt

import pytest

from applications import papers, sweep
from applications.models import Application, Decision
from applications.workflow import StepRefused
from certificates.models import Certificate
from matters.actions import publish
from support.documents import actions as documents
from support.documents.models import Document
from support.notices.models import Notice
from support.records.actor import TIMER
from tests.applications.conftest import at

pytestmark = pytest.mark.django_db

DAY = at("2026-11-26")


def test_without_an_opinion_nothing_is_decided(accepted, step, approver):
    with pytest.raises(StepRefused):
        step("grant", accepted, approver, now=DAY)
    assert not Decision.objects.exists()


def test_whoever_alone_reviewed_does_not_decide(accepted, step, approver, agency):
    from django.contrib.auth.models import Permission

    from support.accounts.models import AgencyGrant

    AgencyGrant.objects.create(
        user=approver, content_object=agency, permission=Permission.objects.get(codename="officer")
    )
    step("give_opinion", accepted, approver, now=DAY, verdict="grant", reasons="可以")
    with pytest.raises(StepRefused):
        step("grant", accepted, approver, now=DAY)


def test_granting_reserves_the_certificate_and_orders_both_papers(reviewed, step, approver, citizen, guide):
    case = step("grant", reviewed, approver, now=DAY)
    certificate = Certificate.objects.get()
    assert (case.state, case.closed_at) == ("granted", DAY)
    assert certificate.state == Certificate.State.ISSUING
    assert certificate.holder == citizen.party
    assert certificate.case_number == case.number
    assert case.decision.certificate == certificate
    assert Document.objects.filter(kind="grant").count() == 1
    assert Notice.objects.filter(user=citizen, kind="case_granted").count() == 1
    assert case.ledger.filter(clock="issue", kind="start", amount=10).count() == 1
    assert case.deadlines.filter(kind="issue", done_at=None).count() == 1
    assert not case.deadlines.exclude(kind="issue").filter(done_at=None).exists()


def test_if_the_certificate_cannot_be_reserved_nothing_is_decided(reviewed, step, approver, monkeypatch):
    monkeypatch.setattr(papers.certificates, "reserve", lambda *a, **k: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        step("grant", reviewed, approver, now=DAY)
    assert Application.objects.get(pk=reviewed.pk).state == "in_review"
    assert not Decision.objects.exists()


def test_a_refusal_has_reasons_and_remedies(reviewed, step, approver, agency):
    with pytest.raises(StepRefused):
        step("refuse", reviewed, approver, now=DAY, reasons="  ")
    case = step("refuse", reviewed, approver, now=DAY, reasons="经营场所不符合卫生要求。")
    assert case.decision.remedies["authority"] == agency.review_authority
    assert case.decision.remedies["court"] == agency.court
    paper = Document.objects.get(kind="refusal").payload
    assert paper["reasons"] == "经营场所不符合卫生要求。"
    assert paper["remedies"]["suit_term"]
    assert not Certificate.objects.exists()


def test_a_decided_case_is_not_decided_again(reviewed, step, approver):
    step("grant", reviewed, approver, now=DAY)
    with pytest.raises(StepRefused):
        step("refuse", reviewed, approver, now=DAY, reasons="改变主意")
    assert Certificate.objects.count() == 1


def test_the_applicant_may_withdraw_until_the_decision(reviewed, step, citizen, approver):
    case = step("withdraw", reviewed, citizen, now=DAY)
    assert (case.state, case.due_at) == ("withdrawn", None)
    with pytest.raises(StepRefused):
        step("grant", case, approver, now=DAY)


def test_with_consent_the_signature_ends_the_issuing_clock(reviewed, step, approver, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"
    case = step("grant", reviewed, approver, now=DAY)
    assert case.deadlines.filter(kind="issue", done_at=None).exists()
    documents.drain(DAY)
    assert case.ledger.filter(clock="issue", kind="stop").count() == 1
    assert not case.deadlines.filter(done_at=None).exists()


def test_a_certificate_not_signed_in_ten_days_is_told(reviewed, step, approver, supervisor):
    step("grant", reviewed, approver, now=DAY)
    sweep.sweep(at("2026-12-11", 0))
    assert Notice.objects.filter(user=supervisor, kind="case_overdue").count() == 1


def test_the_certificate_keeps_the_terms_of_the_pinned_guide(reviewed, step, approver, version):
    """A guide published meanwhile, valid for one year, changes nothing for a case under the older one."""
    document = copy.deepcopy(version.document)
    document["results"][0]["validity"] = {"amount": 12, "unit": "month"}
    publish(version.matter, document, starts_at=at("2027-01-04"), actor=TIMER, now=DAY)
    step("grant", reviewed, approver, now=DAY)
    assert Certificate.objects.get().valid_until == dt.date(2031, 11, 25)


def test_a_machine_whose_clock_is_behind_does_not_turn_time_back(reviewed, step, approver):
    case = step("grant", reviewed, approver, now=at("2026-11-24"))
    assert case.decided_at == at("2026-11-25")  # that of the opinion before it
