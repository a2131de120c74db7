import datetime as dt
import json

from matters import actions
from matters.actions import load_samples as load_all_samples
from matters.models import GuideVersion, Matter, SearchEntry, Synonym
from tests.matters.conftest import NOW

FOOD = "food-business-licence"


def load_samples(now):
    return load_all_samples(now, only=[FOOD])


def test_loading_again_changes_nothing(food):
    before = list(GuideVersion.objects.values_list("uuid", "version", "validity"))
    assert load_samples(NOW + dt.timedelta(days=1)) == 0
    assert list(GuideVersion.objects.values_list("uuid", "version", "validity")) == before
    assert SearchEntry.objects.count() == 1


def test_search_rows_that_were_lost_are_made_again(food):
    SearchEntry.objects.all().delete()
    load_samples(NOW)
    assert SearchEntry.objects.get().guide == food


def test_a_changed_file_becomes_a_new_version_and_the_old_one_stays(food, tmp_path, monkeypatch):
    data = json.loads((actions.DATA / "guides" / "food-business-licence.json").read_text(encoding="utf-8"))
    data["document"]["terms"]["promised"]["amount"] = 9
    (tmp_path / "guides").mkdir()
    (tmp_path / "guides" / f"{FOOD}.json").write_text(json.dumps(data), encoding="utf-8")
    (tmp_path / "synonyms.json").write_text("{}", encoding="utf-8")
    monkeypatch.setattr(actions, "DATA", tmp_path)
    later = NOW + dt.timedelta(days=1)
    assert load_samples(later) == 1
    assert food.matter.versions.in_force(later).get().guide.promised.amount == 9
    assert food.matter.versions.in_force(NOW).get() == food


def test_the_sample_belongs_to_the_competent_agency_with_a_code_made_by_the_rules(food, agency):
    matter = Matter.objects.get()
    assert matter.agency == agency
    assert matter.task_code == agency.uscc + "4" + "000131999000" + "01"
    assert len(matter.task_code) == 33


def test_it_was_in_force_long_before_it_was_loaded(food):
    assert food.matter.versions.in_force(NOW - dt.timedelta(days=365)).get() == food


def test_synonyms_are_folded_and_can_be_edited_and_loaded_again(food):
    assert Synonym.objects.get(term="开餐馆").expands_to == ["食品经营许可"]
    Synonym.objects.create(term="开茶馆", expands_to=["食品经营许可"])
    load_samples(NOW)
    assert Synonym.objects.filter(term="开茶馆").exists()
