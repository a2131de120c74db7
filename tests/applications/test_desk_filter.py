"""Filters of the desk: each narrows list and counts alike, survives tabs and pages, garbage is named."""

import random
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from applications import actions, desk, oversight
from applications.desk import TABS, Mine, Wish
from applications.models import Application
from support.accounts.models import AgencyGrant
from tests.applications.conftest import MONDAY, at
from tests.conftest import actor_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def now_is(monkeypatch):
    def make(moment):
        monkeypatch.setattr(timezone, "now", lambda: moment)

    return make


@pytest.fixture
def many(file_case, step, clerk, officer, approver, citizen, firm_agent):
    """A case in every stage, filed on five days."""
    for number in range(10):
        file_case(key=f"case-{number}", now=at(f"2026-11-{16 + number // 2}"))
    cases = list(Application.objects.order_by("id"))
    for case in cases[2:9]:
        step("accept", case, clerk, now=at("2026-11-20"))
    for case in cases[4:9]:
        step("give_opinion", case, officer, now=at("2026-11-20"), verdict="grant", reasons="好")
    step("grant", cases[6], approver, now=at("2026-11-20"))
    step("refuse", cases[7], approver, now=at("2026-11-20"), reasons="不符合")
    Application.objects.filter(pk=cases[0].pk).update(channel="counter")
    Application.objects.filter(pk=cases[5].pk).update(promised_due_at=MONDAY, due_at=MONDAY)
    return list(Application.objects.order_by("id"))


def shown(actor, now, wish):
    return {tab.key: [case.pk for case in desk.listing(actor, tab, now, wish).cases] for tab in TABS}


WISHES = {
    "nothing": Wish(),
    "red": Wish(light="red"),
    "amber": Wish(light="amber"),
    "green": Wish(light="green"),
    "channel": Wish(channel="counter"),
    "from": Wish(received_from=at("2026-11-18").date()),
    "to": Wish(received_to=at("2026-11-17").date()),
    "name": Wish(name="张"),
    "no name": Wish(name="兰"),
    "number": Wish(number="0001"),
    "taken": Wish(mine=Mine.TAKEN),
    "now": Wish(mine=Mine.NOW),
    "closed": Wish(closed_days=None),
}


@pytest.mark.parametrize("wish", WISHES.values(), ids=WISHES)
@pytest.mark.parametrize("day", ["2026-11-23", "2026-11-24", "2026-12-20"])
def test_counts_are_exact_under_every_filter(many, clerk, officer, approver, wish, day):
    for user in (clerk, officer, approver):
        actor, now = actor_of(user), at(day)
        assert {key: len(rows) for key, rows in shown(actor, now, wish).items()} == desk.counts(
            actor, now, wish
        )


def test_each_filter_lets_through_what_it_says(many, clerk, officer, approver):
    def found(user=clerk, **wish):
        rows = desk.narrowed(actor_of(user), MONDAY, Wish(**wish))
        return {case.pk for case in rows}

    pks = [case.pk for case in many]
    assert found(channel="counter") == {pks[0]}
    assert found(received_from=at("2026-11-18").date()) == set(pks[4:])
    assert found(received_to=at("2026-11-17").date()) == set(pks[:4])
    assert found(name="张小") == set(pks)
    assert found(name="小") == found(name="%") == set()
    assert found(number=many[3].number) == {pks[3]}
    assert found(number=many[3].number[-12:]) == {pks[3]}
    assert found(mine=Mine.TAKEN) == set(pks[2:9])
    assert found(officer, mine=Mine.TAKEN) == set(pks[4:9])
    assert found(approver, mine=Mine.TAKEN) == set(pks[6:8])
    assert found(mine=Mine.NOW) == {pks[0], pks[1], pks[9]} - {
        c.pk for c in many if c.acceptance_due_at <= MONDAY
    }
    assert found(matter=str(many[0].matter.uuid)) == set(pks)


def test_every_open_case_stands_in_exactly_one_stage(many, clerk):
    for moment in (MONDAY, at("2026-11-27"), at("2027-03-01")):
        stages = [desk.counts(actor_of(clerk), moment)[key] for key in ("received", "review", "decide")]
        assert sum(stages) == Application.objects.open().count()


def test_can_act_is_what_the_buttons_offer(many, cast, step):
    """The filter, the link of a row and the buttons of the case screen are the same for each of the cast."""
    AgencyGrant.objects.create(
        user=cast["officer"], permission=Permission.objects.get(codename="approver"),
        content_object=many[0].agency,
    )  # fmt: skip
    Application.objects.filter(pk=many[1].pk).update(filed_by=cast["clerk"])
    some = 0
    for name in ("clerk", "officer", "approver", "supervisor", "agency_head", "officer_elsewhere"):
        actor = actor_of(cast[name])
        for now in (at("2026-11-20", 12), at("2026-11-24"), at("2026-12-20")):
            wanted = set(desk.narrowed(actor, now, Wish(mine=Mine.NOW)).values_list("pk", flat=True))
            pressable = {
                case.pk
                for case in Application.objects.visible_to(actor)
                if any(
                    not step.aside and not actions.objection(step, case, actor, now)
                    for step in actions.available(case, actor, now=now)
                )
            }
            rows = [case for tab in TABS for case in desk.listing(actor, tab, now).cases]
            offered = {case.pk for case in rows if desk.offers(case, actor, now)}
            assert wanted == pressable == offered, (name, now)
            some += len(wanted)
    assert some


def test_filters_survive_tabs_pages_and_the_case(client, many, clerk, monkeypatch, now_is):
    now_is(at("2026-11-20", 12))
    monkeypatch.setattr(desk, "PAGE", 1)
    client.force_login(clerk)
    asked = {"tab": "decide", "name": "张", "received_from": "2026-11-17"}
    page = client.get("/desk/", asked)
    context = page.context
    for tab in context["tab_links"]:
        query = parse_qs(urlsplit(tab["url"]).query)
        assert (query["name"], query["received_from"]) == (["张"], ["2026-11-17"])
    second = client.get("/desk/" + context["next_url"])
    assert second.context["rows"][0]["case"].pk != context["rows"][0]["case"].pk
    assert second.context["filter"].asked == context["filter"].asked
    first = client.get("/desk/" + second.context["previous_url"])
    assert first.context["rows"][0]["case"].pk == context["rows"][0]["case"].pk
    case_page = client.get(context["rows"][0]["url"])
    following = case_page.context["next_case_url"]
    assert str(second.context["rows"][0]["case"].uuid) in following
    assert not case_page.context["previous_case_url"]
    assert parse_qs(urlsplit(case_page.context["queue_url"]).query)["name"] == ["张"]
    back = client.get(following).context["previous_case_url"]
    assert str(context["rows"][0]["case"].uuid) in back


def test_after_a_step_the_next_case_is_still_the_next(client, many, clerk, now_is):
    now_is(at("2026-11-20", 12))
    client.force_login(clerk)
    rows = client.get("/desk/").context["rows"]
    case = rows[0]["case"]
    assert rows[0]["label"] == "受理"
    done = client.post(rows[0]["action"], {"seen": case.revision})
    page = client.get(done.url)
    assert page.context["standing"].state == "in_review"
    assert str(rows[1]["case"].uuid) in page.context["next_case_url"]


GARBAGE = [
    ({"light": "blue"}, "时限"),
    ({"matter": "x' OR 1=1"}, "事项"),
    ({"matter": "00000000-0000-4000-8000-000000000000"}, "事项"),
    ({"channel": "\0"}, "来源"),
    ({"received_from": "2026-13-45"}, "收件日期从"),
    ({"received_from": "2026-11-20", "received_to": "2026-11-10"}, "收件日期从、收件日期到"),
    ({"mine": "yours"}, "我的办件"),
    ({"number": "9" * 51}, "办件编号"),
    ({"name": "a\0b"}, "申请人"),
    ({"tab": "everything"}, "分类"),
    ({"after": "x"}, "翻页位置"),
    ({"before": "9" * 38 + "_1"}, "翻页位置"),
]


@pytest.mark.parametrize(("asked", "named"), GARBAGE)
def test_garbage_is_left_out_and_named(client, received, clerk, asked, named, now_is):
    now_is(MONDAY)
    client.force_login(clerk)
    page = client.get("/desk/", asked)
    assert page.status_code == 200
    assert f"无法识别，已不计入的条件：{named}。" in page.content.decode()
    assert received.number in page.content.decode()
    assert not page.context["narrowed"]


def test_the_first_and_the_last_day_there_is_are_days(client, received, clerk, now_is):
    now_is(MONDAY)
    client.force_login(clerk)
    page = client.get("/desk/", {"received_from": "0001-01-01", "received_to": "9999-12-31"})
    assert page.status_code == 200
    assert received.number in page.content.decode()


def test_another_agencys_matter_or_agency_is_garbage(client, received, officer_elsewhere, version):
    client.force_login(officer_elsewhere)
    page = client.get(
        "/desk/", {"matter": str(version.matter.uuid), "agency": str(version.matter.agency.uuid)}
    )
    assert "事项" in page.context["ignored"]
    assert version.guide.name not in page.content.decode().partition("<table")[0]


def test_several_agencies_merged_in_order_or_one_at_a_time(
    client, many, clerk, agency_elsewhere, now_is, monkeypatch
):
    now = at("2026-11-20", 12)
    now_is(now)
    AgencyGrant.objects.create(
        user=clerk, permission=Permission.objects.get(codename="clerk"), content_object=agency_elsewhere
    )
    Application.objects.filter(pk__in=[many[3].pk, many[9].pk]).update(agency=agency_elsewhere)
    monkeypatch.setattr(desk, "PAGE", 3)
    actor, after, seen = actor_of(clerk), None, []
    while True:
        page = desk.listing(actor, desk.tab_of("review"), now, after=after)
        seen += [case.pk for case in page.cases]
        if page.next is None:
            break
        after = page.next
    both = Application.objects.filter(pk__in=[many[2].pk, many[3].pk]).order_by("due_at", "id")
    assert seen == [case.pk for case in both]
    one = Wish(agency_id=agency_elsewhere.pk)
    assert [case.pk for case in desk.listing(actor, desk.tab_of("review"), now, one).cases] == [many[3].pk]
    client.force_login(clerk)
    page = client.get("/desk/", {"agency": str(agency_elsewhere.uuid), "tab": "review"})
    assert [row["case"].pk for row in page.context["rows"]] == [many[3].pk]
    assert {t["label"]: t["count"] for t in page.context["tab_links"]}["审查中"] == 1


def test_pages_keep_the_order_of_the_law(many, clerk, monkeypatch):
    """Long after, with no worker: what silence accepted, what an officer accepted, in order of time left."""
    monkeypatch.setattr(desk, "PAGE", 2)
    Application.objects.filter(pk=many[3].pk).update(due_at=None, amber_at=None)
    for now in (at("2026-11-24"), at("2026-12-20")):
        for tab in (desk.tab_of("review"), desk.tab_of("late")):
            after, seen = None, []
            while True:
                page = desk.listing(actor_of(clerk), tab, now, after=after)
                seen += page.cases
                if page.next is None:
                    break
                after = page.next
            places = [desk.place(case, tab, now) for case in seen]
            assert places == sorted(set(places))
            assert len(seen) == desk.counts(actor_of(clerk), now)[tab.key]


def test_closed_cases_of_the_last_days_unless_asked(many, clerk):
    later = at("2027-03-01")
    assert desk.counts(actor_of(clerk), later)["closed"] == 0
    assert desk.counts(actor_of(clerk), later, Wish(closed_days=365))["closed"] == 2
    assert desk.counts(actor_of(clerk), later, Wish(number=many[6].number))["closed"] == 1


# --- ten thousand cases -------------------------------------------------------------------------------


@pytest.fixture
def ten_thousand(received, clerk):
    dice = random.Random(7)
    columns = [field for field in Application._meta.concrete_fields if not field.primary_key]
    like = {field.attname: getattr(received, field.attname) for field in columns}
    rows = []
    for number in range(10_000):
        hours = dice.randint(0, 26_000)
        due = MONDAY + timezone.timedelta(hours=hours / 20 - 400)
        row = Application(**like | {"uuid": uuid4(), "number": f"M{number}", "key": f"many-{number}"})
        if number % 10:
            row.state, row.due_at, row.amber_at = "refused", None, None
            row.closed_at = MONDAY - timezone.timedelta(hours=hours)
        else:
            row.state, row.due_at, row.amber_at = "in_review", due, due - timezone.timedelta(days=3)
        rows.append(row)
    Application.objects.bulk_create(rows, batch_size=2000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE applications_application")
    return actor_of(clerk)


def plan_of(call):
    """The plans of the queries on cases that a call makes."""
    with CaptureQueriesContext(connection) as asked:
        call()
    plans = []
    with connection.cursor() as cursor:
        for query in asked.captured_queries:
            if '"applications_application"' in query["sql"]:
                cursor.execute("EXPLAIN " + query["sql"])
                plans.append("\n".join(row[0] for row in cursor.fetchall()))
    return plans


def test_lists_read_the_partial_index_in_order(ten_thousand):
    actor, now = ten_thousand, MONDAY
    for tab in ("review", "late"):
        start = desk.listing(actor, desk.tab_of(tab), now).next
        for after in (None, start):
            plan = plan_of(lambda t=tab, a=after: desk.listing(actor, desk.tab_of(t), now, after=a))[0]
            assert "case_queue" in plan
            assert "Seq Scan on applications_application" not in plan, plan
    closed = plan_of(lambda: desk.listing(actor, desk.tab_of("closed"), now))[0]
    assert "case_closed" in closed
    assert "Seq Scan on applications_application" not in closed


def test_counts_read_no_closed_case_beyond_the_period(ten_thousand):
    plans = plan_of(lambda: desk.counts(ten_thousand, MONDAY))
    assert len(plans) == 3
    for plan, index in zip(plans, ("case_", "case_issue_queue", "case_closed"), strict=True):
        assert index in plan, plan
        assert "Seq Scan on applications_application" not in plan, plan


def test_amber_cases_are_found_by_their_own_index(ten_thousand):
    moment = MONDAY - timezone.timedelta(hours=380)  # few have turned by then
    plan = plan_of(lambda: desk.narrowed(ten_thousand, moment, Wish(light="amber")).open().count())[0]
    assert "case_amber" in plan, plan


def test_supervision_counts_read_no_closed_case_beyond_the_month(ten_thousand):
    grants = frozenset((agency, "supervisor") for agency, _role in ten_thousand.grants)
    overseer = replace(ten_thousand, grants=grants)
    plans = plan_of(lambda: oversight.overview(overseer, MONDAY, oversight.Month.of(MONDAY)))
    assert len(plans) == 4  # one for each group of measures
    assert not [plan for plan in plans if "Seq Scan on applications_application" in plan]
