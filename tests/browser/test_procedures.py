"""A hearing is started, told and ended, the term extended; the applicant reads why this is the date."""

import pytest
from django.utils import timezone

from applications import filing
from applications.actions import take
from applications.models import Application
from matters.actions import load_samples
from matters.forms import prefill
from matters.models import GuideVersion
from support.calendars.actions import load_official
from support.documents.actions import store_upload
from tests.applications.conftest import png, sample_answers
from tests.browser.conftest import DESKTOP, PHONE
from tests.conftest import actor_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def accepted(cast, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"
    load_official()
    load_samples(only=["food-business-licence"])
    version = GuideVersion.objects.select_related("matter").get()
    user, now = cast["citizen"], timezone.now()
    actor = actor_of(user)
    keys = [material.key for material in version.guide.uploads]
    uploads = {key: [store_upload(png(), actor=actor, party_id=actor.party_id, now=now)] for key in keys}
    answers = {**sample_answers(version.guide), **prefill(version.guide, user.party)}
    case = filing.submit(version.matter, answers, uploads, key="procedures", actor=actor, now=now)
    return take("accept", case, actor=actor_of(cast["clerk"]), seen=case.revision, at=timezone.now())


def test_a_hearing_and_an_extension(open_page, come_in, look, accepted, cast):
    def at_desk(who, step=""):
        page = open_page(DESKTOP)
        come_in(page, cast[who])
        page.goto(f"/desk/{accepted.uuid}/" + (f"{step}/" if step else ""))
        return page

    page = at_desk("approver")
    page.get_by_role("link", name="启动特别程序").click()
    look(page, "procedure-start-1280")
    page.get_by_label("听证：最长").check()
    page.get_by_label("需要多少个工作日").fill("6")
    page.get_by_label("“启动特别程序”的理由").fill("利害关系人在规定期限内申请听证。")
    page.get_by_role("button", name="确认启动特别程序").click()
    look(page, "procedure-running-1280")
    for viewport in (DESKTOP, PHONE):
        applicant = open_page(viewport)
        come_in(applicant, cast["citizen"])
        applicant.goto(f"/my/cases/{accepted.uuid}/")
        look(applicant, f"procedure-applicant-{viewport['width']}")
    page = at_desk("officer")
    page.get_by_role("link", name="登记特别程序结束").click()
    look(page, "procedure-end-1280")
    page.get_by_label("符合要求", exact=True).check()
    page.get_by_label("结论或者意见").fill("各方对拟作出的决定没有异议。")
    page.get_by_label("实施单位").fill("兴庆区审批服务管理局听证室")
    page.get_by_label("经办人").fill("何平")
    page.get_by_role("button", name="确认登记特别程序结束").click()
    page = at_desk("agency_head")
    page.get_by_role("link", name="延长办理期限").click()
    page.get_by_label("延长多少个工作日").fill("10")
    page.get_by_label("“延长办理期限”的理由").fill("需要补充核实经营场所的权属。")
    page.get_by_role("button", name="确认延长办理期限").click()
    assert Application.objects.get().ledger.filter(kind="extend").exists()
    for viewport in (DESKTOP, PHONE):
        officer = open_page(viewport)
        come_in(officer, cast["officer"])
        officer.goto(f"/desk/{accepted.uuid}/")
        for clock in officer.locator("details.clock > summary").all():
            clock.click()
        look(officer, f"procedure-desk-{viewport['width']}")
