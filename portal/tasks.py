"""Tasks carry no facts: they say when to look."""

from celery import shared_task
from django.utils import timezone

from portal import health


@shared_task(name="portal.heartbeat")
def heartbeat() -> None:
    health.beat(timezone.now())
