"""Pages that are the same for every visitor: kept for a minute, and never longer than the catalogue is the same.

Only for who has no session. What differs between two visitors, the token against forged requests, is put in
when the page is handed out. The key holds all else that a page depends on.
"""

import datetime as dt
import hashlib
import zlib

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.utils.crypto import salted_hmac
from django.utils.translation import get_language

from matters import catalogue

SECONDS = 60
MARK = salted_hmac("portal.visitors", "where the token goes").hexdigest()
_COOKIES = (settings.REGION_COOKIE, "mode", "contrast")
_OWN = (settings.SESSION_COOKIE_NAME, "messages")


def key(request: HttpRequest) -> str | None:
    """Under which the page asked for is kept; None if it is made for somebody in particular."""
    if request.method != "GET" or any(name in request.COOKIES for name in _OWN):
        return None
    chosen = [request.COOKIES.get(name, "") for name in _COOKIES]
    told = repr((request.get_full_path(), get_language(), chosen, request.headers.get("HX-Request")))
    return f"page:{catalogue.version()}:{hashlib.sha256(told.encode(errors='surrogatepass')).hexdigest()}"


def kept(key: str, now: dt.datetime) -> str | None:
    found: tuple[dt.datetime | None, bytes] | None = cache.get(key)
    if found is None or (found[0] is not None and found[0] <= now):
        return None
    return zlib.decompress(found[1]).decode()


def keep(key: str, page: str, now: dt.datetime) -> None:
    """Keep a page made with `MARK` as its token."""
    cache.set(key, (catalogue.next_change(now), zlib.compress(page.encode(), 1)), SECONDS)


def answer(request: HttpRequest, page: str) -> HttpResponse:
    return HttpResponse(page.replace(MARK, get_token(request)))
