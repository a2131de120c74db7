"""The sample catalogue: complete guides that differ in kind, each of which can be read and filled in."""

import json
from collections import Counter

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from certificates.models import CertificateType
from matters.actions import DATA, load_samples
from matters.checks import SCHEMA, problems
from matters.forms import clean_answers
from matters.guides import texts
from matters.models import GuideVersion, Matter
from tests.matters.answers import every_branch, valid_answers
from tests.matters.conftest import NOW

LANGUAGES = ("zh-hans", "zh-hant", "en")
FILES = {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in (DATA / "guides").glob("*.json")}
GUIDES = {name: file["document"] for name, file in FILES.items()}
# What publishing stamps on a document.
IDENTITY = {
    "identity", "catalog_code", "local_catalog_code", "task_code", "task_type", "regime", "use_level",
    "directory_version", "agency", "uscc", "region_code", "level", "dept_type",
}  # fmt: skip
# A file to download, a certificate in place of a paper, a charged procedure, remedies of its own, an entrusted
# body, another address, a parent: no sample matter has them; the tests of the page show how they look.
# Nor has one a table, a pattern or a condition of several terms: test_more_fields.py shows how they work.
ABSENT = {
    "file", "certificate_type", "excluded", "library", "uuid", "revision",
    "charge_basis", "remedies", "review_authority", "court", "entrusted_to",
    "parent", "village", "url", "desktop_url", "mobile_url", "sample_file",
    "columns", "min_rows", "max_rows", "unique", "min_length", "pattern", "match", "words", "all", "any",
}  # fmt: skip
RARE = {"situations", "locality"}


@pytest.fixture
def samples(places) -> list[GuideVersion]:
    load_samples(NOW)
    return list(GuideVersion.objects.select_related("matter__agency", "matter__directory"))


@pytest.fixture
def the_day():
    import time_machine

    with time_machine.travel(NOW, tick=False):
        yield


def fields_of(document):
    return [field for step in document["form"]["steps"] for field in step["fields"]]


# --- what is there -----------------------------------------------------------------------------------


def test_all_are_published_and_have_no_problem(samples):
    assert len(samples) == len(FILES) >= 13
    assert [str(p) for version in samples for p in problems(version.document)] == []
    assert load_samples(NOW) == 0


def test_they_differ_in_kind():
    kinds = Counter(file["directory"]["task_type"] for file in FILES.values())
    assert kinds["01"] >= 4
    assert all(kinds[kind] >= 2 for kind in ("05", "07", "10", "20"))
    documents = GUIDES.values()
    assert {d["project_type"] for d in documents} == {"1", "2"}
    assert {d["fees"]["charged"] for d in documents} == {True, False}
    assert {d["visits"]["count"] for d in documents} == {"0", "1"}
    assert {r["kind"] for d in documents for r in d["results"]} == {"1", "2", "3", "4"}
    objects = [set(d["service_objects"]) for d in documents]
    assert any(served == {"1"} for served in objects)
    assert any("1" not in served for served in objects)
    assert any("1" in served and len(served) > 1 for served in objects)
    assert any(m["necessity"] == "3" for d in documents for m in d["materials"])
    assert any(d["pledge"]["available"] for d in documents)


def test_they_are_spread_over_four_levels(samples):
    levels = Counter(version.matter.agency.level for version in samples)
    assert set(levels) == {"2", "3", "4", "5"}
    for version in samples:
        assert version.matter.agency.level in version.matter.directory.use_level.split("^")


def test_no_two_share_a_form():
    forms = {
        name: frozenset(field["key"] for field in fields_of(document)) for name, document in GUIDES.items()
    }
    assert len(set(forms.values())) == len(forms)
    for one in forms:
        for other in forms:
            assert one == other or len(forms[one] & forms[other]) <= len(forms[one]) * 2 / 3, (one, other)


def test_a_form_is_short_enough_for_a_phone():
    for name, document in GUIDES.items():
        assert 3 <= len(document["form"]["steps"]) <= 7, name
        assert all(1 <= len(step["fields"]) <= 7 for step in document["form"]["steps"]), name


def test_no_column_is_empty():
    """Every element of the format is filled, in every guide but for what only some matters have."""
    known = {key for node in _objects(json.loads(SCHEMA.read_text(encoding="utf-8"))) for key in node}
    used = {key for document in GUIDES.values() for node in _dicts(document) for key in node}
    assert known - used - IDENTITY == ABSENT
    top = set(json.loads(SCHEMA.read_text(encoding="utf-8"))["properties"])
    for name, document in GUIDES.items():
        assert top - set(document) - IDENTITY - ABSENT - RARE == set(), name
        for node in _dicts(document):
            assert all(value not in ("", None, {}) for value in node.values()), (name, node)
        for key in ("summary", "conditions", "process", "faq", "places", "rights", "duties", "keywords"):
            assert document[key], (name, key)
        assert {"in_centre", "appointment", "express", "terminals"} <= set(document["services"]), name


def _objects(schema):
    """The properties of every object the schema describes."""
    if isinstance(schema, dict):
        if isinstance(schema.get("properties"), dict) and schema.get("type") == "object":
            yield schema["properties"]
        for child in schema.values():
            yield from _objects(child)
    elif isinstance(schema, list):
        for child in schema:
            yield from _objects(child)


def _dicts(node):
    if isinstance(node, dict):
        yield node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _dicts(child)


def test_the_values_that_are_real_are_real(samples):
    hygiene, workshop = GUIDES["public-place-hygiene-licence"], GUIDES["food-workshop-licence"]
    assert FILES["public-place-hygiene-licence"]["directory"]["catalog_code"] == "000123020000"
    assert (hygiene["project_type"], hygiene["terms"]["statutory"]["amount"]) == ("1", 20)
    assert [(m["name"]["zh-hans"], m["necessity"]) for m in hygiene["materials"]] == [
        ("告知承诺书", "2"),
        ("公共场所卫生许可证申请表", "2"),
        ("法人身份证明", "1"),
        ("公共场所地址方位示意图", "1"),
        ("公共场所平面图和卫生设施布局图", "1"),
        ("公共场所卫生管理制度", "1"),
    ]
    assert all(m["source_type"] == "10" for m in hygiene["materials"])
    terms = workshop["terms"]
    assert (terms["statutory"]["amount"], terms["promised"]["amount"]) == (10, 8)
    assert workshop["service_objects"] == ["1"]
    for name, file in FILES.items():
        code = file["directory"]["catalog_code"]
        assert code[2:4] == file["directory"]["task_type"], name
        assert code == "000123020000" or "999" in code[4:9], name


# --- reading -----------------------------------------------------------------------------------------


def test_every_text_is_there_in_three_languages(samples):
    for version in samples:
        for language in LANGUAGES:
            assert version.guide_in(language).speaks == language, (version.guide.name, language)


def test_a_wording_given_by_hand_is_not_converted(samples):
    given = {t["zh-hans"]: t["zh-hant"] for d in GUIDES.values() for t in texts(d) if "zh-hant" in t}
    assert "实地核查是否符合条件、规划和面积标准。" in given
    published = {t["zh-hans"]: t["zh-hant"] for version in samples for t in texts(version.document)}
    assert all(published[source] == wording for source, wording in given.items())
    assert "規劃和面積標準" in published["实地核查是否符合条件、规划和面积标准。"]  # OpenCC: 和麵積


def test_every_page_in_every_language_costs_two_queries(client, samples, the_day):
    for version in samples:
        for language in LANGUAGES:
            with CaptureQueriesContext(connection) as queries:
                url = reverse("matters:guide", args=[version.matter.uuid])
                response = client.get(url, headers={"accept-language": language})
            html = response.content.decode()
            assert response.status_code == 200
            assert len(queries) == 2  # the guide, and the figures of its ratings
            assert version.guide_in(language).name in html
            if language == "zh-hans" and version.document["materials"]:
                assert "任何人不得要求您提供其他材料" in html
                assert ("行政许可法第三十一条" in html) == (version.guide.regime == "licence")


def test_the_catalogue_api_lists_them_all(client, samples, the_day):
    pages = range(1, client.get("/api/v1/matters/").json()["pages"] + 1)
    answers = [client.get("/api/v1/matters/", {"page": page}).json() for page in pages]
    found = {hit["uuid"] for answer in answers for hit in answer["results"]}
    assert found == {str(version.matter.uuid) for version in samples}
    for version in samples:
        assert client.get(f"/api/v1/matters/{version.matter.uuid}/").json()["document"] == version.document


@pytest.mark.parametrize(
    ("words", "file"),
    [
        ("理发店", "public-place-hygiene-licence"),
        ("工伤", "work-injury-determination"),
        ("過戶", "real-estate-transfer"),
        ("低保", "minimum-living-allowance"),
        ("租房", "house-lease-filing"),
        ("八十岁", "old-age-allowance"),
        ("下岗", "unemployment-registration"),
        ("盖房子", "homestead-approval"),
        ("社保", "flexible-worker-pension"),
        ("dibao", "minimum-living-allowance"),
    ],
)
def test_people_find_them_by_their_own_words(client, samples, the_day, words, file):
    names = [hit["name"]["zh-hans"] for hit in client.get("/api/v1/matters/", {"q": words}).json()["results"]]
    assert GUIDES[file]["name"]["zh-hans"] in names[:2]


# --- filling in --------------------------------------------------------------------------------------


def test_every_form_can_be_filled_in_along_every_branch(samples):
    for version in samples:
        guide = version.guide
        asked = set()
        for answers in every_branch(guide):
            kept, errors = clean_answers(guide, answers)
            assert errors == {}, guide.name
            assert kept == answers, guide.name
            asked |= set(answers)
        assert asked == {field.key for field in guide.fields()}, guide.name


def test_every_form_misses_what_is_left_out(samples):
    for version in samples:
        guide = version.guide
        answers = valid_answers(guide)
        for field in guide.fields():
            if field.required and field.key in answers:
                _kept, errors = clean_answers(guide, {k: v for k, v in answers.items() if k != field.key})
                assert field.key in errors, (guide.name, field.key)


def test_certificates_are_of_types_of_their_own(samples):
    certificates = [version.guide.certificate for version in samples if version.guide.certificate]
    codes = [result.type_code for result in certificates]
    assert len(set(codes)) == len(codes) >= 3
    assert CertificateType.objects.filter(code__in=codes).count() == len(codes)
    for version in samples:
        values = version.guide.certificate_fields(valid_answers(version.guide))
        assert all(values.values()), version.guide.name


def test_codes_are_made_by_the_rules(samples):
    for matter in Matter.objects.select_related("agency", "directory"):
        expected = matter.agency.uscc + matter.agency.level + matter.directory.catalog_code
        assert matter.task_code[:31] == expected
        assert len(matter.task_code) == 33
