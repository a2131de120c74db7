"""The sandbox processes of a demonstration, each with short times, and what they took."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from runtime.home import ROOT
from runtime.sandboxes import free_port, listens

KEY = "a-key-of-the-tests-0123456789"


def until(found: Callable[[], Any], what: str, seconds: float = 15) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if result := found():
            return result
        time.sleep(0.02)
    raise AssertionError(f"waited {seconds} s in vain: {what}")


class Sandbox:
    """One process, ended with the test."""

    def __init__(self, module: str, place: Path, **told: object) -> None:
        self.place, self.port = place, free_port()
        prefix = f"{module.partition('_')[0].upper()}_SANDBOX_"
        self.module = module
        self.environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "bin"), "LANG": "C.UTF-8"}
        told |= {"home": place, "port": self.port}
        self.environment |= {prefix + name.upper(): str(value) for name, value in told.items()}

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", f"runtime.{self.module}"],
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until(lambda: listens(self.port), f"{self.module} listens")

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


class Gateway(Sandbox):
    """Never in trouble, silent reports: a test says what it wants."""

    def __init__(self, place: Path, callback: str, **told: object) -> None:
        quiet = {"trouble": 0, "undeliverable": 0, "repeat": 0, "shuffle": 0, "delay": 0, "silence": 1}
        super().__init__(
            "sms_gateway", place, **{**quiet, "report_delay": 0.05, "callback": callback, **told}
        )
        self.environment["SMS_GATEWAY_KEY"] = KEY

    def mode(self, word: str) -> None:
        (self.place / "mode").write_text(word)

    @property
    def outbox(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.place / "outbox.jsonl").read_text().splitlines()]

    @property
    def taken(self) -> list[dict[str, Any]]:
        return [line for line in self.outbox if line["event"] == "taken"]

    @property
    def reported(self) -> list[str]:
        return [line["outcome"] for line in self.outbox if line["event"] == "reported"]


class MailServer(Sandbox):
    def __init__(self, place: Path, **told: object) -> None:
        super().__init__("mail_server", place, **told)

    @property
    def files(self) -> list[Path]:
        return sorted(self.place.glob("*.eml"))

    @property
    def mails(self) -> list[EmailMessage]:
        return [message_from_bytes(file.read_bytes(), policy=policy.default) for file in self.files]
