"""The sample guide, and a very small guide of another kind of matter to publish, spoil and vary."""

import copy
import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.cache import cache

from matters import trials
from matters.actions import load_samples, publish
from matters.models import DirectoryEntry, GuideVersion, Matter
from support.records.actor import TIMER
from tests.conftest import actor_of
from tests.matters.changing import (  # noqa: F401
    decide,
    emergency,
    entry,
    judge,
    market,
    panels,
    propose,
    region_departments,
    sign,
    submit,
)

NOW = dt.datetime(2026, 11, 23, 10, tzinfo=ZoneInfo("Asia/Shanghai"))


def text(words: str, **other: str) -> dict[str, str]:
    return {"zh-hans": words, **other}


SMALL: dict[str, Any] = {
    "schema": 1,
    "name": text("户外招牌设置登记", en="Registration of a shop sign"),
    "summary": text("在门头设置招牌前登记。", en="Register a sign before it is put up."),
    "basis": [{"law": text("《示例条例》", en="Sample Regulation")}],
    "power_source": "1",
    "service_objects": ["2"],
    "handle_types": ["2"],
    "project_type": "2",
    "terms": {
        "acceptance": {"amount": 2, "unit": "workday", "basis": text("《示例条例》", en="Sample Regulation")},
        "promised": {"amount": 3, "unit": "workday"},
    },
    "visits": {"count": "0"},
    "conditions": [text("招牌牢固。", en="The sign is solid.")],
    "process": [
        {
            "key": "check",
            "name": text("核对", en="Check"),
            "who": text("窗口", en="Window"),
            "term": text("三日", en="Three days"),
            "what": text("核对。", en="Check."),
        }
    ],
    "special_procedures": [],
    "fees": {"charged": False, "items": []},
    "results": [
        {
            "key": "slip",
            "kind": "3",
            "name": text("登记回执", en="Slip"),
            "sample": [{"label": text("编号", en="Number"), "value": text("示例", en="sample")}],
        }
    ],
    "materials": [],
    "form": {
        "steps": [
            {
                "key": "sign",
                "title": text("招牌", en="Sign"),
                "fields": [{"key": "width", "type": "number", "label": text("宽度", en="Width")}],
            }
        ]
    },
    "faq": [],
    "places": [],
    "enquiry": {"phones": ["0951-0000021"]},
    "complaint": {"phones": ["0951-0000022"]},
    "rights": [text("要求说明理由。", en="To be given reasons.")],
    "duties": [],
    "themes": {"natural": [], "legal": ["010"]},
    "keywords": [],
    "online": {"available": True, "full": True, "depth": ["5"]},
    "pledge": {"available": False},
}


@pytest.fixture
def small() -> dict[str, Any]:
    return copy.deepcopy(SMALL)


@pytest.fixture
def new_matter(agency):
    """Make an open matter; by default of the 兴庆区 agency and outside 行政许可法."""

    def make(number: int = 1, *, agency=agency, task_type="07", regime="other") -> Matter:
        code = f"640799{number:03d}000"
        entry = DirectoryEntry.objects.create(  # noqa: F811
            catalog_code=code,
            name="户外招牌设置登记",
            task_type=task_type,
            by_law="《示例条例》",
            use_level="4",
        )
        return Matter.objects.create(
            task_code=f"{agency.uscc}4{code}",
            agency=agency,
            directory=entry,
            task_type=task_type,
            regime=regime,
        )

    return make


@pytest.fixture
def matter(new_matter) -> Matter:
    return new_matter()


@pytest.fixture
def put_in_force(new_matter, small):
    """Publish the small guide, varied, for a new matter; in force since a year before NOW."""

    def make(number: int = 1, *, agency=None, **changes: Any) -> GuideVersion:
        matter = new_matter(number, agency=agency) if agency else new_matter(number)
        began = NOW - dt.timedelta(days=365)
        return publish(matter, {**copy.deepcopy(small), **changes}, starts_at=began, actor=TIMER, now=began)

    return make


@pytest.fixture
def food(places) -> GuideVersion:
    """The sample guide 食品经营许可（新办）, in force."""
    load_samples(NOW, only=["food-business-licence"])
    return GuideVersion.objects.select_related("matter__agency").get(
        document__name__contains=text("食品经营许可（新办）")
    )


@pytest.fixture(autouse=True)
def fresh_cache():
    cache.clear()


def prove(draft, user) -> None:
    """Have the author's tests written from the definition, and run."""
    actor = actor_of(user)
    trials.begin(draft, actor=actor, now=NOW)
    for trial in draft.matter.trials.all():
        trials.run(draft, trial, actor=actor, now=NOW)
        assert trial.passed, trial.report
