"""The navigation of who has many places: folded on a phone, whole on a desktop, with and without scripts."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, PHONE

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_supervisor_on_a_phone_and_at_a_desk(open_page, come_in, look, cast):
    for viewport, cookies in (
        (PHONE, {}),
        (PHONE, {"mode": "elder"}),
        (PHONE, {"contrast": "high"}),
        (DESKTOP, {}),
    ):
        page = open_page(viewport, scripts=bool(cookies) or viewport == DESKTOP, **cookies)
        come_in(page, cast["supervisor"])
        page.goto("/supervision/")
        nav = page.get_by_role("navigation", name="主导航")
        folded = nav.get_by_role("link", name="证照核验")
        if viewport == PHONE:
            expect(folded).to_be_hidden()
            if not cookies:
                assert nav.bounding_box()["height"] < 100, "two rows"
            nav.locator("summary").press("Enter")
        expect(folded).to_be_visible()
        if cookies or viewport == DESKTOP:
            look(page, f"nav-supervisor-{viewport['width']}-{'-'.join(cookies.values()) or 'plain'}")
        folded.click()
        expect(page.get_by_role("heading", name="证照和文书核验")).to_be_visible()
