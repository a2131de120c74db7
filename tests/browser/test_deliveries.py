"""消息发送, the messages of a case and the choice of channels, at both widths."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from support.notices.actions import tell_officers, tell_party
from support.notices.models import Channel, Delivery
from support.places.models import Role
from tests.applications.conftest import *  # noqa: F403  # a case and what it needs
from tests.browser.conftest import DESKTOP, PHONE

pytestmark = pytest.mark.django_db(transaction=True)
SIZES = pytest.mark.parametrize(
    ("viewport", "mode"),
    [(DESKTOP, {}), (PHONE, {}), (PHONE, {"mode": "elder"})],
    ids=["1280", "360", "360-elder"],
)


@pytest.fixture(autouse=True)
def texting(settings):
    settings.SMS_GATEWAY_URL, settings.SMS_GATEWAY_KEY = "http://127.0.0.1:1", "a-key-of-the-tests"


@pytest.fixture
def deliveries(citizen, agency, clerk):
    """Messages in every state."""
    now = timezone.now()
    context = {
        "number": "11640104YYYY0021594000131001002202611230001",
        "matter": "食品经营许可（新办）",
        "outcome": "准予行政许可",
    }
    states = {
        "refused": {"next_at": None, "error": "Refused invalid_number", "attempts": 1},
        "down": {"next_at": None, "error": "Unavailable 503", "attempts": 8},
        "failed": {
            "next_at": None,
            "sent_at": now,
            "failed_at": now,
            "failure": "unreachable",
            "attempts": 1,
        },
        "sent": {"next_at": None, "sent_at": now, "attempts": 1},
        "delivered": {"next_at": None, "sent_at": now, "delivered_at": now, "attempts": 2},
        "waiting": {"error": "Unavailable 503", "attempts": 2},
    }
    for key, values in states.items():
        tell_party(
            citizen.party.pk,
            "case_granted",
            key=key,
            context=context,
            url="/c/",
            now=now,
            agency_id=agency.pk,
        )
        Delivery.objects.filter(key__startswith=f"{key}:", channel=Channel.SMS).update(**values)
    tell_officers(agency.pk, Role.CLERK, "new_case_officer", key="o", context=context, url="/d/", now=now)


@SIZES
def test_staff_look_and_try_again(open_page, come_in, look, clerk, deliveries, viewport, mode):
    page = open_page(viewport, **mode)
    come_in(page, clerk)
    page.goto("/manage/deliveries/")
    name = f"{viewport['width']}{'-elder' if mode else ''}"
    look(page, f"deliveries-dead-{name}")
    for label in ("未送达", "待发送", "已送达"):
        page.get_by_role("navigation", name="发送状态").get_by_role("link", name=label).click()
        look(page, f"deliveries-{label}-{name}")
    page.goto("/manage/deliveries/?state=dead")
    page.get_by_role("button", name=re.compile("^重新发送")).first.press("Enter")
    expect(page.get_by_text("已重新安排发送 1 条")).to_be_visible()
    page.get_by_role("button", name="全部重新发送（1 条）").press("Enter")
    expect(page.get_by_text("已重新安排发送 1 条")).to_be_visible()
    look(page, f"deliveries-retried-{name}")


@SIZES
def test_a_person_chooses(open_page, come_in, look, citizen, viewport, mode):
    page = open_page(viewport, **mode)
    come_in(page, citizen)
    page.goto("/accounts/profile/")
    look(page, f"profile-channels-{viewport['width']}{'-elder' if mode else ''}")
    page.get_by_label("手机短信").uncheck()
    page.get_by_role("button", name="保存通知方式").press("Enter")
    expect(page.get_by_text("通知方式已保存")).to_be_visible()
    expect(page.get_by_label("手机短信")).not_to_be_checked()
    expect(page.get_by_label("电子邮件")).to_be_checked()


@SIZES
def test_the_case_tells_whether_it_arrived(open_page, come_in, look, accepted, clerk, viewport, mode):
    text = Delivery.objects.filter(channel=Channel.SMS, for_party=True)
    text.update(next_at=None, sent_at=timezone.now(), failed_at=timezone.now(), failure="unreachable")
    page = open_page(viewport, **mode)
    come_in(page, clerk)
    page.goto(f"/desk/{accepted.uuid}/")
    expect(page.get_by_role("heading", name="给申请人的通知")).to_be_visible()
    look(page, f"desk-case-deliveries-{viewport['width']}{'-elder' if mode else ''}")
