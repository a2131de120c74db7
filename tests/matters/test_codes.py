"""Our code lists are those of the standards and of the national exchange."""

import json
from pathlib import Path

import pytest

from certificates.models import Certificate
from evaluations.codes import Channel, Level, to_exchange, to_s1
from matters import codes
from matters.models import DirectoryEntry
from matters.scripts import fold

LISTS = json.loads((Path(__file__).parents[1] / "data" / "code_lists.json").read_text(encoding="utf-8"))
OURS = {
    "use_level": codes.USE_LEVELS,
    "dept_type": codes.DEPT_TYPES,
    "server_type": codes.SERVICE_OBJECTS,
    "handle_type": codes.HANDLE_TYPES,
    "project_type": codes.PROJECT_TYPES,
    "power_source": codes.POWER_SOURCES,
    "task_state": dict(DirectoryEntry.State.choices),
    "handle_area": codes.AREAS,
    "result_type": codes.RESULT_KINDS,
    "online_handle_depth": codes.ONLINE_DEPTHS,
    "material_necessity": codes.NECESSITIES,
    "material_type": codes.MATERIAL_TYPES,
    "material_format": codes.MATERIAL_FORMATS,
    "material_source": codes.MATERIAL_SOURCES,
    "collect_type": codes.COLLECT_TYPES,
    "theme_natural": codes.NATURAL_THEMES,
    "theme_legal": codes.LEGAL_THEMES,
    "eval_channel": dict(Channel.choices),
}
# Said otherwise than in the list: its slashes and local remarks are no words for a page.
REWORDED = {
    ("use_level", "1"): "国家级",
    ("use_level", "2"): "省级",
    ("use_level", "3"): "市级",
    ("handle_type", "3"): "移动端网上办理",
    ("material_format", "3"): "纸质或电子化",
    ("material_source", "30"): "中介机构出具",
    ("eval_channel", "4"): "政务大厅平板",
    ("eval_channel", "5"): "大厅其他终端",
}


@pytest.mark.parametrize("name", OURS)
def test_same_codes_same_words(name):
    ours = {code: str(words) for code, words in OURS[name].items()}
    expected = {code: REWORDED.get((name, code), words) for code, words in LISTS[name].items()}
    assert {code: fold(words) for code, words in ours.items()} == {c: fold(w) for c, w in expected.items()}


def test_types_of_matters():
    """00 names a whole, not a type of matter; the words leave off 事项."""
    expected = {
        code: words.removesuffix("事项") for code, words in LISTS["task_type"].items() if code != "00"
    }
    assert {code: str(words) for code, words in codes.TASK_TYPES.items()} == expected


def test_service_objects_follow_practice_and_not_the_standard():
    assert LISTS["server_type_gbt39046"]["5"] == str(codes.SERVICE_OBJECTS["6"]) == "行政机关"
    assert str(codes.SERVICE_OBJECTS["5"]) == "非法人企业"


def test_satisfaction_runs_both_ways():
    for level in Level:
        assert LISTS["satisfaction_gbt39046"][str(to_s1(level))] == str(level.label)
        assert LISTS["satisfaction_exchange"][str(to_exchange(level))] == str(level.label)


def test_states_of_certificates_are_those_of_the_exchange():
    ours = {
        value: str(label) for value, label in Certificate.State.choices if value != Certificate.State.ISSUING
    }
    assert ours == LISTS["certificate_state"]
