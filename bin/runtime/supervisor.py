"""Starts everything the portal needs, keeps it running, stops it in order. The whole of `bin/run`."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from types import FrameType

from runtime import postgres, sandboxes, valkey
from runtime.children import MARK, Child, end, marked, shorten
from runtime.commands import commands
from runtime.home import OWNER_ONLY, ROOT, Home, Refused, inherited
from runtime.messages import compile_messages

PYTHON = sys.executable
FIRST_START = 90.0  # seconds a child may take to serve for the first time
STALE_LOG_CHECK = 60.0  # seconds


def say(text: str) -> None:
    print(text, flush=True)


class Supervisor:
    """One installation at work. `servers` carry `portal`: they start first and stop last."""

    def __init__(self, home: Home, port: int) -> None:
        self.home, self.port = home, port
        self.servers: list[Child] = []
        self.portal: list[Child] = []
        self.due: dict[str, float] = {}  # dead children: when to start them again
        self.stopping = self.hurried = False
        self.environment: dict[str, str] = {}

    def run(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        try:
            self.start()
            self.greet()
            self.watch()
        except KeyboardInterrupt:
            pass
        finally:
            self.stop()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if self.stopping:
            self.hurried = True
        else:
            self.stopping = True
            raise KeyboardInterrupt

    # --- start ------------------------------------------------------------------------------

    def start(self) -> None:
        say(f"一网通办 starts; its data is in {self.home.path}")
        if count := end(lambda: marked(self.home.path), (signal.SIGTERM, 10), (signal.SIGKILL, 10)):
            say(f"  ended {count} processes of a run that was killed")
        self._check_port()
        self.start_servers()
        self._prepare()
        self._plan_portal()
        for child in self.portal:
            child.start()
        self._wait_ready(self.portal[0])

    def start_servers(self) -> None:
        """What carries the portal, without the portal: enough for commands that act as the owner."""
        self.home.make_sockets()
        self._plan()
        for server in self.servers:
            server.start()
            self._wait_ready(server)
        self._connect()

    def _check_port(self) -> None:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", self.port))
            except OSError as error:
                raise Refused(
                    f"Port {self.port} cannot be used: {error.strerror}.\n"
                    "Stop the other program, or choose another port: PORTAL_PORT=8001 bin/run"
                ) from None

    def _plan(self) -> None:
        """Decide which servers are ours and what the portal's processes are told."""
        secrets = self.home.secrets()
        self.environment = inherited() | {
            MARK: str(self.home.path),
            "PYTHONUNBUFFERED": "1",
            **{name: secrets[name] for name in ("SECRET_KEY", "FIELD_KEYS", "INDEX_KEY")},
        }
        for name, value in {
            "PORTAL_MODE": "demo",
            "PORTAL_URL": f"http://127.0.0.1:{self.port}",
            "PORTAL_DATA": str(self.home.path),
        }.items():
            self.environment[name] = os.environ.get(name) or value
        if not os.environ.get("DATABASE_URL"):
            self._plan_postgres(secrets)
        if not os.environ.get("REDIS_URL"):
            self._plan_valkey(secrets)
        if self.environment["PORTAL_MODE"] == "demo":
            self._plan_sandboxes()

    def _plan_postgres(self, secrets: dict[str, str]) -> None:
        cluster = self.cluster = postgres.Cluster(
            data=self.home.path / "pgdata",
            sockets=self.home.sockets / "postgres",
            binaries=postgres.installation(self.home.path),
            password=secrets["POSTGRES_PASSWORD"],
        )
        if cluster.end_orphans():
            say("  ended a PostgreSQL server of a run that was killed")
        if not cluster.data.exists():
            say("  creating the database (first start)")
        cluster.prepare()
        self.environment |= {
            "DATABASE_URL": cluster.url(postgres.APP, secrets["APP_PASSWORD"]),
            "DATABASE_OWNER_URL": cluster.url(postgres.OWNER, secrets["OWNER_PASSWORD"]),
            "APP_DB_ROLE": postgres.APP,
        }
        self.make_database: Callable[[], None] = lambda: cluster.make_database(
            secrets["OWNER_PASSWORD"], secrets["APP_PASSWORD"]
        )
        self.servers.append(
            Child(
                name="PostgreSQL",
                command=cluster.command(),
                environment=cluster.environment(),
                log=self.home.path / "logs" / "postgresql.log",
                cwd=cluster.data.parent,
                ready=cluster.ready,
                clear=cluster.clear,
                stop_signal=signal.SIGINT,  # "fast": ends the sessions, loses nothing
                patience=60,
                identity=postgres.identity(),
            )
        )

    def _plan_valkey(self, secrets: dict[str, str]) -> None:
        server = valkey.Valkey(self.home.sockets, secrets["VALKEY_PASSWORD"])
        self.environment["REDIS_URL"] = server.url
        self.servers.append(
            Child(
                name="Valkey",
                command=server.command(),
                environment=server.environment() | {MARK: str(self.home.path)},
                log=self.home.path / "logs" / "valkey.log",
                cwd=self.home.sockets,
                ready=server.ready,
            )
        )

    def _plan_sandboxes(self) -> None:
        """Mail and text messages of a demonstration go nowhere, unless somewhere is given."""
        if not os.environ.get("EMAIL_HOST"):
            self._add_sandbox(*sandboxes.mail_server(self.home))
        if not os.environ.get("SMS_GATEWAY_URL"):
            self._add_sandbox(*sandboxes.sms_gateway(self.home, self.port))

    def _add_sandbox(self, child: Child, told: dict[str, str]) -> None:
        self.servers.append(child)
        self.environment |= told

    def _plan_portal(self) -> None:
        # Who serves must not be able to alter the tables.
        environment = {name: value for name, value in self.environment.items() if name not in OWNER_ONLY}
        counts = self.home.path / "metrics"
        shutil.rmtree(counts, ignore_errors=True)
        only = {"web": {"PROMETHEUS_MULTIPROC_DIR": str(counts)}}
        schedule = str(self.home.path / "celerybeat-schedule")
        for name, command in commands(host="127.0.0.1", port=self.port, schedule=schedule).items():
            self.portal.append(
                Child(
                    name=name,
                    command=[PYTHON, "-m", *command],
                    environment=environment | only.get(name, {}),
                    log=self.home.path / "logs" / f"{name}.log",
                    cwd=ROOT,
                    ready=self._web_answers if name == "web" else None,
                )
            )

    def _web_answers(self) -> bool:
        """A process that listens does not serve yet; an answer with status 200 does."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/livez", timeout=2) as answer:
                return bool(answer.status == 200)
        except (OSError, urllib.error.URLError):
            return False

    def _wait_ready(self, child: Child) -> None:
        while not child.look():
            if child.died() or time.monotonic() - child.started > FIRST_START:
                raise Refused(f"{child.name} does not start. The end of {child.log}:\n{child.last_words()}")
            time.sleep(0.1)
        say(f"  {child.name:<11} {time.monotonic() - child.started:4.1f} s")

    def _connect(self) -> None:
        """See that the servers answer, our own or given ones."""
        if any(child.name == "PostgreSQL" for child in self.servers):
            self.make_database()
        else:
            postgres.wait(self.environment["DATABASE_URL"])
        if not valkey.answers(self.environment["REDIS_URL"]):
            raise Refused("The server of REDIS_URL does not answer.")
        self.home.record(self.environment)

    def _prepare(self) -> None:
        """Bring database and files up to date, as the owner of the tables."""
        begun = time.monotonic()
        compile_messages()
        log = self.home.path / "logs" / "prepare.log"
        with log.open("wb") as output:
            done = subprocess.run(
                [PYTHON, "manage.py", "prepare"],
                env=self.environment | {"PORTAL_AS_OWNER": "1"},
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        if done.returncode:
            text = log.read_text(errors="replace").strip()
            raise Refused(f"The database could not be prepared. The end of {log}:\n{text[-3000:]}")
        say(f"  {'prepare':<11} {time.monotonic() - begun:4.1f} s")

    def greet(self) -> None:
        say(f"\n一网通办 is at {self.environment['PORTAL_URL']}\n")
        accounts = self.home.path / "demo-accounts.txt"
        if self.environment["PORTAL_MODE"] == "demo" and accounts.exists():
            say(accounts.read_text().strip() + "\n")
        say(f"Logs: {self.home.path / 'logs'}   Stop: Ctrl-C")

    # --- watch ------------------------------------------------------------------------------

    def watch(self) -> None:
        checked = time.monotonic()
        while True:
            for child in (*self.servers, *self.portal):
                self._look_after(child)
            if time.monotonic() - checked > STALE_LOG_CHECK:
                checked = time.monotonic()
                for child in (*self.servers, *self.portal):
                    shorten(child.log)
            time.sleep(0.2)

    def _look_after(self, child: Child) -> None:
        if child.died():
            self.due[child.name] = child.next_start()
            say(f"{time.strftime('%H:%M:%S')} {child.name} ended; it starts again")
            if child.pause > 0.2:
                say(f"  not for the first time. The end of {child.log}:\n{child.last_words()}")
        elif child.name in self.due and time.monotonic() >= self.due[child.name]:
            del self.due[child.name]
            child.start()
        elif child.process is not None and not child.is_ready and child.look():
            say(f"{time.strftime('%H:%M:%S')} {child.name} serves again")

    # --- stop -------------------------------------------------------------------------------

    def stop(self) -> None:
        """First who asks, then who answers. A second signal does not wait."""
        self.stopping = True
        if any(child.process for child in (*self.servers, *self.portal)):
            say("\nStopping")
        for child in self.portal:
            child.ask_to_stop()
        for child in self.portal:
            child.wait_stopped(lambda: self.hurried)
        for server in reversed(self.servers):
            server.ask_to_stop()
            server.wait_stopped(lambda: self.hurried)


def main() -> int:
    os.umask(0o077)
    try:
        port = int(os.environ.get("PORTAL_PORT") or 8000)
    except ValueError:
        say("PORTAL_PORT must be a number")
        return 2
    home = Home.of_environment()
    try:
        home.make()
        with home.locked():
            Supervisor(home, port).run()
    except Refused as refusal:
        print(refusal, file=sys.stderr, flush=True)
        return 2
    except PermissionError as error:
        print(f"{error.filename} is not yours to write; set PORTAL_HOME", file=sys.stderr, flush=True)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
