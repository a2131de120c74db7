import logging

from celery import shared_task
from django.utils import timezone

from support.records.sealer import seal_next

logger = logging.getLogger(__name__)


@shared_task(name="records.seal")  # type: ignore[untyped-decorator]
def seal() -> None:
    """Seal what is final. Each head goes to the log, so that one copy lies outside the database."""
    while block := seal_next(now=timezone.now()):
        logger.info("records: block %s sealed, %s events, head %s", block.pk, block.count, block.digest.hex())
