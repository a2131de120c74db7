import datetime as dt
import uuid

import pytest
from django.contrib.auth.models import AnonymousUser, Permission
from django.utils import timezone

from support.accounts.hats import actor_for
from support.accounts.models import AgencyGrant, Mandate
from support.records.actor import VISITOR, Kind
from tests.conftest import actor_of

YESTERDAY = -1
TODAY = 0
TOMORROW = 1


def day(offset: int) -> dt.date:
    return timezone.localdate() + dt.timedelta(days=offset)


def test_everybody_without_an_office_is_a_citizen(citizen):
    actor = actor_of(citizen)
    assert (actor.kind, actor.party_id, actor.grants) == (Kind.CITIZEN, citizen.party.pk, frozenset())


def test_a_visitor_has_no_hat():
    assert actor_for(AnonymousUser(), "officer") is VISITOR


def test_an_officer_may_also_act_as_a_person_and_then_holds_no_office(officer, agency):
    assert actor_of(officer).holds("officer", agency.pk)
    assert actor_of(officer, "citizen").grants == frozenset()


@pytest.mark.parametrize(("until", "holds"), [(YESTERDAY, False), (TODAY, True), (TOMORROW, True)])
def test_a_grant_ends_after_its_last_day(officer, agency, until, holds):
    AgencyGrant.objects.filter(user=officer).update(valid_until=day(until))
    assert actor_of(officer).holds("officer", agency.pk) is holds
    assert actor_of(officer, "officer").is_officer is holds


def test_an_agency_that_was_closed_gives_no_office(officer, agency):
    agency.is_active = False
    agency.save()
    assert actor_of(officer).kind is Kind.CITIZEN


def test_an_inactive_user_is_a_visitor(officer):
    officer.is_active = False
    officer.save()
    assert actor_of(officer, "officer") == VISITOR


@pytest.mark.parametrize(
    "change",
    [
        {"revoked_at": timezone.now()},
        {"valid_until": day(YESTERDAY)},
        {"valid_from": day(TOMORROW)},
    ],
    ids=["revoked", "expired", "not yet"],
)
def test_a_mandate_that_does_not_hold_gives_no_company(firm_agent, firm, change):
    assert actor_of(firm_agent, f"company:{firm.uuid}").kind is Kind.COMPANY
    Mandate.objects.filter(user=firm_agent).update(**change)
    actor = actor_of(firm_agent, f"company:{firm.uuid}")
    assert (actor.kind, actor.party_id) == (Kind.CITIZEN, firm_agent.party.pk)


def test_a_stranger_cannot_wear_the_company(stranger, firm):
    assert actor_of(stranger, f"company:{firm.uuid}").party_id == stranger.party.pk


@pytest.mark.parametrize(
    "hat", ["company:", "company:1", f"company:{uuid.uuid4()}", "company:' OR 1=1", "officer", "root", "\0"]
)
def test_a_forged_or_broken_hat_gives_the_default(citizen, client, hat):
    assert actor_of(citizen, hat) == actor_of(citizen)


def test_a_company_hat_carries_no_office(officer, firm):
    Mandate.objects.create(user=officer, party=firm, role=Mandate.Role.AGENT, valid_from=day(TODAY))
    actor = actor_of(officer, f"company:{firm.uuid}")
    assert (actor.kind, actor.grants) == (Kind.COMPANY, frozenset())


def test_roles_at_two_agencies(officer, agency, agency_elsewhere):
    clerk = Permission.objects.get(codename="clerk")
    AgencyGrant.objects.create(user=officer, permission=clerk, content_object=agency_elsewhere)
    assert actor_of(officer).grants == {(agency.pk, "officer"), (agency_elsewhere.pk, "clerk")}
    assert not actor_of(officer).holds("officer", agency_elsewhere.pk)


@pytest.mark.parametrize("hat", ["", "citizen", "officer", "company:{}"])
def test_one_query_whatever_the_hat(firm_agent, firm, django_assert_num_queries, hat):
    with django_assert_num_queries(1):
        actor_for(firm_agent, hat.format(firm.uuid))
