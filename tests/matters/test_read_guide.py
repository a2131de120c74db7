from dataclasses import FrozenInstanceError

import pytest

from matters.guides import Guide
from support.calendars.terms import Term, Unit
from tests.matters.conftest import text


@pytest.fixture
def guide(food) -> Guide:
    return food.guide


def test_terms(guide):
    assert guide.acceptance == Term(5, Unit.WORKDAY)
    assert guide.statutory == Term(15, Unit.WORKDAY)
    assert guide.promised == Term(10, Unit.WORKDAY)
    assert "行政许可法" in guide.term_basis("acceptance")
    assert guide.term_basis("promised") == ""


def test_what_is_not_published_is_none(put_in_force):
    guide = put_in_force().guide
    assert guide.statutory is None
    assert guide.term_basis("statutory") == ""
    assert guide.certificate is None
    assert guide.certificate_fields({}) == {}


def test_fields_and_which_are_sealed(guide):
    assert guide.field("tenure").choices == (("owned", "自有"), ("leased", "租赁"))
    assert guide.field("lease_until").show_if.terms == (("tenure", "leased"),)
    assert guide.sensitive_keys == {"id_number", "uscc", "phone", "home_address", "email", "safety_phone"}
    assert [step.key for step in guide.steps] == ["applicant", "premises", "business", "people"]
    with pytest.raises(KeyError):
        guide.field("nothing")


def test_steps_stay_short(guide):
    assert 3 <= len(guide.steps) <= 7
    assert all(len(step.fields) <= 7 for step in guide.steps)


def test_materials(guide):
    assert [m.key for m in guide.materials] == ["application", "layout", "safety_rules"]
    assert [m.key for m in guide.uploads] == ["layout", "safety_rules"]
    assert all(material.required for material in guide.uploads)
    assert guide.material("layout").max_pages == 10
    with pytest.raises(KeyError):
        guide.material("其他材料")


def test_the_certificate_prints_answers_in_words(guide):
    answers = {
        "applicant_name": "张小兰",
        "business_kind": "catering",
        "business_items": ["hot", "drinks"],
        "premises_address": "示例路100号",
    }
    fields = guide.certificate_fields(answers)
    assert fields["business_kind"] == "餐饮服务经营者"
    assert fields["business_items"] == "热食类食品制售、自制饮品制售"
    assert fields["responsible"] == ""
    assert guide.certificate is not None
    assert guide.certificate.validity == Term(60, Unit.MONTH)


def test_a_guide_is_frozen(guide):
    with pytest.raises(FrozenInstanceError):
        guide.language = "en"


def test_a_language_is_spoken_only_if_every_text_has_it(food, put_in_force):
    assert Guide(food.document, "zh-hant").name == "食品經營許可（新辦）"
    whole = Guide(put_in_force().document, "en")
    assert (whole.speaks, whole.name) == ("en", "Registration of a shop sign")
    half = Guide({**whole.document, "summary": text("只有中文。")}, "en")
    assert (half.speaks, half.name) == ("zh-hans", "户外招牌设置登记")


def test_for_whom_and_how_easy(guide, put_in_force):
    assert guide.audiences == ["natural", "legal"]
    assert put_in_force().guide.audiences == ["legal"]
    assert guide.flags == ["online"]
    assert guide.regime == "licence"
