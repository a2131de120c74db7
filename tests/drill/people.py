"""Who makes the load: applicants who file, and a desk that decides. What they were told is written down.

They behave as a careful program does: a request without an answer is sent again with the same key, and
a step without an answer is looked up before it is repeated.
"""

import http.client
import json
import random
import threading
import time
import urllib.error
import urllib.request
import uuid
from dataclasses import dataclass, field
from typing import Any

PNG = bytes.fromhex(  # eight by eight, white
    "89504e470d0a1a0a0000000d4948445200000008000000080800000000e164e157"
    "0000001049444154789c63fccf00014c0c1431004941010f7960f3f80000000049454e44ae426082"
)


@dataclass
class Said:
    """What the portal answered with success."""

    filed: dict[str, str] = field(default_factory=dict)  # key → uuid of the case
    taken: set[tuple[str, str]] = field(default_factory=set)  # uuid of the case, step
    waiting: list[str] = field(default_factory=list)  # cases for the desk
    lock: threading.Lock = field(default_factory=threading.Lock)


# Who applies is known to the portal: answers about it must be those of the account.
NUMBERS = {"citizen": ("张小兰", "640199199003070002"), "stranger": ("李远", "640199198506120011")}
BY_TYPE: dict[str, Any] = {
    "text": "示例内容", "textarea": "示例内容", "address": "银川市兴庆区示例路100号", "date": "2027-12-01",
    "phone": "19900000001", "region": "640104000000", "declaration": True, "money": "100.00",
}  # fmt: skip


PAUSE = 0.3  # seconds between two filings of one applicant: papers are made more slowly than cases filed


class Silent(Exception):
    """No answer, or one that says try again."""


class Client:
    """One member of the cast at the API."""

    def __init__(self, port: int, account: str, password: str) -> None:
        self.root, self.account = f"http://127.0.0.1:{port}/api/v1", account
        self.token = ""
        _status, given = self.call("POST", "/tokens/", {"username": account, "password": password})
        self.token = given["token"]

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """Status and content. Raises Silent where a client would try again."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else None
        sent = {"Content-Type": "application/json", **headers}
        if self.token:
            sent["Authorization"] = f"Token {self.token}"
        request = urllib.request.Request(f"{self.root}{path}", data=data, headers=sent, method=method)
        try:
            with urllib.request.urlopen(request, timeout=15) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            if error.code >= 500:
                raise Silent(error.code) from error
            return error.code, json.loads(error.read() or b"null")
        except (OSError, ValueError, http.client.HTTPException) as error:  # lost, or cut off in the middle
            raise Silent(error) from error


class Applicant:
    """Files one application after the other."""

    def __init__(self, client: Client, matter: str, said: Said) -> None:
        self.client, self.said = client, said
        self.body: dict[str, Any] = {"matter": matter, "declare": True}
        schema = client.call("GET", f"/matters/{matter}/")[1]
        self.body |= _filled(client, schema)

    def act(self) -> None:
        key = uuid.uuid4().hex
        while True:
            try:
                status, case = self.client.call("POST", "/cases/", self.body, **{"Idempotency-Key": key})
            except Silent:
                time.sleep(0.3)
                continue
            if status not in (200, 201):
                raise AssertionError(f"a good filing was refused: {status} {case}")
            with self.said.lock:
                self.said.filed[key] = case["uuid"]
                self.said.waiting.append(case["uuid"])
            time.sleep(PAUSE)
            return


class Desk:
    """Takes each case through acceptance and opinion to a decision."""

    WORK = (
        ("clerk", "accept", {}),
        ("officer", "give_opinion", {"verdict": "grant", "reasons": "材料齐全，符合条件。"}),
        ("approver", "grant", {}),
    )

    def __init__(self, clients: dict[str, Client], said: Said) -> None:
        self.clients, self.said = clients, said

    def act(self) -> None:
        with self.said.lock:
            case = self.said.waiting.pop(0) if self.said.waiting else ""
        if not case:
            time.sleep(0.2)
            return
        for role, step, inputs in self.WORK:
            if step == "grant" and random.random() < 0.3:
                self._take("approver", case, "refuse", {"reasons": "不符合规定的条件。"})
            else:
                self._take(role, case, step, inputs)

    def _take(self, role: str, case: str, step: str, inputs: dict[str, str]) -> None:
        """Look, act on what was seen, look again if there was no answer."""
        client = self.clients[role]
        while True:
            try:
                seen = client.call("GET", f"/cases/{case}/")[1]
                if (case, step) in self.said.taken:
                    return
                status, _said = client.call(
                    "POST", f"/cases/{case}/steps/{step}/", {"seen": seen["revision"], **inputs}
                )
            except Silent:
                time.sleep(0.3)
                if self._was_taken(client, case, step, seen_before=locals().get("seen")):
                    return
                continue
            if status == 200:
                self.said.taken.add((case, step))
                return
            if status == 409:
                continue
            raise AssertionError(f"{role} {step}: {status} {_said}")

    def _was_taken(self, client: Client, case: str, step: str, seen_before: Any) -> bool:
        """Whether the step without an answer has happened after all: its case has moved on."""
        if not seen_before:
            return False
        while True:
            try:
                now = client.call("GET", f"/cases/{case}/")[1]
            except Silent:
                time.sleep(0.3)
                continue
            if now["revision"] > seen_before["revision"]:
                self.said.taken.add((case, step))
                return True
            return False


def _filled(client: Client, guide: dict[str, Any]) -> dict[str, Any]:
    """An answer for each question that is asked, and a page for each material."""
    name, number = NUMBERS[client.account]
    answers: dict[str, Any] = {}
    for question in (q for step in guide["document"]["form"]["steps"] for q in step["fields"]):
        condition = question.get("show_if")
        if condition and answers.get(condition["field"]) != condition["equals"]:
            continue
        if not question.get("required", True):
            continue
        own = {"party.name": name, "party.number": number, "party.kind": "natural"}
        answers[question["key"]] = own.get(question.get("prefill", "")) or _answer(question, name, number)
    pages = {m["key"]: [_upload(client)] for m in guide["document"]["materials"] if "2" in m["collect"]}
    return {"answers": answers, "materials": pages}


def _answer(question: dict[str, Any], name: str, number: str) -> Any:
    kind = question["type"]
    if kind in ("choice", "choices"):
        first = question["choices"][0]["value"]
        return [first] if kind == "choices" else first
    if kind == "number":
        least = float(question.get("minimum") or 1)
        decimals = question.get("decimals", 0)
        return f"{least:.{decimals}f}" if decimals else int(least)
    return {"name": name, "idnumber": number}.get(kind) or BY_TYPE[kind]


def _upload(client: Client) -> str:
    mark = uuid.uuid4().hex
    body = (
        f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="page.png"\r\n'
        "Content-Type: image/png\r\n\r\n"
    ).encode() + PNG + f"\r\n--{mark}--\r\n".encode()
    kind = f"multipart/form-data; boundary={mark}"
    status, upload = client.call("POST", "/uploads/", body, **{"Content-Type": kind})
    assert status == 201, upload
    return str(upload["uuid"])
