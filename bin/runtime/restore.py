"""A backup into a home without data: `python -m runtime.restore DIR`. The whole of `bin/restore`."""

import os
import subprocess
import sys
from pathlib import Path

from runtime.home import ROOT, Home, Refused
from runtime.manage import tools
from runtime.messages import compile_messages
from runtime.supervisor import PYTHON, Supervisor

KEYS = ("SECRET_KEY", "FIELD_KEYS", "INDEX_KEY")


def check_keys(home: Home) -> None:
    """A home without keys would make new ones, under which nothing of the backup opens."""
    if not (home.path / "secrets.env").exists() and not all(os.environ.get(name) for name in KEYS):
        raise Refused(
            f"{home.path / 'secrets.env'} is missing. Put that of the backed-up installation there first "
            "(readable by you alone):\nits keys are not in the backup, and without them nobody's data opens."
        )


def restore(home: Home, arguments: list[str]) -> int:
    """Start the servers alone, restore, stop them."""
    check_keys(home)
    supervisor = Supervisor(home, port=0)
    try:
        supervisor.start_servers()
        compile_messages()
        environment = supervisor.environment | tools(home) | {"PORTAL_AS_OWNER": "1"}
        return subprocess.call([PYTHON, "manage.py", "restore", *arguments], env=environment, cwd=ROOT)
    finally:
        supervisor.stop()


def main(arguments: list[str]) -> int:
    os.umask(0o077)
    if not arguments:
        print(
            "bin/restore DIR: the directory of one backup, e.g. /backups/portal-20261124T120000Z",
            file=sys.stderr,
        )
        return 2
    arguments[0] = str(Path(arguments[0]).expanduser().resolve())
    home = Home.of_environment()
    try:
        home.make()
        with home.locked():
            return restore(home, arguments)
    except Refused as refusal:
        print(refusal, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
