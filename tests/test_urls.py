"""Every route says whom it is for, and behaves so."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, get_args

import pytest
from django.core.cache import cache
from django.urls import URLPattern, URLResolver, get_resolver

from support.accounts.access import Audience
from support.places.models import Role

# Views of packages, open to all: the description of the API.
OPEN_PACKAGES = {"drf_spectacular.views"}
UUID = "00000000-0000-4000-8000-000000000000"
DUMMIES = {"uuid": UUID, "int": "1"}


@dataclass(frozen=True)
class Route:
    path: str
    view: Any

    @property
    def guard(self) -> Any:
        """Where the audience is declared: the class of an API view, else the function."""
        return getattr(self.view, "cls", self.view)

    @property
    def audience(self) -> str | None:
        return getattr(self.guard, "audience", None)


def walk(patterns: list[URLPattern | URLResolver], before: str = "/") -> Iterator[Route]:
    for entry in patterns:
        path = before + re.sub(r"<(?:(\w+):)?\w+>", lambda m: DUMMIES.get(m[1], "x"), str(entry.pattern))
        if isinstance(entry, URLResolver):
            yield from walk(entry.url_patterns, path)
        elif entry.callback.__module__ not in OPEN_PACKAGES:
            yield Route(path, entry.callback)


ROUTES = list(walk(get_resolver().url_patterns))
MISSING = 404
NOT_READY = 503  # /readyz without a worker


def ask(client, route: Route) -> tuple[int, str]:
    """Status and target of a GET, or of a POST where only that is allowed."""
    answer = client.get(route.path)
    if answer.status_code == 405:
        answer = client.post(route.path)
    return answer.status_code, answer.headers.get("Location", "")


def wrong(client, routes: list[Route], allowed) -> list[str]:
    cache.clear()
    client.raise_request_exception = False
    answers = [(route, *ask(client, route)) for route in routes]
    return [
        f"{route.path} → {status} {to}" for route, status, to in answers if not allowed(route, status, to)
    ]


def test_every_route_declares_a_known_audience():
    assert ROUTES
    undeclared = [route.path for route in ROUTES if route.audience not in get_args(Audience)]
    assert not undeclared


def test_named_roles_exist():
    named = {role for route in ROUTES for role in getattr(route.guard, "roles", ())}
    assert named <= set(Role.values)


def is_login(to: str) -> bool:
    return to.startswith("/accounts/login/?")


def test_public_routes_are_open_to_visitors(client, places):
    def allowed(route, status, to):
        return (status < 500 or status == NOT_READY) and status not in (401, 403) and not is_login(to)

    assert not wrong(client, [r for r in ROUTES if r.audience == "public"], allowed)


def test_other_routes_are_closed_to_visitors(client, places):
    def allowed(route, status, to):
        if route.path.startswith("/api/"):
            return status in (401, 403, MISSING)
        return status == 302 and is_login(to)

    assert not wrong(client, [r for r in ROUTES if r.audience != "public"], allowed)


@pytest.mark.parametrize(("account", "audience"), [("citizen", "officer"), ("officer", "applicant")])
def test_the_wrong_hat_is_refused(client, cast, account, audience):
    client.force_login(cast[account])
    assert not wrong(
        client, [r for r in ROUTES if r.audience == audience], lambda r, status, to: status == 403
    )


@pytest.mark.parametrize("account", ["citizen", "clerk", "supervisor"])
def test_no_route_breaks_on_unknown_things(client, cast, account):
    """Guessed identifiers and empty posts are refused or answered, never a crash."""
    cache.clear()
    client.force_login(cast[account])
    client.raise_request_exception = False
    paths = [route.path for route in ROUTES if route.path != "/accounts/logout/"]
    answers = {
        f"{call.__name__} {path}": call(path).status_code
        for path in paths
        for call in (client.get, client.post)
    }
    assert not {what: status for what, status in answers.items() if status >= 500 and status != NOT_READY}
