import pytest
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone

from support.accounts.middleware import ActorMiddleware
from support.accounts.models import Mandate
from support.records.actor import Kind


def kind_after(client, hat: str) -> Kind:
    client.post("/accounts/hat/", {"hat": hat})
    return client.get("/accounts/profile/").context["request"].actor.kind


def test_person_company_person(client, firm_agent, firm):
    client.force_login(firm_agent)
    assert kind_after(client, f"company:{firm.uuid}") is Kind.COMPANY
    assert kind_after(client, "citizen") is Kind.CITIZEN


def test_officer_person_officer(client, officer):
    client.force_login(officer)
    assert kind_after(client, "citizen") is Kind.CITIZEN
    assert kind_after(client, "officer") is Kind.OFFICER


@pytest.mark.parametrize("hat", ["officer", "company:1", "", "root"])
def test_a_hat_one_does_not_have_is_refused_and_the_old_one_kept(client, citizen, hat):
    client.force_login(citizen)
    page = client.post("/accounts/hat/", {"hat": hat})
    assert page.status_code == 302
    assert "您不能以该身份办事" in client.get("/accounts/profile/").text
    assert "hat" not in client.session


def test_a_mandate_revoked_meanwhile_takes_the_hat_off(client, firm_agent, firm):
    client.force_login(firm_agent)
    assert kind_after(client, f"company:{firm.uuid}") is Kind.COMPANY
    Mandate.objects.update(revoked_at=timezone.now())
    assert client.get("/accounts/profile/").context["request"].actor.kind is Kind.CITIZEN


def test_only_by_post_and_only_when_logged_in(client, citizen):
    assert client.post("/accounts/hat/", {"hat": "citizen"}).url.startswith("/accounts/login/")
    client.force_login(citizen)
    assert client.get("/accounts/hat/").status_code == 405


def test_the_fragment_offers_the_hats(rf, firm_agent, firm, django_assert_num_queries):
    request = rf.get("/")
    request.user, request.session = firm_agent, {"hat": f"company:{firm.uuid}"}
    shown = []

    def page(request):
        shown.append(render_to_string("accounts/_hats.html", request=request))
        return HttpResponse()

    with django_assert_num_queries(1):
        ActorMiddleware(page)(request)
    assert f'value="company:{firm.uuid}" selected' in shown[0]
    assert 'value="citizen"' in shown[0]
