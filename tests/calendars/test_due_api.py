import pytest

from support.calendars.terms import NATIONAL
from tests.calendars.slow import NINGXIA

pytestmark = pytest.mark.django_db
URL = "/api/v1/terms/due"
ASKED = {"start": "2026-09-30", "amount": "45", "unit": "workday"}


@pytest.fixture
def due(client, official):
    def due(**change):
        return client.get(URL, {key: value for key, value in (ASKED | change).items() if value is not None})

    return due


def test_the_last_day_of_a_term(due):
    answer = due().json()
    assert answer["due_on"] == "2026-12-08"
    assert answer["due_at"] == "2026-12-09T00:00:00+08:00"
    assert (answer["region"], answer["provisional"], answer["missing"], answer["reason"]) == (
        NATIONAL,
        False,
        [],
        "",
    )
    assert answer["skipped"][:2] == [
        {"date": "2026-10-01", "name": "国庆节", "kind": "holiday"},
        {"date": "2026-10-02", "name": "国庆节", "kind": "holiday"},
    ]
    assert {"date": "2026-10-11", "name": "周末", "kind": "weekend"} in answer["skipped"]
    assert answer["makeup"] == [{"date": "2026-10-10", "name": "国庆节调休上班", "kind": "makeup"}]


def test_in_a_region_without_its_notice_it_is_provisional(due):
    answer = due(region=NINGXIA).json()
    assert (answer["due_on"], answer["provisional"]) == ("2026-12-08", True)
    assert answer["missing"] == [{"region": NINGXIA, "region_name": "宁夏回族自治区", "year": 2026}]
    assert "宁夏回族自治区 2026 年放假通知尚未登记" in answer["reason"]


def test_into_a_year_without_a_national_notice(due):
    answer = due(start="2026-12-01", amount="30").json()
    assert answer["missing"] == [{"region": NATIONAL, "region_name": "全国", "year": 2027}]
    assert "2027 年全国放假安排尚未登记" in answer["reason"]


@pytest.mark.parametrize(
    ("change", "due_on"),
    [
        ({"start": "2022-07-08", "amount": "3", "region": NINGXIA}, "2022-07-15"),
        ({"start": "2022-07-08", "amount": "3", "region": "640106000000"}, "2022-07-15"),
        ({"start": "2022-07-08", "amount": "3"}, "2022-07-13"),
        ({"start": "2022-07-08", "amount": "3", "region": ""}, "2022-07-13"),
        ({"start": "2026-01-31", "amount": "1", "unit": "month"}, "2026-02-28"),
        ({"start": "2026-09-16", "amount": "15", "unit": "day"}, "2026-10-08"),
    ],
)
def test_regions_and_units(due, change, due_on):
    assert due(**change).json()["due_on"] == due_on


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"start": None}, "start"),
        ({"start": "2026-02-30"}, "start"),
        ({"start": "昨天"}, "start"),
        ({"start": "2018-12-31"}, "start"),
        ({"start": "9999-12-31"}, "start"),
        ({"start": "2036-12-31"}, "start"),
        ({"amount": None}, "amount"),
        ({"amount": "0"}, "amount"),
        ({"amount": "-5"}, "amount"),
        ({"amount": "3661"}, "amount"),
        ({"amount": "9" * 5000}, "amount"),
        ({"amount": "1.5"}, "amount"),
        ({"unit": None}, "unit"),
        ({"unit": "year"}, "unit"),
        ({"region": "64"}, "region"),
        ({"region": "６４００００００００００"}, "region"),
        ({"region": "64000000000\x00"}, "region"),
    ],
)
def test_bad_questions_are_answered_field_by_field(due, change, field):
    answer = due(**change)
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]
    assert all(answer.json()["errors"][field])


def test_only_questions_are_taken(client, official):
    assert client.post(URL, ASKED).status_code in (401, 403, 405)


def test_it_is_described(client):
    from drf_spectacular.generators import SchemaGenerator

    schema = SchemaGenerator().get_schema(request=None, public=True)
    described = schema["paths"][URL]["get"]
    asked = {one["name"] for one in described["parameters"] if one["in"] == "query"}
    assert asked == {"start", "amount", "unit", "region"}
    assert {"200", "400"} <= set(described["responses"])
