"""From the questions of a guide to the check page, at both widths: what the situation spares is not asked for."""

import pytest
from playwright.sync_api import Page, expect

from matters.actions import load_samples
from matters.models import Matter
from support.calendars.actions import load_official
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.test_main_job import fill_page, go, upload_all

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def catalogue(cast, settings, tmp_path, live_server):
    settings.MEDIA_ROOT = tmp_path / "files"
    load_official()
    load_samples(only=["house-lease-filing"])


def answer(page: Page, question: str, words: str) -> None:
    page.get_by_role("group", name=question).get_by_text(words, exact=True).click()


def elder(page: Page, url: str) -> None:
    page.context.add_cookies([{"name": "mode", "value": "elder", "url": url}])
    page.reload()


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["1280", "360"])
def test_the_situation_decides_what_is_asked_for(open_page, come_in, look, cast, viewport, live_server):
    """On the phone the second half in 长辈版."""
    name = viewport["width"]
    page = open_page(viewport)
    come_in(page, cast["citizen"])
    page.goto(f"/matters/{Matter.objects.get().uuid}/")
    look(page, f"situations-guide-{name}")
    answer(page, "出租的是什么房屋？", "转租租来的房屋")
    answer(page, "由谁来办理？", "委托他人代办")
    go(page, page.get_by_role("button", name="查看我需要的材料"))
    expect(page.get_by_text("按您的情况，需要 5 份材料")).to_be_visible()
    answer(page, "由谁来办理？", "本人（本单位）办理")
    go(page, page.get_by_role("button", name="查看我需要的材料"))
    expect(page.get_by_text("按您的情况，需要 4 份材料")).to_be_visible()
    page.get_by_text("按您的情况不需要的材料（1 份）").click()
    expect(page.get_by_text("授权委托书和受委托人身份证明").first).to_be_visible()
    look(page, f"situations-trimmed-{name}")
    go(page, page.get_by_role("link", name="在线办理").last)
    go(page, page.get_by_role("button", name="开始填写"))
    expect(page.get_by_role("heading", name="您的情形")).to_be_visible()
    expect(page.get_by_label("转租租来的房屋")).to_be_checked()
    look(page, f"situations-first-{name}")
    for _number in range(9):
        if "/materials/" in page.url:
            break
        fill_page(page)
        go(page, page.get_by_role("button", name="保存并继续"))
    expect(page.locator("section.upload")).to_have_count(4)
    expect(page.get_by_text("授权委托书")).to_have_count(0)
    if viewport == PHONE:
        elder(page, live_server.url)
    through_the_materials(page)
    go(page, page.get_by_role("link", name="修改“情形”"))
    look(page, f"situations-change-{name}")
    answer(page, "出租的是什么房屋？", "出租自己的房屋")
    go(page, page.get_by_role("button", name="保存并继续"))
    expect(page.locator("section.upload")).to_have_count(1 if viewport == PHONE else 3)
    through_the_materials(page)
    expect(page.get_by_role("heading", name="不会提交的文件")).to_be_visible()
    look(page, f"situations-check-{name}")
    page.get_by_label("电子送达：我同意").check()
    page.get_by_label("我声明以上内容").check()
    go(page, page.get_by_role("button", name="提交申请"))
    expect(page.get_by_role("heading", name="申请已提交")).to_be_visible()


def through_the_materials(page):
    """All on one page, or each on its own in 长辈版."""
    for _number in range(9):
        if "/materials/" not in page.url:
            break
        if not page.locator(".files li").count():
            upload_all(page)
        go(page, page.get_by_role("button", name="保存并继续"))
