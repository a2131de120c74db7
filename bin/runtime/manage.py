"""`manage.py` with the settings of the portal that is running. The whole of `bin/manage`."""

import os
import sys
from typing import NoReturn

from runtime import postgres
from runtime.home import OWNER_ONLY, ROOT, Home, Refused, inherited

# Commands that need the tables' owner.
OWNERS = {"age_case", "backup", "begin_seal_era", "grant_app_role", "migrate", "prepare"}


def tools(home: Home) -> dict[str, str]:
    """Where the programs of PostgreSQL are: those that come with the portal."""
    place = postgres.installation(home.path)
    postgres.unpack(place)
    return {"PORTAL_PG_TOOLS": str(place)}


def main(arguments: list[str]) -> NoReturn:
    os.umask(0o077)
    try:
        home = Home.of_environment()
        environment = inherited() | home.recorded()
    except Refused as refusal:
        sys.exit(f"{refusal}")
    if arguments and arguments[0] in OWNERS:
        environment["PORTAL_AS_OWNER"] = "1"
    if environment.get("PORTAL_AS_OWNER") != "1":
        for name in OWNER_ONLY:
            environment.pop(name, None)
    if arguments and arguments[0] == "backup":
        environment = tools(home) | environment
    command = [sys.executable, str(ROOT / "manage.py"), *arguments]
    os.execve(command[0], command, environment)  # noqa: S606


if __name__ == "__main__":
    main(sys.argv[1:])
