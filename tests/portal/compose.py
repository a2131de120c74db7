"""docker-compose.yml as an engine would read it: YAML, merged, with the variables of .env filled in."""

import re
import shlex
from typing import Any

import yaml
from runtime.home import ROOT, new_secrets

# What an operator fills in, beyond the secrets.
FILLED_IN = {
    "PORTAL_NAME": "portal.example",
    "PORTAL_HOST_UNIT": "示例市人民政府办公室",
    "PORTAL_OPERATOR_UNIT": "示例市大数据局",
    "PORTAL_SITE_CODE": "6401000001",
    "EMAIL_HOST": "127.0.0.1",
    "PORTAL_MAIL_FROM": "portal@portal.example",
}
VARIABLE = re.compile(r"\$(?:\$|\{(\w+)(?::([?-])([^}]*))?\})")


class Missing(Exception):
    """A variable that compose would refuse to go without."""


def example() -> dict[str, str]:
    """What .env.example says, by variable."""
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def filled_in() -> dict[str, str]:
    """A complete .env: the example, fresh secrets, an operator's answers."""
    return example() | new_secrets() | {"METRICS_TOKEN": "m" * 40} | FILLED_IN


def raw() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    return read


def services(variables: dict[str, str]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = _fill(raw()["services"], variables)
    return found


def _fill(part: Any, variables: dict[str, str]) -> Any:
    if isinstance(part, dict):
        return {key: _fill(value, variables) for key, value in part.items()}
    if isinstance(part, list):
        return [_fill(value, variables) for value in part]
    return VARIABLE.sub(lambda found: _value(found, variables), part) if isinstance(part, str) else part


def _value(found: "re.Match[str]", variables: dict[str, str]) -> str:
    name, operator, rest = found.groups()
    if name is None:
        return "$"
    value = variables.get(name, "")
    if not value and operator == "?":
        raise Missing(name)
    return value or (rest if operator == "-" else "")


def command(service: dict[str, Any]) -> list[str]:
    given = service["command"]
    return shlex.split(given) if isinstance(given, str) else list(given)
