"""A backup: the database as of one instant, every file that it names, and a manifest that can be checked.

The keys are not in it (secrets.env, .env): whoever finds a backup can read nobody's data, and whoever has
lost the keys cannot either. The manifest knows the keys by their digests, so that a restore under other
ones is refused before it begins.
"""

import base64
import datetime as dt
import hashlib
import json
import os
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.models import F

from support.documents.actions import stored_paths
from support.records.models import Series

FORMAT = 1
DUMP, LIST, MANIFEST = "database.dump", "files.sha256", "manifest.json"
TRIES = 3
SAFETY = 1000  # numbers of every series that a restore leaves out by default


class Refused(Exception):
    """It cannot be done as things are; the message tells the operator what to do."""


# --- backing up ---------------------------------------------------------------------------------


def back_up(parent: Path, now: dt.datetime) -> tuple[Path, list[str]]:
    """Make a new backup in `parent`; its directory, and the files that the database names but nobody has.

    The directory gets its name when it is complete. Files are copied before the dump and after it: one that
    the dump names and that is in neither copy was made and discarded between, so the dump is made again.
    """
    final = parent / f"portal-{now:%Y%m%dT%H%M%SZ}"
    new = final.with_name(f".{final.name}.new")
    parent.mkdir(parents=True, exist_ok=True)
    new.mkdir(mode=0o700)
    try:
        missing = _collect(new)
        _seal(new, now, missing)
        new.rename(final)
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise
    return final, missing


def _collect(new: Path) -> list[str]:
    copied: dict[str, str] = {}
    _copy_files(new / "files", copied)
    for _attempt in range(TRIES):
        named = _dump(new / DUMP)
        _copy_files(new / "files", copied)
        missing = sorted(named - set(copied))
        if not missing:
            break
    _write(new / LIST, "".join(f"{digest}  files/{name}\n" for name, digest in sorted(copied.items())))
    return missing


def _copy_files(target: Path, copied: dict[str, str]) -> None:
    """Copy what is not copied yet. Files never change under their name; some are discarded meanwhile."""
    root = Path(settings.MEDIA_ROOT)
    for source in sorted(root.rglob("*")):
        name = source.relative_to(root).as_posix()
        if name in copied or not source.is_file():
            continue
        try:
            copied[name] = _copy(source, target / name)
        except FileNotFoundError:
            continue


def _copy(source: Path, target: Path) -> str:
    """Copy for the owner's eyes, down to the disk; returns the SHA-256."""
    digest = hashlib.sha256()
    with source.open("rb") as given:
        target.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as kept:
            while block := given.read(1 << 20):
                digest.update(block)
                kept.write(block)
            kept.flush()
            os.fsync(kept.fileno())
    return digest.hexdigest()


def _dump(target: Path) -> set[str]:
    """Dump one snapshot; the files that it names."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        snapshot = cursor.fetchone()[0]
        target.unlink(missing_ok=True)
        target.touch(0o600)
        tool("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}",
             f"--file={target}")  # fmt: skip
        return set(stored_paths())


def _seal(new: Path, now: dt.datetime, missing: list[str]) -> None:
    manifest = {
        "format": FORMAT,
        "made_at": now.isoformat(),
        "release": release(),
        "postgresql": server_version(),
        "migrations": migrations(),
        "keys": key_digests(),
        "missing_files": missing,
        "sha256": {name: digest_of(new / name) for name in (DUMP, LIST)},
        "without": "secrets.env or .env: keep the keys elsewhere",
    }
    _write(new / MANIFEST, json.dumps(manifest, indent=1, ensure_ascii=False) + "\n")


def _write(file: Path, text: str) -> None:
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())


# --- restoring ------------------------------------------------------------------------------------


def check(backup: Path) -> dict[str, Any]:
    """The manifest of a backup that can be restored here and now. Raises Refused with the reason."""
    try:
        manifest: dict[str, Any] = json.loads((backup / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise Refused(f"{backup} is no complete backup: it has no {MANIFEST} that can be read.") from None
    if manifest.get("format") != FORMAT:
        raise Refused(f"This backup has the format {manifest.get('format')}; this release reads {FORMAT}.")
    if major(manifest["postgresql"]) != major(server_version()):
        raise Refused(
            f"The backup is of PostgreSQL {manifest['postgresql']}, this server is {server_version()}: "
            "restore it with the release that made it, then see docs/running.md on another PostgreSQL."
        )
    unknown = sorted(set(manifest["migrations"]) - set(known_migrations()))
    if unknown:
        raise Refused(f"The backup is of a later release ({manifest['release']}); install that one first.")
    if not keys_fit(manifest["keys"]):
        raise Refused(
            "The keys here are not those of the backup. Put the secrets.env (or .env) of that installation "
            "in place first: without it nobody's data can be opened."
        )
    _check_contents(backup, manifest)
    _check_empty()
    return manifest


def _check_contents(backup: Path, manifest: dict[str, Any]) -> None:
    for name, digest in manifest["sha256"].items():
        if not (backup / name).is_file() or digest_of(backup / name) != digest:
            raise Refused(f"{name} in {backup} is not what the manifest says: the backup is damaged.")
    for name, digest in listed(backup):
        file = backup / name
        if not file.is_file() or digest_of(file) != digest:
            raise Refused(f"{name} in {backup} is missing or altered: the backup is damaged.")


def listed(backup: Path) -> Iterator[tuple[str, str]]:
    """Name and SHA-256 of each file of a backup; the list is one that `sha256sum --check` reads."""
    for line in (backup / LIST).read_text(encoding="utf-8").splitlines():
        digest, name = line.split("  ", 1)
        inside = Path(name.removeprefix("files/"))
        if not name.startswith("files/") or inside.is_absolute() or ".." in inside.parts:
            raise Refused(f"{LIST} names {name}, which is not below files/.")
        yield name, digest


def _check_empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
        tables = cursor.fetchone()[0]
    root = Path(settings.MEDIA_ROOT)
    if tables or (root.exists() and any(root.iterdir())):
        raise Refused("There is data here already. A backup is restored into an empty installation only.")


def load(backup: Path) -> None:
    """Put files and database in place, the database last and all at once; on a failure, nothing."""
    root = Path(settings.MEDIA_ROOT)
    try:
        for name, _digest in listed(backup):
            _copy(backup / name, root / name.removeprefix("files/"))
        tool("pg_restore", "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error",
             f"--dbname={connection.settings_dict['NAME']}", str(backup / DUMP))  # fmt: skip
    except BaseException:
        shutil.rmtree(root, ignore_errors=True)
        raise
    connection.close()


def leave_out_numbers(count: int) -> None:
    """Go on behind the numbers that were given after the backup was made, which it cannot know."""
    Series.objects.update(last=F("last") + count)


# --- what both need --------------------------------------------------------------------------------


def tool(name: str, *arguments: str) -> None:
    """Run a program of PostgreSQL on our database; the password is in its environment only."""
    program, environment = _program(name)
    given = connection.settings_dict
    for variable, key in {
        "PGHOST": "HOST",
        "PGPORT": "PORT",
        "PGUSER": "USER",
        "PGPASSWORD": "PASSWORD",
    }.items():
        if given[key]:
            environment[variable] = str(given[key])
    environment["PGDATABASE"] = given["NAME"]
    for option in ("sslmode", "sslrootcert"):
        if option in given["OPTIONS"]:
            environment[f"PG{option.upper()}"] = given["OPTIONS"][option]
    done = subprocess.run([program, *arguments], env=environment, capture_output=True, text=True)  # noqa: S603
    if done.returncode:
        raise Refused(f"{name} failed:\n{done.stderr.strip()}")


def _program(name: str) -> tuple[str, dict[str, str]]:
    """The program in PORTAL_PG_TOOLS or on the path, of the server's own major version."""
    environment = {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8"}
    given = os.environ.get("PORTAL_PG_TOOLS")
    if given:
        environment |= {"LD_LIBRARY_PATH": f"{given}/lib"}
    program = str(Path(given) / "bin" / name) if given else shutil.which(name)
    wanted = major(server_version())
    if not program or not Path(program).exists():
        raise Refused(
            f"{name} of PostgreSQL {wanted} is needed: install it, or name its place in PORTAL_PG_TOOLS."
        )
    said = subprocess.run([program, "--version"], env=environment, capture_output=True, text=True)  # noqa: S603
    found = re.search(r"\) (\d[\w.]*)", said.stdout)
    if not found or major(found[1]) != wanted:
        other = found[1] if found else "?"
        raise Refused(f"{program} is of PostgreSQL {other}, the server of {wanted}: PORTAL_PG_TOOLS helps.")
    return program, environment


def server_version() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        return str(cursor.fetchone()[0]).split(" ")[0]


def major(version: str) -> str:
    return version.partition(".")[0]


def release() -> str:
    project = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project["version"])


def migrations() -> list[str]:
    """The migrations that this database has seen."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT app || '.' || name FROM django_migrations ORDER BY 1")
        return [row[0] for row in cursor.fetchall()]


def known_migrations() -> list[str]:
    """The migrations that this release has."""
    return [f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations]


def key_digests() -> dict[str, str]:
    """The keys by name; a digest of 32 random bytes tells nothing about them."""
    ring = dict(entry.split(":", 1) for entry in settings.FIELD_KEYS.split(","))
    keys = {f"field {name}": key for name, key in ring.items()} | {"index": settings.INDEX_KEY}
    return {name: hashlib.sha256(base64.b64decode(key)).hexdigest() for name, key in keys.items()}


def keys_fit(needed: dict[str, str]) -> bool:
    """Whether everything sealed under those keys opens under ours; newer ones may have been added."""
    return needed.items() <= key_digests().items()


def digest_of(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
