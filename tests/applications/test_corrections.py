"""一次性告知: once, in full, only what the guide asks; answered in full it must be accepted; silence accepts."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications import clock, desk, drafts, sweep
from applications.corrections import answers
from applications.corrections.acts import Item, Judgement
from applications.models import UNANSWERED, Application, CorrectionFile, CorrectionItem
from applications.papers import all_answers
from applications.workflow import StepRefused
from support.documents.models import Document, Upload
from support.notices.models import Notice
from support.records.models import AuditEvent
from tests.applications.conftest import MONDAY, at, png
from tests.conftest import actor_of

pytestmark = pytest.mark.django_db
DAYS = 10
THURSDAY = at("2026-11-26")


def fresh(case) -> Application:
    return Application.objects.get(pk=case.pk)


@pytest.fixture
def area(guide):
    """A question that an applicant can answer again."""
    return next(f for f in guide.fields() if f.type == "number" and not f.prefill)


@pytest.fixture
def material(guide):
    return guide.uploads[0]


@pytest.fixture
def told(received, step, clerk, area, material):
    items = [
        Item("material", material.key, "照片不清楚", "重新拍摄上传"),
        Item("field", area.key, "与图纸不一致", "按图纸填写"),
    ]
    return step("request_correction", received, clerk, now=at("2026-11-24"), more={"items": items, "days": DAYS})


@pytest.fixture
def answer(area, citizen):
    """Answer every item, as the citizen does on the page."""

    def make(case, now=THURSDAY, value="88") -> Application:
        case = fresh(case)
        item = case.correction.items.get(target="material")
        answers.attach(case, item, png(), actor=actor_of(citizen), now=now)
        answers.save(case, {area.key: value})
        return case

    return make


@pytest.fixture
def supplemented(told, answer, step, citizen):
    return step("supplement", answer(told), citizen, now=at("2026-11-26"))


# --- the notice -----------------------------------------------------------------------------------


def test_the_notice_stops_the_five_days_and_starts_the_applicants_own(told, citizen):
    case = fresh(told)
    assert case.state == "correcting"
    due = clock.calendar_of(case).add(dt.date(2026, 11, 24), clock.Term(DAYS, clock.Unit.WORKDAY)).on
    assert case.correction_due_at == clock.pure.end_of(due)
    assert case.due_at is None  # nothing is late on the agency's side while the applicant mends
    assert clock.standing(case, at("2027-03-01")) == "correcting"  # silence of the applicant accepts nothing
    paper = Document.objects.get(kind="correction")
    assert [line["why"] for line in paper.payload["items"]] == ["照片不清楚", "与图纸不一致"]
    assert paper.payload["correct_by"] == due.isoformat()
    notice = Notice.objects.get(user=citizen, kind="case_to_correct")
    assert notice.facts["day"] == due.isoformat()


def test_there_is_no_second_notice(told, received, step, clerk, answer, citizen, material):
    again = {"items": [Item("material", material.key, "还有", "再改")], "days": DAYS}
    with pytest.raises(StepRefused):
        step("request_correction", told, clerk, now=at("2026-11-25"), more=again)
    handed = step("supplement", answer(told), citizen, now=at("2026-11-26"))
    with pytest.raises(StepRefused):
        step("request_correction", handed, clerk, now=at("2026-11-27"), more=again)
    assert CorrectionItem.objects.count() == 2


@pytest.mark.parametrize(
    "wrong, words",
    [
        ([], "至少选择一项"),
        ([Item("material", "invented", "缺", "补")], "只能要求补正办事指南"),
        ([Item("field", "invented", "缺", "补")], "只能要求补正办事指南"),
        ([Item("step", "invented", "缺", "补")], "只能要求补正办事指南"),
        ([Item("material", "*", "  ", "补")], "请写明"),
        ([Item("material", "*", "缺", "")], "请写明"),
        ([Item("material", "*", "缺" * 301, "补")], "最多 300 字"),
        ([Item("material", "*", "缺", "补"), Item("material", "*", "缺", "补")], "不能告知两次"),
    ],
)
def test_only_what_the_guide_asks_for_can_be_asked(received, step, clerk, material, wrong, words):
    items = [Item(i.target, material.key if i.key == "*" else i.key, i.why, i.how) for i in wrong]
    with pytest.raises(StepRefused, match=words):
        step("request_correction", received, clerk, more={"items": items, "days": DAYS})
    assert fresh(received).state == "received"


def test_what_is_known_of_the_account_is_not_asked_again(received, step, clerk, guide):
    known = next(f for f in guide.fields() if f.prefill == "party.name")
    with pytest.raises(StepRefused, match="只能要求"):
        step("request_correction", received, clerk, more={"items": [Item("field", known.key, "a", "b")], "days": DAYS})


@pytest.mark.parametrize("days", [4, 61, None, "10"])
def test_the_applicant_has_a_fair_term(received, step, clerk, material, days):
    with pytest.raises(StepRefused, match="5 至 60"):
        step(
            "request_correction", received, clerk,
            more={"items": [Item("material", material.key, "缺", "补")], "days": days},
        )  # fmt: skip


def test_after_the_fifth_day_nothing_can_be_asked(received, step, clerk, material):
    items = [Item("material", material.key, "缺", "补")]
    late = at("2026-12-01", 0)
    with pytest.raises(StepRefused):
        step("request_correction", received, clerk, now=late, more={"items": items, "days": DAYS})
    assert fresh(received).state in ("received", "in_review") and clock.standing(fresh(received), late) == "in_review"


# --- answering ------------------------------------------------------------------------------------


def test_it_is_handed_in_only_with_every_item_answered(told, step, citizen, area, material):
    case = fresh(told)
    with pytest.raises(StepRefused, match=material.name):
        step("supplement", case, citizen, now=at("2026-11-25"))
    answers.save(case, {area.key: "88"})
    with pytest.raises(StepRefused, match=material.name) as refusal:
        step("supplement", case, citizen, now=at("2026-11-25"))
    assert area.label not in str(refusal.value)  # what was answered is kept


def test_handed_in_the_answers_are_those_of_the_case(supplemented, area, material):
    case = fresh(supplemented)
    assert all_answers(case)[area.key] == "88"
    pages = case.materials.filter(material_key=material.key)
    assert sorted(pages.values_list("round", flat=True)) == [0, 1]  # the page filed first stays
    assert case.complete_day == dt.date(2026, 11, 26)


def test_an_answer_that_does_not_fit_the_form_is_refused(told, answer, step, citizen, area):
    case = answer(told, value="-5")
    with pytest.raises(StepRefused, match="不一致"):
        step("supplement", case, citizen, now=at("2026-11-26"))
    assert fresh(case).state == "correcting"


def test_nothing_is_changed_after_handing_in(supplemented, citizen, area):
    case = fresh(supplemented)
    with pytest.raises(answers.NotOpen):
        answers.save(case, {area.key: "1"})
    item = case.correction.items.get(target="material")
    before = Upload.objects.count()
    with pytest.raises(answers.NotOpen):
        answers.attach(case, item, png(), actor=actor_of(citizen), now=MONDAY)
    assert Upload.objects.count() == before


def test_a_page_waiting_in_a_correction_is_not_swept_away(told, answer):
    case = answer(told)
    drafts.discard_expired(at("2027-06-01"))
    assert CorrectionFile.objects.filter(item__correction__case=case).count() == 1


# --- judging --------------------------------------------------------------------------------------


def test_all_met_is_accepted_that_day(supplemented, step, clerk):
    case = step("accept_corrected", supplemented, clerk, now=at("2026-11-30"))
    assert (case.state, case.accepted_at) == ("in_review", at("2026-11-30"))
    assert set(case.correction.items.values_list("met", flat=True)) == {True}
    assert Document.objects.get(kind="acceptance").payload["corrected"] is True


def judged(case, *met, reason="仍不清楚"):
    items = case.correction.items.all()
    return {"judgements": [Judgement(i.pk, m, "" if m else reason) for i, m in zip(items, met, strict=True)]}


def test_what_is_not_met_ends_in_a_reasoned_refusal(supplemented, step, clerk, material):
    case = step("refuse_corrected", supplemented, clerk, now=at("2026-11-30"), more=judged(supplemented, False, True))
    assert case.state == "not_accepted"
    assert case.decision.reasons == f"{material.name}：仍不清楚"
    assert Document.objects.get(kind="not_accepted").payload["reasons"] == f"{material.name}：仍不清楚"


def test_with_everything_met_it_cannot_be_refused(supplemented, step, clerk):
    with pytest.raises(StepRefused, match="应当受理"):
        step("refuse_corrected", supplemented, clerk, more=judged(supplemented, True, True))


def test_every_item_is_judged_and_no_other(supplemented, step, clerk):
    half = {"judgements": judged(supplemented, False, True)["judgements"][:1]}
    with pytest.raises(StepRefused, match="逐项核对"):
        step("refuse_corrected", supplemented, clerk, more=half)
    with pytest.raises(StepRefused, match="理由"):
        step("refuse_corrected", supplemented, clerk, more=judged(supplemented, False, True, reason=" "))


def test_silence_accepts_as_of_the_supplement(supplemented, guide, step, clerk):
    """Received Thursday 2026-11-26: five working days end on 12-03; nobody answers, no worker runs."""
    eve, after = at("2026-12-03", 23), at("2026-12-04", 0)
    case = fresh(supplemented)
    assert clock.standing(case, eve) == "supplemented"
    assert clock.standing(case, after) == "in_review"
    with pytest.raises(StepRefused):
        step("refuse_corrected", case, clerk, now=after, more=judged(case, False, True))
    sweep.sweep(after)
    case = fresh(supplemented)
    assert (case.state, case.accepted_at) == ("in_review", case.supplemented_at)
    expected = clock.calendar_of(case).add(dt.date(2026, 11, 26), guide.statutory).on
    assert case.statutory_due_at == clock.pure.end_of(expected)
    assert Document.objects.get(kind="deemed_acceptance").payload["accepted_on"] == "2026-11-26"


def test_a_timer_returns_nothing(told, step, clerk, citizen):
    over = fresh(told).correction_due_at
    with pytest.raises(StepRefused, match="还没有届满"):
        step("return_unanswered", told, clerk, now=over - dt.timedelta(seconds=1))
    sweep.sweep(over)
    assert fresh(told).state == "correcting"
    assert Notice.objects.filter(user=clerk, kind="correction_over_officer").count() == 1
    assert Notice.objects.filter(user=citizen, kind="correction_over").count() == 1
    case = step("return_unanswered", told, clerk, now=over)
    assert (case.state, hasattr(case, "decision")) == ("returned", False)
    assert Document.objects.get(kind="returned").payload["told_on"] == "2026-11-24"


def test_late_but_before_the_return_it_is_taken(told, answer, step, citizen):
    over = fresh(told).correction_due_at
    assert step("supplement", answer(told, now=over), citizen, now=over).state == "supplemented"


# --- pages ----------------------------------------------------------------------------------------


def test_the_officer_sees_every_material_of_the_guide_and_no_other(received, clerk, client, guide):
    client.force_login(clerk)
    url = reverse("applications:desk_step", args=[received.uuid, "request_correction"])
    page = client.get(url).content.decode()
    assert all(m.name in page for m in guide.uploads)
    reply = client.post(url, {"seen": received.revision, "days": "3", f"ask-material-{guide.uploads[0].key}": "on"})
    page = reply.content.decode()
    assert reply.status_code == 422
    assert "补正期限应为 5 至 60 个工作日" in page and "请写明不符合的地方" in page
    key = guide.uploads[0].key
    filled = {
        "seen": received.revision, "days": "10", f"ask-material-{key}": "on",
        f"why-material-{key}": "照片不清楚", f"how-material-{key}": "重新拍摄",
    }  # fmt: skip
    assert client.post(url, filled).status_code == 302
    assert fresh(received).state == "correcting"


def test_the_applicant_answers_in_pieces(told, client, citizen, area, material):
    client.force_login(citizen)
    url = reverse("applications:correction", args=[told.uuid])
    page = client.get(url).content.decode()
    assert "照片不清楚" in page and "按图纸填写" in page
    reply = client.post(url, {"action": "save", "seen": told.revision, area.key: "88"})
    assert reply.status_code == 302
    reply = client.post(url, {"action": "submit", "seen": told.revision, area.key: "abc"})
    assert reply.status_code == 422 and "abc" in reply.content.decode()
    reply = client.post(url, {"action": "submit", "seen": told.revision, area.key: "88"})
    assert reply.status_code == 422 and f"还有内容没有补正：{material.name}" in reply.content.decode()
    sent = {"action": "submit", "seen": told.revision, area.key: "88", f"file_{material.key}": png()}
    assert client.post(url, sent).status_code == 302
    assert fresh(told).state == "supplemented"
    assert client.post(url, sent).status_code == 422  # a second click changes nothing
    assert AuditEvent.objects.filter(verb="case.supplement").count() == 1


def test_strangers_do_not_see_it(told, client, stranger, officer, supervisor):
    url = reverse("applications:correction", args=[told.uuid])
    client.force_login(stranger)
    assert client.get(url).status_code == 404
    client.force_login(officer)
    assert client.get(reverse("applications:desk_correction", args=[told.uuid])).status_code == 403


def test_a_clerk_hands_it_in_for_the_applicant_at_the_window(told, client, clerk, area, material):
    client.force_login(clerk)
    url = reverse("applications:desk_correction", args=[told.uuid])
    assert client.get(url).status_code == 200
    sent = {"action": "submit", "seen": told.revision, area.key: "88", f"file_{material.key}": png()}
    assert client.post(url, sent).status_code == 302
    event = fresh(told).events.get(step="supplement")
    assert (event.actor_kind, event.actor_id) == ("officer", clerk.pk)


def test_the_desk_has_a_place_for_each(told, supplemented, clerk):
    now = at("2026-11-27")
    counts = desk.counts(actor_of(clerk), now)
    assert (counts["judge"], counts["correcting"], counts["received"]) == (1, 0, 0)
    assert fresh(supplemented).state in UNANSWERED


def test_a_long_notice_costs_no_more_queries(told, client, citizen, guide):
    client.force_login(citizen)
    url = reverse("applications:correction", args=[told.uuid])
    client.get(url)
    with CaptureQueriesContext(connection) as few:
        client.get(url)
    for each in guide.uploads[1:]:
        told.correction.items.create(target="material", key=each.key, why="缺", how="补")
    with CaptureQueriesContext(connection) as many:
        client.get(url)
    assert len(many) <= len(few)


# --- 不受理 ----------------------------------------------------------------------------------------


def test_what_needs_no_licence_is_told_apart_from_what_is_elsewhere(received, step, clerk):
    case = step("not_required", received, clerk, now=at("2026-11-24"), reasons="销售预包装食品只需备案。")
    assert case.state == "not_required"
    paper = Document.objects.get(kind="not_required")
    assert paper.payload["reasons"] == "销售预包装食品只需备案。"
