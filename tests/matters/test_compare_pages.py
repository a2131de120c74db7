"""The change log for everyone; for the catalogue's keepers the diff of a draft, the rules, uniformity."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from applications.affected import affected
from matters.actions import publish
from matters.editing import actions as editing
from matters.editing.panels import load_panels
from matters.models import GuideDraft, HardenedRule
from support.records.actor import TIMER
from support.records.models import AuditEvent
from tests.conftest import actor_of
from tests.matters.conftest import text

DAY = dt.timedelta(days=1)
LONGER = {"promised": {"amount": 5, "unit": "workday"}}


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def first(matter, small, now):
    return publish(matter, small, starts_at=now - 30 * DAY, actor=TIMER, now=now - 30 * DAY)


def again(matter, document, at, now):
    return publish(matter, document, starts_at=at, actor=TIMER, now=now)


def longer(small, amount=5):
    return {**small, "terms": {**small["terms"], "promised": {"amount": amount, "unit": "workday"}}}


# --- the change log ------------------------------------------------------------------------------


def test_the_change_log_tells_past_and_planned_versions(client, matter, first, small, now):
    again(matter, longer(small), now - 10 * DAY, now - 10 * DAY)
    planned = again(matter, longer(small, 2), now + 5 * DAY, now)
    GuideDraft.objects.create(
        matter=matter,
        document={},
        state="published",
        version=planned,
        note="压缩时限",
        created_at=now,
        updated_at=now,
    )
    page = client.get(reverse("matters:changes", args=[matter.uuid])).content.decode()
    assert "承诺办结时限 3 → 5 个工作日" in page and "要求加重" in page
    assert "承诺办结时限 5 → 2 个工作日" in page
    assert page.count("尚未生效") == 1 and "压缩时限" in page and "首次发布" in page
    assert reverse("matters:guide_version", args=[matter.uuid, 3]) not in page
    guide = client.get(reverse("matters:guide", args=[matter.uuid])).content.decode()
    assert "起将有变化" in guide and reverse("matters:changes", args=[matter.uuid]) + "#v3" in guide


def test_without_a_plan_nothing_is_announced(client, matter, first):
    page = client.get(reverse("matters:guide", args=[matter.uuid])).content.decode()
    assert "起将有变化" not in page and reverse("matters:changes", args=[matter.uuid]) in page


def test_the_change_log_of_nothing_is_not_found(client, matter):
    assert client.get(reverse("matters:changes", args=[matter.uuid])).status_code == 404


def test_a_long_change_log_has_pages_and_asks_no_more(
    client, matter, first, small, now, django_assert_num_queries
):
    url = reverse("matters:changes", args=[matter.uuid])
    for n in range(2, 13):
        again(matter, longer(small, n), now - (20 - n) * DAY, now - (20 - n) * DAY)
        if n in (2, 12):
            with django_assert_num_queries(3):
                page = client.get(url).content.decode()
    assert page.count("查看第") == 10 and "?page=2" in page
    assert "首次发布" not in page and "首次发布" in client.get(url + "?page=2").content.decode()


# --- the diff ------------------------------------------------------------------------------------


@pytest.fixture
def draft(first, small, editor, now):
    draft = editing.revise(first.matter, actor=actor_of(editor), now=now)
    return editing.save(draft, longer(small), seen=draft.revision, actor=actor_of(editor), now=now)


def test_the_diff_says_what_a_draft_changes_and_whom_it_meets(client, draft, editor):
    client.force_login(editor)
    page = client.get(reverse("catalogue:diff", args=[draft.uuid])).content.decode()
    assert "承诺办结时限 3 → 5 个工作日" in page and "共 1 处变化" in page and "其中 1 处要求加重" in page
    assert "没有正在办理的件" in page


@pytest.mark.parametrize(
    ("who", "status"), [("reviewer", 200), ("region_editor", 404), ("clerk", 403), ("citizen", 403)]
)
def test_who_sees_the_diff(client, cast, draft, who, status):
    client.force_login(cast[who])
    assert client.get(reverse("catalogue:diff", args=[draft.uuid])).status_code == status


def test_the_diff_shows_errors_and_warnings_of_the_rules(client, draft, small, editor, now):
    wrong = {**small, "visits": {"count": "1"}, "complaint": small["enquiry"]}
    editing.save(draft, wrong, seen=draft.revision, actor=actor_of(editor), now=now)
    client.force_login(editor)
    page = client.get(reverse("catalogue:diff", args=[draft.uuid])).content.decode()
    assert "必须改好的 2 处" in page and "V01" in page
    assert "建议核对的 1 处" in page and "P02" in page


def test_a_planned_version_is_not_what_a_draft_is_compared_with(client, draft, matter, small, editor, now):
    again(matter, longer(small, 9), now + DAY, now)
    client.force_login(editor)
    assert (
        "承诺办结时限 3 → 5 个工作日"
        in client.get(reverse("catalogue:diff", args=[draft.uuid])).content.decode()
    )


def test_a_first_draft_has_nothing_to_be_compared_with(client, new_matter, agency, editor, now):
    entry = new_matter().directory
    draft = editing.claim(entry, agency, actor=actor_of(editor), now=now)
    client.force_login(editor)
    page = client.get(reverse("catalogue:diff", args=[draft.uuid])).content.decode()
    assert "首次发布" in page and "正在办理" not in page


def test_cases_and_applications_are_counted_by_matter(first, new_matter, citizen, now):
    from applications.models import Draft

    party = actor_of(citizen).party_id
    Draft.objects.create(matter=first.matter, guide=first, party_id=party, started_by=citizen, updated_at=now,
                         expires_at=now + DAY)  # fmt: skip
    assert affected(first.matter, now) == (0, 1)
    assert affected(first.matter, now + 2 * DAY) == (0, 0)
    assert affected(new_matter(2), now) == (0, 0)


# --- the rules -----------------------------------------------------------------------------------


def harden(client, code="P02", region="640104000000", hard="1"):
    return client.post(reverse("catalogue:rules"), {"code": code, "region": region, "hard": hard})


def test_a_reviewing_department_hardens_a_rule_and_takes_it_back(client, cast, places):
    load_panels()
    client.force_login(cast["justice_reviewer"])
    assert "改为必须遵守" in client.get(reverse("catalogue:rules")).content.decode()
    assert harden(client).status_code == 302
    assert HardenedRule.objects.get().code == "P02"
    assert "兴庆区：必须遵守" in client.get(reverse("catalogue:rules")).content.decode()
    harden(client, hard="0")
    assert not HardenedRule.objects.exists()
    assert set(AuditEvent.objects.filter(target="matters.rule:P02").values_list("verb", flat=True)) == {
        "matters.harden", "matters.soften",
    }  # fmt: skip


def test_nobody_else_sets_rules_nor_rules_of_law(client, cast, places):
    load_panels()
    for who, region in (
        ("editor", "640104000000"),
        ("reviewer", "640104000000"),
        ("justice_reviewer", "640000000000"),
    ):
        client.force_login(cast[who])
        assert harden(client, region=region).status_code == 403
    client.force_login(cast["justice_reviewer"])
    harden(client, code="T01")
    harden(client, code="X99")
    harden(client, hard="maybe")
    assert not HardenedRule.objects.exists()


# --- uniformity ----------------------------------------------------------------------------------


@pytest.fixture
def two_agencies(matter, agency_elsewhere, small, first, now):
    """The same entry at two agencies, of which one asks for more time and another condition."""
    from matters.models import Matter

    other = Matter.objects.create(
        task_code=f"{agency_elsewhere.uscc}4{matter.directory.catalog_code}", agency=agency_elsewhere,
        directory=matter.directory, task_type="07", regime="other",
    )  # fmt: skip
    conditions = [*small["conditions"], text("面积不超过十平方米。")]
    return publish(other, {**longer(small), "conditions": conditions}, starts_at=now, actor=TIMER, now=now)


def test_what_differs_between_agencies_is_told_with_who_says_what(client, cast, two_agencies, matter):
    client.force_login(cast["supervisor"])
    page = client.get(reverse("catalogue:uniformity")).content.decode()
    assert "承诺办结时限" in page and "受理条件" in page and "到现场次数</span>" not in page
    one = client.get(reverse("catalogue:uniformity_entry", args=[matter.directory.pk])).content.decode()
    assert "3 个工作日" in one and "5 个工作日" in one
    assert matter.agency.name in one and two_agencies.matter.agency.name in one
    assert "面积不超过十平方米。" in one and "招牌牢固" not in one


def test_one_agency_alone_differs_from_nobody(client, reviewer, first, matter):
    client.force_login(reviewer)
    assert matter.directory.name not in client.get(reverse("catalogue:uniformity")).content.decode()
    assert client.get(reverse("catalogue:uniformity_entry", args=[matter.directory.pk])).status_code == 404


def test_the_report_asks_no_more_for_more_entries(
    client,
    reviewer,
    two_agencies,
    agency,
    agency_elsewhere,
    new_matter,
    small,
    now,
    django_assert_max_num_queries,
):
    from matters.models import Matter

    client.force_login(reviewer)
    url = reverse("catalogue:uniformity")
    client.get(url)
    with django_assert_max_num_queries(30) as few:
        client.get(url)
    for n in (2, 3):
        matter = new_matter(n)
        other = Matter.objects.create(task_code=f"{agency_elsewhere.uscc}4{matter.directory.catalog_code}",
                                      agency=agency_elsewhere, directory=matter.directory, task_type="07",
                                      regime="other")  # fmt: skip
        for each in (matter, other):
            publish(each, small, starts_at=now, actor=TIMER, now=now)
    with django_assert_max_num_queries(len(few)):
        assert client.get(url).content.decode().count("<tr>") == 4
