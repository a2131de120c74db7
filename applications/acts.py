"""One step of the table as it is being taken: what the officer or applicant gave with it, and what a step
with a part of its own may look at and add."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from applications.models import Application, Clock
from applications.workflow import Step
from matters.guides import Guide
from support.calendars.terms import Term
from support.records.actor import Actor


@dataclass(frozen=True)
class Inputs:
    """What was written with the step; `more` is what only this step asks for, by the names of its form."""

    reasons: str = ""
    verdict: str = ""
    where_to_go: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)


NOTHING = Inputs()


@dataclass(frozen=True)
class Act:
    """`at`: when the act takes effect in law; `now`: when it is written, if later. The case is locked."""

    step: Step
    case: Application
    guide: Guide
    actor: Actor
    inputs: Inputs
    at: dt.datetime
    now: dt.datetime


@dataclass(frozen=True)
class Added:
    """What a step's own part adds: terms of clocks that only it knows, the reasons of its decision if they
    were not given as such, and words for its paper and message."""

    reasons: str = ""
    terms: Mapping[Clock, Term] = field(default_factory=dict)
    paper: Mapping[str, Any] = field(default_factory=dict)
    notice: Mapping[str, Any] = field(default_factory=dict)


OwnPart = Callable[[Act], Added]
"""Writes what only this step writes, before the clocks are moved. Raises StepRefused, and nothing is written."""
