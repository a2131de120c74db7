"""自测: an author's tests run on the real code, leave nothing, and keep a wrong definition from going live."""

import copy

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from applications.models import Application, CaseEvent
from certificates.models import Certificate
from matters import trials
from matters.actions import load_samples
from matters.editing import actions as editing
from matters.editing.actions import DraftRefused
from matters.editing.panels import load_panels
from matters.models import GuideVersion, Matter, Trial
from matters.trials import Act, Expected, Script
from support.accounts.models import Party, User
from support.calendars.actions import load_official
from support.documents.models import Document, Upload
from support.notices.models import Notice
from support.records.models import AuditEvent
from tests.conftest import actor_of
from tests.matters.conftest import NOW, prove, text
from tests.matters.situations import with_situations

pytestmark = pytest.mark.django_db
TABLES = (Application, CaseEvent, Certificate, Document, GuideVersion, Matter, Notice, Party, Upload, User)


@pytest.fixture
def draft(new_matter, agency, editor, small):
    load_official()
    load_panels()
    entry = new_matter().directory
    Matter.objects.filter(directory=entry).delete()
    claimed = editing.claim(entry, agency, actor=actor_of(editor), now=NOW)
    return editing.save(claimed, small, seen=claimed.revision, actor=actor_of(editor), now=NOW)


def save(draft, editor, **changes):
    document = {**copy.deepcopy(draft.document), **changes}
    return editing.save(draft, document, seen=draft.revision, actor=actor_of(editor), now=NOW)


def keep(draft, editor, script, purpose="other", trial=None):
    seen = trial.revision if trial else 0
    return trials.keep(
        draft,
        trial,
        name="一个自测",
        purpose=purpose,
        script=script,
        seen=seen,
        actor=actor_of(editor),
        now=NOW,
    )


def run(draft, trial, user):
    return trials.run(draft, trial, actor=actor_of(user), now=NOW)


def wrong(trial) -> set[str]:
    return {line["what"] for line in trial.report if not line["right"]}


def test_what_is_written_from_the_definition_passes_and_leaves_nothing(draft, editor):
    before = [model.objects.count() for model in TABLES]
    events = AuditEvent.objects.count()
    prove(draft, editor)
    assert [model.objects.count() for model in TABLES] == before
    assert AuditEvent.objects.count() == events + 8  # each kept and run
    assert {trial.purpose for trial in Trial.objects.all()} == {"grant", "refuse", "correct", "silence"}
    assert trials.unmet(draft, now=NOW) == []


def test_without_tests_nothing_goes_to_review(draft, editor):
    with pytest.raises(DraftRefused) as told:
        editing.submit(draft, seen=draft.revision, actor=actor_of(editor), now=NOW)
    assert [problem.path for problem in told.value.problems] == ["trials"] * 4


def test_a_result_counts_only_for_what_was_run(draft, editor):
    prove(draft, editor)
    changed = save(draft, editor, summary=text("改了说明。"))
    assert [state for _trial, state in trials.standing(changed)] == ["stale"] * 4
    with pytest.raises(DraftRefused):
        editing.submit(changed, seen=changed.revision, actor=actor_of(editor), now=NOW)
    silence = Trial.objects.get(purpose="silence")
    keep(changed, editor, Script.of(silence.script), purpose="silence", trial=silence)
    assert "stale" in {state for _trial, state in trials.standing(changed)}


def test_a_test_that_fails_holds_publishing_up(draft, editor):
    prove(draft, editor)
    grant = Trial.objects.get(purpose="grant")
    script = Script.of(grant.script)
    hopeful = Script(**{**script.__dict__, "expected": Expected(**{**script.expected.__dict__, "amount": 1})})
    grant = keep(draft, editor, hopeful, purpose="grant", trial=grant)
    assert wrong(run(draft, grant, editor)) == {"应当办结日期"}
    with pytest.raises(DraftRefused) as told:
        editing.submit(draft, seen=draft.revision, actor=actor_of(editor), now=NOW)
    assert "没有通过" in told.value.problems[0].message


@pytest.mark.parametrize(
    ("changes", "expected", "broken"),
    [
        ({}, {"state": "granted"}, "办件状态"),
        ({}, {"certificate": True}, "证照"),
        ({}, {"notices": ("case_received",)}, "给申请人的消息"),
        ({"answers": {"width": "很宽"}}, {}, "提交申请"),
        ({"acts": (Act(step="grant"),)}, {}, f"{NOW.date()} 予以确认"),
    ],
)
def test_every_expectation_can_be_missed(draft, editor, changes, expected, broken):
    guide = trials.Guide(editing.whole(draft))
    good = trials.proposed(guide, "refuse")
    script = Script(
        **{**good.__dict__, **changes, "expected": Expected(**{**good.expected.__dict__, **expected})}
    )
    assert broken in wrong(run(draft, keep(draft, editor, script), editor))


def test_time_is_counted_in_working_days_of_the_region(draft, editor):
    """Nothing is done for a term and a day: the term of a definition without silence leads nowhere."""
    silence = trials.proposed(trials.Guide(editing.whole(draft)), "silence")
    assert (silence.acts[0].after, silence.expected.state) == (3, "received")
    assert run(draft, keep(draft, editor, silence), editor).passed


@pytest.mark.parametrize(
    "name",
    ["food-business-licence", "public-place-hygiene-licence", "old-age-allowance", "house-lease-filing"],
)
def test_the_samples_pass_their_own_tests(places, cast, name, editor):
    load_official()
    load_samples(NOW, only=[name])
    version = GuideVersion.objects.select_related("matter__agency").get()
    document = copy.deepcopy(version.document)
    document.pop("identity")
    draft = version.matter.drafts.create(document=document, created_at=NOW, updated_at=NOW)
    guide = trials.Guide(version.document)
    for purpose in trials.REQUIRED:
        trial = Trial(
            matter=version.matter,
            name=purpose,
            purpose=purpose,
            script=trials.proposed(guide, purpose).as_json(),
        )
        trial.save()
        report = trials._runner(version.matter, editing.whole(draft), Script.of(trial.script), NOW)
        assert [line for line in report if not line.right] == []


@pytest.mark.parametrize("who", ["clerk", "citizen", "office_reviewer", "region_editor"])
def test_only_the_agencys_own_people_write_and_run(cast, draft, editor, who):
    prove(draft, editor)
    trial = Trial.objects.first()
    actor = actor_of(cast[who])
    for act in (
        lambda: trials.run(draft, trial, actor=actor, now=NOW),
        lambda: trials.begin(draft, actor=actor, now=NOW) or trials.remove(trial, actor=actor, now=NOW),
        lambda: keep(draft, cast[who], Script()),
    ):
        with pytest.raises(PermissionDenied):
            act()


def test_the_second_to_change_a_test_is_told(draft, editor):
    trial = keep(draft, editor, Script())
    keep(draft, editor, Script(applicant="legal"), trial=trial)
    with pytest.raises(ValueError, match="刚刚被别人修改"):
        trials.keep(draft, trial, name="x", purpose="other", script=Script(), seen=1,
                    actor=actor_of(editor), now=NOW)  # fmt: skip


def test_the_pages_write_run_and_show(client, cast, draft, editor, time_machine):
    time_machine.move_to(NOW)
    client.force_login(cast["editor"])
    page = reverse("catalogue:trials", args=[draft.uuid])
    assert "还缺" in client.get(page).content.decode()
    client.post(page, {"begin": "1"})
    client.post(page, {"run": ""})
    assert "通过 4 个" in client.get(page).content.decode()
    trial = Trial.objects.get(purpose="grant")
    form = reverse("catalogue:trial", args=[draft.uuid, trial.uuid])
    shown = client.get(form)
    data = posted(shown.context["page"])
    assert client.post(form, {**data, "width": "很宽"}).context["form"].errors
    assert client.post(form, {**data, "name": "改过的"}).status_code == 302
    trial.refresh_from_db()
    script = Script.of(trial.script)
    assert trial.name == "改过的" and script.expected.state == "granted"
    assert [act.step for act in script.acts] == ["accept", "give_opinion", "grant"]
    stale = client.post(form, data)
    assert "刚刚被别人修改" in stale.content.decode()
    remove = reverse("catalogue:trial_remove", args=[draft.uuid, trial.uuid])
    client.post(remove)
    assert not Trial.objects.filter(pk=trial.pk).exists()


def test_a_test_is_written_and_run_in_a_situation(client, cast, draft, editor):
    asking = with_situations(draft.document)
    draft = save(draft, editor, situations=asking["situations"], materials=asking["materials"])
    prove(draft, editor)
    trial = Trial.objects.get(purpose="grant")
    assert Script.of(trial.script).situations == {"premises": "owned", "agent": "self"}
    assert Script.of(trial.script).materials == ()
    client.force_login(cast["editor"])
    form = reverse("catalogue:trial", args=[draft.uuid, trial.uuid])
    shown = client.get(form)
    assert "场所是自有还是租赁？" in shown.content.decode()
    data = posted(shown.context["page"]) | {"s-premises": "leased", "s-agent": "self"}
    assert "请选择“由谁办理？”" in client.post(form, {**data, "s-agent": ""}).content.decode()
    client.post(form, data)
    trial.refresh_from_db()
    assert not run(draft, trial, editor).passed, "in this situation files are needed"
    assert "请上传“租赁合同”" in trial.report[0]["found"]
    seen = {"seen": str(trial.revision), "materials": ["lease", "consent"]}
    client.post(form, {**data, **seen})
    trial.refresh_from_db()
    assert run(draft, trial, editor).passed


def posted(page) -> dict:
    """What a browser would send of a page as it is."""
    data = {"width": "1"}
    for form in [page.form, page.acts.management_form, *page.acts]:
        for field in form:
            value = field.value()
            if value is True:
                data[field.html_name] = "on"
            elif value not in (None, False):
                data[field.html_name] = value
    return data


def test_others_do_not_see_the_pages(client, cast, draft):
    page = reverse("catalogue:trials", args=[draft.uuid])
    for who, status in (("citizen", 403), ("clerk", 403), ("region_editor", 404), ("reviewer", 200)):
        client.force_login(cast[who])
        assert client.get(page).status_code == status


@pytest.mark.parametrize(
    ("purpose", "script"),
    [
        ("grant", Script(expected=Expected(state="received"))),
        ("refuse", Script(expected=Expected(state="granted"))),
        ("silence", Script(acts=(Act(after=1),))),
        ("silence", Script(acts=(Act(after=9), Act(step="accept")))),
    ],
)
def test_a_test_has_to_show_what_it_is_for(draft, editor, purpose, script):
    keep(draft, editor, script, purpose=purpose)
    assert any("不符合它的目的" in problem.message for problem in trials.unmet(draft, now=NOW))


def test_there_are_only_so_many(draft, editor, monkeypatch):
    monkeypatch.setattr(trials, "MOST_TRIALS", 1)
    keep(draft, editor, Script())
    with pytest.raises(ValueError, match="最多"):
        keep(draft, editor, Script())


def test_a_correction_must_have_been_tried(draft, editor):
    """The test of a correction tells of it and answers it; one that does neither serves nothing."""
    prove(draft, editor)
    correct = Trial.objects.get(purpose="correct")
    steps = [act["step"] for act in correct.script["acts"]]
    assert steps == ["request_correction", "supplement", "accept_corrected"]
    assert correct.passed
    script = Script.of(correct.script | {"acts": [{"after": 1, "step": "accept"}]})
    keep(draft, editor, script, purpose="correct", trial=correct)
    assert any("不符合它的目的" in problem.message for problem in trials.unmet(draft, now=NOW))
