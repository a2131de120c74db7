"""Valkey holds nothing that cannot be lost: with it gone, people are served all the same."""

import pytest
from django.core.cache import caches

from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db

@pytest.fixture
def no_valkey(settings):
    usual = settings.CACHES["default"]
    assert "redis" in usual["BACKEND"], "bin/test gives the tests a Valkey of their own"
    settings.CACHES = {"default": {**usual, "LOCATION": "redis://127.0.0.1:1/0"}}
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    yield
    caches.close_all()


def test_home_login_and_verification_work_without_the_cache(no_valkey, client, cast):
    assert client.get("/").status_code == 200
    assert client.get("/verify/").status_code == 200
    answer = client.post("/accounts/login/", {"username": "citizen", "password": PASSWORD})
    assert answer.status_code == 302
    assert client.get("/my/").status_code == 200
    assert client.get("/api/v1/matters/").status_code == 200
    token = client.post(
        "/api/v1/tokens/", {"username": "citizen", "password": PASSWORD}, content_type="application/json"
    )
    assert token.status_code == 201
