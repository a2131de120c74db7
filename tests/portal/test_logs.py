"""A whole journey at the lowest level, and everything that can fail: the log knows nobody."""

import io
import json
import logging
import logging.config

import pytest
import structlog
from celery import shared_task
from celery.signals import before_task_publish
from django.core.files.uploadedfile import SimpleUploadedFile
from django_structlog.celery.receivers import CeleryReceiver

from applications.models import Application, Draft
from certificates.models import Certificate
from portal import logs, views
from portal.celery import app
from support.accounts.demo import CAST
from support.documents import actions as documents
from support.queues import waking
from tests.applications.conftest import (  # noqa: F401
    answers,
    guide,
    png,
    version,
)
from tests.applications.test_apply_pages import typed
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db

SECRETS = {
    text
    for member in CAST
    for text in (member.name, member.number, member.phone, member.address, f"{member.account}@example.com")
    if text
} | {PASSWORD, "640199199003070002", "640199********0002"}


@pytest.fixture(params=[True, False], ids=["json", "readable"])
def log(request, settings):
    """All that is logged as in production, or as in a demonstration, at the level DEBUG."""
    app.loader.import_default_modules()  # sets up Django, and so its logging, again
    seen = io.StringIO()
    kept = dict(logging.root.manager.loggerDict)
    levels = {name: found.level for name, found in kept.items() if isinstance(found, logging.Logger)}
    logging.config.dictConfig(logs.configuration(as_json=request.param, level="DEBUG"))
    logging.getLogger().handlers[0].setStream(seen)
    yield seen
    logging.config.dictConfig(settings.LOGGING)
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)
    structlog.contextvars.clear_contextvars()


def lines(log: io.StringIO) -> list[dict]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def log_in(client, account: str) -> None:
    client.post("/accounts/logout/")
    page = client.post("/accounts/login/", {"username": account, "password": PASSWORD})
    assert page.status_code == 302


def work() -> None:
    for name in ("documents.drain", "notices.drain", "evaluations.invite", "records.seal"):
        app.tasks[name]()


def apply_for(client, version, guide, answers) -> Application:  # noqa: F811
    client.post(f"/apply/{version.matter.uuid}/")
    draft = Draft.objects.get()
    for step in guide.steps:
        url = f"/drafts/{draft.uuid}/{step.key}/"
        wrong = {key: f"{value}x" for key, value in typed(guide, step, answers).items()}
        client.post(url, {**wrong, "action": "continue"})
        assert client.post(url, {**typed(guide, step, answers), "action": "continue"}).status_code == 302
    for material in guide.uploads:
        client.post(f"/drafts/{draft.uuid}/materials/", {f"file_{material.key}": png("张小兰.png")})
    assert client.post(f"/drafts/{draft.uuid}/check/", {"declare": "yes", "delivery": "electronic"}).status_code == 302
    return Application.objects.get()


def step(client, case: Application, account: str, name: str, **inputs: str) -> None:
    log_in(client, account)
    client.get(f"/desk/?q={case.number}")
    client.get(f"/desk/{case.uuid}/")
    client.post(f"/desk/{case.uuid}/numbers/")
    seen = Application.objects.get(pk=case.pk).revision
    done = client.post(f"/desk/{case.uuid}/steps/{name}/", {"seen": seen, **inputs})
    assert done.status_code == 302, done.content.decode()


def test_a_whole_journey_leaves_nobody_in_the_log(
    log, client, cast, version, guide, answers, settings, tmp_path  # noqa: F811
):  # fmt: skip
    settings.MEDIA_ROOT = tmp_path / "files"
    client.post("/accounts/login/", {"username": "citizen", "password": "张小兰640199199003070002"})
    log_in(client, "citizen")
    client.get("/accounts/profile/")
    client.post("/accounts/profile/contact/", {"phone": "19900000001", "email": "citizen@example.com"})
    client.post("/accounts/password/reset/", {"email": "citizen@example.com", "username": "citizen"})
    case = apply_for(client, version, guide, answers)
    work()
    step(client, case, "clerk", "accept")
    step(client, case, "officer", "give_opinion", verdict="grant", reasons="张小兰符合条件")
    step(client, case, "approver", "grant")
    work()
    certificate = Certificate.objects.get()
    log_in(client, "citizen")
    client.get(f"/my/cases/{case.uuid}/")
    client.get(f"/certificates/{certificate.uuid}/")
    client.get(f"/documents/{certificate.document.uuid}/")
    client.get(f"/v/{certificate.code}")
    client.post(
        "/verify/", {"file": SimpleUploadedFile("张小兰.pdf", documents.read_file(certificate.document))}
    )
    client.post(f"/evaluations/{case.uuid}/", {"stars": "1", "words": "我是张小兰 19900000001"})
    client.get("/search/?q=张小兰")
    client.get("/张小兰/640199199003070002")
    token = client.post("/api/v1/tokens/", {"username": "citizen", "password": PASSWORD}).json()["token"]
    client.get("/api/v1/me/", headers={"Authorization": f"Token {token}"})
    client.post("/accounts/organisation/", {"name": "张小兰的店", "uscc": "91640104YYYY0091X3"})
    text = log.getvalue()
    assert "desk/<uuid:uuid>/steps/<slug:name>/" in text  # it was written
    hidden = SECRETS | {case.number, certificate.code, token, case.party.number}
    assert not [word for word in hidden if word in text]


@pytest.mark.parametrize("log", [True], indirect=True)
def test_a_request_is_one_line_with_ids_only(log, client, citizen):
    client.force_login(citizen)
    client.get("/my/?q=secret", headers={"X-Request-ID": "f" * 32, "User-Agent": "secret"})
    (line,) = lines(log)
    assert line.pop("ms") > 0
    assert len(line.pop("request_id")) == 32
    del line["timestamp"]
    assert line == {
        "event": "request_finished", "request": "GET my/", "code": 200, "user_id": citizen.pk,
        "hat": "citizen", "level": "info", "logger": "django_structlog.middlewares.request",
    }  # fmt: skip


@pytest.mark.parametrize("log", [True], indirect=True)
@pytest.mark.parametrize(
    ("proxies", "given", "taken"),
    [
        (1, "0123456789abcdef0123456789abcdef", True),
        (0, "0123456789abcdef0123456789abcdef", False),
        (1, "张小兰", False),
    ],
)
def test_the_id_of_a_request_comes_from_our_own_proxy_alone(log, client, settings, proxies, given, taken, db):
    settings.PROXIES = proxies
    answer = client.get("/my/", HTTP_X_REQUEST_ID=given)
    (line,) = lines(log)
    assert line["request_id"] == answer["X-Request-ID"]
    assert (answer["X-Request-ID"] == given) is taken


@pytest.mark.parametrize("log", [True], indirect=True)
def test_questions_about_health_are_not_logged(log, client, db):
    assert client.get("/livez").status_code == 200
    assert client.get("/metrics").status_code == 200
    assert log.getvalue() == ""
    client.get("/readyz")  # no worker: that is worth a line
    assert {line["event"] for line in lines(log)} == {
        "not ready: worker: Unwell('no heartbeat yet')",
        "request_finished",
    }


@pytest.mark.parametrize("log", [True], indirect=True)
def test_of_an_exception_the_log_keeps_type_and_place(log, client, monkeypatch, db):
    def broken(*args, **kwargs):
        try:
            raise KeyError("张小兰")
        except KeyError as error:
            raise ValueError("640199199003070002 张小兰") from error

    monkeypatch.setattr(views, "render", broken)
    client.raise_request_exception = False
    assert client.get("/").status_code == 500
    (line,) = lines(log)
    assert (line["event"], line["level"], line["request"]) == ("request_failed", "error", "GET ")
    assert line["exception"] == "ValueError from KeyError"
    assert line["where"][-1].endswith("broken")
    assert "张小兰" not in log.getvalue()
    log.seek(0)
    log.truncate()
    try:
        broken()
    except ValueError:
        logging.getLogger("portal").exception("case %s", 7)
    assert lines(log)[0] | {"timestamp": "", "where": ""} == {
        "event": "case 7", "level": "error", "logger": "portal", "exception": "ValueError from KeyError",
        "timestamp": "", "where": "",
    }  # fmt: skip


@shared_task(name="tests.fail")
def fail(number: str) -> None:
    raise ValueError(f"no such number: {number}")


@pytest.mark.parametrize("log", [True], indirect=True)
def test_a_failed_task_is_logged_by_id_without_its_arguments(log):
    receiver = CeleryReceiver()
    receiver.connect_worker_signals()
    done = fail.apply(args=["640199199003070002"])
    assert done.failed()
    found = [line for line in lines(log) if line["event"] == "task_failed"]
    assert [(line["task_id"], line["level"], line["exception"]) for line in found] == [
        (done.id, "error", "ValueError")
    ]
    assert "640199199003070002" not in log.getvalue()


def test_a_task_knows_the_request_that_asked_for_it(
    client, citizen, version, guide, answers, settings, tmp_path, monkeypatch  # noqa: F811
):  # fmt: skip
    settings.MEDIA_ROOT = tmp_path / "files"
    sent = []

    def note(headers=None, **_):
        sent.append((headers["task"], headers["__django_structlog__"].get("request_id")))

    client.force_login(citizen)
    case = apply_for(client, version, guide, answers)
    monkeypatch.setattr(waking.transaction, "on_commit", lambda call: call())
    before_task_publish.connect(note)
    answer = client.post(f"/my/cases/{case.uuid}/steps/withdraw/", {"seen": case.revision})
    before_task_publish.disconnect(note)
    assert answer.status_code == 302
    assert sent
    assert {request_id for _task, request_id in sent} == {answer["X-Request-ID"]}
