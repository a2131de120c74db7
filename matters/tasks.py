from celery import shared_task
from django.utils import timezone

from matters.exchange import jobs


@shared_task(name=jobs.DRAIN)  # type: ignore[untyped-decorator]
def drain_imports() -> None:
    while jobs.drain(timezone.now()):
        pass
