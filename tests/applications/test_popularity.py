"""How hot a matter is: the cases received of late, folded into the search rows."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from applications.models import Application
from applications.popularity import DAYS, count
from matters.models import SearchEntry
from support.accounts.models import Party
from tests.matters.conftest import NOW, food, new_matter, put_in_force, small  # noqa: F401


@pytest.fixture
def filed(citizen):
    def make(version, number, days=1):
        Application.objects.create(
            number=f"T{version.pk}-{number}", key=f"T{version.pk}-{number}", matter=version.matter, guide=version,
            party=Party.objects.get(user=citizen), agency=version.matter.agency,
            region_code=version.matter.agency.region_id, filed_by=citizen, state="received", deemable=False,
            received_at=NOW - dt.timedelta(days=days),
        )  # fmt: skip

    return make


def heat(version):
    return SearchEntry.objects.get(guide=version).popularity


def test_recent_cases_are_counted_and_old_ones_forgotten(filed, put_in_force):  # noqa: F811
    hot, cold = put_in_force(1), put_in_force(2)
    for number in range(3):
        filed(hot, number)
    filed(cold, 1, days=DAYS + 1)
    assert count(NOW) == 1
    assert (heat(hot), heat(cold)) == (3, 0)
    assert count(NOW) == 0
    assert count(NOW + dt.timedelta(days=DAYS)) == 1
    assert heat(hot) == 0


def test_counting_costs_the_same_however_many_matters(filed, put_in_force):  # noqa: F811
    def queries():
        with CaptureQueriesContext(connection) as captured:
            count(NOW)
        return len(captured)

    filed(put_in_force(1), 1)
    few = queries()
    for number in range(2, 8):
        filed(put_in_force(number), 1)
    assert queries() == few
