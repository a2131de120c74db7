"""Every component in every mode at both widths: axe clean, no sideways scroll, no console errors."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, PHONE, SHOTS, press_through

pytestmark = pytest.mark.django_db(transaction=True)

PAGES = {
    "gallery": "/design/",
    "form": "/design/form/",
    "form-new": "/design/form/?new",
    "desk": "/design/desk/",
    "confirm": "/design/confirm/",
    "done": "/design/done/",
    "accessibility": "/accessibility/",
}
MODES = {"plain": {}, "elder": {"mode": "elder"}, "contrast": {"contrast": "high"}}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["1280", "360"])
def test_components(open_page, look, viewport, mode):
    page = open_page(viewport, **MODES[mode])
    for name, url in PAGES.items():
        page.goto(url)
        look(page, f"look-{name}-{mode}-{viewport['width']}")


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["1280", "360"])
def test_error_pages(open_page, look, viewport):
    page = open_page(viewport)
    page.goto("/no/such/page/")
    look(page, f"look-404-{viewport['width']}", expected=404)


@pytest.mark.parametrize(
    ("viewport", "mode"), [(DESKTOP, "plain"), (PHONE, "elder")], ids=["1280", "360-elder"]
)
def test_the_frame_for_each(open_page, come_in, look, cast, viewport, mode):
    for who in ("visitor", "citizen", "firm_agent", "clerk", "supervisor"):
        page = open_page(viewport, **MODES[mode])
        if who != "visitor":
            come_in(page, cast[who])
        page.goto("/accessibility/")
        look(page, f"look-frame-{who}-{mode}-{viewport['width']}")
        shown = page.locator(".nav a").all_inner_texts()
        assert ("办件工作台" in shown) == (who in {"clerk", "supervisor"})
        assert ("我的空间" in shown) == (who not in {"clerk", "supervisor"})
        assert ("日历" in shown) == (who == "supervisor")


def test_errors_come_first_with_links_to_the_fields(page):
    page.goto("/design/form/")
    expect(page).to_have_title("错误：经营场所与负责人 · 政务服务 · 一网通办")
    summary = page.locator(".error-summary")
    expect(summary).to_be_focused()
    expect(summary.locator("h2")).to_have_text("有 6 处需要修改")
    summary.get_by_role("link", name="您输入了 17 位").click()
    expect(page.get_by_label("身份证号码")).to_be_focused()
    expect(page.get_by_label("身份证号码")).to_have_value("64010119900101001")
    expect(page.get_by_label("身份证号码")).to_have_accessible_description(
        re.compile("18 位，最后一位可以是字母 X 错误：\\s*身份证号码应为 18 位，您输入了 17 位")
    )


def test_errors_take_the_focus_without_scripts(open_page):
    page = open_page(scripts=False)
    page.goto("/design/form/")
    expect(page.locator(".error-summary")).to_be_focused()


@pytest.mark.parametrize("scripts", [True, False])
def test_elder_mode_keeps_the_page_and_enlarges_everything(open_page, scripts):
    page = open_page(PHONE, scripts=scripts)
    page.goto("/design/form/?new")
    page.get_by_role("button", name="长辈版").click()
    expect(page).to_have_url("/design/form/?new")
    expect(page.locator("html")).to_have_attribute("data-mode", "elder")
    page.get_by_role("button", name="标准版").click()
    expect(page.locator("html")).not_to_have_attribute("data-mode", "elder")


def test_elder_mode_has_no_text_below_24_pixels_and_no_small_target(open_page):
    page = open_page(PHONE, mode="elder")
    for url in PAGES.values():
        page.goto(url)
        assert_large(page)


def assert_large(page):
    """What 长辈版 promises of every page: text of 24 pixels or more, targets 60 high."""
    small = page.evaluate(
        """() => [...document.querySelectorAll('body *')]
            .filter(e => e.checkVisibility() && !e.closest('.unseen, svg')
                && [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim())
                && parseFloat(getComputedStyle(e).fontSize) < 24)
            .map(e => e.outerHTML.slice(0, 80))"""
    )
    assert small == []
    low = page.evaluate(
        """() => [...document.querySelectorAll(`.button, .utility button, .nav a, .choice label,
            .field input:not([type=radio], [type=checkbox])`)]
            .filter(e => e.checkVisibility() && e.offsetHeight < 60).map(e => e.outerHTML.slice(0, 80))"""
    )
    assert low == []


def test_display_settings_are_kept_and_another_site_is_never_returned_to(client):
    answer = client.post("/accessibility/", {"contrast": "high", "next": "https://elsewhere.example/"})
    assert answer.url == "/accessibility/"
    assert 'data-contrast="high"' in client.get("/accessibility/").content.decode()
    client.post("/accessibility/", {"contrast": "standard"})
    assert "data-contrast" not in client.get("/accessibility/").content.decode()


def test_a_second_press_while_sending_does_nothing(page):
    page.goto("/design/form/?new")
    sent: list[str] = []

    def keep_the_page(route):
        sent.append(route.request.method)
        route.fulfill(status=204)

    page.route("**/design/form/?new", keep_the_page)
    button = page.get_by_role("button", name="保存并继续")
    button.click()
    expect(button).to_have_attribute("aria-disabled", "true")
    button.click(force=True)
    page.wait_for_timeout(300)
    assert sent == ["POST"]


def test_a_chosen_file_is_sent_at_once_and_the_slot_shows_it(page):
    page.goto("/design/form/?new")
    page.get_by_label("选择文件：房屋使用证明").set_input_files(
        [{"name": "产权证.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"}]
    )
    slot = page.locator("#slot-licence")
    expect(slot.get_by_role("link", name="产权证.pdf")).to_be_visible()
    expect(slot.get_by_role("button", name="删除 产权证.pdf")).to_be_visible()
    assert not page.troubles


def test_a_failed_upload_says_so_and_keeps_the_file(page):
    page.goto("/design/form/?new")
    page.route("**/design/form/", lambda route: route.abort())
    page.get_by_label("选择文件：房屋使用证明").set_input_files(
        [{"name": "产权证.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"}]
    )
    expect(page.locator("#slot-licence").get_by_role("alert")).to_contain_text("文件还在")
    assert page.locator("#file-licence").evaluate("input => input.files.length") == 1


def test_changes_are_saved_by_themselves_without_files(page):
    page.goto("/design/form/?new")
    with page.expect_request(lambda r: r.method == "POST") as sent:
        page.get_by_label("补充说明").fill("二楼靠窗")
    assert "二楼靠窗" in sent.value.post_data
    assert "filename" not in sent.value.post_data
    expect(page.locator("[data-autosave-status]")).to_have_text("刚刚已保存。草稿保留 30 天。")


def test_a_failed_save_says_so(page):
    page.goto("/design/form/?new")
    page.route("**/design/form/", lambda route: route.abort())
    page.get_by_label("补充说明").fill("二楼靠窗")
    expect(page.locator("[data-autosave-status]")).to_contain_text("没有保存成功")


def test_keyboard_reaches_everything_and_the_skip_link_comes_first(page):
    page.goto("/design/")
    names = press_through(page)
    assert names[0] == "跳到主要内容"
    assert page.locator("a:visible, button:visible").count() <= len(set(names)) + 40
    assert {"q", "在线办理", "提交评价"} <= set(names)


def test_print_shows_only_the_content(page):
    page.goto("/design/")
    page.emulate_media(media="print")
    page.pdf(path=SHOTS / "look-print.pdf")
    expect(page.locator(".nav")).to_be_hidden()
    expect(page.locator(".utility")).to_be_hidden()
    expect(page.get_by_role("heading", name="申请材料")).to_be_visible()
