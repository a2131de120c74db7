import datetime as dt
import threading

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from applications.models import CaseEvent
from evaluations import actions
from evaluations.codes import Channel
from evaluations.figures import agency_figures
from evaluations.models import Rating
from support.notices.models import Notice
from support.places.models import Role
from support.records.models import AuditEvent
from tests.conftest import actor_of
from tests.evaluations.conftest import LATER

pytestmark = pytest.mark.django_db


def url(case) -> str:
    return reverse("evaluations:rate", args=[case.uuid])


# --- the act


def test_rating_is_kept_as_given(finished, give):
    rating = give(finished, stars=5, tags=["efficiency"], words=" 很快 ", channel="2")
    rating.refresh_from_db()
    assert (rating.stars, rating.tags, rating.words, rating.channel) == (5, ["efficiency"], "很快", "2")
    assert (rating.case, rating.agency, rating.round, rating.created_at) == (
        finished, finished.agency, 1, LATER,
    )  # fmt: skip


def test_words_are_sealed_masked_and_stay_out_of_the_record(finished, give):
    rating = give(finished, stars=1, words="太慢了，电话 １３８-0000-1234，身份证 640199199003070002")
    rating.refresh_from_db()
    assert rating.words == "太慢了，电话 ***，身份证 ***"
    assert "太慢了".encode() not in bytes(rating.words_sealed)
    for event in AuditEvent.objects.all():
        assert "太慢了" not in str(event.details)
    event = AuditEvent.objects.get(verb="rating.give")
    assert (event.target, event.subject_id) == (f"evaluations.rating:{rating.uuid}", finished.party_id)


def test_wrong_person_cannot_rate(finished, give, stranger, clerk):
    for user in (stranger, clerk):
        with pytest.raises(actions.RatingRefused):
            give(finished, user=user)
    assert not Rating.objects.exists()


def test_case_that_is_not_finished_cannot_be_rated(received, give):
    with pytest.raises(actions.RatingRefused, match="尚未办结"):
        give(received)


def test_withdrawn_case_can_be_rated(received, step, citizen, give):
    case = step("withdraw", received, citizen, now=LATER)
    assert give(case, stars=2).is_negative


def test_rating_years_later_is_welcome(finished, give):
    assert give(finished, now=LATER + dt.timedelta(days=1500))


def test_one_case_one_rating(finished, give):
    give(finished, stars=5)
    with pytest.raises(actions.AlreadyRated):
        give(finished, stars=1)
    assert Rating.objects.get().stars == 5


def test_level_that_does_not_exist_is_no_second_rating(finished, give):
    with pytest.raises(ValueError, match="not a valid Level"):
        give(finished, stars=6)


@pytest.mark.django_db(transaction=True)
def test_two_at_once_give_one(finished, give):
    barrier, outcomes = threading.Barrier(4), []

    def work(stars: int) -> None:
        try:
            barrier.wait(10)
            give(finished, stars=stars)
            outcomes.append("given")
        except actions.AlreadyRated:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=[stars]) for stars in (2, 3, 4, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(outcomes) == ["given", "refused", "refused", "refused"]
    assert Rating.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_page_and_api_at_once_give_one(finished, citizen):
    barrier, answers = threading.Barrier(4), []
    clients = [Client() for _ in range(4)]
    for client in clients:
        client.force_login(citizen)

    def work(number: int) -> None:
        try:
            barrier.wait(10)
            if number % 2:
                answer = clients[number].post(
                    f"/api/v1/cases/{finished.uuid}/rating/", {"stars": 5}, content_type="application/json"
                )
            else:
                answer = clients[number].post(url(finished), {"stars": "5"})
            answers.append(answer.status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(answers) in ([201, 302, 302, 409], [302, 302, 409, 409])
    assert Rating.objects.count() == 1
    assert sum(figure.rated for figure in agency_figures()) == 1


# --- a negative one


@pytest.mark.parametrize(("stars", "told"), [(1, True), (2, True), (3, False), (5, False)])
def test_negative_rating_reaches_the_supervisors_at_once(finished, give, supervisor, clerk, stars, told):
    give(finished, stars=stars)
    notices = Notice.objects.filter(kind__startswith="negative_rating")
    assert set(notices.values_list("user", flat=True)) == ({supervisor.pk} if told else set())


def test_named_negative_rating_leads_to_the_case(finished, give, supervisor, client):
    rating = give(finished, stars=1, words="等了三次<b>")
    notice = Notice.objects.get(user=supervisor, kind="negative_rating")
    assert finished.number in notice.body
    client.force_login(supervisor)
    page = client.get(notice.url).content.decode()
    assert "等了三次&lt;b&gt;" in page
    assert finished.number in page
    event = AuditEvent.objects.get(verb="read.rating")
    assert (event.target, event.actor_id) == (f"evaluations.rating:{rating.uuid}", supervisor.pk)


def test_anonymous_rating_hides_the_case_from_officers(finished, crowd, give, supervisor, client):
    crowd(4)
    give(finished, stars=1, anonymous=True)
    notice = Notice.objects.get(user=supervisor, kind="negative_rating_anonymous")
    assert finished.number not in notice.title + notice.body + str(notice.facts)
    assert "食品经营许可（新办）" in notice.title
    client.force_login(supervisor)
    page = client.get(notice.url).content.decode()
    assert "食品经营许可（新办）" in page
    for hidden in (finished.number, str(finished.uuid), finished.party.name):
        assert hidden not in page


def test_anonymous_rating_among_few_hides_the_matter_too(finished, crowd, give, supervisor, client):
    crowd(3)
    give(finished, stars=1, anonymous=True)
    notice = Notice.objects.get(user=supervisor, kind="negative_rating_alone")
    client.force_login(supervisor)
    page = client.get(notice.url).content.decode()
    for hidden in ("食品经营许可", "2026-11-27", finished.number):
        assert hidden not in page + notice.title + notice.body + str(notice.facts)
    assert "2026-11" in page
    assert "不显示事项" in page


def test_author_of_an_anonymous_rating_reads_all_of_it(finished, give, citizen, client):
    give(finished, stars=1, anonymous=True)
    client.force_login(citizen)
    page = client.get(url(finished)).content.decode()
    for words in ("食品经营许可", "2026-11-27", finished.number, "匿名"):
        assert words in page


def test_supervisor_who_took_a_step_is_neither_told_nor_shown(finished, give, supervisor, agency_head):
    CaseEvent.objects.create(
        case=finished, step="accept", from_state="", to_state="", at=LATER, actor_kind="officer",
        actor_id=supervisor.pk, actor_name=supervisor.name,
    )  # fmt: skip
    give(finished, stars=1)
    assert not Notice.objects.filter(kind__startswith="negative_rating", user=supervisor).exists()
    assert not Rating.objects.visible_to(actor_of(supervisor)).exists()
    assert Rating.objects.visible_to(actor_of(agency_head)).exists()


def test_ratings_are_read_by_supervisors_not_by_who_handled_the_case(
    finished, give, citizen, stranger, supervisor, clerk, officer, officer_elsewhere, client
):
    rating = give(finished, stars=1)
    for user in (citizen, supervisor):
        assert Rating.objects.visible_to(actor_of(user)).get() == rating
    for user in (stranger, clerk, officer, officer_elsewhere):
        assert not Rating.objects.visible_to(actor_of(user)).exists()
        client.force_login(user)
        assert client.get(reverse("evaluations:rating", args=[rating.uuid])).status_code in (403, 404)


def test_supervisor_elsewhere_does_not_find_it(finished, give, supervisor, agency_elsewhere, client):
    from support.accounts.models import AgencyGrant

    rating = give(finished)
    AgencyGrant.objects.filter(user=supervisor, permission__codename=Role.SUPERVISOR).update(
        content_object=agency_elsewhere
    )
    client.force_login(supervisor)
    assert client.get(reverse("evaluations:rating", args=[rating.uuid])).status_code == 404


# --- the page


def test_page_asks_with_five_levels_in_words_and_none_chosen(finished, citizen, client):
    client.force_login(citizen)
    page = client.get(url(finished)).content.decode()
    for level in ("非常满意", "满意", "基本满意", "不满意", "非常不满意", "办事效率", "匿名评价"):
        assert level in page
    assert "checked" not in page


@pytest.mark.parametrize(
    ("agent", "channel"),
    [("Mozilla/5.0 (iPhone) Mobile/15E148", Channel.MOBILE), ("Mozilla/5.0 (X11)", Channel.COMPUTER)],
)
def test_rating_by_the_page(finished, citizen, client, agent, channel):
    client.force_login(citizen)
    data = {"stars": "5", "tags": ["guide", "ease"], "words": "谢谢<i>", "anonymous": "on"}
    response = client.post(url(finished), data, headers={"User-Agent": agent}, follow=True)
    assert response.redirect_chain == [(url(finished), 302)]
    rating = Rating.objects.get()
    assert (rating.stars, rating.tags, rating.anonymous, rating.channel) == (
        5,
        ["guide", "ease"],
        True,
        channel,
    )
    page = response.content.decode()
    assert "谢谢您的评价" in page
    assert "谢谢&lt;i&gt;" in page
    assert "指南精确度、便捷度" in page


def test_repeated_shows_what_was_given(finished, citizen, give, client):
    give(finished, stars=5)
    client.force_login(citizen)
    response = client.post(url(finished), {"stars": "1"}, follow=True)
    page = response.content.decode()
    assert "已经评价过" in page
    assert "非常满意" in page
    assert Rating.objects.get().stars == 5


@pytest.mark.parametrize(
    "data",
    [{}, {"stars": "0"}, {"stars": "6"}, {"stars": "x"}, {"stars": "5", "tags": ["other"]}],
)
def test_nonsense_is_refused_in_words(finished, citizen, client, data):
    client.force_login(citizen)
    response = client.post(url(finished), data)
    assert response.status_code == 200
    assert response.context["form"].errors
    assert not Rating.objects.exists()


def test_too_many_words_are_kept_and_counted(finished, citizen, client):
    client.force_login(citizen)
    words = "好" * 501
    page = client.post(url(finished), {"stars": "4", "words": words}).content.decode()
    assert "最多 500 个字，您写了 501 个" in page
    assert words in page


def test_only_own_cases_are_found(finished, stranger, firm_agent, clerk, client):
    assert client.get(url(finished)).status_code == 302
    for user, status in ((stranger, 404), (firm_agent, 404), (clerk, 403)):
        client.force_login(user)
        assert client.get(url(finished)).status_code == status
        assert client.post(url(finished), {"stars": "1"}).status_code == status
    assert not Rating.objects.exists()


def test_unfinished_case_sends_back_to_its_page(received, citizen, client):
    client.force_login(citizen)
    for response in (client.get(url(received)), client.post(url(received), {"stars": "5"})):
        assert response["Location"] == reverse("applications:case", args=[received.uuid])
    assert not Rating.objects.exists()


def test_awaiting_are_own_finished_unrated_cases(finished, citizen, stranger, clerk, give):
    assert list(actions.awaiting_rating(actor_of(citizen))) == [finished]
    for user in (stranger, clerk):
        assert not actions.awaiting_rating(actor_of(user)).exists()
    give(finished)
    assert not actions.awaiting_rating(actor_of(citizen)).exists()


def test_unfinished_case_awaits_nothing(received, citizen):
    assert not actions.awaiting_rating(actor_of(citizen)).exists()


# --- the API


def test_rating_by_the_api(finished, citizen, stranger, clerk, client):
    path = f"/api/v1/cases/{finished.uuid}/rating/"
    body = {"stars": 2, "tags": ["efficiency"], "words": "慢"}

    def post(data):
        return client.post(path, data, content_type="application/json")

    assert post(body).status_code == 401
    for user, status in ((stranger, 404), (clerk, 403)):
        client.force_login(user)
        assert post(body).status_code == status
    client.force_login(citizen)
    assert client.get(path).status_code == 404
    for bad in ({}, {"stars": 9}, {"stars": 5, "tags": ["x"]}):
        assert post(bad).status_code == 400
    made = post(body | {"tags": ["efficiency"] * 3, "channel": "4"})
    assert made.status_code == 201
    assert made.json() | body | {"channel": "1"} == made.json(), (
        "a tag counts once; who asks names no channel"
    )
    assert post(body).status_code == 409
    assert client.get(path).json() == made.json()


def test_unfinished_case_is_refused_by_the_api(received, citizen, client):
    client.force_login(citizen)
    response = client.post(
        f"/api/v1/cases/{received.uuid}/rating/", {"stars": 5}, content_type="application/json"
    )
    assert response.status_code == 409
    assert "尚未办结" in response.json()["detail"]
