"""The supervisor's page in Chromium: both widths, elder mode, keyboard, no scripts."""

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from support.calendars.actions import load_official
from tests.browser.conftest import (  # fixtures
    DESKTOP,
    PHONE,
    chromium,  # noqa: F401
    look,  # noqa: F401
    open_page,  # noqa: F401
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def logged_in(open_page, client, supervisor):  # noqa: F811
    load_official()
    client.force_login(supervisor)
    session = client.cookies["sessionid"].value

    def page(viewport=DESKTOP, **more) -> Page:
        page = open_page(viewport, sessionid=session, **more)
        page.goto(reverse("calendars:years"))
        return page

    return page


@pytest.mark.parametrize("mode", [{}, {"mode": "elder"}], ids=["plain", "elder"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["1280", "360"])
def test_the_page_is_in_order(logged_in, look, viewport, mode):  # noqa: F811
    page = logged_in(viewport, **mode)
    look(page, f"calendars-{viewport['width']}-{mode.get('mode', 'plain')}")
    page.get_by_text("33 天").click()
    page.get_by_role("button", name="登记").click()
    expect(page.locator(".error-summary h2")).to_have_text("有 4 处需要修改")
    look(page, f"calendars-errors-{viewport['width']}-{mode.get('mode', 'plain')}")


def test_a_notice_typed_by_keyboard_without_scripts(logged_in):
    page = logged_in(scripts=False)
    page.get_by_label("地区").select_option("宁夏回族自治区")
    page.get_by_label("年份").fill("2026")
    page.get_by_label("文号").fill("宁政办发〔2025〕1号")
    lines = page.get_by_label("放假和上班日期")
    lines.fill("2026-03-20 开斋节 放假\n写错的一行")
    page.get_by_role("button", name="登记").press("Enter")
    expect(page.locator(".error-summary")).to_contain_text("第 2 行：请按")
    expect(lines).to_have_value("2026-03-20 开斋节 放假\n写错的一行")
    lines.fill("2026-03-20 开斋节 放假\n2026-05-27 古尔邦节 放假")
    page.get_by_role("button", name="登记").press("Enter")
    expect(page.locator(".messages")).to_contain_text("已登记宁夏回族自治区 2026 年放假安排")
