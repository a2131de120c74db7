"""Servers for one run of a command, gone afterwards: `python -m runtime.throwaway [--durable] COMMAND …`.

With `--durable` PostgreSQL writes through to the disk, as in production.
"""

import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from runtime import postgres, valkey
from runtime.children import Child
from runtime.home import ROOT, Refused, inherited
from runtime.messages import compile_messages


def start(child: Child) -> Child:
    child.start()
    until = time.monotonic() + 60
    while not child.look():
        if child.died() or time.monotonic() > until:
            raise Refused(f"{child.name} does not start:\n{child.last_words()}")
        time.sleep(0.1)
    return child


def start_postgres(place: Path, settings: dict[str, str]) -> tuple[Child, str]:
    cluster = postgres.Cluster(place / "pgdata", place / "postgres", place / "postgresql", password="test")  # noqa: S106
    cluster.prepare()
    child = Child(
        name="PostgreSQL",
        command=cluster.command(settings),
        environment=cluster.environment(),
        log=place / "postgresql.log",
        cwd=place,
        ready=cluster.ready,
        clear=cluster.clear,
        stop_signal=signal.SIGQUIT,
        identity=postgres.identity(),
    )
    return start(child), cluster.url("postgres", "test", "postgres")


def start_valkey(place: Path, password: str = "test") -> tuple[Child, str]:  # noqa: S107
    server = valkey.Valkey(place, password)
    child = Child(
        name="Valkey",
        command=server.command(),
        environment=server.environment(),
        log=place / "valkey.log",
        cwd=place,
        ready=server.ready,
    )
    return start(child), server.url


def run(command: list[str], place: Path, settings: dict[str, str]) -> int:
    """Run with DATABASE_URL and REDIS_URL, as given or as started for this; returns the exit code."""
    environment = inherited() | {"PORTAL_MODE": "test", "PORTAL_DATA": str(place / "data")}
    (place / "data" / "static").mkdir(parents=True)
    started: list[Child] = []
    try:
        if not environment.get("DATABASE_URL"):
            child, environment["DATABASE_URL"] = start_postgres(place, settings)
            started.append(child)
        if not environment.get("REDIS_URL"):
            child, environment["REDIS_URL"] = start_valkey(place)
            started.append(child)
        compile_messages()
        return subprocess.call(command, env=environment, cwd=ROOT)
    finally:
        for child in started:
            child.ask_to_stop()
            child.wait_stopped(lambda: False)


def main(command: list[str]) -> int:
    settings = postgres.FOR_TESTS
    if command[0] == "--durable":
        settings, command = postgres.FOR_BENCHMARKS, command[1:]
    if command[0] == "python":
        command = [sys.executable, *command[1:]]
    # Ctrl-C reaches the command too, which ends; then the servers are stopped. SIG_IGN would be inherited.
    signal.signal(signal.SIGINT, lambda *_: None)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    # Directly below /tmp, for a socket's path must be short and nobody must get there.
    place = Path(tempfile.mkdtemp(prefix="portal-test-", dir="/tmp"))
    place.chmod(0o711)
    try:
        return run(command, place, settings)
    except Refused as refusal:
        print(refusal, file=sys.stderr)
        return 2
    finally:
        shutil.rmtree(place, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
