"""Tasks carry no facts: they say when to look."""

from celery import shared_task
from django.utils import timezone

from applications import drafts, sweep


@shared_task(name="applications.sweep")
def sweep_deadlines() -> None:
    now = timezone.now()
    sweep.recompute_stale(now)
    sweep.sweep(now)
    sweep.close_issued(now)


@shared_task(name="applications.discard_drafts")
def discard_drafts() -> None:
    drafts.discard_expired(timezone.now())
