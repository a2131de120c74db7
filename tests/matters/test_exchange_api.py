"""The catalogue for other systems: every publishing once and in order; lists brought in as JSON."""

import threading

import pytest
from django.db import connection, transaction

from matters import actions
from matters.actions import publish
from matters.models import GuideDraft, GuideVersion
from support.accounts.actions import issue_token
from support.records.actor import TIMER
from tests.matters.conftest import NOW

CHANGES = "/api/v1/matters/changes/"


def headers(user):
    return {"HTTP_AUTHORIZATION": f"Token {issue_token(user, now=NOW)[1]}"}


@pytest.fixture(autouse=True)
def the_day(time_machine):
    time_machine.move_to(NOW, tick=False)


def test_every_version_comes_once_and_in_order(client, put_in_force, monkeypatch):
    monkeypatch.setattr("matters.exchange.api.PER_PAGE", 2)
    versions = [put_in_force(n) for n in (1, 2, 3)]
    first = client.get(CHANGES).json()
    assert [each["task_code"] for each in first["results"]] == [v.matter.task_code for v in versions[:2]]
    assert first["more"] is True
    second = client.get(CHANGES, {"since": first["cursor"]}).json()
    assert [each["task_code"] for each in second["results"]] == [versions[2].matter.task_code]
    nothing = client.get(CHANGES, {"since": second["cursor"]}).json()
    assert (nothing["results"], nothing["cursor"], nothing["more"]) == ([], second["cursor"], False)
    publish(versions[0].matter, versions[0].document, starts_at=NOW, actor=TIMER, now=NOW)
    (new,) = client.get(CHANGES, {"since": second["cursor"]}).json()["results"]
    assert (new["task_code"], new["version"]) == (versions[0].matter.task_code, 2)


@pytest.mark.parametrize("since", ["x", "-1", "٣", "1e5", "9" * 30, "1 OR 1"])
def test_a_cursor_that_is_none_is_refused(client, db, since):
    assert client.get(CHANGES, {"since": since}).status_code == 400


@pytest.mark.django_db(transaction=True)
def test_a_slow_publishing_is_not_overtaken():
    """A second one waits: otherwise it could be read, with the higher number, before the first."""
    waiting = []

    def second():
        with transaction.atomic():
            actions._in_turn()
            waiting.append("second")
        connection.close()

    thread = threading.Thread(target=second)
    with transaction.atomic():
        actions._in_turn()
        thread.start()
        thread.join(0.3)
        assert waiting == []
    thread.join(10)
    assert waiting == ["second"]


def test_a_list_is_brought_in_as_json(client, cast, food):
    sent = headers(cast["editor"])
    (listed,) = client.get("/api/v1/catalogue/lists/", **sent).json()["results"]
    assert (listed["task_code"], listed["draft"]) == (food.matter.task_code, None)
    begun = client.post(f"/api/v1/catalogue/lists/{listed['uuid']}/draft/", **sent).json()
    assert begun["problems"] == [] and "identity" not in begun["document"]
    address = f"/api/v1/catalogue/drafts/{begun['uuid']}/"
    document = {**begun["document"], "visits": {"count": "1"}}
    body = {"revision": begun["revision"], "document": document}
    kept = client.put(address, body, content_type="application/json", **sent)
    assert kept.status_code == 200 and kept.json()["problems"][0]["path"] == "visits.reason"
    stale = client.put(address, body, content_type="application/json", **sent)
    assert stale.status_code == 409 and "冯媛" in stale.json()["detail"]
    assert GuideDraft.objects.get().document["visits"] == {"count": "1"}


@pytest.mark.parametrize(
    "changes",
    [
        {"materials": "none"},
        {"name": "食品"},
        {"name": {"en": "Food"}},
        {"nonsense": 1},
        {"materials": [{"name": {"zh-hans": "x"}}]},
        {"form": {"steps": [{"key": "a"}]}},
    ],
)
def test_what_no_page_could_edit_is_refused(client, cast, food, changes):
    sent = headers(cast["editor"])
    draft = client.post(f"/api/v1/catalogue/lists/{food.matter.uuid}/draft/", **sent).json()
    body = {"revision": draft["revision"], "document": {**draft["document"], **changes}}
    address = f"/api/v1/catalogue/drafts/{draft['uuid']}/"
    answer = client.put(address, body, content_type="application/json", **sent)
    assert answer.status_code == 400 and "document" in answer.json()["errors"]


@pytest.mark.parametrize(("who", "status"), [("region_editor", 404), ("clerk", 403), ("citizen", 403)])
def test_others_reach_no_draft(client, cast, food, who, status):
    own = headers(cast["editor"])
    draft = client.post(f"/api/v1/catalogue/lists/{food.matter.uuid}/draft/", **own).json()
    other = headers(cast[who])
    assert client.get(f"/api/v1/catalogue/drafts/{draft['uuid']}/", **other).status_code == status
    refused = client.post(f"/api/v1/catalogue/lists/{food.matter.uuid}/draft/", **other)
    assert refused.status_code == 403
    assert client.get(f"/api/v1/catalogue/drafts/{draft['uuid']}/").status_code == 401


def test_the_list_of_lists_asks_as_often_for_many(client, cast, put_in_force, django_assert_num_queries):
    sent = headers(cast["editor"])
    put_in_force(1)
    with django_assert_num_queries(6):
        client.get("/api/v1/catalogue/lists/", **sent)
    for n in (2, 3, 4):
        put_in_force(n)
    with django_assert_num_queries(6):
        assert client.get("/api/v1/catalogue/lists/", **sent).json()["count"] == 4
    assert GuideVersion.objects.count() == 4
