"""Pinyin, typing errors, and which of the hits come first."""

import pytest

from matters import actions, sounds, tokens
from matters.actions import index_again, load_samples, load_synonyms
from matters.models import SearchEntry, Synonym
from matters.search import Wish, search
from support.records.actor import VISITOR
from tests.matters.conftest import NOW, text

XINGQING = "640104000000"
FOOD = "食品经营许可（新办）"


def found(q, **wish):
    return search(Wish(q=q, **wish), actor=VISITOR, at=NOW)


def names(q, **wish):
    return [entry.card["name"]["zh-hans"] for entry in found(q, **wish).entries]


@pytest.fixture
def catalogue(places):
    """All sample guides that have something to do with food or work."""
    load_samples(NOW, only=["food-business-licence", "food-workshop-licence", "work-injury-determination"])


# --- pinyin -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "q",
    [
        "kaicanguan", "kai can guan", "KaiCanGuan", "ｋａｉｃａｎｇｕａｎ", "kāi cān guǎn", "kai'can'guan", "kcg",
        "woxiangkaicanguan", "shipinjingyingxuke", "shi pin jing ying", "shipin xuke", "jingyingxuke", "jyxk", "spjyxk",
        "shipinjing", "naichadian", "食品xuke", "经营 xuke",
    ],
)  # fmt: skip
def test_pinyin_finds_it(food, q):
    result = found(q)
    assert [entry.guide for entry in result.entries] == [food]
    assert result.near == 0


@pytest.mark.parametrize("q", ["hipinjingying", "ijyx", "kc", "sp", "gua ncan", "shi jing", "pinjingyi xx"])
def test_pieces_of_syllables_and_too_few_letters_do_not(food, q):
    result = found(q)
    assert result.total == result.near


def test_both_scripts_and_pinyin_find_the_same(catalogue):
    first = names("开餐馆")
    assert first
    assert names("開餐館") == names("kaicanguan") == names("kai can guan") == names("kcg") == first


def test_the_pinyin_of_one_word_of_a_synonym_does_not_stand_for_the_others(food, put_in_force):
    put_in_force(name=text("公共场所卫生许可"))
    assert set(names("卫生许可证")) == {FOOD, "公共场所卫生许可"}
    result = found("gonggongchangsuoweishengxuke")
    assert names("gonggongchangsuoweishengxuke")[: result.total - result.near] == ["公共场所卫生许可"]


def test_sounds():
    assert sounds.sound("银行") == "yinhang"
    assert sounds.sound("旅馆") == "lvguan"
    assert sounds.initials("开餐馆") == "kcg"
    assert sounds.typed("lǚguǎn") == "lvguan"
    assert sounds.typed("开餐guan") == sounds.typed("a1") == sounds.typed("") == ""
    whole, first = sounds.starts(["开餐馆(新办)"])
    assert (whole, first) == ({"kaicanguan", "canguan", "xinban"}, {"kcg"})


def test_a_single_syllable_among_others_is_only_itself():
    assert tokens.either(["kai can"]) == "('kai':*AD&'can':*AD)"
    assert tokens.either(["shipin xuke"]) == "('shipin':*&'xuke':*)"


# --- typing errors -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "q",
    [
        "食品经管许可",  # one character wrong
        "食品营经许可",  # exchanged
        "食品经营可许",
        "食品经许可",  # one missing
        "食品经营的许可",  # one too many
        "视频经营许可", "实品京营许克",  # right by sound
        "开餐管", "开奶茶点", "开奶茶铺子",  # what people say, wrong
        "shipinjinyingxuke", "kaicangaun", "restaurent",
        "食品经管许可 兴庆区",
    ],
)  # fmt: skip
def test_errors_in_long_words_are_forgiven(food, q):
    result = found(q)
    assert [entry.guide for entry in result.entries] == [food]
    assert result.near == result.total


@pytest.mark.parametrize("q", ["食吕", "经管", "许克", "宠物医院", "食品经管许可 金凤区", "护照办理"])
def test_short_words_and_other_things_are_not_guessed(food, q):
    assert found(q).total == 0


def test_errors_are_forgiven_only_where_few_hold_the_words(put_in_force):
    put_in_force(9, name=text("户外招牌设制登记"))
    put_in_force(1)
    result = found("户外招牌设置登记")
    assert (names("户外招牌设置登记"), result.near) == (["户外招牌设置登记", "户外招牌设制登记"], 1)
    put_in_force(2)
    put_in_force(3)
    assert found("户外招牌设置登记").near == 0


def test_a_filter_does_not_bring_hits_in(put_in_force, agency_elsewhere):
    """What a number beside a filter says is what the filter leaves."""
    for number in range(1, 5):
        put_in_force(number)
    put_in_force(5, agency=agency_elsewhere, name=text("户外招牌设制登记"))
    assert found("户外招牌设置登记").total == 4
    assert found("户外招牌设置登记", agency=agency_elsewhere.uuid).total == 0


# --- what comes first ------------------------------------------------------------------------------------


def test_hot_matters_come_before_cold_ones(put_in_force):
    for number, cases in ((1, 0), (2, 900), (3, 4)):
        version = put_in_force(number, name=text(f"招牌{number}"))
        SearchEntry.objects.filter(guide=version).update(popularity=cases)
    assert names("招牌") == names("") == ["招牌2", "招牌3", "招牌1"]


def test_neither_the_region_nor_the_title_is_outdone_by_heat(put_in_force, agency_elsewhere):
    put_in_force(1, name=text("本区招牌"))
    hot = put_in_force(2, name=text("别处招牌"), agency=agency_elsewhere)
    said = put_in_force(3, name=text("消防审查"), summary=text("与招牌有关。"))
    SearchEntry.objects.filter(guide__in=[hot, said]).update(popularity=5000)
    assert names("招牌", region=XINGQING) == ["本区招牌", "消防审查", "别处招牌"]


def test_a_new_version_keeps_the_heat_of_its_matter(food):
    SearchEntry.objects.update(popularity=7)
    actions.index(food)
    assert SearchEntry.objects.get().popularity == 7


# --- rows made by earlier rules, and the installation's own synonyms ---------------------------------------


def test_rows_of_earlier_rules_are_made_afresh_once(food):
    SearchEntry.objects.update(edition=0, letters="", tsv="x")
    assert not names("经营许可")
    assert index_again() == 1
    assert names("经营许可") == [FOOD]
    assert index_again() == 0


def test_what_people_changed_stays_when_the_data_is_loaded_again(db):
    load_synonyms()
    Synonym.objects.filter(term="开餐馆").update(expands_to=["x"], revision=1)
    Synonym.objects.filter(term="开饭店").update(in_use=False, revision=2)
    Synonym.objects.filter(term="开面馆").update(expands_to=["x"])
    load_synonyms()
    assert Synonym.objects.get(term="开餐馆").expands_to == ["x"]
    assert not Synonym.objects.get(term="开饭店").in_use
    assert Synonym.objects.get(term="开面馆").expands_to == ["食品经营许可"]


def test_a_removed_synonym_is_not_used(food):
    assert found("kaifandian").near == 0
    Synonym.objects.filter(term__in=["开饭店", "饭店"]).update(in_use=False)
    assert found("kaifandian").total == found("kaifandian").near


def test_agencies_share_the_first_page_by_region(put_in_force, agency_elsewhere):
    put_in_force(1, agency=agency_elsewhere)
    put_in_force(2)
    hits = found("zhaopai", region=XINGQING).entries
    assert [entry.region_code for entry in hits] == [XINGQING, agency_elsewhere.region_id]
