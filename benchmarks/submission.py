"""Filing a case over the API, login and every rule included, beside its own statements replayed."""

import json
from collections.abc import Iterator

from django.db import connection
from django.test import Client

from benchmarks import stage
from benchmarks.replay import FIRST_ID, Script, recorded
from benchmarks.rounds import Row, Run, in_turn
from support.documents.models import Document

PATH = "/api/v1/cases/"


def rows() -> Iterator[Row]:
    case, answers, uploads = stage.file_once("bench-first")
    body = json.dumps(
        {
            "matter": str(case.matter.uuid),
            "answers": answers,
            "declare": True,
            "materials": {key: [str(u.uuid) for u in pages] for key, pages in uploads.items()},
        }
    )
    headers = {"Authorization": f"Token {stage.token_of('citizen')}", "Content-Type": "application/json"}
    kept = {str(case.matter.uuid), *(str(u.uuid) for pages in uploads.values() for u in pages)}
    floor_script = _floor(headers, body, kept)
    load = stage.lua_request("POST", PATH, headers, body)
    web = stage.Web()
    by_clients: dict[int, list[Run]] = {}
    for clients in (8, 32):
        row = in_turn(
            f"submission, {clients} clients, of its statements replayed",
            "/s",
            lambda n=clients: stage.pgbench(floor_script, clients=n),  # type: ignore[misc]
            lambda n=clients: web.load(load, clients=n),  # type: ignore[misc]
        )
        by_clients[clients] = row.candidates
        yield row
    yield Row("submission, 32 clients, of 8 clients", by_clients[8], by_clients[32], "/s")
    web.stop()


def _floor(headers: dict[str, str], body: str, kept: set[str]) -> str:
    """The statements of one filing, the second after the start: caches are warm, as they will be."""
    _tell_ids_apart()
    client = Client(headers={"authorization": headers["Authorization"]})
    for key in ("bench-warm", "bench-taped"):
        with recorded() as tape:
            answer = client.post(
                PATH, body, content_type="application/json", headers={"idempotency-key": key}
            )
        assert answer.status_code == 201, answer.content
    number = answer.json()["number"]
    codes = Document.objects.filter(case_number=number).values_list("code", flat=True)
    return Script(tape, ["bench-taped", number, *codes], kept).text()


def _tell_ids_apart() -> None:
    """Let every table count from a million of its own: the tape knows what an id is by its value."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' ORDER BY 1")
        for number, (name,) in enumerate(cursor.fetchall(), start=1):
            cursor.execute("SELECT setval(%s::regclass, %s)", [name, number * FIRST_ID])
