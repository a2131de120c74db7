"""The officers' queue: tabs, exact counts, order by time left, lights."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from applications import clock
from applications.models import Application, ApplicationQuerySet, Opinion, State
from certificates.models import Certificate
from support.calendars.terms import Calendar
from support.records.actor import Actor

PAGE = 20
Rows = ApplicationQuerySet


REVIEWED = Exists(Opinion.objects.filter(case=OuterRef("pk")))


@dataclass(frozen=True)
class Tab:
    key: str
    label: str | Promise
    rows: Callable[[Rows, dt.datetime], Rows]
    newest_first: bool = False


TABS = (
    Tab("received", gettext_lazy("待受理"), lambda rows, now: rows.awaiting_acceptance(now)),
    Tab(
        "review",
        gettext_lazy("审查中"),
        lambda rows, now: rows.under_review(now).filter(~REVIEWED),
    ),
    Tab(
        "decide",
        gettext_lazy("待决定"),
        lambda rows, now: rows.under_review(now).filter(REVIEWED),
    ),
    Tab(
        "issue",
        gettext_lazy("待出证"),
        lambda rows, now: rows.filter(
            state=State.GRANTED, decision__certificate__state=Certificate.State.ISSUING
        ),
        newest_first=True,
    ),
    Tab("late", gettext_lazy("已超期"), lambda rows, now: overdue(rows, now)),
    Tab(
        "closed",
        gettext_lazy("已办结"),
        lambda rows, now: rows.exclude(closed_at=None),
        newest_first=True,
    ),
)


def overdue(rows: Rows, now: dt.datetime) -> Rows:
    """Open cases whose promised or statutory term has ended. An acceptance term that ends is no
    overrun but acceptance by law, unless the guide's regime knows none."""
    late = Q(promised_due_at__lte=now) | Q(statutory_due_at__lte=now)
    unanswered = Q(state=State.RECEIVED, deemable=False, acceptance_due_at__lte=now)
    return rows.open().filter(late | unanswered)


def is_late(case: Application, now: dt.datetime) -> bool:
    return overdue(Application.objects.filter(pk=case.pk), now).exists()


def tab_of(key: str) -> Tab:
    return next((tab for tab in TABS if tab.key == key), TABS[0])


def counts(actor: Actor, now: dt.datetime) -> dict[str, int]:
    """Exact number of cases behind each tab: the same querysets as the lists."""
    mine = Application.objects.visible_to(actor)
    return {tab.key: tab.rows(mine, now).aggregate(n=Count("pk"))["n"] for tab in TABS}


def listing(
    actor: Actor, tab: Tab, now: dt.datetime, *, after: str = "", number: str = ""
) -> list[Application]:
    """Up to PAGE + 1 cases of a tab, by time left (closed ones newest first), after a key."""
    rows = tab.rows(Application.objects.visible_to(actor), now)
    if number:
        rows = rows.filter(number=number)
    column = "closed_at" if tab.newest_first else "due_at"
    rows = rows.select_related("guide", "agency", "party", "matter")
    order = [f"-{column}", "-id"] if tab.newest_first else [column, "id"]
    return list(_after(rows, column, tab.newest_first, after).order_by(*order)[: PAGE + 1])


def _after(rows: Rows, column: str, descending: bool, after: str) -> Rows:
    stamp, _sep, pk = after.rpartition("_")
    try:
        moment = dt.datetime.fromtimestamp(int(stamp) / 1_000_000, tz=dt.UTC)
        last = int(pk)
    except (ValueError, OverflowError, OSError):
        return rows
    op = "lt" if descending else "gt"
    return rows.filter(Q(**{f"{column}__{op}": moment}) | Q(**{column: moment, f"id__{op}": last}))


def key_of(case: Application, tab: Tab) -> str:
    """The place of a case in its tab, for the next page."""
    moment = case.closed_at if tab.newest_first else case.due_at
    if moment is None:
        return ""
    since = moment - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    return f"{since // dt.timedelta(microseconds=1)}_{case.pk}"


@dataclass(frozen=True)
class Light:
    """How much time is left: level is green, amber, red or none; the words carry the same meaning."""

    level: str
    words: str
    due_on: dt.date | None = None


def light(case: Application, now: dt.datetime, calendar: Calendar) -> Light:
    """Green while more than a third of the term and more than two working days are left."""
    if case.closed_at is not None or case.due_at is None:
        return Light("none", _("已办结") if case.closed_at else "")
    due_at = clock.dates(case, now).due_at
    if due_at is None:
        return Light("none", "")
    due_on = timezone.localdate(due_at) - dt.timedelta(days=1)
    today = timezone.localdate(now)
    if due_at <= now:
        over = calendar.workdays_between(due_on, today)
        if not over:
            return Light("red", _("已超期"), due_on)
        return Light(
            "red", ngettext("超期 %(n)d 个工作日", "超期 %(n)d 个工作日", over) % {"n": over}, due_on
        )
    left = calendar.workdays_between(today, due_on)
    started = timezone.localdate(case.accepted_at or case.received_at)
    total = calendar.workdays_between(started, due_on)
    level = "green" if left > total / 3 and left > 2 else "amber"
    words = (
        _("今天到期") if left == 0 else ngettext("剩 %(n)d 个工作日", "剩 %(n)d 个工作日", left) % {"n": left}
    )
    return Light(level, words, due_on)
