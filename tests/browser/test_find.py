"""Home and search in Chromium: both widths, 长辈版, high contrast; few guides and many; filters without scripts."""

import datetime as dt
import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from applications.models import Application
from evaluations.models import AgencyFigure, Measure
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
