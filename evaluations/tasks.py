from celery import shared_task
from django.utils import timezone

from evaluations import actions, figures


@shared_task(name="evaluations.invite")  # type: ignore[untyped-decorator]
def invite() -> None:
    """Count newly finished cases, invite their parties, and fold the figures."""
    while actions.invite(now=timezone.now()):
        pass
    figures.fold()
