"""Who sees which certificate: pages, API, counts; and that the looking is recorded."""

import datetime as dt

import pytest
import time_machine
from django.urls import reverse

from certificates import actions
from certificates.models import Certificate
from support.records.actor import TIMER, VISITOR
from support.records.models import AuditEvent
from tests.conftest import actor_of
from tests.documents.conftest import NOW


def test_by_hat(reserve, cast, firm):
    mine, firms = reserve("a"), reserve("b", party=firm)
    seen = {
        name: set(Certificate.objects.visible_to(actor_of(user)).values_list("pk", flat=True))
        for name, user in cast.items()
    }
    assert seen["citizen"] == {mine.pk}
    assert seen["stranger"] == seen["firm_agent"] == seen["officer_elsewhere"] == set()
    assert seen["clerk"] == seen["approver"] == {mine.pk, firms.pk}
    company = actor_of(cast["firm_agent"], f"company:{firm.uuid}")
    assert list(Certificate.objects.visible_to(company)) == [firms]
    for actor in (VISITOR, TIMER, actor_of(cast["clerk"], "citizen")):
        assert not Certificate.objects.visible_to(actor).exists()


def test_the_list(certificate, client, citizen, issue, firm):
    issue("b", party=firm)
    client.force_login(citizen)
    page = client.get(reverse("certificates:list")).content.decode()
    assert page.count('<article class="certificate') == 1
    assert certificate.number in page
    assert "亮证" in page
    event = AuditEvent.objects.get(verb="read.certificates")
    assert event.details == {"ids": [certificate.pk]}
    assert event.subject_id == citizen.party.pk


def test_the_empty_list(client, stranger):
    client.force_login(stranger)
    assert "还没有电子证照" in client.get(reverse("certificates:list")).content.decode()


def test_one(certificate, client, citizen):
    client.force_login(citizen)
    page = client.get(reverse("certificates:detail", args=[certificate.uuid])).content.decode()
    for words in ("银川市兴庆区示例路100号", certificate.identifier, "下载 PDF 原件", "使用记录", "亮证"):
        assert words in page
    event = AuditEvent.objects.get(verb="read.certificate")
    assert (event.subject_id, event.agency_id) == (citizen.party.pk, certificate.agency_id)


def test_who_used_it(certificate, client, citizen, stranger, clerk):
    """Officers by name, other citizens masked, oneself as such."""
    for user in (citizen, stranger, clerk):
        actions.check_code(certificate.code, NOW, actor=actor_of(user))
    actions.check_code(certificate.code, NOW)
    client.force_login(citizen)
    page = client.get(reverse("certificates:detail", args=[certificate.uuid])).content.decode()
    log = page[page.index("使用记录") :]
    assert [word in log for word in ("本人", "李*", "马晓云", "未登录的访问者")] == [True] * 4
    assert "李远" not in page


def test_one_that_is_being_made(reserve, client, citizen):
    client.force_login(citizen)
    page = client.get(reverse("certificates:detail", args=[reserve().uuid])).content.decode()
    assert "出证中" in page
    assert "下载 PDF 原件" not in page
    assert "/present/" not in page


def test_one_that_has_ended(certificate, client, citizen):
    with time_machine.travel(NOW + dt.timedelta(days=365 * 6), tick=False):
        client.force_login(citizen)
        page = client.get(reverse("certificates:detail", args=[certificate.uuid])).content.decode()
    assert "失效" in page
    assert "/present/" not in page


def test_an_officer_sees_no_use_log_and_cannot_present(certificate, client, clerk):
    client.force_login(clerk)
    page = client.get(reverse("certificates:detail", args=[certificate.uuid])).content.decode()
    assert "使用记录" not in page
    assert "/present/" not in page
    assert client.get(reverse("certificates:present", args=[certificate.uuid])).status_code == 403


@pytest.mark.parametrize("name", ["stranger", "firm_agent", "officer_elsewhere"])
@pytest.mark.parametrize("view", ["detail", "present"])
def test_a_guessed_address(certificate, client, cast, name, view):
    client.force_login(cast[name])
    assert client.get(reverse(f"certificates:{view}", args=[certificate.uuid])).status_code in (403, 404)
    assert not AuditEvent.objects.filter(verb="read.certificate").exists()


def test_the_api(certificate, client, citizen, stranger):
    client.force_login(citizen)
    (row,) = client.get("/api/v1/certificates/").json()["results"]
    assert row["number"] == certificate.number
    assert row["state"] == "01"
    assert row["file"] == reverse("documents:document", args=[certificate.document.uuid])
    assert "示例路" not in str(row)
    assert AuditEvent.objects.get(verb="read.certificates").details == {"ids": [certificate.pk]}
    client.force_login(stranger)
    assert client.get("/api/v1/certificates/").json()["count"] == 0


def test_the_api_reads_the_clock(certificate, client, citizen):
    client.force_login(citizen)
    with time_machine.travel(NOW + dt.timedelta(days=365 * 6), tick=False):
        client.force_login(citizen)
        assert client.get("/api/v1/certificates/").json()["results"][0]["state"] == "05"


def test_the_api_is_not_for_visitors_or_officers(client, clerk):
    assert client.get("/api/v1/certificates/").status_code in (401, 403)
    client.force_login(clerk)
    assert client.get("/api/v1/certificates/").status_code == 403
