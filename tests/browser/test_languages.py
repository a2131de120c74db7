"""English is longer and Traditional Chinese has other glyphs: the main pages in both, at both widths."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from applications.models import Application
from certificates.models import Certificate
from matters.models import GuideVersion
from tests.browser.conftest import DESKTOP, PHONE
from tests.portal.journey import *  # noqa: F403

pytestmark = pytest.mark.django_db(transaction=True)
WIDTHS = pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["1280", "360"])


def pages(journey: list[str]) -> dict[str, str]:
    guide = GuideVersion.objects.get(document__name__contains={"zh-hans": "食品经营许可（新办）"})
    cases = {case.state: case for case in Application.objects.all()}
    return {
        "home": "/",
        "search": "/search/",
        "guide": reverse("matters:guide", args=[guide.matter.uuid]),
        "directory": "/matters/directory/",
        "progress": "/progress/",
        "terms": "/terms/?start=2026-09-21&amount=12&unit=workday",
        "login": "/accounts/login/",
        "register": "/accounts/register/",
        "verify": "/verify/",
        "my": "/my/",
        "apply": reverse("applications:apply", args=[guide.matter.uuid]),
        "form": journey[1],
        "materials": journey[-3],
        "check": journey[-2],
        "submitted": journey[-1],
        "case": reverse("applications:case", args=[cases["received"].uuid]),
        "refused": reverse("applications:case", args=[cases["not_accepted"].uuid]),
        "certificate": reverse("certificates:detail", args=[Certificate.objects.get().uuid]),
        "messages": "/my/messages/",
        "profile": "/accounts/profile/",
        "ratings": "/ratings/",
    }


@WIDTHS
@pytest.mark.parametrize("language", ["en", "zh-hant"])
def test_nothing_overflows(open_page, come_in, look, journey, citizen, viewport, language):
    page = open_page(viewport, language=language)
    for name, address in pages(journey).items():
        if name == "my":
            come_in(page, citizen)
        page.goto(address)
        look(page, f"language-{name}-{language}-{viewport['width']}")
    page.goto("/no/such/")
    look(page, f"language-404-{language}-{viewport['width']}", expected=404)
    page.goto(journey[1])
    page.locator("form[data-autosave] .actions button").first.click()
    expect(page.locator(".error-summary")).to_be_visible()
    look(page, f"language-errors-{language}-{viewport['width']}", expected=422)


@WIDTHS
@pytest.mark.parametrize("scripts", [True, False])
def test_the_switch_keeps_the_page(open_page, db, viewport, scripts):
    page = open_page(viewport, scripts=scripts)
    page.goto("/search/?q=餐馆&audience=legal")
    for name, lang, heading in (
        ("English", "en", "Search: “餐馆”"),
        ("繁體中文", "zh-Hant", "搜索“餐馆”"),
        ("简体中文", "zh-Hans", "搜索“餐馆”"),
    ):
        page.get_by_role("button", name=name).click()
        expect(page.locator("html")).to_have_attribute("lang", lang)
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
        expect(page).to_have_url(re.compile(r"audience=legal"))
