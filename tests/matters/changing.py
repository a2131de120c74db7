"""Changes of the directory as the tests make them: one entry, its department, the two that review."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from matters.changes import actions as changes
from matters.changes.actions import Content
from matters.editing.panels import load_panels
from matters.models import DirectoryEntry, GuideVersion
from support.accounts.demo import MARKET_USCC, REGION_JUSTICE_USCC, REGION_OFFICE_USCC
from support.calendars.actions import load_official
from support.places.models import Agency
from tests.conftest import actor_of

NOW = dt.datetime(2026, 11, 23, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
HOUR = dt.timedelta(hours=1)
THEN = NOW + 3 * HOUR
TICK = dt.timedelta(microseconds=1)
LAW = "《示例法》第三条"


@pytest.fixture
def panels(cast):
    load_panels()
    load_official(NOW)


@pytest.fixture
def market(panels):
    return Agency.objects.get(uscc=MARKET_USCC)


@pytest.fixture
def region_departments(panels):
    return [Agency.objects.get(uscc=uscc) for uscc in (REGION_OFFICE_USCC, REGION_JUSTICE_USCC)]


@pytest.fixture
def sign(put_in_force, panels):
    """A guide in force, whose directory entry is to be changed."""
    version = put_in_force()
    DirectoryEntry.objects.update(region_code="640000000000")
    return GuideVersion.objects.select_related("matter__directory").get(pk=version.pk)


@pytest.fixture
def entry(sign):
    return sign.matter.directory


def part(number, name, **given):
    return {
        "catalog_code": f"640799{number:03d}000", "local_catalog_code": "", "name": name, "task_type": "07",
        "by_law": LAW, "use_level": "4", "department": None,
    } | given  # fmt: skip


def content(*entries, **given):
    return Content(**{"entries": entries, "reason": "示例理由", "basis": LAW} | given)


@pytest.fixture
def propose(market, region_editor):
    def make(kind, *entries, **given):
        return changes.propose(
            kind, market, content(*entries, **given), actor=actor_of(region_editor), now=NOW
        )

    return make


@pytest.fixture
def submit(region_editor):
    def make(change, now=NOW):
        return changes.submit(change, seen=change.revision, actor=actor_of(region_editor), now=now)

    return make


@pytest.fixture
def judge(region_departments, region_office, region_justice):
    def make(change, which, outcome="approved", now=NOW, comment=""):
        who = (region_office, region_justice)[which]
        return changes.review(change, region_departments[which], outcome, comment=comment,
                              seen=change.revision, actor=actor_of(who), now=now)  # fmt: skip

    return make


@pytest.fixture
def decide(submit, judge):
    """Send for review and have both departments agree."""

    def make(change, now=NOW):
        change = submit(change, now)
        return judge(judge(change, 0, now=now), 1, now=now)

    return make


@pytest.fixture
def emergency(region_departments, region_office):
    def make(entry, now=NOW, **given):
        words = {"reason": "示例险情", "basis": LAW} | given
        return changes.suspend_at_once(
            entry, region_departments[0], actor=actor_of(region_office), now=now, **words
        )

    return make
