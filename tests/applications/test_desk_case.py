"""The case screen: what may be pressed, who is waited for, pages beside the standard, failed papers."""

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from applications.desk import WAITS_FOR
from applications.models import Application, State
from applications.workflow import steps_from
from certificates.models import Certificate
from support.accounts.models import AgencyGrant
from support.documents.models import Document
from support.records.models import AuditEvent
from tests.applications.conftest import MONDAY, at

pytestmark = pytest.mark.django_db

SEES = {"clerk", "window_chief", "officer", "approver", "agency_head", "supervisor"}


@pytest.fixture
def now_is(monkeypatch):
    def make(moment):
        monkeypatch.setattr(timezone, "now", lambda: moment)

    return make


def test_who_finds_the_case_by_list_filter_and_count(client, received, cast, now_is):
    now_is(MONDAY)
    asked = (
        {},
        {"number": received.number},
        {"name": "张"},
        {"light": "green"},
        {"matter": received.matter.uuid},
    )
    for name, user in cast.items():
        client.force_login(user)
        for query in asked:
            page = client.get("/desk/", query)
            seen = page.status_code == 200 and received.number in page.content.decode().partition("<table")[2]
            assert seen == (name in SEES), (name, query)
            if page.status_code == 200 and name not in SEES:
                assert {tab["count"] for tab in page.context["tab_links"]} == {0}, (name, query)
        assert (client.get(f"/desk/{received.uuid}/").status_code == 200) == (name in SEES), name
    client.logout()
    assert client.get("/desk/").status_code == 302


def test_no_button_before_its_time_and_the_reason_is_told(client, accepted, officer, approver, step, now_is):
    now_is(at("2026-11-25"))
    client.force_login(approver)
    page = client.get(f"/desk/{accepted.uuid}/")
    assert [one.name for one in page.context["steps"]] == ["start_procedure"]  # nothing waits for it
    assert page.context["objections"] == ["还没有审查意见。请先由审查人员提出意见。"]
    assert page.context["waiting"] == {"what": "审查中", "who": "审查人员", "names": "陈立"}
    step("give_opinion", accepted, officer, now=at("2026-11-25"), verdict="grant", reasons="好")
    page = client.get(f"/desk/{accepted.uuid}/")
    assert [one.name for one in page.context["steps"]] == ["grant", "refuse", "start_procedure"]
    assert page.context["waiting"] == {"what": "待决定", "who": "审批人员", "names": "丁洁、孙梅"}


def test_whoever_is_waited_for_has_a_step_to_take():
    for key, role in WAITS_FOR.items():
        state = {"received": State.RECEIVED, "judge": State.SUPPLEMENTED}.get(key, State.IN_REVIEW)
        assert role in {step.who for step in steps_from(state)}, key


def test_the_light_says_which_term_it_follows(client, received, clerk, now_is):
    now_is(MONDAY)
    client.force_login(clerk)
    page = client.get(f"/desk/{received.uuid}/").content.decode()
    assert "按最先到期的受理期限：2026-11-26 起为黄灯，2026-11-30 24 时届满，逾期为红灯。" in page


def test_pages_follow_one_another_in_the_viewer(client, received, clerk):
    client.force_login(clerk)
    items = list(received.materials.all())
    assert len(items) > 1
    url, seen = f"/desk/{received.uuid}/", []
    while url:
        page = client.get(url)
        seen.append(page.context["viewed"].pk)
        following = page.context["next_page"]
        url = following.url if following else ""
    assert sorted(seen) == sorted(item.pk for item in items)
    assert client.get(f"/desk/{received.uuid}/?view=x").context["page_number"] == 1


def fail(document):
    Document.objects.filter(pk=document.pk).update(
        state="failed", next_at=None, attempts=8, error="RuntimeError"
    )


def test_a_failed_paper_is_made_again_by_those_allowed(client, received, cast, now_is):
    now_is(MONDAY)
    paper = received.papers.get().document
    url = f"/desk/{received.uuid}/papers/{paper.uuid}/retry/"
    for name, user in cast.items():
        fail(paper)
        client.force_login(user)
        screen = client.get(f"/desk/{received.uuid}/")
        offered = screen.status_code == 200 and "重新制作" in screen.content.decode()
        answer = client.post(url)
        paper.refresh_from_db()
        allowed = name in ("clerk", "approver", "window_chief")
        assert (offered, answer.status_code == 302, paper.state == "ordered") == (allowed,) * 3, name
    assert AuditEvent.objects.filter(verb="document.retry").count() == 3
    client.logout()
    assert client.post(url).url.startswith("/accounts/login/")


def test_an_office_elsewhere_does_not_count_here(client, received, supervisor, agency_elsewhere):
    grant = Permission.objects.get(codename="clerk")
    AgencyGrant.objects.create(user=supervisor, permission=grant, content_object=agency_elsewhere)
    paper = received.papers.get().document
    fail(paper)
    client.force_login(supervisor)
    assert "重新制作" not in client.get(f"/desk/{received.uuid}/").content.decode()
    assert client.post(f"/desk/{received.uuid}/papers/{paper.uuid}/retry/").status_code == 403


def test_a_paper_that_has_not_failed_is_left_alone(client, received, clerk, now_is):
    now_is(MONDAY)
    client.force_login(clerk)
    paper = received.papers.get().document
    page = client.post(f"/desk/{received.uuid}/papers/{paper.uuid}/retry/", follow=True)
    assert "不需要重新安排" in page.content.decode()
    assert "重新制作" not in page.content.decode()
    assert not AuditEvent.objects.filter(verb="document.retry").exists()
    assert client.get(f"/desk/{received.uuid}/papers/{paper.uuid}/retry/").status_code == 405


def test_only_papers_of_this_case(client, file_case, clerk):
    one, other = file_case(key="case-one"), file_case(key="case-two")
    paper = other.papers.get().document
    fail(paper)
    client.force_login(clerk)
    assert client.post(f"/desk/{one.uuid}/papers/{paper.uuid}/retry/").status_code == 404


def test_a_certificate_that_could_not_be_made_is_a_paper_too(client, reviewed, step, approver, now_is):
    step("grant", reviewed, approver, now=at("2026-11-26"))
    now_is(at("2026-11-27"))
    paper = Certificate.objects.get().document
    fail(paper)
    client.force_login(approver)
    page = client.get(f"/desk/{reviewed.uuid}/")
    assert page.context["waiting"]["what"] == "待出证"
    assert client.post(f"/desk/{reviewed.uuid}/papers/{paper.uuid}/retry/").status_code == 302
    paper.refresh_from_db()
    assert paper.state == "ordered"


def test_the_case_screen_asks_no_more_beside_a_long_queue(
    client, file_case, clerk, django_assert_max_num_queries, now_is
):
    now_is(MONDAY)
    client.force_login(clerk)
    for number in range(3):
        file_case(key=f"case-{number}")
    middle = Application.objects.order_by("id")[1]
    url = f"/desk/{middle.uuid}/?tab=received"
    client.get(url)
    with django_assert_max_num_queries(60) as few:
        client.get(url)
    for number in range(3, 9):
        file_case(key=f"case-{number}")
    with django_assert_max_num_queries(len(few)):
        client.get(url)
