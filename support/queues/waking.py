"""Waking the worker of a queue. A task says only "drain"; the facts are in the rows."""

import logging
import time

from celery import current_app
from django.db import transaction

logger = logging.getLogger(__name__)

QUIET = 30.0  # seconds in which a process does not call again a broker that did not answer
_quiet_until = 0.0


def wake(task: str) -> None:
    """Ask for `task` once the caller's transaction has committed. Never raises.

    Without a broker the rows wait for the periodic drain; what the caller did is done all the same.
    """
    transaction.on_commit(lambda: _send(task))


def _send(task: str) -> None:
    global _quiet_until
    if time.monotonic() < _quiet_until:
        return
    try:
        current_app.send_task(task, ignore_result=True)
    except Exception as error:  # the transaction is committed: no failure here may reach its user
        _quiet_until = time.monotonic() + QUIET
        logger.warning("broker unreachable, %s waits for the periodic drain: %s", task, type(error).__name__)
