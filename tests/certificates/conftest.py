"""A kind of certificate, and certificates of a citizen and of a firm."""

import datetime as dt

import pytest

from certificates import actions
from certificates.models import Certificate
from support.documents import actions as documents
from tests.conftest import actor_of
from tests.documents.conftest import NOW, brief  # noqa: F401 - a fixture

TYPE = "11100000000013338W028"
LABELS = {"operator": "经营者名称", "premises": "经营场所", "items": "经营项目"}
TODAY = dt.date(2026, 11, 23)


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"


@pytest.fixture(autouse=True)
def no_throttle_left(settings):
    """Each test counts from zero."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    from django.core.cache import cache

    cache.clear()


@pytest.fixture(autouse=True)
def quickly(request):
    """Papers of one letter, but where they are looked at."""
    if request.module.__name__.rsplit(".", 1)[-1] != "test_pages":
        request.getfixturevalue("brief")


@pytest.fixture
def kind(db):
    actions.define_type(TYPE, name="食品经营许可证", months=60, labels=LABELS, prefix="JY")
    return TYPE


@pytest.fixture
def reserve(kind, agency, approver, citizen):
    """Reserve a certificate for a party, by default `citizen`."""

    def make(case="case-1", party=citizen.party, now=NOW, **changes) -> Certificate:
        fields = {"operator": party.name, "premises": "银川市兴庆区示例路100号", "items": "热食类食品制售"}
        return actions.reserve(
            kind, case_number=case, matter_code="11640104YYYY0021593000123081000", agency=agency, party_id=party.pk,
            fields=fields | changes.pop("fields", {}), decided_at=now, actor=actor_of(approver), **changes,
        )  # fmt: skip

    return make


@pytest.fixture
def issue(reserve):
    """Reserve and let the worker make it."""

    def make(*args, now=NOW, **kwargs) -> Certificate:
        certificate = reserve(*args, now=now, **kwargs)
        documents.drain(now)
        certificate.refresh_from_db()
        assert certificate.state == "01", certificate.document.error
        return certificate

    return make


@pytest.fixture
def certificate(issue) -> Certificate:
    """A valid certificate of `citizen`."""
    return issue()
