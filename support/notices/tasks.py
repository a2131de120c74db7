from celery import shared_task
from django.utils import timezone

from support.notices.delivery import send_next

BATCH = 500  # then the worker is free for other queues; the next drain goes on


@shared_task(name="notices.drain")  # type: ignore[untyped-decorator]
def drain() -> None:
    """Send what is due."""
    for _turn in range(BATCH):
        if not send_next(now=timezone.now()):
            break
