"""The public lists: which guides, what of them, by region and agency, as page, CSV and over the API."""

import copy
import csv
import io

import pytest
from django.urls import reverse
from django.utils import timezone

from matters.actions import load_samples
from matters.models import DirectoryEntry, SearchEntry
from tests.matters.conftest import text
from tests.matters.test_rules import PLEDGE


@pytest.fixture
def sign(put_in_force):
    return put_in_force()


@pytest.fixture
def samples(places):
    load_samples(
        timezone.now(), only=["food-workshop-licence", "public-place-hygiene-licence", "house-lease-filing"]
    )


def page(client, kind, **asked):
    return client.get(reverse("matters:list", args=[kind]), asked).content.decode()


@pytest.mark.parametrize(
    ("kind", "there", "absent"),
    [
        ("licences", ["食品小作坊", "公共场所卫生许可", "10 个工作日", "不收费"], ["租赁"]),
        ("pledge", ["公共场所卫生许可", "代替许可条件的审查", "30 个工作日", "撤销许可"], ["食品小作坊"]),
        ("deferral", ["食品小作坊", "健康证明（5 个工作日内补齐）"], ["公共场所卫生许可", "租赁"]),
        ("special", ["食品小作坊", "产品检测：不计入", "《中华人民共和国行政许可法》第四十五条"], ["租赁"]),
    ],
)
def test_each_list_holds_its_matters(client, samples, kind, there, absent):
    found = page(client, kind)
    table = found[found.index("<table") :]
    assert all(words in table for words in there)
    assert not any(words in table for words in absent)


def test_what_is_no_longer_in_force_or_suspended_is_not_listed(client, samples):
    DirectoryEntry.objects.filter(name__contains="小作坊").update(state="2")
    assert "食品小作坊" not in page(client, "licences")


def test_no_column_is_empty(client, put_in_force):
    """A column of which no row on the page has anything is left out."""
    version = put_in_force(pledge=PLEDGE)
    assert '<th scope="col">不实承诺的法律责任' in page(client, "pledge")
    row = SearchEntry.objects.get(guide=version)
    other = put_in_force(2)  # says nothing of a pledge; on the list only for this test
    SearchEntry.objects.filter(guide=other).update(flags=row.flags)
    SearchEntry.objects.filter(guide=version).update(flags=[])
    found = page(client, "pledge")
    assert '<th scope="col">依据' in found and "不实承诺的法律责任" not in found


def test_narrowed_to_a_region_or_an_agency(client, put_in_force, agency_elsewhere):
    special = [
        {"key": "see", "kind": "site_visit", "name": text("看现场"), "term": {"amount": 2, "unit": "day"},
         "basis": text("《示例条例》"), "charged": False, "excluded_from_statutory": False}
    ]  # fmt: skip
    here = put_in_force(1, special_procedures=special)
    there = put_in_force(2, agency=agency_elsewhere, special_procedures=copy.deepcopy(special))
    addresses = [reverse("matters:guide", args=[version.matter.uuid]) for version in (here, there)]

    def shown(**asked):
        found = page(client, "special", **asked)
        return [address in found for address in addresses]

    assert shown() == [True, True]
    assert shown(region=here.matter.agency.region_id) == [True, False]
    assert shown(region="640100000000") == [True, True]
    assert shown(region="450000000000") == [False, False]
    assert shown(agency=there.matter.agency.uuid) == [False, True]
    assert shown(region="nonsense", agency="nonsense") == [True, True]


def test_an_unknown_list_is_not_found(client, db):
    assert client.get("/matters/lists/secrets/").status_code == 404
    assert client.get("/matters/lists/secrets.csv").status_code == 404
    assert client.get("/api/v1/matters/lists/secrets/").status_code == 404


def test_the_page_asks_no_more_for_more_rows(client, put_in_force, django_assert_num_queries):
    url = reverse("matters:list", args=["pledge"])
    put_in_force(1, pledge=PLEDGE)
    for n in (1, 2, 3):
        if n > 1:
            put_in_force(n, pledge=PLEDGE)
        with django_assert_num_queries(3):
            client.get(url)


def test_a_long_list_has_pages(client, put_in_force, monkeypatch):
    monkeypatch.setattr("matters.lists.views.PER_PAGE", 2)
    for n in (1, 2, 3):
        put_in_force(n, pledge=PLEDGE)
    assert page(client, "pledge").count("<tr>") == 3 and "第 1 页，共 2 页" in page(client, "pledge")
    assert page(client, "pledge", page=2).count("<tr>") == 2


def test_the_csv_has_every_row_and_no_formula(client, put_in_force):
    put_in_force(1, pledge=PLEDGE, name=text("=1+1"))
    put_in_force(2, pledge=PLEDGE)
    answer = client.get(reverse("matters:list_csv", args=["pledge"]))
    body = b"".join(answer.streaming_content).decode("utf-8-sig")
    head, *rows = csv.reader(io.StringIO(body))
    assert head[:4] == ["事项名称", "实施编码", "办理机关", "依据"]
    assert sorted(row[0] for row in rows) == ["'=1+1", "户外招牌设置登记"]


def test_the_api_gives_the_same(client, samples):
    found = client.get("/api/v1/matters/lists/deferral/").json()
    assert found["kind"] == "deferral" and found["total"] == 1
    cells = found["results"][0]["cells"]
    assert any("健康证明" in line for line in cells["deferrable"]) and cells["main"] and cells["basis"]
