"""Every guide of the catalogue, and the directory, in Chromium: every language on a phone, some on a desktop."""

import pytest
from django.conf import settings
from django.urls import reverse

from matters.actions import load_directory, load_samples
from matters.models import GuideVersion
from tests.browser.conftest import DESKTOP, PHONE

pytestmark = pytest.mark.django_db(transaction=True)
LANGUAGES = ("zh-hans", "zh-hant", "en")
ON_A_DESKTOP = {"不动产转移登记（二手房买卖）", "取水许可（取水申请批准）", "高龄津贴申请"}


@pytest.fixture
def catalogue(places) -> list[GuideVersion]:
    load_samples()
    load_directory()
    return list(GuideVersion.objects.select_related("matter").order_by("matter__task_code"))


def test_every_guide_in_every_language(open_page, look, catalogue, live_server):
    phone, desktop = open_page(PHONE), open_page(DESKTOP)
    for version in catalogue:
        url = reverse("matters:guide", args=[version.matter.uuid])
        for language in LANGUAGES:
            guide = version.guide_in(language)
            for page in (phone, desktop) if version.guide.name in ON_A_DESKTOP else (phone,):
                cookie = {"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": live_server.url}
                page.context.add_cookies([cookie])
                page.goto(url)
                assert page.locator("h1").inner_text() == guide.name
                width = page.viewport_size["width"]
                code = version.document["identity"]["catalog_code"]
                look(page, f"guide-{code}-{language}-{width}")


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["1280", "360"])
def test_the_directory_by_keyboard(open_page, look, catalogue, viewport):
    page = open_page(viewport)
    page.goto(reverse("matters:directory"))
    look(page, f"directory-{viewport['width']}")
    page.get_by_label("搜索事项目录").fill("失業")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.get_by_text("按地区、部门、类型筛选").focus()
    page.keyboard.press("Enter")
    page.get_by_label("部门").select_option(index=1)
    page.get_by_role("button", name="筛选").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "department=" in page.url
    look(page, f"directory-filtered-{viewport['width']}")
    page.goto(reverse("portal:search") + "?q=失业")
    look(page, f"search-with-directory-{viewport['width']}")
    with page.expect_navigation():
        page.get_by_role("link", name="在事项目录中查看").click()
    page.goto(reverse("matters:directory") + "?q=量子")
    look(page, f"directory-nothing-{viewport['width']}")
