"""The desk: tabs that count what they list, buttons for this officer only, stale and wrong posts told."""

import pytest
from django.utils import timezone

from applications import clock, desk, lights
from applications.models import Application
from support.records.models import AuditEvent
from tests.applications.conftest import MONDAY, at
from tests.conftest import actor_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def now_is(monkeypatch):
    def make(moment):
        monkeypatch.setattr(timezone, "now", lambda: moment)

    return make


def test_tabs_count_what_they_list(file_case, step, clerk, officer, approver, now_is):
    for number in range(4):
        file_case(key=f"case-{number}")
    cases = list(Application.objects.order_by("id"))
    step("accept", cases[1], clerk)
    step("accept", cases[2], clerk)
    step("give_opinion", cases[2], officer, verdict="grant", reasons="好")
    step("accept", cases[3], clerk)
    step("give_opinion", cases[3], officer, verdict="grant", reasons="好")
    step("grant", cases[3], approver)
    actor = actor_of(clerk)
    counts = desk.counts(actor, MONDAY)
    assert counts == {
        "received": 1, "judge": 0, "correcting": 0, "review": 1, "decide": 1, "issue": 1, "late": 0, "closed": 1,
    }  # fmt: skip
    for tab in desk.TABS:
        assert len(desk.listing(actor, tab, MONDAY).cases) == counts[tab.key], tab.key


def test_overdue_cases_stand_in_their_tab(accepted, clerk):
    after = accepted.promised_due_at
    assert desk.counts(actor_of(clerk), after - timezone.timedelta(seconds=1))["late"] == 0
    assert desk.counts(actor_of(clerk), after)["late"] == 1


def test_pages_follow_one_another_without_a_gap_and_lead_back(file_case, clerk, monkeypatch):
    monkeypatch.setattr(desk, "PAGE", 2)
    for number in range(5):
        file_case(key=f"case-{number}", now=at("2026-11-23", 9 + number))
    actor, tab, pages, after = actor_of(clerk), desk.TABS[0], [], None
    while True:
        page = desk.listing(actor, tab, MONDAY, after=after)
        pages.append([case.pk for case in page.cases])
        if page.next is None:
            break
        after = page.next
    seen = [pk for page in pages for pk in page]
    assert seen == list(Application.objects.order_by("due_at", "id").values_list("pk", flat=True))
    assert [len(page) for page in pages] == [2, 2, 1]
    back = desk.listing(actor, tab, MONDAY, before=page.previous)
    assert [case.pk for case in back.cases] == pages[1]
    first = desk.listing(actor, tab, MONDAY, before=back.previous)
    assert ([case.pk for case in first.cases], first.previous) == (pages[0], None)


@pytest.mark.parametrize("after", ["x", "_", "9" * 40 + "_1", "1_", "-1_-1", "１_１"])
def test_a_forged_page_key_is_harmless(client, received, clerk, after):
    client.force_login(clerk)
    assert client.get("/desk/", {"after": after}).status_code == 200


def test_the_light_says_it_in_words(accepted, clerk):
    calendar = clock.calendar_of(accepted)
    assert lights.light(accepted, at("2026-11-24"), calendar).level == "green"
    last = lights.light(accepted, at("2026-12-08"), calendar)
    assert (last.level, last.words) == ("amber", "今天到期")
    late = lights.light(accepted, at("2026-12-10"), calendar)
    assert (late.level, late.words) == ("red", "超期 2 个工作日")


def test_only_the_buttons_of_this_officer(client, received, clerk, officer):
    client.force_login(clerk)
    page = client.get(f"/desk/{received.uuid}/").content.decode()
    assert "steps/accept/" in page
    assert "steps/grant/" not in page
    client.force_login(officer)
    assert "/steps/" not in client.get(f"/desk/{received.uuid}/").content.decode()
    assert client.get(f"/desk/{received.uuid}/steps/accept/").status_code == 404


def test_a_stale_page_keeps_the_words_and_says_so(client, accepted, officer, now_is):
    now_is(at("2026-11-25"))
    client.force_login(officer)
    url = f"/desk/{accepted.uuid}/steps/give_opinion/"
    answer = client.post(url, {"seen": accepted.revision - 1, "verdict": "grant", "reasons": "写了很久的意见"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "已被其他人办理" in page
    assert "写了很久的意见" in page
    assert f'name="seen" value="{accepted.revision}"' in page
    assert not accepted.opinions.exists()


@pytest.mark.parametrize("seen", ["", "x", "9" * 30, "-1"])
def test_a_broken_revision_is_no_error_page(client, received, clerk, seen, now_is):
    now_is(MONDAY)
    client.force_login(clerk)
    assert client.post(f"/desk/{received.uuid}/steps/accept/", {"seen": seen}).status_code in (409, 422)


def test_every_read_of_a_case_is_recorded(client, received, clerk, citizen):
    client.force_login(clerk)
    client.get(f"/desk/{received.uuid}/")
    client.get(f"/cases/{received.uuid}/files/{received.materials.first().pk}/")
    verbs = AuditEvent.objects.filter(actor_id=clerk.pk, subject_id=citizen.party.pk).values_list("verb", flat=True)
    assert {"read.case", "read.material"} <= set(verbs)
    client.get("/desk/")
    assert AuditEvent.objects.filter(actor_id=clerk.pk, verb="read.queue").last().details["cases"] == [received.pk]


def test_the_queue_asks_the_same_number_of_queries_however_long(
    client, file_case, clerk, django_assert_max_num_queries, now_is
):
    now_is(MONDAY)
    client.force_login(clerk)
    file_case(key="case-one")
    client.get("/desk/")
    with django_assert_max_num_queries(30) as few:
        client.get("/desk/")
    for number in range(8):
        file_case(key=f"case-{number}")
    with django_assert_max_num_queries(len(few)):
        client.get("/desk/")


def test_numbers_are_masked_until_asked_for_and_that_is_recorded(client, received, clerk, citizen):
    client.force_login(clerk)
    number = citizen.party.number
    assert number not in client.get(f"/desk/{received.uuid}/").content.decode()
    assert number in client.post(f"/desk/{received.uuid}/numbers/").content.decode()
    assert AuditEvent.objects.filter(actor_id=clerk.pk, verb="read.numbers", subject_id=citizen.party.pk).count() == 1
