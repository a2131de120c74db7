"""A draft's life: claimed, edited by two, refused, mended, reviewed by two departments, published at a set time."""

import copy
import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from matters.editing import actions as editing
from matters.editing.actions import DraftRefused, StaleDraft
from matters.editing.panels import load_panels, panel
from matters.models import DirectoryEntry, GuideDraft, GuideVersion, Matter, ReviewingAgency
from support.accounts.demo import JUSTICE_USCC, OFFICE_USCC, REGION_JUSTICE_USCC, REGION_OFFICE_USCC
from support.accounts.models import AgencyGrant
from support.calendars.actions import load_official
from support.places.models import Agency, Role
from support.records.models import AuditEvent
from tests.conftest import actor_of
from tests.matters.conftest import NOW, prove, text

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def panels(places):
    load_panels()


@pytest.fixture
def claimed(panels, editor, agency, new_matter):
    """A new draft of an entry that the agency's editor has claimed."""
    entry = new_matter().directory
    Matter.objects.filter(directory=entry).delete()
    return editing.claim(entry, agency, actor=actor_of(editor), now=NOW)


@pytest.fixture
def written(claimed, small, editor):
    load_official()
    draft = editing.save(claimed, small, seen=claimed.revision, actor=actor_of(editor), now=NOW)
    prove(draft, editor)
    return draft


@pytest.fixture
def departments(panels):
    return [Agency.objects.get(uscc=uscc) for uscc in (OFFICE_USCC, JUSTICE_USCC)]


@pytest.fixture
def asked(written, editor):
    return editing.submit(
        written, seen=written.revision, actor=actor_of(editor), now=NOW, starts_at=NOW + 3 * HOUR
    )


def agree(draft, department, who, **changes):
    given = {"comment": "", "seen": draft.revision, "actor": actor_of(who), "now": NOW} | changes
    return editing.review(draft, department, "approved", **given)


@pytest.fixture
def approved(asked, departments, office_reviewer, justice_reviewer):
    draft = agree(asked, departments[0], office_reviewer)
    return agree(draft, departments[1], justice_reviewer)


def test_a_claim_makes_code_and_draft_from_the_directory(claimed, agency):
    matter = claimed.matter
    assert matter.task_code == f"{agency.uscc}4{matter.directory.catalog_code}01"
    assert claimed.document["name"] == {"zh-hans": matter.directory.name}
    assert claimed.document["basis"] == [{"law": {"zh-hans": matter.directory.by_law}}]
    assert AuditEvent.objects.filter(verb="matters.claim", target__contains=str(claimed.uuid)).count() == 1


def test_a_second_claim_is_the_next_item(claimed, agency, editor):
    again = editing.claim(claimed.matter.directory, agency, actor=actor_of(editor), now=NOW)
    assert again.matter.task_code == claimed.matter.task_code[:-2] + "02"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"state": "2"}, "暂停"),
        ({"catalog_code": None}, "基本编码"),
        ({"use_level": "2^3"}, "行使层级"),
        ({"use_level": None}, "行使层级"),
    ],
)
def test_what_cannot_be_claimed_says_why(new_matter, agency, editor, changes, words):
    entry = new_matter().directory
    DirectoryEntry.objects.filter(pk=entry.pk).update(**changes)
    with pytest.raises(DraftRefused, match=words):
        editing.claim(entry, agency, actor=actor_of(editor), now=NOW)


@pytest.mark.parametrize("who", ["reviewer", "clerk", "citizen", "region_editor"])
def test_only_its_own_editor_claims_edits_and_submits(cast, who, claimed, agency, small):
    actor = actor_of(cast[who])
    with pytest.raises(PermissionDenied):
        editing.claim(claimed.matter.directory, agency, actor=actor, now=NOW)
    with pytest.raises(PermissionDenied):
        editing.save(claimed, small, seen=claimed.revision, actor=actor, now=NOW)
    with pytest.raises(PermissionDenied):
        editing.submit(claimed, seen=claimed.revision, actor=actor, now=NOW)
    with pytest.raises(PermissionDenied):
        editing.drop(claimed, seen=claimed.revision, actor=actor, now=NOW)


def test_the_second_of_two_editors_is_told_and_nothing_is_overwritten(written, editor, small):
    actor = actor_of(editor)
    first = {**copy.deepcopy(small), "name": text("先保存的")}
    editing.save(written, first, seen=written.revision, actor=actor, now=NOW)
    with pytest.raises(StaleDraft, match=editor.name) as told:
        editing.save(written, small, seen=written.revision, actor=actor, now=NOW)
    assert told.value.draft.document["name"]["zh-hans"] == "先保存的"
    assert GuideDraft.objects.get().document["name"]["zh-hans"] == "先保存的"


def test_a_draft_that_breaks_a_rule_is_not_submitted(written, editor, small):
    actor = actor_of(editor)
    wrong = {**copy.deepcopy(small), "visits": {"count": "1"}}
    draft = editing.save(written, wrong, seen=written.revision, actor=actor, now=NOW)
    with pytest.raises(DraftRefused) as told:
        editing.submit(draft, seen=draft.revision, actor=actor, now=NOW)
    assert "visits.reason" in {problem.path for problem in told.value.problems}
    draft.refresh_from_db()
    assert draft.state == "editing" and not draft.reviews.exists()


@pytest.mark.parametrize(
    ("times", "words"),
    [
        ({"starts_at": NOW - HOUR}, "过去"),
        ({"ends_at": NOW}, "晚于"),
        ({"starts_at": NOW + 2 * HOUR, "ends_at": NOW + HOUR}, "晚于"),
    ],
)
def test_times_that_make_no_sense_are_refused(written, editor, times, words):
    with pytest.raises(DraftRefused, match=words):
        editing.submit(written, seen=written.revision, actor=actor_of(editor), now=NOW, **times)


def test_two_departments_are_needed(written, editor, departments):
    ReviewingAgency.objects.filter(agency=departments[0]).delete()
    with pytest.raises(DraftRefused, match="两个"):
        editing.submit(written, seen=written.revision, actor=actor_of(editor), now=NOW)


def test_the_nearest_region_names_the_departments(panels, agency, departments):
    assert panel(agency) == sorted(departments, key=lambda a: a.pk)
    assert departments[1] in panel(departments[0]) and departments[0] not in panel(departments[0])
    ReviewingAgency.objects.filter(region=agency.region).delete()
    assert {each.uscc for each in panel(agency)} == {REGION_OFFICE_USCC, REGION_JUSTICE_USCC}


def test_both_agree_then_it_is_approved(asked, departments, office_reviewer, justice_reviewer):
    draft = agree(asked, departments[0], office_reviewer)
    assert draft.state == "review"
    assert agree(draft, departments[1], justice_reviewer).state == "approved"


def test_a_department_speaks_once_and_for_itself(
    asked, departments, office_reviewer, justice_reviewer, reviewer, agency
):
    with pytest.raises(PermissionDenied):
        agree(asked, departments[0], justice_reviewer)
    with pytest.raises(PermissionDenied, match="没有请"):
        agree(asked, agency, reviewer)
    draft = agree(asked, departments[0], office_reviewer)
    with pytest.raises(DraftRefused, match="已经审核"):
        agree(draft, departments[0], office_reviewer)
    with pytest.raises(StaleDraft):
        agree(asked, departments[1], justice_reviewer)


def test_who_wrote_neither_reviews_nor_publishes(approved, asked, departments, editor, agency):
    for at in (agency, departments[0]):
        AgencyGrant.objects.create(user=editor, permission=_permission(Role.REVIEWER), content_object=at)
    with pytest.raises(DraftRefused, match="参与了编写"):
        editing.publish(approved, seen=approved.revision, actor=actor_of(editor), now=NOW)
    GuideDraft.objects.update(state="review")
    with pytest.raises(DraftRefused, match="参与了编写"):
        agree(approved, departments[0], editor)


def _permission(role):
    from django.contrib.auth.models import Permission

    return Permission.objects.get(codename=role.value, content_type__app_label="places")


def test_returned_it_is_mended_and_reviewed_by_all_again(
    asked, departments, office_reviewer, justice_reviewer, editor
):
    with pytest.raises(DraftRefused, match="写明原因"):
        editing.review(asked, departments[0], "returned", comment=" ", seen=asked.revision,
                       actor=actor_of(office_reviewer), now=NOW)  # fmt: skip
    draft = editing.review(asked, departments[0], "returned", comment="依据写错了", seen=asked.revision,
                           actor=actor_of(office_reviewer), now=NOW)  # fmt: skip
    assert draft.state == "editing"
    draft = editing.submit(draft, seen=draft.revision, actor=actor_of(editor), now=NOW)
    assert draft.round == 2
    assert draft.reviews.filter(round=2, outcome=None).count() == 2
    assert draft.reviews.get(outcome="returned").comment == "依据写错了"
    agree(draft, departments[1], justice_reviewer)


def test_nothing_is_edited_while_under_review_but_it_can_be_taken_back(asked, editor, small):
    actor = actor_of(editor)
    with pytest.raises(DraftRefused, match="审核中"):
        editing.save(asked, small, seen=asked.revision, actor=actor, now=NOW)
    draft = editing.take_back(asked, seen=asked.revision, actor=actor, now=NOW)
    assert editing.save(draft, small, seen=draft.revision, actor=actor, now=NOW).state == "editing"


def test_it_is_in_force_at_its_time_not_before(approved, reviewer):
    version = editing.publish(approved, seen=approved.revision, actor=actor_of(reviewer), now=NOW + HOUR)
    assert version.validity.lower == NOW + 3 * HOUR
    assert not GuideVersion.objects.in_force(NOW + 2 * HOUR).exists()
    assert GuideVersion.objects.in_force(NOW + 3 * HOUR).get() == version
    approved.refresh_from_db()
    assert (approved.state, approved.version) == ("published", version)


def test_published_late_it_begins_on_publishing(approved, reviewer):
    now = NOW + 5 * HOUR
    version = editing.publish(approved, seen=approved.revision, actor=actor_of(reviewer), now=now)
    assert version.validity.lower == now


def test_only_approved_and_only_by_its_agencys_reviewer(asked, approved, cast, reviewer):
    for who in ("editor", "office_reviewer", "clerk"):
        with pytest.raises(PermissionDenied):
            editing.publish(approved, seen=approved.revision, actor=actor_of(cast[who]), now=NOW)
    GuideDraft.objects.update(state="review")
    with pytest.raises(DraftRefused, match="审核中"):
        editing.publish(approved, seen=approved.revision, actor=actor_of(reviewer), now=NOW)


def test_what_no_longer_passes_is_not_published(approved, reviewer):
    GuideDraft.objects.update(document={**approved.document, "visits": {"count": "1"}})
    with pytest.raises(DraftRefused, match="变化"):
        editing.publish(approved, seen=approved.revision, actor=actor_of(reviewer), now=NOW)
    assert not GuideVersion.objects.exists()


def test_a_revision_begins_from_what_is_in_force_and_there_is_one(approved, reviewer, editor):
    now = NOW + 4 * HOUR
    version = editing.publish(approved, seen=approved.revision, actor=actor_of(reviewer), now=now)
    draft = editing.revise(version.matter, actor=actor_of(editor), now=now)
    assert draft.based_on == version and "identity" not in draft.document
    assert editing.whole(draft) == version.document
    assert editing.revise(version.matter, actor=actor_of(editor), now=now) == draft
    with pytest.raises(IntegrityError), transaction.atomic():
        GuideDraft.objects.create(matter=version.matter, document={}, created_at=now, updated_at=now)


def test_a_planned_end_may_come_earlier_never_later(put_in_force):
    version = put_in_force()
    lower = version.validity.lower
    for upper in (NOW + 2 * HOUR, NOW + HOUR):
        GuideVersion.objects.update(validity=(lower, upper))
    for later in (NOW + 2 * HOUR, None):
        with pytest.raises(IntegrityError, match="brought forward"), transaction.atomic():
            GuideVersion.objects.update(validity=(lower, later))


@pytest.mark.parametrize(
    ("who", "sees"),
    [("editor", True), ("reviewer", True), ("office_reviewer", True), ("justice_reviewer", True),
     ("clerk", False), ("citizen", False), ("region_editor", False), ("region_office", False)],
)  # fmt: skip
def test_who_sees_a_draft(cast, asked, who, sees):
    assert GuideDraft.objects.visible_to(actor_of(cast[who])).exists() is sees


def test_a_department_that_was_not_asked_sees_nothing(cast, written):
    assert not GuideDraft.objects.visible_to(actor_of(cast["office_reviewer"])).exists()


def test_who_reviews_is_named_by_a_command(panels, agency):
    uscc = [OFFICE_USCC, REGION_JUSTICE_USCC]
    call_command("reviewers", agency.region_id, *uscc)
    assert {each.uscc for each in panel(agency)} == set(uscc)
    assert AuditEvent.objects.filter(verb="matters.reviewers").count() == 1


@pytest.mark.parametrize(
    ("region", "agencies", "words"),
    [
        ("999999999999", [OFFICE_USCC, JUSTICE_USCC], "行政区划"),
        ("640104000000", [OFFICE_USCC, "11640104YYYY00000X"], "没有统一社会信用代码"),
        ("640104000000", [OFFICE_USCC, OFFICE_USCC], "至少要有两个"),
    ],
)
def test_reviewers_that_cannot_be_are_refused(panels, region, agencies, words):
    before = set(ReviewingAgency.objects.values_list("region", "agency"))
    with pytest.raises(CommandError, match=words):
        call_command("reviewers", region, *agencies)
    assert set(ReviewingAgency.objects.values_list("region", "agency")) == before


def test_nobody_is_two_departments(asked, departments, office_reviewer):
    AgencyGrant.objects.create(
        user=office_reviewer, permission=_permission(Role.REVIEWER), content_object=departments[1]
    )
    draft = agree(asked, departments[0], office_reviewer)
    with pytest.raises(DraftRefused, match="其他部门"):
        agree(draft, departments[1], office_reviewer)


def test_who_sends_it_sets_its_times_and_so_does_not_review(written, editor, departments):
    GuideDraft.objects.update(editors=[])
    draft = editing.submit(written, seen=written.revision, actor=actor_of(editor), now=NOW)
    assert draft.editors == [editor.pk]
