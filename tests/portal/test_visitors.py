"""The kept page of a search is never older than the catalogue, nor anybody else's."""

import datetime as dt
import re

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from matters import catalogue
from matters.actions import publish
from matters.models import CatalogueChange, DirectoryEntry, Matter, ZeroHit
from matters.words import actions as words
from portal import visitors
from support.places.models import Agency, Region
from support.records.actor import TIMER
from tests.conftest import actor_of
from tests.matters.conftest import *  # noqa: F403  # the catalogue's fixtures
from tests.matters.conftest import NOW, text

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')
HANS = {"accept-language": "zh-hans"}


@pytest.fixture(autouse=True)
def the_day():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def busy(food, put_in_force):
    for number in range(1, 4):
        put_in_force(number)


def search(client, q="登记", **headers):
    answer = client.get("/search/", {"q": q}, headers={**HANS, **headers})
    assert answer.status_code == 200
    return answer.content.decode()


def queries(client, q="登记") -> int:
    with CaptureQueriesContext(connection) as captured:
        search(client, q)
    return len(captured)


def test_the_second_visitor_costs_one_query_and_gets_a_token_of_their_own(busy):
    first, second = Client(), Client(enforce_csrf_checks=True)
    before = search(first)
    assert queries(second) == 1
    page = search(second)
    assert TOKEN.sub("", page) == TOKEN.sub("", before)
    assert visitors.MARK not in page
    tokens = TOKEN.findall(page)
    assert tokens
    assert not set(tokens) & set(TOKEN.findall(before))
    given = {"mode": "elder", "csrfmiddlewaretoken": tokens[0]}
    assert second.post("/accessibility/", given).status_code == 302
    assert second.post("/accessibility/", given | {"csrfmiddlewaretoken": visitors.MARK}).status_code == 403


def new_guide(reviewer, small):
    matter = Matter.objects.get(task_code__contains="640799001000")
    publish(matter, {**small, "name": text("改名登记")}, starts_at=NOW, actor=TIMER, now=NOW)


def suspended(reviewer, small):
    DirectoryEntry.objects.filter(catalog_code="640799001000").update(state=DirectoryEntry.State.SUSPENDED)


def closed(reviewer, small):
    Agency.objects.filter(region="640104000000").update(is_active=False)


def renamed(reviewer, small):
    Region.objects.filter(code="640104000000").update(name="新名区")


def said(reviewer, small):
    words.add("登记", ["食品经营许可"], actor=actor_of(reviewer), now=NOW)



@pytest.mark.parametrize("change", [new_guide, suspended, closed, renamed, said])
def test_a_change_is_seen_in_the_same_second(client, busy, reviewer, small, change):
    before = TOKEN.sub("", search(client))
    change(reviewer, small)
    assert TOKEN.sub("", search(client)) != before


def test_a_guide_comes_into_force_in_the_second_it_should(client, busy, new_matter, small, the_day):
    later = NOW + dt.timedelta(seconds=20)
    publish(new_matter(9), {**small, "name": text("将来登记")}, starts_at=later, actor=TIMER, now=NOW)
    assert "将来登记" not in search(client)
    the_day.move_to(later - dt.timedelta(seconds=1))
    assert queries(client) == 1
    the_day.move_to(later)
    assert "将来登记" in search(client)


def test_pages_made_for_somebody_are_neither_kept_nor_given_to_others(client, busy, citizen):
    client.force_login(citizen)
    assert citizen.name in search(client)
    assert citizen.name not in search(Client())
    assert citizen.name in search(client)


def test_what_a_page_depends_on_keeps_pages_apart(busy):
    def page(language="zh-hans", **cookies):
        client = Client()
        for name, value in cookies.items():
            client.cookies[name] = value
        return TOKEN.sub("", client.get("/search/?q=登记", headers={"accept-language": language}).content.decode())

    pages = [
        page(), page("zh-hant"), page("en"), page(mode="elder"), page(contrast="high"), page(region="640106000000"),
    ]  # fmt: skip
    assert len(set(pages)) == len(pages)
    assert page() == pages[0]


def test_every_search_in_vain_is_counted(client, busy):
    for _n in range(2):
        search(client, "宠物医院")
    assert ZeroHit.objects.get().count == 2


def test_traces_of_changes_are_removed_when_nothing_can_be_older(db):
    CatalogueChange.objects.create(xid=1, times=1, at=NOW - catalogue.KEPT - dt.timedelta(seconds=1))
    CatalogueChange.objects.create(xid=2, times=1, at=NOW)
    before = catalogue.version()
    catalogue.forget(NOW)
    assert CatalogueChange.objects.filter(xid__in=[1, 2]).get().xid == 2
    assert catalogue.version() != before
    assert dt.timedelta(seconds=visitors.SECONDS) < catalogue.KEPT


@pytest.mark.django_db(transaction=True)
def test_a_transaction_that_commits_later_is_seen_too(places):
    """Not the newest change but the set of them counts."""
    import psycopg2

    before = catalogue.version()
    slow = psycopg2.connect(**{k: v for k, v in connection.get_connection_params().items()
                               if k in ("dbname", "user", "password", "host", "port")})  # fmt: skip
    with slow.cursor() as cursor:
        cursor.execute("UPDATE places_agency SET short_name = short_name")
        Region.objects.filter(code="640000000000").update(name="宁夏")
        between = catalogue.version()
        slow.commit()
    slow.close()
    assert len({before, between, catalogue.version()}) == 3
