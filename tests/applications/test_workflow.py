"""The whole grid: every step from every state by every member of the cast."""

import datetime as dt
import itertools

import pytest
from django.db import transaction

from applications.actions import available, take
from applications.acts import Inputs
from applications.corrections.acts import Item, Judgement
from applications.models import Application, Correction, Opinion, State
from applications.workflow import STEPS, StepRefused
from support.records.actor import TIMER, VISITOR
from tests.applications.conftest import MONDAY
from tests.conftest import actor_of

pytestmark = pytest.mark.django_db

WHO = {
    "accept": {"clerk", "window_chief"},
    "accept_deferring": {"clerk", "window_chief"},
    "hand_in_deferred": {"citizen", "clerk", "window_chief"},
    "confirm_deferred": {"officer"},
    "refuse_acceptance": {"clerk", "window_chief"},
    "not_required": {"clerk", "window_chief"},
    "request_correction": {"clerk", "window_chief"},
    "supplement": {"citizen", "clerk", "window_chief"},
    "accept_corrected": {"clerk", "window_chief"},
    "refuse_corrected": {"clerk", "window_chief"},
    "return_unanswered": {"clerk", "window_chief"},
    "deem_accepted": {"timer"},
    "give_opinion": {"officer"},
    "start_procedure": {"approver", "window_chief"},
    "prolong_procedure": {"approver", "window_chief"},
    "end_procedure": {"officer"},
    "extend": {"agency_head"},
    "grant_at_once": set(),  # the sample is no 即办件
    "grant": {"approver", "window_chief"},
    "refuse": {"approver", "window_chief"},
    "withdraw": {"citizen"},
}
FROM = {
    "accept": {"received"},
    "accept_deferring": {"received"},
    "hand_in_deferred": {"in_review"},
    "confirm_deferred": {"in_review"},
    "refuse_acceptance": {"received"},
    "not_required": {"received"},
    "request_correction": {"received"},
    "supplement": {"correcting"},
    "accept_corrected": {"supplemented"},
    "refuse_corrected": {"supplemented"},
    "return_unanswered": {"correcting"},
    "deem_accepted": {"received", "supplemented"},
    "grant_at_once": {"received"},
    "give_opinion": {"in_review"},
    "start_procedure": {"in_review"},
    "prolong_procedure": {"in_review"},
    "end_procedure": {"in_review"},
    "extend": {"in_review"},
    "grant": {"in_review"},
    "refuse": {"in_review"},
    "withdraw": {"received", "correcting", "supplemented", "in_review"},
}
TO = {
    "accept": "in_review",
    "accept_deferring": "in_review",
    "hand_in_deferred": "in_review",
    "confirm_deferred": "in_review",
    "refuse_acceptance": "not_accepted",
    "not_required": "not_required",
    "request_correction": "correcting",
    "supplement": "supplemented",
    "accept_corrected": "in_review",
    "refuse_corrected": "not_accepted",
    "return_unanswered": "returned",
    "deem_accepted": "in_review",
    "grant_at_once": "granted",
    "give_opinion": "in_review",
    "start_procedure": "in_review",
    "prolong_procedure": "in_review",
    "end_procedure": "in_review",
    "extend": "in_review",
    "grant": "granted",
    "refuse": "refused",
    "withdraw": "withdrawn",
}
FULL = Inputs(reasons="理由充分", verdict="grant", where_to_go="银川市市场监督管理局")
MEMBERS = [
    "citizen",
    "stranger",
    "firm_agent",
    "clerk",
    "window_chief",
    "officer",
    "officer_elsewhere",
    "approver",
    "agency_head",
    "government_head",
    "supervisor",
    "editor",
    "reviewer",
    "timer",
    "visitor",
]


def test_the_table_is_the_one_written_here():
    assert set(STEPS) == set(WHO) == set(FROM) == set(TO)
    assert all(step.basis for step in STEPS.values())


ENDED = {"result": "met", "opinion": "没有异议", "unit": "听证室", "handler": "何平", "ended_on": MONDAY.date()}


def a_hearing_runs(case):
    began = {"code": "2", "key": "hearing", "began_at": MONDAY, "until": MONDAY.date()}
    told = {"amount": 1, "unit": "workday", "until": MONDAY.date(), "reasons": "依法听证", "at": MONDAY}
    case.procedures.create(**began).notices.create(**told, approver_id=1, approver_name="丁洁")


def the_term_runs(case):
    case.ledger.create(
        clock="statutory", kind="start", at=MONDAY, on=MONDAY.date(), amount=15, unit="workday", reason="", basis="",
        actor_kind="timer", actor_name="",
    )  # fmt: skip
    Application.objects.filter(pk=case.pk).update(statutory_due_at=MONDAY + dt.timedelta(21))


def actor_named(name, cast):
    return {"timer": TIMER, "visitor": VISITOR}.get(name) or actor_of(cast[name])


def test_the_whole_grid(received, cast, officer):
    """15 people, every step, every state: only those above go through, and lead where they should."""
    Opinion.objects.create(
        case=received,
        verdict="grant",
        text="可以",
        officer_id=officer.pk,
        officer_name=officer.name,
        at=MONDAY,
    )
    material = received.guide.guide.uploads[0].key
    told = Correction.objects.create(
        case=received, days=10, told_at=MONDAY, officer_id=officer.pk, officer_name=officer.name
    )
    item = told.items.create(target="material", key=material, why="不清楚", how="重新拍摄", sheets=True)
    line = {"items": [Item("material", material, "不清楚", "重新拍摄")], "days": 10}
    own = {
        "request_correction": Inputs(more=line),
        "start_procedure": Inputs(reasons="依法听证", more={"procedure": "hearing", "days": 2}),
        "prolong_procedure": Inputs(reasons="还要时间", more={"days": 2}),
        "end_procedure": Inputs(more=ENDED),
        "extend": Inputs(reasons="案情复杂", more={"days": 10}),
        "refuse_corrected": Inputs(more={"judgements": [Judgement(item.pk, met=False, reason="仍不清楚")]}),
    }
    late, last = [m.key for m in received.guide.guide.materials if m.key != material][:2]
    waits = received.deferred.create(material_key=late, days=3, sheets=True)
    sent = received.deferred.create(material_key=last, days=3, handed_at=MONDAY)
    own |= {
        "hand_in_deferred": Inputs(more={"deferred": [waits.pk]}),
        "confirm_deferred": Inputs(more={"judgements": [Judgement(sent.pk, met=True)]}),
        "refuse": Inputs(reasons="不符合", more={"apart": True}),
    }
    actors = {name: actor_named(name, cast) for name in MEMBERS}
    for state, name, member in itertools.product(State.values, STEPS, MEMBERS):
        allowed = member in WHO[name] and state in FROM[name]
        try:
            with transaction.atomic():
                Application.objects.filter(pk=received.pk).update(
                    state=state, accepted_at=MONDAY, correction_due_at=MONDAY,
                    deferred_open=2 if STEPS[name].deferring else 0,
                )  # fmt: skip
                if name == "request_correction":  # a case has one
                    told.items.all().delete()
                    Correction.objects.all().delete()
                if name in ("prolong_procedure", "end_procedure"):
                    a_hearing_runs(received)
                if name == "extend":
                    the_term_runs(received)
                case = Application.objects.get(pk=received.pk)
                offered = name in {s.name for s in available(case, actors[member], now=MONDAY)}
                stands_in = STEPS[name].at_window and actors[member].is_officer
                assert offered == (allowed and not stands_in), (state, name, member)
                inputs = own.get(name, FULL)
                try:
                    after = take(name, case, actor=actors[member], seen=case.revision, at=MONDAY, inputs=inputs)
                except StepRefused as refusal:
                    assert not allowed, (state, name, member, str(refusal))
                    assert str(refusal)
                else:
                    assert allowed, (state, name, member)
                    assert after.state == TO[name]
                raise Undo
        except Undo:
            pass


class Undo(Exception):
    """Rolls one try back."""
