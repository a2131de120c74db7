import datetime as dt

import pytest

from support.records import actions
from support.records.actor import VISITOR, Actor, Kind
from support.records.models import AuditEvent

pytestmark = pytest.mark.django_db


def test_records_who_what_for_whom_and_when():
    at = dt.datetime(2026, 3, 2, 1, 0, tzinfo=dt.UTC)
    actor = Actor(Kind.COMPANY, user_id=5, name="王五", party_id=9)
    actions.write(
        "case.submit", actor=actor, target="t:1", subject_id=9, agency_id=3, details={"n": 1}, at=at
    )
    event = AuditEvent.objects.get()
    assert (event.verb, event.target, event.at, event.details) == ("case.submit", "t:1", at, {"n": 1})
    assert (event.actor_kind, event.actor_id, event.actor_name) == ("company", 5, "王五")
    assert (event.on_behalf_of, event.subject_id, event.agency_id) == (9, 9, 3)


def test_event_knows_its_transaction():
    actions.write("a", actor=VISITOR, target="t")
    actions.write("b", actor=VISITOR, target="t")
    assert len(set(AuditEvent.objects.values_list("xact", flat=True))) == 1
    assert AuditEvent.objects.first().xact > 0
