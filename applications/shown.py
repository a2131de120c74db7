"""A case in words for pages: its facts, its course, its clocks."""

import datetime as dt
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from applications import clock
from applications.models import Application, Clock, State
from applications.workflow import STEPS


def facts(case: Application, now: dt.datetime) -> list[tuple[str, str]]:
    """The strip at the head of a case."""
    return [
        (_("办件编号"), case.number),
        (_("状态"), str(clock.standing(case, now).label)),
        (_("收件时间"), date_format(timezone.localtime(case.received_at), "DATETIME_FORMAT")),
        (_("办理机关"), case.agency.name),
    ]


def timeline(case: Application, now: dt.datetime) -> list[dict[str, Any]]:
    """What has happened, and what comes next while the case is open (components/timeline.html)."""
    events = [
        {"title": _event_title(e.step), "at": e.at, "state": "done", "words": _event_words(e.step, case)}
        for e in case.events.exclude(step="give_opinion")
    ]
    if clock.lapsed(case, now):
        events.append({"title": STEPS["deem_accepted"].label, "at": case.acceptance_due_at, "state": "done"})
    standing = clock.standing(case, now)
    if standing == State.RECEIVED:
        events.append({"title": _("等待受理"), "state": "current"})
    if standing in (State.RECEIVED, State.IN_REVIEW):
        state = "current" if standing == State.IN_REVIEW else "todo"
        events += [{"title": _("审查"), "state": state}, {"title": _("作出决定"), "state": "todo"}]
    return events


def _event_title(step: str) -> str:
    return _("收件") if step == "file" else str(STEPS[step].label)


def _event_words(step: str, case: Application) -> str:
    if step == "deem_accepted":
        day = date_format(case.receipt_day)
        return _("期限内没有告知需要补正的内容，自收到申请材料之日（%(day)s）起即为受理。") % {"day": day}
    return ""


def clocks(case: Application, today: dt.date) -> list[dict[str, Any]]:
    """Every clock with its reading, in the order of the law."""
    readings = clock.readings(case, today=today)
    units = dict(case.ledger.filter(kind="start").values_list("clock", "unit"))
    days = pgettext("counted", "日")
    words = {"workday": pgettext("counted", "个工作日"), "day": days, "month": days}
    return [
        {"label": each.label, "reading": readings[each], "unit": words[units[each]]}
        for each in Clock
        if each in readings
    ]
