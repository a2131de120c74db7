"""Supervision: a figure, its list and its export are the same cases; nobody sees another agency's."""

import csv
import io

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from applications import oversight, sweep
from applications.models import Application, Service
from applications.oversight import BY_KEY, MEASURES, Month
from support.accounts.models import AgencyGrant
from support.documents.models import Document
from support.places.models import Agency
from support.records.models import AuditEvent
from tests.applications.conftest import *  # noqa: F403
from tests.applications.conftest import MONDAY, at
from tests.conftest import actor_of

pytestmark = pytest.mark.django_db

NOW = at("2026-12-18")


@pytest.fixture
def now_is(monkeypatch):
    def make(moment):
        monkeypatch.setattr(timezone, "now", lambda: moment)

    return make


@pytest.fixture
def busy(file_case, step, clerk, officer, approver, now_is):
    """By 18 December: one of each kind that a figure tells apart."""
    days = ("2026-11-16", "2026-11-20", "2026-11-27", "2026-12-01", "2026-12-07", "2026-12-10", "2026-12-17")
    for number, day in enumerate(days):
        file_case(key=f"case-{number}", now=at(day))
    cases = list(Application.objects.order_by("id"))
    step("accept", cases[0], clerk, now=at("2026-11-17"))  # promised term over, then the statutory one
    step("accept", cases[1], clerk, now=at("2026-11-24"))
    step("accept", cases[3], clerk, now=at("2026-12-02"))
    step("give_opinion", cases[1], officer, now=at("2026-11-25"), verdict="grant", reasons="好")
    step("give_opinion", cases[3], officer, now=at("2026-12-03"), verdict="grant", reasons="好")
    step("grant", cases[1], approver, now=at("2026-12-15"))  # late
    step("refuse", cases[3], approver, now=at("2026-12-04"), reasons="不符合")  # in time
    sweep.sweep(at("2026-12-05"))  # the third is accepted by silence; later ones are not written down
    for case, reason in ((cases[3], ""), (cases[1], "网络中断")):
        Service.objects.create(
            case=case, document=Document.objects.filter(case_number=case.number).last(), manner="window",
            on=at("2026-12-15").date(), at=at("2026-12-16"), actor_kind="officer", late_reason=reason,
        )  # fmt: skip
    now_is(NOW)
    return list(Application.objects.order_by("id"))


def expected(busy):
    """Which cases each figure counts on 18 December, by hand."""
    pks = [case.pk for case in busy]
    return {
        "open": {pks[n] for n in (0, 2, 4, 5, 6)},
        "near": {pks[4]},
        "promised": {pks[2]},
        "statutory": {pks[0]},
        "silent": {pks[2], pks[4], pks[5]},
        "closed": {pks[1], pks[3]},
        "closed_late": {pks[1]},
        "served_late": {pks[1]},
        "told_once": set(),
        "accepted_once": set(),
    }


def lines(response):
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def test_each_figure_counts_the_cases_it_describes(busy, supervisor):
    month = Month.of(NOW)
    found = {
        measure.key: set(
            oversight.cases(actor_of(supervisor), measure, NOW, month).values_list("pk", flat=True)
        )
        for measure in MEASURES
    }
    assert found == expected(busy)


@pytest.mark.parametrize("account", ["supervisor", "agency_head"])
def test_tile_list_and_export_agree(client, busy, cast, account):
    client.force_login(cast[account])
    page = client.get("/supervision/")
    links = [(tile["n"], tile["url"], tile["measure"].key) for tile in page.context["tiles"]]
    for row in (*page.context["agencies"], *page.context["matters"]):
        links += [(cell["n"], cell["url"], cell["measure"].key) for cell in row["cells"]]
    assert {key: n for n, _url, key in links[: len(MEASURES)]} == {key: len(pks) for key, pks in expected(busy).items()}
    for n, url, key in links:
        listed = client.get(url)
        assert listed.context["total"] == n, (key, url)
        assert len(listed.context["rows"]) == n
        exported = lines(client.get(url.replace("/cases/", "/cases.csv")))
        assert [row[0] for row in exported[1:]] == [row["case"].number for row in listed.context["rows"]]


def test_the_line_says_how_late_and_who_acts(client, busy, supervisor):
    client.force_login(supervisor)
    rows = {row["case"].pk: row for row in client.get("/supervision/cases/?measure=open").context["rows"]}
    first = rows[busy[0].pk]
    assert (first["stage"], first["who"], first["breach"]) == ("审查中", "审查人员", "statutory")
    assert first["over"] == 13  # ten working days from 17 November ended on 1 December
    assert (rows[busy[6].pk]["stage"], rows[busy[6].pk]["over"]) == ("待受理", None)
    assert rows[busy[4].pk]["stage"] == "审查中"  # by law, though no worker has written it
    page = client.get("/supervision/cases/?measure=closed")
    assert {row["stage"] for row in page.context["rows"]} == {"待出证", "不予行政许可"}


def test_only_overseers_and_only_their_agencies(client, busy, cast):
    for name, user in cast.items():
        client.force_login(user)
        for url in ("/supervision/", "/supervision/cases/", "/supervision/cases.csv"):
            status = client.get(url).status_code
            assert status == (200 if name in ("supervisor", "agency_head") else 403), (name, url)
    client.logout()
    assert client.get("/supervision/cases.csv").status_code == 302


def test_an_overseer_elsewhere_counts_nothing(client, busy, stranger, agency_elsewhere):
    """Also not by naming the other agency, its matter, or its month; a clerk's grant there adds nothing."""
    for role, agency in (("supervisor", agency_elsewhere), ("clerk", busy[0].agency)):
        AgencyGrant.objects.create(
            user=stranger, permission=Permission.objects.get(codename=role), content_object=agency
        )
    client.force_login(stranger)
    page = client.get("/supervision/")
    assert {tile["n"] for tile in page.context["tiles"]} == {0}
    assert busy[0].agency.name not in page.content.decode().partition("<main")[2]
    asked = {"measure": "open", "agency": busy[0].agency.uuid, "matter": busy[0].matter.uuid}
    listed = client.get("/supervision/cases/", asked)
    assert (listed.context["total"], listed.context["ignored"]) == (0, "机关、事项")
    assert len(lines(client.get("/supervision/cases.csv", asked))) == 1


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ({"measure": "all"}, "指标"), ({"month": "2026-13"}, "月份"), ({"month": "2999-01"}, "月份"),
        ({"agency": "x"}, "机关"), ({"matter": "\0"}, "事项"), ({"month": "0000-00"}, "月份"),
    ],
)  # fmt: skip
def test_garbage_is_left_out_and_named(client, busy, supervisor, asked, named):
    client.force_login(supervisor)
    page = client.get("/supervision/cases/", asked)
    assert f"无法识别，已不计入的条件：{named}。" in page.content.decode()
    assert page.context["total"] == 5
    assert client.get("/supervision/cases/", asked | {"page": "x"}).status_code == 200


def test_another_month_has_its_own_closed_and_silent_cases(client, busy, supervisor):
    client.force_login(supervisor)
    page = client.get("/supervision/?month=2026-11")
    counts = {tile["measure"].key: tile["n"] for tile in page.context["tiles"]}
    assert (counts["closed"], counts["silent"], counts["open"]) == (0, 0, 5)
    assert (str(Month(2026, 12).next), str(Month(2027, 1).previous)) == ("2027-01", "2026-12")


def test_reads_and_exports_are_recorded_with_the_ids(client, busy, supervisor):
    client.force_login(supervisor)
    client.get("/supervision/cases/?measure=near")
    lines(client.get("/supervision/cases.csv?measure=closed"))
    events = AuditEvent.objects.filter(actor_id=supervisor.pk)
    assert events.get(verb="read.supervision").details["cases"] == [busy[4].pk]
    assert set(events.get(verb="export.supervision").details["cases"]) == {busy[1].pk, busy[3].pk}


def test_the_export_names_no_person_and_starts_no_formula(client, busy, supervisor, citizen):
    client.force_login(supervisor)
    for formula in ('=HYPERLINK("http://x")', "＝1＋1"):
        Agency.objects.filter(pk=busy[0].agency_id).update(name=formula)
        rows = lines(client.get("/supervision/cases.csv?measure=open"))
        text = "\n".join(",".join(row) for row in rows)
        assert citizen.party.name not in text
        assert citizen.party.number not in text
        assert {row[2] for row in rows[1:]} == {f"'{formula}"}


def test_a_long_export_goes_in_parts_without_loss(client, busy, supervisor, monkeypatch):
    monkeypatch.setattr("portal.supervision.CHUNK", 2)
    client.force_login(supervisor)
    rows = lines(client.get("/supervision/cases.csv?measure=open"))
    listed = client.get("/supervision/cases/?measure=open").context["rows"]
    assert [row[0] for row in rows[1:]] == [row["case"].number for row in listed]
    assert AuditEvent.objects.filter(verb="export.supervision").count() == 3


def test_the_supervisor_reads_a_case_and_changes_nothing(client, busy, supervisor):
    client.force_login(supervisor)
    page = client.get(f"/desk/{busy[0].uuid}/")
    assert page.status_code == 200
    assert "/steps/" not in page.content.decode()
    assert "重新制作" not in page.content.decode()
    for url in (f"/desk/{busy[0].uuid}/steps/give_opinion/", f"/desk/{busy[0].uuid}/numbers/"):
        assert client.post(url, {"seen": busy[0].revision}).status_code in (403, 404), url
    assert AuditEvent.objects.filter(actor_id=supervisor.pk, verb="read.case").exists()


def test_queries_do_not_grow_with_cases_agencies_or_matters(
    client, busy, file_case, supervisor, agency_elsewhere, django_assert_max_num_queries
):
    client.force_login(supervisor)
    urls = ("/supervision/", "/supervision/cases/?measure=open", "/supervision/cases.csv?measure=open")

    def ask(url):
        answer = client.get(url)
        return lines(answer) if answer.streaming else answer.content

    few = {}
    for url in urls:
        ask(url)
        with django_assert_max_num_queries(40) as asked:
            ask(url)
        few[url] = len(asked)
    for number in range(6):
        file_case(key=f"more-{number}", now=MONDAY)
    AgencyGrant.objects.create(
        user=supervisor,
        permission=Permission.objects.get(codename="supervisor"),
        content_object=agency_elsewhere,
    )
    for url in urls:
        with django_assert_max_num_queries(few[url]):
            ask(url)


def test_every_measure_has_words_and_a_place():
    assert len(BY_KEY) == len(MEASURES)
    assert all(
        measure.words and measure.group in ("open", "silent", "closed", "served") for measure in MEASURES
    )


def test_who_only_oversees_comes_here_after_login(client, supervisor, clerk):
    for user, place in ((supervisor, "/supervision/"), (clerk, "/desk/")):
        client.force_login(user)
        assert client.get("/my/").url == place
