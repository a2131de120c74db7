import pytest

from support.accounts.models import Party
from support.records.actor import VISITOR, Actor, Kind
from support.records.models import AuditEvent
from tests.conftest import PASSWORD, actor_of

PROFILE = "/accounts/profile/"
CONTACT = "/accounts/profile/contact/"


def wear(client, hat: str) -> None:
    client.post("/accounts/hat/", {"hat": hat})


def test_the_profile_is_masked(client, citizen):
    client.force_login(citizen)
    page = client.get(PROFILE).text
    party = citizen.party
    assert "199****0001" in page
    assert "6****************2" in page
    for secret in (party.number, party.phone, party.address, citizen.email):
        assert secret not in page


def test_a_party_is_visible_to_who_acts_for_it_only(citizen, stranger, firm_agent, firm, officer):
    def visible(actor):
        return set(Party.objects.visible_to(actor))

    assert visible(actor_of(citizen)) == {citizen.party}
    assert visible(actor_of(firm_agent, f"company:{firm.uuid}")) == {firm}
    assert visible(actor_of(firm_agent)) == {firm_agent.party}
    assert visible(actor_of(officer)) == set()
    assert visible(actor_of(officer, "citizen")) == set()
    assert visible(VISITOR) == set()
    assert visible(Actor(Kind.TIMER, party_id=firm.pk)) == set(), "only applicants act for a party"


def test_the_company_hat_shows_the_company(client, firm_agent, firm):
    client.force_login(firm_agent)
    wear(client, f"company:{firm.uuid}")
    page = client.get(PROFILE).text
    assert "统一社会信用代码" in page
    assert "9****************3" in page


def test_an_officer_sees_the_offices_held(client, officer, agency):
    client.force_login(officer)
    page = client.get(PROFILE).text
    assert f"{agency.name} · 审查人员" in page
    assert client.get(CONTACT).status_code == 200


def contact(client, **data):
    given = {"phone": "13812343210", "address": "新地址", "email": "citizen@example.com", **data}
    return client.post(CONTACT, given)


def test_change_telephone_and_address(client, citizen):
    client.force_login(citizen)
    assert citizen.party.phone in client.get(CONTACT).text
    assert AuditEvent.objects.filter(verb="read.contact", subject_id=citizen.party.pk).exists()
    assert contact(client).url == PROFILE
    party = Party.objects.get(pk=citizen.party.pk)
    assert (party.phone, party.address) == ("13812343210", "新地址")
    event = AuditEvent.objects.get(verb="account.contact")
    assert event.details == {"changed": ["phone", "address"]}


def test_the_same_again_changes_and_records_nothing(client, citizen):
    client.force_login(citizen)
    contact(client)
    contact(client)
    assert AuditEvent.objects.filter(verb="account.contact").count() == 1


@pytest.mark.parametrize(("password", "changed"), [("", False), ("wrong", False), (PASSWORD, True)])
def test_another_e_mail_address_needs_the_password(client, citizen, password, changed):
    client.force_login(citizen)
    contact(client, email="new@example.com", password=password)
    citizen.refresh_from_db()
    assert (citizen.email == "new@example.com") is changed


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"phone": "12"}, "手机号码应为 11 位"),
        ({"address": "路" * 201}, "200"),
        ({"email": "x@"}, "电子邮箱格式不对"),
    ],
)
def test_bad_contact_data_is_said_and_kept(client, citizen, data, words):
    client.force_login(citizen)
    page = contact(client, **data)
    assert words in page.text
    assert str(next(iter(data.values()))) in page.text
    assert Party.objects.get(pk=citizen.party.pk).phone == citizen.party.phone


def test_the_company_hat_changes_the_company_not_the_agent(client, firm_agent, firm):
    client.force_login(firm_agent)
    wear(client, f"company:{firm.uuid}")
    contact(client, email=firm_agent.email)
    assert Party.objects.get(pk=firm.pk).address == "新地址"
    assert Party.objects.get(pk=firm_agent.party.pk).address != "新地址"
