"""Tasks carry no facts: they say when to look. A look that fails does not keep the others from theirs."""

from celery import shared_task
from django.utils import timezone

from applications import drafts, effects, popularity, sweep


@shared_task(name="applications.sweep")
def sweep_deadlines() -> None:
    sweep.sweep(timezone.now())


@shared_task(name="applications.recompute")
def recompute_stale() -> None:
    sweep.recompute_stale(timezone.now())


@shared_task(name="applications.discard_drafts")
def discard_drafts() -> None:
    drafts.discard_expired(timezone.now())


@shared_task(name="applications.tell_effects")
def tell_effects() -> None:
    effects.tell(timezone.now())


@shared_task(name="applications.count_popularity")
def count_popularity() -> None:
    popularity.count(timezone.now())
