"""Whatever is in the catalogue can be applied for to the end."""

import pytest
from django.utils import timezone

from applications import drafts, filing
from applications.models import Application, Draft
from matters.actions import load_samples
from matters.forms import prefill
from matters.models import GuideVersion
from support.calendars.actions import load_official
from support.documents.actions import store_upload
from tests.applications.conftest import MONDAY, png
from tests.applications.test_apply_pages import typed
from tests.conftest import actor_of
from tests.matters.answers import first_choices, valid_answers

pytestmark = pytest.mark.django_db


@pytest.fixture
def catalogue(cast, settings, tmp_path) -> list[GuideVersion]:
    settings.MEDIA_ROOT = tmp_path / "files"
    load_official()
    load_samples()
    return list(GuideVersion.objects.select_related("matter__agency"))


def answers_of(guide, party):
    """Valid answers of this party: who applies is taken from the profile."""
    own = prefill(guide, party)
    chosen = {key: own[key] for key in own if guide.field(key).prefill == "party.kind"}
    return valid_answers(guide, **chosen) | {
        key: value for key, value in own.items() if guide.field(key).prefill in filing.OWN
    }


def test_every_matter_takes_a_case_from_each_kind_of_applicant_it_serves(
    catalogue, citizen, firm_agent, firm
):
    actors = {
        "natural": (actor_of(citizen), citizen.party),
        "legal": (actor_of(firm_agent, f"company:{firm.uuid}"), firm),
    }
    filed = 0
    for version in catalogue:
        guide = version.guide
        for audience in guide.audiences:
            actor, party = actors[audience]
            choices = first_choices(guide)
            uploads = {
                material.key: [store_upload(png(), actor=actor, party_id=party.pk, now=MONDAY)]
                for material in guide.uploads_for(choices)
                if material.required
            }
            case = filing.submit(
                version.matter,
                answers_of(guide, party),
                uploads,
                key=f"{version.pk}-{audience}",
                actor=actor,
                now=MONDAY,
                situations=choices,
                deferred=[material.key for material in guide.uploads_for(choices) if material.deferrable],
            )
            assert (case.state, case.guide_id, case.party_id) == ("received", version.pk, party.pk)
            assert not guide.sensitive_keys & set(case.answers), guide.name
            assert case.acceptance_due_at is not None
            filed += 1
    assert filed == Application.objects.count() > len(catalogue)


@pytest.mark.parametrize("name", ["高龄津贴申请", "公共租赁住房申请"])
def test_the_wizard_leads_to_the_confirmation(client, catalogue, citizen, name):
    version = next(version for version in catalogue if version.guide.name == name)
    guide = version.guide
    answers = answers_of(guide, citizen.party)
    client.force_login(citizen)
    client.post(f"/apply/{version.matter.uuid}/")
    draft = Draft.objects.get()
    for step in guide.steps:
        url = f"/drafts/{draft.uuid}/{step.key}/"
        assert client.get(url).status_code == 200
        answer = client.post(url, {**typed(guide, step, answers), "action": "continue"})
        assert answer.status_code == 302, answer.content.decode()
    for material in guide.uploads:
        drafts.attach(draft, material.key, png(), actor=actor_of(citizen), now=timezone.now())
    check = f"/drafts/{draft.uuid}/check/"
    page = client.get(check).content.decode()
    assert all(field.label in page for field in guide.fields() if field.shown(answers))
    assert client.post(check, {"declare": "yes", "delivery": "electronic"}).status_code == 302
    case = Application.objects.get()
    assert case.answers == {k: v for k, v in answers.items() if k not in guide.sensitive_keys}
    page = client.get(f"/my/cases/{case.uuid}/submitted/").content.decode()
    assert case.number in page
