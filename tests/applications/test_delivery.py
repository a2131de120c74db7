"""送达: the choice and its consent, the moment of service, what an officer records, tries in vain."""

import datetime as dt

import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError, transaction
from django.utils import timezone
from knox.models import AuthToken
from rest_framework.test import APIClient

from applications import delivery, sweep
from applications.delivery import DeliveryRefused, Handover, Wish
from applications.models import Application, DeliveryChoice, Manner, Service
from certificates.models import Certificate
from support.accounts.models import AgencyGrant, User
from support.documents import actions as documents
from support.documents.models import Document, SealUse
from support.notices.models import Notice
from support.records.models import AuditEvent
from tests.applications.conftest import CONSENT, MONDAY, at
from tests.conftest import actor_of

pytestmark = pytest.mark.django_db

PAPER = Wish(Manner.WINDOW)
POST = Wish(Manner.POST, "银川市兴庆区示例路1号 张小兰")
FRIDAY = at("2026-11-27")


def make_papers(now=MONDAY):
    while documents.drain(now):
        pass


@pytest.fixture
def decided(file_case, step, clerk, officer, approver):
    """A decided case, its papers made on the day of the decision (Thursday 2026-11-26)."""

    def make(outcome="grant", wish=PAPER) -> Application:
        case = file_case(wish=wish)
        case = step("accept", case, clerk, now=at("2026-11-24"))
        case = step("give_opinion", case, officer, now=at("2026-11-25"), verdict="grant", reasons="好")
        case = step(outcome, case, approver, now=at("2026-11-26"), reasons="不符合条件。")
        make_papers(at("2026-11-26", 11))
        return Application.objects.get(pk=case.pk)

    return make


def paper_of(case, kind) -> Document:
    return Document.objects.get(case_number=case.number, kind=kind)


def hand_over(*papers, on=FRIDAY, outcome="served", manner="window", **words) -> Handover:
    given = {"to_whom": "张小兰", "tracking": "", "note": "", **words}
    return Handover([paper.pk for paper in papers], manner, outcome, on.date(), **given)


def record(case, handover, user, *, now=FRIDAY, seen=None):
    seen = delivery.last_service(case) if seen is None else seen
    return delivery.record(case, handover, actor=actor_of(user), seen=seen, now=now)


# --- the choice -----------------------------------------------------------------------------------


def test_the_choice_is_kept_with_time_and_wording(file_case, citizen):
    case = file_case(wish=POST)
    choice = DeliveryChoice.objects.get()
    assert (choice.manner, choice.wording, choice.at) == ("post", delivery.WORDING, MONDAY)
    assert choice.actor_id == citizen.pk
    assert delivery.address_of(case) == POST.address
    assert POST.address.encode() not in bytes(choice.address_sealed)


def test_who_chooses_nothing_has_not_consented(version, answers, uploads_for, citizen):
    from applications import filing

    case = filing.submit(
        version.matter, answers, uploads_for(citizen), key="no-choice-1", actor=actor_of(citizen), now=MONDAY
    )
    assert case.delivery == Manner.WINDOW
    make_papers()
    assert not Service.objects.exists()


def test_only_the_applicant_chooses(received, stranger, clerk):
    for user in (stranger, clerk):
        with pytest.raises(DeliveryRefused):
            delivery.choose(received, PAPER, actor=actor_of(user), now=MONDAY)
    assert DeliveryChoice.objects.count() == 1


def test_consent_given_later_serves_what_waits_at_that_instant(file_case, citizen):
    case = file_case(wish=PAPER)
    make_papers(at("2026-11-23", 11))
    assert not Service.objects.exists()
    delivery.choose(case, CONSENT, actor=actor_of(citizen), now=at("2026-11-24"))
    service = Service.objects.get()
    assert (service.at, service.manner) == (at("2026-11-24"), "electronic")
    assert [c.manner for c in DeliveryChoice.objects.all()] == ["window", "electronic"]


def test_consent_taken_back_holds_for_papers_still_to_come(received, step, clerk, citizen):
    make_papers()
    delivery.choose(received, PAPER, actor=actor_of(citizen), now=at("2026-11-23", 12))
    step("accept", received, clerk, now=at("2026-11-24"))
    make_papers(at("2026-11-24", 11))
    assert list(Service.objects.values_list("document__kind", flat=True)) == ["receipt"]
    assert [paper.kind for paper in delivery.waiting(received)] == ["acceptance"]


def test_when_all_is_served_nothing_is_left_to_choose(decided, citizen):
    case = decided(wish=CONSENT)
    with pytest.raises(DeliveryRefused, match="全部送达"):
        delivery.choose(case, PAPER, actor=actor_of(citizen), now=FRIDAY)


# --- by electronic means ------------------------------------------------------------------------


def test_with_consent_a_paper_is_served_in_the_instant_it_is_ready(received, citizen):
    moment = at("2026-11-23", 11)
    make_papers(moment)
    service = Service.objects.get()
    document = paper_of(received, "receipt")
    assert (service.document, service.at, service.on) == (document, moment, moment.date())
    assert service.to_whom == citizen.party.name
    assert document.signed_at == moment
    assert AuditEvent.objects.filter(verb="document.serve").count() == 1
    make_papers(at("2026-11-23", 12))
    assert Service.objects.count() == 1


def test_the_paper_and_its_service_stand_or_fall_together(received, monkeypatch):
    """A worker that dies between making and serving has done neither; the next one does both, once."""
    monkeypatch.setattr(delivery.records, "write", _fails_on("document.serve", delivery.records.write))
    documents.drain(MONDAY)
    assert not Service.objects.exists()
    assert not SealUse.objects.exists()
    assert not paper_of(received, "receipt").is_ready
    monkeypatch.undo()
    make_papers(MONDAY + dt.timedelta(hours=1))
    assert Service.objects.count() == SealUse.objects.count() == 1
    assert paper_of(received, "receipt").is_ready


def _fails_on(verb, write):
    def failing(name, **kwargs):
        if name == verb:
            raise RuntimeError("killed")
        return write(name, **kwargs)

    return failing


def test_a_party_without_mail_is_served_all_the_same(citizen, file_case):
    User.objects.filter(pk=citizen.pk).update(email="")
    case = file_case()
    make_papers()
    assert case.services.count() == 1


def test_reading_is_recorded_apart_and_once(received, client, citizen, clerk, monkeypatch):
    make_papers()
    url = f"/documents/{paper_of(received, 'receipt').uuid}/"
    client.force_login(clerk)
    client.get(url)
    assert paper_of(received, "receipt").read_at is None
    client.force_login(citizen)
    client.get(url)
    first = paper_of(received, "receipt").read_at
    assert first is not None
    client.get(url)
    assert paper_of(received, "receipt").read_at == first
    assert Service.objects.get().at == MONDAY


def test_a_paper_is_served_once_even_if_the_code_forgets(received):
    make_papers()
    first = Service.objects.get()
    first.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        first.save(force_insert=True)


# --- by hand and by post ----------------------------------------------------------------------------


def test_without_consent_the_paper_waits_and_the_applicant_is_told(decided, citizen):
    case = decided()
    assert {paper.kind for paper in delivery.waiting(case)} == {
        "receipt",
        "acceptance",
        "grant",
        "certificate",
    }
    assert Application.objects.awaiting_service().get() == case
    told = Notice.objects.filter(user=citizen, kind="paper_waiting")
    assert told.count() == 3  # all but the receipt


def test_handing_over_ends_the_issuing_clock_and_yields_a_return(decided, clerk):
    case = decided()
    assert case.due_at is not None
    papers = delivery.waiting(case)
    record(case, hand_over(*[p for p in papers if p.kind != "certificate"]), clerk)
    assert Application.objects.get(pk=case.pk).due_at is not None  # art. 44: the certificate
    late = hand_over(paper_of(case, "certificate"), late_reason="周末系统维护")
    record(case, late, clerk, now=at("2026-11-30"))
    case = Application.objects.get(pk=case.pk)
    assert case.due_at is None
    stop = case.ledger.get(clock="issue", kind="stop")
    assert (stop.on, stop.at) == (FRIDAY.date(), at("2026-11-30"))
    assert not case.deadlines.filter(done_at=None).exists()
    returns = Document.objects.filter(kind="service_return").order_by("id")
    assert [len(r.payload["papers"]) for r in returns] == [3, 1]
    assert (returns[0].payload["served_on"], returns[0].payload["received_by"]) == ("2026-11-27", "张小兰")
    make_papers(at("2026-11-30"))
    assert all(r.is_ready for r in Document.objects.filter(kind="service_return"))
    assert not delivery.waiting(case)
    assert not Application.objects.awaiting_service().exists()


def test_a_certificate_signed_but_not_handed_over_in_ten_days_is_told(decided, supervisor):
    case = decided()
    assert Certificate.objects.get().state == "01"
    sweep.sweep(at("2026-12-11", 0))
    assert Notice.objects.filter(user=supervisor, kind="case_overdue").count() == 1
    assert case.deadlines.filter(kind="issue", done_at=None).count() == 0


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"on": at("2026-11-28")}, "不能晚于今天"),
        ({"on": at("2026-11-25"), "late_reason": "漏登"}, "不能早于"),
        ({"on": at("2026-11-26")}, "没有当天登记的原因"),
        ({"to_whom": " "}, "签收人"),
        ({"manner": "post"}, "邮件号码"),
        ({"manner": "electronic"}, "送达方式"),
        ({"outcome": "eaten"}, "送达结果"),
        ({"outcome": "refused"}, "未能送达的情况"),
    ],
)
def test_what_an_officer_may_not_record(decided, clerk, changed, words):
    case = decided()
    with pytest.raises(DeliveryRefused, match=words):
        record(case, hand_over(paper_of(case, "grant"), **changed), clerk)
    assert not Service.objects.exists()


def test_by_post_with_its_number(decided, clerk):
    case = decided(wish=POST)
    (service,) = record(
        case, hand_over(paper_of(case, "grant"), manner="post", tracking="1050000000001"), clerk
    )
    assert (service.tracking, service.manner) == ("1050000000001", "post")
    assert Document.objects.get(kind="service_return").payload["tracking"] == "1050000000001"


def test_what_failed_later_was_not_served_before(decided, clerk):
    """行政复议法 20, 行政诉讼法 46: the applicant's terms run from the day recorded."""
    case = decided(wish=POST)
    grant = paper_of(case, "grant")
    record(case, hand_over(grant, manner="post", tracking="1", outcome="unreachable", note="退回"), clerk)
    with pytest.raises(DeliveryRefused, match="未能送达的日期"):
        record(case, hand_over(grant, on=at("2026-11-26"), late_reason="漏登"), clerk)
    record(case, hand_over(grant), clerk)  # the same day may be


def test_a_try_in_vain_is_kept_and_leaves_the_paper_open(decided, clerk):
    case = decided(wish=POST)
    grant = paper_of(case, "grant")
    tried = hand_over(grant, manner="post", tracking="1", outcome="unreachable", note="退回：地址不符")
    record(case, tried, clerk)
    assert grant in delivery.waiting(case)
    assert not Document.objects.filter(kind="service_return").exists()
    record(case, hand_over(grant), clerk)
    row = next(row for row in delivery.papers_of(case) if row.document == grant)
    assert row.service is not None
    assert [each.note for each in row.failed] == ["退回：地址不符"]


@pytest.mark.parametrize("who", ["citizen", "officer", "approver", "officer_elsewhere", "supervisor"])
def test_only_the_window_records(decided, cast, who):
    case = decided()
    with pytest.raises(DeliveryRefused, match="岗位"):
        record(case, hand_over(paper_of(case, "grant")), cast[who])


def test_an_officer_does_not_hand_papers_to_oneself(decided, citizen, agency):
    case = decided()
    permission = Permission.objects.get(codename="clerk")
    AgencyGrant.objects.create(user=citizen, content_object=agency, permission=permission)
    with pytest.raises(DeliveryRefused, match="回避"):
        record(case, hand_over(paper_of(case, "grant")), citizen)


def test_a_stale_page_and_a_second_press_are_told(decided, clerk):
    case = decided(wish=POST)
    seen = delivery.last_service(case)
    grant = paper_of(case, "grant")
    failed = hand_over(grant, manner="post", tracking="1", outcome="refused", note="拒收")
    record(case, failed, clerk, seen=seen)
    with pytest.raises(DeliveryRefused) as refusal:
        record(case, failed, clerk, seen=seen)
    assert refusal.value.stale
    record(case, hand_over(grant), clerk)
    with pytest.raises(DeliveryRefused, match="已经送达"):
        record(case, hand_over(grant), clerk)


def test_a_paper_still_being_made_or_of_another_case_is_not_handed_over(file_case, clerk):
    case, other = file_case(wish=PAPER), file_case(wish=PAPER, key="other-case")
    with pytest.raises(DeliveryRefused):
        record(case, hand_over(paper_of(case, "receipt")), clerk)
    make_papers()
    with pytest.raises(DeliveryRefused):
        record(case, hand_over(paper_of(other, "receipt")), clerk)


def test_the_applicant_is_told_what_was_recorded(decided, clerk, citizen, supervisor, client):
    """Dated back, it shortens the applicant's terms: they see it, and so does supervision."""
    case = decided("refuse")
    reason = "当日网络中断"
    papers = [paper_of(case, "refusal"), paper_of(case, "acceptance")]
    record(case, hand_over(*papers, on=at("2026-11-26"), late_reason=f" {reason} "), clerk)
    told = Notice.objects.get(user=citizen, kind="papers_served")
    for words in ("2 份文书", "登记为 2026-11-26", "2026-11-27 登记", case.number):
        assert words in told.body
    assert told.deliveries.filter(channel="email").count() == 1
    for user, url in ((citizen, f"/my/cases/{case.uuid}/"), (supervisor, f"/desk/{case.uuid}/")):
        client.force_login(user)
        page = client.get(url).content.decode()
        assert f"送达日期 2026-11-26，由 {actor_of(clerk).name} 于 2026-11-27 10:00 登记" in page
        assert f"补登原因：{reason}" in page
    assert set(Service.objects.values_list("late_reason", flat=True)) == {reason}
    told = api(citizen).get(f"/api/v1/cases/{case.uuid}/papers/").json()["papers"]
    assert {p["service"]["late_reason"] for p in told if p["service"]} == {reason}


def test_who_is_served_today_needs_no_reason_and_leaves_none(decided, clerk):
    case = decided()
    record(case, hand_over(paper_of(case, "grant"), late_reason="x"), clerk)
    assert Service.objects.get().late_reason == ""


def test_a_try_in_vain_is_no_service_to_tell_of(decided, clerk, citizen):
    case = decided(wish=POST)
    failed = {"manner": "post", "tracking": "1", "outcome": "refused", "note": "拒收"}
    record(case, hand_over(paper_of(case, "grant"), on=at("2026-11-26"), **failed), clerk)
    assert not Notice.objects.filter(user=citizen, kind="papers_served").exists()


# --- remedies ------------------------------------------------------------------------------------


def test_the_days_for_remedies_run_from_service(decided, clerk, client, citizen, monkeypatch):
    case = decided("refuse")
    client.force_login(citizen)
    assert "自收到决定书之日起" in client.get(f"/my/cases/{case.uuid}/").content.decode()
    assert delivery.remedy_days(case) is None
    record(case, hand_over(paper_of(case, "refusal")), clerk)
    days = delivery.remedy_days(case)
    assert days["review"].on == dt.date(2027, 1, 26)  # sixty days after 11-27
    assert days["suit"].on == dt.date(2027, 5, 27)  # six months
    page = client.get(f"/my/cases/{case.uuid}/").content.decode()
    assert "最迟 2027-01-26" in page
    assert "最迟 2027-05-27" in page


# --- pages and API ----------------------------------------------------------------------------------


def body(case, **changes) -> dict:
    return {
        "seen": delivery.last_service(case), "documents": [p.pk for p in delivery.waiting(case)],
        "outcome": "served", "manner": "window", "on_year": "2026", "on_month": "11", "on_day": "27",
        "to_whom": "张小兰", **changes,
    }  # fmt: skip


@pytest.fixture
def friday(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: FRIDAY)


def test_the_window_records_on_its_page(decided, client, clerk, officer, citizen, friday):
    case = decided()
    url = f"/desk/{case.uuid}/service/"
    client.force_login(officer)
    assert client.get(url).status_code == 403
    assert url not in client.get(f"/desk/{case.uuid}/").content.decode()
    client.force_login(clerk)
    assert url in client.get(f"/desk/{case.uuid}/").content.decode()
    page = client.get(url).content.decode()
    assert "准予行政许可决定书" in page
    assert client.post(url, body(case, to_whom="")).status_code == 422
    assert "原因。</span>" in client.post(url, body(case, on_day="26")).content.decode()
    answer = client.post(url, body(case, on_day="29"))
    assert answer.status_code == 409
    assert 'value="29"' in answer.content.decode()  # what was typed is still there
    assert client.post(url, body(case)).status_code == 302
    assert Service.objects.count() == 4
    again = client.post(url, body(case))
    assert again.status_code == 422
    assert Service.objects.count() == 4
    client.force_login(citizen)
    assert "已送达" in client.get(f"/my/cases/{case.uuid}/").content.decode()


@pytest.mark.parametrize(
    "wrong",
    [{"seen": "x"}, {"documents": ["999999"]}, {"documents": []}, {"on_year": "二"}, {"manner": "pigeon"},
     {"to_whom": "长" * 60}, {"note": "\0"}],
)  # fmt: skip
def test_bad_input_on_the_page_is_told(decided, client, clerk, friday, wrong):
    case = decided()
    client.force_login(clerk)
    assert client.post(f"/desk/{case.uuid}/service/", body(case, **wrong)).status_code == 422
    assert not Service.objects.exists()


def test_the_address_is_shown_to_whoever_posts(decided, client, clerk, friday):
    case = decided(wish=POST)
    client.force_login(clerk)
    assert POST.address in client.get(f"/desk/{case.uuid}/service/").content.decode()
    assert POST.address not in client.get(f"/desk/{case.uuid}/").content.decode()


def test_the_applicant_changes_the_choice_on_a_page(file_case, client, citizen, stranger):
    case = file_case(wish=PAPER)
    url = f"/my/cases/{case.uuid}/delivery/"
    client.force_login(stranger)
    assert client.get(url).status_code == 404
    client.force_login(citizen)
    assert client.get(url).status_code == 200
    answer = client.post(url, {"delivery": "post", "delivery_address": ""})
    assert answer.status_code == 422
    assert "请填写邮寄地址" in answer.content.decode()
    assert client.post(url, {"delivery": "pigeon"}).status_code == 422
    assert client.post(url, {"delivery": "electronic"}).status_code == 302
    assert Application.objects.get().delivery == "electronic"


def test_nothing_is_chosen_beforehand_on_the_check_page(version, client, citizen):
    client.force_login(citizen)
    client.post(f"/apply/{version.matter.uuid}/")
    from applications.models import Draft

    url = f"/drafts/{Draft.objects.get().uuid}/check/"
    page = client.get(url).content.decode()
    assert 'name="delivery" value="electronic"' in page
    assert "checked" not in page
    answer = client.post(url, {"declare": "yes"})
    assert answer.status_code == 422
    assert "请选择文书的送达方式" in answer.content.decode()
    assert 'id="id_declare" checked' in answer.content.decode()


def api(user) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {AuthToken.objects.create(user)[1]}")
    return client


def test_over_the_api(decided, clerk, officer, citizen, stranger, friday):
    case = decided()
    url = f"/api/v1/cases/{case.uuid}"
    assert api(stranger).get(f"{url}/papers/").status_code == 404
    seen = api(citizen).get(f"{url}/papers/").json()
    assert seen["delivery"] == "window"
    assert {p["kind"]: p["service"] for p in seen["papers"]}["grant"] is None
    assert api(citizen).post(f"{url}/delivery/", {"delivery": "post"}).status_code == 400
    changed = api(citizen).post(f"{url}/delivery/", {"delivery": "post", "delivery_address": "示例路1号"})
    assert changed.json()["delivery"] == "post"
    assert api(clerk).post(f"{url}/delivery/", {"delivery": "window"}).status_code == 409
    given = {
        "seen": seen["last"], "documents": [p["uuid"] for p in seen["papers"]], "outcome": "served",
        "manner": "window", "on": "2026-11-27", "to_whom": "张小兰",
    }  # fmt: skip
    assert api(officer).post(f"{url}/services/", given, format="json").status_code == 404
    assert api(clerk).post(f"{url}/services/", given | {"on": "2026-11-30"}, format="json").status_code == 409
    done = api(clerk).post(f"{url}/services/", given, format="json")
    assert done.status_code == 201, done.content
    assert {p["service"]["on"] for p in done.json()["papers"] if p["service"]} == {"2026-11-27"}
    assert api(clerk).post(f"{url}/services/", given, format="json").status_code == 409


def test_filing_over_the_api_keeps_the_choice(version, answers, citizen, settings, tmp_path, guide):
    from tests.applications.test_api import filing

    settings.MEDIA_ROOT = tmp_path / "files"
    client = api(citizen)
    given = filing(client, version, guide, answers)
    wrong = client.post(
        "/api/v1/cases/", given | {"delivery": "post"}, headers={"Idempotency-Key": "order-1-a"}
    )
    assert list(wrong.json()["errors"]) == ["delivery_address"]
    made = client.post(
        "/api/v1/cases/", given | {"delivery": "electronic"}, headers={"Idempotency-Key": "order-1-b"}
    )
    assert made.json()["delivery"] == "electronic"
    assert DeliveryChoice.objects.get().manner == "electronic"


def test_papers_cost_the_same_queries_however_many(decided, django_assert_num_queries):
    case = decided(wish=CONSENT)
    with django_assert_num_queries(2):
        assert len(delivery.papers_of(case)) == 4
