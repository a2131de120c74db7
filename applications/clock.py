"""The clocks of a case: its ledger rows folded by `support.calendars.clock`, and the columns kept
as indexes of the result. Guards read these functions, so the law holds with every worker stopped.
"""

import datetime as dt

from django.utils import timezone
from django.utils.translation import gettext_noop as _  # the ledger keeps the source's words; pages translate

from applications.models import Application, Clock, ClockEntry, Deadline, State, actor_columns
from applications.workflow import ClockEffect
from matters.guides import Guide
from support.calendars import clock as pure
from support.calendars.actions import calendar_for
from support.calendars.terms import Calendar, Due, Term, Unit
from support.records.actor import Actor

ENDED = {Clock.ISSUE: _("已发证")}
ISSUE_TERM = Term(10, Unit.WORKDAY)  # 行政许可法 44
BASIS = {
    Clock.ACCEPTANCE: _("行政许可法第三十二条第一款第（四）项"),
    Clock.ISSUE: _("行政许可法第四十四条"),
}
REASON = {
    Clock.ACCEPTANCE: _("收到申请材料"),
    Clock.STATUTORY: _("受理申请"),
    Clock.PROMISED: _("受理申请"),
    Clock.ISSUE: _("作出准予决定"),
}


def term_of(guide: Guide, clock: Clock) -> Term | None:
    """The term the pinned guide publishes for a clock; None where it has none."""
    if clock is Clock.ISSUE:
        return ISSUE_TERM if guide.certificate else None
    terms: dict[Clock, Term | None] = {
        Clock.ACCEPTANCE: guide.acceptance,
        Clock.STATUTORY: guide.statutory,
        Clock.PROMISED: guide.promised,
    }
    return terms[clock]


def silence_is_acceptance(guide: Guide) -> bool:
    """行政许可法 32(1)(四) governs licences alone (art. 2, 3)."""
    return guide.regime == "licence"


def calendar_of(case: Application) -> Calendar:
    return calendar_for(case.region_code)


def readings(case: Application, *, today: dt.date) -> dict[Clock, pure.Reading]:
    """Every clock that was ever started on this case, as it stands at the beginning of `today`."""
    rows: dict[Clock, list[pure.Entry]] = {}
    for row in case.ledger.order_by("id"):
        rows.setdefault(Clock(row.clock), []).append(_entry(row))
    calendar = calendar_of(case)
    return {clock: pure.read(entries, calendar, today=today) for clock, entries in rows.items()}


def _entry(row: ClockEntry) -> pure.Entry:
    term = Term(row.amount, Unit(row.unit)) if row.amount is not None else None
    return pure.Entry(
        kind=pure.Kind(row.kind), at=row.at, on=row.on, term=term, reason=row.reason, basis=row.basis
    )


def apply(case: Application, effect: ClockEffect, *, guide: Guide, actor: Actor, at: dt.datetime) -> None:
    """Write the ledger row of one effect. Stopping a clock that does not run is nothing."""
    if effect.kind == "stop":
        stop(case, effect.clock, actor=actor, at=at)
        return
    term = term_of(guide, effect.clock)
    if term is None:
        return
    began = case.received_at if effect.from_receipt else at
    ClockEntry.objects.create(
        case=case,
        clock=effect.clock,
        kind="start",
        at=began,
        on=timezone.localdate(began),
        amount=term.amount,
        unit=term.unit,
        reason=REASON[effect.clock],
        basis=BASIS.get(effect.clock) or guide.term_basis(effect.clock.value),
        **actor_columns(actor),
    )


def stop(case: Application, clock: Clock, *, actor: Actor, at: dt.datetime) -> None:
    """Write the end of a clock and close its deadline."""
    kinds = list(case.ledger.filter(clock=clock).order_by("id").values_list("kind", flat=True))
    if not kinds or kinds[-1] == "stop":
        return
    ClockEntry.objects.create(
        case=case,
        clock=clock,
        kind="stop",
        at=at,
        on=timezone.localdate(at),
        reason=ENDED.get(clock, _("已办理")),
        basis="",
        **actor_columns(actor),
    )
    case.deadlines.filter(kind=clock, done_at=None).update(done_at=at)


def recompute(case: Application, *, today: dt.date) -> None:
    """Derive the index columns and the open deadlines from the ledger. The caller saves the case."""
    ends: dict[Clock, dt.datetime | None] = {}
    for clock, reading in readings(case, today=today).items():
        end = pure.end_of(reading.due_on) if reading.due_on else None
        ends[clock] = None if reading.stopped else end
        if end is not None and not reading.stopped:
            _set_deadline(case, clock, end)
        if clock is Clock.ACCEPTANCE:
            case.acceptance_due_at = end
        elif clock is Clock.STATUTORY:
            case.statutory_due_at = end
        elif clock is Clock.PROMISED:
            case.promised_due_at = end
    running = [end for end in ends.values() if end is not None]
    case.due_at = min(running, default=None)
    case.calendar_version = calendar_of(case).version


def _set_deadline(case: Application, clock: Clock, end: dt.datetime) -> None:
    deadline, created = Deadline.objects.get_or_create(
        case=case, kind=clock, round=1, defaults={"due_at": end, "next_at": end}
    )
    if not created and deadline.done_at is None and deadline.due_at != end:
        Deadline.objects.filter(pk=deadline.pk).update(due_at=end, next_at=end)


def lapsed(case: Application, now: dt.datetime) -> bool:
    """True when silence has made the case accepted by law (行政许可法 32(1)(四)) at `now`."""
    return (
        case.state == State.RECEIVED
        and case.deemable
        and case.acceptance_due_at is not None
        and case.acceptance_due_at <= now
    )


def standing(case: Application, now: dt.datetime) -> State:
    """The state in law at `now`, whether or not any worker has written it yet."""
    return State.IN_REVIEW if lapsed(case, now) else State(case.state)


def forecast(guide: Guide, *, received_on: dt.date, region_code: str) -> dict[str, Due]:
    """What an applicant is told at filing: the last day for acceptance, and, if accepted only then,
    the last days for the decision. Conditional: correction or special procedures would move them."""
    calendar = calendar_for(region_code)
    acceptance = calendar.add(received_on, guide.acceptance)
    dates = {"acceptance": acceptance}
    for name, term in (("promised", guide.promised), ("statutory", guide.statutory)):
        if term is not None:
            dates[name] = calendar.add(acceptance.on, term)
    return dates


def ends_if_deemed(case: Application) -> list[dt.datetime]:
    """Ends of the promised and statutory terms counted from the day of receipt."""
    guide, calendar = case.guide.guide, calendar_of(case)
    terms = [term for term in (guide.promised, guide.statutory) if term is not None]
    return [pure.end_of(calendar.add(case.receipt_day, term).on) for term in terms]
