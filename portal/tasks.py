"""Tasks carry no facts: they say when to look."""

from celery import shared_task
from django.core.management import call_command
from django.utils import timezone
from knox.models import AuthToken

from matters import catalogue
from matters.exchange import jobs
from portal import health


@shared_task(name="portal.heartbeat")
def heartbeat() -> None:
    health.beat(timezone.now())


@shared_task(name="portal.tidy")
def tidy() -> None:
    """Remove sessions and tokens that have expired, and workbooks that nobody took over."""
    call_command("clearsessions")
    AuthToken.objects.filter(expiry__lte=timezone.now()).delete()
    jobs.tidy(timezone.now())


@shared_task(name="portal.forget_changes")
def forget_changes() -> None:
    catalogue.forget(timezone.now())
