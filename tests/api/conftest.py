"""A world in which every address of the API leads to something, and tokens for everybody who may ask."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test.client import BOUNDARY, encode_multipart
from django.utils import timezone

from applications import counter, filing
from applications.workflow import STEPS
from certificates.models import Certificate
from evaluations import actions as evaluations
from matters.editing import actions as editing
from matters.forms import prefill
from support.accounts.actions import issue_token
from support.accounts.models import Mandate, Party
from support.accounts.window import Visitor
from support.documents import actions as documents
from support.documents.actions import store_upload
from support.documents.models import Document
from tests.applications.conftest import (  # noqa: F401
    MONDAY,
    accepted,
    answers,
    at,
    file_case,
    guide,
    png,
    received,
    reviewed,
    step,
    uploads_for,
    version,
)
from tests.conftest import PASSWORD, actor_of

WHO = ("visitor", "citizen", "firm_agent", "clerk", "approver", "supervisor", "editor")


@dataclass
class World:
    """Real values for the parameters in addresses, and a body that is accepted for every POST."""

    headers: dict[str, list[dict[str, str]]]
    places: dict[tuple[str, str], list[Any]]
    bodies: dict[str, Callable[[str], Any]]  # bytes: multipart, with BOUNDARY
    acts: dict[str, list[tuple[str, str, dict[str, Any]]]]  # case, step and body that are accepted
    things: dict[str, Any] = field(default_factory=dict)

    def values(self, path: str, name: str) -> list[Any]:
        """For a parameter of an address: the longest beginning of the address that knows it."""
        fitting = [key for key in self.places if path.startswith(key[0]) and key[1] == name]
        return self.places[max(fitting, key=lambda key: len(key[0]))]


@pytest.fixture(autouse=True)
def one_connection():
    """A request through WSGI ends with closing old connections; here it is in the middle of a transaction."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def world(cast, received, file_case, step, version, answers, settings, tmp_path) -> World:  # noqa: F811
    settings.MEDIA_ROOT = tmp_path / "files"
    citizen, clerk = cast["citizen"], cast["clerk"]
    reviewed_case = _reviewed(file_case(key="second-key"), step, cast)
    granted = step(
        "grant", _reviewed(file_case(key="third-key"), step, cast), cast["approver"], now=at("2026-11-26")
    )
    closed = step(
        "refuse_acceptance", file_case(key="fourth-key"), clerk, now=at("2026-11-24"), reasons="不属于本机关。",
        where_to_go="市场监管局",
    )  # fmt: skip
    evaluations.rate(
        closed, stars=1, tags=[], words="太慢", anonymous=False, channel="1", actor=actor_of(citizen),
        now=timezone.now(),
    )  # fmt: skip
    draft = editing.revise(version.matter, actor=actor_of(cast["editor"]), now=MONDAY)
    hat = f"company:{Mandate.objects.get(user=cast['firm_agent']).party.uuid}"
    agent = actor_of(cast["firm_agent"], hat)
    filled = {
        who: {**answers, **prefill(version.guide, Party.objects.get(pk=actor.party))}
        for who, actor in (("citizen", actor_of(citizen)), ("firm_agent", agent))
    }
    firms = filing.submit(
        version.matter, filled["firm_agent"], _pages(version, agent), key="firm-key", actor=agent, now=MONDAY
    )
    pages = {"citizen": _pages(version, actor_of(citizen)), "firm_agent": _pages(version, agent)}
    Document.objects.exclude(kind="certificate").update(next_at=None)  # one that is made is enough
    while documents.drain(at("2027-11-30")):
        pass
    certificate = Certificate.objects.get()
    cases = [str(case.uuid) for case in (received, reviewed_case, granted, closed, firms)]
    pdf = documents.read_file(Document.objects.get(pk=certificate.document_id))
    return World(
        headers=_headers(cast, hat),
        places={
            ("/api/v1/cases/", "uuid"): cases,
            ("/api/v1/cases/", "name"): list(STEPS),
            ("/api/v1/catalogue/drafts/", "uuid"): [str(draft.uuid)],
            ("/api/v1/catalogue/lists/", "uuid"): [str(version.matter.uuid)],
            ("/api/v1/counter/drafts/", "uuid"): [str(_at_window(version, cast).uuid)],
            ("/api/v1/matters/lists/", "kind"): ["licences", "pledge", "deferral", "special"],
            ("/api/v1/matters/", "uuid"): [str(version.matter.uuid)],
            ("/api/v1/matters/", "version"): [1, 2],
            ("/api/v1/ratings/agencies/", "uuid"): [str(received.agency.uuid)],
            ("/api/v1/verify/", "code"): [certificate.code, Document.objects.exclude(code="").first().code],
        },
        bodies={
            "/api/v1/cases/": lambda who: {
                "matter": str(version.matter.uuid),
                "answers": filled.get(who, filled["citizen"]),
                "declare": True,
                "materials": {
                    key: [str(page.uuid) for page in own]
                    for key, own in pages.get(who, pages["citizen"]).items()
                },
            },
            "/api/v1/catalogue/drafts/{uuid}/": lambda who: {
                "revision": draft.revision, "document": draft.document,
            },
            "/api/v1/counter/drafts/": lambda who: {
                "matter": str(version.matter.uuid), "kind": "natural", "name": "赵秀英",
                "number": "640199197001010007", "present": "self", "seen": True,
            },
            "/api/v1/counter/drafts/{uuid}/files/": lambda who: encode_multipart(
                BOUNDARY, {"material": version.guide.uploads[0].key, "file": png()}
            ),
            "/api/v1/counter/drafts/{uuid}/submit/": lambda who: {
                "answers": filled["citizen"], "delivery": "window", "read_back": True,
                "papers": {m.key: {"original": 1, "copy": 0} for m in version.guide.at_window if m.on_paper},
            },
            "/api/v1/cases/{uuid}/steps/{name}/": lambda who: {
                "seen": {"clerk": 1, "approver": 3}.get(who, 2),
                "reasons": "符合条件。",
                "verdict": "grant",
                "where_to_go": "市场监管局",
            },
            "/api/v1/cases/{uuid}/rating/": lambda who: {
                "stars": 2, "tags": ["guide"], "words": "慢", "anonymous": True,
            },
            "/api/v1/tokens/": lambda who: {"username": who, "password": PASSWORD},
            "/api/v1/uploads/": lambda who: encode_multipart(BOUNDARY, {"file": png()}),
            "/api/v1/verify/": lambda who: encode_multipart(BOUNDARY, {"file": SimpleUploadedFile("a.pdf", pdf)}),
        },
        acts={
            "citizen": [(cases[0], "withdraw", {"seen": 1})],
            "firm_agent": [(cases[4], "withdraw", {"seen": 1})],
            "clerk": [(cases[0], "accept", {"seen": 1}), (cases[4], "accept", {"seen": 1})],
            "approver": [
                (cases[1], "grant", {"seen": 3}),
                (cases[1], "refuse", {"seen": 3, "reasons": "不符合条件。"}),
            ],
        },
        things={"case": received, "closed": closed, "certificate": certificate, "version": version},
    )  # fmt: skip


def _reviewed(case, step, cast):  # noqa: F811
    case = step("accept", case, cast["clerk"], now=at("2026-11-24"))
    return step(
        "give_opinion", case, cast["officer"], now=at("2026-11-25"), verdict="grant", reasons="齐全。"
    )


def _at_window(version, cast):  # noqa: F811
    """A draft that `clerk` has begun for the citizen at the window."""
    party = cast["citizen"].party
    visitor = Visitor("natural", party.name, party.number, account="own")
    return counter.start(version, visitor, None, actor=actor_of(cast["clerk"]), now=timezone.now())


def _pages(version, actor):  # noqa: F811
    return {
        m.key: [store_upload(png(), actor=actor, party_id=actor.party, now=MONDAY)]
        for m in version.guide.uploads
    }


def _headers(cast, hat: str) -> dict[str, list[dict[str, str]]]:
    """What each sends to say who they are; the agent under either hat."""
    found: dict[str, list[dict[str, str]]] = {"visitor": [{}]}
    for who in WHO[1:]:
        _row, token = issue_token(cast[who], now=timezone.now())
        worn = [{"X-Acting-As": hat}, {"X-Acting-As": hat}, {}] if who == "firm_agent" else [{}]
        found[who] = [{"Authorization": f"Token {token}"} | more for more in worn]
    return found
