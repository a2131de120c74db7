"""A case in words for pages: its facts, its course, its clocks."""

import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from applications import clock, desk, regimes
from applications.corrections.acts import name_of
from applications.intake import intake_of
from applications.models import Application, Clock, CorrectionItem, DeferredMaterial, SpecialProcedure, State
from applications.regimes import Words
from certificates.models import Certificate
from matters.guides import SOURCE, Guide, say
from support.accounts.hats import office_holders
from support.calendars import words
from support.calendars.clock import Reading
from support.calendars.terms import ONE_DAY, Calendar, Day, DayKind, Unit
from support.places.models import Role


class Standing(NamedTuple):
    """The state in law, and what cases of this kind call it."""

    state: State
    label: Words


def standing(case: Application, now: dt.datetime) -> Standing:
    state = clock.standing(case, now)
    return Standing(state, regimes.state_words(state, case.guide.guide))


def facts(case: Application, now: dt.datetime) -> list[tuple[str, str]]:
    """The strip at the head of a case."""
    return [
        (_("办件编号"), case.number),
        (_("状态"), str(standing(case, now).label)),
        (_("收件时间"), date_format(timezone.localtime(case.received_at), "DATETIME_FORMAT")),
        (_("办理机关"), case.agency.name),
    ]


def timeline(case: Application, now: dt.datetime) -> list[dict[str, Any]]:
    """What has happened, and what comes next while the case is open (components/timeline.html)."""
    guide = case.guide.guide
    told = _told(case)
    events = [
        {
            "title": _event_title(e.step, guide), "at": e.at, "state": "done",
            "words": told.get((e.step, e.at)) or _event_words(e.step, case),
        }
        for e in case.events.exclude(step="give_opinion")
    ]  # fmt: skip
    if clock.lapsed(case, now):
        title = _event_title("deem_accepted", guide)
        events.append({"title": title, "at": case.acceptance_due_at, "state": "done"})
    state = clock.standing(case, now)
    waits = {
        State.RECEIVED: _("等待受理"),
        State.CORRECTING: _("等待申请人补正"),
        State.SUPPLEMENTED: _("等待核对补正"),
    }
    if state in waits:
        events.append({"title": waits[state], "state": "current"})
    if state in (*waits, State.IN_REVIEW):
        review = "current" if state == State.IN_REVIEW else "todo"
        events += [
            {"title": _("审查"), "state": review},
            {"title": regimes.speech(guide).deciding, "state": "todo"},
        ]
    return events


def _told(case: Application) -> dict[tuple[str, dt.datetime], str]:
    """What the events of special procedures and extensions say, by their instant."""
    said = {}
    for each in procedures(case, dt.date.max):
        for notice in each["notices"]:
            facts = {"name": each["name"], "day": date_format(notice.until)}
            said["extend", notice.at] = _("法定办结时限延长到 %(day)s。") % facts
            told = _("%(name)s，告知到 %(day)s 为止。") % facts
            said["start_procedure", notice.at] = said["prolong_procedure", notice.at] = told
        if each["row"].ended_at and not each["extends"]:
            facts = {"name": each["name"], "day": date_format(each["row"].ended_on)}
            said["end_procedure", each["row"].ended_at] = _("%(name)s，%(day)s 结束。") % facts
    return said


def _event_title(step: str, guide: Guide) -> str:
    return _("收件") if step == "file" else str(regimes.step(step, guide).label)


def _event_words(step: str, case: Application) -> str:
    if step == "file":
        return intake_words(case)
    if step == "deem_accepted":
        day = date_format(case.complete_day)
        if case.supplemented_at:
            return _("期限内没有核对补正，自收到全部补正材料之日（%(day)s）起即为受理。") % {"day": day}
        return _("期限内没有告知需要补正的内容，自收到申请材料之日（%(day)s）起即为受理。") % {"day": day}
    return ""


def intake_words(case: Application) -> str:
    """Who took the case in at the window, and who came for the applicant; empty where it was filed online."""
    intake = intake_of(case)
    if intake is None:
        return ""
    officer = _("由窗口人员%(officer)s代为录入，申请人核对并签名。") % {"officer": intake.officer_name}
    if not intake.agent_name:
        return officer
    agent = _("由窗口人员%(officer)s代为录入，经办人%(agent)s核对并签名（%(mandate)s）。")
    return agent % {
        "officer": intake.officer_name, "agent": intake.agent_name, "mandate": intake.mandate,
    }  # fmt: skip


def correction(case: Application) -> dict[str, Any]:
    """一次性告知 as both sides read it; empty where nothing had to be corrected."""
    told = getattr(case, "correction", None)
    if told is None:
        return {}
    due = case.correction_due_at
    return {
        "told_at": told.told_at,
        "due_on": timezone.localdate(due) - ONE_DAY if due else None,
        "items": [_item(item, case) for item in told.items.all()],
    }


def _item(item: CorrectionItem, case: Application) -> dict[str, Any]:
    standings = {True: (_("符合要求"), "ok"), False: (_("仍不符合要求"), "bad")}
    waits = (_("已补正，待核对"), "info") if case.state == State.SUPPLEMENTED else ("", "calm")
    words, tone = waits if item.met is None else standings[item.met]
    return {
        "name": name_of(case.guide.said, item.target, item.key), "why": item.why, "how": item.how,
        "judged": item.judged, "standing": words, "tone": tone,
    }  # fmt: skip


def procedures(case: Application, today: dt.date) -> list[dict[str, Any]]:
    """特别程序 and extension with every notice given, as both sides read them."""
    names = {each.key: each.name for each in case.guide.said.procedures}
    rows = case.procedures.prefetch_related("notices")
    return [
        {
            "row": row, "name": names.get(row.key) or _("延长办理期限"), "notices": row.notices.all(),
            "extends": row.code == SpecialProcedure.Code.EXTENSION, "runs": row.ended_at is None,
            "over": row.ended_at is None and row.until < today,
        }
        for row in rows
    ]  # fmt: skip


def deferral(case: Application, now: dt.datetime) -> list[dict[str, Any]]:
    """容缺受理 as both sides read it; empty where nothing was left out."""
    return [
        {
            "name": case.guide.said.material(item.material_key).name, "judged": item.judged,
            "due_on": timezone.localdate(item.due_at) - ONE_DAY if item.due_at else None,
            **dict(zip(("standing", "tone"), _deferred_standing(item, now), strict=True)),
        }
        for item in case.deferred.all()
    ]  # fmt: skip


def _deferred_standing(item: DeferredMaterial, now: dt.datetime) -> tuple[str, str]:
    if item.met is not None:
        return (_("符合要求"), "ok") if item.met else (_("仍不符合要求"), "bad")
    if item.handed_at:
        return _("已补交，待核对"), "info"
    if item.due_at and item.due_at <= now:
        return _("逾期未补交"), "bad"
    return (_("待补交"), "warn") if item.due_at else (_("受理后补交"), "calm")


def handed_in(case: Application) -> list[dict[str, Any]]:
    """What was received on paper at a window, by material of the guide."""
    names = {material.key: material.name for material in case.guide.said.materials}
    return [
        {"name": names[row.material_key], "original": row.original, "copy": row.copy} for row in case.sheets.all()
    ]


def clocks(case: Application, today: dt.date) -> list[dict[str, Any]]:
    """Every clock with its reading and its stretches, in the order of the law: `lines` count day by day."""
    calendar = clock.calendar_of(case)
    names = {each["name"][SOURCE]: say(each["name"], case.guide.said.speaks) for each in _procedures(case)}
    readings = clock.readings(case, today=today)
    guide = case.guide.guide
    units = {each: term.unit for each in Clock if (term := clock.term_of(guide, each))}
    units[Clock.CORRECTION] = units[Clock.SUPPLEMENT] = Unit.WORKDAY
    days = pgettext("counted", "日")
    units_in_words = {"workday": pgettext("counted", "个工作日"), "day": days, "month": days}
    return [
        {
            "label": each.label, "reading": readings[each], "unit": units_in_words[units[each]],
            "lines": _lines(readings[each], calendar, names, workdays=units[each] is Unit.WORKDAY),
        }
        for each in Clock
        if each in readings
    ]


def _procedures(case: Application) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = case.guide.document["special_procedures"]
    return listed


def _lines(
    reading: Reading, calendar: Calendar, names: dict[str, str], *, workdays: bool
) -> list[dict[str, Any]]:
    """One line for each stretch: which days, the how-many-th of the term they are, what was left out and why."""
    lines: list[dict[str, Any]] = []
    count = 0
    for why in reading.why:
        if why.kind != "extend" and why.after == why.until:
            continue  # over on the very day it began
        first = count + 1
        count += why.counted if why.kind == "run" else 0
        worked = calendar.special(why.after, why.until) if workdays and why.kind == "run" else ()
        lines.append(
            {
                "kind": why.kind, "since": why.after + ONE_DAY, "until": why.until, "on": why.after,
                "counted": why.counted, "first": first, "last": count,
                "skipped": grouped(why.skipped),
                "worked": grouped([day for day in worked if day.kind is DayKind.MAKEUP]),
                "reason": "" if why.kind == "run" and first > 1 else names.get(why.reason, why.reason),
                "basis": why.basis,
            }
        )  # fmt: skip
    return sorted(lines, key=lambda line: (line["until"], line["kind"] == "run"))


class Stretch(NamedTuple):
    """Days that follow one another under one name: 10月1日至7日 国庆节."""

    first: dt.date
    last: dt.date
    name: str


def grouped(days: Sequence[Day]) -> list[Stretch]:
    """Days with their names, those that follow one another together."""
    found: list[Stretch] = []
    for day in days:
        name = words.day(day)
        if found and found[-1].name == name and found[-1].last + ONE_DAY == day.on:
            found[-1] = found[-1]._replace(last=day.on)
        else:
            found.append(Stretch(day.on, day.on, name))
    return found


# --- for officers -------------------------------------------------------------------------------------


def is_issuing(case: Application) -> bool:
    """Whether the certificate of a granted case has not been signed yet."""
    decision = getattr(case, "decision", None)
    certificate = decision.certificate if decision else None
    return certificate is not None and certificate.state == Certificate.State.ISSUING


def waiting(case: Application, now: dt.datetime, *, reviewed: bool) -> dict[str, Any]:
    """What the case waits for, and who is to do it: by office and by name. Empty once all is done."""
    stage = desk.stage(case, now, reviewed=reviewed, issuing=case.closed_at is not None and is_issuing(case))
    if stage.key == "issue":
        return {"what": stage.label, "who": _("系统自动制作、签章")}
    role = desk.WAITS_FOR.get(stage.key)
    if role is None:
        return {}
    running = next((row for row in procedures(case, timezone.localdate(now)) if row["runs"]), None)
    if running and case.closed_at is None:
        what = _("特别程序进行中（%(name)s）") % {"name": running["name"]}
        names = office_holders(case.agency_id, Role.OFFICER, timezone.localdate(now))
        return {"what": what, "who": Role.OFFICER.label, "names": _("、").join(names)}
    names = office_holders(case.agency_id, role, timezone.localdate(now))
    return {"what": stage.label, "who": Role(role).label, "names": _("、").join(names)}
