"""What changed and what is public, in Chromium: diff, change log, lists, uniformity, rules, standards."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from matters.actions import load_samples, publish
from matters.compare import standards
from matters.editing import actions as editing
from matters.editing.panels import load_panels
from matters.models import GuideVersion, Matter
from support.places.models import Agency, Role
from support.records.actor import TIMER
from tests.browser.conftest import DESKTOP, PHONE
from tests.conftest import actor_of

pytestmark = pytest.mark.django_db(transaction=True)
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def changed(cast, agency_elsewhere, editor, region_editor):
    """食品经营许可 with a planned version and a draft, at two agencies, proposed as a standard."""
    now = timezone.now()
    load_panels()
    load_samples(only=["food-business-licence", "food-workshop-licence", "public-place-hygiene-licence"])
    version = GuideVersion.objects.get(
        document__identity__catalog_code__isnull=False,
        document__name__contains={"zh-hans": "食品经营许可（新办）"},
    )
    document = {name: part for name, part in version.document.items() if name != "identity"}
    quicker = {**document, "terms": {**document["terms"], "promised": {"amount": 5, "unit": "workday"}}}
    twin = Matter.objects.create(
        task_code=version.matter.task_code.replace(version.matter.agency.uscc, agency_elsewhere.uscc),
        agency=agency_elsewhere, directory=version.matter.directory, task_type="01", regime="licence",
    )  # fmt: skip
    publish(twin, quicker, starts_at=now, actor=TIMER, now=now)
    materials = [{**document["materials"][0], "necessity": "2"}, *document["materials"][1:]]
    publish(version.matter, {**quicker, "materials": materials}, starts_at=now + HOUR, actor=TIMER, now=now)
    draft = editing.revise(version.matter, actor=actor_of(editor), now=now)
    heavier = {**document["materials"][1], "key": "lease", "name": {"zh-hans": "租赁合同", "en": "Lease"}}
    new = {
        **draft.document,
        "materials": [*document["materials"][1:], heavier],
        "complaint": document["enquiry"],
    }
    draft = editing.save(draft, new, seen=draft.revision, actor=actor_of(editor), now=now)
    department = Agency.objects.get(pk=min(actor_of(region_editor).agencies_with(Role.EDITOR)))
    standard = standards.propose(version, department, actor=actor_of(region_editor), now=now)
    return version, draft, standard


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["1280", "360"])
def test_what_changed_and_what_is_public(open_page, come_in, look, changed, cast, viewport):
    version, draft, standard = changed
    page, width = open_page(viewport), viewport["width"]
    page.goto(reverse("matters:guide", args=[version.matter.uuid]))
    page.get_by_role("link", name="查看将有哪些变化").click()
    assert page.get_by_text("承诺办结时限 10 → 5 个工作日").is_visible()
    look(page, f"changes-{width}")
    page.goto(reverse("matters:directory"))
    page.get_by_role("link", name="特别程序清单").first.click()
    for kind in ("licences", "pledge", "deferral", "special"):
        page.goto(reverse("matters:list", args=[kind]))
        look(page, f"list-{kind}-{width}")
    come_in(page, cast["reviewer"])
    page.goto(reverse("catalogue:diff", args=[draft.uuid]))
    assert page.get_by_text("新增材料“租赁合同”（必要）").is_visible()
    look(page, f"diff-{width}")
    page.goto(reverse("catalogue:uniformity"))
    page.get_by_role("link", name=version.matter.directory.name).first.click()
    look(page, f"uniformity-{width}")
    come_in(page, cast["justice_reviewer"])
    page.goto(reverse("catalogue:rules"))
    look(page, f"rules-{width}")
    come_in(page, cast["region_justice"])
    page.goto(reverse("catalogue:standard", args=[standard.uuid]))
    look(page, f"standard-{width}")
