"""期限计算器 in Chromium: both widths, 长辈版, high contrast, keyboard only without scripts, on paper."""

import pytest
from playwright.sync_api import expect

from support.calendars.actions import load_official
from tests.browser.conftest import DESKTOP, PHONE, SHOTS
from tests.browser.test_look import MODES, assert_large

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def official(places):
    load_official()


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["1280", "360"])
def test_the_pages(open_page, look, viewport, mode):
    page = open_page(viewport, **MODES[mode])
    page.goto("/terms/")
    look(page, f"terms-{mode}-{viewport['width']}")
    page.goto("/terms/?start=2026-09-30&amount=20&unit=workday&region=640000000000")
    look(page, f"terms-counted-{mode}-{viewport['width']}")
    if mode == "elder":
        assert_large(page)
    page.goto("/terms/?start=2026-02-30&amount=x&unit=workday")
    expect(page.locator(".error-summary h2")).to_have_text("有 2 处需要修改")
    look(page, f"terms-error-{mode}-{viewport['width']}", expected=422)


def test_by_keyboard_without_scripts(open_page):
    page = open_page(PHONE, scripts=False)
    page.goto("/terms/")
    page.get_by_label("起算日").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("2026年9月30日")
    page.keyboard.press("Tab")
    page.keyboard.press("Control+A")
    page.keyboard.type("45")
    page.keyboard.press("Tab")
    expect(page.get_by_label("工作日", exact=True)).to_be_focused()
    page.keyboard.press("Tab")
    page.get_by_label("地区").select_option("全国")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="计算")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".due strong")).to_have_text("2026-12-08")
    table = page.get_by_role("table", name="2026 年 10 月")
    expect(table.get_by_role("cell", name="1 国庆节", exact=True)).to_be_visible()
    expect(table.get_by_role("cell", name="10 第 3 日，国庆节调休上班")).to_be_visible()


def test_on_paper(page):
    page.goto("/terms/?start=2026-09-30&amount=20&unit=workday&region=000000000000")
    page.emulate_media(media="print")
    page.pdf(path=SHOTS / "terms-print.pdf")
    expect(page.get_by_role("button", name="计算")).to_be_hidden()
    expect(page.get_by_role("table", name="2026 年 10 月")).to_be_visible()
    page.screenshot(path=SHOTS / "terms-print.png", full_page=True)
