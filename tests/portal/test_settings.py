"""What the settings refuse, each in a process of its own: they are read once."""

import os
import subprocess
import sys

import pytest

from portal.settings import _TEST_SECRETS, BASE_DIR

GOOD = {
    "PORTAL_MODE": "production",
    "DATABASE_URL": "postgres://portal_app@127.0.0.1/portal",
    "REDIS_URL": "redis://127.0.0.1",
    "PORTAL_URL": "https://portal.example",
    "SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklm",
    "FIELD_KEYS": "k1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
    "INDEX_KEY": "ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=",
}


def load(show: str = "''", **changes: str | None) -> tuple[bool, str]:
    """Read the settings under an environment; returns success and what was printed."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    given = {name: value for name, value in (kept | GOOD | changes).items() if value is not None}
    done = subprocess.run(
        [sys.executable, "-c", f"from portal import settings; print({show})"],
        env=given,
        cwd=BASE_DIR,
        capture_output=True,
        text=True,
    )
    return done.returncode == 0, (done.stdout + done.stderr).strip()


def test_production_starts_when_all_is_given():
    loaded, text = load("settings.PRODUCTION, settings.DEBUG, settings.SESSION_COOKIE_SECURE")
    assert loaded, text
    assert text == "True False True"


def test_production_is_what_an_unset_mode_means():
    assert load("settings.MODE", PORTAL_MODE=None) == (True, "production")


@pytest.mark.parametrize("name", ["SECRET_KEY", "FIELD_KEYS", "INDEX_KEY", "DATABASE_URL", "REDIS_URL"])
@pytest.mark.parametrize("value", [None, ""])
def test_a_missing_setting_is_refused_by_name(name, value):
    loaded, text = load(**{name: value})
    assert not loaded
    assert f"ImproperlyConfigured: {name} must be set" in text


@pytest.mark.parametrize("name", sorted(_TEST_SECRETS))
def test_production_refuses_the_published_test_values(name):
    loaded, text = load(**{name: _TEST_SECRETS[name]})
    assert not loaded
    assert f"{name} is the published test value" in text


@pytest.mark.parametrize("name", ["SECRET_KEY", "FIELD_KEYS", "INDEX_KEY"])
def test_a_demonstration_has_no_default_secrets_either(name):
    loaded, text = load(**{"PORTAL_MODE": "demo", name: None})
    assert not loaded
    assert f"{name} must be set" in text


def test_a_mistyped_mode_is_refused():
    loaded, text = load(PORTAL_MODE="prodution")
    assert not loaded
    assert "expected production, demo or test" in text


def test_production_answers_only_to_its_own_name():
    assert load("settings.ALLOWED_HOSTS") == (True, "['portal.example']")


def test_the_owner_is_used_only_when_asked_for():
    owner = "postgres://portal_owner@127.0.0.1/portal"
    user = "settings.DATABASES['default']['USER']"
    assert load(user, DATABASE_OWNER_URL=owner) == (True, "portal_app")
    assert load(user, DATABASE_OWNER_URL=owner, PORTAL_AS_OWNER="1") == (True, "portal_owner")
