"""办件进度 without a login: stage and dates, to whoever holds the number and four characters of the applicant.

A wrong pair, an unknown number and a locked one take the same way: one query, one comparison, one record.
"""

import datetime as dt
import hmac
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from applications import clock
from applications.models import UNANSWERED, Application, Clock, State, case_target
from matters.guides import Guide
from support.accounts import attempts
from support.accounts.models import Party
from support.calendars.terms import Due
from support.records import actions as records
from support.records.actor import Actor

KNOWN = 4  # characters of the number or the phone


class Locked(Exception):
    """Too many wrong tries of this number; the message says how long to wait."""

    def __init__(self, minutes: int) -> None:
        words = ngettext(
            "这个编号连续输错的次数过多。为保护申请人的信息，请 %(count)s 分钟后再试。",
            "这个编号连续输错的次数过多。为保护申请人的信息，请 %(count)s 分钟后再试。",
            minutes,
        )
        super().__init__(words % {"count": minutes})


@dataclass(frozen=True)
class Progress:
    """What may be told: no name, no material, no reason, not how it was decided."""

    number: str
    matter: str
    stage: str
    closed: bool
    events: list[dict[str, Any]]


@lru_cache(maxsize=1)
def _nobody(keys: str) -> Party:
    """Compared with where there is no such case, so that it takes as long; sealed under the ring in use."""
    party = Party(uuid=UUID(int=0))
    party.number, party.phone = "0" * 18, "0" * 11
    return party


def _names(party: Party, last_four: str) -> bool:
    """Whether these are the last characters of the party's number or phone; both are always compared."""
    given = last_four.encode()
    by_number = hmac.compare_digest(party.number[-KNOWN:].encode(), given)
    by_phone = hmac.compare_digest(party.phone[-KNOWN:].encode(), given)
    return by_number or by_phone


def look(
    number: str, last_four: str, *, language: str, address: str, actor: Actor, now: dt.datetime
) -> Progress | None:
    """The progress of a case; None when the two do not belong together. Raises Locked.

    Both normalised (`numbers.normalise`); `address` is the client's, whose wrong tries are counted. Every
    look is recorded, without what was typed.
    """
    wait = attempts.minutes_to_wait(number, address)
    case = Application.objects.for_progress(number).first()
    right = (
        _names(case.party if case else _nobody(settings.FIELD_KEYS), last_four)
        and case is not None
        and not wait
    )
    records.write(
        "read.progress" if right else "refuse.progress",
        actor=actor,
        target=case_target(case) if case else "applications.application",
        subject_id=case.party_id if case else None,
        agency_id=case.agency_id if case else None,
        details={"locked": bool(wait)},
        at=now,
    )
    if wait:
        raise Locked(wait)
    if case is None or not right:
        return None
    attempts.forget_case_try(number, address)
    guide = case.guide.guide_in(language)
    return Progress(
        number=case.number,
        matter=guide.name,
        stage=_("已办结") if case.closed_at else str(clock.standing(case, now).label),
        closed=case.closed_at is not None,
        events=_events(case, guide, now),
    )


def _events(case: Application, guide: Guide, now: dt.datetime) -> list[dict[str, Any]]:
    """Receipt, acceptance, review, end (components/timeline.html)."""
    events = [{"title": _("收件"), "at": case.received_at, "state": "done"}]
    standing = clock.standing(case, now)
    expected = _expected(case, guide, now)
    last_day = _by(_("预计不晚于 %(day)s 办结"), expected) if expected else ""
    if case.accepted_at or clock.lapsed(case, now):
        events.append(_acceptance(case))
    if case.closed_at:
        return [*events, {"title": _("办结"), "at": case.closed_at, "state": "done"}]
    if standing == State.CORRECTING:
        events.append({"title": _("等待申请人补正"), "state": "current"})
        events.append({"title": _("审查"), "state": "todo"})
    elif standing in UNANSWERED:
        by = _acceptance_due(case, now)
        words = _by(_("最迟 %(day)s 决定是否受理"), by) if by else ""
        events.append({"title": _("等待受理"), "state": "current", "words": words})
        events.append({"title": _("审查"), "state": "todo"})
    else:
        title = _("审查") if standing == State.IN_REVIEW else str(standing.label)
        events.append({"title": title, "state": "current"})
    return [*events, {"title": _("办结"), "state": "todo", "words": last_day}]


def _acceptance(case: Application) -> dict[str, Any]:
    if case.accepted_at:
        return {"title": _("受理"), "at": case.accepted_at, "state": "done"}
    words = _("期限内没有告知需要补正的内容，自收到申请材料之日起即为受理。")
    return {"title": _("视为受理"), "at": case.received_at, "state": "done", "words": words}


def _acceptance_due(case: Application, now: dt.datetime) -> Due | None:
    readings = clock.readings(case, today=timezone.localdate(now))
    reading = readings.get(Clock.JUDGEMENT) or readings.get(Clock.ACCEPTANCE)
    return Due(reading.due_on, reading.missing) if reading and reading.due_on else None


def _expected(case: Application, guide: Guide, now: dt.datetime) -> Due | None:
    """The last day of the promised, else of the statutory term: forecast until accepted, then as it runs."""
    if case.closed_at:
        return None
    if case.state == State.CORRECTING:
        return None
    if case.state in UNANSWERED and not clock.lapsed(case, now):
        dates = clock.forecast(guide, received_on=case.complete_day, region_code=case.region_code)
        return dates.get("promised") or dates.get("statutory")
    if case.state in UNANSWERED:
        term = guide.promised or guide.statutory
        return clock.calendar_of(case).add(case.complete_day, term) if term else None
    readings = clock.readings(case, today=timezone.localdate(now))
    reading = readings.get(Clock.PROMISED) or readings.get(Clock.STATUTORY)
    return Due(reading.due_on, reading.missing) if reading and reading.due_on else None


def _by(words: str, due: Due) -> str:
    said = words % {"day": date_format(due.on)}
    return _("%(words)s（暂定，放假通知公布后可能变动）") % {"words": said} if due.provisional else said
