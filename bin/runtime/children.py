"""Child processes: each leads a group of its own, is told when the supervisor dies, leaves nothing behind."""

import ctypes
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PR_SET_PDEATHSIG = 1
MARK = "PORTAL_SUPERVISED"
LOG_LIMIT = 20 * 1024 * 1024  # bytes; then the log moves to `.1`
LONGEST_PAUSE = 30.0  # seconds between two starts of a child that keeps dying
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass
class Child:
    """A process that should always run.

    `ready` asks it whether it serves, if it can be asked; `clear` ends what a dead one left outside its process group.
    """

    name: str
    command: list[str]
    environment: dict[str, str]
    log: Path
    cwd: Path
    ready: Callable[[], bool] | None = None
    clear: Callable[[], None] = lambda: None
    stop_signal: int = signal.SIGTERM
    patience: float = 20.0  # seconds from the stop signal to the kill
    identity: dict[str, Any] = field(default_factory=dict)  # user=, group= of Popen
    process: "subprocess.Popen[bytes] | None" = None
    started: float = 0.0
    pause: float = 0.0
    is_ready: bool = False

    def start(self) -> None:
        parent = os.getpid()

        def tied() -> None:
            # The kernel sends the stop signal when the supervisor dies, however it dies.
            _libc.prctl(PR_SET_PDEATHSIG, self.stop_signal)
            if os.getppid() != parent:
                os._exit(1)

        shorten(self.log)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                env=self.environment,
                cwd=self.cwd,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=tied,  # safe: the supervisor has one thread
                **self.identity,
            )
        self.started, self.is_ready = time.monotonic(), self.ready is None

    def look(self) -> bool:
        """Whether it serves; once it does it is asked no more."""
        self.is_ready = self.is_ready or (self.ready is not None and self.ready())
        return self.is_ready

    def died(self) -> bool:
        """True once after the process has ended; its group and leftovers are gone by then."""
        if self.process is None:
            return False
        # Look without reaping: until then nobody else can get the number of the process group.
        if os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            return False
        self._reap()
        return True

    def _reap(self) -> None:
        assert self.process is not None
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = None
        self.clear()

    def next_start(self) -> float:
        """When to start again: soon after a first death, later and later if it keeps dying."""
        lived = time.monotonic() - self.started
        self.pause = 0.2 if lived > 60 else min(max(self.pause * 2, 0.2), LONGEST_PAUSE)
        return time.monotonic() + self.pause

    def ask_to_stop(self) -> None:
        if self.process is not None:
            with suppress(ProcessLookupError):
                self.process.send_signal(self.stop_signal)

    def wait_stopped(self, hurried: Callable[[], bool]) -> None:
        until = time.monotonic() + self.patience
        while self.process is not None and not self.died():
            if time.monotonic() > until or hurried():
                self._reap()
            time.sleep(0.05)

    def last_words(self, lines: int = 15) -> str:
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return "\n".join("    " + line for line in text.splitlines()[-lines:])


def shorten(log: Path) -> None:
    """Move a long log aside; its writer appends, so it goes on at the beginning."""
    if log.exists() and log.stat().st_size > LOG_LIMIT:
        shutil.copyfile(log, log.with_suffix(".log.1"))
        os.truncate(log, 0)


def processes() -> Iterator[Path]:
    for place in Path("/proc").iterdir():
        if place.name.isdigit() and int(place.name) != os.getpid():
            yield place


def read(place: Path) -> bytes:
    """A file of /proc, empty if the process is gone or not ours to look at."""
    try:
        return place.read_bytes()
    except OSError:
        return b""


def owner(place: Path) -> int | None:
    try:
        return place.stat().st_uid
    except OSError:
        return None


def marked(home: Path) -> list[int]:
    """Our own processes that a supervisor of this home has started."""
    mark = os.fsencode(f"{MARK}={home}")
    return [
        int(place.name)
        for place in processes()
        if mark in read(place / "environ").split(b"\0") and owner(place) == os.geteuid()
    ]


def end(find: Callable[[], list[int]], *steps: tuple[int, float]) -> int:
    """Send each signal in turn until `find` finds nobody; returns how many it found at first."""
    found = find()
    for number, patience in steps:
        for pid in find():
            with suppress(ProcessLookupError):
                os.kill(pid, number)
        until = time.monotonic() + patience
        while find() and time.monotonic() < until:
            time.sleep(0.05)
    return len(found)
