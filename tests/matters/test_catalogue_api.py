import uuid

import jsonschema
import pytest

from matters.actions import publish
from matters.models import DirectoryEntry, ZeroHit
from support.records.actor import TIMER
from tests.matters.conftest import NOW


@pytest.fixture(autouse=True)
def the_day():
    import time_machine

    with time_machine.travel(NOW, tick=False):
        yield


def test_search_without_login(client, food):
    answer = client.get("/api/v1/matters/", {"q": "開餐館", "region": "640104000000"}).json()
    assert (answer["total"], answer["suggestions"]) == (1, [])
    hit = answer["results"][0]
    assert hit["uuid"] == str(food.matter.uuid)
    assert hit["name"]["zh-hant"] == "食品經營許可（新辦）"
    assert hit["terms"]["promised"]["amount"] == 10
    assert (hit["agency_name"], hit["flags"]) == ("银川市兴庆区审批服务管理局", ["online"])


def test_filters_and_nonsense(client, food, put_in_force):
    put_in_force()
    count = lambda **q: client.get("/api/v1/matters/", q).json()["total"]  # noqa: E731
    assert (count(), count(audience="natural"), count(audience="legal")) == (2, 1, 2)
    assert count(q="\x00%_", page="x", agency="y", region="z") == 0
    assert count(audience="nobody") == 2


def test_nothing_found_is_counted_and_suggestions_are_given(client, food):
    answer = client.get("/api/v1/matters/", {"q": "食品许可办理"}).json()
    assert answer["total"] == 0
    assert answer["suggestions"][0]["uuid"] == str(food.matter.uuid)
    assert ZeroHit.objects.get().term == "食品许可办理"


def test_the_guide_in_force(client, food):
    answer = client.get(f"/api/v1/matters/{food.matter.uuid}/").json()
    assert (answer["version"], answer["task_code"]) == (1, food.matter.task_code)
    assert answer["document"] == food.document
    assert answer["valid_until"] is None


def test_a_version(client, food):
    publish(food.matter, food.document, starts_at=NOW, actor=TIMER, now=NOW)
    of = f"/api/v1/matters/{food.matter.uuid}/versions"
    assert client.get(f"{of}/1/").json()["valid_until"] is not None
    assert client.get(f"{of}/2/").json()["version"] == 2
    assert client.get(f"{of}/3/").status_code == 404


def test_the_form_schema_accepts_what_the_form_prefills(client, food):
    schema = client.get(f"/api/v1/matters/{food.matter.uuid}/form-schema/").json()
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["properties"]["tenure"] == {"title": "房屋性质", "enum": ["owned", "leased"]}
    assert "lease_until" not in schema["required"]


def test_what_is_not_there_or_closed(client, food):
    answer = client.get(f"/api/v1/matters/{uuid.uuid4()}/")
    assert (answer.status_code, answer.json()) == (404, {"detail": "没有这个事项，或者它已经停办。"})
    DirectoryEntry.objects.update(state=DirectoryEntry.State.SUSPENDED)
    assert client.get(f"/api/v1/matters/{food.matter.uuid}/").status_code == 404
    assert client.get(f"/api/v1/matters/{food.matter.uuid}/form-schema/").status_code == 404
    assert client.get(f"/api/v1/matters/{food.matter.uuid}/versions/1/").status_code == 200


def test_queries_stay_few(client, food, django_assert_num_queries):
    with django_assert_num_queries(7):  # two of them since there are few hits
        client.get("/api/v1/matters/", {"q": "开餐馆"})
    with django_assert_num_queries(1):
        client.get(f"/api/v1/matters/{food.matter.uuid}/")
