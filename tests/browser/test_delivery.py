"""Papers at the window and decisions on the spot, in the browser at both widths."""

import threading

import pytest
from django.db import connection
from django.utils import timezone
from playwright.sync_api import expect

from applications.delivery import Wish
from applications.models import Application, Manner
from support.documents import actions as documents
from tests.browser.conftest import DESKTOP, PHONE
from tests.conftest import actor_of

# Published guides and filed cases of the tests of applications.
from tests.applications.conftest import (  # noqa: F401 isort:skip
    answers, file_case, file_under, guide, guide_of, step, uploads_for, version,
)

pytestmark = pytest.mark.django_db(transaction=True)
POST = Wish(Manner.POST, "银川市兴庆区示例路100号 张小兰")


def work() -> None:
    def drain() -> None:
        while documents.drain(timezone.now()):
            pass
        connection.close()

    thread = threading.Thread(target=drain)
    thread.start()
    thread.join()


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["1280", "360"])
def test_on_the_spot_and_handed_over(
    open_page, come_in, look, viewport, guide_of, file_under, window_chief, citizen  # noqa: F811
):
    width = viewport["width"]
    case = file_under(guide_of("licence", instant=True), now=timezone.now(), wish=POST)
    work()
    page = open_page(viewport)
    come_in(page, citizen)
    page.goto(f"/my/cases/{case.uuid}/submitted/")
    look(page, f"instant-submitted-{width}")
    officer = open_page(viewport)
    come_in(officer, window_chief)
    officer.goto(f"/desk/{case.uuid}/")
    look(officer, f"instant-desk-{width}")
    officer.get_by_role("link", name="当场准予行政许可").click()
    look(officer, f"instant-step-{width}")
    officer.get_by_role("button", name="确认当场准予行政许可").click()
    expect(officer.get_by_text("已办理：当场准予行政许可")).to_be_visible()
    work()
    officer.goto(f"/desk/{case.uuid}/")
    look(officer, f"service-desk-{width}")
    officer.get_by_role("link", name="登记送达").click()
    look(officer, f"service-form-{width}")
    officer.get_by_role("button", name="确认登记").click()
    look(officer, f"service-error-{width}", expected=422)
    officer.get_by_label("窗口当面交付").check()
    officer.get_by_label("签收人").fill("张小兰")
    officer.get_by_role("button", name="确认登记").click()
    expect(officer.get_by_text("送达情况已登记")).to_be_visible()
    work()
    officer.reload()
    look(officer, f"service-done-{width}")
    page.goto(f"/my/cases/{case.uuid}/")
    look(page, f"service-case-{width}")
    page.goto(f"/my/cases/{case.uuid}/delivery/")
    look(page, f"service-nothing-left-{width}")


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["1280", "360"])
def test_a_refused_benefit_with_its_days(
    open_page, come_in, look, viewport, guide_of, file_under, step, clerk, officer, approver, citizen  # noqa: F811
):
    now = timezone.now()
    case = file_under(guide_of("benefit"), now=now)
    case = step("accept", case, clerk, now=now)
    case = step("give_opinion", case, officer, now=now, verdict="refuse", reasons="不符合")
    step("refuse", case, approver, now=now, reasons="年龄不满八十周岁。")
    work()
    page = open_page(viewport)
    come_in(page, citizen)
    page.goto(f"/my/cases/{case.uuid}/")
    expect(page.locator("main")).to_contain_text("不予给付")
    look(page, f"benefit-refused-{viewport['width']}")
    other = file_under(guide_of("service"), now=now, wish=Wish())
    page.goto(f"/my/cases/{other.uuid}/delivery/")
    page.get_by_label("邮寄给我").check()
    look(page, f"delivery-{viewport['width']}")
    page.get_by_label("邮寄地址").fill("")
    page.get_by_role("button", name="确认更改").click()
    look(page, f"delivery-error-{viewport['width']}", expected=422)
    assert Application.objects.get(pk=other.pk).delivery == "window"
    assert actor_of(citizen).party_id == case.party_id
