# ruff: noqa: F811 - fixtures of the browser tests are imported by name
"""The pages of certificates and papers in a real browser, at both widths."""

import threading

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from certificates import actions
from certificates.models import PresentToken
from support.documents import actions as documents
from support.records.actor import TIMER
from tests.browser.conftest import (  # noqa: F401
    DESKTOP,
    PHONE,
    chromium,
    come_in,
    look,
    open_page,
)
from tests.conftest import actor_of
from tests.documents.conftest import LICENCE, plain_pdf

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def aside(work) -> None:
    """In a thread of its own, for Playwright's event loop holds this one."""
    failed = []

    def run() -> None:
        try:
            work()
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert not failed, failed


@pytest.fixture
def certificate(reserve, settings, live_server):
    settings.PORTAL_URL = live_server.url
    certificate = reserve(now=timezone.now())
    aside(lambda: documents.drain(timezone.now()))
    certificate.refresh_from_db()
    assert certificate.state == "01", certificate.document.error
    return certificate


@pytest.mark.parametrize(("size", "name"), [(DESKTOP, "1280"), (PHONE, "360")])
def test_every_page(certificate, open_page, come_in, look, citizen, agency, size, name, tmp_path):
    page = open_page(size)
    come_in(page, citizen)
    page.goto(reverse("certificates:list"))
    look(page, f"certificates-list-{name}")
    page.goto(reverse("certificates:present", args=[certificate.uuid]))
    look(page, f"certificates-present-{name}")
    page.goto(reverse("certificates:check", args=[certificate.code]))
    look(page, f"certificates-check-{name}")
    page.goto(reverse("certificates:check", args=["FORGED"]))
    look(page, f"certificates-check-forged-{name}")
    page.goto(reverse("certificates:detail", args=[certificate.uuid]))
    look(page, f"certificates-detail-{name}")
    waiting = documents.order(
        "acceptance", key="paper", agency=agency, party_id=citizen.party.pk, payload=LICENCE, number="受字1号",
        actor=TIMER, now=timezone.now(),
    )  # fmt: skip
    page.goto(reverse("documents:document", args=[waiting.uuid]))
    look(page, f"documents-waiting-{name}")

    page.goto(reverse("certificates:verify"))
    look(page, f"certificates-verify-{name}")
    page.get_by_role("button", name="核验", exact=True).click()
    look(page, f"certificates-verify-error-{name}", expected=422)
    file = tmp_path / "原件.pdf"
    for label, data in {
        "original": documents.read_file(certificate.document),
        "altered": documents.read_file(certificate.document)[:-9] + b"?" * 9,
        "foreign": plain_pdf(),
    }.items():
        file.write_bytes(data)
        page.locator("input[type=file]").set_input_files(file)
        page.get_by_role("button", name="核验", exact=True).click()
        page.wait_for_load_state("networkidle")
        look(page, f"certificates-verify-{label}-{name}")


def test_the_shown_code_works_on_another_device_and_is_replaced(
    certificate, open_page, come_in, citizen, monkeypatch
):
    monkeypatch.setattr(actions, "REFRESH", 2)
    mine, other = open_page(PHONE), open_page(PHONE)
    come_in(mine, citizen)
    mine.goto(reverse("certificates:present", args=[certificate.uuid]))
    first = mine.locator("#code svg path").get_attribute("d")
    mine.wait_for_function("d => document.querySelector('#code svg path').getAttribute('d') !== d", arg=first)
    assert PresentToken.objects.count() == 2
    token = actions.present(certificate, actor=actor_of(citizen), now=timezone.now()).token
    other.goto(reverse("certificates:present_check", args=[token]))
    assert "证照有效" in other.content()
    other.reload()
    assert "已被核验过" in other.content()
