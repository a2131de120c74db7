"""容缺受理 as both sides see it: chosen at filing, accepted, handed in piece by piece, found in order."""

import copy
import re

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from applications import drafts
from applications.models import Application
from matters.actions import publish
from matters.forms import prefill
from matters.models import GuideVersion
from support.documents import actions as documents
from support.documents.models import Document
from support.records.actor import TIMER
from tests.applications.conftest import MONDAY, at, png, sample_answers
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.test_corrections import case as plain_case  # noqa: F401
from tests.conftest import actor_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def draft(plain_case, cast):  # noqa: F811
    """A draft of which only the last two materials are missing, which the guide marks as deferrable."""
    document = copy.deepcopy(plain_case.guide.document)
    uploads = {m.key for m in plain_case.guide.guide.uploads}
    main, first = (m for m in document["materials"] if m["key"] in uploads)
    main["necessity"] = "1"
    first |= {"necessity": "3", "deferrable_days": 3}
    plan = {"key": "plan", "name": {"zh-hans": "平面图"}, "deferrable_days": 5}
    document["materials"].append({**first, **plan})
    publish(plain_case.matter, document, starts_at=at("2026-11-01"), actor=TIMER, now=at("2026-11-01"))
    version = GuideVersion.objects.open_at(MONDAY).get(matter=plain_case.matter)
    actor = actor_of(cast["citizen"])
    with time_machine.travel(MONDAY):
        draft = drafts.start(version.matter, version, actor=actor, now=MONDAY)
        kept = {**sample_answers(version.guide), **prefill(version.guide, cast["citizen"].party)}
        drafts.write_answers(draft, kept, now=MONDAY)
        for m in version.guide.uploads:
            if not m.deferrable:
                drafts.attach(draft, m.key, png(), actor=actor, now=MONDAY)
    return draft


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["1280", "360"])
def test_hand_in_later(open_page, come_in, look, draft, cast, viewport, tmp_path):
    width = viewport["width"]
    with time_machine.travel(MONDAY, tick=True) as clock:
        page = open_page(viewport)
        come_in(page, cast["citizen"])
        page.goto(reverse("applications:draft", args=[draft.uuid, "materials"]))
        page.get_by_role("button", name="保存并继续").click()
        look(page, f"deferral-choice-{width}", expected=422)
        for box in page.get_by_role("checkbox").all():
            box.check()
        page.get_by_role("button", name="保存并继续").click()
        look(page, f"deferral-check-{width}")
        page.get_by_label("纸质文书，我到窗口领取").check()
        page.locator("#id_declare").check()
        page.get_by_role("button", name="提交申请").click()
        expect(page).to_have_url(re.compile("submitted"))
        case = Application.objects.get(key=str(draft.uuid))

        clock.move_to(at("2026-11-24"))
        clerk = open_page(viewport)
        come_in(clerk, cast["clerk"])
        clerk.goto(reverse("applications:desk_step", args=[case.uuid, "accept_deferring"]))
        clerk.get_by_role("button", name="确认容缺受理").click()
        look(clerk, f"deferral-desk-{width}")
        paper = Document.objects.get(kind="deferral", case_number=case.number)
        documents.drain(timezone.now())
        paper.refresh_from_db()
        (tmp_path.parent / "deferral.pdf").write_bytes(documents.read_file(paper))
        page.goto(reverse("applications:case", args=[case.uuid]))
        look(page, f"deferral-case-{width}")
        page.get_by_role("link", name="去补交").click()
        item = case.deferred.first()
        page.get_by_role("button", name="提交“").first.click()
        look(page, f"deferral-page-{width}", expected=422)
        picture = tmp_path / "new.png"
        picture.write_bytes(png().read())
        page.locator(f"#file-{item.material_key}").set_input_files(picture)
        page.get_by_role("button", name="提交“").first.click()
        expect(page.get_by_text("已提交，等待核对。")).to_be_visible()
        officer = open_page(viewport)
        come_in(officer, cast["officer"])
        officer.goto(reverse("applications:desk_step", args=[case.uuid, "confirm_deferred"]))
        look(officer, f"deferral-confirm-{width}")
        officer.get_by_role("radio", name="符合要求", exact=True).check()
        officer.get_by_role("button", name="确认核对容缺材料").click()
        look(officer, f"deferral-found-{width}")
    assert Application.objects.get(pk=case.pk).deferred_open == 1
