"""容缺受理: only deferrable materials, by choice; each by its own day; nothing is granted until all is in."""

import copy
import datetime as dt

import pytest
from django.urls import reverse

from applications import clock, desk, drafts, filing, sweep
from applications.corrections.acts import Item, Judgement
from applications.deferral import items as deferral
from applications.filing import FilingRefused
from applications.models import Application, DeferredFile
from applications.pages import NotOpen
from applications.workflow import StepRefused
from matters.forms import prefill
from support.documents.models import Document, Upload
from support.notices.models import Notice
from tests.applications.conftest import CONSENT, MONDAY, at, png, text
from tests.conftest import actor_of

pytestmark = pytest.mark.django_db


def fresh(case) -> Application:
    return Application.objects.get(pk=case.pk)


@pytest.fixture
def later(version, guide_of):
    """A guide with one main material and two that may be deferred: three and five working days."""
    materials = copy.deepcopy(version.document["materials"])
    main, first = (next(m for m in materials if m["key"] == each.key) for each in version.guide.uploads)
    main["necessity"] = "1"
    first |= {"necessity": "3", "deferrable_days": 3}
    materials.append({**first, "key": "plan", "name": text("平面图"), "deferrable_days": 5})
    return guide_of("licence", materials=materials)


@pytest.fixture
def keys(later):
    return [m.key for m in later.guide.uploads if m.deferrable]


@pytest.fixture
def file_without(later, answers, uploads_for, citizen):
    def make(left_out, deferred, key="deferring-key") -> Application:
        pages = {**uploads_for(citizen), "plan": list(uploads_for(citizen).values())[0]}
        uploads = {k: v for k, v in pages.items() if k not in left_out}
        return filing.submit(
            later.matter, {**answers, **prefill(later.guide, citizen.party)}, uploads, key=key,
            actor=actor_of(citizen), now=MONDAY, wish=CONSENT, deferred=deferred,
        )  # fmt: skip

    return make


@pytest.fixture
def filed(file_without, keys):
    return file_without(keys, keys)


@pytest.fixture
def deferring(filed, step, clerk):
    return step("accept_deferring", filed, clerk, now=at("2026-11-24"))


@pytest.fixture
def hand_in(step, citizen):
    def make(case, key, now) -> Application:
        item = fresh(case).deferred.get(material_key=key)
        deferral.attach(fresh(case), item, png(), actor=actor_of(citizen), now=now)
        return step("hand_in_deferred", case, citizen, now=now, more={"deferred": [item.pk]})

    return make


def found(case, *met, reason="不清楚"):
    waiting = [i for i in case.deferred.all() if i.handed_at and i.met is not True]
    return {"judgements": [Judgement(i.pk, m, "" if m else reason) for i, m in zip(waiting, met, strict=True)]}


# --- filing ---------------------------------------------------------------------------------------


def test_only_what_the_guide_marks_may_be_left_out_and_only_by_choice(file_without, later, keys):
    main = next(m.key for m in later.guide.uploads if m.required)
    with pytest.raises(FilingRefused) as refused:
        file_without(keys, [])
    assert set(refused.value.errors) == set(keys)
    with pytest.raises(FilingRefused) as refused:
        file_without([main, *keys], [main, *keys])
    assert set(refused.value.errors) == {main}
    for wrong, words in (("invented", "只有办事指南"), (main, "只有办事指南"), (keys[0], "已经提交")):
        with pytest.raises(FilingRefused, match=words):
            file_without([], [wrong])
    assert not Application.objects.exists()
    assert file_without(keys, keys).deferred_open == 2


def test_an_applicant_chooses_on_the_page(later, keys, client, citizen, uploads_for, answers):
    actor = actor_of(citizen)
    draft = drafts.start(later.matter, later, actor=actor, now=MONDAY)
    drafts.write_answers(draft, {**answers, **prefill(later.guide, citizen.party)}, now=dt.datetime.now(dt.UTC))
    for m in later.guide.uploads:
        if m.key not in keys:
            drafts.attach(draft, m.key, png(), actor=actor, now=MONDAY)
    client.force_login(citizen)
    url = reverse("applications:draft", args=[draft.uuid, "materials"])
    page = client.post(url, {"action": "continue"})
    assert page.status_code == 422 and "3 个工作日内补交；没有补齐的，不能准予" in page.content.decode()
    assert client.post(url, {"action": "continue", **{f"defer_{key}": "yes" for key in keys}}).status_code == 302
    check = client.get(reverse("applications:draft", args=[draft.uuid, "check"])).content.decode()
    assert "容缺：自受理并告知之日起 5 个工作日内补交" in check
    case = filing.submit_draft(drafts.Draft.objects.get(pk=draft.pk), actor=actor, now=MONDAY)
    assert [i.material_key for i in case.deferred.all()] == keys


# --- acceptance -----------------------------------------------------------------------------------


def test_acceptance_starts_the_statutory_clock_and_a_term_for_each(deferring, keys, citizen):
    case = fresh(deferring)
    add = clock.calendar_of(case).add
    assert case.state == "in_review" and case.statutory_due_at
    due = {i.material_key: i.due_at for i in case.deferred.all()}
    for key, days in zip(keys, (3, 5), strict=True):
        on = add(dt.date(2026, 11, 24), clock.Term(days, clock.Unit.WORKDAY)).on
        assert due[key] == clock.pure.end_of(on) < case.statutory_due_at
    assert case.due_at < case.statutory_due_at or case.due_at == min(case.promised_due_at, case.statutory_due_at)
    paper = Document.objects.get(kind="deferral", case_number=case.number)
    assert [row["due_on"] for row in paper.payload["items"]] == ["2026-11-27", "2026-12-01"]
    assert Notice.objects.get(user=citizen, kind="case_accepted_deferring").facts["day"] == "2026-12-01"


def test_a_case_is_accepted_in_the_one_way_that_fits_it(filed, file_without, step, clerk):
    whole = file_without([], [], key="whole-key")
    with pytest.raises(StepRefused, match="容缺受理"):
        step("accept", filed, clerk)
    with pytest.raises(StepRefused, match="没有待补"):
        step("accept_deferring", whole, clerk)


def test_silence_accepts_and_the_terms_count_from_the_notice(filed, keys):
    filed.deferred.filter(material_key=keys[1]).update(days=12)  # from the notice on, behind the statutory term
    after = at("2026-12-01", 0)
    sweep.sweep(after)
    case = fresh(filed)
    assert (case.state, case.accepted_at) == ("in_review", MONDAY)
    due = [i.due_at for i in case.deferred.all()]
    assert due[0] > after and due[1] == case.statutory_due_at
    assert {"deferral", "deemed_acceptance"} <= set(
        Document.objects.filter(case_number=case.number).values_list("kind", flat=True)
    )


def test_a_correction_does_not_ask_for_what_was_deferred(filed, step, clerk, keys):
    with pytest.raises(StepRefused, match="已选择容缺"):
        step("request_correction", filed, clerk,
             more={"items": [Item("material", keys[0], "缺", "补")], "days": 10})  # fmt: skip


# --- handing in and judging -----------------------------------------------------------------------


def test_nothing_is_granted_until_all_is_in_and_in_order(deferring, hand_in, step, keys, cast, officer, approver):
    step("give_opinion", deferring, officer, now=at("2026-11-25"), verdict="grant", reasons="符合")
    actor = actor_of(approver)

    def can():
        now = at("2026-11-30")
        rows = Application.objects.filter(pk=deferring.pk)
        listed = desk.listing(actor, desk.tab_of("decide"), now).cases
        button = any(s.name == "grant" for s in desk.offers(listed[0], actor, now))
        grants = desk.GUARDS[desk.everything_is_in](approver.pk, now)
        assert rows.filter(grants).exists() == button
        return button

    hand_in(deferring, keys[0], at("2026-11-25"))
    assert not can()
    with pytest.raises(StepRefused, match="不能准予"):
        step("grant", deferring, approver, now=at("2026-11-26"))
    step("confirm_deferred", deferring, officer, now=at("2026-11-26"), more=found(fresh(deferring), True))
    with pytest.raises(StepRefused, match="不能准予"):
        step("grant", deferring, approver, now=at("2026-11-26"))
    hand_in(deferring, keys[1], at("2026-11-27"))
    step("confirm_deferred", deferring, officer, now=at("2026-11-27"), more=found(fresh(deferring), True))
    assert can()
    case = step("grant", deferring, approver, now=at("2026-11-30"))
    assert case.state == "granted" and case.deferred.count() == 2
    assert case.materials.filter(round=2).count() == 2


def test_why_not_is_said_once(deferring, hand_in, step, keys, officer):
    hand_in(deferring, keys[0], at("2026-11-25"))
    with pytest.raises(StepRefused, match="理由"):
        step("confirm_deferred", deferring, officer, more=found(fresh(deferring), False, reason=" "))
    step("confirm_deferred", deferring, officer, now=at("2026-11-26"), more=found(fresh(deferring), False))
    item = fresh(deferring).deferred.first()
    assert (item.is_open(), item.judged) == (True, "不清楚")
    hand_in(deferring, keys[0], at("2026-11-26"))
    step("confirm_deferred", deferring, officer, now=at("2026-11-27"), more=found(fresh(deferring), False))
    item.refresh_from_db()
    assert (item.is_open(), item.met) == (False, False)
    with pytest.raises(StepRefused):
        step("confirm_deferred", deferring, officer, more={"judgements": [Judgement(item.pk, met=True)]})
    with pytest.raises(NotOpen):
        deferral.take_sheets(fresh(deferring), item, received=True)


def test_only_what_is_there_is_handed_in_and_once(deferring, hand_in, step, keys, citizen):
    item = fresh(deferring).deferred.get(material_key=keys[0])
    for wrong, words in (([], "请选择"), ([item.pk + 99], "请选择"), ([item.pk], "请先上传")):
        with pytest.raises(StepRefused, match=words):
            step("hand_in_deferred", deferring, citizen, now=at("2026-11-25"), more={"deferred": wrong})
    hand_in(deferring, keys[0], at("2026-11-25"))
    with pytest.raises(StepRefused, match="已经提交"):
        step("hand_in_deferred", deferring, citizen, now=at("2026-11-25"), more={"deferred": [item.pk]})
    before = Upload.objects.count()
    with pytest.raises(NotOpen):
        deferral.attach(fresh(deferring), item, png(), actor=actor_of(citizen), now=MONDAY)
    assert Upload.objects.count() == before


def test_a_page_that_waits_is_not_swept_away(deferring, citizen):
    item = fresh(deferring).deferred.first()
    deferral.attach(fresh(deferring), item, png(), actor=actor_of(citizen), now=MONDAY)
    drafts.discard_expired(at("2027-06-01"))
    assert DeferredFile.objects.count() == 1


def test_refusal_does_not_rest_on_what_may_still_come(deferring, step, officer, approver):
    step("give_opinion", deferring, officer, now=at("2026-11-25"), verdict="refuse", reasons="不符合")
    with pytest.raises(StepRefused, match="不能以此为由"):
        step("refuse", deferring, approver, now=at("2026-11-26"), reasons="材料不全")
    late = at("2026-12-02")
    assert step("refuse", deferring, approver, now=late, reasons="逾期没有补齐").state == "refused"


# --- time -----------------------------------------------------------------------------------------


def test_reminded_before_and_told_after_and_nothing_refused_by_a_timer(deferring, citizen, officer):
    def told(kind, user):
        return Notice.objects.filter(user=user, kind=kind).count()

    sweep.sweep(at("2026-11-25", 0))
    assert told("deferred_soon", citizen) == 1  # the third day is Friday: Wednesday is two working days before
    for day in range(26, 31):
        sweep.sweep(at(f"2026-11-{day}", 1))
        sweep.sweep(at(f"2026-11-{day}", 2))
    assert (told("deferred_soon", citizen), told("deferred_over", citizen)) == (2, 1)
    sweep.sweep(at("2026-12-02", 0))
    assert (told("deferred_over", citizen), told("deferred_over_officer", officer)) == (2, 2)
    assert fresh(deferring).state == "in_review"
    assert fresh(deferring).deadlines.get(kind="supplement").done_at


# --- pages ----------------------------------------------------------------------------------------


def test_both_sides_work_on_the_pages(deferring, client, citizen, clerk, stranger, officer, keys):
    case = fresh(deferring)
    url = reverse("applications:deferred", args=[case.uuid])
    client.force_login(stranger)
    assert client.get(url).status_code == 404
    client.force_login(citizen)
    assert "最后补交日期：" in client.get(reverse("applications:case", args=[case.uuid])).content.decode()
    first, second = case.deferred.all()
    sent = {"seen": case.revision, "submit": first.pk}
    assert client.post(url, sent).status_code == 422
    sent = {**sent, f"file_{first.material_key}": png()}
    assert client.post(url, sent).status_code == 302
    assert client.post(url, {**sent, "submit": "x" * 20}).status_code == 422
    client.force_login(officer)
    assert client.get(reverse("applications:desk_deferred", args=[case.uuid])).status_code == 403
    confirm = reverse("applications:desk_step", args=[case.uuid, "confirm_deferred"])
    case = fresh(case)
    filled = {"seen": case.revision, f"met-{first.pk}": "no"}
    page = client.post(confirm, filled)
    assert page.status_code == 422 and "请写明不符合要求的理由" in page.content.decode()
    assert client.post(confirm, {**filled, f"met-{first.pk}": "yes"}).status_code == 302
    client.force_login(clerk)
    url, case = reverse("applications:desk_deferred", args=[case.uuid]), fresh(case)
    assert client.post(url, {"seen": case.revision, "submit": second.pk, f"file_{keys[1]}": png()}).status_code == 302
    assert fresh(case).events.filter(step="hand_in_deferred", actor_id=clerk.pk).count() == 1
