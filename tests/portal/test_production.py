"""Production as docker-compose.yml has it, without containers: the same environment, roles, commands and nginx;
two web processes of two, two workers, beat, PostgreSQL, Valkey, TLS."""

import datetime as dt
import http.client
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import quote, urlencode

import psycopg2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from runtime import throwaway
from runtime.children import Child
from runtime.home import ROOT
from runtime.postgres import FOR_TESTS

from support.records.grants import insert_only_tables
from tests.portal import compose
from tests.portal.installation import free_port, until

pytestmark = pytest.mark.boot

NAME = "portal.example"
NUMBER, PERSON, PHONE = "640199199003070002", "张小兰", "19900000001"
ACCOUNT, PASSWORD = "xiaolan", "a-long-Password-7"
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:" + os.defpath) or "nginx"


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: str


@dataclass
class Visitor:
    """A browser without a screen: follows nothing, keeps cookies."""

    installation: "Installation"
    cookies: SimpleCookie = field(default_factory=SimpleCookie)

    def ask(
        self, method: str, path: str, *, through: str = "https", data: object = None, **headers: str
    ) -> Answer:
        """`through` https or http (nginx), or the number of a web process, asked directly."""
        connection = self.installation.connect(through)
        body = urlencode(data) if isinstance(data, dict) else data
        sent = {"Cookie": "; ".join(f"{c.key}={c.value}" for c in self.cookies.values()), **headers}
        if isinstance(data, dict):
            sent["Content-Type"] = "application/x-www-form-urlencoded"
            sent["Referer"] = self.installation.url + path
        if through in self.installation.web_ports:
            sent |= {"Host": NAME, "X-Forwarded-For": "203.0.113.5", "X-Forwarded-Proto": "https"}
        connection.request(method, path, body, sent)
        got = connection.getresponse()
        answer = Answer(got.status, got.headers, got.read().decode(errors="replace"))
        connection.close()
        for line in answer.headers.get_all("Set-Cookie", []):
            self.cookies.load(line)
        return answer

    def fill_in(self, path: str, **fields: str) -> Answer:
        page = self.ask("GET", path)
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.body)
        assert token, page.body
        return self.ask("POST", path, data={"csrfmiddlewaretoken": token[1], **fields})


class Installation:
    def __init__(self) -> None:
        self.place = Path(tempfile.mkdtemp(prefix="portal-production-", dir="/tmp"))
        self.place.chmod(0o711)
        for name in ("data", "nginx", "certificates"):
            (self.place / name).mkdir()
        self.web_ports = {name: free_port() for name in ("web-1", "web-2")}
        self.http, self.https = free_port(), free_port()
        self.url = f"https://{NAME}:{self.https}"
        self.children: dict[str, Child] = {}
        self.variables = compose.filled_in()
        self.services = compose.services(self.variables)
        self.context = ssl.create_default_context(cadata=certify(self.place / "certificates"))

    def child(self, name: str, command: list[str], environment: dict[str, str], **more: object) -> None:
        child = Child(
            name=name, command=command, environment=environment, log=self.place / f"{name}.log", cwd=ROOT, **more
        )  # fmt: skip
        self.children[name] = child
        child.start()

    def start_servers(self) -> None:
        self.children["postgres"], superuser = throwaway.start_postgres(self.place, FOR_TESTS)
        self.children["valkey"], self.redis = throwaway.start_valkey(
            self.place, self.variables["VALKEY_PASSWORD"]
        )
        sockets = str(self.place / "postgres")
        self.database = quote(sockets, safe="")
        binaries = self.place / "postgresql"
        environment = {
            "PATH": f"{binaries / 'bin'}:{os.defpath}", "LD_LIBRARY_PATH": str(binaries / "lib"),
            "PGHOST": sockets, "PGPASSWORD": "test",
            **self.services["postgres"]["environment"],
        }  # fmt: skip
        for _ in range(2):  # it may be run again
            subprocess.run([ROOT / "deploy/postgres/roles.sh"], env=environment, check=True)

    def environment(self, service: str, **more: str) -> dict[str, str]:
        """What compose gives a service, but for where the servers are and where files lie."""
        told = dict(self.services[service]["environment"])
        for name in ("DATABASE_URL", "DATABASE_OWNER_URL"):
            if name in told:
                told[name] = told[name].replace("@postgres/", f"@{self.database}/")
        here = {
            "PATH": f"{Path(sys.executable).parent}:{os.defpath}", "LANG": "C.UTF-8", "PYTHONUNBUFFERED": "1",
            "PORTAL_URL": self.url, "REDIS_URL": self.redis, "PORTAL_DATA": str(self.place / "data"),
            "PORTAL_STATIC": str(self.place / "static"),
        }  # fmt: skip
        return told | here | more

    def prepare(self) -> None:
        """As the image is built, and as the service `prepare` does."""
        building = {"PORTAL_MODE": "demo", "PORTAL_URL": "http://build"}
        for command, environment in (
            ("collect_static", self.environment("web", **building)),
            ("prepare", self.environment("prepare")),
        ):
            done = subprocess.run(
                [sys.executable, "manage.py", command],
                env=environment,
                cwd=ROOT,
                capture_output=True,
                text=True,
            )
            assert done.returncode == 0, done.stderr

    def start_portal(self) -> None:
        for number, (name, port) in enumerate(self.web_ports.items()):
            told = self.environment("web", PROMETHEUS_MULTIPROC_DIR=str(self.place / f"metrics-{number}"))
            command = compose.command(self.services["web"])
            command[command.index("--host") + 1] = "127.0.0.1"
            command[command.index("--port") + 1] = str(port)
            self.child(name, command, told)
        for name in ("worker-1", "worker-2"):
            command = [*compose.command(self.services["worker"]), "--hostname", f"{name}@here"]
            self.child(name, command, self.environment("worker"))
        beat = compose.command(self.services["beat"])
        beat[beat.index("--schedule") + 1] = str(self.place / "schedule")
        self.child("beat", beat, self.environment("beat"))

    def start_nginx(self) -> None:
        servers = "".join(
            f"server 127.0.0.1:{port} max_fails=2 fail_timeout=5s;" for port in self.web_ports.values()
        )
        upstream = (ROOT / "deploy/nginx/upstream.conf").read_text()
        (inside,) = re.findall(r"upstream web \{([^}]*)\}", upstream)
        kept = re.sub(r"server [^;]*;", servers, inside)
        (self.place / "upstream.conf").write_text(f"upstream web {{{kept}}}\n")
        told = {
            "PORTAL_NAME": NAME, "PORTAL_URL": self.url, "PORTAL_HTTP_PORT": f"127.0.0.1:{self.http}",
            "PORTAL_HTTPS_PORT": f"127.0.0.1:{self.https}", "PORTAL_TEMP": str(self.place / "nginx"),
            "PORTAL_STATIC": str(self.place / "static"), "PORTAL_UPSTREAM": str(self.place / "upstream.conf"),
            "PORTAL_CERTIFICATES": str(self.place / "certificates"),
        }  # fmt: skip
        text = (ROOT / "deploy/nginx/nginx.conf.template").read_text()
        configuration = self.place / "nginx.conf"
        # Only the portal's variables, as NGINX_ENVSUBST_FILTER says.
        configuration.write_text(re.sub(r"\$\{(PORTAL_\w+)\}", lambda found: told[found[1]], text))
        assert "${" not in configuration.read_text()
        # As whoever runs the tests: the clone may lie where nobody else may look.
        directives = "daemon off;" + (" user root root;" if os.geteuid() == 0 else "")
        command = [NGINX, "-c", str(configuration), "-g", directives]
        checked = subprocess.run([*command, "-t"], capture_output=True, text=True)
        assert checked.returncode == 0, checked.stderr
        assert "[warn]" not in checked.stderr
        self.child("nginx", command, {"PATH": os.defpath})

    def connect(self, through: str) -> http.client.HTTPConnection:
        if through in self.web_ports:
            return http.client.HTTPConnection("127.0.0.1", self.web_ports[through], timeout=20)
        port = self.https if through == "https" else self.http
        made: http.client.HTTPConnection = (
            http.client.HTTPSConnection(NAME, port, timeout=20, context=self.context)
            if through == "https"
            else http.client.HTTPConnection(NAME, port, timeout=20)
        )
        made._create_connection = lambda _address, *rest: socket.create_connection(("127.0.0.1", port), 20)
        return made

    def answers(self, through: str = "https") -> bool:
        try:
            return Visitor(self).ask("GET", "/livez", through=through).status == 200
        except (OSError, http.client.HTTPException):
            return False

    def heartbeat_age(self) -> float | None:
        """Seconds, when every part is well."""
        answer = Visitor(self).ask("GET", "/readyz")
        return json.loads(answer.body)["seconds"]["worker"] if answer.status == 200 else None

    def kill(self, name: str) -> None:
        process = self.children.pop(name).process
        assert process
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def log(self, *names: str) -> str:
        return "".join((self.place / f"{name}.log").read_text(errors="replace") for name in names)

    def remove(self) -> None:
        last = [self.children.pop(name) for name in ("valkey", "postgres") if name in self.children]
        for child in self.children.values():
            child.patience = 5
            child.ask_to_stop()
        for child in self.children.values():
            child.wait_stopped(lambda: False)
        for child in last:
            child.ask_to_stop()
            child.wait_stopped(lambda: False)
        shutil.rmtree(self.place, ignore_errors=True)


def certify(folder: Path) -> str:
    """A certificate of one's own for NAME, as nginx wants it; returns it in PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1)).not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    (folder / "fullchain.pem").write_bytes(pem)
    (folder / "privkey.pem").touch(0o600)
    (folder / "privkey.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return pem.decode()


@pytest.fixture(scope="module")
def production() -> Iterator[Installation]:
    installation = Installation()
    try:
        installation.start_servers()
        installation.prepare()
        installation.start_portal()
        installation.start_nginx()
        for name in (*installation.web_ports, "https"):
            until(lambda name=name: installation.answers(name), 40, name)
        yield installation
    finally:
        installation.remove()


@pytest.fixture
def visitor(production) -> Visitor:
    return Visitor(production)


def test_pages_come_by_https_with_their_headers(visitor):
    page = visitor.ask("GET", "/")
    assert page.status == 200
    assert "政务服务" in page.body
    assert page.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert len(page.headers["X-Request-ID"]) == 32
    assert page.headers["Server"] == "nginx"
    cookies = page.headers.get_all("Set-Cookie", [])
    assert all("Secure" in cookie for cookie in cookies)


def test_plain_http_is_led_to_https(production, visitor):
    answer = visitor.ask("GET", "/matters/?q=1", through="http")
    assert (answer.status, answer.headers["Location"]) == (301, f"{production.url}/matters/?q=1")


def test_another_name_gets_no_answer(production):
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        Visitor(production).ask("GET", "/", through="http", Host="evil.example")
    production.context.check_hostname = False
    try:
        made = production.connect("https")
        made._create_connection, made.host = (
            lambda *_: socket.create_connection(("127.0.0.1", production.https), 20), "evil.example",
        )  # fmt: skip
        with pytest.raises(ssl.SSLError):
            made.request("GET", "/")
    finally:
        production.context.check_hostname = True


def test_static_files_come_from_nginx_and_stay(visitor):
    page = visitor.ask("GET", "/")
    (css,) = set(re.findall(r'href="(/static/css/base\.[0-9a-f]{12}\.css)"', page.body))
    answer = visitor.ask("GET", css, **{"Accept-Encoding": "gzip"})
    assert answer.status == 200
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["Strict-Transport-Security"]
    assert answer.headers["X-Request-ID"] is None  # no web process was asked
    plain = visitor.ask("GET", "/static/css/base.css")
    assert plain.status == 200
    assert plain.headers["Cache-Control"] == "public, max-age=300"
    assert visitor.ask("GET", "/static/../certificates/privkey.pem").status in (400, 404)
    assert visitor.ask("GET", "/static../certificates/privkey.pem").status == 404


def test_all_parts_are_well(production):
    until(lambda: production.heartbeat_age() is not None, 40, "ready: beat, broker, worker, sweep, database")


def test_figures_are_not_for_the_outside(production, visitor):
    token = {"Authorization": f"Bearer {'m' * 40}"}
    assert visitor.ask("GET", "/metrics").status == 404
    assert visitor.ask("GET", "/metrics", **token).status == 404
    assert visitor.ask("GET", "/metrics", through="web-1").status == 404  # it was passed on by a proxy
    inside = visitor.ask("GET", "/metrics", through="web-1", **token)
    assert inside.status == 200
    assert 'portal_up{part="broker"} 1.0' in inside.body
    counted = re.findall(r'_count{[^}]*view="portal:home"} (\S+)', inside.body)
    assert counted
    files = {file.name for file in (production.place / "metrics-0").iterdir()}
    assert len(files) >= 2  # one for each process of this web


def test_a_session_begun_on_one_web_goes_on_at_the_other(production, visitor):
    answer = visitor.fill_in(
        "/accounts/register/", username=ACCOUNT, name=PERSON, number=NUMBER, phone=PHONE,
        email="xiaolan@example.com", password1=PASSWORD, password2=PASSWORD, agree="on",
    )  # fmt: skip
    assert answer.status == 302, answer.body
    logged_in = Visitor(production)
    assert logged_in.fill_in("/accounts/login/", username=ACCOUNT, password=PASSWORD).status == 302
    for web in production.web_ports:
        page = logged_in.ask("GET", "/accounts/profile/", through=web)
        assert page.status == 200
        assert PHONE[-4:] in page.body or PERSON in page.body
    production.member = logged_in


def test_what_is_recorded_cannot_be_changed_by_the_application(production):
    told = production.environment("web")
    with psycopg2.connect(told["DATABASE_URL"]) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM records_auditevent")
        assert cursor.fetchone()[0] > 0
        for table in insert_only_tables():
            for right, given in (("SELECT", True), ("INSERT", True), ("UPDATE", False), ("DELETE", False)):
                cursor.execute("SELECT has_table_privilege(%s, %s)", [table, right])
                assert cursor.fetchone() == (given,), (table, right)
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute("UPDATE records_auditevent SET verb = 'x'")


@pytest.mark.parametrize(("path", "kind"), [("/accounts/login/", "text/html"), ("/api/v1/tokens/", "json")])
@pytest.mark.parametrize("megabytes", [12.5, 14])
def test_too_much_is_refused_in_words(visitor, path, kind, megabytes):
    answer = visitor.ask("POST", path, data=b"x" * int(megabytes * 1024**2), **{"Content-Type": "text/plain"})
    assert answer.status == 413
    assert kind in answer.headers["Content-Type"]
    assert "12 MB" in answer.body


def test_a_dead_web_and_a_dead_worker_are_not_noticed_and_a_dead_portal_is_told(production, visitor):
    killed = time.time()
    production.kill("web-1")
    production.kill("worker-1")
    for _ in range(20):
        assert visitor.ask("GET", "/").status == 200
    assert production.member.ask("GET", "/my/").status == 200
    assert visitor.fill_in("/accounts/login/", username=ACCOUNT, password="wrong").status in (200, 422)

    def beats() -> bool:
        age = production.heartbeat_age()
        return age is not None and time.time() - age > killed + 0.5

    until(beats, 40, "the other worker takes what beat sends")
    production.kill("web-2")
    page = visitor.ask("GET", "/")
    assert (page.status, "系统正在升级或维护" in page.body) == (503, True)
    assert page.headers["Cache-Control"] == "no-store"
    style = re.search(r'href="(/static/css/base[^"]+)"', page.body)
    assert visitor.ask("GET", style[1]).status == 200
    answer = visitor.ask("GET", "/api/v1/matters/")
    assert answer.status == 503
    assert "稍后再试" in json.loads(answer.body)["detail"]


def test_nobody_is_in_the_logs(production):
    names = ("web-1", "web-2", "worker-1", "worker-2", "beat", "nginx")
    text = production.log(*names)
    hidden = {NUMBER, PERSON, PHONE, PASSWORD, ACCOUNT, "example.com", "203.0.113.5", "?q=1"}
    hidden |= set(production.variables.values())
    public = {*compose.example().values(), *compose.FILLED_IN.values()}
    assert not [word for word in hidden if word and word not in public and word in text]
    access = [json.loads(line) for line in production.log("nginx").splitlines()]
    assert {line["status"] for line in access} >= {200, 301, 302, 404, 413, 503}
    told = [json.loads(line) for line in production.log("web-2").splitlines() if line.startswith("{")]
    # One request, found in both by its id.
    assert {line["request_id"] for line in told} & {line["request_id"] for line in access}
    assert [line for line in told if line.get("user_id") and line["hat"] == "citizen"]
    work = [json.loads(line) for line in production.log("worker-2").splitlines() if line.startswith("{")]
    assert [line for line in work if line["event"] == "task_succeeded"]
