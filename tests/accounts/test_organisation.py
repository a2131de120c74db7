import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from support.accounts.actions import register_organisation
from support.accounts.models import Mandate, Party
from support.records.actor import Kind
from support.records.models import AuditEvent
from tests.conftest import actor_of

ORGANISATION = "/accounts/organisation/"
FORM = {"uscc": "11100000 000013338w", "name": "示例研究院", "phone": "13812343210"}


def test_register_and_go_on_as_the_organisation(client, citizen):
    client.force_login(citizen)
    assert client.post(ORGANISATION, FORM).url == "/accounts/profile/"
    party = Party.objects.with_number("11100000000013338W").get()
    assert (party.kind, party.code_type, party.identity_level) == ("legal", "001", 1)
    mandate = Mandate.objects.get(user=citizen)
    assert (mandate.party, mandate.role, mandate.valid_until) == (party, "legal_representative", None)
    actor = client.get("/accounts/profile/").context["request"].actor
    assert (actor.kind, actor.party_id) == (Kind.COMPANY, party.pk)
    assert AuditEvent.objects.get(verb="party.register").subject_id == party.pk


def test_a_code_already_registered_is_said_without_by_whom(client, citizen, firm, firm_agent):
    client.force_login(citizen)
    page = client.post(ORGANISATION, {**FORM, "uscc": firm.number})
    assert "该统一社会信用代码已经登记" in page.text
    assert firm.name not in page.text
    assert firm_agent.name not in page.text
    assert not Mandate.objects.filter(user=citizen).exists()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"uscc": "1110000000001333"}, "统一社会信用代码应为 18 位，您输入了 16 位"),
        ({"uscc": ""}, "请填写统一社会信用代码"),
        ({"name": ""}, "请填写名称"),
        ({"name": "甲" * 101}, "100"),
        ({"phone": "1"}, "手机号码应为 11 位"),
    ],
)
def test_bad_input_is_said(client, citizen, data, words):
    client.force_login(citizen)
    page = client.post(ORGANISATION, {**FORM, **data})
    assert page.status_code == 200
    assert words in page.text
    assert not Mandate.objects.filter(user=citizen).exists()


@pytest.mark.parametrize("account", ["officer", "firm_agent"])
def test_the_act_itself_needs_a_person(cast, firm, account):
    actor = actor_of(cast[account], f"company:{firm.uuid}")
    with pytest.raises(PermissionDenied):
        register_organisation(
            uscc="11100000000013338W", name="示例", phone="13812343210", actor=actor, now=timezone.now()
        )


def test_an_officer_and_a_company_cannot_register_one(client, officer, firm_agent, firm):
    client.force_login(officer)
    assert client.post(ORGANISATION, FORM).status_code == 403
    client.force_login(firm_agent)
    client.post("/accounts/hat/", {"hat": f"company:{firm.uuid}"})
    assert client.get(ORGANISATION).status_code == 403
    answer = client.post(ORGANISATION, FORM)
    assert answer.status_code == 403
    assert "请先切换为个人身份" in answer.text
