"""The sweep: looks at cases whose term has run out and lets the door write what the law has done.

Rows are claimed with SKIP LOCKED, deadline and case together, so that any number of workers do no
more harm than one and none waits for an officer. One savepoint per case: a poison case keeps its
error and comes back later, the others go on.
"""

import datetime as dt
import logging
from collections.abc import Callable

from django.db import transaction
from django.utils import timezone

from applications import clock, papers
from applications.actions import settle
from applications.models import Application, Clock, Deadline, DeferredMaterial
from applications.procedures import acts as procedures
from support.calendars import clock as pure
from support.calendars.actions import current_version
from support.calendars.terms import ONE_DAY, Term, Unit
from support.notices import actions as notices
from support.places.models import Role

log = logging.getLogger(__name__)

BATCH = 50
RETRY = dt.timedelta(minutes=5)
REMINDER = Term(2, Unit.WORKDAY)  # before the last day of a deferred material


def sweep(now: dt.datetime, *, batch: int = BATCH) -> int:
    """Handle every deadline due at `now`; returns how many were looked at."""
    seen = 0
    while count := _one_batch(now, batch):
        seen += count
        if count < batch:
            break
    return seen


@transaction.atomic
def _one_batch(now: dt.datetime, batch: int) -> int:
    due = list(
        Deadline.objects.filter(done_at=None, next_at__lte=now)
        .select_related("case")
        .order_by("next_at", "id")
        .select_for_update(of=("self", "case"), skip_locked=True)[:batch]
    )
    for deadline in due:
        try:
            with transaction.atomic():
                HANDLERS[Clock(deadline.kind)](deadline, now)
        except Exception as error:  # a poison case must not stop the others
            log.exception("deadline %s of case %s", deadline.kind, deadline.case_id)
            Deadline.objects.filter(pk=deadline.pk).update(
                attempts=deadline.attempts + 1,
                next_at=now + RETRY * (deadline.attempts + 1),
                error=repr(error)[:2000],
            )
    return len(due)


def _done(deadline: Deadline, now: dt.datetime) -> None:
    Deadline.objects.filter(pk=deadline.pk, done_at=None).update(done_at=now, error="")


def _acceptance(deadline: Deadline, now: dt.datetime) -> None:
    """Silence: accepted as of receipt where the law says so; elsewhere the supervisor is told."""
    case = deadline.case
    settled = settle(case, now)
    if not settled and case.acceptance_due_at and case.acceptance_due_at > now:
        return  # an official calendar has moved the day; the deadline row moved with it
    if not settled:
        _tell_overdue(deadline, now)
    _done(deadline, now)


def _overdue(deadline: Deadline, now: dt.datetime) -> None:
    """The promised or statutory term has ended without a decision (优化营商环境条例 36)."""
    _tell_overdue(deadline, now)
    _done(deadline, now)


def _issue(deadline: Deadline, now: dt.datetime) -> None:
    """The term for handing over what was granted (行政许可法 44, or the guide) has ended: its service would
    have closed this deadline."""
    _tell_overdue(deadline, now)
    _done(deadline, now)


def _tell_overdue(deadline: Deadline, now: dt.datetime) -> None:
    case = deadline.case
    context = {
        "number": case.number,
        "matter": case.guide.document["name"],
        "clock": str(Clock(deadline.kind).label),
    }
    for role in (Role.APPROVER, Role.SUPERVISOR):
        notices.tell_officers(
            case.agency_id, role, "case_overdue", key=f"{case.uuid}:overdue:{deadline.kind}:{role}",
            context=context, url=papers.desk_url(case), now=now,
        )  # fmt: skip
    notices.tell_party(
        case.party_id, "case_overdue_party", key=f"{case.uuid}:overdue:{deadline.kind}",
        context=context, url=papers.case_url(case), now=now, agency_id=case.agency_id,
    )  # fmt: skip
    notices.wake()


def _correction(deadline: Deadline, now: dt.datetime) -> None:
    """The applicant's term for a correction has ended. Nothing is refused by a timer: the clerks are told that
    the case may be returned, the applicant that it still may be answered until then."""
    case = deadline.case
    if case.correction_due_at and case.correction_due_at > now:
        return
    context = {"number": case.number, "matter": case.guide.document["name"]}
    notices.tell_officers(
        case.agency_id, Role.CLERK, "correction_over_officer", key=f"{case.uuid}:correction_over",
        context=context, url=papers.desk_url(case), now=now,
    )  # fmt: skip
    notices.tell_party(
        case.party_id, "correction_over", key=f"{case.uuid}:correction_over", context=context,
        url=papers.case_url(case), now=now, agency_id=case.agency_id,
    )  # fmt: skip
    notices.wake()
    _done(deadline, now)


def _procedure(deadline: Deadline, now: dt.datetime) -> None:
    """The last day told for a special procedure has come: who reviews is reminded. From the next day on the
    terms run again by themselves."""
    case = deadline.case
    running = case.procedures.filter(ended_at=None).first()
    if running is not None and case.closed_at is None:
        notices.tell_officers(
            case.agency_id, Role.OFFICER, "procedure_due_officer",
            key=f"{case.uuid}:procedure:{deadline.round}",
            context={
                "number": case.number, "matter": case.guide.document["name"],
                "procedure": procedures.names(case)[running.key], "day": running.until.isoformat(),
            },
            url=papers.desk_url(case), now=now,
        )  # fmt: skip
        notices.wake()
    _done(deadline, now)


def _deferred(deadline: Deadline, now: dt.datetime) -> None:
    """Looks once a day at what was left out under 容缺: reminds before each last day, and tells of each that is over.
    Nothing is refused by a timer; the officers decide."""
    case, calendar, today = deadline.case, clock.calendar_of(deadline.case), timezone.localdate(now)
    items = [item for item in case.deferred.all() if item.is_open() and item.due_at]
    soon = calendar.add(today, REMINDER).on
    over = [i for i in items if i.due_at and i.due_at <= now]
    near = [i for i in items if i.due_at and now < i.due_at <= pure.end_of(soon)]
    for item in near:
        _tell_deferred("deferred_soon", item, case, now)
    for item in over:
        _tell_deferred("deferred_over", item, case, now)
    if len(over) == len(items) and deadline.due_at <= now:
        _done(deadline, now)
    else:
        Deadline.objects.filter(pk=deadline.pk).update(next_at=pure.end_of(today))


def _tell_deferred(kind: str, item: DeferredMaterial, case: Application, now: dt.datetime) -> None:
    guide, key = case.guide.guide, f"{case.uuid}:{kind}:{item.pk}"
    context = {
        "number": case.number, "matter": case.guide.document["name"], "names": guide.material(item.material_key).name,
        "day": (timezone.localdate(item.due_at) - ONE_DAY).isoformat(),
    }  # fmt: skip
    notices.tell_party(
        case.party_id, kind, key=key, context=context, url=papers.case_url(case), now=now, agency_id=case.agency_id
    )  # fmt: skip
    if kind == "deferred_over":
        notices.tell_officers(
            case.agency_id, Role.OFFICER, "deferred_over_officer", key=key, context=context,
            url=papers.desk_url(case), now=now,
        )  # fmt: skip
    notices.wake()


HANDLERS: dict[Clock, Callable[[Deadline, dt.datetime], None]] = {
    Clock.ACCEPTANCE: _acceptance,
    Clock.PROMISED: _overdue,
    Clock.STATUTORY: _overdue,
    Clock.ISSUE: _issue,
    Clock.CORRECTION: _correction,
    Clock.JUDGEMENT: _acceptance,
    Clock.PROCEDURE: _procedure,
    Clock.SUPPLEMENT: _deferred,
}


def recompute_stale(now: dt.datetime, *, batch: int = 200) -> int:
    """Derive the dates of cases with a running clock again after an official calendar was loaded; returns
    how many. Of closed ones, those whose certificate is not served yet."""
    issuing = Application.objects.exclude(closed_at=None).exclude(due_at=None)
    total = 0
    for rows in (Application.objects.open(), issuing):
        stale, last = rows.filter(calendar_version__lt=current_version()).order_by("id"), 0
        while ids := list(stale.filter(pk__gt=last).values_list("pk", flat=True)[:batch]):
            total += sum(_recompute(pk, now) for pk in ids)
            last = ids[-1]
    return total


def _recompute(pk: int, now: dt.datetime) -> bool:
    """One case in a transaction of its own; one that an officer holds, or that fails, waits for the next pass."""
    try:
        with transaction.atomic():
            case = Application.objects.select_for_update(skip_locked=True).filter(pk=pk).first()
            if case:
                settle(case, now)
            return case is not None
    except Exception:
        log.exception("dates of case %s", pk)
        return False
