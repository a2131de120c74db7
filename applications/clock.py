"""The clocks of a case: its ledger rows folded by `support.calendars.clock`, and the columns kept
as indexes of the result. Guards read these functions, so the law holds with every worker stopped.
"""

import datetime as dt
from typing import NamedTuple

from django.utils import timezone
from django.utils.translation import gettext_noop as _  # the ledger keeps the source's words; pages translate

from applications import horizon
from applications.models import UNANSWERED, Application, Clock, ClockEntry, Deadline, State, actor_columns
from applications.workflow import ClockEffect
from matters.guides import Guide
from support.calendars import clock as pure
from support.calendars.actions import calendar_for
from support.calendars.terms import Calendar, Due, Term, Unit
from support.records.actor import Actor

ENDED = {Clock.ISSUE: _("已送达")}
ISSUE_TERM = Term(10, Unit.WORKDAY)  # 行政许可法 44
NEXT_WORKDAY = Term(1, Unit.WORKDAY)
LONGEST_BASIS = 200
STATUTE = {
    Clock.ACCEPTANCE: _("行政许可法第三十二条第一款第（四）项"),
    Clock.ISSUE: _("行政许可法第四十四条"),
    Clock.CORRECTION: _("行政许可法第三十二条第一款第（四）项"),
    Clock.JUDGEMENT: _("行政许可法第三十二条第一款第（五）项"),
}
REASON = {
    Clock.ACCEPTANCE: _("收到申请材料"),
    Clock.STATUTORY: _("受理申请"),
    Clock.PROMISED: _("受理申请"),
    Clock.ISSUE: _("作出决定"),
    Clock.CORRECTION: _("一次性告知需要补正的内容"),
    Clock.JUDGEMENT: _("收到全部补正材料"),
    Clock.SUPPLEMENT: _("告知容缺受理"),
}
OF_THE_APPLICANT = (Clock.CORRECTION, Clock.SUPPLEMENT)


def term_of(guide: Guide, clock: Clock) -> Term | None:
    """The term of a clock under the pinned guide; None where there is none.

    行政许可法 44 gives ten days to hand over the certificate of a licence, and of nothing else. An approval
    or another paper that the guide ends in is such a certificate (行政许可法 39).
    """
    if clock is Clock.ISSUE and guide.is_licence:
        return ISSUE_TERM if guide.hands_over else None
    terms: dict[Clock, Term | None] = {
        Clock.ACCEPTANCE: guide.acceptance,
        Clock.STATUTORY: guide.statutory,
        Clock.PROMISED: guide.promised,
        Clock.ISSUE: guide.issue,
        Clock.JUDGEMENT: guide.acceptance,
        Clock.CORRECTION: None,  # the notice says it
        Clock.PROCEDURE: None,
        Clock.SUPPLEMENT: None,
    }
    return terms[clock]


def basis_of(guide: Guide, clock: Clock) -> str:
    """The rule a clock rests on: the statute for licences, else what the guide cites."""
    if clock is Clock.SUPPLEMENT:
        return _("办事指南公布的可容缺材料")
    if guide.is_licence and clock in STATUTE:
        return STATUTE[clock]
    if clock in STATUTE and clock is not Clock.ISSUE:
        return guide.silence_basis or guide.term_basis(Clock.ACCEPTANCE.value)
    return guide.term_basis(clock.value)


def silence_is_acceptance(guide: Guide) -> bool:
    """With licences always (行政许可法 32(1)(四)); elsewhere only where the guide cites a rule for it."""
    return guide.is_licence or bool(guide.silence_basis)


def silence_rule(guide: Guide) -> str:
    """The rule by which silence is acceptance, as pages cite it; empty where it is not."""
    return basis_of(guide, Clock.ACCEPTANCE) if silence_is_acceptance(guide) else ""


def calendar_of(case: Application) -> Calendar:
    return calendar_for(case.region_code)


def readings(case: Application, *, today: dt.date) -> dict[Clock, pure.Reading]:
    """Every clock of this case as it stands in law at the beginning of `today`: acceptance by silence
    is read whether or not a worker has written it."""
    rows = _rows(case)
    if lapsed(case, pure.end_of(today - dt.timedelta(days=1))):
        _add_silence(case, rows)
    return _read(case, rows, today)


def _rows(case: Application) -> dict[Clock, list[pure.Entry]]:
    rows: dict[Clock, list[pure.Entry]] = {}
    for row in case.ledger.order_by("id"):
        rows.setdefault(Clock(row.clock), []).append(_entry(row))
    return rows


def _read(
    case: Application, rows: dict[Clock, list[pure.Entry]], today: dt.date
) -> dict[Clock, pure.Reading]:
    calendar = calendar_of(case)
    return {clock: pure.read(entries, calendar, today=today) for clock, entries in rows.items()}


def _add_silence(case: Application, rows: dict[Clock, list[pure.Entry]]) -> None:
    """The rows that `deem_accepted` will write."""
    assert case.acceptance_due_at is not None
    guide, ended = case.guide.guide, case.acceptance_due_at
    waited = Clock.JUDGEMENT if Clock.JUDGEMENT in rows else Clock.ACCEPTANCE
    rows[waited].append(pure.Entry(pure.Kind.STOP, ended, timezone.localdate(ended)))
    for clock in (Clock.STATUTORY, Clock.PROMISED):
        if term := term_of(guide, clock):
            rows[clock] = [
                pure.Entry(
                    pure.Kind.START,
                    case.complete_at,
                    case.complete_day,
                    term,
                    REASON[clock],
                    basis_of(guide, clock),
                )
            ]


def _entry(row: ClockEntry) -> pure.Entry:
    term = Term(row.amount, Unit(row.unit)) if row.amount is not None else None
    return pure.Entry(
        kind=pure.Kind(row.kind), at=row.at, on=row.on, term=term, reason=row.reason, basis=row.basis,
        until=row.until,
    )  # fmt: skip


def apply(
    case: Application,
    effect: ClockEffect,
    *,
    guide: Guide,
    actor: Actor,
    at: dt.datetime,
    term: Term | None = None,
) -> None:
    """Write the ledger row of one effect. Stopping a clock that does not run is nothing.

    `term`: that of a clock which no guide knows, but the act itself.
    """
    if effect.kind == "stop":
        stop(case, effect.clock, actor=actor, at=at)
        return
    term = term or term_of(guide, effect.clock)
    if term is None:
        return
    start(case, effect.clock, term, guide=guide, actor=actor, at=case.complete_at if effect.from_receipt else at)


def start(case: Application, clock: Clock, term: Term, *, guide: Guide, actor: Actor, at: dt.datetime) -> None:
    """Write the beginning of a clock."""
    ClockEntry.objects.create(
        case=case,
        clock=clock,
        kind="start",
        at=at,
        on=timezone.localdate(at),
        amount=term.amount,
        unit=term.unit,
        reason=REASON[clock],
        basis=basis_of(guide, clock)[:LONGEST_BASIS],
        **actor_columns(actor),
    )


def stop(
    case: Application, clock: Clock, *, actor: Actor, at: dt.datetime, on: dt.date | None = None
) -> None:
    """Write the end of a clock, as of the day `on` if not that of `at`, and close its deadline."""
    kinds = list(case.ledger.filter(clock=clock).order_by("id").values_list("kind", flat=True))
    if not kinds or kinds[-1] == "stop":
        return
    ClockEntry.objects.create(
        case=case,
        clock=clock,
        kind="stop",
        at=at,
        on=on or timezone.localdate(at),
        reason=ENDED.get(clock, _("已办理")),
        basis="",
        **actor_columns(actor),
    )
    case.deadlines.filter(kind=clock, done_at=None).update(done_at=at)


def enter(case: Application, clock: Clock, entry: pure.Entry, *, actor: Actor) -> None:
    """Write one row of a hold or an extension, if the law allows it behind those that are there. Raises ClockError."""
    pure.admit(_rows(case).get(clock, ()), entry, calendar_of(case))
    ClockEntry.objects.create(
        case=case,
        clock=clock,
        kind=entry.kind,
        at=entry.at,
        on=entry.on,
        amount=entry.term.amount if entry.term else None,
        unit=entry.term.unit if entry.term else "",
        until=entry.until,
        reason=entry.reason,
        basis=entry.basis[:LONGEST_BASIS],
        **actor_columns(actor),
    )


def recompute(case: Application, *, today: dt.date) -> None:
    """Derive the index columns and the open deadlines from the ledger as written. The caller saves the case."""
    calendar = calendar_of(case)
    found = _read(case, _rows(case), today)
    for clock, reading in found.items():
        end = pure.end_of(reading.due_on) if reading.due_on else None
        if end is not None and not reading.stopped:
            _set_deadline(case, clock, end)
        if clock in (Clock.ACCEPTANCE, Clock.JUDGEMENT):  # in the order of the ledger: the later one counts
            case.acceptance_due_at = end
        elif clock is Clock.CORRECTION:
            case.correction_due_at = end
        elif clock is Clock.STATUTORY:
            case.statutory_due_at = end
        elif clock is Clock.PROMISED:
            case.promised_due_at = end
    if Clock.SUPPLEMENT in found and case.closed_at is None:
        _date_deferred(case, calendar)
    owed = (reading for clock, reading in found.items() if clock not in OF_THE_APPLICANT)
    first = horizon.nearest(horizon.of_reading(reading, calendar) for reading in owed)
    case.due_at, case.amber_at, case.held_until = first
    _foresee_silence(case, calendar)
    case.calendar_version = calendar.version


def _date_deferred(case: Application, calendar: Calendar) -> None:
    """The last day of each deferred material, counted from the notice; none lies behind the statutory term."""
    began = case.ledger.filter(clock=Clock.SUPPLEMENT, kind="start").get()
    for item in case.deferred.all():
        due_at = pure.end_of(calendar.add(began.on, Term(item.days, Unit.WORKDAY)).on)
        item.due_at = min(due_at, case.statutory_due_at or due_at)
        item.save(update_fields=["due_at"])
    Deadline.objects.filter(case=case, kind=Clock.SUPPLEMENT, done_at=None, next_at__gt=began.at).update(
        next_at=pure.end_of(began.on)  # looked at every day, for each has its own
    )


def _foresee_silence(case: Application, calendar: Calendar) -> None:
    """The same columns as they will be if silence accepts the case: counted from the day of receipt
    (行政许可法 32(1)(四)). SQL then follows the law although nobody has written it down yet."""
    case.deemed_due_at = case.deemed_amber_at = case.deemed_statutory_due_at = None
    if case.state not in UNANSWERED or not case.deemable:
        return
    guide = case.guide.guide
    ends = {
        clock: calendar.add(case.complete_day, term).on
        for clock, term in ((Clock.PROMISED, guide.promised), (Clock.STATUTORY, guide.statutory))
        if term is not None
    }
    first = horizon.nearest(horizon.of_term(case.complete_day, on, calendar) for on in ends.values())
    case.deemed_due_at, case.deemed_amber_at, _held = first
    if Clock.STATUTORY in ends:
        case.deemed_statutory_due_at = pure.end_of(ends[Clock.STATUTORY])


def _set_deadline(case: Application, clock: Clock, end: dt.datetime) -> None:
    deadline, created = Deadline.objects.get_or_create(
        case=case, kind=clock, round=1, defaults={"due_at": end, "next_at": end}
    )
    if not created and deadline.done_at is None and deadline.due_at != end:
        Deadline.objects.filter(pk=deadline.pk).update(due_at=end, next_at=end)


def lapsed(case: Application, now: dt.datetime) -> bool:
    """True when silence has made the case accepted at `now`, by 行政许可法 32(1)(四) or the rule that the
    guide cites (`deemable`)."""
    return (
        case.state in UNANSWERED
        and case.deemable
        and case.acceptance_due_at is not None
        and case.acceptance_due_at <= now
    )


def standing(case: Application, now: dt.datetime) -> State:
    """The state in law at `now`, whether or not any worker has written it yet."""
    return State.IN_REVIEW if lapsed(case, now) else State(case.state)


def forecast(guide: Guide, *, received_on: dt.date, region_code: str) -> dict[str, Due]:
    """What an applicant is told at filing: the last day for acceptance, and, if accepted only then,
    the last days for the decision. Conditional: correction or special procedures would move them.

    `instant`: 即办件 are decided when the window sees them, so within office hours on the day of receipt,
    else on the next working day. That day is told; it starts no clock unless the guide promises a term.
    """
    calendar = calendar_for(region_code)
    acceptance = calendar.add(received_on, guide.acceptance)
    dates = {"acceptance": acceptance}
    if guide.is_instant:
        dates["instant"] = calendar.add(received_on, NEXT_WORKDAY)
    for name, term in (("promised", guide.promised), ("statutory", guide.statutory)):
        if term is not None:
            dates[name] = calendar.add(acceptance.on, term)
    return dates


class Dates(NamedTuple):
    """Acceptance and ends of the terms of one case in law; each end is the instant after the last day."""

    accepted_at: dt.datetime | None
    acceptance_due_at: dt.datetime | None
    promised_due_at: dt.datetime | None
    statutory_due_at: dt.datetime | None
    due_at: dt.datetime | None


def dates(case: Application, now: dt.datetime) -> Dates:
    """The dates of a case as they are in law at `now`, for lists, pages and the API: if silence has made
    it accepted, those counted from the receipt, though nobody has written them yet. No query."""
    if not lapsed(case, now):
        return Dates(
            case.accepted_at, case.acceptance_due_at, case.promised_due_at, case.statutory_due_at, case.due_at
        )
    guide, calendar = case.guide.guide, calendar_of(case)
    promised, statutory = (
        pure.end_of(calendar.add(case.complete_day, term).on) if term else None
        for term in (guide.promised, guide.statutory)
    )
    due_at = min((end for end in (promised, statutory) if end), default=None)
    return Dates(case.complete_at, case.acceptance_due_at, promised, statutory, due_at)
