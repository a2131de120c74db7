import datetime as dt

import pytest

from support.accounts.models import AgencyGrant
from support.notices import actions
from support.places.models import Role

NOW = dt.datetime(2026, 3, 2, 1, 0, tzinfo=dt.UTC)
CONTEXT = {"number": "NX1", "matter": "食品经营许可（新办）"}


@pytest.fixture
def tell():
    """`tell(party)` tells a party; the rest has a default."""

    def call(party, kind="case_accepted", *, key="k", context=CONTEXT, url="/my/cases/1/", now=NOW):
        actions.tell_party(party.pk, kind, key=key, context=context, url=url, now=now)

    return call


@pytest.fixture
def tell_role(agency):
    def call(role=Role.CLERK, kind="new_case_officer", *, key="k", now=NOW):
        actions.tell_officers(agency.pk, role, kind, key=key, context=CONTEXT, url="/desk/1/", now=now)

    return call


@pytest.fixture
def grants(agency):
    return AgencyGrant.objects.filter(content_object=agency)
