from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from support.accounts.hats import actor_for


class ActorMiddleware:
    """`request.actor`: who asks, under the hat chosen in the session. Built on first use."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = SimpleLazyObject(  # type: ignore[attr-defined]
            lambda: actor_for(request.user, request.session.get("hat", ""))
        )
        return self.get_response(request)
