"""Home and search in Chromium: both widths, 长辈版, high contrast; few guides and many; filters without scripts."""

import datetime as dt
import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from applications.models import Application
from evaluations.models import AgencyFigure, Measure
from matters.actions import note_zero_hit
from support.accounts.models import Party
from support.places.models import Agency
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.test_look import MODES, assert_large
from tests.matters.conftest import food, new_matter, put_in_force, small, text  # noqa: F401

pytestmark = pytest.mark.django_db(transaction=True)

NAMES = [
    "居住证签发",
    "灵活就业人员参保登记",
    "生育津贴申领",
    "公共场所卫生许可",
    "老年人优待证办理",
    "户外招牌设置登记",
]
MORE = {
    0: {"themes": {"natural": ["010", "090"], "legal": []}, "service_objects": ["1"]},
    1: {"themes": {"natural": ["030", "085"], "legal": []}, "service_objects": ["1"]},
    2: {"themes": {"natural": ["005", "085"], "legal": []}, "service_objects": ["1"]},
    3: {"themes": {"natural": [], "legal": ["010", "110"]}},
    4: {"themes": {"natural": ["145", "090"], "legal": []}, "service_objects": ["1"]},
}


@pytest.fixture
def busy(food, put_in_force, cast):  # noqa: F811
    """A catalogue of several departments, cases of the last weeks, and ratings."""
    agencies = list(Agency.objects.order_by("pk"))
    versions = [
        put_in_force(n + 1, agency=agencies[n % len(agencies)], name=text(name), **MORE.get(n, {}))
        for n, name in enumerate(NAMES)
    ]
    party = Party.objects.get(user=cast["citizen"])
    for n, version in enumerate([*versions[:3], food]):
        for k in range(4 * n + 2):
            Application.objects.create(
                number=f"T{n}-{k}", key=f"T{n}-{k}", matter=version.matter, guide=version, party=party,
                agency=version.matter.agency, region_code=version.matter.agency.region_id,
                filed_by=cast["citizen"], state="received", deemable=False,
                received_at=timezone.now() - dt.timedelta(days=3),
            )  # fmt: skip
    AgencyFigure.objects.create(agency=agencies[0], measure=Measure.EVALUABLE, count=40)
    AgencyFigure.objects.create(agency=agencies[0], measure=5, count=20)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["1280", "360"])
def test_home_and_search(open_page, look, busy, viewport, mode):
    page = open_page(viewport, **MODES[mode])
    for name, url in {
        "home": "/",
        "home-legal": "/?audience=legal",
        "search": "/search/?audience=natural",
    }.items():
        page.goto(url)
        look(page, f"find-{name}-{mode}-{viewport['width']}")
        if mode == "elder":
            assert_large(page)


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["1280", "360"])
def test_home_with_one_guide(open_page, look, food, viewport):  # noqa: F811
    page = open_page(viewport)
    page.goto("/")
    look(page, f"find-home-one-{viewport['width']}")


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["1280", "360"])
def test_filters_without_scripts(open_page, look, busy, viewport):
    page = open_page(viewport, scripts=False)
    page.goto("/search/")
    summary = page.locator(".facets > summary")
    if viewport is PHONE:
        expect(page.get_by_role("link", name="行政许可")).to_be_hidden()
        summary.press("Enter")
        shown = open_page(PHONE)
        shown.goto("/search/")
        shown.locator(".facets > summary").click()
        look(shown, "find-filters-open-360")
    else:
        expect(summary).to_be_hidden()
    page.get_by_role("link", name="行政确认 6").press("Enter")
    chip = page.get_by_role("link", name=re.compile("取消筛选： ?行政确认"))
    expect(chip).to_be_visible()
    expect(page.get_by_text("找到 6 项")).to_be_visible()
    chip.press("Enter")
    expect(page.get_by_text("找到 7 项")).to_be_visible()


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["1280", "360"])
def test_suggestions_by_keyboard_and_what_is_only_alike(open_page, look, food, viewport):  # noqa: F811
    page = open_page(viewport)
    page.goto("/")
    field = page.get_by_role("combobox", name="搜索事项")
    field.press_sequentially("kaica")
    options = page.get_by_role("option")
    expect(options.first).to_have_text("开餐馆")
    field.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute("aria-activedescendant", "q-suggestions-0")
    look(page, f"find-suggestions-{viewport['width']}")
    field.press("Escape")
    expect(field).to_have_attribute("aria-expanded", "false")
    field.press("ArrowUp")
    field.press("Enter")
    expect(page.get_by_role("heading", name="搜索“开餐馆”")).to_be_visible()
    expect(page.get_by_role("link", name="食品经营许可（新办）").first).to_be_visible()
    page.goto("/search/?q=食品经管许可")
    expect(page.get_by_text("没有办事指南正好写着")).to_be_visible()
    look(page, f"find-alike-{viewport['width']}")


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["1280", "360"])
def test_words_are_kept_without_scripts(open_page, look, come_in, food, cast, viewport):  # noqa: F811
    page = open_page(viewport, scripts=False)
    shown = open_page(viewport)
    come_in(shown, cast["editor"])
    come_in(page, cast["editor"])
    for term in ("食品许可办理", "宠物", "开餐管子"):
        note_zero_hit(term, now=timezone.now())
    shown.goto("/catalogue/words/")
    look(shown, f"words-list-{viewport['width']}")
    shown.goto("/catalogue/words/new/?term=宠物")
    look(shown, f"words-new-{viewport['width']}")
    shown.get_by_label("目录里的用词").fill("宠物许可")
    shown.get_by_role("button", name="保存").click()
    expect(shown.get_by_role("alert")).to_contain_text("现行办事指南里没有“宠物许可”")
    look(shown, f"words-refused-{viewport['width']}", expected=422)
    page.goto("/catalogue/words/")
    page.get_by_role("region", name="食品许可办理").get_by_role("button", name="食品经营许可").press("Enter")
    expect(page.get_by_text("已添加“食品许可办理”")).to_be_visible()
    expect(page.get_by_role("region", name="食品许可办理")).to_have_count(0)
