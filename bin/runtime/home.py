"""The home of one installation: its lock, its secrets, its places, and the environment it gives."""

import base64
import fcntl
import hashlib
import json
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
LONGEST_SOCKET = 100  # a Unix socket's path may have 107 bytes
# What of the environment makes up the portal's settings, by how the names begin.
RECORDED = ("PORTAL_", "DATABASE_", "REDIS_", "APP_DB_", "SECRET_", "FIELD_", "INDEX_", "EMAIL_", "SMS_")
# What only commands that act as the owner of the tables are told.
OWNER_ONLY = ("DATABASE_OWNER_URL", "PORTAL_AS_OWNER")
# Would make our Python another one, or let every process compile everything again at each start.
STRAY = ("PYTHONPATH", "PYTHONHOME", "PYTHONDONTWRITEBYTECODE")


class Refused(Exception):
    """The portal cannot run as things are; the message tells the operator what to do."""


class Home:
    """A directory that belongs to one installation. `PORTAL_HOME`, or the system's usual place."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def of_environment(cls) -> "Home":
        given = os.environ.get("PORTAL_HOME")
        if given:
            return cls(Path(given).expanduser().resolve())
        if os.geteuid() == 0:
            return cls(Path("/var/lib/yiwangtongban").resolve())
        share = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
        return cls((Path(share) / "yiwangtongban").resolve())

    def make(self) -> None:
        """Create the home and check that everyone who must can enter it."""
        as_root = os.geteuid() == 0
        if not self.path.exists():
            self.path.mkdir(parents=True)
            self.path.chmod(0o711 if as_root else 0o700)
        if as_root:
            self._check_reachable_by_nobody()
        (self.path / "logs").mkdir(exist_ok=True)

    def _check_reachable_by_nobody(self) -> None:
        """PostgreSQL refuses to run as root and runs as `nobody`, who must get at its data."""
        for place in (self.path, *self.path.parents):
            if not place.stat().st_mode & stat.S_IXOTH:
                raise Refused(
                    f"PostgreSQL runs as the user nobody, who cannot enter {place}.\n"
                    f"Choose another PORTAL_HOME, or: chmod o+x {place}"
                )

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold this home for one supervisor. Raises Refused while another holds it."""
        with (self.path / "lock").open("a+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.seek(0)
                raise Refused(
                    f"The portal in {self.path} is already running ({file.read().strip() or 'starting'}).\n"
                    "Stop it with Ctrl-C there, or set PORTAL_HOME and PORTAL_PORT to run a second one."
                ) from None
            file.truncate(0)
            file.write(f"process {os.getpid()}")
            file.flush()
            yield

    def in_use(self) -> bool:
        try:
            with (self.path / "lock").open() as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        return False

    @property
    def sockets(self) -> Path:
        """Where the servers listen; elsewhere if the home's own path is too long for a socket."""
        place = self.path / "run"
        if len(os.fsencode(place / "postgres" / ".s.PGSQL.5432.lock")) <= LONGEST_SOCKET:
            return place
        short = hashlib.sha256(os.fsencode(self.path)).hexdigest()[:12]
        return Path(f"/tmp/yiwangtongban-{os.geteuid()}-{short}")  # noqa: S108  (ownership is checked)

    def make_sockets(self) -> None:
        place = self.sockets
        place.mkdir(exist_ok=True)
        status = place.lstat()
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid():
            raise Refused(f"{place} belongs to somebody else; remove it.")
        place.chmod(0o711)

    def secrets(self) -> dict[str, str]:
        """The installation's own keys and passwords, made on first use. Environment comes first."""
        file = self.path / "secrets.env"
        if not file.exists():
            if (self.path / "pgdata").exists():
                raise Refused(
                    f"{file} is missing, but there is a database in {self.path / 'pgdata'}.\n"
                    "Without these keys its personal data cannot be opened: restore the file from a backup."
                )
            write_private(file, "".join(f"{name}={value}\n" for name, value in new_secrets().items()))
        lines = file.read_text().splitlines()
        kept = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
        return {name: os.environ.get(name) or value for name, value in kept.items()}

    def record(self, environment: dict[str, str]) -> None:
        """Note the portal's settings for `bin/manage`."""
        kept = {name: value for name, value in environment.items() if name.startswith(RECORDED)}
        write_private(self.path / "environment.json", json.dumps(kept, indent=1))

    def recorded(self) -> dict[str, str]:
        if not self.in_use():
            raise Refused(f"The portal in {self.path} is not running. Start bin/run first.")
        kept: dict[str, str] = json.loads((self.path / "environment.json").read_text())
        return kept


def inherited() -> dict[str, str]:
    """What our processes get of the environment we were started in."""
    return {name: value for name, value in os.environ.items() if name not in STRAY}


def new_secrets() -> dict[str, str]:
    """Keys and passwords for one installation; the passwords may stand in a URL as they are."""

    def key() -> str:
        return base64.b64encode(secrets.token_bytes(32)).decode()

    return {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "FIELD_KEYS": f"k1:{key()}",
        "INDEX_KEY": key(),
        "POSTGRES_PASSWORD": secrets.token_urlsafe(24),
        "OWNER_PASSWORD": secrets.token_urlsafe(24),
        "APP_PASSWORD": secrets.token_urlsafe(24),
        "VALKEY_PASSWORD": secrets.token_urlsafe(24),
    }


def write_private(file: Path, text: str) -> None:
    """Write for the owner's eyes only; a reader sees the old file or the new one, never a part."""
    new = file.with_name(file.name + ".new")
    new.unlink(missing_ok=True)
    new.touch(0o600)
    with new.open("w") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    new.replace(file)
