import datetime as dt
import uuid

import pytest
from django.template.loader import render_to_string
from django.urls import reverse

from support.accounts.models import Mandate
from support.notices import actions
from support.notices.models import Notice
from support.records.actor import TIMER, VISITOR
from tests.conftest import actor_of
from tests.notices.conftest import NOW

pytestmark = pytest.mark.django_db
LIST = "/my/messages/"


@pytest.fixture
def notice(citizen, tell) -> Notice:
    tell(citizen.party)
    return Notice.objects.get()


def open_url(notice: Notice) -> str:
    return reverse("notices:open", args=[notice.uuid])


# --- whose they are


def test_only_the_addressee_sees_a_message(notice, citizen, stranger, clerk, client):
    assert list(Notice.objects.visible_to(actor_of(citizen))) == [notice]
    for actor in (actor_of(stranger), actor_of(clerk), VISITOR, TIMER):
        assert not Notice.objects.visible_to(actor).exists()
    client.force_login(stranger)
    assert notice.title not in client.get(LIST).content.decode()
    assert client.get(open_url(notice)).status_code == 404
    notice.refresh_from_db()
    assert notice.read_at is None


def test_visitor_is_sent_to_the_login_and_back(notice, client):
    for url in (LIST, open_url(notice)):
        response = client.get(url)
        assert response.status_code == 302
        assert "next=" in response["Location"]


def test_unknown_message_is_not_found(citizen, client):
    client.force_login(citizen)
    assert client.get(reverse("notices:open", args=[uuid.uuid4()])).status_code == 404


# --- reading


def test_list_shows_unread_first_then_the_newest(citizen, tell, client):
    for number in range(3):
        tell(citizen.party, key=str(number), context={"number": f"NX{number}", "matter": "许可"})
    newest = Notice.objects.order_by("-id").first()
    actions.mark_read(newest, now=NOW)
    client.force_login(citizen)
    response = client.get(LIST)
    assert [notice.facts["number"] for notice in response.context["page"]] == ["NX1", "NX0", "NX2"]
    assert "未读" in response.content.decode()


def test_empty_list_says_so(citizen, client):
    client.force_login(citizen)
    assert "还没有消息" in client.get(LIST).content.decode()


def test_long_list_has_pages_and_bears_any_page_number(citizen, tell, client):
    for number in range(25):
        tell(citizen.party, key=str(number))
    client.force_login(citizen)
    assert len(client.get(LIST).context["page"]) == 20
    assert len(client.get(LIST, {"page": 2}).context["page"]) == 5
    for page in ("0", "-1", "99999999999999999999", "x", ""):
        assert client.get(LIST, {"page": page}).status_code == 200


def test_list_takes_the_same_queries_for_one_and_for_many(
    citizen, tell, client, django_assert_max_num_queries
):
    client.force_login(citizen)
    tell(citizen.party, key="one")
    with django_assert_max_num_queries(30) as one:
        client.get(LIST)
    for number in range(15):
        tell(citizen.party, key=str(number))
    with django_assert_max_num_queries(len(one.captured_queries)):
        client.get(LIST)


def test_words_are_escaped(citizen, tell, client):
    tell(citizen.party, context={"number": "<script>", "matter": "<b>x</b>"})
    client.force_login(citizen)
    page = client.get(LIST).content.decode()
    assert "<b>x</b>" not in page
    assert "&lt;b&gt;x&lt;/b&gt;" in page


def test_opening_marks_read_and_goes_on(notice, citizen, client):
    client.force_login(citizen)
    response = client.get(open_url(notice))
    assert (response.status_code, response["Location"]) == (302, notice.url)
    notice.refresh_from_db()
    first = notice.read_at
    assert first is not None
    client.get(open_url(notice))
    notice.refresh_from_db()
    assert notice.read_at == first


def test_all_are_marked_read_up_to_what_was_shown(notice, citizen, stranger, tell, client):
    tell(citizen.party, key="in the meantime")
    tell(stranger.party, key="not mine")
    client.force_login(citizen)
    assert client.post(LIST + "read/", {"until": str(notice.uuid)}).status_code == 302
    assert set(Notice.objects.unread().values_list("key", flat=True)) == {
        f"in the meantime:{citizen.pk}",
        f"not mine:{stranger.pk}",
    }


def test_marking_bears_nonsense_and_needs_a_post(notice, stranger, client):
    client.force_login(stranger)
    assert client.post(LIST + "read/", {"until": "x"}).status_code == 302
    assert client.post(LIST + "read/", {"until": str(notice.uuid)}).status_code == 404
    assert client.get(LIST + "read/").status_code == 405
    assert Notice.objects.unread().count() == 1


# --- under which hat


def test_business_of_an_organisation_asks_for_its_hat(firm, firm_agent, tell, client):
    tell(firm)
    notice = Notice.objects.get(user=firm_agent)
    client.force_login(firm_agent)
    asked = client.get(open_url(notice))
    assert asked.status_code == 200
    assert firm.name in asked.content.decode()
    assert "hat" not in client.session
    assert client.post(open_url(notice))["Location"] == notice.url
    assert client.session["hat"] == f"company:{firm.uuid}"
    assert client.get(open_url(notice))["Location"] == notice.url


def test_after_the_mandate_ended_there_is_no_way_in(firm, firm_agent, tell, client):
    tell(firm)
    notice = Notice.objects.get(user=firm_agent)
    Mandate.objects.filter(user=firm_agent).update(revoked_at=NOW)
    client.force_login(firm_agent)
    for response in (client.get(open_url(notice)), client.post(open_url(notice))):
        assert response["Location"] == LIST
    assert "hat" not in client.session


def test_work_of_an_agency_opens_under_the_officers_hat(clerk, tell_role, client):
    tell_role()
    client.force_login(clerk)
    assert client.get(open_url(Notice.objects.get(user=clerk)))["Location"] == "/desk/1/"


# --- count, API


def test_count_of_unread_costs_one_query(citizen, stranger, tell, django_assert_num_queries):
    for number in range(3):
        tell(citizen.party, key=str(number))
    actions.mark_read(Notice.objects.first(), now=NOW)
    with django_assert_num_queries(1):
        assert actions.unread_count(citizen.pk) == 2
    assert actions.unread_count(stranger.pk) == 0


def test_fragment_shows_the_count_only_when_there_is_one():
    assert "2 条未读" in render_to_string("notices/_unread.html", {"unread": 2})
    assert "未读" not in render_to_string("notices/_unread.html", {"unread": 0})


def test_fragment_counts_once():
    calls = []
    page = render_to_string("notices/_unread.html", {"unread": lambda: calls.append(1) or len(calls)})
    assert "1 条未读" in page
    assert calls == [1]


def test_api_lists_own_messages(notice, citizen, stranger, client):
    assert client.get("/api/v1/notices/").status_code == 401
    client.force_login(stranger)
    assert client.get("/api/v1/notices/").json()["results"] == []
    client.force_login(citizen)
    [shown] = client.get("/api/v1/notices/").json()["results"]
    assert shown["title"] == notice.title
    assert dt.datetime.fromisoformat(shown["created_at"]) == NOW
    assert shown["read_at"] is None
