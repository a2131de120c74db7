"""Text messages: what an adapter to a gateway must do, which one is used, and when people sleep.

An adapter is a module, named by SMS_ADAPTER, with these two functions; see docs/adr/0016.
"""

import datetime as dt
from dataclasses import dataclass
from importlib import import_module
from typing import Literal, Protocol, cast
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

EVENING, MORNING = dt.time(22), dt.time(7)  # local; between them nobody's telephone rings


class Refused(Exception):
    """The gateway will never take this message; the argument is its code."""


class Unavailable(Exception):
    """The gateway does not answer, is overloaded, or does not know us: later. The argument says which."""


class Forged(Exception):
    """A report that the gateway did not sign, or that is too old."""


@dataclass(frozen=True)
class Report:
    """What became of a message. `code` is the gateway's word for a failure."""

    message_id: UUID
    provider_id: str
    outcome: Literal["accepted", "delivered", "undeliverable"]
    at: dt.datetime
    code: str = ""


class Adapter(Protocol):
    def send(self, phone: str, template: str, parameters: dict[str, str], message_id: str) -> str:
        """Hand over a message; returns the gateway's own id of it. Sent again under the same
        `message_id`, the gateway sends no second message. Raises Refused or Unavailable."""

    def read_report(self, request: HttpRequest) -> Report:
        """What a callback says. Raises Forged, or ValueError when it cannot be read."""


def is_on() -> bool:
    """Whether this installation has a gateway."""
    return bool(settings.SMS_GATEWAY_URL)


def adapter() -> Adapter:
    return cast(Adapter, import_module(settings.SMS_ADAPTER))


def is_quiet(now: dt.datetime) -> bool:
    """Whether no text message may be sent at this hour."""
    time = timezone.localtime(now).time()
    return time >= EVENING or time < MORNING


def waking_time(at: dt.datetime) -> dt.datetime:
    """`at`, or the morning after it."""
    if not is_quiet(at):
        return at
    local = timezone.localtime(at)
    day = local.date() + dt.timedelta(days=local.time() >= EVENING)
    return dt.datetime.combine(day, MORNING, local.tzinfo)
