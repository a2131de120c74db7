"""The life of a case as one table of steps. To be read beside 行政许可法, chapter 4.

Labels and articles here are those of licences; `regimes.step` gives each in the words of another kind.

Nothing here touches the database: a step says who may take it, from which state, what it does to
the clocks, which paper and message it produces, and on which article it rests. `actions.take` is
the only reader that changes a case; buttons, API verbs, the diagram and the tests read it too.
"""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from applications.models import Clock, State
from support.places.models import Role

APPLICANT = "applicant"
TIMER = "timer"


class StepRefused(Exception):
    """The step may not be taken; the message says why in the reader's words.

    `stale` marks the one case in which reloading the page helps.
    """

    def __init__(self, message: str | Promise, *, stale: bool = False) -> None:
        super().__init__(str(message))
        self.stale = stale


@dataclass(frozen=True)
class ClockEffect:
    """Start or stop one clock. `from_receipt`: counted from the day of receipt, not of the step."""

    clock: Clock
    kind: str
    from_receipt: bool = False


@dataclass(frozen=True)
class Running:
    """The special procedure that runs: the last day told in writing, and whether its time is not counted."""

    until: dt.date
    excluded: bool


@dataclass(frozen=True)
class Facts:
    """What guards may look at, gathered by the door under the lock."""

    opinion_officers: frozenset[int]
    actor_id: int | None
    now: dt.datetime
    correction_due_at: dt.datetime | None
    statutory_due_at: dt.datetime | None = None
    procedure: Running | None = None
    extended: bool = False
    deferred_open: int = 0


@dataclass(frozen=True)
class Step:
    """One legal act on a case.

    `who` is a role at the competent agency, APPLICANT or TIMER; an officer needs those of `also` too. `instant`:
    only for 即办件; `licence`: only for 行政许可; `listed`: only where the guide publishes 特别程序; `extends`: only
    where the term is that of 行政许可法 42(1) or shorter. `aside`: it may be taken, but no case waits for it.
    `at_window`: a clerk takes it too, for the applicant who is there. `deferring`: only for cases in which materials
    were left out (容缺), False: only for the others. `accepts`: the case is accepted by it.
    `inputs` names what must be given: reasons, verdict, where_to_go; others are those of its own part (`acts`).
    `clock` is applied to the ledger in order. `document` is the kind of 文书, `notice` the message to the
    applicant, `notice_officers` the one to a role.
    """

    name: str
    label: str | Promise = field(compare=False)
    sources: frozenset[State]
    target: State
    who: str
    basis: str = field(compare=False)
    also: tuple[Role, ...] = ()
    instant: bool = False
    licence: bool = False
    listed: bool = False
    extends: bool = False
    aside: bool = False
    at_window: bool = False
    inputs: tuple[str, ...] = ()
    clock: tuple[ClockEffect, ...] = ()
    document: str = ""
    notice: str = ""
    notice_officers: tuple[tuple[Role, str], ...] = ()
    accepts: bool = False
    decides: bool = False
    closes: bool = False
    certificate: bool = False
    needs_confirmation: bool = False
    guards: tuple[Callable[[Facts], None], ...] = field(default=())
    deferring: bool | None = None

    def check_source(self, state: State, said: str | Promise = "") -> None:
        """Raise StepRefused unless the step leads on from this state; `said` is the state in the reader's words."""
        if state not in self.sources:
            raise StepRefused(
                _("本件现在的状态是“%(state)s”，不能“%(step)s”。")
                % {"state": said or state.label, "step": self.label}
            )


def table(*steps: Step) -> dict[str, Step]:
    return {step.name: step for step in steps}


def an_opinion_exists(facts: Facts) -> None:
    if not facts.opinion_officers:
        raise StepRefused(_("还没有审查意见。请先由审查人员提出意见。"))


def another_person_reviewed(facts: Facts) -> None:
    """Reviewing and deciding are two people's work: whoever gave an opinion does not decide."""
    if facts.actor_id in facts.opinion_officers:
        raise StepRefused(_("审查与审批应由不同人员办理。请由另一位审批人员决定。"))


def the_correction_is_overdue(facts: Facts) -> None:
    if facts.correction_due_at is None or facts.correction_due_at > facts.now:
        raise StepRefused(_("补正期限还没有届满，申请人可以继续补正。"))


def no_procedure_runs(facts: Facts) -> None:
    """What a special procedure finds belongs to the decision: its end comes first."""
    if facts.procedure is not None:
        raise StepRefused(_("特别程序正在进行。请先登记结束，再办理这一步。"))


def a_procedure_runs(facts: Facts) -> None:
    if facts.procedure is None:
        raise StepRefused(_("本件现在没有正在进行的特别程序。"))


def the_day_told_is_not_over(facts: Facts) -> None:
    """More time needs a new notice before the time told is over; afterwards nothing can be added."""
    if facts.procedure is not None and facts.procedure.until < timezone.localdate(facts.now):
        raise StepRefused(_("已经过了书面告知的日期，不能再延长。期限已经恢复计算，请尽快登记结束。"))


def no_exclusion_runs(facts: Facts) -> None:
    """A term is extended while it runs: the end of a procedure whose time is not counted is recorded first."""
    if facts.procedure is not None and facts.procedure.excluded:
        raise StepRefused(_("不计入时限的特别程序还没有登记结束，不能延长办理期限。"))


def the_term_is_not_over(facts: Facts) -> None:
    if facts.statutory_due_at is None or facts.statutory_due_at <= facts.now:
        raise StepRefused(_("法定办结时限已经届满，不能再延长。"))


def not_extended_yet(facts: Facts) -> None:
    if facts.extended:
        raise StepRefused(_("期限已经延长过一次，不能再次延长。"))


def everything_is_in(facts: Facts) -> None:
    """What was left out at filing has been handed in and found in order, before anything is granted."""
    if facts.deferred_open:
        raise StepRefused(_("容缺的材料还没有全部补齐并核对，不能准予。"))


def _stop(clock: Clock) -> ClockEffect:
    return ClockEffect(clock, "stop")


REVIEWED = (an_opinion_exists, another_person_reviewed, no_procedure_runs)
DECIDED = (_stop(Clock.STATUTORY), _stop(Clock.PROMISED), _stop(Clock.SUPPLEMENT))
UNANSWERED_CLOCKS = (_stop(Clock.ACCEPTANCE), _stop(Clock.JUDGEMENT))
EVERY_CLOCK = (*UNANSWERED_CLOCKS, _stop(Clock.CORRECTION), *DECIDED)
ACCEPTED = (
    *UNANSWERED_CLOCKS,
    ClockEffect(Clock.STATUTORY, "start"),
    ClockEffect(Clock.PROMISED, "start"),
)
ACCEPTED_AS_OF_RECEIPT = (
    *UNANSWERED_CLOCKS,
    ClockEffect(Clock.STATUTORY, "start", from_receipt=True),
    ClockEffect(Clock.PROMISED, "start", from_receipt=True),
)
RECEIVED = frozenset({State.RECEIVED})
CORRECTING = frozenset({State.CORRECTING})
SUPPLEMENTED = frozenset({State.SUPPLEMENTED})
IN_REVIEW = frozenset({State.IN_REVIEW})

FIRST_STATE = State.RECEIVED

STEPS: dict[str, Step] = table(
    Step(
        "accept", _("受理"), RECEIVED, State.IN_REVIEW, Role.CLERK,
        gettext_noop("行政许可法第三十二条第一款第（五）项"),
        accepts=True, deferring=False, clock=ACCEPTED, document="acceptance", notice="case_accepted",
        notice_officers=((Role.OFFICER, "case_to_review"),),
    ),
    Step(
        "accept_deferring", _("容缺受理"), RECEIVED, State.IN_REVIEW, Role.CLERK,
        gettext_noop("办事指南公布的可容缺材料"),
        accepts=True, deferring=True, clock=ACCEPTED, document="deferral", notice="case_accepted_deferring",
        notice_officers=((Role.OFFICER, "case_to_review"),),
    ),
    Step(
        "refuse_acceptance", _("不予受理"), RECEIVED, State.NOT_ACCEPTED, Role.CLERK,
        gettext_noop("行政许可法第三十二条第一款第（二）项"),
        inputs=("reasons", "where_to_go"), clock=(_stop(Clock.ACCEPTANCE),),
        document="not_accepted", notice="case_refused_acceptance",
        decides=True, closes=True, needs_confirmation=True,
    ),
    Step(
        "not_required", _("不受理"), RECEIVED, State.NOT_REQUIRED, Role.CLERK,
        gettext_noop("行政许可法第三十二条第一款第（一）项"),
        licence=True, inputs=("reasons",), clock=(_stop(Clock.ACCEPTANCE),),
        document="not_required", notice="case_not_required",
        decides=True, closes=True, needs_confirmation=True,
    ),
    Step(
        "request_correction", _("一次性告知补正"), RECEIVED, State.CORRECTING, Role.CLERK,
        gettext_noop("行政许可法第三十二条第一款第（四）项"),
        inputs=("items", "days"), clock=(_stop(Clock.ACCEPTANCE), ClockEffect(Clock.CORRECTION, "start")),
        document="correction", notice="case_to_correct",
    ),
    Step(
        "supplement", _("提交补正"), CORRECTING, State.SUPPLEMENTED, APPLICANT,
        gettext_noop("行政许可法第三十二条第一款第（五）项"), at_window=True,
        clock=(_stop(Clock.CORRECTION), ClockEffect(Clock.JUDGEMENT, "start")),
        notice="case_supplemented", notice_officers=((Role.CLERK, "case_supplemented_officer"),),
    ),
    Step(
        "accept_corrected", _("补正齐全，受理"), SUPPLEMENTED, State.IN_REVIEW, Role.CLERK,
        gettext_noop("行政许可法第三十二条第一款第（五）项"),
        accepts=True, clock=ACCEPTED, document="acceptance", notice="case_accepted",
        notice_officers=((Role.OFFICER, "case_to_review"),),
    ),
    Step(
        "refuse_corrected", _("补正不合格，不予受理"), SUPPLEMENTED, State.NOT_ACCEPTED, Role.CLERK,
        gettext_noop("行政许可法第三十二条"),
        inputs=("judgements",), clock=UNANSWERED_CLOCKS,
        document="not_accepted", notice="case_refused_acceptance",
        decides=True, closes=True, needs_confirmation=True,
    ),
    Step(
        "return_unanswered", _("退件"), CORRECTING, State.RETURNED, Role.CLERK,
        gettext_noop("补正期限届满，申请人没有补正"),
        clock=EVERY_CLOCK, document="returned", notice="case_returned",
        closes=True, needs_confirmation=True, guards=(the_correction_is_overdue,),
    ),
    Step(
        "deem_accepted", _("视为受理"), RECEIVED | SUPPLEMENTED, State.IN_REVIEW, TIMER,
        gettext_noop("行政许可法第三十二条第一款第（四）项"),
        accepts=True, clock=ACCEPTED_AS_OF_RECEIPT, document="deemed_acceptance", notice="case_deemed_accepted",
        notice_officers=(
            (Role.CLERK, "case_deemed_accepted_officer"),
            (Role.OFFICER, "case_to_review"),
            (Role.SUPERVISOR, "case_deemed_accepted_officer"),
        ),
    ),
    Step(
        "grant_at_once", _("当场准予"), RECEIVED, State.GRANTED, Role.APPROVER,
        gettext_noop("行政许可法第三十四条第二款"),
        also=(Role.CLERK,), instant=True, accepts=True, deferring=False,
        clock=(*ACCEPTED, *DECIDED, ClockEffect(Clock.ISSUE, "start")), document="grant",
        notice="case_granted", decides=True, closes=True, certificate=True, needs_confirmation=True,
    ),
    Step(
        "give_opinion", _("提出审查意见"), IN_REVIEW, State.IN_REVIEW, Role.OFFICER,
        gettext_noop("行政许可法第三十四条第一款"), inputs=("verdict", "reasons"),
        notice_officers=((Role.APPROVER, "case_to_decide"),),
    ),
    Step(
        "hand_in_deferred", _("提交容缺材料"), IN_REVIEW, State.IN_REVIEW, APPLICANT,
        gettext_noop("办事指南公布的可容缺材料"), at_window=True, deferring=True, inputs=("deferred",),
        notice="deferred_received", notice_officers=((Role.OFFICER, "deferred_received_officer"),),
    ),
    Step(
        "confirm_deferred", _("核对容缺材料"), IN_REVIEW, State.IN_REVIEW, Role.OFFICER,
        gettext_noop("办事指南公布的可容缺材料"), deferring=True, inputs=("judgements",), notice="deferred_judged",
    ),
    Step(
        "grant", _("准予"), IN_REVIEW, State.GRANTED, Role.APPROVER, gettext_noop("行政许可法第三十八条第一款"),
        clock=(*DECIDED, ClockEffect(Clock.ISSUE, "start")), document="grant", notice="case_granted",
        decides=True, closes=True, certificate=True, needs_confirmation=True, guards=(*REVIEWED, everything_is_in),
    ),
    Step(
        "refuse", _("不予准许"), IN_REVIEW, State.REFUSED, Role.APPROVER, gettext_noop("行政许可法第三十八条第二款"),
        inputs=("reasons",), clock=DECIDED, document="refusal", notice="case_refused",
        decides=True, closes=True, needs_confirmation=True, guards=REVIEWED,
    ),
    Step(
        "start_procedure", _("启动特别程序"), IN_REVIEW, State.IN_REVIEW, Role.APPROVER,
        gettext_noop("行政许可法第四十五条"), listed=True, aside=True, inputs=("procedure", "days", "reasons"),
        document="special_procedure", notice="case_procedure",
        notice_officers=((Role.OFFICER, "procedure_started_officer"),), guards=(no_procedure_runs,),
    ),
    Step(
        "prolong_procedure", _("延长特别程序"), IN_REVIEW, State.IN_REVIEW, Role.APPROVER,
        gettext_noop("行政许可法第四十五条"), listed=True, aside=True, inputs=("days", "reasons"),
        document="special_procedure", notice="case_procedure",
        notice_officers=((Role.OFFICER, "procedure_started_officer"),),
        guards=(a_procedure_runs, the_day_told_is_not_over),
    ),
    Step(
        "end_procedure", _("登记特别程序结束"), IN_REVIEW, State.IN_REVIEW, Role.OFFICER,
        gettext_noop("行政许可法第四十五条"), listed=True,
        inputs=("result", "opinion", "unit", "handler", "ended_on"), notice="case_procedure_ended",
        notice_officers=((Role.APPROVER, "procedure_ended_officer"),), guards=(a_procedure_runs,),
    ),
    Step(
        "extend", _("延长办理期限"), IN_REVIEW, State.IN_REVIEW, Role.AGENCY_HEAD,
        gettext_noop("行政许可法第四十二条第一款"), licence=True, extends=True, aside=True, inputs=("days", "reasons"),
        document="extension", notice="case_extended",
        guards=(the_term_is_not_over, not_extended_yet, no_exclusion_runs),
    ),
    Step(
        "withdraw", _("撤回申请"), RECEIVED | CORRECTING | SUPPLEMENTED | IN_REVIEW, State.WITHDRAWN, APPLICANT,
        gettext_noop("申请人在决定作出前可以撤回申请"),
        clock=EVERY_CLOCK, notice="case_withdrawn",
        notice_officers=((Role.CLERK, "case_withdrawn_officer"),),
        closes=True, needs_confirmation=True,
    ),
)  # fmt: skip


def steps_from(state: State) -> Iterable[Step]:
    return (step for step in STEPS.values() if state in step.sources)
