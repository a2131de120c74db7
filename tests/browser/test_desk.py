"""The desk and supervision at both widths: looked at, by keyboard, axe clean; two officers at once."""

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect

from applications import filing
from applications.management.commands.age_case import age
from applications.models import Application
from matters.actions import load_samples
from matters.forms import prefill
from matters.models import GuideVersion
from support.calendars.actions import load_official
from support.documents.actions import store_upload
from support.documents.models import Document
from tests.applications.conftest import png, sample_answers
from tests.browser.conftest import DESKTOP, PHONE, press_through
from tests.conftest import actor_of

pytestmark = pytest.mark.django_db(transaction=True)


def page_of(name, actor, now):
    return store_upload(png(f"{name}.png"), actor=actor, party_id=actor.party_id, now=now)


@pytest.fixture
def queue(cast, settings, tmp_path):
    """Cases of every light in every stage, the youngest of this moment."""
    settings.MEDIA_ROOT = tmp_path / "files"
    load_official()
    load_samples()
    version = GuideVersion.objects.select_related("matter").get(
        document__name__contains={"zh-hans": "食品经营许可（新办）"}
    )
    now, user = timezone.now(), cast["citizen"]
    actor = actor_of(user)
    answers = {**sample_answers(version.guide), **prefill(version.guide, user.party)}
    for number, workdays in enumerate((0, 0, 1, 3, 6, 14, 30)):
        uploads = {m.key: [page_of(m.name, actor, now)] for m in version.guide.uploads}
        case = filing.submit(version.matter, answers, uploads, key=f"queue-{number}", actor=actor, now=now)
        if workdays:
            age(case.number, workdays, now)
    Document.objects.filter(pk=Document.objects.earliest("pk").pk).update(
        state="failed", next_at=None, attempts=8, error="RuntimeError"
    )
    return list(Application.objects.order_by("id"))


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["1280", "360"])
def test_the_desk(open_page, come_in, look, queue, cast, viewport):
    width = viewport["width"]
    page = open_page(viewport)
    come_in(page, cast["clerk"])
    page.goto("/desk/")
    look(page, f"desk-received-{width}")
    page.goto("/desk/?tab=review&light=red&channel=blue")
    look(page, f"desk-red-{width}")
    page.goto("/desk/?name=没有此人")
    look(page, f"desk-empty-{width}")
    page.goto("/desk/")
    page.get_by_role("link", name=queue[0].number, exact=True).click()
    look(page, f"desk-case-{width}")
    page.get_by_role("link", name="下一页").first.click()
    expect(page.get_by_text("2/", exact=False).first).to_be_visible()
    page.get_by_role("button", name="重新制作").click()
    expect(page.get_by_text("已重新安排制作")).to_be_visible()
    page.get_by_role("link", name="上一件").or_(page.get_by_role("link", name="下一件")).first.click()
    expect(page.get_by_role("link", name="受理", exact=True)).to_be_visible()


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["1280", "360"])
def test_supervision(open_page, come_in, look, queue, cast, viewport):
    width = viewport["width"]
    page = open_page(viewport)
    come_in(page, cast["supervisor"])
    page.goto("/")
    page.get_by_role("link", name="效能监督").click()
    look(page, f"supervision-{width}")
    tile = page.locator(".kpi", has_text="在办").first
    number = tile.locator("strong").inner_text()
    tile.click()
    expect(page.get_by_text(f"共 {number} 件")).to_be_visible()
    look(page, f"supervision-open-{width}")
    with page.expect_download() as got:
        page.get_by_role("link", name="导出 CSV").click()
    rows = got.value.path().read_text("utf-8-sig").splitlines()
    assert len(rows) == int(number) + 1
    page.get_by_role("link", name=queue[0].number).first.click()
    look(page, f"supervision-case-{width}")
    expect(page.get_by_role("link", name="受理", exact=True)).to_have_count(0)


def test_by_keyboard_from_the_queue_to_acceptance(open_page, come_in, queue, cast):
    page = open_page(DESKTOP)
    come_in(page, cast["clerk"])
    page.goto("/desk/")
    names = press_through(page)
    assert {"id_number", "id_light", "筛选", f"受理{queue[0].number[-12:]}"} <= set(names)
    page.locator("#id_number").focus()
    page.keyboard.type(queue[0].number[-12:])
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.locator("tbody a", has_text="受理").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.get_by_role("button", name="确认受理").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.get_by_text("已办理：受理")).to_be_visible()
    assert Application.objects.get(pk=queue[0].pk).state == "in_review"


def test_two_officers_have_the_same_page_open(open_page, come_in, look, queue, cast):
    """The second is told; nothing is overwritten, and what they typed is still there."""
    page = open_page(DESKTOP)
    come_in(page, cast["clerk"])
    page.goto(f"/desk/{queue[0].uuid}/steps/refuse_acceptance/")
    page.locator("textarea[name=reasons]").fill("不属于本机关职权范围。")
    page.locator("input[name=where_to_go]").fill("金凤区审批服务管理局")
    other = Client()
    other.force_login(cast["clerk"], backend="django.contrib.auth.backends.ModelBackend")
    other.post(f"/desk/{queue[0].uuid}/steps/accept/", {"seen": queue[0].revision})
    with page.expect_navigation():
        page.get_by_role("button", name="确认不予受理").click()
    expect(page.get_by_role("alert")).to_contain_text("已被其他人办理")
    expect(page.locator("textarea[name=reasons]")).to_have_value("不属于本机关职权范围。")
    look(page, "desk-stale", expected=409)
    assert Application.objects.get(pk=queue[0].pk).state == "in_review"
