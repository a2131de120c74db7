"""What the steps of a special procedure and of an extension write.

行政许可法 45: the time of the procedures that it names is not counted, and told in writing. 42: the term is
extended once, by the head of the agency, with reasons told. Only what the guide publishes is started, for no
longer than it publishes; every row of a clock is judged by `support.calendars.clock.admit`.
"""

import datetime as dt
from collections.abc import Iterator

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from applications import clock
from applications.acts import Act, Added
from applications.models import Application, Clock, Deadline, ProcedureNotice, SpecialProcedure
from applications.regimes import in_every_language
from applications.workflow import Running, StepRefused
from matters.guides import Procedure
from support.calendars import clock as pure
from support.calendars import words
from support.calendars.terms import ONE_DAY, Term, Unit

LONGEST_EXTENSION = 10  # working days: 行政许可法 42(1)
EXTENSION_BASIS = gettext_noop("行政许可法第四十二条第一款")
EXTENDED = gettext_noop("经机关负责人批准，延长办理期限")
ENDED = gettext_noop("特别程序结束")
COUNTED, UNCOUNTED = gettext_lazy("这段时间计入办结时限"), gettext_lazy("这段时间不计入办结时限")
LONGEST = {"opinion": 1000, "unit": 100, "handler": 50}
TERMS = (Clock.STATUTORY, Clock.PROMISED)  # the first that runs decides whether time may be left out
Code = SpecialProcedure.Code
Result = SpecialProcedure.Result


def standing(case: Application) -> tuple[Running | None, bool]:
    """What guards look at: the procedure that runs, and whether the term was extended. One query."""
    rows = list(case.procedures.all())
    running = next((Running(row.until, bool(row.exclusion)) for row in rows if row.ended_at is None), None)
    return running, any(row.code == Code.EXTENSION for row in rows)


def names(case: Application) -> dict[str, dict[str, str]]:
    """The names of the guide's procedures in every language, by key."""
    return {each["key"]: each["name"] for each in case.guide.document["special_procedures"]}


# --- start, prolong -----------------------------------------------------------------------------------


def start(act: Act) -> Added:
    """Start one procedure of the published list, until a day that the applicant is told in writing."""
    listed = {each.key: each for each in act.guide.procedures}
    published = listed.get(str(act.inputs.more.get("procedure")))
    if published is None:
        raise StepRefused(_("办事指南没有公布这项特别程序，不能启动。"))
    if act.case.procedures.filter(code=Code.LISTED, key=published.key).exists():
        raise StepRefused(_("“%(name)s”在本件中已经进行过，不能再次启动。") % {"name": published.name})
    until = _until(act, published, since=timezone.localdate(act.at))
    procedure = SpecialProcedure.objects.create(
        case=act.case, code=Code.LISTED, key=published.key,
        exclusion=published.exclusion[: clock.LONGEST_BASIS], began_at=act.at, until=until,
    )  # fmt: skip
    return _tell(act, published, procedure)


def prolong(act: Act) -> Added:
    """A new notice before the time told is over: together no longer than the guide publishes."""
    procedure = _running(act.case)
    published = next(each for each in act.guide.procedures if each.key == procedure.key)
    until = _until(act, published, since=timezone.localdate(procedure.began_at))
    if until <= procedure.until:
        raise StepRefused(
            _("原来已经告知到 %(day)s，延长应当晚于这一天。") % {"day": procedure.until.isoformat()}
        )
    procedure.until = until
    procedure.save(update_fields=["until"])
    return _tell(act, published, procedure)


def _running(case: Application) -> SpecialProcedure:
    """The procedure that runs; the guards have seen that there is one."""
    row = case.procedures.get(ended_at=None)
    assert isinstance(row, SpecialProcedure)
    return row


def _until(act: Act, published: Procedure, *, since: dt.date) -> dt.date:
    """The day to be told: so many days from today on, within the published term from the first day on."""
    days = _days(act, published.term.amount)
    calendar = clock.calendar_of(act.case)
    until = calendar.add(timezone.localdate(act.at), Term(days, published.term.unit)).on
    latest = calendar.add(since, published.term).on
    if until > latest:
        raise StepRefused(_too_long(published.term, latest))
    return until


def _days(act: Act, most: int) -> int:
    days = act.inputs.more.get("days")
    if not isinstance(days, int) or isinstance(days, bool) or not 1 <= days <= most:
        raise StepRefused(_("所需时间应为 1 至 %(most)d。") % {"most": most})
    return days


def _too_long(term: Term, latest: dt.date) -> str:
    facts = {"term": words.term(term), "day": latest.isoformat()}
    return _("办事指南公布的所需时限是 %(term)s，最晚到 %(day)s，不能超过。") % facts


def _tell(act: Act, published: Procedure, procedure: SpecialProcedure) -> Added:
    """Note what is told, leave the time out where a rule says so, remind on the day told."""
    until, days = procedure.until, act.inputs.more["days"]
    _note(act, procedure, Term(days, published.term.unit))
    if published.exclusion:
        _leave_out(act, published, until)
    _remind(act, until)
    reading = clock.readings(act.case, today=timezone.localdate(act.at)).get(Clock.STATUTORY)
    paper = {
        "procedure": published.name, "procedure_basis": published.basis, "reasons": act.inputs.reasons.strip(),
        "since": timezone.localdate(procedure.began_at).isoformat(), "until": until.isoformat(),
        "exclusion": published.exclusion, "charged": published.charged, "charge_basis": published.charge_basis,
        "again": act.step.name == "prolong_procedure", "provisional": bool(reading and reading.provisional),
    }  # fmt: skip
    notice = {
        "procedure": names(act.case)[published.key], "day": until.isoformat(),
        "counting": in_every_language(UNCOUNTED if published.exclusion else COUNTED),
    }  # fmt: skip
    return Added(paper=paper, notice=notice)


def _note(act: Act, procedure: SpecialProcedure, term: Term) -> None:
    ProcedureNotice.objects.create(
        procedure=procedure, amount=term.amount, unit=term.unit, until=procedure.until,
        reasons=act.inputs.reasons.strip(), at=act.at, approver_id=act.actor.person, approver_name=act.actor.name,
    )  # fmt: skip


def _leave_out(act: Act, published: Procedure, until: dt.date) -> None:
    """Time not counted, from today to the day told, on the statutory clock and on the promised one.

    A promise that was broken before stays broken: there is nothing left to leave out.
    """
    on = timezone.localdate(act.at)
    entry = pure.Entry(
        pure.Kind.EXCLUDE, act.at, on, reason=published.name, basis=published.exclusion, until=until
    )
    for place, each in enumerate(_live(act.case)):
        try:
            clock.enter(act.case, each, entry, actor=act.actor)
        except pure.ClockError as error:
            if place == 0 or error.fault is not pure.Fault.EXPIRED:
                raise StepRefused(words.refusal(error)) from error


def _live(case: Application) -> Iterator[Clock]:
    return (each for each in TERMS if case.ledger.filter(clock=each).exists())


def _remind(act: Act, until: dt.date) -> None:
    """A deadline at the beginning of the last day told; an earlier one is done with."""
    earlier = act.case.deadlines.filter(kind=Clock.PROCEDURE)
    earlier.filter(done_at=None).update(done_at=act.at)
    day = pure.end_of(until - ONE_DAY)
    Deadline.objects.create(
        case=act.case, kind=Clock.PROCEDURE, round=earlier.count() + 1, due_at=day, next_at=day
    )


# --- end ----------------------------------------------------------------------------------------------


def end(act: Act) -> Added:
    """Record the result and the day on which the procedure was over in fact; the clocks run on from there,
    or from the day told if that came first."""
    more = act.inputs.more
    procedure = _running(act.case)
    if more.get("result") not in Result.values:
        raise StepRefused(_("请选择特别程序的结果。"))
    given = {name: str(more.get(name) or "").strip() for name in LONGEST}
    for name, most in LONGEST.items():
        if not given[name]:
            raise StepRefused(_("请填写特别程序的意见、实施单位和经办人。"))
        if len(given[name]) > most:
            raise StepRefused(_("内容最多 %(n)s 字。") % {"n": most})
    ended_on = _ended_on(act, procedure)
    if procedure.exclusion:
        _run_on(act, ended_on)
    procedure.ended_at, procedure.ended_on = act.at, ended_on
    procedure.result, procedure.ended_by = more["result"], act.actor.name
    procedure.opinion, procedure.unit, procedure.handler = given["opinion"], given["unit"], given["handler"]
    procedure.save()
    act.case.deadlines.filter(kind=Clock.PROCEDURE, done_at=None).update(done_at=act.at)
    return Added(notice={"procedure": names(act.case)[procedure.key], "day": ended_on.isoformat()})


def _ended_on(act: Act, procedure: SpecialProcedure) -> dt.date:
    """Not before the last notice, which said that it went on, and not in the future."""
    ended_on = act.inputs.more.get("ended_on")
    last = procedure.notices.order_by("-id").values_list("at", flat=True)[0]
    first, today = timezone.localdate(last), timezone.localdate(act.at)
    if not isinstance(ended_on, dt.date) or not first <= ended_on <= today:
        raise StepRefused(
            _("结束日期应在 %(first)s 至 %(last)s 之间。")
            % {"first": first.isoformat(), "last": today.isoformat()}
        )
    return ended_on


def _run_on(act: Act, ended_on: dt.date) -> None:
    entry = pure.Entry(pure.Kind.RESUME, act.at, ended_on, reason=ENDED)
    for each in _live(act.case):
        try:
            clock.enter(act.case, each, entry, actor=act.actor)
        except pure.ClockError as error:
            if error.fault is not pure.Fault.RUNNING:  # a broken promise was never held
                raise StepRefused(words.refusal(error)) from error


def cut_short(case: Application, at: dt.datetime) -> None:
    """The case is closed: what still ran is over, without a result."""
    rows = case.procedures.filter(ended_at=None)
    rows.update(ended_at=at, ended_on=timezone.localdate(at), result=Result.NONE)
    case.deadlines.filter(kind=Clock.PROCEDURE, done_at=None).update(done_at=at)


# --- extension ----------------------------------------------------------------------------------------


def extend(act: Act) -> Added:
    """Add to the statutory term, once. The promise is the agency's own and stays as it was published."""
    days = _days(act, LONGEST_EXTENSION)
    today = timezone.localdate(act.at)
    before = clock.readings(act.case, today=today)[Clock.STATUTORY].due_on
    assert before is not None
    term = Term(days, Unit.WORKDAY)
    entry = pure.Entry(pure.Kind.EXTEND, act.at, today, term, reason=EXTENDED, basis=EXTENSION_BASIS)
    try:
        clock.enter(act.case, Clock.STATUTORY, entry, actor=act.actor)
    except pure.ClockError as error:
        raise StepRefused(words.refusal(error)) from error
    reading = clock.readings(act.case, today=today)[Clock.STATUTORY]
    assert reading.due_on is not None
    procedure = SpecialProcedure.objects.create(
        case=act.case,
        code=Code.EXTENSION,
        began_at=act.at,
        until=reading.due_on,
        ended_at=act.at,
        ended_on=today,
    )
    _note(act, procedure, term)
    paper = {
        "reasons": act.inputs.reasons.strip(), "days": days, "due_before": before.isoformat(),
        "due_after": reading.due_on.isoformat(), "provisional": reading.provisional,
    }  # fmt: skip
    return Added(paper=paper, notice={"day": reading.due_on.isoformat()})
