"""One case of each kind of matter from filing to decision: labels, bases, papers, clocks, remedies."""

import datetime as dt
import json
import shutil

import pytest
from django.template.loader import render_to_string
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from knox.models import AuthToken
from rest_framework.test import APIClient

from applications import clock, papers, regimes, shown, sweep
from applications.actions import available
from applications.models import Application, Clock
from applications.workflow import STEPS, StepRefused
from matters.checks import problems
from matters.guides import Guide
from support.calendars.actions import NoticeDay, enter_notice
from support.calendars.models import OfficialDay
from support.documents import actions as documents
from support.documents import rendering
from support.documents.models import Document, Seal
from support.notices.models import Notice
from support.records.models import AuditEvent
from tests.applications.conftest import KINDS, MONDAY, at, document_of, text
from tests.conftest import actor_of

pytestmark = pytest.mark.django_db
needs_poppler = pytest.mark.skipif(not shutil.which("pdftotext"), reason="poppler-utils not installed")

OTHERS = [kind for kind in KINDS if kind != "licence"]
# kind: buttons for granting and refusing, states after them, titles of the papers
WORDS = {
    "licence": (
        "准予行政许可", "不予行政许可", "已准予行政许可", "不予行政许可", "准予行政许可决定书", "不予行政许可决定书",
    ),
    "confirmation": ("予以确认", "不予确认", "已予确认", "不予确认", "予以确认决定书", "不予确认决定书"),
    "benefit": ("准予给付", "不予给付", "已准予给付", "不予给付", "准予给付决定书", "不予给付决定书"),
    "reward": ("予以奖励", "不予奖励", "已予奖励", "不予奖励", "予以奖励决定书", "不予奖励决定书"),
    "ruling": ("作出裁决", "驳回申请", "已作出裁决", "已驳回申请", "行政裁决书", "驳回裁决申请决定书"),
    "filing": ("予以备案", "不予备案", "已备案", "不予备案", "备案通知书", "不予备案通知书"),
    "other": ("准予办理", "不予办理", "已准予办理", "不予办理", "准予办理决定书", "不予办理决定书"),
    "service": ("办结", "不予办理", "已办结", "不予办理", "办结通知书", "不予办理通知书"),
}  # fmt: skip


@pytest.fixture
def walk(file_under, step, clerk, officer, approver):
    """From filing to the decision, the worker making every paper."""

    def make(version, outcome) -> Application:
        case = file_under(version)
        case = step("accept", case, clerk, now=at("2026-11-24"))
        case = step("give_opinion", case, officer, now=at("2026-11-25"), verdict="grant", reasons="符合条件。")
        buttons = {s.name: str(s.label) for s in available(case, actor_of(approver), now=at("2026-11-26"))}
        assert (buttons["grant"], buttons["refuse"]) == WORDS[regimes.act_of(version.guide)][:2]
        case = step(outcome, case, approver, now=at("2026-11-26"), reasons="条件不具备。")
        while documents.drain(at("2026-11-26", 11)):
            pass
        return Application.objects.get(pk=case.pk)

    return make


@needs_poppler
@pytest.mark.parametrize("outcome", ["grant", "refuse"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_case_of_each_kind_speaks_its_own_words(guide_of, walk, read_papers, client, citizen, kind, outcome):
    case = walk(guide_of(kind), outcome)
    grant, refuse, granted, refused, grant_title, refusal_title = WORDS[kind]
    state, label, title = (granted, grant, grant_title) if outcome == "grant" else (refused, refuse, refusal_title)
    said = read_papers(case)
    paper = said["grant" if outcome == "grant" else "refusal"]
    assert title in paper
    assert str(shown.standing(case, MONDAY).label) == state
    assert str(shown.timeline(case, MONDAY)[-1]["title"]) == label
    client.force_login(citizen)
    page = client.get(f"/my/cases/{case.uuid}/").content.decode()
    assert state in page
    assert label in page
    notice = Notice.objects.get(kind="case_granted" if outcome == "grant" else "case_refused")
    assert notice.facts["outcome"]["zh-hans"] == state
    everything = "".join(said.values()) + page.replace("示例场所经营许可", "")
    assert ("行政许可" in everything) == (kind == "licence")
    basis = "行政许可法》第三十八条" if kind == "licence" else "《示例条例》第八条"
    assert (basis in paper) == (kind != "service")  # a service is done, not decided
    assert ("第三十二条第一款第（五）项" if kind == "licence" else "根据《示例办理规则》第三条，") in said["acceptance"]


@pytest.mark.parametrize("kind", KINDS)
def test_the_api_and_the_record_name_the_kind(guide_of, file_under, step, clerk, kind):
    version = guide_of(kind)
    case = step("accept", file_under(version), clerk)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {AuthToken.objects.create(clerk)[1]}")
    shape = client.get(f"/api/v1/cases/{case.uuid}/").json()
    assert (shape["act"], shape["state_words"]) == (kind, "审查中")
    basis = AuditEvent.objects.get(verb="case.accept").details["basis"]
    assert ("行政许可法" in basis) == (kind == "licence")


# --- what silence does ---------------------------------------------------------------------------


def test_silence_is_no_acceptance_where_the_guide_cites_no_rule(guide_of, file_under, supervisor):
    case = file_under(guide_of("confirmation"))
    assert not case.deemable
    sweep.sweep(at("2026-12-01", 0))
    assert Application.objects.get(pk=case.pk).state == "received"
    assert Notice.objects.filter(user=supervisor, kind="case_overdue").count() == 1


@needs_poppler
def test_silence_is_acceptance_where_the_guide_cites_a_rule(guide_of, file_under, read_papers, client, citizen):
    rule = "《示例办理规则》第四条"
    case = file_under(guide_of("benefit", silence=rule))
    assert case.deemable
    assert case.ledger.get(clock="acceptance", kind="start").basis == rule
    client.force_login(citizen)
    assert f"即为受理（{rule}）" in client.get(f"/my/cases/{case.uuid}/").content.decode()
    third = at("2026-11-27", 0)  # three working days, as published, not the five of the statute
    assert sweep.sweep(third.replace(day=26)) == 0
    assert sweep.sweep(third) == 1
    case = Application.objects.get(pk=case.pk)
    assert (case.state, case.accepted_at) == ("in_review", MONDAY)
    documents.drain(third)
    said = read_papers(case)
    assert f"逾期不告知的，依照{rule}，自收到申请材料之日起即为受理" in said["receipt"]
    assert f"根据{rule}，该申请自2026年11月23日" in said["deemed_acceptance"]
    assert "行政许可" not in said["receipt"] + said["deemed_acceptance"]
    assert rule in str(Notice.objects.get(kind="case_deemed_accepted").facts)


def test_the_statute_cannot_be_switched_off_nor_borrowed(version):
    licence = {**version.document}
    terms = licence["terms"]
    licence["terms"] = {**terms, "acceptance": {**terms["acceptance"], "silence_basis": text("《某办法》")}}
    assert any(p.path == "terms.acceptance.silence_basis" for p in problems(licence))
    licence["terms"] = {**terms, "issue": {"amount": 30, "unit": "workday", "basis": text("《某办法》")}}
    assert any(p.path == "terms.issue" for p in problems(licence))
    assert clock.silence_is_acceptance(version.guide)
    other = document_of("benefit", version.document) | {"identity": version.document["identity"]}
    other["identity"] = other["identity"] | {"task_type": "05", "regime": "other"}
    assert problems(other) == []
    for place in ("acceptance", "statutory"):
        borrowed = {**other, "terms": {**other["terms"]}}
        borrowed["terms"][place] = {**other["terms"][place], "basis": text("《行政许可法》第三十二条")}
        assert [p.path for p in problems(borrowed)] == [f"terms.{place}"]
    assert [p.path for p in problems({**other, "basis": version.document["basis"] + [
        {"law": text("《中华人民共和国行政许可法》")}]})] == ["basis"]  # fmt: skip


# --- clocks ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", OTHERS)
def test_only_licences_have_the_ten_days_of_article_44(guide_of, kind):
    assert clock.term_of(guide_of(kind).guide, Clock.ISSUE) is None


@pytest.mark.parametrize("kind", ["2", "3", "4"])
def test_an_approval_is_handed_over_within_ten_days_too(guide_of, walk, kind):
    """行政许可法 39(1): 批准文件 and 证明文件 are 行政许可证件; where nothing is issued nothing is late."""
    result = {"key": "paper", "kind": kind, "name": text("示例批准书")}
    sample = [{"label": text("编号"), "value": text("示例")}]
    case = walk(guide_of("licence", results=[result if kind == "4" else result | {"sample": sample}]), "grant")
    assert case.ledger.filter(clock="issue", kind="start", amount=10).exists() == (kind != "4")
    assert case.ledger.filter(clock="issue", kind="stop").exists() == (kind != "4")  # with the decision itself
    assert case.due_at is None


def test_article_44_and_a_published_term_for_handing_over(guide_of, walk):
    case = walk(guide_of("licence"), "grant")
    row = case.ledger.get(clock="issue", kind="start")
    assert (row.amount, row.basis) == (10, "行政许可法第四十四条")
    case = walk(guide_of("benefit", issue=7), "grant")
    row = case.ledger.get(clock="issue", kind="start")
    assert (row.amount, row.basis) == (7, "《示例条例》第十条")
    assert case.ledger.filter(clock="issue", kind="stop").exists()  # served with the decision itself
    assert case.due_at is None


# --- remedies ------------------------------------------------------------------------------------


@needs_poppler
def test_a_service_is_not_spoken_of_as_a_decision(guide_of, walk, read_papers, client, citizen, agency):
    case = walk(guide_of("service"), "refuse")
    paper = read_papers(case)["refusal"]
    assert "不服本决定" not in paper
    assert f"拨打监督投诉电话{agency.complaint_phone}" in paper
    assert "依法可以申请行政复议" in paper
    client.force_login(citizen)
    page = client.get(f"/my/cases/{case.uuid}/").content.decode()
    assert "不服本决定" not in page
    assert agency.complaint_phone in page


def test_the_guide_may_name_its_own_bodies(guide_of, walk, agency):
    case = walk(guide_of("confirmation", remedies={"review_authority": "示例复议机关"}), "refuse")
    assert case.decision.remedies["authority"] == "示例复议机关"
    assert case.decision.remedies["court"] == agency.court


# --- a property -------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_paper_outside_licences_speaks_of_one(version, received, data):
    """Any kind, any paper, terms there or not: only licences say 行政许可."""
    kind = data.draw(st.sampled_from(OTHERS))
    document = document_of(kind, version.document)
    document["identity"] = version.document["identity"] | {"task_type": KINDS[kind][0], "regime": "other"}
    document["project_type"] = data.draw(st.sampled_from(["1", "2"]))
    for name in ("statutory", "promised"):
        if data.draw(st.booleans()):
            document["terms"].pop(name)
    if data.draw(st.booleans()):
        document["terms"]["acceptance"]["silence_basis"] = text("《示例办理规则》第四条")
    received.guide.guide = Guide(document)
    received.deemable = clock.silence_is_acceptance(received.guide.guide)
    received.delivery = data.draw(st.sampled_from(["electronic", "window", "post"]))
    received.accepted_at = MONDAY
    paper = data.draw(st.sampled_from(["receipt", *papers.STEP_OF_PAPER]))
    payload = papers.payload(received, paper) | {"at_once": data.draw(st.booleans()), "reasons": "不符合。"}
    html = render_to_string(f"documents/papers/{paper}.html", _context(received, paper, payload))
    assert "行政许可" not in html
    assert "行政许可" not in "".join(
        str(regimes.step(name, received.guide.guide).label) + regimes.basis(step, received.guide.guide)
        for name, step in STEPS.items()
    )


def _context(case, kind, payload):
    document = Document(kind=kind, agency=case.agency, party=case.party, issued_at=MONDAY, title="示例")
    document.payload_text = json.dumps(payload, ensure_ascii=False)
    return rendering.context(document, Seal(legend="章"))


# --- decided on the spot ---------------------------------------------------------------------------


@needs_poppler
@pytest.mark.parametrize("kind", ["licence", "confirmation", "filing", "service"])
def test_on_the_spot_accepts_and_decides_in_one_act(guide_of, file_under, step, window_chief, read_papers, kind):
    case = file_under(guide_of(kind, instant=True))
    noon = at("2026-11-23", 12)
    case = step("grant_at_once", case, window_chief, now=noon)
    assert (case.state, case.accepted_at, case.decided_at, case.closed_at) == ("granted", noon, noon, noon)
    assert [e.step for e in case.events.all()] == ["file", "grant_at_once"]
    assert (case.decision.certificate is not None) == KINDS[kind][2]
    statutory = case.ledger.filter(clock="statutory").values_list("kind", flat=True)
    assert list(statutory) == ["start", "stop"]
    assert not case.deadlines.exclude(kind="issue").filter(done_at=None).exists()
    while documents.drain(noon):
        pass
    said = read_papers(case)
    assert "acceptance" not in said
    assert Document.objects.get(case_number=case.number, kind="receipt").pages == 1
    assert "2026年11月23日受理，并当场" in said["grant"]
    assert "不另发受理通知书" in said["grant"]
    assert ("第三十四条第二款、第三十八条第一款" in said["grant"]) == (kind == "licence")
    assert "最迟于2026年11月24日（下一个工作日）办结" in said["receipt"]
    assert case.ledger.filter(clock="issue", kind="stop").exists() == (kind == "licence")


def test_on_the_spot_needs_both_powers(guide_of, file_under, step, clerk, approver, window_chief):
    case = file_under(guide_of("licence", instant=True))
    for user in (clerk, approver):
        assert "grant_at_once" not in {s.name for s in available(case, actor_of(user), now=MONDAY)}
        with pytest.raises(StepRefused, match="您的岗位"):
            step("grant_at_once", case, user)
    assert "grant_at_once" in {s.name for s in available(case, actor_of(window_chief), now=MONDAY)}


def test_on_the_spot_is_for_instant_matters_alone(received, step, window_chief):
    assert "grant_at_once" not in {s.name for s in available(received, actor_of(window_chief), now=MONDAY)}
    with pytest.raises(StepRefused, match="不是即办件"):
        step("grant_at_once", received, window_chief)


def test_on_the_spot_ends_with_the_acceptance_term(guide_of, file_under, step, window_chief):
    case = file_under(guide_of("licence", instant=True))
    with pytest.raises(StepRefused):
        step("grant_at_once", case, window_chief, now=at("2026-12-01", 0))
    assert Application.objects.get(pk=case.pk).state == "received"


def test_pressed_twice_it_is_decided_once(guide_of, file_under, step, window_chief):
    case = file_under(guide_of("licence", instant=True))
    step("grant_at_once", case, window_chief)
    with pytest.raises(StepRefused):
        step("grant_at_once", case, window_chief, seen=case.revision)
    assert case.events.filter(step="grant_at_once").count() == 1


def test_a_refusal_goes_the_ordinary_way(guide_of, file_under, step, window_chief, officer, approver):
    case = file_under(guide_of("licence", instant=True))
    with pytest.raises(StepRefused):
        step("refuse", case, window_chief, reasons="不符合")
    case = step("accept", case, window_chief)
    case = step("give_opinion", case, officer, verdict="refuse", reasons="不符合")
    assert step("refuse", case, approver, reasons="场所不符合。").state == "refused"


def test_what_is_told_at_filing_on_a_saturday_night(guide_of, file_under, client, citizen):
    case = file_under(guide_of("service", instant=True), now=at("2026-11-21", 23))
    client.force_login(citizen)
    page = client.get(f"/my/cases/{case.uuid}/submitted/").content.decode()
    assert "当场办结" in page
    assert "下一个工作日（2026-11-23）" in page


# --- dates that are in law but not written --------------------------------------------------------


def test_the_dates_of_a_lapsed_case_are_those_of_the_law(received, step, officer):
    late = at("2026-12-02")
    before = clock.dates(received, late)
    assert before.accepted_at == received.received_at
    readings = clock.readings(received, today=late.date())
    assert readings[Clock.ACCEPTANCE].stopped
    case = step("give_opinion", received, officer, now=late, verdict="grant", reasons="好")
    written = clock.dates(case, late)
    assert written == before
    assert clock.readings(case, today=late.date())[Clock.STATUTORY].due_on == readings[Clock.STATUTORY].due_on


def test_the_api_lists_the_dates_in_law(received, citizen, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: at("2026-12-02"))
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {AuthToken.objects.create(citizen)[1]}")
    (row,) = client.get("/api/v1/cases/").json()["results"]
    assert row["accepted_at"] == row["received_at"]
    assert row["statutory_due_at"]
    assert row["state"] == "in_review"
    assert Application.objects.get().statutory_due_at is None


def test_a_calendar_moves_the_issuing_clock_of_a_closed_case(reviewed, step, approver, supervisor):
    case = step("grant", reviewed, approver, now=at("2026-11-26"))
    before = case.due_at
    enter_notice(
        "640000000000", 2026, [NoticeDay(dt.date(2026, 12, 1), OfficialDay.Kind.OFF, "古尔邦节")], "示例通知",
        actor=actor_of(supervisor), now=at("2026-11-26"),
    )  # fmt: skip
    assert sweep.recompute_stale(at("2026-11-26", 12)) == 1
    case = Application.objects.get(pk=case.pk)
    assert case.due_at == before + dt.timedelta(days=1)
    assert case.deadlines.get(kind="issue").due_at == case.due_at
    assert sweep.recompute_stale(at("2026-11-26", 12)) == 0
