"""A text message gateway for trying out: `python -m runtime.sms_gateway`. Sends nothing to anybody.

It behaves as real ones do: it is slow, fails now and then, takes a message and loses the answer, reports
later what became of it, repeats reports and sends them out of order. It honours message ids: the same
one is taken once. What it took stands in `outbox.jsonl`, with masked numbers; after a restart it goes on
from there. Words in the file `mode` beside it change how it behaves: see TROUBLES.

Numbers that end in 0009 do not exist and are refused; those in 0008 cannot be reached.
"""

import hashlib
import hmac
import http.client
import json
import os
import random
import threading
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from heapq import heappop, heappush
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

TROUBLES = ("down", "busy", "silent", "lossy")  # 503; 429; no answer; taken, but the answer is lost
WINDOW = 300  # seconds by which a request's time may be off
LARGEST = 10_000  # bytes of a request
REPORT_TRIES = 6  # then the report is given up; waits of 1, 2, 4 … × `report_delay`


@dataclass
class Settings:
    """How it behaves, from SMS_SANDBOX_… in the environment. Shares are from 0 to 1, times in seconds."""

    port: int
    place: Path
    key: bytes
    callback: str
    seed: str = "1"
    trouble: float = 0.1  # share of requests that meet one of TROUBLES
    undeliverable: float = 0.02  # share of messages
    repeat: float = 0.2  # share of reports sent twice
    shuffle: float = 0.2  # share of messages whose last report overtakes the first
    delay: float = 0.3  # longest wait before an answer
    silence: float = 20.0  # how long it keeps a connection that it does not answer
    report_delay: float = 3.0  # before each report

    @classmethod
    def of_environment(cls) -> "Settings":
        given: dict[str, Any] = {
            name: type(default)(os.environ[f"SMS_SANDBOX_{name.upper()}"])
            for name, default in vars(cls).items()
            if isinstance(default, str | float) and f"SMS_SANDBOX_{name.upper()}" in os.environ
        }
        return cls(
            port=int(os.environ["SMS_SANDBOX_PORT"]),
            place=Path(os.environ["SMS_SANDBOX_HOME"]),
            key=os.environ["SMS_GATEWAY_KEY"].encode(),
            callback=os.environ["SMS_SANDBOX_CALLBACK"],
            **given,
        )


@dataclass
class Gateway:
    """What has been taken, and which reports are still to be sent."""

    settings: Settings
    taken: dict[str, dict[str, Any]] = field(default_factory=dict)
    tries: dict[str, int] = field(default_factory=dict)
    due: list[tuple[float, int, dict[str, Any], int]] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)
    numbered: int = 0

    @property
    def outbox(self) -> Path:
        return self.settings.place / "outbox.jsonl"

    def luck(self, *of: object) -> random.Random:
        """The same for the same seed and occasion, in whatever order things happen."""
        return random.Random(":".join(map(str, (self.settings.seed, *of))))  # noqa: S311

    def trouble(self, message_id: str) -> str:
        """The trouble that this request meets, by the file `mode` or by chance."""
        with suppress(OSError):
            mode = (self.settings.place / "mode").read_text().strip()
            if mode in TROUBLES:
                return mode
        with self.changed:
            tried = self.tries[message_id] = self.tries.get(message_id, 0) + 1
        luck = self.luck("request", message_id, tried)
        return luck.choice(TROUBLES) if luck.random() < self.settings.trouble else ""

    def note(self, event: str, **more: object) -> None:
        line = json.dumps({"at": round(time.time(), 3), "event": event, **more}, ensure_ascii=False)
        with self.outbox.open("a") as file:
            file.write(line + "\n")

    def remember(self) -> None:
        """Go on where an earlier process ended: known ids stay known, open reports are sent."""
        self.settings.place.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.outbox.touch(0o600)
        ended = set()
        for line in self.outbox.read_text().splitlines():
            said = json.loads(line)
            if said["event"] == "taken":
                self.taken[said["id"]] = said
            elif said["event"] == "reported":
                ended.add(said["id"])
        for message_id in self.taken.keys() - ended:
            self.plan_reports(message_id)

    def take(self, message: dict[str, Any]) -> str:
        """Note a message and plan its reports; returns our id. The same id again changes nothing."""
        message_id = message["id"]
        with self.changed:
            if message_id not in self.taken:
                self.taken[message_id] = {
                    "id": message_id,
                    "provider_id": uuid.uuid5(uuid.NAMESPACE_URL, message_id).hex,
                    "to": f"{message['to'][:3]}****{message['to'][-4:]}",
                    "template": message["template"],
                    "parameters": message["parameters"],
                }
                self.note("taken", **self.taken[message_id])
                self.plan_reports(message_id)
        return str(self.taken[message_id]["provider_id"])

    def plan_reports(self, message_id: str) -> None:
        luck, wait = self.luck("reports", message_id), self.settings.report_delay
        lost = self.taken[message_id]["to"].endswith("0008") or luck.random() < self.settings.undeliverable
        outcomes = ["accepted", "undeliverable" if lost else "delivered"]
        first, last = (2.0, 1.0) if luck.random() < self.settings.shuffle else (1.0, 2.0)
        for outcome, after in zip(outcomes, (first, last), strict=True):
            report = {
                "id": message_id,
                "provider_id": self.taken[message_id]["provider_id"],
                "outcome": outcome,
                "at": time.time() + after * wait,
            }
            if outcome == "undeliverable":
                report["code"] = "unreachable"
            for again in range(2 if luck.random() < self.settings.repeat else 1):
                self.plan(report, after * wait * (1 + 0.5 * again), tried=0)

    def plan(self, report: dict[str, Any], seconds: float, *, tried: int) -> None:
        with self.changed:
            self.numbered += 1
            heappush(self.due, (time.monotonic() + seconds, self.numbered, report, tried))
            self.changed.notify()

    def report_forever(self) -> None:
        while True:
            with self.changed:
                while not self.due or self.due[0][0] > time.monotonic():
                    self.changed.wait(self.due[0][0] - time.monotonic() if self.due else None)
                _at, _number, report, tried = heappop(self.due)
            status = self.post(report)
            if status == 200 and report["outcome"] != "accepted":
                with self.changed:
                    self.note("reported", id=report["id"], outcome=report["outcome"])
            elif status != 200 and tried + 1 < REPORT_TRIES:
                self.plan(report, self.settings.report_delay * 2**tried, tried=tried + 1)

    def post(self, report: dict[str, Any]) -> int:
        """Status of the portal's answer, 0 for none."""
        body, stamp = json.dumps(report).encode(), str(int(time.time()))
        headers = {"Content-Type": "application/json", "X-Timestamp": stamp}
        headers["X-Signature"] = sign(self.settings.key, "report", stamp, body)
        portal = urlsplit(self.settings.callback)
        connection = http.client.HTTPConnection(portal.hostname or "", portal.port, timeout=10)
        try:
            connection.request("POST", portal.path, body, headers)
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            connection.close()


def sign(key: bytes, direction: str, stamp: str, body: bytes) -> str:
    return hmac.new(key, f"{direction}.{stamp}.".encode() + body, hashlib.sha256).hexdigest()


class Handler(BaseHTTPRequestHandler):
    """POST /messages: 202 and our id, 200 when it was known, 422 for good, 403, 429, 503."""

    gateway: Gateway
    timeout = 30

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if self.path != "/messages" or not length.isdecimal() or int(length) > LARGEST:
            return self.answer(400, error="malformed")
        body = self.rfile.read(int(length))
        if not self.is_signed(body):
            return self.answer(403, error="signature")
        return self.serve(json.loads(body))

    def is_signed(self, body: bytes) -> bool:
        stamp = self.headers.get("X-Timestamp", "")
        right = sign(self.gateway.settings.key, "send", stamp, body)
        timely = stamp.isdecimal() and abs(time.time() - int(stamp)) <= WINDOW
        return timely and hmac.compare_digest(right, self.headers.get("X-Signature", ""))

    def serve(self, message: dict[str, Any]) -> None:
        gateway, settings = self.gateway, self.gateway.settings
        trouble = gateway.trouble(message["id"])
        time.sleep(gateway.luck("delay", message["id"]).random() * settings.delay)
        if trouble == "down":
            return self.answer(503, error="down")
        if trouble == "busy":
            return self.answer(429, error="busy")
        if trouble == "silent":
            return time.sleep(settings.silence)
        if len(message["to"]) != 11 or message["to"].endswith("0009"):
            return self.answer(422, error="invalid_number")
        known = message["id"] in gateway.taken
        provider_id = gateway.take(message)
        if trouble == "lossy":
            return None
        return self.answer(200 if known else 202, id=provider_id)

    def answer(self, status: int, **said: str) -> None:
        body = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        print(time.strftime("%H:%M:%S"), format % args, flush=True)  # status and path, no body


def main() -> None:
    os.umask(0o077)
    gateway = Gateway(Settings.of_environment())
    gateway.remember()
    threading.Thread(target=gateway.report_forever, daemon=True).start()
    handler = type("GatewayHandler", (Handler,), {"gateway": gateway})
    ThreadingHTTPServer(("127.0.0.1", gateway.settings.port), handler).serve_forever()


if __name__ == "__main__":
    main()
