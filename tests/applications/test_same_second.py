"""One source: guide, form online and at the counter, search and API change in the same second; a running case
does not."""

import copy
import datetime as dt

import pytest

from applications.models import Draft
from matters.editing import actions as editing
from matters.editing.panels import load_panels
from support.accounts.demo import JUSTICE_USCC, OFFICE_USCC
from support.places.models import Agency
from tests.applications.conftest import MONDAY
from tests.applications.test_counter import FORM
from tests.conftest import actor_of
from tests.matters.conftest import prove

pytestmark = pytest.mark.django_db
LATER = MONDAY + dt.timedelta(hours=2)
SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def announced(version, cast):
    """The next version, reviewed by two departments and published in advance: another term, another question."""
    load_panels()
    editor = actor_of(cast["editor"])
    draft = editing.revise(version.matter, actor=editor, now=MONDAY)
    document = copy.deepcopy(draft.document)
    document["terms"]["promised"]["amount"] = 8
    document["form"]["steps"][1]["fields"][0]["label"] = {"zh-hans": "招牌上的名称", "en": "Name on the sign"}
    draft = editing.save(draft, document, seen=draft.revision, actor=editor, now=MONDAY)
    prove(draft, cast["editor"])
    draft = editing.submit(draft, seen=draft.revision, actor=editor, now=MONDAY, starts_at=LATER)
    for who, uscc in (("office_reviewer", OFFICE_USCC), ("justice_reviewer", JUSTICE_USCC)):
        draft = editing.review(
            draft, Agency.objects.get(uscc=uscc), "approved", comment="", seen=draft.revision,
            actor=actor_of(cast[who]), now=MONDAY,
        )  # fmt: skip
    return editing.publish(draft, seen=draft.revision, actor=actor_of(cast["reviewer"]), now=MONDAY)


def told(client, cast, matter) -> dict[str, object]:
    """What each way into the matter says now of its version, its term or its first question about the premises."""
    client.logout()
    address = f"/api/v1/matters/{matter.uuid}/"
    schema = client.get(f"{address}form-schema/").json()
    page = client.get(f"/matters/{matter.uuid}/").content.decode()
    hits = client.get("/api/v1/matters/", {"q": "食品经营许可"}).json()["results"]
    found = {
        "guide": 8 if "8 个工作日" in page else 10,
        "api": client.get(address).json()["version"],
        "schema": schema["properties"]["shop_name"]["title"],
        "search": [hit["terms"]["promised"]["amount"] for hit in hits],
    }
    client.force_login(cast["citizen"])
    client.post(f"/apply/{matter.uuid}/")
    client.force_login(cast["clerk"])
    client.post(f"/desk/intake/{matter.uuid}/", FORM)
    for name, draft in (
        ("online", Draft.objects.get(agency=None)),
        ("counter", Draft.objects.exclude(agency=None).get()),
    ):
        found[name] = draft.guide.guide.field("shop_name").label
    Draft.objects.all().delete()
    return found


def test_everything_follows_in_the_same_second_but_a_running_case(
    client, cast, version, announced, file_case, time_machine
):
    case = file_case()
    time_machine.move_to(LATER - SECOND, tick=False)
    old, new = "店铺名称", "招牌上的名称"
    before = {"guide": 10, "api": 1, "schema": old, "search": [10], "online": old, "counter": old}
    assert told(client, cast, version.matter) == before
    time_machine.move_to(LATER, tick=False)
    after = {"guide": 8, "api": 2, "schema": new, "search": [8], "online": new, "counter": new}
    assert told(client, cast, version.matter) == after
    case.refresh_from_db()
    assert case.guide == version
    client.force_login(cast["clerk"])
    assert old in client.get(f"/desk/{case.uuid}/").content.decode()
