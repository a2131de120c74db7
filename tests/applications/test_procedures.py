"""特别程序 and the one extension: only what the guide publishes, told in writing, never after the fact."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone
from knox.models import AuthToken
from rest_framework.test import APIClient

from applications import clock, desk, lights, shown, sweep
from applications.actions import objection
from applications.models import Application, Clock, ClockEntry, Deadline, ProcedureNotice, SpecialProcedure
from applications.sweep import recompute_stale
from applications.workflow import StepRefused
from matters.guide_parts import procedure_of, say
from support.calendars.actions import NoticeDay, enter_notice
from support.calendars.models import OfficialDay
from support.documents import actions as documents
from support.documents.models import Document
from support.notices.models import Notice
from tests.applications.conftest import at
from tests.conftest import actor_of

pytestmark = pytest.mark.django_db
LAW_45 = "行政许可法第四十五条"
LAW_42 = "行政许可法第四十二条第一款"
THURSDAY, MONDAY_AFTER = at("2026-11-26"), at("2026-11-30")


def fresh(case) -> Application:
    return Application.objects.get(pk=case.pk)


def last_days(case) -> tuple[str, str]:
    """Of the statutory and of the promised term."""
    case = fresh(case)
    ends = (case.statutory_due_at, case.promised_due_at)
    return tuple((timezone.localdate(end) - dt.timedelta(1)).isoformat() for end in ends)


@pytest.fixture
def start(step, approver):
    def make(case, key="hearing", days=5, now=THURSDAY, reasons="利害关系人申请听证"):
        return step("start_procedure", case, approver, now=now, reasons=reasons, more={"procedure": key, "days": days})

    return make


@pytest.fixture
def prolong(step, approver):
    def make(case, days, now, reasons="人数较多"):
        return step("prolong_procedure", case, approver, now=now, reasons=reasons, more={"days": days})

    return make


@pytest.fixture
def end(step, officer):
    def make(case, on, now=None, **changes):
        more = {
            "result": "met", "opinion": "各方没有异议", "unit": "银川市审批服务管理局听证室", "handler": "何平",
            "ended_on": dt.date.fromisoformat(on), **changes,
        }  # fmt: skip
        return step("end_procedure", case, officer, now=now or at(on, 16), more=more)

    return make


@pytest.fixture
def extend(step, agency_head):
    def make(case, days=10, now=MONDAY_AFTER, reasons="案情复杂，需要补充核实", who=None):
        return step("extend", case, who or agency_head, now=now, reasons=reasons, more={"days": days})

    return make


@pytest.fixture
def now_is(monkeypatch):
    return lambda moment: monkeypatch.setattr(timezone, "now", lambda: moment)


# --- start, end ---------------------------------------------------------------------------------------


def test_what_article_45_names_is_not_counted_on_either_term(accepted, start, end):
    assert last_days(accepted) == ("2026-12-15", "2026-12-08")
    case = start(accepted)  # Thursday; five working days: until Thursday 3 December
    assert last_days(case) == ("2026-12-22", "2026-12-15")
    rows = list(case.ledger.filter(kind="exclude").values_list("clock", "until", "reason", "basis"))
    until = dt.date(2026, 12, 3)
    assert rows == [("statutory", until, "听证", LAW_45), ("promised", until, "听证", LAW_45)]
    assert lights.level(fresh(case), at("2026-12-01")) == "paused"
    case = end(case, "2026-11-30")  # over on Monday: two working days were left out
    assert last_days(case) == ("2026-12-17", "2026-12-10")
    row = case.procedures.get()
    assert (row.code, row.result, row.unit, row.handler) == ("2", "met", "银川市审批服务管理局听证室", "何平")


def test_another_procedure_runs_inside_the_term(accepted, start, end):
    before = last_days(accepted)
    case = start(accepted, "site_visit", 3)
    assert last_days(case) == before
    assert not case.ledger.filter(kind="exclude").exists()
    assert last_days(end(case, "2026-11-30")) == before


def test_an_end_recorded_later_counts_from_the_day_it_was_over(accepted, start, end):
    case = end(start(accepted), "2026-11-27", now=at("2026-12-02"))
    assert last_days(case) == ("2026-12-16", "2026-12-09")  # one working day, though recorded on Wednesday


def test_the_day_told_ends_it_by_itself(accepted, start, end, officer):
    case = start(accepted)
    assert last_days(end(case, "2026-12-08")) == ("2026-12-22", "2026-12-15")  # told: the 3rd


def test_who_reviews_is_reminded_on_the_last_day_told(accepted, start, end, officer):
    case = start(accepted)
    sweep.sweep(at("2026-12-02", 23))
    told = Notice.objects.filter(user=officer, kind="procedure_due_officer")
    assert not told.exists()
    sweep.sweep(at("2026-12-03", 8))
    sweep.sweep(at("2026-12-03", 9))
    assert told.count() == 1
    assert fresh(case).state == "in_review"
    end(case, "2026-12-03")
    assert not Deadline.objects.filter(kind=Clock.PROCEDURE, done_at=None).exists()


@pytest.mark.parametrize(
    "key, days, reasons, words",
    [
        ("auction", 5, "理由", "没有公布这项特别程序"),
        (None, 5, "理由", "没有公布这项特别程序"),
        ("hearing", 21, "理由", "1 至 20"),
        ("site_visit", 6, "理由", "1 至 5"),
        ("hearing", 0, "理由", "1 至 20"),
        ("hearing", True, "理由", "1 至 20"),
        ("hearing", "5", "理由", "1 至 20"),
        ("hearing", None, "理由", "1 至 20"),
        ("hearing", 5, " ", "请填写理由"),
    ],
)
def test_never_outside_the_list(accepted, start, key, days, reasons, words):
    with pytest.raises(StepRefused, match=words):
        start(accepted, key, days, reasons=reasons)
    assert not SpecialProcedure.objects.exists()
    assert not Document.objects.filter(kind="special_procedure").exists()


def test_a_guide_without_procedures_knows_none(guide_of, file_under, step, clerk, start, approver):
    case = step("accept", file_under(guide_of("licence")), clerk, now=at("2026-11-24"))
    with pytest.raises(StepRefused, match="没有公布特别程序"):
        start(case)
    assert "start_procedure" not in {s.name for s in desk.available(case, actor_of(approver), now=at("2026-11-26"))}


def test_outside_licences_another_law_leaves_time_out(guide_of, file_under, step, clerk, start, listed_hearing):
    own = {**listed_hearing, "exclusion_basis": {"zh-hans": "《示例条例》第十二条"}}
    case = step("accept", file_under(guide_of("confirmation", special_procedures=[own])), clerk, now=at("2026-11-24"))
    before = last_days(case)
    assert last_days(start(case)) > before
    assert {row.basis for row in case.ledger.filter(kind="exclude")} == {"《示例条例》第十二条"}


def test_without_a_cited_rule_no_time_is_left_out(listed_hearing):
    """No such guide is published; should one stand in the store, its procedures run inside the term."""
    said = say(listed_hearing, "zh-hans")
    assert procedure_of(said, licence=True).exclusion == LAW_45
    assert procedure_of(said, licence=False).exclusion == ""
    assert procedure_of({**said, "kind": "site_visit"}, licence=True).exclusion == ""
    assert procedure_of({**said, "excluded_from_statutory": False}, licence=True).exclusion == ""


@pytest.fixture
def listed_hearing(version):
    return next(each for each in version.document["special_procedures"] if each["key"] == "hearing")


def test_one_at_a_time_and_each_once(accepted, start, end):
    case = start(accepted, "site_visit", 3)
    with pytest.raises(StepRefused, match="正在进行"):
        start(case, now=at("2026-11-27"))
    case = end(case, "2026-11-27")
    with pytest.raises(StepRefused, match="已经进行过"):
        start(case, "site_visit", 1, now=at("2026-11-30"))
    start(case, now=at("2026-11-30"))


def test_it_is_not_decided_while_one_runs(reviewed, start, end, step, approver):
    case = start(reviewed, "site_visit", 3)
    for name in ("grant", "refuse"):
        with pytest.raises(StepRefused, match="请先登记结束"):
            step(name, case, approver, now=at("2026-11-27"), reasons="理由")
    case = end(case, "2026-11-27")
    assert step("grant", case, approver, now=at("2026-11-30")).state == "granted"


def test_a_withdrawn_case_leaves_nothing_running(accepted, start, step, citizen, officer):
    case = step("withdraw", start(accepted), citizen, now=at("2026-11-27"))
    row = case.procedures.get()
    assert (row.ended_on.isoformat(), row.result) == ("2026-11-27", "none")
    sweep.sweep(at("2026-12-10"))
    assert not Notice.objects.filter(user=officer, kind="procedure_due_officer").exists()


def test_an_overdue_term_leaves_nothing_to_leave_out(accepted, start):
    with pytest.raises(StepRefused, match="期限已经届满"):
        start(accepted, now=at("2026-12-16"))
    case = start(accepted, now=at("2026-12-09"))  # the promise is broken since midnight, the statute runs
    assert last_days(case) == ("2026-12-22", "2026-12-08")
    assert lights.breach(fresh(case), at("2026-12-10")) == "promised"


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"result": "good"}, "请选择特别程序的结果"),
        ({"result": ""}, "请选择特别程序的结果"),
        ({"opinion": " "}, "请填写特别程序的意见"),
        ({"unit": None}, "请填写特别程序的意见"),
        ({"handler": "何" * 51}, "最多 50 字"),
        ({"ended_on": dt.date(2026, 11, 25)}, "2026-11-26 至 2026-11-30"),
        ({"ended_on": dt.date(2026, 12, 1)}, "2026-11-26 至 2026-11-30"),
        ({"ended_on": "2026-11-27"}, "2026-11-26 至 2026-11-30"),
    ],
)
def test_what_came_of_it_is_written_in_full(accepted, start, end, changes, words):
    case = start(accepted)
    with pytest.raises(StepRefused, match=words):
        end(case, "2026-11-30", **changes)
    assert fresh(case).procedures.get().ended_at is None


# --- more time ----------------------------------------------------------------------------------------


def test_more_time_needs_a_new_notice_first(accepted, start, prolong, end):
    case = start(accepted)  # until 3 December
    case = prolong(case, 4, at("2026-12-03"))  # on the last day, until the 9th
    assert case.procedures.get().until.isoformat() == "2026-12-09"
    assert last_days(case) == ("2026-12-28", "2026-12-21")
    assert [notice.until.isoformat() for notice in ProcedureNotice.objects.all()] == ["2026-12-03", "2026-12-09"]
    with pytest.raises(StepRefused, match="已经过了书面告知的日期"):
        prolong(case, 4, at("2026-12-10"))
    with pytest.raises(StepRefused, match="2026-12-03 至"):
        end(case, "2026-12-02", now=at("2026-12-10"))  # on the 3rd it was told to go on


def test_all_notices_together_stay_within_the_list(accepted, start, prolong):
    case = start(accepted, "site_visit", 3)  # published: five working days, until 3 December
    with pytest.raises(StepRefused, match="最晚到 2026-12-03"):
        prolong(case, 5, at("2026-11-27"))
    with pytest.raises(StepRefused, match="应当晚于这一天"):
        prolong(case, 2, at("2026-11-27"))
    assert prolong(case, 4, at("2026-11-27")).procedures.get().until.isoformat() == "2026-12-03"


def test_nothing_to_prolong_or_end(accepted, prolong, end):
    with pytest.raises(StepRefused, match="没有正在进行"):
        prolong(accepted, 2, at("2026-11-26"))
    with pytest.raises(StepRefused, match="没有正在进行"):
        end(accepted, "2026-11-26")


# --- extension ----------------------------------------------------------------------------------------


def test_the_head_extends_the_statutory_term_and_the_promise_stays(accepted, extend):
    case = extend(accepted)
    assert last_days(case) == ("2026-12-29", "2026-12-08")
    entry = case.ledger.get(kind="extend")
    assert (entry.clock, entry.amount, entry.unit, entry.basis) == ("statutory", 10, "workday", LAW_42)
    assert case.procedures.get().code == "1"
    assert lights.breach(fresh(case), at("2026-12-16")) == "promised"  # told and late by its own word, not by law


def test_once(accepted, extend):
    case = extend(accepted, 3)
    with pytest.raises(StepRefused, match="已经延长过一次"):
        extend(case, 3, now=at("2026-12-01"))


def test_not_after_the_last_day(accepted, extend):
    with pytest.raises(StepRefused, match="已经届满"):
        extend(accepted, now=at("2026-12-16", 0))
    assert last_days(extend(accepted, now=at("2026-12-15", 23)))[0] == "2026-12-29"


def test_not_while_time_is_left_out(accepted, start, end, extend):
    case = start(accepted)
    with pytest.raises(StepRefused, match="还没有登记结束"):
        extend(case, now=at("2026-11-27"))
    with pytest.raises(StepRefused, match="还没有登记结束"):
        extend(case, now=at("2026-12-07"))  # the day told is over: its end is recorded first
    assert last_days(extend(end(case, "2026-11-30"), now=at("2026-12-01")))[0] == "2026-12-31"


def test_a_procedure_inside_the_term_does_not_hinder_it(accepted, start, extend):
    assert last_days(extend(start(accepted, "site_visit", 5), now=at("2026-11-27")))[0] == "2026-12-29"


@pytest.mark.parametrize("days", [0, 11, "10", None])
def test_ten_working_days_at_most(accepted, extend, days):
    with pytest.raises(StepRefused, match="1 至 10"):
        extend(accepted, days)


BY_REGULATION = {
    "amount": 45, "unit": "workday", "basis": {"zh-hans": "《取水许可和水资源费征收管理条例》第十九条"},
}  # fmt: skip


@pytest.mark.parametrize("kind, statutory", [("confirmation", None), ("licence", BY_REGULATION)])
def test_where_article_42_does_not_extend(
    guide_of, file_under, step, clerk, agency_head, kind, statutory, version, extend
):
    changes = {"terms": {**version.document["terms"], "statutory": statutory}} if statutory else {}
    case = step("accept", file_under(guide_of(kind, **changes)), clerk, now=at("2026-11-24"))
    with pytest.raises(StepRefused, match="不适用"):
        extend(case)
    now = at("2026-11-30")
    assert "extend" not in {s.name for s in desk.available(case, actor_of(agency_head), now=now)}


# --- both -----------------------------------------------------------------------------------------------


def test_a_stale_page_changes_nothing(accepted, start, step, approver):
    seen = accepted.revision
    start(accepted, "site_visit", 3)
    with pytest.raises(StepRefused) as refused:
        step(
            "start_procedure", accepted, approver, now=at("2026-11-27"), seen=seen, reasons="理由",
            more={"procedure": "hearing", "days": 5},
        )  # fmt: skip
    assert refused.value.stale
    assert SpecialProcedure.objects.count() == 1


def test_the_list_of_cases_offers_what_the_door_takes(accepted, start, end, extend, cast):
    """`offers` on a row, `can_act` in SQL and the guards of the door, at every stage."""
    people = [actor_of(cast[name]) for name in ("approver", "officer", "agency_head", "window_chief", "clerk")]

    def agree(now):
        for actor in people:
            page = desk.listing(actor, desk.tab_of("review"), now)
            offered = {case.pk for case in page.cases if desk.offers(case, actor, now)}
            assert offered == set(Application.objects.filter(desk.can_act(actor, now)).values_list("pk", flat=True))
            for case in page.cases:
                steps = desk.available(case, actor, now=now)
                waits = [s for s in steps if not s.aside and not objection(s, case, actor, now)]
                assert waits == desk.offers(case, actor, now)

    for now in (at("2026-11-25"), at("2026-12-16")):
        agree(now)
    start(accepted)
    for now in (at("2026-11-27"), at("2026-12-04"), at("2027-01-20")):
        agree(now)
    end(accepted, "2026-11-30")
    agree(at("2026-12-01"))
    extend(accepted, now=at("2026-12-01"))
    agree(at("2026-12-02"))


def test_an_official_calendar_moves_the_end_and_not_the_day_told(accepted, start, end, extend, supervisor):
    """A hold, then an extension, then a notice that makes two days off: the 3rd lies in the hold and moves
    nothing; the 7th moves both ends by one day."""
    case = extend(end(start(accepted), "2026-12-04"), now=at("2026-12-04"))
    assert last_days(case) == ("2027-01-06", "2026-12-15")
    days = [NoticeDay(dt.date(2026, 12, day), OfficialDay.Kind.OFF, "示例节") for day in (3, 7)]
    enter_notice("640000000000", 2026, days, "示例通知", actor=actor_of(supervisor), now=at("2026-12-04", 17))
    assert recompute_stale(at("2026-12-04", 18)) == 1
    assert last_days(case) == ("2027-01-07", "2026-12-16")
    readings = clock.readings(fresh(case), today=dt.date(2026, 12, 8))
    held = [why for why in readings[Clock.STATUTORY].why if why.kind == "exclude"]
    assert [(why.after.isoformat(), why.until.isoformat()) for why in held] == [("2026-11-26", "2026-12-03")]
    assert Notice.objects.filter(user=case.filed_by, kind="case_dates_moved").count() == 1


def test_the_papers_say_what_was_decided(accepted, start, end, extend, prolong, read_papers):
    case = prolong(start(accepted), 6, at("2026-11-27"))
    case = extend(end(case, "2026-11-30"), now=at("2026-12-01"))
    while documents.drain(at("2027-01-30")):
        pass
    told, longer = Document.objects.filter(kind="special_procedure").order_by("id")
    assert (told.payload["until"], longer.payload["until"]) == ("2026-12-03", "2026-12-07")
    words = read_papers(case)
    assert "特别程序告知书" in words["special_procedure"]
    assert "到2026年12月7日为止，不收取费用" in words["special_procedure"]
    assert "根据《中华人民共和国行政许可法》第四十五条，以上时间不计入办结时限" in words["special_procedure"]
    assert "人数较多" in words["special_procedure"]
    assert "延期告知书" in words["extension"]
    assert "应当在2026年12月17日前作出决定" in words["extension"]
    assert "延长10个工作日，到2026年12月31日为止" in words["extension"]
    assert "案情复杂" in words["extension"]


def test_both_sides_read_it(client, accepted, start, end, citizen, officer, now_is):
    now_is(at("2026-12-08"))
    case = start(accepted)
    notice = Notice.objects.get(user=citizen, kind="case_procedure")
    assert (notice.facts["day"], notice.facts["procedure"]["en"]) == ("2026-12-03", "Hearing")
    for user, address in ((citizen, "applications:case"), (officer, "applications:desk_case")):
        client.force_login(user)
        page = client.get(reverse(address, args=[case.uuid])).content.decode()
        assert "利害关系人申请听证" in page and "已过告知日期" in page and LAW_45 in page
    end(case, "2026-12-04", now=at("2026-12-08"))
    assert "各方没有异议" in client.get(reverse("applications:desk_case", args=[case.uuid])).content.decode()
    client.force_login(citizen)
    assert "各方没有异议" not in client.get(reverse("applications:case", args=[case.uuid])).content.decode()


def test_the_page_counts_day_by_day(accepted, start, end, extend):
    case = extend(end(start(accepted), "2026-12-02"), now=at("2026-12-03"))
    row = next(row for row in shown.clocks(fresh(case), dt.date(2026, 12, 4)) if row["label"] == "法定办结时限")
    first, held, added, rest = row["lines"]
    assert (first["counted"], first["first"], first["last"]) == (2, 1, 2)
    assert (held["kind"], held["since"], held["until"]) == ("exclude", dt.date(2026, 11, 27), dt.date(2026, 12, 2))
    assert (held["reason"], held["basis"]) == ("听证", LAW_45)
    assert (added["kind"], added["counted"]) == ("extend", 10)
    assert (first["reason"], rest["reason"]) == ("受理申请", "")
    assert (rest["first"], rest["last"], rest["until"]) == (3, 25, row["reading"].due_on)
    assert "元旦（推算）" in [stretch.name for stretch in rest["skipped"]]


def test_a_hold_over_on_its_first_day_is_no_stretch(accepted, start, end):
    case = end(start(accepted), "2026-11-26")
    row = next(row for row in shown.clocks(fresh(case), dt.date(2026, 11, 27)) if row["label"] == "法定办结时限")
    assert {line["kind"] for line in row["lines"]} == {"run"}
    assert last_days(case) == ("2026-12-15", "2026-12-08")


def test_the_forms_take_the_steps_and_lose_nothing_typed(client, accepted, approver, officer, agency_head, now_is):
    now_is(at("2026-11-26"))

    def post(user, name, **typed):
        client.force_login(user)
        seen = fresh(accepted).revision
        return client.post(reverse("applications:desk_step", args=[accepted.uuid, name]), {"seen": seen, **typed})

    answer = post(approver, "start_procedure", procedure="hearing", days="99", reasons="利害关系人申请")
    assert answer.status_code == 422 and "利害关系人申请" in answer.content.decode()
    answer = post(approver, "start_procedure", procedure="site_visit", days="20", reasons="利害关系人申请")
    assert answer.status_code == 409 and "利害关系人申请" in answer.content.decode()
    assert post(approver, "start_procedure", procedure="hearing", days="5", reasons="申请").status_code == 302
    assert post(approver, "prolong_procedure", days="8", reasons="人数较多").status_code == 302
    typed = {"result": "met", "opinion": "没有异议", "unit": "听证室", "handler": "何平"}
    answer = post(officer, "end_procedure", **typed, ended_on_year="2026", ended_on_month="11", ended_on_day="31")
    assert answer.status_code == 422 and "没有异议" in answer.content.decode()
    answer = post(officer, "end_procedure", **typed, ended_on_year="2026", ended_on_month="11", ended_on_day="26")
    assert answer.status_code == 302
    assert post(agency_head, "extend", days="10", reasons="案情复杂").status_code == 302
    assert ClockEntry.objects.filter(kind="extend").count() == 1


def test_over_the_api(accepted, approver, officer, agency_head, now_is):
    now_is(at("2026-11-26"))

    def post(user, name, **body):
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Token {AuthToken.objects.create(user)[1]}")
        body = {"seen": fresh(accepted).revision, **body}
        return client.post(f"/api/v1/cases/{accepted.uuid}/steps/{name}/", body, format="json")

    answer = post(approver, "start_procedure", procedure="auction", days=5, reasons="理由")
    assert answer.status_code == 409, answer.content
    assert post(approver, "start_procedure", procedure="hearing", days=5, reasons="理由").status_code == 200
    typed = {"result": "met", "opinion": "没有异议", "unit": "听证室", "handler": "何平"}
    assert post(officer, "end_procedure", **typed, ended_on="2026-11-26").status_code == 200
    answer = post(agency_head, "extend", days=10, reasons="案情复杂")
    assert answer.status_code == 200
    assert answer.json()["statutory_due_at"].startswith("2026-12-30T00:00")
