"""The one door through which a case changes state, and what follows from each step."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from applications import clock, papers, regimes
from applications.acts import NOTHING, Act, Added, Inputs, OwnPart
from applications.corrections import acts as corrections
from applications.deferral import acts as deferral
from applications.models import (
    Application,
    CaseEvent,
    Decision,
    Opinion,
    State,
    actor_columns,
    case_target,
)
from applications.permissions import concerns, may_take, took_in
from applications.procedures import acts as procedures
from applications.workflow import Facts, Step, StepRefused, steps_from
from support.calendars.actions import current_version
from support.documents import actions as documents
from support.notices import actions as notices
from support.records import actions as records
from support.records.actor import TIMER, Actor

MAX_WORDS = 2000


# The steps that write more than state, clocks, paper and message.
OWN: dict[str, OwnPart] = {
    "request_correction": corrections.request,
    "supplement": corrections.supplement,
    "accept_corrected": corrections.all_met,
    "refuse_corrected": corrections.not_all_met,
    "return_unanswered": corrections.overdue,
    "start_procedure": procedures.start,
    "prolong_procedure": procedures.prolong,
    "end_procedure": procedures.end,
    "extend": procedures.extend,
    "hand_in_deferred": deferral.hand_in,
    "confirm_deferred": deferral.confirm,
    "refuse": deferral.refuse,
}


def available(case: Application, actor: Actor, *, now: dt.datetime) -> list[Step]:
    """The steps this actor may take now, in the order of the table and the words of the case: the
    buttons of the page. What an officer does for an applicant at the window has a page of its own."""
    steps = (each for each in steps_from(clock.standing(case, now)) if not (each.at_window and actor.is_officer))
    offered = [step for step in steps if may_take(actor, case, step)]
    guide = case.guide.guide
    return [regimes.step(step.name, guide) for step in offered if regimes.fits(step, guide, case)]


def objection(step: Step, case: Application, actor: Actor, now: dt.datetime) -> str:
    """Why the actor may not take an available step yet, in their words; empty if nothing stands against it."""
    try:
        _check_person(step, case, actor)
        _check_guards(step, case, actor, now)
    except StepRefused as refused:
        return str(refused)
    return ""


@transaction.atomic
def take(
    name: str,
    case: Application,
    *,
    actor: Actor,
    seen: int | None,
    at: dt.datetime,
    inputs: Inputs = NOTHING,
) -> Application:
    """Take one step of the table on a case, as of `at`; the only way a case changes state.

    `seen` is the revision the actor looked at (None only for the timer). Raises StepRefused in the
    reader's words: wrong person, stale page, wrong state, missing reasons, unmet guard.
    """
    case = Application.objects.select_for_update().select_related("guide", "agency", "matter").get(pk=case.pk)
    guide = case.guide.guide
    step = regimes.step(name, guide)
    _check_person(step, case, actor)
    _check_revision(step, case, seen)
    at = max(at, _last_act(case))
    settle(case, at)
    step.check_source(State(case.state), regimes.state_words(State(case.state), guide))
    if step.deferring is not None and step.deferring != bool(case.deferred_open):
        raise StepRefused(
            _("本件没有待补的容缺材料，不适用“%(step)s”。") % {"step": step.label}
            if step.deferring
            else _("申请人选择了容缺受理，请按“容缺受理”办理。")
        )
    if words := regimes.misfit(step, guide):
        raise StepRefused(words)
    _check_inputs(step, inputs)
    _check_guards(step, case, actor, at)
    _write(step, case, actor, inputs, at)
    return case


def _last_act(case: Application) -> dt.datetime:
    """When the case was last acted on: a machine whose clock is behind does not turn time back."""
    last = case.events.order_by("-id").values_list("at", flat=True).first()
    return last or case.received_at


def settle(case: Application, at: dt.datetime) -> bool:
    """Write what the law has already done to a locked case: acceptance by silence. True if it had.

    Dates are derived again first if an official calendar has been loaded since a clock began to run.
    """
    running = case.closed_at is None or case.due_at is not None
    if running and case.calendar_version != current_version():
        _count_again(case, at)
    if not clock.lapsed(case, at):
        return False
    assert case.acceptance_due_at is not None
    step = regimes.step("deem_accepted", case.guide.guide)
    _write(step, case, TIMER, NOTHING, case.acceptance_due_at, now=at)
    return True


def _count_again(case: Application, at: dt.datetime) -> None:
    """Derive the dates under the calendar now in force; the applicant is told if one has moved."""
    before = _running(case)
    clock.recompute(case, today=timezone.localdate(at))
    case.save()
    if before != _running(case):
        notices.tell_party(
            case.party_id, "case_dates_moved", key=f"{case.uuid}:moved:{case.calendar_version}",
            context={"number": case.number, "matter": case.guide.document["name"]},
            url=papers.case_url(case), now=at, agency_id=case.agency_id,
        )  # fmt: skip
        notices.wake()


def _running(case: Application) -> tuple[dt.datetime | None, ...]:
    return (case.due_at, case.promised_due_at, case.statutory_due_at)


def _check_person(step: Step, case: Application, actor: Actor) -> None:
    if actor.is_officer and step.decides and took_in(case, actor):
        raise StepRefused(_("本件由您在窗口收件，须由其他人员作出决定。"))
    if not may_take(actor, case, step):
        raise StepRefused(_("您的岗位不能办理“%(step)s”。") % {"step": step.label})
    if actor.is_officer and concerns(case, actor):
        raise StepRefused(_("您是本件的申请人或者经办人，应当回避，请由其他人员办理。"))


def _check_revision(step: Step, case: Application, seen: int | None) -> None:
    if step.who != "timer" and seen != case.revision:
        raise StepRefused(
            _("您打开页面之后，本件已被其他人办理。请核对最新情况后再操作；您填写的内容还在。"), stale=True
        )


def _check_inputs(step: Step, inputs: Inputs) -> None:
    missing = {
        "reasons": _("请填写理由。"),
        "verdict": _("请选择意见。"),
        "where_to_go": _("请告知应向哪个机关申请。"),
    }
    for name in step.inputs:
        if name not in missing:
            continue  # the own part of the step judges it
        value = getattr(inputs, name).strip()
        if not value:
            raise StepRefused(missing[name])
        if len(value) > MAX_WORDS:
            raise StepRefused(_("内容最多 %(n)s 字。") % {"n": MAX_WORDS})


def _check_guards(step: Step, case: Application, actor: Actor, now: dt.datetime) -> None:
    if step.guards:
        officers = frozenset(case.opinions.values_list("officer_id", flat=True))
        term_ends = clock.dates(case, now).statutory_due_at
        running, extended = procedures.standing(case)
        facts = Facts(
            officers, actor.user_id, now, case.correction_due_at, term_ends, running, extended, case.deferred_open
        )
        for guard in step.guards:
            guard(facts)


def _write(
    step: Step,
    case: Application,
    actor: Actor,
    inputs: Inputs,
    at: dt.datetime,
    now: dt.datetime | None = None,
) -> None:
    """Everything one step changes, in the caller's transaction.

    `at` is when the act took effect in law, `now` when it is written, if later: papers, messages and
    the audit record bear the day on which they are made.
    """
    now = now or at
    guide = case.guide.guide
    before = case.state
    act = Act(step, case, guide, actor, inputs, at, now)
    added = OWN[step.name](act) if step.name in OWN else Added()
    _move(step, case, at)
    for effect in step.clock:
        clock.apply(case, effect, guide=guide, actor=actor, at=at, term=added.terms.get(effect.clock))
    clock.recompute(case, today=timezone.localdate(at))
    late = deferral.begin(act) if step.accepts and case.deferred_open else Added()
    case.save()
    CaseEvent.objects.create(
        case=case, step=step.name, from_state=before, to_state=case.state, at=at, **actor_columns(actor)
    )
    if "verdict" in step.inputs:
        _note_opinion(case, actor, inputs, at)
    if step.closes:
        procedures.cut_short(case, at)
    if step.decides:
        _decide(act, added.reasons or inputs.reasons)
    if step.document:
        papers.order_for(case, step.document, step=step.name, actor=actor, at=now, extra={**added.paper, **late.paper})
    if late.paper and step.document != "deferral":  # accepted in another way: told as well
        papers.order_for(case, "deferral", step=step.name, actor=actor, at=now, extra=late.paper)
    _tell(step, case, now, {**added.notice, **late.notice})
    if late.paper and step.notice != "case_accepted_deferring":
        _tell_of_terms(case, now, late.notice)
    records.write(
        f"case.{step.name}", actor=actor, target=case_target(case), subject_id=case.party_id,
        agency_id=case.agency_id, details={"revision": case.revision, "basis": step.basis}, at=now,
    )  # fmt: skip


def _move(step: Step, case: Application, at: dt.datetime) -> None:
    case.state = step.target
    case.revision += 1
    if step.accepts:
        case.accepted_at = case.complete_at if step.name == "deem_accepted" else at
    if step.decides:
        case.decided_at = at
    if step.closes:
        case.closed_at = at


def _note_opinion(case: Application, actor: Actor, inputs: Inputs, at: dt.datetime) -> None:
    Opinion.objects.create(
        case=case, verdict=inputs.verdict, text=inputs.reasons.strip(),
        officer_id=actor.person, officer_name=actor.name, at=at,
    )  # fmt: skip


def _decide(act: Act, reasons: str) -> None:
    case, guide, actor, at = act.case, act.guide, act.actor, act.at
    reserves = act.step.certificate
    certificate = papers.reserve_certificate(case, guide, actor=actor, at=at) if reserves else None
    Decision.objects.create(
        case=case, outcome=act.step.target, reasons=reasons.strip(),
        remedies=papers.remedies(case.agency, guide), where_to_go=act.inputs.where_to_go.strip(),
        approver_id=actor.person, approver_name=actor.name, at=at, certificate=certificate,
    )  # fmt: skip


def _tell_of_terms(case: Application, at: dt.datetime, added: Mapping[str, Any]) -> None:
    notices.tell_party(
        case.party_id, "case_accepted_deferring", key=f"{case.uuid}:deferral", url=papers.case_url(case), now=at,
        context={"number": case.number, "matter": case.guide.document["name"], **added}, agency_id=case.agency_id,
    )  # fmt: skip


def _tell(step: Step, case: Application, at: dt.datetime, added: Mapping[str, Any]) -> None:
    guide = case.guide.guide
    context = {
        "number": case.number,
        "matter": case.guide.document["name"],
        "outcome": regimes.in_every_language(regimes.state_words(State(case.state), guide)),
        "basis": clock.silence_rule(guide),
        **added,
    }
    key = f"{case.uuid}:{step.name}:{case.revision}"
    if step.notice:
        notices.tell_party(
            case.party_id, step.notice, key=key, context=context, url=papers.case_url(case), now=at,
            agency_id=case.agency_id,
        )  # fmt: skip
    for role, kind in step.notice_officers:
        notices.tell_officers(
            case.agency_id,
            role,
            kind,
            key=f"{key}:{role}",
            context=context,
            url=papers.desk_url(case),
            now=at,
        )
    documents.wake()
    notices.wake()
