"""A case in words for pages: its facts, its course, its clocks."""

import datetime as dt
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from applications import clock, desk
from applications.models import Application, Clock, State
from applications.workflow import STEPS
from certificates.models import Certificate
from support.accounts.hats import office_holders
from support.documents.models import Document
from support.places.models import Role


def facts(case: Application, now: dt.datetime) -> list[tuple[str, str]]:
    """The strip at the head of a case."""
    return [
        (_("办件编号"), case.number),
        (_("状态"), str(clock.standing(case, now).label)),
        (_("收件时间"), timezone.localtime(case.received_at).strftime("%Y-%m-%d %H:%M")),
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
        return _("期限内没有告知需要补正的内容，自收到申请材料之日（%(day)s）起即为受理。") % {"day": case.receipt_day}
    return ""


def clocks(case: Application, today: dt.date) -> list[dict[str, Any]]:
    """Every clock with its reading, in the order of the law."""
    readings = clock.readings(case, today=today)
    units = dict(case.ledger.filter(kind="start").values_list("clock", "unit"))
    words = {"workday": _("个工作日"), "day": _("日"), "month": _("日")}
    return [
        {"label": each.label, "reading": readings[each], "unit": words[units[each]]}
        for each in Clock
        if each in readings
    ]


# --- for officers -------------------------------------------------------------------------------------


def documents_of(case: Application) -> list[Document]:
    """The papers of a case in their order, and the certificate it ended in."""
    found = [paper.document for paper in case.papers.select_related("document")]
    decision = getattr(case, "decision", None)
    if decision and decision.certificate:
        found.append(decision.certificate.document)
    return found


def desk_papers(case: Application, *, may_retry: bool) -> list[dict[str, Any]]:
    """The papers with the state they are in; `retry` where this officer can have one made again."""
    rows = []
    for document in documents_of(case):
        failed = not document.is_ready and document.next_at is None
        state = _("制作失败") if failed else str(Document.State(document.state).label)
        rows.append(
            {
                "document": document,
                "state": state,
                "tone": "ok" if document.is_ready else "bad" if failed else "calm",
                "retry": failed and may_retry,
            }
        )
    return rows


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
    names = office_holders(case.agency_id, role, timezone.localdate(now))
    return {"what": stage.label, "who": Role(role).label, "names": "、".join(names)}
