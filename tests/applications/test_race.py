"""Two at once, on real connections: one wins, the other is told, nothing happens twice."""

import threading

import pytest
from django.db import connection, transaction

from applications import delivery, filing, sweep
from applications.actions import take
from applications.acts import Inputs
from applications.delivery import Handover, Wish
from applications.models import Application, Service
from applications.workflow import StepRefused
from certificates.models import Certificate
from support.documents import actions as documents
from support.documents.models import Document
from tests.applications.conftest import MONDAY, at
from tests.conftest import actor_of

pytestmark = pytest.mark.django_db(transaction=True)


def together(*calls):
    """Run the calls at the same moment, each on its own connection; their results or errors."""
    gate = threading.Barrier(len(calls))
    results: list = [None] * len(calls)

    def run(place, call):
        try:
            gate.wait(10)
            results[place] = call()
        except Exception as error:
            results[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


def test_two_approvers_at_once(reviewed, approver):
    actor, seen = actor_of(approver), reviewed.revision
    case = Application.objects.get(pk=reviewed.pk)
    day = at("2026-11-26")
    results = together(
        lambda: take("grant", case, actor=actor, seen=seen, at=day),
        lambda: take("refuse", case, actor=actor, seen=seen, at=day, inputs=Inputs(reasons="不符合")),
    )
    refused = [r for r in results if isinstance(r, StepRefused)]
    assert len(refused) == 1
    assert refused[0].stale
    case = Application.objects.get(pk=reviewed.pk)
    assert Certificate.objects.count() == (1 if case.state == "granted" else 0)
    assert case.events.filter(step__in=["grant", "refuse"]).count() == 1


def test_two_submissions_at_once(version, answers, uploads_for, citizen):
    uploads, actor = uploads_for(citizen), actor_of(citizen)

    def submit():
        return filing.submit(version.matter, answers, uploads, key="race-key", actor=actor, now=MONDAY)

    first, second = together(submit, submit)
    assert first.pk == second.pk
    assert Application.objects.count() == 1


def test_two_sweeps_and_a_late_officer(received, clerk):
    day = at("2026-12-01")
    actor, seen = actor_of(clerk), received.revision
    case = Application.objects.get(pk=received.pk)
    results = together(
        lambda: sweep.sweep(day),
        lambda: sweep.sweep(day),
        lambda: take("accept", case, actor=actor, seen=seen, at=day),
    )
    assert isinstance(results[2], StepRefused)
    case = Application.objects.get(pk=received.pk)
    assert case.state == "received" or case.events.filter(step="deem_accepted").count() == 1
    sweep.sweep(day)
    case = Application.objects.get(pk=received.pk)
    assert case.state == "in_review"
    assert case.events.filter(step="deem_accepted").count() == 1


def test_the_sweep_passes_over_a_case_that_an_officer_holds(file_case):
    held, free = file_case(key="held-case"), file_case(key="free-case")
    day = at("2026-12-01")
    holding, done = threading.Event(), threading.Event()

    def officer():
        with transaction.atomic():
            Application.objects.select_for_update().get(pk=held.pk)
            holding.set()
            done.wait(20)

    def worker():
        try:
            assert holding.wait(10)
            return sweep.sweep(day)
        finally:
            done.set()

    _nothing, swept = together(officer, worker)
    assert swept == 1
    states = dict(Application.objects.values_list("pk", "state"))
    assert states == {held.pk: "received", free.pk: "in_review"}


def test_two_officers_record_the_same_service_at_once(file_case, clerk, window_chief):
    case = file_case(wish=Wish())
    documents.drain(MONDAY)
    receipt = Document.objects.get()
    given = Handover([receipt.pk], "window", "served", MONDAY.date(), to_whom="张小兰")
    first, second = actor_of(clerk), actor_of(window_chief)
    results = together(
        lambda: delivery.record(case, given, actor=first, seen=0, now=MONDAY),
        lambda: delivery.record(case, given, actor=second, seen=0, now=MONDAY),
    )
    assert [type(r) for r in results].count(delivery.DeliveryRefused) == 1
    assert Service.objects.count() == 1
    assert Document.objects.filter(kind="service_return").count() == 1


def test_consent_while_the_paper_is_being_made_serves_it_once(file_case, citizen):
    case = file_case(wish=Wish())
    actor = actor_of(citizen)
    together(
        lambda: documents.drain(MONDAY),
        lambda: delivery.choose(case, Wish("electronic"), actor=actor, now=MONDAY),
    )
    assert Service.objects.filter(document__kind="receipt").count() == 1
