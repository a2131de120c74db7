"""Tasks carry no facts: they say when to look."""

from celery import shared_task
from django.utils import timezone

from matters.exchange import jobs
from matters.models import DirectoryEntry


@shared_task(name=jobs.DRAIN)  # type: ignore[untyped-decorator]
def drain_imports() -> None:
    while jobs.drain(timezone.now()):
        pass


@shared_task(name="matters.project")
def project() -> None:
    """Bring the rows of the directory up to the versions in force. Whatever depends on the instant asks those."""
    DirectoryEntry.objects.project(timezone.now())
