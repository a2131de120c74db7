"""Random courses of a case across 国庆 and 春节, through the real door, against the statute walked day by day.

`Slow` knows no ledger and no term: it keeps what happened on which day and counts days one after another.
"""

import datetime as dt
from dataclasses import dataclass, field

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from applications import filing, sweep
from applications.actions import settle, take
from applications.acts import Inputs
from applications.corrections.acts import Item
from applications.models import Application, CorrectionItem
from applications.workflow import StepRefused
from matters.forms import prefill
from tests.applications.conftest import CONSENT, SHANGHAI
from tests.calendars.slow import ONE, is_workday, rolled
from tests.conftest import actor_of

pytestmark = pytest.mark.django_db
NINGXIA = "640000000000"
ACCEPTANCE, STATUTORY, PROMISED, HEARING, VISIT, EXTENSION = 5, 15, 10, 20, 5, 10


def after(start: dt.date, days: int, left_out=()) -> dt.date:
    """The last of so many working days after `start`, those left out not counted; not before the hold is over."""
    day, count = start, 0
    held = set(left_out)
    floor = max(held, default=start)
    while count < days or day < floor:
        day += ONE
        if day not in held and is_workday(day, NINGXIA):
            count += 1
    return rolled(day, NINGXIA)


@dataclass
class Slow:
    """What the statute says of one case."""

    received: dt.date
    state: str = "received"
    complete: dt.date | None = None
    accepted: dt.date | None = None
    correct_by: dt.date | None = None
    running: dict | None = None  # key, since, told, until
    done: set = field(default_factory=set)
    out: dict = field(default_factory=lambda: {"statutory": set(), "promised": set()})
    extension: int = 0
    reviewed: bool = False

    def due(self, which: str, until: dt.date | None = None) -> dt.date | None:
        """The last day of a term. A procedure not ended yet is supposed to last to the day told."""
        if self.accepted is None:
            return None
        days = STATUTORY + self.extension if which == "statutory" else PROMISED
        return after(self.accepted, days, self.out[which])

    def silence(self, today: dt.date) -> None:
        """32(1)(四): the fifth working day is over and nobody answered."""
        since = {"received": self.received, "supplemented": self.complete}.get(self.state)
        if since and today > after(since, ACCEPTANCE):
            self.state, self.accepted = "in_review", since

    # --- each act: whether the law allows it on this day, and what it does ---

    def accept(self, today, days):
        if self.state != "received":
            return False
        self.state, self.accepted = "in_review", today
        return True

    def request_correction(self, today, days):
        if self.state != "received":
            return False
        self.state, self.correct_by = "correcting", after(today, 10)
        return True

    def supplement(self, today, days):
        if self.state != "correcting":
            return False
        self.state, self.complete = "supplemented", today
        return True

    def accept_corrected(self, today, days):
        if self.state != "supplemented":
            return False
        self.state, self.accepted = "in_review", today
        return True

    def return_unanswered(self, today, days):
        if self.state != "correcting" or today <= self.correct_by:
            return False
        self.state = "returned"
        return True

    def hearing(self, today, days):
        return self._start("hearing", HEARING, today, days)

    def visit(self, today, days):
        return self._start("site_visit", VISIT, today, days)

    def _start(self, key, most, today, days):
        if self.state != "in_review" or self.running or key in self.done or days > most:
            return False
        if key == "hearing" and today > self.due("statutory"):
            return False
        self.running = {"key": key, "since": today, "told": today, "until": after(today, days)}
        self.done.add(key)
        self._leave_out(today)
        return True

    def prolong(self, today, days):
        run = self.running
        if self.state != "in_review" or not run or today > run["until"]:
            return False
        most = HEARING if run["key"] == "hearing" else VISIT
        until = after(today, days)
        if days > most or until > after(run["since"], most) or until <= run["until"]:
            return False
        if run["key"] == "hearing" and today > self.due("statutory"):
            return False
        run["told"], run["until"] = today, until
        self._leave_out(today)
        return True

    def _leave_out(self, today):
        if self.running["key"] != "hearing":
            return
        for which, days in self.out.items():
            if today <= self.due(which):  # what is over already cannot be held
                day = today
                while day < self.running["until"]:
                    day += ONE
                    days.add(day)

    def end(self, today, days):
        if self.state != "in_review" or not self.running:
            return False
        for left_out in self.out.values():
            if self.running["key"] == "hearing":
                left_out -= {day for day in left_out if day > today}
        self.running = None
        return True

    def extend(self, today, days):
        held = self.running and self.running["key"] == "hearing"
        if self.state != "in_review" or self.extension or held or days > EXTENSION or today > self.due("statutory"):
            return False
        self.extension = days
        return True

    def give_opinion(self, today, days):
        self.reviewed = self.reviewed or self.state == "in_review"
        return self.state == "in_review"

    def grant(self, today, days):
        if self.state != "in_review" or self.running or not self.reviewed:
            return False
        self.state = "granted"
        return True


ACTS = {
    "accept": "clerk", "request_correction": "clerk", "supplement": "citizen", "accept_corrected": "clerk",
    "return_unanswered": "clerk", "hearing": "approver", "visit": "approver", "prolong": "approver",
    "end": "officer", "extend": "agency_head", "give_opinion": "officer", "grant": "approver",
}  # fmt: skip
STEP = {"hearing": "start_procedure", "visit": "start_procedure", "prolong": "prolong_procedure",
        "end": "end_procedure"}  # fmt: skip
OFTEN = ["hearing", "end", "extend", "prolong", "hearing", "end", "prolong"]
course = st.lists(
    st.tuples(st.sampled_from([*ACTS, *OFTEN]), st.integers(0, 6), st.integers(1, 22)), min_size=3, max_size=11
)
opening = st.sampled_from([
    [], [("accept", 1, 1)], [("request_correction", 1, 1), ("supplement", 3, 1)],
    [("request_correction", 1, 1), ("supplement", 9, 1), ("accept_corrected", 2, 1)],
])  # fmt: skip
# Across 国庆 2026, and across 春节 2026.
beginning = st.one_of(
    st.dates(dt.date(2026, 9, 7), dt.date(2026, 9, 30)), st.dates(dt.date(2026, 1, 20), dt.date(2026, 2, 20))
)


def inputs_of(act, days, today, guide):
    more = {
        "request_correction": {"items": [Item("material", guide.uploads[0].key, "不清", "重拍")], "days": 10},
        "hearing": {"procedure": "hearing", "days": days},
        "visit": {"procedure": "site_visit", "days": days},
        "prolong": {"days": days},
        "extend": {"days": days},
        "end": {"result": "met", "opinion": "好", "unit": "单位", "handler": "何平", "ended_on": today},
    }
    return Inputs(reasons="理由", verdict="grant", more=more.get(act, {}))


class Undo(Exception):
    """Rolls one course back."""


@pytest.fixture
def play(version, answers, uploads_for, cast, monkeypatch):
    people = {name: actor_of(cast[name]) for name in set(ACTS.values())}
    guide = version.guide
    given_ = {**answers, **prefill(guide, cast["citizen"].party)}
    uploads = uploads_for(cast["citizen"])

    def run(first, plan):
        slow, today = Slow(first), first
        at = dt.datetime.combine(today, dt.time(9), SHANGHAI)
        case = filing.submit(
            version.matter, given_, uploads, key="one", actor=people["citizen"], now=at, wish=CONSENT
        )
        for number, (act, later, days) in enumerate(plan):
            today += dt.timedelta(later)
            at = dt.datetime.combine(today, dt.time(10, number), SHANGHAI)
            slow.silence(today)
            allowed = getattr(slow, act)(today, days)
            assert taken(case, act, days, today, at) == allowed, (act, today, slow)
            agree(case, slow, at, today)
        later = dt.datetime.combine(today + dt.timedelta(40), dt.time(9), SHANGHAI)
        sweep.sweep(later)
        slow.silence(later.date())
        agree(case, slow, later, later.date())

    def taken(case, act, days, today, at):
        case = Application.objects.get(pk=case.pk)
        try:
            with transaction.atomic():
                if act == "supplement":
                    CorrectionItem.objects.filter(correction__case=case).update(sheets=True)
                take(
                    STEP.get(act, act), case, actor=people[ACTS[act]], seen=revision(case, at), at=at,
                    inputs=inputs_of(act, days, today, guide),
                )  # fmt: skip
        except StepRefused as refused:
            assert not refused.stale
            return False
        return True

    return run


def revision(case, at):
    """Silence may already have moved the case on, as the sweep or a page would have shown."""
    with transaction.atomic():
        locked = Application.objects.select_for_update().get(pk=case.pk)
        settle(locked, at)
    return Application.objects.get(pk=case.pk).revision


def agree(case, slow, at, today):
    with transaction.atomic():
        settle(Application.objects.select_for_update().get(pk=case.pk), at)
    case = Application.objects.get(pk=case.pk)
    assert case.state == slow.state, (case.state, slow)
    for which in ("statutory", "promised"):
        end = getattr(case, f"{which}_due_at")
        said = timezone.localdate(end) - ONE if end else None
        assert said == slow.due(which), (which, today, slow)
    if slow.state == "correcting":
        assert timezone.localdate(case.correction_due_at) - ONE == slow.correct_by


@settings(
    max_examples=60, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(first=beginning, before=opening, plan=course)
def test_every_course_agrees_with_the_statute_walked_day_by_day(play, first, before, plan):
    try:
        with transaction.atomic():
            play(first, [*before, *plan])
            raise Undo
    except Undo:
        pass
