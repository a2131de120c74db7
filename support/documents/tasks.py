from celery import shared_task
from django.utils import timezone

from support.documents import actions

MOST_AT_ONCE = 50


@shared_task(name=actions.DRAIN)  # type: ignore[untyped-decorator]
def drain() -> None:
    """Make what is due, one document after the other, so that each lease starts when its work does."""
    for _turn in range(MOST_AT_ONCE):
        if not actions.drain(timezone.now(), limit=1):
            return
