"""What the settings refuse. The file is run afresh under each environment; it only computes."""

import os
import runpy
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from portal.settings import _TEST_SECRETS, BASE_DIR

GOOD = {
    "PORTAL_MODE": "production",
    "DATABASE_URL": "postgres://portal_app@127.0.0.1/portal",
    "APP_DB_ROLE": "portal_app",
    "REDIS_URL": "redis://127.0.0.1",
    "PORTAL_URL": "https://portal.example",
    "SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklm",
    "FIELD_KEYS": "k1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
    "INDEX_KEY": "ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=",
}


@pytest.fixture
def load(monkeypatch):
    """Read the settings under a good environment with changes; None leaves a variable out."""

    def under(**changes: str | None) -> dict[str, Any]:
        given = {name: value for name, value in (GOOD | changes).items() if value is not None}
        for name in os.environ:
            if not name.startswith("DJANGO_"):
                monkeypatch.delenv(name)
        for name, value in given.items():
            monkeypatch.setenv(name, value)
        return runpy.run_path(str(BASE_DIR / "portal" / "settings.py"))

    return under


def test_production_starts_when_all_is_given(load):
    settings = load()
    assert settings["PRODUCTION"]
    assert not settings["DEBUG"]
    assert settings["SESSION_COOKIE_SECURE"]
    assert settings["SECURE_SSL_REDIRECT"]


def test_production_is_what_an_unset_mode_means(load):
    assert load(PORTAL_MODE=None)["PRODUCTION"]


@pytest.mark.parametrize("name", ["SECRET_KEY", "FIELD_KEYS", "INDEX_KEY", "DATABASE_URL", "REDIS_URL"])
@pytest.mark.parametrize("value", [None, ""])
def test_a_missing_setting_is_refused_by_name(load, name, value):
    with pytest.raises(ImproperlyConfigured, match=f"{name} must be set"):
        load(**{name: value})


@pytest.mark.parametrize("name", sorted(_TEST_SECRETS))
def test_production_refuses_the_published_test_values(load, name):
    with pytest.raises(ImproperlyConfigured, match=f"{name} is the published test value"):
        load(**{name: _TEST_SECRETS[name]})


@pytest.mark.parametrize("name", ["SECRET_KEY", "FIELD_KEYS", "INDEX_KEY"])
def test_a_demonstration_has_no_default_secrets_either(load, name):
    with pytest.raises(ImproperlyConfigured, match=f"{name} must be set"):
        load(**{"PORTAL_MODE": "demo", name: None})


def test_a_mistyped_mode_is_refused(load):
    with pytest.raises(ImproperlyConfigured, match="expected production, demo or test"):
        load(PORTAL_MODE="prodution")


def test_production_answers_only_to_its_own_name(load):
    assert load()["ALLOWED_HOSTS"] == ["portal.example"]


def test_the_owner_is_used_only_when_asked_for(load):
    owner = {"DATABASE_OWNER_URL": "postgres://portal_owner@127.0.0.1/portal"}
    assert load(**owner)["DATABASES"]["default"]["USER"] == "portal_app"
    assert load(**owner, PORTAL_AS_OWNER="1")["DATABASES"]["default"]["USER"] == "portal_owner"


def test_mail_goes_by_smtp_in_every_mode(load):
    for mode in ("production", "demo"):
        assert load(PORTAL_MODE=mode)["EMAIL_HOST"] == "localhost"
        assert "EMAIL_BACKEND" not in load(PORTAL_MODE=mode)
    assert load(EMAIL_HOST="mail.example", EMAIL_PORT="587")["EMAIL_PORT"] == 587


@pytest.mark.parametrize("key", [None, "", "short"])
def test_a_gateway_without_a_proper_key_is_refused(load, key):
    with pytest.raises(ImproperlyConfigured, match="SMS_GATEWAY_KEY must be set"):
        load(SMS_GATEWAY_URL="https://sms.example", SMS_GATEWAY_KEY=key)


def test_production_sends_no_telephone_number_in_the_clear(load):
    given = {"SMS_GATEWAY_URL": "http://sms.example", "SMS_GATEWAY_KEY": "0123456789abcdef"}
    with pytest.raises(ImproperlyConfigured, match="must be https"):
        load(**given)
    assert load(PORTAL_MODE="demo", **given)["SMS_GATEWAY_URL"] == "http://sms.example"
    assert (
        load(**given | {"SMS_GATEWAY_URL": "https://sms.example/"})["SMS_GATEWAY_URL"]
        == "https://sms.example"
    )


def test_the_foot_of_production_shows_no_samples(load):
    site = load()["SITE"]
    assert not any(site[name] for name in ("host", "operator", "code", "icp", "contact"))
    assert load(PORTAL_HOST_UNIT="某县人民政府")["SITE"]["host"] == "某县人民政府"
    assert "示例" in load(PORTAL_MODE="demo")["SITE"]["host"]


GOOD_PASSWORD = "Zk3tVq8_WmPx5LrYb2Nc"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"SECRET_KEY": "a" * 60}, "SECRET_KEY needs"),
        ({"SECRET_KEY": "0123456789abcdefghij"}, "SECRET_KEY needs"),
        ({"FIELD_KEYS": "k1:c2hvcnQ="}, "FIELD_KEYS must be"),
        ({"FIELD_KEYS": "k1:" + "A" * 43 + "="}, "FIELD_KEYS must be"),
        ({"INDEX_KEY": "not base64"}, "INDEX_KEY must be"),
        ({"INDEX_KEY": GOOD["FIELD_KEYS"][3:]}, "INDEX_KEY must not be one of"),
        ({"METRICS_TOKEN": "short"}, "METRICS_TOKEN needs"),
        ({"PORTAL_URL": "http://portal.example"}, "PORTAL_URL must be the public https"),
        ({"PORTAL_URL": "https://localhost"}, "PORTAL_URL must have the name"),
        ({"PORTAL_URL": "https://127.0.0.1:8443"}, "PORTAL_URL must have the name"),
        ({"PORTAL_HOSTS": "*"}, "PORTAL_HOSTS must list"),
        ({"PORTAL_HOSTS": "portal.example,.example"}, "PORTAL_HOSTS must list"),
        ({"PORTAL_HOSTS": "other.example"}, "PORTAL_HOSTS must list"),
        ({"APP_DB_ROLE": None}, "APP_DB_ROLE must be"),
        ({"APP_DB_ROLE": "portal_owner"}, "APP_DB_ROLE must be"),
        ({"DATABASE_URL": "postgres://portal_app@db/portal"}, "DATABASE_URL needs a password"),
        (
            {"DATABASE_URL": "postgres://portal_app:portal_app@127.0.0.1/portal"},
            "DATABASE_URL needs a password",
        ),
        ({"DATABASE_URL": "postgres://portal_app:postgres@db/portal"}, "DATABASE_URL needs a password"),
        (
            {"DATABASE_OWNER_URL": "postgres://portal_owner:owner@db/portal", "PORTAL_AS_OWNER": "1"},
            "DATABASE_OWNER_URL needs a password",
        ),
        ({"REDIS_URL": "redis://redis:6379"}, "REDIS_URL needs a password"),
    ],
)
def test_production_refuses_what_is_weak_or_open(load, changes, words):
    with pytest.raises(ImproperlyConfigured, match=words):
        load(**changes)
    load(**{"PORTAL_MODE": "demo", "APP_DB_ROLE": None} | changes)  # elsewhere it may be


@pytest.mark.parametrize(
    "changes",
    [
        {"DATABASE_URL": f"postgres://portal_app:{GOOD_PASSWORD}@db/portal"},
        {"DATABASE_URL": "postgres://portal_app@%2Frun%2Fpostgres/portal"},
        {"REDIS_URL": f"redis://:{GOOD_PASSWORD}@redis:6379/0"},
        {"REDIS_URL": "unix:///run/valkey.sock"},
        {"PORTAL_HOSTS": "portal.example, www.portal.example"},
        {"METRICS_TOKEN": GOOD_PASSWORD * 2},
    ],
)
def test_production_takes_what_is_sound(load, changes):
    assert load(**changes)["PRODUCTION"]
