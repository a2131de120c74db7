"""The screen of a case tells staff what was sent to the applicant and whether it arrived."""

import pytest
from django.utils import timezone

from applications import sweep
from support.notices.models import Channel, Delivery
from tests.applications.conftest import MONDAY, at

pytestmark = pytest.mark.django_db


@pytest.fixture
def texting(settings):
    settings.SMS_GATEWAY_URL, settings.SMS_GATEWAY_KEY = "http://127.0.0.1:1", "a-key-of-the-tests"


def test_what_was_sent_and_how_far_it_came(client, texting, accepted, clerk, officer_elsewhere, monkeypatch):
    text = Delivery.objects.get(channel=Channel.SMS)
    assert text.agency_id == accepted.agency_id
    Delivery.objects.filter(pk=text.pk).update(
        next_at=None, sent_at=MONDAY, failed_at=MONDAY, failure="unreachable"
    )
    monkeypatch.setattr(timezone, "now", lambda: at("2026-11-24"))
    client.force_login(clerk)
    page = client.get(f"/desk/{accepted.uuid}/").content.decode()
    assert "给申请人的通知" in page
    assert "您的申请已受理：食品经营许可（新办）" in page
    assert "199****0001" in page
    assert ">未送达</span>" in page
    assert "手机关机、停机或不在服务区" in page
    assert "待受理" not in page.partition("给申请人的通知")[2].partition("</section>")[0]
    client.force_login(officer_elsewhere)
    assert client.get(f"/desk/{accepted.uuid}/").status_code == 404


def test_every_message_of_a_case_to_its_party_names_agency_and_case(texting, reviewed, step, approver):
    sweep.sweep(at("2026-12-11", 0))
    assert Delivery.objects.filter(notice__kind="case_overdue_party").exists()
    case = step("grant", reviewed, approver, now=at("2026-12-11"))
    sent = Delivery.objects.filter(for_party=True)
    assert set(sent.values_list("agency_id", "notice__case_number")) == {(case.agency_id, case.number)}
    assert sent.filter(channel=Channel.SMS).count() == 2, "acceptance and decision"


def test_where_nothing_was_sent_there_is_no_empty_section(client, received, clerk, monkeypatch):
    Delivery.objects.all().delete()
    monkeypatch.setattr(timezone, "now", lambda: MONDAY)
    client.force_login(clerk)
    assert "给申请人的通知" not in client.get(f"/desk/{received.uuid}/").content.decode()
