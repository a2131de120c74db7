"""自测: tests of a definition, written by its author; nothing is published before they pass.

A test is a made-up case: who applies, the form as filled in, what is handed in, the steps taken, the
working days that pass between them, and what must have come of it. It is run by the app that handles cases
(`run_with`), on the very code that handles real ones, in a transaction that is rolled back.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from matters import actions
from matters.checks import Problem
from matters.forms import day_of
from matters.guides import Field, Guide
from matters.models import GuideDraft, Matter, Trial
from matters.permissions import may_edit, may_publish
from support.records import actions as records
from support.records.actor import Actor

Document = dict[str, Any]
Purpose = Trial.Purpose
# What a definition must have shown before it is published.
REQUIRED = (Purpose.GRANT, Purpose.REFUSE, Purpose.CORRECT, Purpose.SILENCE)
CORRECTED = ("request_correction", "supplement")
MOST_ACTS = 12
MOST_TRIALS = 20
LONGEST_WAIT = 400  # working days


@dataclass(frozen=True)
class Act:
    """`after` so many working days, one step of the workflow; with an empty step only time passes."""

    after: int = 0
    step: str = ""
    reasons: str = ""
    verdict: str = ""
    where_to_go: str = ""


@dataclass(frozen=True)
class Expected:
    """What must have come of it: the state, the messages to the applicant, whether a certificate is issued,
    and the term within which the decision is due: `amount` `unit`s after acceptance (0: none is due)."""

    state: str = ""
    notices: tuple[str, ...] = ()
    certificate: bool = False
    amount: int = 0
    unit: str = "workday"


@dataclass(frozen=True)
class Script:
    """`applicant`: natural or legal. Answers that the account knows are filled in by the run."""

    applicant: str = "natural"
    answers: dict[str, Any] = field(default_factory=dict)
    materials: tuple[str, ...] = ()
    situations: dict[str, str] = field(default_factory=dict)
    acts: tuple[Act, ...] = ()
    expected: Expected = Expected()

    @classmethod
    def of(cls, data: dict[str, Any]) -> "Script":
        expected = data.get("expected", {})
        return cls(
            applicant=data.get("applicant", "natural"),
            answers=data.get("answers", {}),
            materials=tuple(data.get("materials", ())),
            situations=data.get("situations", {}),
            acts=tuple(Act(**act) for act in data.get("acts", ())),
            expected=Expected(**expected | {"notices": tuple(expected.get("notices", ()))}),
        )

    def as_json(self) -> dict[str, Any]:
        kept: dict[str, Any] = json.loads(json.dumps(asdict(self), ensure_ascii=False))
        return kept


@dataclass(frozen=True)
class Line:
    """One line of a report: what was looked at, what came of it, and whether that was right."""

    what: str
    found: str
    expected: str = ""
    right: bool = True


Runner = Callable[[Matter, Document, Script, dt.datetime], Sequence[Line]]
_runner: Runner | None = None


def run_with(runner: Runner) -> None:
    """Name what runs a script; said by the app that handles cases, when it is ready."""
    global _runner
    _runner = runner


# --- running -------------------------------------------------------------------------------------


def fingerprint(document: Document, trial: Trial) -> str:
    text = json.dumps([document, trial.script], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def run(draft: GuideDraft, trial: Trial, *, actor: Actor, now: dt.datetime) -> Trial:
    """Run one test on the draft as it is and keep the report. Nothing else of the run remains."""
    if not (may_edit(actor, draft.matter) or may_publish(actor, draft.matter)):
        raise PermissionDenied(_("您不是该机关的事项编辑或者审核人员。"))
    assert _runner is not None, "no app of the installation handles cases"
    document = actions.complete(draft.matter, draft.document)
    report = _runner(draft.matter, document, Script.of(trial.script), now)
    with transaction.atomic():
        trial.report = [asdict(line) for line in report]
        trial.passed = bool(report) and all(line.right for line in report)
        trial.fingerprint = fingerprint(document, trial)
        trial.ran_at, trial.ran_by_id = now, actor.person
        trial.save(update_fields=["report", "passed", "fingerprint", "ran_at", "ran_by"])
        _record("matters.trial.run", trial, actor, now)
    return trial


def standing(draft: GuideDraft) -> list[tuple[Trial, str]]:
    """The tests of the draft's matter, each with where it stands: new, stale, failed or passed."""
    document = actions.complete(draft.matter, draft.document)
    return [(trial, _standing(trial, document)) for trial in draft.matter.trials.all()]


def _standing(trial: Trial, document: Document) -> str:
    if trial.passed is None:
        return "new"
    if trial.fingerprint != fingerprint(document, trial):
        return "stale"
    return "passed" if trial.passed else "failed"


def unmet(draft: GuideDraft, *, now: dt.datetime) -> list[Problem]:
    """What the author's tests leave to be mended: every required purpose has one, and all pass on the
    definition as it is now."""
    found = standing(draft)
    problems = [
        Problem("trials", _("缺少“%(purpose)s”的自测") % {"purpose": purpose.label})
        for purpose in required(Guide(actions.complete(draft.matter, draft.document)))
        if not any(trial.purpose == purpose for trial, _state in found)
    ]
    acceptance = actions.complete(draft.matter, draft.document).get("terms", {}).get("acceptance", {})
    problems += [
        Problem("trials", _("自测“%(name)s”的步骤和预期不符合它的目的“%(purpose)s”") % {
            "name": trial.name, "purpose": trial.get_purpose_display(),
        })
        for trial, _state in found
        if not _serves(trial, acceptance.get("amount", 0))
    ]  # fmt: skip
    words = {
        "new": _("自测“%(name)s”还没有运行"),
        "stale": _("定义或者自测有改动，请重新运行自测“%(name)s”"),
        "failed": _("自测“%(name)s”没有通过"),
    }
    problems += [
        Problem("trials", words[state] % {"name": trial.name}) for trial, state in found if state in words
    ]
    return problems


def required(guide: Guide) -> Sequence[Purpose]:
    """The tests this definition needs; where the applicant hands in nothing there is nothing to correct."""
    asks = guide.uploads or any(not field.prefill.startswith("party.") for field in guide.fields())
    return REQUIRED if asks else [each for each in REQUIRED if each != Purpose.CORRECT]


def _serves(trial: Trial, acceptance: int) -> bool:
    """Whether a test shows what it is for: a grant, a refusal, a correction told and answered, or nothing done
    until the term has run out."""
    script = Script.of(trial.script)
    ends = {Purpose.GRANT.value: "granted", Purpose.REFUSE.value: "refused"}
    if trial.purpose in ends:
        return script.expected.state == ends[trial.purpose]
    if trial.purpose == Purpose.CORRECT:
        return set(CORRECTED) <= {act.step for act in script.acts}
    if trial.purpose == Purpose.SILENCE:
        done = any(act.step for act in script.acts)
        return not done and sum(act.after for act in script.acts) > acceptance
    return True


# --- writing -------------------------------------------------------------------------------------


@transaction.atomic
def keep(
    draft: GuideDraft,
    trial: Trial | None,
    *,
    name: str,
    purpose: str,
    script: Script,
    seen: int,
    actor: Actor,
    now: dt.datetime,
) -> Trial:
    """Write a test, or change the one that was seen. Raises PermissionDenied, or ValueError if somebody else
    has changed it since."""
    if not may_edit(actor, draft.matter):
        raise PermissionDenied(_("您不是该机关的事项编辑。"))
    if trial is None:
        if draft.matter.trials.count() >= MOST_TRIALS:
            raise ValueError(_("一个事项最多 %(n)s 个自测，请先删除不用的。") % {"n": MOST_TRIALS})
        trial = Trial(matter=draft.matter, revision=0)
    else:
        trial = Trial.objects.select_for_update().get(pk=trial.pk)
        if trial.revision != seen:
            raise ValueError(_("这个自测刚刚被别人修改，您的修改没有保存。"))
    trial.name, trial.purpose, trial.script = name, purpose, script.as_json()
    trial.revision += 1
    trial.save()
    _record("matters.trial.keep", trial, actor, now)
    return trial


@transaction.atomic
def remove(trial: Trial, *, actor: Actor, now: dt.datetime) -> None:
    if not may_edit(actor, trial.matter):
        raise PermissionDenied(_("您不是该机关的事项编辑。"))
    _record("matters.trial.remove", trial, actor, now)
    trial.delete()


def _record(verb: str, trial: Trial, actor: Actor, now: dt.datetime) -> None:
    records.write(
        verb,
        actor=actor,
        target=f"matters.trial:{trial.uuid}",
        agency_id=trial.matter.agency_id,
        details={"revision": trial.revision, "passed": trial.passed},
        at=now,
    )


# --- a beginning ---------------------------------------------------------------------------------


def begin(draft: GuideDraft, *, actor: Actor, now: dt.datetime) -> list[Trial]:
    """Write the required tests that are missing, as far as they follow from the definition: the form filled
    with samples, the usual steps, what the published terms promise. The author looks them over."""
    guide = Guide(actions.complete(draft.matter, draft.document))
    there = set(draft.matter.trials.values_list("purpose", flat=True))
    return [
        keep(
            draft, None, name=str(purpose.label), purpose=purpose, script=proposed(guide, purpose), seen=0,
            actor=actor, now=now,
        )
        for purpose in required(guide)
        if purpose not in there
    ]  # fmt: skip


def proposed(guide: Guide, purpose: str) -> Script:
    """A script for a purpose, to begin from."""
    applicant = guide.audiences[0]
    term = guide.promised or guide.statutory
    expected: dict[str, Any] = {
        "amount": term.amount if term else 0,
        "unit": str(term.unit) if term else "workday",
    }
    decided = _("符合条件。") if purpose == Purpose.GRANT else _("不符合条件。")
    if purpose == Purpose.SILENCE:
        acts = [Act(after=guide.acceptance.amount + 1)]
        silence = guide.is_licence or bool(guide.silence_basis)
        expected |= {
            "state": "in_review" if silence else "received",
            "notices": ("case_received", "case_deemed_accepted") if silence else ("case_received",),
        } | ({} if silence else {"amount": 0})
    elif purpose == Purpose.CORRECT:
        acts = [
            Act(after=1, step="request_correction", reasons=_("内容不清楚。")),
            Act(after=2, step="supplement"),
            Act(after=1, step="accept_corrected"),
        ]
        told = ("case_received", "case_to_correct", "case_supplemented", "case_accepted")
        expected |= {"state": "in_review", "notices": told}
    elif purpose == Purpose.GRANT and guide.is_instant:
        acts = [Act(step="grant_at_once")]
        expected |= {"state": "granted", "notices": ("case_received", "case_granted"), "amount": 0}
    else:
        grant = purpose == Purpose.GRANT
        acts = [
            Act(after=1, step="accept"),
            Act(after=1, step="give_opinion", verdict="grant" if grant else "refuse", reasons=decided),
            Act(after=1, step="grant" if grant else "refuse", reasons="" if grant else decided),
        ]
        outcome = ("granted", "case_granted") if grant else ("refused", "case_refused")
        expected |= {"state": outcome[0], "notices": ("case_received", "case_accepted", outcome[1])}
    choices = {situation.key: situation.options[0][0] for situation in guide.situations}
    expected["certificate"] = purpose == Purpose.GRANT and guide.certificate is not None
    return Script(
        applicant=applicant,
        answers=sample_answers(guide, applicant),
        materials=tuple(material.key for material in guide.uploads_for(choices)),
        situations=choices,
        acts=tuple(acts),
        expected=Expected(**expected),
    )


SAMPLES: dict[str, Any] = {
    "idnumber": "640199199003070002",
    "uscc": "91640104YYYY0091X3",
    "phone": "19900000001",
    "name": "张小兰",
    "address": "银川市兴庆区示例路100号",
    "region": "640104000000",
    "declaration": True,
    "email": "citizen@example.com",
    "date": "2026-12-01",
    "money": "100.00",
    "yesno": "yes",
    "month": "2026-12",
    "time": "09:30",
    "postcode": "750001",
    "bankcard": "6222020200112233446",
    "landline": "0951-6000001",
}


def sample_answers(guide: Guide, applicant: str) -> dict[str, Any]:
    """An answer to every question that is asked of such an applicant, as far as its type tells one."""
    answers: dict[str, Any] = {}
    for question in guide.fields():
        if question.prefill == "party.kind":
            answers[question.key] = applicant
        elif question.shown(answers) and (value := _sample(question)) is not None:
            answers[question.key] = value
    return answers


def _sample(question: Field) -> Any:
    if question.type == "choice":
        return question.choices[0][0]
    if question.type == "choices":
        return [question.choices[0][0]]
    if question.type in ("text", "textarea"):
        if question.pattern:
            return None
        return ("示例内容" * 1000)[: max(question.min_length or 0, 4)][: question.longest]
    if question.type == "number":
        least = max(Decimal(question.minimum or "1"), Decimal(1))
        return str(least.quantize(Decimal(1).scaleb(-question.decimals))) if question.decimals else int(least)
    if question.type == "table":
        found = {column.key: _sample(column) for column in question.columns}
        return [{key: value for key, value in found.items() if value is not None}]
    bound = question.minimum or question.maximum
    if question.type == "date" and bound:
        return day_of(bound, timezone.localdate()).isoformat()
    if question.type in ("month", "time") and bound:
        return bound
    return SAMPLES.get(question.type)
