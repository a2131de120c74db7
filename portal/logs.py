"""How this installation logs: one line for each event, never a word about a person.

JSON in production, readable elsewhere. Users appear by id and hat, things by uuid. Of an exception the
log keeps its type and the places in our code: its message may quote what somebody typed, or a whole row.
"""

import sys
import traceback
from collections.abc import MutableMapping
from typing import Any

import structlog
from structlog.typing import ExcInfo

Event = MutableMapping[str, Any]
FRAMES = 12  # of a traceback, the innermost
# What packages add to their lines that may hold anything: messages of exceptions, what the browser says.
UNTOLD = ("error", "exception", "reason", "user_agent", "ip")
# Told less than the rest at every level, for they quote names, queries, or the text of papers.
PINNED = {
    "axes": "CRITICAL",  # user names and addresses; the record of logins has both (records.write)
    "celery.app.trace": "CRITICAL",  # arguments and messages; django_structlog tells the same without
    "celery.worker.strategy": "WARNING",
    "django.db": "INFO",  # statements with their values
    "django.request": "CRITICAL",  # raw paths; the request's own line has its route
    "django.security": "CRITICAL",
    "django.template": "INFO",  # the values that a template was given
    "fontTools": "WARNING",
    "PIL": "INFO",
    "pyhanko": "WARNING",
    "weasyprint": "CRITICAL",
}


def bare_exception(logger: Any, method: str, event: Event) -> Event:
    """Replace an exception by its type and places, and that of its cause."""
    found = event.pop("exc_info", None)
    if found is True:
        found = sys.exc_info()
    if isinstance(found, BaseException):
        found = (type(found), found, found.__traceback__)
    if found and found[1] is not None:
        event["exception"] = _types(found)
        event["where"] = _places(found)
    return event


def _types(found: ExcInfo) -> str:
    error: BaseException | None = found[1]
    names = []
    while error is not None:
        names.append(f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins."))
        error = error.__cause__ or error.__context__
    return " from ".join(names)


def _places(found: ExcInfo) -> list[str]:
    frames = traceback.extract_tb(found[2])[-FRAMES:]
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]


def untold(logger: Any, method: str, event: Event) -> Event:
    for name in UNTOLD:
        event.pop(name, None)
    return event


def configuration(*, as_json: bool, level: str) -> dict[str, Any]:
    """`LOGGING`, and structlog set up to go the same way.

    Readable lines show exceptions in full: a demonstration has nobody's data.
    """
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.processors.StackInfoRenderer(),
        untold,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    last: list[Any] = (
        [bare_exception, structlog.processors.JSONRenderer(ensure_ascii=False, default=str)]
        if as_json
        else [structlog.dev.ConsoleRenderer(colors=False)]
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": shared,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
            }
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {name: {"level": least} for name, least in PINNED.items()},
    }
