"""What the benchmarks stand on: a prepared database, the web as `bin/run` starts it, load, CPU time."""

import atexit
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from base64 import b64encode
from pathlib import Path
from typing import Any

import psycopg2

from benchmarks.rounds import Run

ROOT = Path(__file__).resolve().parents[1]
SECONDS = 6  # of load in one round
DATABASE = "bench"
COUNT = "COUNT"  # in a path: second and number of the request, so that no two are the same
TICKS = os.sysconf("SC_CLK_TCK")


def begin() -> None:
    """A fresh database with samples and cast in the demo mode; Django is ready afterwards."""
    key = b64encode(secrets.token_bytes(32)).decode()
    os.environ |= {
        "PORTAL_MODE": "demo",
        "PORTAL_PROXIES": "1",  # so that the load comes from many addresses, as it would
        "SECRET_KEY": secrets.token_urlsafe(50),
        "FIELD_KEYS": f"b1:{key}",
        "INDEX_KEY": key,
        "DJANGO_SETTINGS_MODULE": "portal.settings",
    }
    create(DATABASE)
    import django

    django.setup()
    from django.core.management import call_command

    call_command("prepare", verbosity=0, stdout=Path(os.devnull).open("w"))


def create(name: str, template: str = "template1") -> None:
    """Make a database; the first one becomes Django's."""
    server = os.environ.setdefault("BENCH_SERVER", os.environ["DATABASE_URL"])
    connection = psycopg2.connect(server)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    connection.close()
    os.environ["DATABASE_URL"] = url_of(name)


def url_of(name: str) -> str:
    return os.environ["BENCH_SERVER"].rsplit("/", 1)[0] + f"/{name}"


def use(name: str) -> None:
    """Let Django talk to another database of the server."""
    from django.db import connection

    connection.close()
    connection.settings_dict["NAME"] = name


# --- CPU ------------------------------------------------------------------------------------------


def _stat(place: Path) -> list[str]:
    try:
        return (place / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def cpu_seconds(root: int) -> float:
    """CPU of a process, of its ended children, and of the living below it."""
    parents: dict[int, list[int]] = {}
    stats: dict[int, list[str]] = {}
    for place in Path("/proc").iterdir():
        if place.name.isdigit() and (stat := _stat(place)):
            stats[int(place.name)] = stat
            parents.setdefault(int(stat[1]), []).append(int(place.name))
    total, waiting = 0, [root]
    while waiting:
        pid = waiting.pop()
        stat = stats.get(pid)
        if stat:
            total += sum(int(ticks) for ticks in stat[11:15])
            waiting += parents.get(pid, [])
    return total / TICKS


def postmaster() -> int:
    """The process of the database server."""
    connection = psycopg2.connect(os.environ["BENCH_SERVER"])
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = cursor.fetchone()[0]
    parent = int(_stat(Path(f"/proc/{backend}"))[1])
    connection.close()
    return parent


# --- the web ----------------------------------------------------------------------------------------


class Web:
    """The web server as the supervisor starts it, until the benchmark ends."""

    def __init__(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        command = (
            f"{sys.executable} -m granian --interface wsgi portal.wsgi:application --no-ws --host 127.0.0.1 "
            f"--port {self.port} --workers 2 --blocking-threads 4 --backlog 1024"
        )
        log = Path(os.environ["PORTAL_DATA"], "bench-web.log").open("ab")
        self.process = subprocess.Popen(
            command.split(), cwd=ROOT, env=os.environ.copy(), stdout=log, stderr=log, start_new_session=True
        )
        atexit.register(self.stop)
        until = time.monotonic() + 60
        while not self._answers():
            if time.monotonic() > until or self.process.poll() is not None:
                raise SystemExit("the web does not start")
            time.sleep(0.2)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/livez", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def stop(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            self.process.wait(20)

    def load(self, script: str, *, clients: int, seconds: int = SECONDS) -> Run:
        """Requests a second under load from `clients` connections. Any answer that is not 2xx ends the run."""
        lua = Path(os.environ["PORTAL_DATA"], "load.lua")
        lua.write_text(script)
        before = cpu_seconds(self.process.pid)
        done = subprocess.run(
            ["wrk", "-t1", f"-c{clients}", f"-d{seconds}s", "--timeout", "10s", "-s", str(lua), f"http://127.0.0.1:{self.port}"],
            capture_output=True,
            text=True,
            check=True,
        )
        used = cpu_seconds(self.process.pid) - before
        if "Non-2xx" in done.stdout or "Socket errors" in done.stdout:
            raise SystemExit(f"not every answer was good:\n{done.stdout}")
        requests = int(re.search(r"(\d+) requests in", done.stdout)[1])  # type: ignore[index]
        rate = float(re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)[1])  # type: ignore[index]
        return Run(rate, 1000 * used / requests)


def pgbench(script: str, *, clients: int, seconds: int = SECONDS) -> Run:
    """Transactions a second of a pgbench script, prepared; CPU of the database server."""
    file = Path(os.environ["PORTAL_DATA"], "floor.sql")
    file.write_text(script)
    program = shutil.which("pgbench") or str(Path(sys.executable).with_name("pgbench"))
    program = program if Path(program).exists() else str(ROOT / ".venv" / "pgbench")
    server = postmaster()
    before = cpu_seconds(server)
    done = subprocess.run(
        [program, "-n", "-M", "prepared", "-c", str(clients), "-j", "1", "-T", str(seconds), "-f", str(file),
         url_of(DATABASE)],
        capture_output=True,
        text=True,
    )  # fmt: skip
    used = cpu_seconds(server) - before
    if done.returncode:
        raise SystemExit(f"pgbench: {done.stderr[-2000:]}")
    count = int(re.search(r"actually processed: (\d+)", done.stdout)[1])  # type: ignore[index]
    rate = float(re.search(r"tps = ([\d.]+)", done.stdout)[1])  # type: ignore[index]
    return Run(rate, 1000 * used / count)


def token_of(account: str) -> str:
    """An API token of a member of the cast."""
    from django.utils import timezone

    from support.accounts.actions import issue_token
    from support.accounts.models import User

    _row, token = issue_token(User.objects.get(username=account), now=timezone.now())
    return str(token)


def lua_request(method: str, path: str, headers: dict[str, str], body: str = "") -> str:
    """A wrk script for one request; see `lua_requests`. A body is sent under a key of its own each time."""
    return lua_requests([path], method, headers, body)


def lua_requests(
    paths: list[str], method: str = "GET", headers: dict[str, str] | None = None, body: str = ""
) -> str:
    """A wrk script that asks for the paths in turn, each request from another address; see COUNT."""
    lines = "".join(f'wrk.headers["{name}"] = "{value}"\n' for name, value in (headers or {}).items())
    listed = ", ".join(f'"{path}"' for path in paths)
    return f"""
local count, paths, body = 0, {{{listed}}}, [==[{body}]==]
{lines}
request = function()
  count = count + 1
  wrk.headers["X-Forwarded-For"] = string.format(
    "10.%d.%d.%d", math.floor(count / 65536) % 256, math.floor(count / 256) % 256, count % 256)
  if body ~= "" then wrk.headers["Idempotency-Key"] = "{secrets.token_hex(6)}-" .. count end
  local path = string.gsub(paths[count % #paths + 1], "{COUNT}", os.time() .. "-" .. count)
  return wrk.format("{method}", path, nil, body ~= "" and body or nil)
end
"""


def make_papers() -> None:
    """Make the papers ordered since the last call; see `set_papers_aside`."""
    from django.utils import timezone

    from support.documents import actions as documents

    while documents.drain(timezone.now()):
        pass


def set_papers_aside() -> None:
    """Let the papers ordered by other benchmarks never be made."""
    from support.documents.models import Document

    Document.objects.filter(state=Document.State.ORDERED).update(next_at=None)


def file_once(key: str) -> Any:
    """One case of the demo citizen, filed through the door as the API files it; and what was sent."""
    from django.utils import timezone

    from applications import filing
    from benchmarks.sample import answers_and_uploads
    from matters.models import GuideVersion
    from support.accounts.hats import actor_for
    from support.accounts.models import User

    user = User.objects.get(username="citizen")
    actor = actor_for(user, "")
    version = GuideVersion.objects.select_related("matter__agency").get(
        document__name__contains={"zh-hans": "食品经营许可（新办）"}
    )
    answers, uploads = answers_and_uploads(version.guide, user, actor)
    case = filing.submit(version.matter, answers, uploads, key=key, actor=actor, now=timezone.now())
    return case, answers, uploads
