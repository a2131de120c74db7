"""What stands in for the world outside in demo mode: a mail server and a text message gateway."""

import os
import secrets
import socket
import sys
from functools import partial
from pathlib import Path

from runtime.children import MARK, Child
from runtime.home import ROOT, Home


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _child(name: str, module: str, port: int, place: Path, home: Home, told: dict[str, str]) -> Child:
    """Told nothing of the portal but what it needs to play its part."""
    prefix = f"{module.partition('_')[0].upper()}_SANDBOX_"
    wishes = {key: value for key, value in os.environ.items() if key.startswith(prefix)}
    return Child(
        name=name,
        command=[sys.executable, "-m", f"runtime.{module}"],
        environment={
            "PATH": os.environ.get("PATH", os.defpath),
            "LANG": "C.UTF-8",
            "PYTHONPATH": str(ROOT / "bin"),
            "PYTHONUNBUFFERED": "1",
            MARK: str(home.path),
            **wishes,
            f"{prefix}PORT": str(port),
            f"{prefix}HOME": str(place),
            **told,
        },
        log=home.path / "logs" / f"{module}.log",
        cwd=home.path,
        ready=partial(listens, port),
    )


def mail_server(home: Home) -> tuple[Child, dict[str, str]]:
    """The process, and what the portal is told of it. Mails stand in `mail/`."""
    port = free_port()
    child = _child("mail server", "mail_server", port, home.path / "mail", home, {})
    return child, {"EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(port)}


def sms_gateway(home: Home, portal_port: int) -> tuple[Child, dict[str, str]]:
    """The process, and what the portal is told of it. What it took stands in `sms/`."""
    port, key = free_port(), secrets.token_urlsafe(32)
    told = {
        "SMS_GATEWAY_KEY": key,
        "SMS_SANDBOX_CALLBACK": f"http://127.0.0.1:{portal_port}/hooks/sms/",
    }
    child = _child("SMS gateway", "sms_gateway", port, home.path / "sms", home, told)
    return child, {"SMS_GATEWAY_URL": f"http://127.0.0.1:{port}", "SMS_GATEWAY_KEY": key}
