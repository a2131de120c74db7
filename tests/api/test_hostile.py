"""By hand, what generators seldom write: bodies, headers and queries meant to break something."""

import json
import struct
from itertools import product
from urllib.parse import quote

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client

from tests.api.conftest import WHO
from tests.test_urls import ROUTES

pytestmark = pytest.mark.django_db
JSON, FORM, MULTIPART = (
    "application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
)
POSTS = [
    "/api/v1/cases/",
    "/api/v1/cases/{case}/steps/accept/",
    "/api/v1/cases/{case}/steps/give_opinion/",
    "/api/v1/cases/{closed}/rating/",
    "/api/v1/tokens/",
    "/api/v1/uploads/",
    "/api/v1/verify/",
]

BODIES = {
    "nothing": (b"", JSON),
    "null": (b"null", JSON),
    "a list": (b"[]", JSON),
    "lists in place of objects": (b'[{"seen": 1}]', JSON),
    "a number": (b"1", JSON),
    "too large a number": (b'{"seen": 1e400, "stars": 1e400}', JSON),
    "not a number": (b'{"seen": NaN, "stars": NaN, "declare": NaN}', JSON),
    "infinity": (b'{"seen": Infinity, "stars": -Infinity}', JSON),
    "a very long number": (b'{"seen": %s, "stars": %s}' % (b"9" * 5000, b"9" * 5000), JSON),
    "beyond 64 bits": (b'{"seen": 9223372036854775808, "stars": 9223372036854775808}', JSON),
    "keys twice": (b'{"stars": 1, "stars": 9, "seen": 1, "seen": 2, "username": "a", "username": []}', JSON),
    "NUL": (
        b'{"reasons": "a\\u0000b", "words": "\\u0000", "username": "\\u0000", "password": "\\u0000"}',
        JSON,
    ),
    "NUL in the answers": (b'{"answers": {"applicant_name": "a\\u0000b", "\\u0000": "\\u0000"}}', JSON),
    "half a pair": (b'{"words": "\\ud800", "stars": 1, "reasons": "\\udfff", "username": "\\ud800"}', JSON),
    "a raw NUL": (b'{"words": "a\0b"}', JSON),
    "no UTF-8": (b'{"words": "\xff\xfe\x80"}', JSON),
    "UTF-16": ('{"stars": 1}'.encode("utf-16"), JSON),
    "UTF-16 as announced": ('{"stars": 1}'.encode("utf-16"), "application/json; charset=utf-16"),
    "an encoding nobody knows": (b'{"stars": 1}', "application/json; charset=klingon"),
    "an encoding that is none of text": (b'{"stars": 1}', "application/json; charset=base64"),
    "a mark of byte order": (b'\xef\xbb\xbf{"stars": 1}', JSON),
    "deep lists": (b"[" * 50_000, JSON),
    "deep objects": (b'{"answers":' * 200 + b"1" + b"}" * 200, JSON),
    "a very long key": (json.dumps({"k" * 100_000: 1, "answers": {"k" * 100_000: 1}}).encode(), JSON),
    "a very long value": (json.dumps({"words": "好" * 100_000, "username": "x" * 100_000}).encode(), JSON),
    "very many keys": (json.dumps({"answers": {str(n): n for n in range(20_000)}}).encode(), JSON),
    "cut off": (b'{"stars": 1', JSON),
    "form": (b"stars=1&stars=2&words=%00%ff&seen=%ED%A0%80&username=%00&answers=1", FORM),
    "form in a foreign encoding": (b"stars=1&words=%81%30", FORM + "; charset=gb18030"),
    "form in an encoding nobody knows": (b"stars=1", FORM + "; charset=klingon"),
    "form without names": (b"=&=&&&;;;", FORM),
    "parts without a boundary": (b"--x\r\n", "multipart/form-data"),
    "parts cut off": (
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nabc',
        MULTIPART,
    ),
    "parts with NUL": (
        b'--x\r\nContent-Disposition: form-data; name="fi\0le"; filename="\0../../a.pdf"\r\n\r\n\0\r\n--x--\r\n',
        MULTIPART,
    ),
    "an empty file": (
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n\r\n--x--\r\n',
        MULTIPART,
    ),
    "a file that is none": (
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n%PDF-1.7\n\xff\xff\r\n--x--\r\n',
        MULTIPART,
    ),
    "a picture that promises too much": (
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n\x89PNG\r\n\x1a\n'
        + struct.pack(">I4sIIBBBBB", 13, b"IHDR", 2**31 - 1, 2**31 - 1, 8, 6, 0, 0, 0)
        + b"\0\0\0\0\r\n--x--\r\n",
        MULTIPART,
    ),
    "parts within parts": (
        b"--x\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\n--y\r\n\r\n--y--\r\n--x--\r\n",
        MULTIPART,
    ),
    "a type nobody takes": (b"<a/>", "application/xml"),
    "no type": (b"{}", ""),
    "a broken type": (b"{}", "application/json; charset"),
    "compressed": (b"\x1f\x8b\x08\0", JSON),
}


def sound(answer) -> bool:
    """No 5xx, and JSON of one of the two shapes when refused."""
    if answer.status_code >= 500:
        return False
    if answer.status_code < 400:
        return True
    data = answer.json()
    return set(data) <= {"detail", "errors", "case"} or "found" in data


def send(client, path: str, body: bytes, kind: str, headers: dict[str, str]):
    cache.clear()
    with transaction.atomic():
        answer = client.generic("POST", path, body, content_type=kind, headers=headers)
        transaction.set_rollback(True)
    return answer


def test_no_body_breaks_the_api(world, client):
    client.raise_request_exception = False
    wrong = {}
    for who, path in product(("visitor", "citizen", "clerk"), POSTS):
        address = path.format(case=world.things["case"].uuid, closed=world.things["closed"].uuid)
        for name, (body, kind) in BODIES.items():
            answer = send(client, address, body, kind, world.headers[who][0])
            if not sound(answer):
                wrong[f"{who} {path} {name}"] = (answer.status_code, answer.content[:200])
    assert not wrong


# A header cannot hold NUL: no HTTP server passes one on.
HEADERS = [
    {"Authorization": ""},
    {"Authorization": "Token"},
    {"Authorization": "Token "},
    {"Authorization": "Token \x7f"},
    {"Authorization": "Token " + "f" * 100_000},
    {"Authorization": "Token \xff\xfe"},
    {"Authorization": "Token " + "令牌".encode().decode("latin-1")},
    {"Authorization": "Token a b"},
    {"Authorization": "Bearer x"},
    {"Authorization": "\xff\xfe"},
    {"X-Acting-As": "officer"},
    {"X-Acting-As": "company:"},
    {"X-Acting-As": "company:00000000-0000-4000-8000-000000000000"},
    {"X-Acting-As": "\xff"},
    {"Accept": "text/html"},
    {"Accept": "application/json; version=x"},
    {"Accept": "*/*;q=x"},
    {"Accept-Language": "*;q=x"},
    {"Accept-Language": "zh-" + "x" * 10_000},
    {"Cookie": "sessionid=%00; csrftoken=\xff"},
    {"Cookie": "sessionid=" + "a" * 10_000},
    {"Idempotency-Key": "x" * 61},
    {"Idempotency-Key": "键" * 10},
    {"X-HTTP-Method-Override": "DELETE"},
    {"Content-Length": "x"},
    {"X-Forwarded-For": ", ::1, x"},
]


def test_no_header_breaks_the_api(world, client):
    client.raise_request_exception = False
    wrong = {}
    paths = ("/api/v1/me/", "/api/v1/cases/", "/api/v1/verify/x", "/api/v1/tokens/")
    for path, headers in product(paths, HEADERS):
        own = {} if "Authorization" in headers else world.headers["citizen"][0]
        cache.clear()
        for answer in (
            client.get(path, headers=own | headers),
            send(
                client,
                path,
                json.dumps(world.bodies["/api/v1/cases/"]("citizen")).encode(),
                JSON,
                own | headers,
            ),
        ):
            if not sound(answer):
                wrong[f"{path} {headers!s:.60}"] = (answer.status_code, answer.content[:200])
    assert not wrong


ODD = ["", "\0", "x", "-1", "0", "99999999999999999999", "1e400", "NaN", "\ud800", "１", "%", "<b>", "'", "好" * 3000,
       "2026-13-45", "00000000-0000-4000-8000-000000000000", "officer", "../..", "[]", "{}", "1_1",
       "9223372036854775807_9223372036854775807", "-9223372036854775808_0", "99999999999999_1"]  # fmt: skip
NAMES = ["page", "q", "region", "audience", "theme", "agency", "tab", "after", "number", "view", "next", "limit",
         "offset", "start", "amount", "unit", "matter", "days", "show", "year", "mode", "contrast", "expired", "hat",
         "state", "late", "code", "kind", "lang", "language", "from", "to", "step"]  # fmt: skip
QUERIES = [{name: value} for name in NAMES for value in ODD]


def quoted(value: str) -> str:
    return quote(value, safe="", errors="surrogatepass")


def real_paths(world) -> list[str]:
    """Every route with real things in it where there are any."""
    things = world.things
    places = {
        "/api/v1/cases/": things["case"].uuid,
        "/api/v1/matters/": things["version"].matter.uuid,
        "/api/v1/ratings/agencies/": things["case"].agency.uuid,
        "/apply/": things["version"].matter.uuid,
        "/my/cases/": things["case"].uuid,
        "/cases/": things["case"].uuid,
        "/desk/": things["case"].uuid,
        "/certificates/": things["certificate"].uuid,
        "/matters/": things["version"].matter.uuid,
        "/evaluations/": things["closed"].uuid,
        "/ratings/agencies/": things["case"].agency.uuid,
        "/ratings/": things["closed"].ratings.get().uuid,
        "/documents/": things["certificate"].document.uuid,
    }
    found = []
    for route in ROUTES:
        fitting = [start for start in places if route.path.startswith(start)]
        path = route.path
        if fitting:
            path = path.replace("00000000-0000-4000-8000-000000000000", str(places[max(fitting, key=len)]))
        found.append(path.replace("/steps/x/", "/steps/accept/"))
    return [
        path for path in found if path != "/accounts/logout/" and not path.startswith(("/api/", "/design/"))
    ]


def entered(cast, who: str) -> Client:
    client = Client(raise_request_exception=False)
    if who != "visitor":
        client.force_login(cast[who], backend="django.contrib.auth.backends.ModelBackend")
    return client


def survives(answer, path: str) -> bool:
    return answer.status_code < 500 or path == "/readyz"


def test_no_query_breaks_a_page(world, cast):
    """Each page with all names at once, each with an odd value; every role tries other pairs of them."""
    wrong = {}
    for who, path in product(WHO, real_paths(world)):
        client = entered(cast, who)
        for turn in range(WHO.index(who), len(ODD), len(WHO)):
            query = "&".join(
                f"{name}={quoted(ODD[(turn + place) % len(ODD)])}" for place, name in enumerate(NAMES)
            )
            cache.clear()
            with transaction.atomic():
                answer = client.get(path, QUERY_STRING=query)
                transaction.set_rollback(True)
            if not survives(answer, path):
                wrong[f"{who} {path}"] = query
    assert not wrong


FORMS = [
    {},
    {"stars": ["1", "\0"], "tags": ["x", "\0"], "words": "\0", "anonymous": "\0"},
    {"username": "\0", "password": "\0", "name": "\0", "number": "\0", "phone": "\0", "email": "a@\0"},
    {"seen": "99999999999999999999", "reasons": "\ud800\0", "verdict": "\0", "where_to_go": "好" * 10_000},
    {"seen": "1e400", "stars": "NaN", "page": "\0", "hat": "company:\0", "until": "\0", "declare": "\0"},
    {"year": "99999999999999999999", "days": "\0" * 10, "region": "\0", "source": "\0"},
    {"upload": "\0", "delete": "\0", "key": "\0", "next": "//evil.example/\0", "code": "\0", "mode": "\0"},
    {f"field{n}": "x" for n in range(2000)},
]


def test_no_form_breaks_a_page(world, cast):
    """Garbage by POST to every page, as fields, as parts with a file, and as what is no form at all."""
    wrong = {}
    for who, path in product(("visitor", "citizen", "clerk", "supervisor"), real_paths(world)):
        client = entered(cast, who)
        bodies = [
            *(("&".join(f"{quoted(k)}={quoted(v)}" for k, vs in form.items()
                        for v in ([vs] if isinstance(vs, str) else vs)).encode(), FORM) for form in FORMS),
            *(BODIES[name] for name in (
                "parts without a boundary", "parts cut off", "parts with NUL", "a picture that promises too much",
                "form in an encoding nobody knows", "form in a foreign encoding", "no type", "null",
            )),
        ]  # fmt: skip
        for number, (body, kind) in enumerate(bodies):
            answer = send(client, path, body, kind, {})
            if not survives(answer, path):
                wrong[f"{who} {path} {number}"] = body[:80]
    assert not wrong
