"""The main job once through the API: the same door, the same sight, answers in words."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from knox.models import AuthToken
from rest_framework.test import APIClient

from applications.models import Application
from tests.applications.conftest import png

pytestmark = pytest.mark.django_db


@pytest.fixture
def api(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"

    def make(user) -> APIClient:
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Token {AuthToken.objects.create(user)[1]}")
        return client

    return make


def filing(client, version, guide, answers) -> dict:
    materials = {}
    for material in guide.uploads:
        made = client.post("/api/v1/uploads/", {"file": png()}, format="multipart")
        assert made.status_code == 201, made.content
        materials[material.key] = [made.json()["uuid"]]
    return {"matter": str(version.matter.uuid), "answers": answers, "materials": materials, "declare": True}


def test_the_main_job(api, version, guide, answers, citizen, clerk, officer, approver):
    applicant = api(citizen)
    body = filing(applicant, version, guide, answers)
    made = applicant.post("/api/v1/cases/", body, headers={"Idempotency-Key": "order-2026-1"})
    assert made.status_code == 201, made.content
    case = made.json()
    again = applicant.post("/api/v1/cases/", body, headers={"Idempotency-Key": "order-2026-1"})
    assert (again.status_code, again.json()["uuid"]) == (200, case["uuid"])
    url = f"/api/v1/cases/{case['uuid']}/"
    for user, name, words in (
        (clerk, "accept", {}),
        (officer, "give_opinion", {"verdict": "grant", "reasons": "符合条件"}),
        (approver, "grant", {}),
    ):
        worker = api(user)
        seen = worker.get(url).json()
        assert name in seen["steps"]
        done = worker.post(f"{url}steps/{name}/", {"seen": seen["revision"], **words})
        assert done.status_code == 200, done.content
    assert applicant.get(url).json()["state"] == "granted"
    assert Application.objects.count() == 1


def test_without_a_token_nobody_files_or_reads(received):
    client = APIClient()
    assert client.get("/api/v1/cases/").status_code in (401, 403)
    assert client.get(f"/api/v1/cases/{received.uuid}/").status_code in (401, 403)
    assert client.post("/api/v1/cases/", {}).status_code in (401, 403)


def test_a_filing_without_a_key_or_with_errors_is_told(api, version, guide, answers, citizen):
    client = api(citizen)
    body = filing(client, version, guide, answers)
    assert "Idempotency-Key" in client.post("/api/v1/cases/", body).json()["errors"]
    phone = next(f.key for f in guide.fields() if f.type == "phone")
    body["answers"] = {**answers, phone: "123"}
    answer = client.post("/api/v1/cases/", body, headers={"Idempotency-Key": "order-2026-2"})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [phone])
    assert not Application.objects.exists()


def test_somebody_elses_upload_is_not_found(api, version, guide, answers, citizen, stranger):
    body = filing(api(stranger), version, guide, answers)
    answer = api(citizen).post("/api/v1/cases/", body, headers={"Idempotency-Key": "order-2026-3"})
    assert answer.status_code == 400
    assert not Application.objects.exists()


def test_a_bad_file_is_refused_in_words(api, citizen):
    bad = SimpleUploadedFile("a.pdf", b"not a pdf at all")
    answer = api(citizen).post("/api/v1/uploads/", {"file": bad}, format="multipart")
    assert answer.status_code == 400
    assert answer.json()["errors"]["file"]


def test_a_stale_revision_gives_the_case_as_it_is(api, received, clerk):
    answer = api(clerk).post(f"/api/v1/cases/{received.uuid}/steps/accept/", {"seen": 99})
    assert answer.status_code == 409
    assert answer.json()["case"]["revision"] == received.revision


@pytest.mark.parametrize("body", [{"matter": "x"}, {"answers": []}, [], "text", {"matter": None, "answers": {}}])
def test_a_broken_body_is_no_server_error(api, citizen, body):
    answer = api(citizen).post("/api/v1/cases/", body, headers={"Idempotency-Key": "order-2026-4"})
    assert answer.status_code in (400, 404)


def test_without_the_declaration_nothing_is_filed(api, version, guide, answers, citizen):
    client = api(citizen)
    body = {**filing(client, version, guide, answers), "declare": False}
    answer = client.post("/api/v1/cases/", body, headers={"Idempotency-Key": "order-2026-5"})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["declare"])
    assert not Application.objects.exists()
