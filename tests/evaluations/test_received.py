"""What supervisors and heads of agencies read of the ratings, and what nobody can find out."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from evaluations.models import Rating
from matters.models import Matter
from support.records.models import AuditEvent
from tests.evaluations.conftest import DECIDED, LATER

pytestmark = pytest.mark.django_db
PATH = "/ratings/received/"
FOOD = "食品经营许可（新办）"


def page(client, **query) -> str:
    return client.get(PATH, query).content.decode()


def shown(client, **query) -> list[Rating]:
    return client.get(PATH, query).context["rows"]


@pytest.fixture
def other(put_in_force) -> Matter:
    return put_in_force(7).matter


@pytest.fixture(params=["supervisor", "agency_head"])
def reader(request, client):
    user = request.getfixturevalue(request.param)
    client.force_login(user)
    return user


def test_negative_ones_first_and_all_on_request(copies, give, reader, client):
    ratings = [
        give(case, stars=stars, words=f"第{number}句", now=LATER + dt.timedelta(hours=number))
        for number, (case, stars) in enumerate(zip(copies(4), (2, 5, 1, 3), strict=True))
    ]
    assert shown(client) == [ratings[2], ratings[0]]
    assert shown(client, show="all") == ratings[::-1]
    text = page(client)
    for words in ("第2句", "非常不满意", FOOD, ratings[0].case.number, f"/ratings/{ratings[0].uuid}/"):
        assert words in text
    assert "第1句" not in text
    assert "收到的评价" in client.get("/desk/").content.decode()


def test_only_of_the_agencies_supervised(finished, give, officer_elsewhere, clerk, officer, citizen, client):
    give(finished, stars=1)
    for user in (clerk, officer, officer_elsewhere, citizen):
        client.force_login(user)
        assert client.get(PATH).status_code == 403


def test_supervisor_of_another_agency_sees_none(finished, give, supervisor, agency_elsewhere, client):
    from support.accounts.models import AgencyGrant

    give(finished, stars=1)
    AgencyGrant.objects.filter(user=supervisor).update(content_object=agency_elsewhere)
    client.force_login(supervisor)
    assert shown(client, show="all") == []
    assert "没有差评" in page(client)


def test_words_are_escaped(finished, give, reader, client):
    give(finished, stars=1, words="<script>alert(1)</script>")
    text = page(client)
    assert "&lt;script&gt;" in text
    assert "<script>alert" not in text


def test_by_matter_and_period(copies, give, other, reader, client):
    mine, theirs, old = copies(3)
    theirs.matter = other
    theirs.save()
    now = timezone.now()
    ratings = [
        give(case, stars=1, now=now - dt.timedelta(days=days))
        for case, days in ((mine, 0), (theirs, 6), (old, 40))
    ]
    assert shown(client, matter=str(mine.matter.uuid)) == [ratings[0], ratings[2]]
    assert shown(client, matter=str(other.uuid)) == [ratings[1]]
    assert shown(client, days="7") == ratings[:2]
    assert shown(client, days="30", matter=str(mine.matter.uuid)) == ratings[:1]
    assert shown(client, days="365") == ratings
    assert "没有符合条件的评价" in page(client, days="30", matter=str(other.uuid), after=str(ratings[1].uuid))
    for nonsense in ({"matter": "x"}, {"days": "8"}, {"after": "x"}, {"matter": "\0"}, {"days": "１"}):
        assert shown(client, **nonsense) == ratings


def test_anonymous_among_many_shows_matter_and_day_only(finished, crowd, give, reader, client):
    crowd(4)
    rating = give(finished, stars=1, anonymous=True, words="等太久")
    assert shown(client, matter=str(finished.matter.uuid)) == [rating]
    text = page(client)
    assert FOOD in text.split("<tbody>")[1]
    assert "2026-11-27" in text
    for hidden in (finished.number, str(finished.uuid), finished.party.name, f"{LATER:%H:%M}"):
        assert hidden not in text


@pytest.mark.parametrize("why", ["few", "one_party", "long_ago", "later", "named"])
def test_anonymous_among_few_shows_neither(finished, copies, crowd, give, reader, client, why):
    """Four others do not hide anybody if they are one party, closed at another time, or known."""
    if why == "few":
        crowd(3)
    elif why == "one_party":
        copies(4)
    elif why == "long_ago":
        crowd(4, LATER - dt.timedelta(days=31))
    elif why == "later":
        crowd(4, LATER + dt.timedelta(seconds=1))
    else:
        crowd(3)
        give(copies(1)[0], stars=4)
        give_named(crowd(1)[0])
    rating = give(finished, stars=1, anonymous=True, words="等太久")
    text = page(client)
    table = text.split("<tbody>")[1]
    assert "等太久" in table
    assert FOOD not in table
    assert "2026-11-27" not in table
    assert shown(client, matter=str(finished.matter.uuid)) == []
    assert FOOD not in client.get(f"/ratings/{rating.uuid}/").content.decode()


def give_named(case) -> None:
    Rating.objects.create(
        case=case, agency=case.agency, stars=5, anonymous=False, channel="1", created_at=DECIDED
    )


def test_page_by_page_without_gap_or_repetition(copies, give, reader, client):
    ratings = [give(case, stars=1) for case in copies(45)]
    seen: list[Rating] = []
    query = "?"
    while query:
        answer = client.get(PATH + query)
        seen += answer.context["rows"]
        query = answer.context["next_url"]
    assert seen == ratings[::-1]
    assert answer.context["first_url"] == "?"


def test_queries_do_not_grow_with_ratings(copies, give, supervisor, client):
    client.force_login(supervisor)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            page(client, show="all")
        return len(captured)

    cases = copies(12)
    give(cases[0], stars=1)
    queries()
    before = queries()
    for number, case in enumerate(cases[1:]):
        give(case, stars=1, anonymous=number % 2 == 0)
    assert queries() == before


def test_reading_is_recorded(finished, give, supervisor, client):
    rating = give(finished, stars=1)
    client.force_login(supervisor)
    page(client)
    event = AuditEvent.objects.get(verb="read.ratings")
    assert (event.actor_id, event.details) == (supervisor.pk, {"ratings": [rating.pk]})
