"""A backup holds what it says, is refused where it does not fit, and brings a whole installation back."""

import hashlib
import json
import re
import shutil
import stat
import subprocess
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.utils import timezone
from runtime.home import ROOT, Home, Refused
from runtime.restore import check_keys

from portal import backups
from support.records.actions import next_number
from tests.portal.installation import Portal, until

# --- making one ------------------------------------------------------------------------------------


@pytest.fixture
def store(settings, tmp_path, monkeypatch) -> Path:
    """A file store with one file, and a database that names it; a dump costs nothing."""
    settings.MEDIA_ROOT = tmp_path / "files"
    (tmp_path / "files" / "uploads").mkdir(parents=True)
    (tmp_path / "files" / "uploads" / "a").write_bytes(b"sealed a")
    named(monkeypatch, {"uploads/a"})
    return tmp_path / "files"


def named(monkeypatch, *answers: set[str], while_dumping=lambda: None) -> list[Path]:
    """What the dumps name, one after the other, the last for ever; returns the dumps made."""
    made: list[Path] = []

    def dump(target: Path) -> set[str]:
        while_dumping()
        target.touch(0o600)
        target.write_bytes(b"dump")
        made.append(target)
        return answers[min(len(made), len(answers)) - 1]

    monkeypatch.setattr(backups, "_dump", dump)
    return made


def test_a_backup_is_complete_listed_and_for_the_owner_only(store, tmp_path, db):
    made, missing = backups.back_up(tmp_path / "out", timezone.now())
    assert missing == []
    assert re.fullmatch(r"portal-\d{8}T\d{6}Z", made.name)
    names = {str(file.relative_to(made)) for file in made.rglob("*") if file.is_file()}
    assert names == {"database.dump", "files.sha256", "manifest.json", "files/uploads/a"}
    for file in (made, *made.rglob("*")):
        assert stat.S_IMODE(file.stat().st_mode) & (0o077 if file.is_file() or file == made else 0) == 0, file
    checked = subprocess.run(["sha256sum", "--check", "files.sha256"], cwd=made, capture_output=True)
    assert checked.returncode == 0
    manifest = json.loads((made / "manifest.json").read_text())
    assert manifest["sha256"]["database.dump"] == hashlib.sha256(b"dump").hexdigest()
    assert manifest["postgresql"].startswith("18.")
    assert "documents.0001_initial" in manifest["migrations"]
    assert set(manifest["keys"]) == {"field t1", "index"}


def test_a_file_made_while_the_database_is_dumped_is_in_it(store, tmp_path, db, monkeypatch):
    named(
        monkeypatch,
        {"uploads/a", "uploads/b"},
        while_dumping=lambda: (store / "uploads" / "b").write_bytes(b"b"),
    )
    made, missing = backups.back_up(tmp_path / "out", timezone.now())
    assert (made / "files/uploads/b").read_bytes() == b"b"
    assert missing == []


def test_a_file_discarded_while_the_database_is_dumped_is_in_it(store, tmp_path, db, monkeypatch):
    named(monkeypatch, {"uploads/a"}, while_dumping=lambda: (store / "uploads" / "a").unlink(missing_ok=True))
    made, missing = backups.back_up(tmp_path / "out", timezone.now())
    assert (made / "files/uploads/a").read_bytes() == b"sealed a"
    assert missing == []


def test_a_file_that_came_and_went_makes_another_dump(store, tmp_path, db, monkeypatch):
    dumps = named(monkeypatch, {"uploads/a", "uploads/fleeting"}, {"uploads/a"})
    assert backups.back_up(tmp_path / "out", timezone.now())[1] == []
    assert len(dumps) == 2


def test_a_file_that_is_lost_is_named_and_the_rest_is_kept(store, tmp_path, db, monkeypatch):
    dumps = named(monkeypatch, {"uploads/a", "uploads/lost"})
    made, missing = backups.back_up(tmp_path / "out", timezone.now())
    assert missing == ["uploads/lost"] == json.loads((made / "manifest.json").read_text())["missing_files"]
    assert (made / "files/uploads/a").exists()
    assert len(dumps) == backups.TRIES


def test_a_backup_that_fails_leaves_nothing_behind(store, tmp_path, db, monkeypatch):
    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backups, "_seal", full)
    with pytest.raises(OSError, match="No space"):
        backups.back_up(tmp_path / "out", timezone.now())
    assert list((tmp_path / "out").iterdir()) == []


# --- refusing one ------------------------------------------------------------------------------------


@pytest.fixture
def backup(store, tmp_path, db) -> Path:
    return backups.back_up(tmp_path / "out", timezone.now())[0]


def change(backup: Path, **changes: object) -> None:
    file = backup / "manifest.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))


def refused(backup: Path, words: str) -> None:
    with pytest.raises(backups.Refused, match=words):
        backups.check(backup)


def test_an_installation_with_data_takes_no_backup(backup, settings, tmp_path, monkeypatch):
    refused(backup, "data here already")
    settings.MEDIA_ROOT = tmp_path / "empty"
    refused(backup, "data here already")  # there are tables still


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"format": 2}, "format 2"),
        ({"postgresql": "17.6"}, "PostgreSQL 17.6, this server is 18"),
        ({"migrations": ["documents.0001_initial", "documents.9999_from_the_future"]}, "later release"),
        ({"keys": {"field t1": "00" * 32, "index": "00" * 32}}, "keys here are not those"),
        ({"sha256": {"database.dump": "00" * 32}}, "database.dump .* is damaged"),
    ],
)
def test_a_backup_that_does_not_fit_is_refused(backup, changes, words):
    change(backup, **changes)
    refused(backup, words)


def test_a_newer_key_in_front_does_no_harm_and_a_missing_one_does(backup, settings):
    kept = settings.FIELD_KEYS
    settings.FIELD_KEYS = "t2:bmV3LWZpZWxkLWtleS0zMi1ieXRlcy1sb25nLSEhISE=," + kept
    refused(backup, "data here already")  # the keys would do
    settings.FIELD_KEYS = "t2:bmV3LWZpZWxkLWtleS0zMi1ieXRlcy1sb25nLSEhISE="
    refused(backup, "keys here are not those")


def test_an_altered_or_missing_file_is_found(backup):
    file = backup / "files/uploads/a"
    file.write_bytes(b"sealed A")
    refused(backup, "files/uploads/a .* is damaged")
    file.unlink()
    refused(backup, "files/uploads/a .* is damaged")
    (backup / "files.sha256").write_text("")
    refused(backup, "files.sha256 .* is damaged")


@pytest.mark.parametrize("name", ["files/../../etc/passwd", "files//etc/passwd", "/etc/passwd"])
def test_a_list_that_leads_elsewhere_is_refused(backup, name):
    text = f"{'0' * 64}  {name}\n"
    (backup / "files.sha256").write_text(text)
    manifest = json.loads((backup / "manifest.json").read_text())
    change(backup, sha256=manifest["sha256"] | {"files.sha256": hashlib.sha256(text.encode()).hexdigest()})
    refused(backup, "not below files/")


def test_no_manifest_no_backup(backup, tmp_path):
    (backup / "manifest.json").write_text("{")
    refused(backup, "no complete backup")
    refused(tmp_path / "nowhere", "no complete backup")


def test_a_dump_tool_of_another_release_is_refused(db, monkeypatch, tmp_path):
    (tmp_path / "bin").mkdir()
    old = tmp_path / "bin" / "pg_dump"
    old.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 15.9 (Debian 15.9-0+deb12u1)'\n")
    old.chmod(0o700)
    monkeypatch.setenv("PORTAL_PG_TOOLS", str(tmp_path))
    with pytest.raises(backups.Refused, match=r"is of PostgreSQL 15.9, the server of 18"):
        backups.tool("pg_dump")
    with pytest.raises(backups.Refused, match="pg_restore of PostgreSQL 18 is needed"):
        backups.tool("pg_restore")


def test_numbers_given_after_the_backup_are_left_out(db):
    assert next_number("a series") == 1
    backups.leave_out_numbers(1000)
    assert next_number("a series") == 1002


def test_a_home_without_keys_makes_no_new_ones(tmp_path, monkeypatch):
    for name in ("SECRET_KEY", "FIELD_KEYS", "INDEX_KEY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(Refused, match=r"secrets.env is missing"):
        check_keys(Home(tmp_path))
    assert list(tmp_path.iterdir()) == []


# --- the whole way ---------------------------------------------------------------------------------

FILE = """
import json
from django.utils import timezone
from applications import filing
from applications.actions import take
from applications.acts import Inputs
from applications.models import Application
from matters.forms import prefill
from matters.models import GuideVersion
from support.accounts.models import User
from support.documents.actions import store_upload
from tests.applications.conftest import png, sample_answers
from tests.conftest import actor_of

def who(account):
    return User.objects.get(username=account)

now = timezone.now()
version = GuideVersion.objects.open_at(now).get(document__name__contains={"zh-hans": "食品经营许可（新办）"})
actor = actor_of(who("citizen"))
uploads = {
    material.key: [store_upload(png(), actor=actor, party_id=actor.party_id, now=now)]
    for material in version.guide.uploads
}
answers = {**sample_answers(version.guide), **prefill(version.guide, who("citizen").party)}
case = filing.submit(version.matter, answers, uploads, key=KEY, actor=actor, now=now)
for account, name, inputs in (
    ("clerk", "accept", {}),
    ("officer", "give_opinion", {"verdict": "grant", "reasons": "符合条件"}),
    ("approver", "grant", {}),
):
    case = take(name, case, actor=actor_of(who(account)), seen=case.revision, at=now, inputs=Inputs(**inputs))
papers = [paper.document for paper in case.papers.all()]
print(json.dumps({
    "number": case.number, "uuid": str(case.uuid), "certificate": case.decision.certificate.number,
    "papers": [paper.number for paper in papers], "paper": str(papers[0].uuid),
    "upload": str(next(iter(uploads.values()))[0].uuid),
}))
"""


def file_case(portal: Portal, key: str) -> dict:
    done = portal.run(ROOT / "bin" / "manage", "shell", "--no-imports", "-c", f"KEY = {key!r}\n{FILE}")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


class Browser:
    def __init__(self, portal: Portal) -> None:
        self.base = f"http://127.0.0.1:{portal.port}"
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def get(self, path: str) -> bytes:
        with self.opener.open(self.base + path, timeout=20) as answer:
            return answer.read()

    def log_in(self, username: str, password: str) -> str:
        """Where one is afterwards."""
        page = self.get("/accounts/login/").decode()
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
        fields = {"csrfmiddlewaretoken": token, "username": username, "password": password}
        with self.opener.open(
            self.base + "/accounts/login/", urlencode(fields).encode(), timeout=20
        ) as answer:
            return answer.url.removeprefix(self.base)


@pytest.mark.boot
def test_an_installation_comes_back_in_another_home(tmp_path):
    old, new = Portal(), Portal()
    try:
        old.start()
        keep = "from support.accounts.models import User; User.objects.create_user('keeper', password='Keep-this-1')"
        assert old.run(ROOT / "bin" / "manage", "shell", "-c", keep).returncode == 0
        kept = file_case(old, "kept")
        waiting = "SELECT 1 FROM documents_document WHERE state <> 'ready'"
        until(lambda: not old.ask(waiting), 40, "the papers")
        seal = "from support.records.tasks import seal; seal()"
        assert old.run(ROOT / "bin" / "manage", "shell", "-c", seal).returncode == 0
        assert old.ask("SELECT count(*) FROM records_sealblock") != [(0,)]
        done = old.run(ROOT / "bin" / "backup", old.place / "backups")
        assert done.returncode == 0, done.stderr
        (backup,) = (old.place / "backups").iterdir()
        assert not [file for file in backup.rglob("*") if file.name == "secrets.env"]
        lost = file_case(old, "lost")
        old.supervisor.terminate()
        old.supervisor.wait(60)

        restore = (ROOT / "bin" / "restore", backup)
        keyless = new.run(*restore)
        assert (keyless.returncode, "secrets.env is missing" in keyless.stderr) == (2, True)
        shutil.copy(old.home.path / "secrets.env", new.home.path / "secrets.env")
        done = new.run(*restore)
        assert done.returncode == 0, done.stdout + done.stderr
        again = new.run(*restore)
        assert (again.returncode, "data here already" in again.stderr) == (1, True)

        new.start()
        verified = new.run(ROOT / "bin" / "manage", "verify_records")
        assert verified.returncode == 0, verified.stdout
        until(lambda: new.get("/readyz")[0] == 200, 40, "ready")
        assert Browser(new).log_in("keeper", "Keep-this-1") == "/my/"
        password = (
            (new.home.path / "demo-accounts.txt").read_text().partition("\n")[0].rpartition("：")[2].strip()
        )
        citizen = Browser(new)
        assert citizen.log_in("citizen", password) == "/my/"
        assert kept["number"] in citizen.get(f"/my/cases/{kept['uuid']}/").decode()
        pdf = citizen.get(f"/documents/{kept['paper']}/")
        digest = new.ask(f"SELECT sha256 FROM documents_document WHERE uuid = '{kept['paper']}'")[0][0]
        assert (pdf[:5], hashlib.sha256(pdf).hexdigest()) == (b"%PDF-", digest)
        assert citizen.get(f"/uploads/{kept['upload']}/")[:4] == b"\x89PNG"

        next_one = file_case(new, "next")
        for name in ("number", "certificate"):
            assert next_one[name] > max(kept[name], lost[name])
        assert not set(next_one["papers"]) & {*kept["papers"], *lost["papers"]}
        owned = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tableowner <> 'portal_owner'"
        assert new.ask(owned) == [(0,)]
        with new.connect("DATABASE_URL") as connection, connection.cursor() as cursor:
            cursor.execute("SELECT has_table_privilege('records_auditevent', 'UPDATE')")
            assert cursor.fetchone() == (False,)
    finally:
        for portal in (old, new):
            if hasattr(portal, "supervisor"):
                portal.remove()
            shutil.rmtree(portal.place, ignore_errors=True)
