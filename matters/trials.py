"""Tests of a definition, written by its author; publishing asks for them (`editing.actions.found`)."""

import datetime as dt

from matters.checks import Problem
from matters.models import GuideDraft


def unmet(draft: GuideDraft, *, now: dt.datetime) -> list[Problem]:
    """What the author's tests leave to be mended."""
    return []
