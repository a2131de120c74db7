import time

from celery import shared_task
from django.utils import timezone

from support.notices.delivery import send_next

SPAN = 30  # seconds; then the worker is free for other queues, and the next drain goes on


@shared_task(name="notices.drain")  # type: ignore[untyped-decorator]
def drain() -> None:
    """Send what is due."""
    end = time.monotonic() + SPAN
    while time.monotonic() < end and send_next(now=timezone.now()):
        pass
