from collections.abc import Callable

from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.functional import SimpleLazyObject

from support.accounts.hats import hats_of, pick


class ActorMiddleware:
    """`request.actor`: who asks, under the hat chosen in the session. Built on first use.

    `request.hats` are all hats this user may wear, `request.hat` the one worn; one query for the three.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.hats = SimpleLazyObject(lambda: hats_of(request.user, timezone.localdate()))  # type: ignore[attr-defined]
        request.hat = SimpleLazyObject(lambda: pick(request.hats, request.session.get("hat", "")))  # type: ignore[attr-defined]
        request.actor = SimpleLazyObject(lambda: request.hat.actor)  # type: ignore[attr-defined]
        response = self.get_response(request)
        if not response.has_header("Cache-Control") and SESSION_KEY in request.session:
            add_never_cache_headers(response)  # shared machines: nothing personal after the log-out
        return response
