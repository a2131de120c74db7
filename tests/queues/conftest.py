"""The rows of e-mail deliveries serve as an example of a queue."""

import datetime as dt
import uuid

import pytest

from support.accounts.models import User
from support.notices.models import Delivery, Notice

NOW = dt.datetime(2026, 3, 2, 1, 0, tzinfo=dt.UTC)


@pytest.fixture
def add(db):
    """`add("a", next_at=…)` puts a row into the queue."""
    user = User.objects.create(username="reader", name="读者")

    def put(key: str, next_at: dt.datetime | None = NOW, **values) -> Delivery:
        notice = Notice.objects.create(
            user=user, kind="case_received", url="/", created_at=NOW, key=uuid.uuid4().hex
        )
        return Delivery.objects.create(notice=notice, key=key, next_at=next_at, **values)

    return put
