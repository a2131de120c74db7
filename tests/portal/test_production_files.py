"""The files for containers against the code: nothing that it needs is missing, nothing is open, nothing differs."""

import ast
import re
import shutil
import stat
import subprocess
from pathlib import Path

import pytest
from django.conf import settings
from runtime import valkey
from runtime.commands import commands
from runtime.home import OWNER_ONLY, ROOT, new_secrets

from portal.celery import app
from tests.portal import compose

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
OWN = ("prepare", "web", "worker", "beat", "manage")  # run our image
SERVING = ("web", "worker", "beat")
SECRETS = {*new_secrets(), "METRICS_TOKEN"}


@pytest.fixture(scope="module")
def services():
    return compose.services(compose.filled_in())


def read_by_settings() -> set[str]:
    """The variables that settings.py looks at."""
    tree = ast.parse((ROOT / "portal" / "settings.py").read_text(encoding="utf-8"))
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("os.environ.get", "_secret", "_said"):
            names |= {arg.value for arg in node.args[:1] if isinstance(arg, ast.Constant)}
        if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ":
            names.add(ast.literal_eval(node.slice))
    return names


def given_by_image() -> set[str]:
    """What the last stage of the Dockerfile puts into the environment."""
    last = DOCKERFILE[DOCKERFILE.rindex("\nFROM ") :]
    return set(re.findall(r"\b([A-Z_]+)=", "".join(re.findall(r"ENV (?:.*\\\n)*.*", last))))


def test_every_setting_is_passed_to_every_process(services):
    wanted = read_by_settings() - given_by_image() - {*OWNER_ONLY, "METRICS_TOKEN"}
    assert {"SECRET_KEY", "DATABASE_URL", "PORTAL_URL", "PORTAL_ICP", "PORTAL_LOG_LEVEL"} <= wanted
    for name in OWN:
        assert not wanted - set(services[name]["environment"]), name
    assert services["web"]["environment"]["METRICS_TOKEN"]


def test_production_takes_what_is_passed(services, monkeypatch):
    import os
    import runpy

    for name in ("web", "worker", "beat", "prepare"):
        for known in list(os.environ):
            monkeypatch.delenv(known)
        for variable, value in services[name]["environment"].items():
            monkeypatch.setenv(variable, value)
        found = runpy.run_path(str(ROOT / "portal" / "settings.py"))
        role = "portal_owner" if name == "prepare" else "portal_app"
        assert found["DATABASES"]["default"]["USER"] == role
        assert found["PRODUCTION"]
        assert found["SITE"]["code"] == "6401000001"


@pytest.mark.parametrize("name", sorted(SECRETS | set(compose.FILLED_IN)))
def test_none_of_these_has_a_default(name):
    """Neither in the compose file nor in the example, and a start without it is refused by name."""
    assert compose.example()[name] == ""
    with pytest.raises(compose.Missing, match=name):
        compose.services(compose.filled_in() | {name: ""})


def test_every_variable_of_the_compose_file_is_explained_and_the_other_way_round():
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    assert set(re.findall(r"(?<!\$)\$\{(\w+)", text)) == set(compose.example())


def test_only_who_migrates_is_told_the_owner(services):
    for name in SERVING:
        assert not set(OWNER_ONLY) & set(services[name]["environment"])
        assert "portal_owner" not in str(services[name])
    for name in ("nginx", "redis"):
        assert not {"SECRET_KEY", "FIELD_KEYS", "INDEX_KEY", "DATABASE_URL"} & set(
            services[name]["environment"]
        )
    assert set(OWNER_ONLY) <= set(services["prepare"]["environment"])


def test_the_processes_are_those_of_the_supervisor(services):
    expected = commands(host="0.0.0.0", port=8000, schedule="/tmp/celerybeat-schedule")
    for name in SERVING:
        assert compose.command(services[name]) == ["python", "-m", *expected[name]]
    image = re.findall(r"^CMD (\[.*\])$", DOCKERFILE, re.MULTILINE)[-1]
    assert ast.literal_eval(image) == ["python", "-m", *expected["web"]]


def test_every_task_that_beat_sends_exists_and_every_worker_takes_it(services):
    app.loader.import_default_modules()
    assert {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()} <= set(app.tasks)
    assert not app.conf.task_routes
    assert "--queues" not in compose.command(services["worker"])
    assert services["beat"]["deploy"]["replicas"] == 1


def test_images_are_pinned_to_their_release():
    images = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    stages = set(re.findall(r" AS (\w+)", DOCKERFILE))
    foreign = {image for image in images if image not in stages}
    foreign |= {s["image"] for s in compose.raw()["services"].values() if "build" not in s}
    assert foreign == {
        "python:3.11-slim-bookworm", "postgres:18-bookworm", "nginx:1.28-bookworm", "valkey/valkey:9",
    }  # fmt: skip


def test_the_image_has_no_tests_no_embedded_servers_and_no_secrets():
    assert "--no-group dev --no-group embedded" in DOCKERFILE
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert {".env*", ".git", "tests", "var", "backups", "deploy/certificates"} <= set(ignored)
    assert re.findall(r"^USER (\S+)$", DOCKERFILE, re.MULTILINE) == ["10001"]
    assert not [
        line for line in DOCKERFILE.splitlines() if re.match(r"(ENV|ARG).*(SECRET|KEY|PASSWORD)", line)
    ]


def test_whatever_runs_is_held_in(services):
    for name, service in services.items():
        assert "no-new-privileges:true" in service["security_opt"], name
        assert service["logging"]["options"] == {"max-size": "10m", "max-file": "5"}
        assert service["restart"] == ("no" if name in ("prepare", "manage") else "unless-stopped")
        assert not service.get("privileged")
        if name != "postgres":  # its image takes the volume over before it drops its privileges
            assert service["read_only"] is True
            assert service["cap_drop"] == ["ALL"]


def test_only_nginx_is_reached_from_outside(services):
    assert [name for name, service in services.items() if "ports" in service] == ["nginx"]
    assert services["nginx"]["networks"] == ["front"]
    assert compose.raw()["networks"]["back"] == {"internal": True}
    for name in ("postgres", "redis"):
        assert services[name]["networks"] == ["back"]


def test_each_waits_for_what_it_needs(services):
    conditions = {
        name: {on: what["condition"] for on, what in service.get("depends_on", {}).items()}
        for name, service in services.items()
    }
    for name in SERVING:
        assert conditions[name]["prepare"] == "service_completed_successfully"
    assert conditions["prepare"] == {"postgres": "service_healthy", "redis": "service_healthy"}
    assert conditions["nginx"] == {"web": "service_healthy"}
    for name, needed in conditions.items():
        for on in needed:
            assert on in services
            healthy = on == "web" or services[on].get("healthcheck", {}).get("test")  # web: the image's own
            assert healthy or needed[on] == "service_completed_successfully", (name, on)
    assert "/livez" in DOCKERFILE[DOCKERFILE.rindex("HEALTHCHECK") :]


def test_what_must_last_is_in_named_volumes(services):
    assert set(compose.raw()["volumes"]) == {"database", "files"}
    assert "database:/var/lib/postgresql" in services["postgres"]["volumes"]  # where release 18 has its data
    for name in OWN:
        assert "files:/data" in services[name]["volumes"]


def test_files_that_are_mounted_or_copied_exist():
    mounted = re.findall(r"\./(deploy/[\w./-]+):/", (ROOT / "docker-compose.yml").read_text())
    copied = re.findall(r"^COPY (deploy/\S+)", DOCKERFILE, re.MULTILINE)
    assert len(mounted) >= 2
    assert len(copied) == 2
    assert all((ROOT / name).exists() for name in mounted + copied)


def test_valkey_keeps_the_same_way_in_both():
    def rules(text: str) -> set[str]:
        names = ("save", "appendonly", "maxmemory", "maxmemory-policy")
        return {line for line in text.splitlines() if line.split(" ")[0] in names}

    assert rules((ROOT / "deploy" / "valkey.conf").read_text()) == rules(valkey.CONFIGURATION)


def test_secrets_are_made_once(tmp_path):
    for name in ("bin/secrets", "bin/runtime/__init__.py", "bin/runtime/home.py", ".env.example"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    run = [str(tmp_path / "bin" / "secrets")]
    done = subprocess.run(run, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    written = tmp_path / ".env"
    assert stat.S_IMODE(written.stat().st_mode) == 0o600
    made = dict(line.split("=", 1) for line in written.read_text().splitlines() if re.match(r"\w+=", line))
    assert all(made[name] for name in SECRETS)
    assert set(compose.FILLED_IN) <= set(done.stdout.partition("Fill in: ")[2].strip().split(", "))
    compose.services(made | compose.FILLED_IN)
    before = written.read_text()
    again = subprocess.run(run, capture_output=True, text=True)
    assert again.returncode == 1
    assert written.read_text() == before


def test_nginx_takes_as_much_as_the_portal_and_logs_nobody():
    text = (ROOT / "deploy" / "nginx" / "nginx.conf.template").read_text()
    (most,) = re.findall(r"client_max_body_size (\d+)m;", text)
    assert int(most) * 1024**2 == settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    assert "$request " not in text.replace("$request_", "")  # the request line has the query
    log = text[text.index("log_format") : text.index("client_max_body_size")]
    assert not [name for name in ("$request_uri", "$args", "$remote_addr", "$http_", "$uri") if name in log]


def test_scripts_may_be_run():
    for name in ("bin/secrets", "bin/backup", "bin/restore", "deploy/postgres/roles.sh"):
        assert Path(ROOT / name).stat().st_mode & 0o111, name
