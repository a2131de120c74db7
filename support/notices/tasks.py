from celery import shared_task

from support.notices import delivery
from support.notices.models import Channel

SPAN = 15  # seconds for each channel; then the worker is free for other queues, and the next drain goes on


@shared_task(name="notices.drain")  # type: ignore[untyped-decorator]
def drain() -> None:
    """Send what is due. A channel that is stuck takes no time from the other."""
    for channel in Channel.values:
        delivery.drain(channel, seconds=SPAN)
