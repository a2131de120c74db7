"""Who knows of a case: its party and the case workers of its agency; nobody else, by no door."""

import pytest

from applications import desk
from applications.models import Application, Draft
from certificates.models import Certificate
from support.documents.models import Document
from tests.applications.conftest import MONDAY, at
from tests.conftest import actor_of

pytestmark = pytest.mark.django_db

SEES = {"citizen", "clerk", "window_chief", "officer", "approver", "agency_head", "supervisor"}


def test_visible_to_each_of_the_cast(received, cast):
    seeing = {name for name, user in cast.items() if Application.objects.visible_to(actor_of(user)).exists()}
    assert seeing == SEES


def test_an_officer_sees_no_case_of_their_own_agency_under_the_citizen_hat(received, clerk):
    assert not Application.objects.visible_to(actor_of(clerk, "citizen")).exists()


def test_officer_elsewhere_finds_it_by_no_page_and_no_count(client, received, officer_elsewhere):
    client.force_login(officer_elsewhere)
    page = client.get("/desk/")
    assert received.number not in page.content.decode()
    assert set(desk.counts(actor_of(officer_elsewhere), MONDAY).values()) == {0}
    item = received.materials.first()
    for url in (
        f"/desk/{received.uuid}/",
        f"/desk/{received.uuid}/steps/accept/",
        f"/cases/{received.uuid}/files/{item.pk}/",
        f"/api/v1/cases/{received.uuid}/",
    ):
        assert client.get(url).status_code == 404, url
    assert client.post(f"/api/v1/cases/{received.uuid}/steps/accept/", {"seen": 1}).status_code == 404
    assert client.get("/api/v1/cases/").json()["count"] == 0
    assert client.get(f"/desk/?number={received.number}").content.decode().count(str(received.uuid)) == 0


def test_a_guessed_uuid_gives_a_stranger_nothing(client, received, stranger):
    client.force_login(stranger)
    item = received.materials.first()
    for url in (
        f"/my/cases/{received.uuid}/",
        f"/my/cases/{received.uuid}/submitted/",
        f"/cases/{received.uuid}/files/{item.pk}/",
        f"/api/v1/cases/{received.uuid}/",
        f"/desk/{received.uuid}/",
    ):
        assert client.get(url).status_code in (403, 404), url


def test_no_officer_sees_a_draft(cast, version, citizen):
    from applications import drafts

    drafts.start(version.matter, version, actor=actor_of(citizen), now=MONDAY)
    seeing = {name for name, user in cast.items() if Draft.objects.visible_to(actor_of(user)).exists()}
    assert seeing == {"citizen"}


def test_papers_and_certificates_are_seen_by_those_who_see_the_case(reviewed, step, approver, cast):
    step("grant", reviewed, approver, now=at("2026-11-26"))
    for rows in (Document.objects, Certificate.objects):
        seeing = {name for name, user in cast.items() if rows.visible_to(actor_of(user)).exists()}
        assert seeing == SEES
