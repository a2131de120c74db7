"""A modest limit for what anybody may ask without logging in. Counts live in the cache and may be lost."""

import datetime as dt

from axes.helpers import get_client_ip_address
from django.core.cache import cache
from django.http import HttpRequest

from support.accounts.attempts import network

WINDOW = 60  # seconds
CHECKS_PER_WINDOW = 60
FILES_PER_WINDOW = 20


def admitted(request: HttpRequest, what: str, limit: int, now: dt.datetime) -> bool:
    """Count this request; False once an address has made more than `limit` within the minute."""
    minute = int(now.timestamp()) // WINDOW
    address = network(get_client_ip_address(request) or "")
    key = f"throttle:{what}:{address}:{minute}"
    if cache.add(key, 1, 2 * WINDOW):
        return True
    try:
        count = cache.incr(key)
    except ValueError:  # evicted between the two calls
        return True
    return count is None or count <= limit  # None: the cache does not answer (settings.CACHES)
