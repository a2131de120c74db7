"""The whole API against its own description: whatever is sent, no 5xx, and every answer as described.

Bounded and repeatable as a test. For a long run with other inputs each time: `bin/fuzz 2000`.
"""

import os
import re
import traceback
from typing import Any

import pytest
import schemathesis
from django.core.cache import cache
from django.core.signals import got_request_exception
from django.db import transaction
from django.test.client import MULTIPART_CONTENT
from django.urls import URLResolver, get_resolver
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from portal.wsgi import application
from tests.api.conftest import WHO, World

pytestmark = pytest.mark.django_db

LONG = int(os.environ.get("FUZZ_EXAMPLES", "0"))
EXAMPLES = 25
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


PUBLIC = {
    "GET /api/v1/matters/",
    "GET /api/v1/matters/changes/",
    "GET /api/v1/matters/lists/{kind}/",
    "GET /api/v1/matters/{uuid}/",
    "GET /api/v1/matters/{uuid}/form-schema/",
    "GET /api/v1/matters/{uuid}/versions/{version}/",
    "GET /api/v1/ratings/",
    "GET /api/v1/ratings/agencies/{uuid}/",
    "GET /api/v1/terms/due",
    "GET /api/v1/verify/{code}",
    "POST /api/v1/verify/",
}
MEMBER = PUBLIC | {
    "GET /api/v1/cases/",
    "GET /api/v1/cases/{uuid}/",
    "GET /api/v1/me/",
    "GET /api/v1/notices/",
    "POST /api/v1/tokens/",
    "DELETE /api/v1/tokens/current/",
}
STEP = {"POST /api/v1/cases/{uuid}/steps/{name}/"}
APPLICANT = MEMBER | STEP | {"GET /api/v1/certificates/", "POST /api/v1/cases/", "POST /api/v1/uploads/"}
EDITING = {
    "GET /api/v1/catalogue/lists/",
    "POST /api/v1/catalogue/lists/{uuid}/draft/",
    "GET /api/v1/catalogue/drafts/{uuid}/",
    "PUT /api/v1/catalogue/drafts/{uuid}/",
}
RATING = {"GET /api/v1/cases/{uuid}/rating/", "POST /api/v1/cases/{uuid}/rating/"}
COUNTER = {
    "POST /api/v1/counter/drafts/",
    "DELETE /api/v1/counter/drafts/{uuid}/",
    "POST /api/v1/counter/drafts/{uuid}/files/",
    "POST /api/v1/counter/drafts/{uuid}/submit/",
}
# What each must have been answered with 2xx at least once: the fuzz is to get behind the door.
REACHED = {
    "visitor": PUBLIC,
    "citizen": APPLICANT | RATING,
    "firm_agent": APPLICANT,
    "clerk": MEMBER | STEP | COUNTER,
    "approver": MEMBER | STEP,
    "supervisor": MEMBER,
    "editor": MEMBER - {"GET /api/v1/cases/{uuid}/"} | EDITING,
}


def description() -> Any:
    return schemathesis.openapi.from_wsgi("/api/schema/?format=json", application)


def operations() -> dict[str, Any]:
    found = [result.ok() for result in description().get_all_operations()]
    return {operation.label: operation for operation in found}


def addresses() -> set[str]:
    """Every address below /api/v1/, from the routes themselves."""

    def walk(patterns: Any, before: str) -> Any:
        for entry in patterns:
            if isinstance(entry, URLResolver):
                yield from walk(entry.url_patterns, before + str(entry.pattern))
            else:
                yield before + str(entry.pattern), entry.callback

    return {
        re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", "/" + path)
        for path, _view in walk(get_resolver().url_patterns, "")
        if path.startswith("api/v1/")
    }


def test_every_address_is_described(db):
    assert {operation.path for operation in operations().values()} == addresses()


def test_every_failure_is_described(db):
    """401 and 403 where anybody may be known, 404 where something is named, 400 where something is sent."""
    for label, operation in operations().items():
        answers = operation.definition.raw["responses"]
        assert "406" in answers, label
        assert ("requestBody" in operation.definition.raw) <= {"400", "413", "415"}.issubset(answers), label
        assert ("{" in operation.path) <= ("404" in answers), label
        known = "security" in operation.definition.raw
        assert known <= {"401", "403"}.issubset(answers), label


@pytest.fixture
def broken(monkeypatch):
    """The exceptions behind answers of 500."""
    found: list[str] = []

    def note(sender: Any, **more: Any) -> None:
        found.append(traceback.format_exc())

    got_request_exception.connect(note)
    yield found
    got_request_exception.disconnect(note)


def spoil(body: dict[str, Any], other: Any, data: st.DataObject) -> Any:
    """A body that is accepted, or the same with a few of its values replaced by generated ones."""
    body = dict(body)
    if data.draw(st.booleans()):
        return body
    for key in data.draw(st.lists(st.sampled_from(sorted(body)), max_size=2)):
        body[key] = other[key] if isinstance(other, dict) and key in other else data.draw(ODD)
    return body


ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=30),
    st.lists(st.text(max_size=5), max_size=3),
    st.dictionaries(st.text(max_size=5), st.integers(), max_size=2),
)


def aim(case: Any, world: World, who: str, data: st.DataObject) -> dict[str, Any]:
    """Put real things in the place of most generated ones; returns what else to send, who asks above all."""
    raw = {}
    headers = dict(data.draw(st.sampled_from(world.headers[who])))
    for name in list(case.path_parameters or {}):
        if data.draw(st.integers(0, 9)):
            case.path_parameters[name] = data.draw(st.sampled_from(world.values(case.path, name)))
    if case.path in world.bodies and case.method in ("POST", "PUT") and data.draw(st.integers(0, 3)):
        body = world.bodies[case.path](who)
        if isinstance(body, bytes):
            raw, headers["Content-Type"] = {"data": body}, MULTIPART_CONTENT
        else:
            case.body, case.media_type = spoil(body, case.body, data), "application/json"
    if case.path == "/api/v1/terms/due" and data.draw(st.integers(0, 3)):
        case.query = (case.query or {}) | {
            "start": "2026-11-23",
            "amount": 5,
            "unit": "workday",
            "region": "",
        }
    acts = world.acts.get(who, [])
    if case.path.endswith("/steps/{name}/") and acts and data.draw(st.integers(0, 3)):
        case.path_parameters["uuid"], case.path_parameters["name"], body = data.draw(st.sampled_from(acts))
        case.body, case.media_type = spoil(body, case.body, data), "application/json"
    if "X-Acting-As" in (case.headers or {}) and data.draw(st.integers(0, 9)):
        del case.headers["X-Acting-As"]
    if case.path == "/api/v1/cases/" and data.draw(st.integers(0, 9)):
        headers["Idempotency-Key"] = "a-key-for-the-fuzz"
    return {"headers": headers, **raw}


def attack(operation: Any, world: World, who: str, examples: int, broken: list[str]) -> set[int]:
    """Send what is generated; returns the statuses of the answers. Raises what is wrong with one."""
    statuses: set[int] = set()
    sent = st.one_of(
        operation.as_strategy(generation_mode=GenerationMode.POSITIVE),
        operation.as_strategy(generation_mode=GenerationMode.NEGATIVE),
    )

    @settings(
        max_examples=examples,
        derandomize=not LONG,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink] if LONG else [Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(data=st.data())
    def once(data: st.DataObject) -> None:
        case = data.draw(sent)
        more = aim(case, world, who, data)
        cache.clear()
        broken.clear()
        with transaction.atomic():
            response = case.call(**more)
            transaction.set_rollback(True)
        assert not broken, f"{case.as_curl_command()}\n{broken[0]}"
        case.validate_response(response, checks=CHECKS)
        statuses.add(response.status_code)

    once()
    return statuses


@pytest.mark.parametrize("who", WHO)
def test_nothing_breaks_and_every_answer_is_as_described(world, who, broken):
    wrong, done = [], set()
    for label, operation in operations().items():
        try:
            statuses = attack(operation, world, who, LONG or EXAMPLES, broken)
        except (Exception, ExceptionGroup) as error:
            wrong.append(
                f"=== {who}: {label}\n{error}\n" + "\n".join(map(str, getattr(error, "exceptions", ())))
            )
        else:
            done |= {label} if min(statuses) < 300 else set()
    assert not wrong, "\n".join(wrong)
    assert done >= REACHED[who], f"never accepted: {sorted(REACHED[who] - done)}"
