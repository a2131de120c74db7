"""办件进度查询 in Chromium: both widths, 长辈版, high contrast, keyboard only, no scripts."""

import pytest
from playwright.sync_api import expect

from tests.applications.conftest import (  # noqa: F401
    accepted,
    answers,
    file_case,
    guide,
    received,
    reviewed,
    step,
    uploads_for,
    version,
)
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.test_look import MODES, assert_large

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["1280", "360"])
def test_the_pages(open_page, look, accepted, citizen, viewport, mode):  # noqa: F811
    page = open_page(viewport, **MODES[mode])
    page.goto(f"/progress/?number={accepted.number}")
    look(page, f"progress-{mode}-{viewport['width']}")
    page.get_by_label("后四位").fill("12")
    page.get_by_role("button", name="查询").click()
    expect(page.locator(".error-summary")).to_be_focused()
    look(page, f"progress-error-{mode}-{viewport['width']}", expected=422)
    page.get_by_label("后四位").fill(citizen.party.number[-4:])
    page.get_by_role("button", name="查询").click()
    expect(page.get_by_text("审查中")).to_be_visible()
    look(page, f"progress-found-{mode}-{viewport['width']}")
    if mode == "elder":
        assert_large(page)


def test_by_keyboard_without_scripts_until_the_number_rests(open_page, look, received, citizen):  # noqa: F811
    page = open_page(PHONE, scripts=False)
    page.goto("/")
    link = page.get_by_role("navigation", name="主导航").get_by_role("link", name="办件进度")
    for _ in range(30):
        page.keyboard.press("Tab")
        if link.evaluate("e => e === document.activeElement"):
            break
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="办件进度查询")).to_be_visible()
    page.get_by_label("办件编号").focus()
    page.keyboard.type(received.number.lower())
    page.keyboard.press("Tab")
    page.keyboard.type("９９９９")
    page.keyboard.press("Enter")
    for _ in range(5):
        expect(page.locator(".error-summary")).to_contain_text("没有查到")
        expect(page.get_by_label("办件编号")).to_have_value(received.number.lower())
        page.get_by_label("后四位").press("Enter")
    expect(page.locator(".error-summary")).to_contain_text("分钟后再试")
    page.get_by_label("后四位").fill(citizen.party.number[-4:])
    page.get_by_label("后四位").press("Enter")
    expect(page.locator(".error-summary")).to_contain_text("分钟后再试")
    shown = open_page(PHONE)
    shown.goto(f"/progress/?number={received.number}")
    shown.get_by_label("后四位").fill("9999")
    shown.get_by_role("button", name="查询").click()
    look(shown, "progress-locked-360", expected=429)
