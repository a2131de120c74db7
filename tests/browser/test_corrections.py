"""Correct once, across 国庆: told of everything at once, answered in pieces on a phone, accepted by law or by hand."""

import datetime as dt

import pytest
import time_machine
from django.urls import reverse
from playwright.sync_api import expect

from applications import filing, sweep
from applications.models import Application
from matters.actions import load_samples
from matters.forms import prefill
from matters.models import GuideVersion
from support.calendars.actions import load_official
from support.documents.actions import store_upload
from tests.applications.conftest import at, png, sample_answers
from tests.browser.conftest import DESKTOP, PHONE
from tests.conftest import actor_of

pytestmark = pytest.mark.django_db(transaction=True)
BEFORE_THE_HOLIDAY = at("2026-09-28")


@pytest.fixture
def case(cast, settings, tmp_path) -> Application:
    """Filed on Monday 2026-09-28; the five working days end on 10-09, behind the holiday (10-10 is worked)."""
    settings.MEDIA_ROOT = tmp_path / "files"
    load_official()
    load_samples(only=["food-business-licence"])
    version = GuideVersion.objects.select_related("matter").get(
        document__name__contains={"zh-hans": "食品经营许可（新办）"}
    )
    user, now = cast["citizen"], BEFORE_THE_HOLIDAY
    actor = actor_of(user)
    answers = {**sample_answers(version.guide), **prefill(version.guide, user.party)}
    with time_machine.travel(now):
        uploads = {
            m.key: [store_upload(png(f"{m.key}.png"), actor=actor, party_id=actor.party_id, now=now)]
            for m in version.guide.uploads
        }
        return filing.submit(version.matter, answers, uploads, key="holiday", actor=actor, now=now)


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["1280", "360"])
def test_correct_once(open_page, come_in, look, case, cast, viewport, tmp_path):
    width = viewport["width"]
    guide = case.guide.guide
    material, area = guide.uploads[0], next(f for f in guide.fields() if f.type == "number" and not f.prefill)
    with time_machine.travel(at("2026-09-29"), tick=True) as clock:
        clerk = open_page(viewport)
        come_in(clerk, cast["clerk"])
        told(clerk, look, width, case, material, area)

        clock.move_to(at("2026-10-09"))
        phone = open_page(viewport)
        come_in(phone, cast["citizen"])
        answered(phone, look, width, case, material, area, tmp_path)

        clerk.goto(reverse("applications:desk") + "?tab=judge")
        look(clerk, f"correction-judge-{width}")
        clerk.goto(reverse("applications:desk_case", args=[case.uuid]))
        look(clerk, f"correction-desk-{width}")
        clerk.goto(reverse("applications:desk_step", args=[case.uuid, "refuse_corrected"]))
        for answer in clerk.get_by_role("radio", name="符合要求", exact=True).all():
            answer.check()
        clerk.get_by_role("button", name="确认补正不合格，不予受理").click()
        expect(clerk.get_by_text("全部内容都符合要求，应当受理")).to_be_visible()
        look(clerk, f"correction-must-accept-{width}", expected=409)

        # Nobody does it: the sixth working day after 2026-10-09 (10-10 is worked) is 10-16, and the law has spoken.
        clock.move_to(at("2026-10-16", 0))
        sweep.sweep(at("2026-10-16", 0))
        phone.goto(reverse("applications:case", args=[case.uuid]))
        expect(phone.get_by_text("自收到全部补正材料之日").first).to_be_visible()
        look(phone, f"correction-deemed-{width}")
    assert Application.objects.get().accepted_at.astimezone(dt.UTC).date() == dt.date(2026, 10, 9)


def told(page, look, width, case, material, area):
    page.goto(reverse("applications:desk_case", args=[case.uuid]))
    page.get_by_role("link", name="一次性告知补正").click()
    look(page, f"correction-form-{width}")
    page.get_by_role("button", name="确认一次性告知补正").click()
    expect(page.locator("[data-error-summary]")).to_contain_text("请至少选择一项需要补正的内容")
    page.get_by_label(material.name, exact=True).check()
    page.get_by_label(f"“{material.name}”不符合的地方").fill("照片模糊，看不清设备位置")
    page.get_by_label(f"“{material.name}”怎样补正").fill("请重新拍摄或者扫描后上传")
    page.get_by_label(area.label, exact=True).check()
    page.get_by_label(f"“{area.label}”不符合的地方").fill("与平面图标注的面积不一致")
    page.get_by_role("button", name="确认一次性告知补正").click()
    expect(page.locator("[data-error-summary]")).to_contain_text("请写明怎样补正")
    look(page, f"correction-form-wrong-{width}", expected=422)
    page.get_by_label(f"“{area.label}”怎样补正").fill("请按平面图填写")
    page.get_by_role("button", name="确认一次性告知补正").click()
    expect(page.get_by_role("heading", name="一次性告知", exact=True)).to_be_visible()
    look(page, f"correction-told-{width}")


def answered(page, look, width, case, material, area, tmp_path):
    page.goto(reverse("applications:case", args=[case.uuid]))
    look(page, f"correction-case-{width}")
    page.get_by_role("link", name="去补正").click()
    page.locator(f"#id_{area.key}").fill("88")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_text("已保存。")).to_be_visible()
    page.get_by_role("button", name="提交补正").click()
    expect(page.locator("[data-error-summary]")).to_contain_text(f"还有内容没有补正：{material.name}")
    look(page, f"correction-page-{width}", expected=422)
    picture = tmp_path / "new.png"
    picture.write_bytes(png().read())
    page.locator(f"#file-{material.key}").set_input_files(picture)
    page.get_by_role("button", name="提交补正").click()
    expect(page.get_by_text("补正已提交。")).to_be_visible()
    look(page, f"correction-sent-{width}")
