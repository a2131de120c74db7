"""Changes of the directory: seven kinds, proposed, reviewed side by side, in force at their instant; emergencies."""

import datetime as dt
import threading

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction

from matters.changes import actions as changes
from matters.changes.actions import ChangeRefused, StaleChange
from matters.changes.rules import warnings
from matters.directory import Choice, browse
from matters.editing import actions as editing
from matters.models import (
    ChangedEntry,
    DirectoryChange,
    DirectoryEntry,
    DirectoryVersion,
    GuideVersion,
    Lineage,
    Matter,
    ReviewingAgency,
    SearchEntry,
)
from matters.search import Wish, search
from support.accounts.demo import MARKET_USCC, REGION_JUSTICE_USCC
from support.accounts.models import AgencyGrant
from support.places.models import Agency, Role
from support.records.actor import VISITOR
from support.records.models import AuditEvent
from tests.conftest import actor_of
from tests.matters.changing import HOUR, LAW, THEN, TICK, content, part
from tests.matters.conftest import NOW


def listed(at, q=""):
    return {entry.name for entry in browse(Choice(q=q), actor=VISITOR, at=at).entries}


def open_(matter, at):
    """Whether the matter is open at `at`, by every door that asks."""
    answers = {
        Matter.objects.open(at).filter(pk=matter.pk).exists(),
        GuideVersion.objects.open_at(at).filter(matter=matter).exists(),
        SearchEntry.objects.in_force(at).filter(guide__matter=matter).exists(),
        search(Wish(q="招牌"), actor=VISITOR, at=at).total > 0,
        search(Wish(), actor=VISITOR, at=at).total > 0,
    }
    assert len(answers) == 1
    return answers.pop()


# --- kinds -------------------------------------------------------------------------------------------


def test_new_is_there_from_its_instant_and_not_before(propose, decide, agency, editor, region_editor):
    change = decide(propose("new", proposed=[part(500, "夜市摊位登记")], starts_at=THEN))
    assert (change.state, change.in_force_from) == ("approved", THEN)
    made = DirectoryEntry.objects.get(catalog_code="640799500000")
    assert made.region_code == "640000000000"
    assert "夜市摊位登记" not in listed(THEN - TICK)
    with pytest.raises(editing.DraftRefused, match="不能认领"):
        editing.claim(made, agency, actor=actor_of(editor), now=THEN - TICK)
    assert editing.claim(made, agency, actor=actor_of(editor), now=THEN).matter.directory == made
    assert "夜市摊位登记" in listed(THEN)
    assert AuditEvent.objects.filter(target=f"matters.directorychange:{change.uuid}").count() == 4


def test_a_change_of_facts_shows_at_its_instant_and_is_stamped_on_the_next_guide(
    propose, decide, sign, entry, small, region_editor
):
    decide(propose("change", entry, proposed=[part(1, "店招登记", by_law="《示例条例》")], starts_at=THEN))
    assert "店招登记" not in listed(THEN - TICK, q="店招")
    entry.refresh_from_db()
    assert (entry.as_of(THEN - TICK).name, entry.as_of(THEN).name) == ("户外招牌设置登记", "店招登记")
    assert listed(THEN, q="店招") == {"店招登记"}
    entry.refresh_from_db()
    assert (entry.name, entry.version, entry.facts_version, entry.changes_at) == ("店招登记", 2, 2, None)
    assert sign.document["identity"]["directory_version"] == 1  # the published one keeps its identity
    assert open_(sign.matter, THEN)
    document = {k: v for k, v in sign.document.items() if k != "identity"}
    from matters.actions import complete

    assert complete(sign.matter, document, THEN)["identity"]["directory_version"] == 2


def test_a_split_closes_the_old_entry_and_opens_the_new_ones_in_the_same_instant(
    propose, decide, sign, entry
):
    parts = [part(501, "落地招牌登记"), part(502, "墙面招牌登记")]
    change = decide(propose("split", entry, proposed=parts, starts_at=THEN))
    assert open_(sign.matter, THEN - TICK) and listed(THEN - TICK, q="招牌") == {"户外招牌设置登记"}
    assert not open_(sign.matter, THEN) and listed(THEN, q="招牌") == {"落地招牌登记", "墙面招牌登记"}
    pairs = Lineage.objects.filter(change=change).values_list("before__name", "after__name")
    assert set(pairs) == {("户外招牌设置登记", "落地招牌登记"), ("户外招牌设置登记", "墙面招牌登记")}


def test_a_merger_makes_one_of_several(propose, decide, sign, entry, new_matter):
    other = new_matter(2).directory
    change = decide(propose("merge", entry, other, proposed=[part(503, "招牌综合登记")]))
    assert listed(NOW, q="招牌") == {"招牌综合登记"}
    assert Lineage.objects.filter(change=change, after__name="招牌综合登记").count() == 2


def test_suspended_at_one_instant_and_resumed_at_another(propose, decide, sign, entry):
    decide(propose("suspend", entry, starts_at=THEN))
    assert open_(sign.matter, THEN - TICK) and not open_(sign.matter, THEN)
    assert "户外招牌设置登记" in listed(THEN)  # listed, as suspended
    later = THEN + 5 * HOUR
    decide(propose("resume", entry, starts_at=later), now=THEN + HOUR)
    assert not open_(sign.matter, later - TICK) and open_(sign.matter, later)
    assert [v.state for v in entry.versions.order_by("version")] == ["1", "2", "1"]
    assert {v.facts_version for v in entry.versions.all()} == {1}


def test_cancelled_is_gone(propose, decide, sign, entry):
    decide(propose("cancel", entry, effect="end", effect_note="《示例条例》已废止", starts_at=THEN))
    assert open_(sign.matter, THEN - TICK) and not open_(sign.matter, THEN)
    assert listed(THEN - TICK) and not listed(THEN)


def test_reviewed_late_it_begins_on_approval(propose, submit, judge, sign, entry):
    change = submit(propose("suspend", entry, starts_at=THEN))
    late = THEN + HOUR
    change = judge(change, 0, now=late)
    assert open_(sign.matter, late)
    change = judge(change, 1, now=late)
    assert change.in_force_from == late and not open_(sign.matter, late)


def test_the_row_says_the_same_before_and_after_it_is_brought_up_to_date(propose, decide, sign, entry):
    decide(propose("suspend", entry, starts_at=THEN))
    for _ in range(2):
        assert not open_(sign.matter, THEN)
        DirectoryEntry.objects.project(THEN)
    entry.refresh_from_db()
    assert (entry.state, entry.version, entry.changes_at) == ("2", 2, None)


# --- what is refused ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "given", "path", "words"),
    [
        ("new", {"proposed": []}, "parts", "应为 1 个"),
        ("split", {"proposed": [part(501, "甲")]}, "parts", "应为 2–20 个"),
        ("new", {"reason": " "}, "reason", "理由"),
        ("new", {"basis": "有关规定"}, "basis", "书名号"),
        ("new", {"effect": "relieve"}, "effect", "不得加重"),
        ("new", {"effect": "more"}, "effect", "不得加重"),
        ("cancel", {"effect": "end"}, "effect_note", "废止"),
        ("change", {"effect": "relieve", "proposed": [part(1, "甲")]}, "effect_note", "减少"),
        ("new", {"proposed": [part(501, "")]}, "parts[0].name", "名称"),
        ("new", {"proposed": [part(501, "甲", task_type="77")]}, "parts[0].task_type", "类型"),
        ("new", {"proposed": [part(501, "甲", use_level="")]}, "parts[0].use_level", "层级"),
        ("new", {"proposed": [part(501, "甲", by_law="有关规定")]}, "parts[0].by_law", "书名号"),
        ("new", {"proposed": [part(501, "甲", catalog_code="64079950100")]}, "parts[0].catalog_code", "12 位"),
        ("new", {"proposed": [part(501, "甲", catalog_code="５４0799501000")]}, "parts[0].catalog_code", "12 位"),
        ("new", {"proposed": [part(501, "甲", catalog_code="510799501000")]}, "parts[0].catalog_code", "地区"),
        ("new", {"proposed": [part(501, "甲", catalog_code="640199501000")]}, "parts[0].catalog_code", "类型"),
        ("new", {"proposed": [part(501, "甲", catalog_code="640700000000")]}, "parts[0].catalog_code", "主项"),
        ("new", {"proposed": [part(501, "甲", catalog_code="")]}, "parts[0].catalog_code", "请填写"),
        ("new", {"proposed": [part(1, "甲")]}, "parts[0].catalog_code", "已经是“户外招牌设置登记”"),
        ("split", {"proposed": [part(501, "甲"), part(501, "乙")]}, "parts", "2 次"),
        ("change", {"proposed": [part(1, "甲", task_type="05")]}, "parts[0].task_type", "取消后新增"),
        ("resume", {}, "entries", "“在用”"),
        ("cancel", {"resumes_on": dt.date(2027, 1, 1)}, "resumes_on", "只有暂停"),
        ("suspend", {"resumes_on": dt.date(2026, 11, 23)}, "resumes_on", "晚于"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_at_its_field(propose, submit, entry, kind, given, path, words):
    concerned = [] if kind == "new" else [entry]
    given = {"proposed": [part(501, "甲")]} | given if kind == "new" else given
    change = propose(kind, *concerned, **given)
    with pytest.raises(ChangeRefused) as told:
        submit(change)
    assert path in {problem.path for problem in told.value.problems}
    assert any(words in problem.message for problem in told.value.problems if problem.path == path)
    change.refresh_from_db()
    assert change.state == "draft" and not change.reviews.exists()


def test_a_planned_time_that_has_passed_is_refused(propose, submit, entry):
    with pytest.raises(ChangeRefused, match="已经过去"):
        submit(propose("suspend", entry, starts_at=NOW - TICK))


@pytest.mark.parametrize(
    ("by_law", "fine"),
    [("《食品经营许可和备案管理办法》", False), ("《示例通知》", False), ("《银川市示例管理办法》", False),
     ("《示例法》", True), ("《宁夏回族自治区示例条例》", True), ("《宁夏回族自治区示例管理办法》", True)],
)  # fmt: skip
def test_a_licence_is_set_by_law_or_regulation_only(propose, submit, by_law, fine):
    change = propose(
        "new", proposed=[part(0, "甲许可", catalog_code="640199501000", task_type="01", by_law=by_law)]
    )
    if fine:
        assert submit(change).state == "review"
        return
    with pytest.raises(ChangeRefused) as told:
        submit(change)
    assert "行政许可法第十四条" in told.value.problems[0].message


def test_a_licence_by_a_provincial_rule_ends_after_a_year_unless_a_regulation_follows(propose, decide, entry):
    rule, code = "《宁夏回族自治区示例管理办法》", {"catalog_code": "640199501000", "task_type": "01"}
    change = propose("new", proposed=[part(0, "甲许可", by_law=rule, **code)])
    assert "一年" in warnings(change)[0]
    decide(change)
    year = NOW + dt.timedelta(days=365)
    assert "甲许可" in listed(year - TICK, q="甲") and not listed(year, q="甲")
    made = DirectoryEntry.objects.get(catalog_code="640199501000")
    later = year - dt.timedelta(days=9)
    lasting = part(0, "甲许可", by_law="《宁夏回族自治区示例条例》", **code)
    DirectoryEntry.objects.project(NOW, [made.pk])
    decide(propose("change", made, proposed=[lasting]), now=later)
    assert listed(year, q="甲") == {"甲许可"}


def test_other_matters_on_a_notice_alone_are_pointed_out(propose):
    assert "规范性文件" in warnings(propose("new", proposed=[part(501, "甲", by_law="《示例通知》")]))[0]
    assert warnings(propose("new", proposed=[part(501, "甲")])) == []


def test_a_county_keeps_only_its_own_directory(panels, agency, editor, entry, new_matter):
    actor = actor_of(editor)

    def told(kind, *entries, **given):
        change = changes.propose(kind, agency, content(*entries, **given), actor=actor, now=NOW)
        with pytest.raises(ChangeRefused) as refused:
            changes.submit(change, seen=1, actor=actor, now=NOW)
        return "".join(problem.message for problem in refused.value.problems)

    assert "不属于本级目录" in told("suspend", entry)
    assert "自治区部门申请" in told("new", proposed=[part(501, "甲")])
    assert "不能用国家编码" in told(
        "new", proposed=[part(0, "甲", catalog_code="", local_catalog_code="000799501000")]
    )
    taken = part(0, "甲", catalog_code="", local_catalog_code=entry.catalog_code)
    assert "已经是" in told("new", proposed=[taken])
    foreign = DirectoryEntry.objects.create(name="他处", task_type="07", source="别处", source_code="1")
    assert "其他地区" in told("cancel", foreign)


def test_a_countys_own_entry_is_its_own_and_can_be_claimed_there_only(
    panels, agency, agency_elsewhere, editor, cast, entry, office_reviewer, justice_reviewer
):
    own = part(0, "本区摊位登记", catalog_code="", local_catalog_code="640799601000")
    actor = actor_of(editor)
    change = changes.propose("new", agency, content(proposed=[own]), actor=actor, now=NOW)
    change = changes.submit(change, seen=1, actor=actor, now=NOW)
    for row, who in zip(
        change.reviews.order_by("agency_id"), (office_reviewer, justice_reviewer), strict=True
    ):
        at = row.agency
        if not actor_of(who).holds(Role.REVIEWER, at.pk):
            who = justice_reviewer if who == office_reviewer else office_reviewer
        change = changes.review(
            change, at, "approved", comment="", seen=change.revision, actor=actor_of(who), now=NOW
        )
    made = DirectoryEntry.objects.get(local_catalog_code="640799601000")
    assert (made.region_code, made.state, made.code) == (agency.region_id, "1", "640799601000")

    def names(region):
        return {e.name for e in browse(Choice(region=region), actor=VISITOR, at=NOW).entries}

    assert names(agency.region_id) == {"本区摊位登记", entry.name}
    assert names(agency_elsewhere.region_id) == names("640000000000") == {entry.name}
    assert (
        editing.claim(made, agency, actor=actor, now=NOW).matter.task_code == f"{agency.uscc}464079960100001"
    )
    AgencyGrant.objects.create(
        user=editor, permission=_permission(Role.EDITOR), content_object=agency_elsewhere
    )
    with pytest.raises(editing.DraftRefused, match="其他地区"):
        editing.claim(made, agency_elsewhere, actor=actor_of(editor), now=NOW)


def _permission(role):
    from django.contrib.auth.models import Permission

    return Permission.objects.get(codename=role.value, content_type__app_label="places")


# --- who, when, twice --------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["editor", "region_office", "clerk", "citizen"])
def test_only_an_editor_of_the_department_proposes_saves_submits_and_takes_back(
    cast, who, propose, market, entry
):
    actor, change = actor_of(cast[who]), propose("suspend", entry)
    for act in (
        lambda: changes.propose("suspend", market, content(entry), actor=actor, now=NOW),
        lambda: changes.save(change, content(entry), seen=1, actor=actor, now=NOW),
        lambda: changes.submit(change, seen=1, actor=actor, now=NOW),
        lambda: changes.take_back(change, seen=1, actor=actor, now=NOW),
        lambda: changes.drop(change, seen=1, actor=actor, now=NOW),
    ):
        with pytest.raises(PermissionDenied):
            act()


def test_the_second_of_two_editors_is_told(propose, region_editor, entry):
    change, actor = propose("suspend", entry), actor_of(region_editor)
    changes.save(change, content(entry, reason="先保存的"), seen=1, actor=actor, now=NOW)
    with pytest.raises(StaleChange, match=region_editor.name):
        changes.save(change, content(entry), seen=1, actor=actor, now=NOW)
    change.refresh_from_db()
    assert change.reason == "先保存的"


def test_two_departments_are_needed(propose, submit, region_departments, entry):
    ReviewingAgency.objects.filter(agency=region_departments[0]).delete()
    with pytest.raises(ChangeRefused, match="两个"):
        submit(propose("suspend", entry))


def test_the_second_request_on_an_entry_is_told_until_the_first_is_in_force(
    propose, submit, judge, entry, decide
):
    submit(propose("change", entry, proposed=[part(1, "甲")], starts_at=THEN))
    with pytest.raises(ChangeRefused, match="已有.*市场监督管理厅提出的“变更”申请（审核中）"):
        submit(propose("suspend", entry))
    first = DirectoryChange.objects.get(kind="change")
    judge(judge(first, 0), 1)
    with pytest.raises(ChangeRefused, match="审核通过"):
        submit(propose("suspend", entry))
    assert submit(propose("suspend", entry), now=THEN).state == "review"
    with pytest.raises(IntegrityError), transaction.atomic():
        ChangedEntry.objects.update(open=True)


def test_returned_with_its_reasons_mended_and_reviewed_by_both_again(
    propose, submit, judge, region_editor, entry
):
    change = judge(submit(propose("suspend", entry)), 0)
    with pytest.raises(ChangeRefused, match="写明原因"):
        judge(change, 1, "returned")
    change = judge(change, 1, "returned", comment="依据写错了")
    assert change.state == "draft" and not ChangedEntry.objects.filter(open=True).exists()
    with pytest.raises(ChangeRefused, match="起草中"):
        judge(change, 0)
    changes.save(
        change, content(entry, reason="改好了"), seen=change.revision, actor=actor_of(region_editor), now=NOW
    )
    change = submit(DirectoryChange.objects.get())
    assert change.round == 2 and change.reviews.filter(round=2, outcome=None).count() == 2
    assert judge(judge(change, 0), 1).state == "approved"


def test_a_department_speaks_once_and_for_itself_and_the_other_need_not_look_again(
    propose, submit, judge, region_departments, region_justice, market, entry, cast, region_editor
):
    change = submit(propose("suspend", entry))
    page_of_the_other = change
    with pytest.raises(PermissionDenied):
        changes.review(change, region_departments[0], "approved", comment="", seen=change.revision,
                       actor=actor_of(region_justice), now=NOW)  # fmt: skip
    change = judge(change, 0)
    with pytest.raises(ChangeRefused, match="已经审核"):
        judge(change, 0)
    for at in (region_departments[1], market):
        AgencyGrant.objects.create(
            user=region_editor, permission=_permission(Role.REVIEWER), content_object=at
        )
    with pytest.raises(ChangeRefused, match="参与了申请"):
        changes.review(change, region_departments[1], "approved", comment="", seen=change.revision,
                       actor=actor_of(region_editor), now=NOW)  # fmt: skip
    AgencyGrant.objects.create(
        user=region_justice, permission=_permission(Role.REVIEWER), content_object=market
    )
    with pytest.raises(PermissionDenied, match="没有请"):
        changes.review(change, market, "approved", comment="", seen=change.revision,
                       actor=actor_of(region_justice), now=NOW)  # fmt: skip
    assert judge(page_of_the_other, 1).state == "approved"
    with pytest.raises(StaleChange):
        judge(page_of_the_other, 1)


def test_under_review_nothing_is_edited_but_it_can_be_taken_back_and_dropped(
    propose, submit, region_editor, entry
):
    change, actor = submit(propose("suspend", entry)), actor_of(region_editor)
    with pytest.raises(ChangeRefused, match="审核中"):
        changes.save(change, content(entry), seen=change.revision, actor=actor, now=NOW)
    with pytest.raises(ChangeRefused, match="审核中"):
        changes.drop(change, seen=change.revision, actor=actor, now=NOW)
    change = changes.take_back(change, seen=change.revision, actor=actor, now=NOW)
    assert not ChangedEntry.objects.filter(open=True).exists()
    changes.drop(change, seen=change.revision, actor=actor, now=NOW)
    assert DirectoryChange.objects.get().state == "dropped"


def test_what_no_longer_holds_is_not_put_in_force(propose, submit, judge, entry):
    change = judge(submit(propose("new", proposed=[part(501, "甲")])), 0)
    DirectoryEntry.objects.create(catalog_code="640799501000", name="抢先", task_type="07")
    with pytest.raises(ChangeRefused, match="有变化") as told:
        judge(change, 1)
    assert "抢先" in told.value.problems[0].message
    change.refresh_from_db()
    assert change.state == "review" and change.reviews.filter(outcome=None).count() == 1


# --- emergencies -------------------------------------------------------------------------------------


def test_an_emergency_is_in_force_at_once_and_reviewed_afterwards(emergency, sign, entry, judge):
    change = emergency(entry)
    assert not open_(sign.matter, NOW)
    assert change.awaits_review and change.is_in_force(NOW)
    assert change.review_due_on == dt.date(2026, 11, 30)  # five working days after a Monday
    assert [row.agency.uscc for row in change.reviews.all()] == [REGION_JUSTICE_USCC]
    with pytest.raises(ChangeRefused, match="不是“在用”"):
        emergency(entry)
    assert judge(change, 1).state == "approved" and not open_(sign.matter, NOW)


def test_a_review_that_disagrees_lifts_it(emergency, sign, entry, judge):
    change = judge(emergency(entry), 1, "returned", comment="没有险情", now=THEN)
    assert change.state == "lifted" and not change.is_in_force(THEN)
    assert open_(sign.matter, THEN)
    assert [v.state for v in entry.versions.order_by("version")] == ["1", "2", "1"]


def test_what_was_planned_stands_but_is_held_by_an_emergency(emergency, propose, decide, sign, entry, judge):
    decide(propose("change", entry, proposed=[part(1, "店招登记")], starts_at=THEN))
    entry.refresh_from_db()
    held = emergency(entry)
    assert not open_(sign.matter, NOW) and not open_(sign.matter, THEN)
    judge(held, 1, "returned", comment="没有险情", now=NOW + HOUR)
    assert open_(sign.matter, NOW + HOUR) and open_(sign.matter, THEN)
    entry.refresh_from_db()
    assert entry.as_of(THEN).name == "店招登记"


def test_lifting_an_emergency_leaves_a_planned_suspension(emergency, propose, decide, sign, entry, judge):
    decide(propose("suspend", entry, starts_at=THEN))
    judge(emergency(entry), 1, "returned", comment="没有险情", now=NOW + HOUR)
    assert open_(sign.matter, NOW + HOUR) and not open_(sign.matter, THEN)


def test_a_change_decided_during_an_emergency_stays_suspended_until_lifted(
    emergency, propose, decide, sign, entry, judge
):
    held = emergency(entry)
    decide(propose("change", entry, proposed=[part(1, "店招登记")]), now=NOW + HOUR)
    assert not open_(sign.matter, NOW + HOUR)
    judge(held, 1, "returned", comment="没有险情", now=NOW + 2 * HOUR)
    assert open_(sign.matter, NOW + 2 * HOUR)


@pytest.mark.parametrize(
    ("who", "uscc"), [("region_editor", MARKET_USCC), ("agency_head", None), ("reviewer", None)]
)
def test_who_may_not_suspend_at_once(cast, agency, entry, who, uscc):
    at = Agency.objects.get(uscc=uscc) if uscc else agency
    with pytest.raises(PermissionDenied):
        changes.suspend_at_once(entry, at, reason="险情", basis=LAW, actor=actor_of(cast[who]), now=NOW)


def test_the_head_of_an_agency_of_the_level_may(cast, market, entry, agency_head):
    AgencyGrant.objects.create(
        user=agency_head, permission=_permission(Role.AGENCY_HEAD), content_object=market
    )
    actor = actor_of(agency_head)
    change = changes.suspend_at_once(entry, market, reason="险情", basis=LAW, actor=actor, now=NOW)
    assert change.reviews.count() == 2
    with pytest.raises(ChangeRefused, match="理由"):
        changes.suspend_at_once(entry, market, reason="险情", basis="无", actor=actor, now=NOW)


# --- what is kept ------------------------------------------------------------------------------------


@pytest.mark.parametrize("edit", [
    {"name": "别的"}, {"state": "1"}, {"version": 9}, {"validity": (NOW, NOW + 9 * HOUR)},
    {"validity": (NOW - HOUR, None)}, {"validity": (NOW, None)},
])  # fmt: skip
def test_a_version_cannot_be_changed(propose, decide, entry, edit):
    decide(propose("suspend", entry))
    decide(propose("resume", entry, starts_at=THEN))
    version = entry.versions.get(version=2)
    with pytest.raises(IntegrityError, match="decided"), transaction.atomic():
        DirectoryVersion.objects.filter(pk=version.pk).update(**edit)
    with pytest.raises(IntegrityError, match="deleted"), transaction.atomic():
        DirectoryVersion.objects.filter(pk=version.pk).delete()


def test_two_versions_are_never_in_force_at_once(propose, decide, entry):
    decide(propose("suspend", entry, starts_at=THEN))
    row = entry.versions.get(version=2)
    row.pk, row.version = None, 7
    with pytest.raises(IntegrityError, match="one_directory_version_in_force"), transaction.atomic():
        row.save(force_insert=True)


@pytest.mark.parametrize(
    ("who", "sees"),
    [("region_editor", True), ("region_office", True), ("region_justice", True), ("editor", False),
     ("reviewer", False), ("office_reviewer", False), ("clerk", False), ("citizen", False)],
)  # fmt: skip
def test_who_sees_a_request_before_it_is_decided(cast, propose, submit, judge, entry, who, sees):
    change = submit(propose("suspend", entry))
    seen = DirectoryChange.objects.visible_to(actor_of(cast[who]))
    assert seen.exists() is sees
    judge(judge(change, 0), 1)
    assert seen.exists()


@pytest.mark.django_db(transaction=True)
def test_two_approvals_at_once_put_it_in_force_once(propose, submit, judge, entry):
    change = submit(propose("suspend", entry))
    faults = []

    def agree(which):
        try:
            judge(change, which)
        except Exception as error:
            faults.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=agree, args=(which,)) for which in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
    change.refresh_from_db()
    assert change.state == "approved" and entry.versions.count() == 2
