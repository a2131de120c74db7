import datetime as dt
import uuid
from collections.abc import Sequence

import pytest

from applications.models import Application
from evaluations import actions
from support.accounts.models import Party
from tests.applications.conftest import (  # noqa: F401
    accepted,
    answers,
    at,
    file_case,
    guide,
    received,
    reviewed,
    step,
    uploads_for,
    version,
)
from tests.conftest import actor_of
from tests.matters.conftest import new_matter, put_in_force, small  # noqa: F401

DECIDED = at("2026-11-26")
LATER = at("2026-11-27")


@pytest.fixture
def finished(received, step, clerk) -> Application:  # noqa: F811
    """A case of `citizen` that has ended: not accepted, the shortest way."""
    return step(
        "refuse_acceptance",
        received,
        clerk,
        now=DECIDED,
        reasons="不属于本机关职权。",
        where_to_go="市场监管局",
    )


@pytest.fixture
def give(citizen):
    """Rate a case as its applicant: four stars unless said otherwise."""

    def call(case, *, user=None, now: dt.datetime = LATER, **given):
        values = {"stars": 4, "tags": [], "words": "", "anonymous": False, "channel": "1"}
        return actions.rate(case, **(values | given), actor=actor_of(user or citizen), now=now)

    return call


@pytest.fixture
def copies(finished):
    """More finished cases like the first one; the figures need numbers, not papers."""

    def make(
        count: int, closed_at: dt.datetime = DECIDED, parties: Sequence[Party] = ()
    ) -> list[Application]:
        rows = []
        for number in range(count):
            case = Application.objects.get(pk=finished.pk)
            case.pk = case.id = None
            case._state.adding = True
            case.uuid = uuid.uuid4()
            case.number = case.key = f"copy-{closed_at:%Y%m%d}-{number}-{Application.objects.count()}"
            case.closed_at = closed_at
            case.party = parties[number % len(parties)] if parties else case.party
            case.answers_sealed = b""
            case.save(force_insert=True)
            rows.append(case)
        return rows

    return make


@pytest.fixture
def crowd(copies):
    """Finished cases of as many other persons."""

    def make(count: int, closed_at: dt.datetime = DECIDED) -> list[Application]:
        parties = []
        for number in range(count):
            party = Party(kind=Party.Kind.NATURAL, name=f"某{number}", code_type="111", identity_level=2)
            party.set_number(f"64010119900101{Party.objects.count():04d}")
            party.save()
            parties.append(party)
        return copies(count, closed_at, parties)

    return make
