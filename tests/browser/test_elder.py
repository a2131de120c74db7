"""长辈版 through the pages of a case, not only the home page (国办发〔2020〕45号)."""

import pytest

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
from tests.browser.conftest import PHONE
from tests.browser.test_look import assert_large

pytestmark = pytest.mark.django_db(transaction=True)


def test_pages_of_everybody(open_page, look):
    page = open_page(PHONE, mode="elder")
    for name, url in {
        "home": "/",
        "search": "/search/?q=开餐馆",
        "regions": "/regions/",
        "login": "/accounts/login/",
        "register": "/accounts/register/",
        "verify": "/verify/",
    }.items():
        page.goto(url)
        assert_large(page)
        look(page, f"elder-{name}")


def test_pages_of_a_case(open_page, come_in, look, cast, reviewed):  # noqa: F811
    page = open_page(PHONE, mode="elder")
    come_in(page, cast["citizen"])
    for name, url in {
        "guide": f"/matters/{reviewed.guide.matter.uuid}/",
        "start": f"/apply/{reviewed.guide.matter.uuid}/",
        "submitted": f"/my/cases/{reviewed.uuid}/submitted/",
        "case": f"/my/cases/{reviewed.uuid}/",
        "cases": "/my/cases/",
        "my": "/my/",
        "messages": "/my/messages/",
        "profile": "/accounts/profile/",
    }.items():
        page.goto(url)
        assert_large(page)
        look(page, f"elder-{name}")


def test_pages_of_the_desk(open_page, come_in, look, cast, reviewed):  # noqa: F811
    page = open_page(PHONE, mode="elder")
    come_in(page, cast["approver"])
    for name, url in {"desk": "/desk/", "desk-case": f"/desk/{reviewed.uuid}/"}.items():
        page.goto(url)
        assert_large(page)
        look(page, f"elder-{name}")
