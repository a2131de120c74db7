"""The adapter to a gateway that speaks signed JSON over HTTP: the sandbox, or one of your own.

Both directions carry the time and an HMAC-SHA256 over direction, time and body. An old or changed
message is refused; within the window a repeated one does no harm, for nothing happens twice.
"""

import datetime as dt
import hashlib
import hmac
import json
import time
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest

from support.notices.sms import Forged, Refused, Report, Unavailable

TIMEOUT = 5.0  # seconds for each step
WINDOW = 300  # seconds by which the clocks may differ, and a report be late on the wire
LONGEST_ANSWER = 10_000  # bytes
CODE = 40  # characters of a code that are kept


def sign(direction: str, stamp: str, body: bytes) -> str:
    """`direction` is `send` or `report`: what goes out cannot come back as a report."""
    text = f"{direction}.{stamp}.".encode() + body
    return hmac.new(settings.SMS_GATEWAY_KEY.encode(), text, hashlib.sha256).hexdigest()


def send(phone: str, template: str, parameters: dict[str, str], message_id: str) -> str:
    """See `sms.Adapter`."""
    message = {"id": message_id, "to": phone, "template": template, "parameters": parameters}
    status, answer = _post(json.dumps(message).encode())
    if status in (200, 202) and isinstance(answer.get("id"), str):
        return _printable(answer["id"])[:120]
    if status in (400, 422):
        raise Refused(_code(answer.get("error")))
    raise Unavailable(str(status))


def _post(body: bytes) -> tuple[int, dict[str, object]]:
    """Status and JSON object of the answer. Follows no redirect: a telephone number goes nowhere else."""
    gateway = urlsplit(settings.SMS_GATEWAY_URL)
    stamp = str(int(time.time()))
    headers = {
        "Content-Type": "application/json",
        "X-Timestamp": stamp,
        "X-Signature": sign("send", stamp, body),
    }
    connect = HTTPSConnection if gateway.scheme == "https" else HTTPConnection
    connection = connect(gateway.hostname or "", gateway.port, timeout=TIMEOUT)
    try:
        connection.request("POST", f"{gateway.path.rstrip('/')}/messages", body, headers)
        response = connection.getresponse()
        answer = json.loads(response.read(LONGEST_ANSWER) or b"{}")
    except (OSError, HTTPException) as error:
        raise Unavailable(type(error).__name__) from error
    except ValueError:
        answer = {}
    finally:
        connection.close()
    return response.status, answer if isinstance(answer, dict) else {}


def _code(word: object) -> str:
    """A code as it may be kept and shown: a short word, never a sentence with a number in it."""
    return "".join(c for c in str(word or "") if c.isascii() and (c.isalpha() or c in "_-"))[:CODE]


def read_report(request: HttpRequest) -> Report:
    """See `sms.Adapter`."""
    stamp = request.headers.get("X-Timestamp", "")
    given = request.headers.get("X-Signature", "")
    if not hmac.compare_digest(sign("report", stamp, request.body).encode(), given.encode()):
        raise Forged("signature")
    if abs(time.time() - int(stamp)) > WINDOW:
        raise Forged("time")
    said = json.loads(request.body)
    if not isinstance(said, dict) or said.get("outcome") not in ("accepted", "delivered", "undeliverable"):
        raise ValueError("outcome")
    return Report(
        message_id=UUID(str(said.get("id"))),
        provider_id=_printable(said.get("provider_id"))[:120],
        outcome=said["outcome"],
        at=_instant(said.get("at")),
        code=_code(said.get("code")),
    )


def _printable(text: object) -> str:
    return "".join(c for c in str(text or "") if c.isprintable())


def _instant(seconds: object) -> dt.datetime:
    """Raises ValueError for anything but seconds since 1970."""
    try:
        return dt.datetime.fromtimestamp(float(str(seconds)), dt.UTC)
    except (OverflowError, OSError) as error:
        raise ValueError("at") from error
