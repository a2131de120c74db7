"""One department's word in a joint review, of a draft, of a change of the directory or of a standard."""

import datetime as dt
from enum import Enum
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from matters.checks import Problem
from matters.models import Review
from support.places.models import Agency, Role
from support.records.actor import Actor


class Refused(Exception):
    """The step cannot be taken; `problems` says why, in words, with the path of each (may be empty)."""

    def __init__(self, words: str, found: list[Problem] | None = None) -> None:
        self.problems = found or []
        super().__init__(words)


class Standing(Enum):
    """Where a round is after a word: one return ends it, and it is agreed when all have."""

    RETURNED = "returned"
    WAITING = "waiting"
    AGREED = "agreed"


def speak(
    asked: Any,
    agency: Agency,
    outcome: str,
    *,
    comment: str,
    wrote: str,
    refuse: type[Refused],
    actor: Actor,
    now: dt.datetime,
) -> Standing:
    """Note what a department says. `asked`: the reviews of this round, under the caller's lock. `wrote`: words
    for who had a hand in what is reviewed, else empty. Nobody speaks for two departments, and none speaks twice.

    Raises PermissionDenied, or `refuse`.
    """
    if not actor.holds(Role.REVIEWER, agency.pk):
        raise PermissionDenied(_("您不是该部门的事项审核人员。"))
    if wrote:
        raise refuse(wrote)
    review: Review | None = asked.filter(agency=agency).first()
    if review is None:
        raise PermissionDenied(_("没有请该部门审核。"))
    if review.outcome:
        raise refuse(_("该部门已经审核过。"))
    if asked.filter(by=actor.person).exists():
        raise refuse(_("您已经代表其他部门审核过，应由该部门的其他人员审核。"))
    returned = outcome == Review.Outcome.RETURNED
    if returned and not comment.strip():
        raise refuse(_("退回的，请写明原因和修改要求。"))
    review.outcome, review.comment, review.by_id, review.at = outcome, comment.strip(), actor.person, now
    review.save()
    if returned:
        return Standing.RETURNED
    return Standing.WAITING if asked.filter(outcome=None).exists() else Standing.AGREED
