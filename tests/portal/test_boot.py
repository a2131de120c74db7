"""The whole portal under its supervisor: started, hit, stopped, as an operator would."""

import os
import signal
import subprocess
import threading
import time
from contextlib import suppress
from pathlib import Path
from unittest.mock import Mock

import psycopg2
import pytest
from runtime import manage, postgres
from runtime.children import MARK, marked, processes, read
from runtime.home import OWNER_ONLY, ROOT, Home, Refused

from tests.portal.installation import Portal, free_port, until


@pytest.fixture(scope="module")
def portal():
    portal = Portal(SMS_SANDBOX_TROUBLE="0", SMS_SANDBOX_UNDELIVERABLE="0", SMS_SANDBOX_REPORT_DELAY="0.1")
    try:
        portal.start()
        portal.ask("CREATE TABLE boot_kept (note text)")
        portal.ask("INSERT INTO boot_kept VALUES ('written before')")
        yield portal
    finally:
        portal.remove()


@pytest.mark.boot
def test_it_serves_and_keeps_its_secrets(portal):
    until(lambda: portal.beats_since(0), 40, "ready")
    assert portal.get("/livez") == (200, "ok")
    for name in ("secrets.env", "environment.json"):
        assert (portal.home.path / name).stat().st_mode & 0o077 == 0
    seen = portal.output.read_text() + "".join(
        read(place / "cmdline").decode(errors="replace") for place in processes()
    )
    assert not any(value in seen for value in portal.home.secrets().values())
    libraries = b"LD_LIBRARY_PATH=" + os.fsencode(postgres.installation(portal.home.path))
    assert not any(libraries in read(Path("/proc", str(pid), "environ")) for pid in marked(portal.home.path))


def told(pid: int) -> set[str]:
    """The names of the variables that a process was started with."""
    pairs = read(Path("/proc", str(pid), "environ")).decode(errors="replace").split("\0")
    return {pair.partition("=")[0] for pair in pairs if pair}


@pytest.mark.boot
def test_each_process_is_told_only_what_it_needs(portal):
    for words in ("granian", "celery -A portal worker", "celery -A portal beat"):
        assert {"DATABASE_URL", "FIELD_KEYS"} <= told(portal.child(words))
    for pid in marked(portal.home.path):
        assert not {"DATABASE_OWNER_URL", "PORTAL_AS_OWNER"} & told(pid)
    assert told(portal.child("valkey-server")) == {"PATH", "LANG", MARK}
    for words in ("runtime.mail_server", "runtime.sms_gateway"):
        assert not {"DATABASE_URL", "FIELD_KEYS", "INDEX_KEY", "SECRET_KEY"} & told(portal.child(words))
    assert "SMS_GATEWAY_KEY" not in told(portal.child("runtime.mail_server"))


@pytest.mark.boot
def test_the_log_of_the_preparation_holds_no_password(portal):
    password = (portal.home.path / "demo-accounts.txt").read_text().partition("\n")[0].rpartition("：")[2]
    assert password in portal.output.read_text()
    logs = list((portal.home.path / "logs").iterdir())
    assert "prepare.log" in [log.name for log in logs]
    assert not any(password in log.read_text(errors="replace") for log in logs)


@pytest.mark.boot
def test_the_application_is_no_owner_and_no_superuser(portal):
    with portal.connect("DATABASE_URL") as connection, connection.cursor() as cursor:
        cursor.execute("SELECT usesuper, usecreatedb FROM pg_user WHERE usename = current_user")
        assert cursor.fetchone() == (False, False)
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute("CREATE TABLE intruder ()")


@pytest.mark.boot
def test_a_second_one_is_refused_in_clear_words(portal):
    same_home = portal.run(ROOT / "bin" / "run", PORTAL_PORT=str(free_port()))
    assert same_home.returncode == 2
    assert "already running" in same_home.stderr
    elsewhere = portal.place / "other"
    same_port = portal.run(ROOT / "bin" / "run", PORTAL_HOME=str(elsewhere))
    assert same_port.returncode == 2
    assert f"Port {portal.port}" in same_port.stderr
    assert "PORTAL_PORT=" in same_port.stderr
    assert not (elsewhere / "pgdata").exists()


@pytest.mark.boot
def test_manage_uses_the_running_portal(portal):
    done = portal.run(ROOT / "bin" / "manage", "migrate", "--check")
    assert done.returncode == 0, done.stdout + done.stderr
    aged = portal.run(ROOT / "bin" / "manage", "age_case", "NOPE", "--workdays", "5")
    assert aged.returncode == 1
    assert "no case has the number NOPE" in aged.stderr
    ask = "import os; print('url of the owner:', os.environ.get('DATABASE_OWNER_URL'))"
    assert "url of the owner: None" in portal.run(ROOT / "bin" / "manage", "shell", "-c", ask).stdout
    idle = portal.run(ROOT / "bin" / "manage", "check", PORTAL_HOME=str(portal.place / "nowhere"))
    assert idle.returncode == 1
    assert "not running" in idle.stderr


# At noon, for by night no text message is sent; the worker may be quicker, and it is the same message.
TELL = """
import datetime as dt
from support.accounts.models import User
from support.notices import actions, delivery
from support.notices.models import Delivery
noon = dt.datetime.now(dt.UTC).replace(hour=4)
citizen = User.objects.get(username="citizen").party
context = {"number": "NX1", "matter": "x", "outcome": "x"}
actions.tell_party(citizen.pk, "case_granted", key="%s", context=context, url="/", now=noon - dt.timedelta(days=1))
Delivery.objects.update(next_at=noon)
while delivery.send_next("sms", now=noon):
    pass
"""


def kept_privately(folder: Path) -> str:
    """What the files hold; only their owner can read them."""
    files = [file for file in folder.iterdir() if file.is_file()]
    assert not any(file.stat().st_mode & 0o077 for file in files)
    return "".join(file.read_text() for file in files)


def tell(portal: Portal, key: str) -> None:
    done = portal.run(ROOT / "bin" / "manage", "shell", "-c", TELL % key)
    assert done.returncode == 0, done.stderr
    states = f"SELECT state FROM notices_delivery WHERE channel = 'sms' AND key LIKE '{key}:%'"
    until(lambda: portal.ask(states) == [("delivered",)], 20, "the gateway's report, through the web")


@pytest.mark.boot
def test_mail_and_text_messages_of_a_demonstration_stay_in_its_home(portal):
    tell(portal, "boot")
    assert "case_granted" in kept_privately(portal.home.path / "sms")
    sent = portal.run(ROOT / "bin" / "manage", "sendtestemail", "zhang@example.com")
    assert sent.returncode == 0, sent.stderr
    assert "To: zhang@example.com" in kept_privately(portal.home.path / "mail")


@pytest.mark.boot
def test_any_killed_child_is_replaced(portal):
    servers = ("valkey-server", "runtime.mail_server", "runtime.sms_gateway")
    for words in ("granian", "celery -A portal worker", "celery -A portal beat", *servers):
        portal.kill(words)
    killed = time.time()
    until(lambda: portal.get("/livez")[0] == 200, 30, "web serves again")
    until(lambda: portal.beats_since(killed), 60, "beat, broker and worker work together again")
    tell(portal, "again")


@pytest.mark.boot
def test_a_killed_backend_takes_no_data_with_it(portal):
    connection = portal.connect()
    os.kill(connection.info.backend_pid, signal.SIGKILL)
    until(portal.kept_rows, 20, "the row, after the postmaster has restarted its backends")
    connection.close()


@pytest.mark.boot
def test_postgres_killed_in_the_middle_of_a_query_comes_back(portal):
    def busy() -> None:
        with suppress(psycopg2.Error):
            portal.ask("SELECT count(*) FROM generate_series(1, 10000000000) AS n WHERE n % 7 = 8")

    thread = threading.Thread(target=busy, daemon=True)
    thread.start()
    running = "SELECT 1 FROM pg_stat_activity WHERE query LIKE '%10000000000%' AND pid <> pg_backend_pid()"
    until(lambda: portal.ask(running), 10, "the query")
    portal.kill("bin/postgres -D")
    until(portal.kept_rows, 40, "the row, after recovery")
    thread.join(10)
    assert not thread.is_alive()
    until(lambda: portal.get("/readyz")[0] == 200, 20, "ready again")


@pytest.mark.boot
def test_a_killed_supervisor_is_followed_by_another(portal):
    os.kill(portal.supervisor.pid, signal.SIGKILL)
    portal.supervisor.wait()
    earlier = set(portal.remains())
    portal.start()
    assert not earlier & set(portal.remains())
    assert portal.kept_rows()
    until(lambda: portal.get("/livez")[0] == 200, 10, "web serves")


@pytest.mark.boot
def test_ctrl_c_stops_everything(portal):
    portal.supervisor.send_signal(signal.SIGINT)
    assert portal.supervisor.wait(60) == 0
    assert portal.remains() == []
    assert "Traceback" not in portal.output.read_text()


@pytest.mark.boot
def test_production_starts_behind_its_own_name_and_without_samples():
    portal = Portal(PORTAL_MODE="production", PORTAL_URL="https://portal.example", PORTAL_PROXIES="1")
    try:
        portal.start()
        assert portal.get("/livez") == (200, "ok")
        assert portal.get("/")[0] == 400
        proxied = {"Host": "portal.example", "X-Forwarded-Proto": "https"}
        assert portal.get("/", **proxied)[0] == 200
        counts = "SELECT (SELECT count(*) FROM places_region), (SELECT count(*) FROM places_agency), "
        counts += "(SELECT count(*) FROM matters_matter), (SELECT count(*) FROM accounts_user)"
        assert portal.ask(counts) == [(3199, 0, 0, 0)]
        assert not (portal.home.path / "demo-accounts.txt").exists()
        assert not portal.child("runtime.mail_server")
        assert not portal.child("runtime.sms_gateway")
    finally:
        portal.remove()


def cluster(place: Path) -> postgres.Cluster:
    return postgres.Cluster(place / "pgdata", place / "sockets", place / "binaries", "")


def test_data_of_another_release_of_postgres_is_not_touched(tmp_path):
    (tmp_path / "pgdata").mkdir()
    (tmp_path / "pgdata" / "PG_VERSION").write_text("17\n")
    with pytest.raises(Refused, match="PostgreSQL 17.*\n.*pg_dump "):
        cluster(tmp_path).prepare()
    assert [file.name for file in (tmp_path / "pgdata").iterdir()] == ["PG_VERSION"]


@pytest.mark.parametrize(
    ("command", "given", "owner"),
    [
        ("age_case", {}, True),
        ("prepare", {}, True),
        ("verify_records", {}, False),
        ("verify_records", {"PORTAL_AS_OWNER": "1"}, True),
    ],
)
def test_manage_tells_only_the_owners_commands_of_the_owner(monkeypatch, command, given, owner):
    for name in OWNER_ONLY:
        monkeypatch.delenv(name, raising=False)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(Home, "recorded", lambda self: {"DATABASE_OWNER_URL": "postgres://owner@/portal"})
    told = Mock()
    monkeypatch.setattr(os, "execve", told)
    manage.main([command])
    environment = told.call_args.args[2]
    assert [name in environment for name in OWNER_ONLY] == [owner, owner]


def test_lost_keys_are_not_replaced_while_there_is_data(tmp_path):
    (tmp_path / "pgdata").mkdir()
    with pytest.raises(Refused, match="restore the file from a backup"):
        Home(tmp_path).secrets()


def test_keys_stay_the_same_and_the_environment_comes_first(tmp_path, monkeypatch):
    monkeypatch.delenv("SECRET_KEY", raising=False)
    first = Home(tmp_path).secrets()
    assert Home(tmp_path).secrets() == first
    monkeypatch.setenv("SECRET_KEY", "given")
    assert Home(tmp_path).secrets() == first | {"SECRET_KEY": "given"}


def test_a_long_path_has_its_sockets_elsewhere(tmp_path):
    home = Home(tmp_path / ("long" * 20))
    assert len(os.fsencode(home.sockets)) < 60
    assert home.sockets != Home(tmp_path / ("lang" * 20)).sockets
    assert Home(Path("/var/lib/portal")).sockets == Path("/var/lib/portal/run")


def test_a_backend_without_postmaster_is_ended_by_its_title(tmp_path):
    """As in a container whose root may not look into the processes of others."""
    lone = cluster(tmp_path)
    title = f"postgres: {lone.tag}: portal SELECT"
    process = subprocess.Popen(["bash", "-c", 'exec -a "$0" sleep 60', title], cwd="/", **postgres.identity())
    try:
        until(lambda: lone.processes() == [process.pid], 5, "found")
        lone.clear()
        assert process.wait(5) == -signal.SIGQUIT
    finally:
        process.kill()
