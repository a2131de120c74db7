"""The whole grid: every step from every state by every member of the cast."""

import itertools

import pytest
from django.db import transaction

from applications.actions import Inputs, available, take
from applications.models import Application, Opinion, State
from applications.workflow import STEPS, StepRefused
from support.records.actor import TIMER, VISITOR
from tests.applications.conftest import MONDAY
from tests.conftest import actor_of

pytestmark = pytest.mark.django_db

WHO = {
    "accept": {"clerk", "window_chief"},
    "refuse_acceptance": {"clerk", "window_chief"},
    "deem_accepted": {"timer"},
    "give_opinion": {"officer"},
    "grant_at_once": set(),  # the sample is no 即办件
    "grant": {"approver", "window_chief"},
    "refuse": {"approver", "window_chief"},
    "withdraw": {"citizen"},
}
FROM = {
    "accept": {"received"},
    "refuse_acceptance": {"received"},
    "deem_accepted": {"received"},
    "grant_at_once": {"received"},
    "give_opinion": {"in_review"},
    "grant": {"in_review"},
    "refuse": {"in_review"},
    "withdraw": {"received", "in_review"},
}
TO = {
    "accept": "in_review",
    "refuse_acceptance": "not_accepted",
    "deem_accepted": "in_review",
    "grant_at_once": "granted",
    "give_opinion": "in_review",
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


def actor_named(name, cast):
    return {"timer": TIMER, "visitor": VISITOR}.get(name) or actor_of(cast[name])


def test_the_whole_grid(received, cast, officer):
    """15 people × 8 steps × 6 states: only those above go through, and lead where they should."""
    Opinion.objects.create(
        case=received,
        verdict="grant",
        text="可以",
        officer_id=officer.pk,
        officer_name=officer.name,
        at=MONDAY,
    )
    actors = {name: actor_named(name, cast) for name in MEMBERS}
    for state, name, member in itertools.product(State.values, STEPS, MEMBERS):
        allowed = member in WHO[name] and state in FROM[name]
        try:
            with transaction.atomic():
                Application.objects.filter(pk=received.pk).update(state=state, accepted_at=MONDAY)
                case = Application.objects.get(pk=received.pk)
                offered = name in {s.name for s in available(case, actors[member], now=MONDAY)}
                assert offered == allowed, (state, name, member)
                try:
                    after = take(name, case, actor=actors[member], seen=case.revision, at=MONDAY, inputs=FULL)
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
