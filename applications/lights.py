"""Lights: how much time is left of the nearest live clock, in Python for a row and in SQL for lists.

Both read the columns that `clock.recompute` derives, and a case accepted by silence follows the law
before anybody has written it down (行政许可法 32(1)(四)). Each pair of functions below says one thing
twice; tests hold them together.
"""

import datetime as dt
from dataclasses import dataclass
from typing import NamedTuple

from django.db import models
from django.db.models import Case, CharField, DateTimeField, F, Q, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from applications import clock, horizon
from applications.models import UNANSWERED, Application, Clock, State, lapsed
from support.calendars.terms import Calendar


class Level(models.TextChoices):
    RED = "red", gettext_lazy("已超期")
    AMBER = "amber", gettext_lazy("临近到期")
    GREEN = "green", gettext_lazy("时限充裕")
    PAUSED = "paused", gettext_lazy("已暂停")


NONE = "none"


class Ends(NamedTuple):
    """The columns that count at an instant."""

    due_at: dt.datetime | None
    amber_at: dt.datetime | None
    held_until: dt.datetime | None
    statutory_due_at: dt.datetime | None


def ends(case: Application, now: dt.datetime) -> Ends:
    """Those of the clock that runs in law at `now`."""
    if clock.lapsed(case, now):
        return Ends(case.deemed_due_at, case.deemed_amber_at, None, case.deemed_statutory_due_at)
    return Ends(case.due_at, case.amber_at, case.held_until, case.statutory_due_at)


def due_in_law(now: dt.datetime) -> Case:
    """The end in law as an SQL expression, null where no clock runs."""
    silent = When(lapsed(now), then=F("deemed_due_at"))
    return Case(silent, default=F("due_at"), output_field=DateTimeField())


def level(case: Application, now: dt.datetime) -> str:
    """A Level, or NONE where no clock runs."""
    due_at, amber_at, held_until, _statutory = ends(case, now)
    if due_at is None:
        return NONE
    if held_until is not None and held_until > now:
        return Level.PAUSED
    if due_at <= now:
        return Level.RED
    return Level.AMBER if amber_at is not None and amber_at <= now else Level.GREEN


def lit(wanted: str, now: dt.datetime) -> Q:
    """The cases that show this light at `now`: `level` for SQL."""
    silent = lapsed(now)
    held = Q(held_until__gt=now)
    written = ~silent & Q(due_at__isnull=False)
    if wanted == Level.PAUSED:
        return written & held
    found = (written & ~held & _runs(wanted, "", now)) | (silent & _runs(wanted, "deemed_", now))
    # True of all of them, of what silence has accepted too: the range in which an index finds them.
    ranges = {Level.RED: Q(due_at__lte=now), Level.AMBER: Q(amber_at__lte=now)}
    return ranges.get(Level(wanted), Q()) & found


def _runs(wanted: str, prefix: str, now: dt.datetime) -> Q:
    past = Q(**{f"{prefix}due_at__lte": now})
    left = Q(**{f"{prefix}due_at__gt": now})
    near = Q(**{f"{prefix}amber_at__lte": now})
    return {Level.RED: past, Level.AMBER: left & near, Level.GREEN: left & ~near}[Level(wanted)]


def level_column(now: dt.datetime) -> Case:
    """The light as an SQL expression, to count by."""
    branches = [When(lit(each, now), then=Value(each.value)) for each in Level]
    return Case(*branches, default=Value(NONE), output_field=CharField())


# --- what was breached --------------------------------------------------------------------------------


class Breach(models.TextChoices):
    """A term that has ended unanswered: 红 where it is that of the law, 黄 where it was promised or published."""

    STATUTORY = "statutory", gettext_lazy("超过法定时限")
    PROMISED = "promised", gettext_lazy("超过承诺时限")
    ACCEPTANCE = "acceptance", gettext_lazy("超过受理期限")


def past_the_law(now: dt.datetime) -> Q:
    """Of the cases that are late: those past their statutory term."""
    written = ~lapsed(now) & Q(statutory_due_at__lte=now)
    return written | (lapsed(now) & Q(deemed_statutory_due_at__lte=now))


def breach(case: Application, now: dt.datetime) -> Breach | None:
    if level(case, now) != Level.RED:
        return None
    statutory = ends(case, now).statutory_due_at
    if statutory is not None and statutory <= now:
        return Breach.STATUTORY
    return Breach.ACCEPTANCE if clock.standing(case, now) in UNANSWERED else Breach.PROMISED


# --- in words -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Light:
    """A level, the words that say the same, and the last day."""

    level: str
    words: str = ""
    due_on: dt.date | None = None


def light(case: Application, now: dt.datetime, calendar: Calendar) -> Light:
    """The light of a case. Nothing is asked of the database."""
    shown = level(case, now)
    due_at, _amber, held_until, _statutory = ends(case, now)
    if shown == NONE or due_at is None:
        return Light(NONE, _("已办结") if case.closed_at else "")
    due_on = last_day(due_at)
    today = timezone.localdate(now)
    if shown == Level.PAUSED:
        return Light(shown, _paused(held_until))
    if shown == Level.RED:
        return Light(shown, _over(calendar.workdays_between(due_on, today)), due_on)
    left = calendar.workdays_between(today, due_on)
    return Light(shown, _left(left), due_on)


def last_day(end: dt.datetime) -> dt.date:
    """The last day of a term whose end is the following midnight."""
    return timezone.localdate(end) - dt.timedelta(days=1)


def days_over(case: Application, now: dt.datetime, calendar: Calendar) -> int | None:
    """Working days since the last day of a term that has ended; None while none has."""
    due_at = ends(case, now).due_at
    if level(case, now) != Level.RED or due_at is None:
        return None
    return calendar.workdays_between(last_day(due_at), timezone.localdate(now))


def _over(days: int) -> str:
    return ngettext("超期 %(n)d 个工作日", "超期 %(n)d 个工作日", days) % {"n": days} if days else _("已超期")


def _left(days: int) -> str:
    return ngettext("剩 %(n)d 个工作日", "剩 %(n)d 个工作日", days) % {"n": days} if days else _("今天到期")


def _paused(held_until: dt.datetime | None) -> str:
    if held_until is None or held_until == horizon.NO_END:
        return _("已暂停")
    return _("已暂停 · 至 %(day)s") % {"day": last_day(held_until).isoformat()}


def why(case: Application, now: dt.datetime) -> str:
    """Which clock the light follows, and when it turns amber."""
    due_at, amber_at, _held, statutory = ends(case, now)
    if due_at is None:
        return ""
    words = {"clock": _leading(case, due_at, statutory, now).label, "day": last_day(due_at).isoformat()}
    if amber_at is None:
        return _("按最先到期的%(clock)s：%(day)s 24 时届满。") % words
    words["amber"] = timezone.localdate(amber_at).isoformat()
    return _("按最先到期的%(clock)s：%(amber)s 起为黄灯，%(day)s 24 时届满，逾期为红灯。") % words


def _leading(
    case: Application, due_at: dt.datetime, statutory: dt.datetime | None, now: dt.datetime
) -> Clock:
    if case.closed_at is not None:
        return Clock.ISSUE
    standing = clock.standing(case, now)
    if standing in UNANSWERED:
        return Clock.ACCEPTANCE if standing == State.RECEIVED else Clock.JUDGEMENT
    return Clock.STATUTORY if due_at == statutory and case.promised_due_at != due_at else Clock.PROMISED
