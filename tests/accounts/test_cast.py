from support.accounts.demo import CAST, create_cast
from support.accounts.models import AgencyGrant, Mandate, Party, User
from support.records.actor import Kind
from tests.conftest import PASSWORD, actor_of


def test_the_cast_has_its_hats(cast, agency, agency_elsewhere, firm):
    assert actor_of(cast["citizen"]).party_id == cast["citizen"].party.pk
    assert cast["citizen"].party.number == "640199199003070002"
    company = actor_of(cast["firm_agent"], f"company:{firm.uuid}")
    assert (company.kind, company.party_id) == (Kind.COMPANY, firm.pk)
    assert actor_of(cast["clerk"]).grants == {(agency.pk, "clerk")}
    assert actor_of(cast["officer_elsewhere"]).agency_ids == {agency_elsewhere.pk}


def test_creating_the_cast_again_changes_nothing(cast):
    cast["citizen"].set_password("another-password")
    cast["citizen"].save()
    before = [model.objects.count() for model in (User, Party, Mandate, AgencyGrant)]
    again = create_cast(PASSWORD)
    assert [model.objects.count() for model in (User, Party, Mandate, AgencyGrant)] == before
    assert set(again) == {member.account for member in CAST}
    assert again["citizen"].check_password("another-password")
