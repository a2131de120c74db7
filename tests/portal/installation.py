"""One installation in a directory of its own, started by `bin/run` as an operator would, and looked into."""

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psycopg2
from runtime import postgres
from runtime.children import marked, read
from runtime.home import ROOT, Home

OURS = (
    "PORTAL_", "DATABASE_", "REDIS_", "APP_DB_", "SECRET_", "FIELD_", "INDEX_", "DJANGO_",
    "EMAIL_", "MAIL_", "SMS_",
)  # fmt: skip


def until(found: Callable[[], object], seconds: float, what: str) -> object:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if result := found():
            return result
        time.sleep(0.1)
    raise AssertionError(f"waited {seconds} s in vain: {what}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Portal:
    """One installation in a directory of its own, driven through bin/run."""

    def __init__(self, **given: str) -> None:
        self.given = given
        self.place = Path(tempfile.mkdtemp(prefix="portal-boot-", dir="/tmp"))
        self.place.chmod(0o711)
        self.home = Home((self.place / "home").resolve())
        self.port = free_port()
        self.output = self.place / "output"

    def environment(self, **given: str) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(OURS)}
        own = {"PORTAL_HOME": str(self.home.path), "PORTAL_PORT": str(self.port)}
        return kept | own | self.given | given

    def start(self) -> None:
        with self.output.open("wb") as output:
            self.supervisor = subprocess.Popen(
                [ROOT / "bin" / "run"], env=self.environment(), stdout=output, stderr=output
            )

        def greeted() -> bool:
            assert self.supervisor.poll() is None, self.output.read_text()
            return "Stop: Ctrl-C" in self.output.read_text()

        until(greeted, 240, "greeting")

    def run(self, *command: object, **given: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [str(part) for part in command],
            env=self.environment(**given),
            capture_output=True,
            text=True,
            timeout=120,
        )

    def get(self, path: str, **headers: str) -> tuple[int, str]:
        question = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers=headers)
        try:
            with urllib.request.urlopen(question, timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def beats_since(self, moment: float) -> bool:
        """Ready, and a heartbeat has gone from beat through broker and worker since then."""
        status, text = self.get("/readyz")
        return status == 200 and time.time() - json.loads(text)["seconds"]["worker"] > moment

    def child(self, words: str) -> int | None:
        """The direct child of the supervisor whose command has these words."""
        for place in Path("/proc").iterdir():
            if not place.name.isdigit() or words not in read(place / "cmdline").replace(b"\0", b" ").decode():
                continue
            if f"\nPPid:\t{self.supervisor.pid}\n" in read(place / "status").decode():
                return int(place.name)
        return None

    def kill(self, words: str) -> None:
        """Kill a child and see another one take its place."""
        victim = self.child(words)
        assert victim, words
        os.kill(victim, signal.SIGKILL)
        until(lambda: self.child(words) not in (None, victim), 20, f"another {words}")

    def connect(self, url: str = "DATABASE_OWNER_URL") -> "psycopg2.extensions.connection":
        connection = psycopg2.connect(self.home.recorded()[url], connect_timeout=2)
        connection.autocommit = True
        return connection

    def ask(self, query: str) -> list[tuple[object, ...]]:
        with self.connect() as connection, connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchall() if cursor.description else []

    def kept_rows(self) -> object:
        try:
            return self.ask("SELECT count(*) FROM boot_kept") == [(1,)]
        except psycopg2.OperationalError:
            return False

    def postgres_processes(self) -> list[int]:
        home = self.home.path
        return postgres.Cluster(home / "pgdata", home, home, "").processes()

    def remains(self) -> list[int]:
        return marked(self.home.path) + self.postgres_processes()

    def remove(self) -> None:
        if self.supervisor.poll() is None:
            self.supervisor.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.supervisor.wait(60)
        for pid in self.remains():
            os.kill(pid, signal.SIGKILL)
        shutil.rmtree(self.place, ignore_errors=True)
