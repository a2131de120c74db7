import datetime as dt

import pytest

from support.accounts.models import AgencyGrant
from support.notices import actions, delivery
from support.notices.models import Delivery
from support.places.models import Role
from tests.notices.sandboxes import KEY, Gateway, MailServer

NOW = dt.datetime(2026, 3, 2, 1, 0, tzinfo=dt.UTC)
CONTEXT = {"number": "NX1", "matter": "食品经营许可（新办）", "outcome": "准予行政许可", "document": "受理通知书"}


@pytest.fixture
def tell():
    """`tell(party)` tells a party; the rest has a default."""

    def call(
        party, kind="case_accepted", *, key="k", context=CONTEXT, url="/my/cases/1/", now=NOW, agency_id=None
    ):
        actions.tell_party(party.pk, kind, key=key, context=context, url=url, now=now, agency_id=agency_id)

    return call


@pytest.fixture
def tell_role(agency):
    def call(role=Role.CLERK, kind="new_case_officer", *, key="k", now=NOW):
        actions.tell_officers(agency.pk, role, kind, key=key, context=CONTEXT, url="/desk/1/", now=now)

    return call


@pytest.fixture
def grants(agency):
    return AgencyGrant.objects.filter(content_object=agency)


@pytest.fixture
def with_sms(settings):
    """An installation that has a gateway; nobody listens there."""
    settings.SMS_GATEWAY_URL = "http://127.0.0.1:1"
    settings.SMS_GATEWAY_KEY = KEY


@pytest.fixture
def gateway(settings, tmp_path):
    """`gateway("http://…/hooks/sms/", trouble=1)` starts one, and the portal uses it."""
    started = []

    def start(callback="http://127.0.0.1:1/", **told) -> Gateway:
        sandbox = Gateway(tmp_path / "sms", callback, **told)
        sandbox.start()
        started.append(sandbox)
        settings.SMS_GATEWAY_URL = f"http://127.0.0.1:{sandbox.port}"
        settings.SMS_GATEWAY_KEY = KEY
        return sandbox

    yield start
    for sandbox in started:
        sandbox.stop()


@pytest.fixture
def mail_server(settings, tmp_path):
    sandbox = MailServer(tmp_path / "mail")
    sandbox.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sandbox.port
    yield sandbox
    sandbox.stop()


def try_all(channel, now) -> int:
    """How many deliveries were tried, whatever came of it."""
    count = 0
    while True:
        try:
            if delivery.send_next(channel, now=now) is None:
                return count
        except delivery.ProviderDown:
            pass
        count += 1


def state_of(row: Delivery) -> str:
    row.refresh_from_db()
    return row.state
