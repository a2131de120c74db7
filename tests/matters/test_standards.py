"""A standard: proposed by a department of the province, reviewed by two, tried, put in force or ended."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from evaluations.trials import figures
from matters.actions import GuideRefused, publish
from matters.checks import warnings
from matters.compare import standards
from matters.compare.standards import StandardRefused
from matters.editing.panels import load_panels, panel
from matters.models import Standard
from support.accounts.models import AgencyGrant
from support.calendars.actions import load_official
from support.places.models import Agency, Role
from support.records.actor import TIMER
from support.records.models import AuditEvent
from tests.conftest import actor_of

DAY = dt.timedelta(days=1)


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def version(matter, small, now):
    return publish(matter, small, starts_at=now - 30 * DAY, actor=TIMER, now=now - 30 * DAY)


@pytest.fixture
def department(region_editor):
    load_panels()
    found = actor_of(region_editor).agencies_with(Role.EDITOR)
    return Agency.objects.select_related("region").get(pk=min(found))


@pytest.fixture
def decider(region_office, department):
    """A reviewer of the department itself, with another's hand than the author's."""
    from django.contrib.auth.models import Permission

    may = Permission.objects.get(codename=Role.REVIEWER.value, content_type__app_label="places")
    AgencyGrant.objects.create(user=region_office, permission=may, content_object=department)
    return region_office


@pytest.fixture
def proposed(version, department, region_editor, now):
    return standards.propose(version, department, actor=actor_of(region_editor), now=now)


def agree(standard, who, now, outcome="approved", comment=""):
    actor = actor_of(who)
    for agency in panel(standard.agency):
        if actor.holds(Role.REVIEWER, agency.pk):
            return standards.review(standard, agency, outcome, comment=comment, actor=actor, now=now)
    raise AssertionError("not of the panel")


@pytest.fixture
def approved(proposed, region_office, region_justice, now):
    assert agree(proposed, region_office, now).state == "review"
    return agree(proposed, region_justice, now)


@pytest.fixture
def tried(approved, decider, agency, now):
    return standards.try_out(approved, [agency.region], starts_at=now, ends_at=now + 30 * DAY,
                             actor=actor_of(decider), now=now)  # fmt: skip


def longer(small):
    return {**small, "terms": {**small["terms"], "promised": {"amount": 5, "unit": "workday"}}}


def test_from_proposal_to_force_it_warns_then_binds(tried, decider, matter, small, version, now):
    draft = {**version.document, "terms": longer(small)["terms"]}
    assert [problem.code for problem in warnings(draft)] == ["N02"]
    standards.put_in_force(tried, actor=actor_of(decider), now=now + DAY)
    with pytest.raises(GuideRefused) as told:
        publish(matter, longer(small), starts_at=now + DAY, actor=TIMER, now=now)
    assert [problem.code for problem in told.value.problems] == ["N01"]
    assert "承诺办结时限 3 → 5 个工作日" in str(told.value)
    assert AuditEvent.objects.filter(verb="matters.standard.in_force").count() == 1


def test_a_new_standard_takes_the_place_of_the_old(tried, decider, version, department, region_editor, now):
    standards.put_in_force(tried, actor=actor_of(decider), now=now)
    again = standards.propose(version, department, actor=actor_of(region_editor), now=now)
    Standard.objects.filter(pk=again.pk).update(state="trial", starts_at=now, ends_at=now + DAY)
    standards.put_in_force(again, actor=actor_of(decider), now=now)
    tried.refresh_from_db()
    assert (tried.state, tried.reason) == ("ended", "由新的标准代替。")


@pytest.mark.parametrize("who", ["editor", "region_office", "supervisor", "citizen"])
def test_only_an_editor_of_the_province_proposes(cast, who, version, department, now):
    with pytest.raises(PermissionDenied):
        standards.propose(version, department, actor=actor_of(cast[who]), now=now)


def test_one_at_a_time(proposed, version, department, region_editor, now):
    with pytest.raises(StandardRefused, match="已经有一份"):
        standards.propose(version, department, actor=actor_of(region_editor), now=now)


def test_returned_with_reasons(proposed, region_justice, now):
    with pytest.raises(StandardRefused, match="写明原因"):
        agree(proposed, region_justice, now, outcome="returned")
    assert agree(proposed, region_justice, now, outcome="returned", comment="依据不足").state == "returned"


def test_a_department_speaks_once(proposed, region_justice, now):
    agree(proposed, region_justice, now)
    with pytest.raises(StandardRefused, match="已经审核过"):
        agree(proposed, region_justice, now)


def test_the_author_does_not_decide(approved, region_editor, department, agency, now):
    from django.contrib.auth.models import Permission

    may = Permission.objects.get(codename=Role.REVIEWER.value, content_type__app_label="places")
    AgencyGrant.objects.create(user=region_editor, permission=may, content_object=department)
    with pytest.raises(PermissionDenied):
        standards.try_out(approved, [agency.region], starts_at=now, ends_at=now + DAY,
                          actor=actor_of(region_editor), now=now)  # fmt: skip


@pytest.mark.parametrize(("starts", "ends", "regions"), [(-2, 5, True), (0, 0, True), (0, 5, False)])
def test_a_trial_that_makes_no_sense(approved, decider, agency, now, starts, ends, regions):
    with pytest.raises(StandardRefused):
        standards.try_out(approved, [agency.region] if regions else [], starts_at=now + starts * DAY,
                          ends_at=now + ends * DAY, actor=actor_of(decider), now=now)  # fmt: skip


def test_nothing_comes_into_force_untried(approved, tried, decider, now):
    Standard.objects.update(starts_at=now + 2 * DAY)
    with pytest.raises(StandardRefused, match="还没有开始"):
        standards.put_in_force(tried, actor=actor_of(decider), now=now)
    Standard.objects.update(state="approved")
    with pytest.raises(StandardRefused, match="审核通过"):
        standards.put_in_force(tried, actor=actor_of(decider), now=now)


def test_a_trial_is_ended_with_a_reason(tried, decider, now):
    with pytest.raises(StandardRefused, match="原因"):
        standards.end(tried, " ", actor=actor_of(decider), now=now)
    assert standards.end(tried, "效果不好", actor=actor_of(decider), now=now).state == "ended"


def test_figures_of_nothing_are_no_figures(tried, now):
    inside, outside = figures(tried, now + DAY)
    assert (inside.closed, inside.days, inside.stars, outside.closed) == (0, None, None, 0)


def test_figures_count_the_cases_closed_during_the_trial_in_and_out_of_its_regions(
    tried, version, citizen, now
):
    from applications.models import Application, State

    load_official()
    party = actor_of(citizen).party_id
    start = dt.datetime(2026, 9, 30, 10, tzinfo=dt.UTC)  # a Wednesday; seven days of holiday, then Thursday
    Standard.objects.update(starts_at=start, ends_at=start + 30 * DAY)
    tried.refresh_from_db()
    for n, (region, closed) in enumerate(
        [
            ("640104000000", start + 8 * DAY),  # the 8th: one working day later
            ("640104000000", start + 9 * DAY),
            ("640106000000", start + 9 * DAY),
            ("640104000000", start + 31 * DAY),  # after the trial
            ("450000000000", start + 8 * DAY),  # another province
        ]
    ):
        Application.objects.create(
            number=f"T{n}", key=f"t{n}", matter=version.matter, guide=version, agency=version.matter.agency,
            region_code=region, party_id=party, filed_by=citizen, state=State.GRANTED, received_at=start,
            closed_at=closed, deemable=False,
        )  # fmt: skip
    inside, outside = figures(tried, start + 60 * DAY)
    assert (inside.closed, inside.days) == (2, 1.5)
    assert (outside.closed, outside.days) == (1, 2.0)
    assert inside.stars is None


# --- pages ---------------------------------------------------------------------------------------


def test_the_whole_way_through_the_pages(
    client, version, department, region_editor, region_office, region_justice, decider, agency
):
    client.force_login(region_editor)
    ask = reverse("catalogue:standard_propose", args=[version.matter.uuid, 1])
    assert "提出，送审" in client.get(ask).content.decode()
    page = client.post(ask).headers["Location"]
    for who in (region_office, region_justice):
        client.force_login(who)
        mine = actor_of(who)
        body = next(a for a in panel(department) if mine.holds(Role.REVIEWER, a.pk))
        assert "审核意见" in client.get(page).content.decode()
        client.post(page, {"act": "approved", "agency": str(body.uuid)})
    client.force_login(decider)
    assert "开始试点" in client.get(page).content.decode()
    today = timezone.localdate()
    missing = client.post(page, {"act": "trial", "starts_on": today, "ends_on": today + 30 * DAY})
    assert "请选择至少一个试点地区" in missing.content.decode()
    client.post(
        page, {"act": "trial", "regions": agency.region_id, "starts_on": today, "ends_on": today + 30 * DAY}
    )
    shown = client.get(page).content.decode()
    assert "试点情况" in shown and "办结件数" in shown
    client.post(page, {"act": "in_force"})
    assert Standard.objects.get().state == "in_force"
    assert "登记" in client.get(reverse("catalogue:standards")).content.decode()


def test_a_proposal_is_seen_by_those_it_concerns(client, proposed, cast):
    page = reverse("catalogue:standard", args=[proposed.uuid])
    for who, status in (
        ("region_editor", 200),
        ("region_justice", 200),
        ("editor", 404),
        ("supervisor", 403),
    ):
        client.force_login(cast[who])
        assert client.get(page).status_code == status
    client.force_login(cast["region_justice"])
    for posted in ({"act": "approved", "agency": "nonsense"}, {"act": "dance"}, {}):
        assert client.post(page, posted).status_code == 200
    assert Standard.objects.get().state == "review"
