"""How much a request may bring, which answers nobody may keep, what is written down and measured of each."""

import logging
import re
import time
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django_structlog.middlewares import RequestMiddleware

from portal.errors import API, bare
from portal.metrics import REQUESTS

Answer = Callable[[HttpRequest], HttpResponse]
OPEN_API = ("/api/v1/matters/", "/api/v1/terms/", "/api/schema/")
# Asked every few seconds, under whatever address a container has.
INNER = ("/livez", "/readyz", "/metrics")
REQUEST_ID = re.compile(r"[0-9a-f-]{16,64}")
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


def answer_inner_addresses(get_response: Answer) -> Answer:
    """Health and metrics answer under any name; nothing they say depends on it."""
    public = urlsplit(settings.PORTAL_URL).netloc

    def answer(request: HttpRequest) -> HttpResponse:
        if request.path in INNER:
            request.META["HTTP_HOST"] = public
        return get_response(request)

    return answer


class RequestLog(RequestMiddleware):
    """One line and one measurement for each request: route, user and hat by id, status, time.

    A path may hold what somebody typed, so only its route and the uuids and numbers in it are kept. The
    request's id comes from our own proxy, goes back to the browser and along to the tasks.
    """

    def prepare(self, request: HttpRequest) -> None:
        given = request.headers.get("X-Request-ID", "") if settings.PROXIES else ""
        chosen = given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        structlog.contextvars.bind_contextvars(request_id=chosen)
        request.request_id, request.begun = chosen, time.perf_counter()  # type: ignore[attr-defined]

    def handle_response(self, request: HttpRequest, response: HttpResponse) -> None:
        seconds = time.perf_counter() - request.begun  # type: ignore[attr-defined]
        response.headers["X-Request-ID"] = request.request_id  # type: ignore[attr-defined]
        method = request.method if request.method in METHODS else "other"
        view = request.resolver_match.view_name if request.resolver_match else ""
        REQUESTS.labels(view, method, f"{response.status_code // 100}xx").observe(seconds)
        if request.path in INNER and response.status_code < 400:
            structlog.contextvars.clear_contextvars()
            return
        structlog.contextvars.bind_contextvars(ms=round(seconds * 1000, 1), **_things(request))
        super().handle_response(request, response)

    def _log_level_for_status_code(self, status_code: int) -> int:
        return logging.ERROR if status_code >= 500 else logging.INFO

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        return f"{request.method} {request.resolver_match.route if request.resolver_match else '?'}"

    @staticmethod
    def bind_user_id(request: HttpRequest) -> None:
        """Of who was asked for anyway; the log causes no query."""
        user = getattr(request, "_cached_user", None)
        if user is not None and user.pk is not None:
            structlog.contextvars.bind_contextvars(user_id=user.pk)
        hat = request.__dict__.get("hat")
        if isinstance(hat, SimpleLazyObject) and hasattr(hat._wrapped, "actor"):
            structlog.contextvars.bind_contextvars(hat=str(hat.actor.kind))


def _things(request: HttpRequest) -> dict[str, Any]:
    """The uuids and whole numbers that the route has found in the path."""
    found = request.resolver_match.kwargs if request.resolver_match else {}
    return {name: str(value) for name, value in found.items() if isinstance(value, uuid.UUID | int)}


def limit_bodies(get_response: Answer) -> Answer:
    """Refuses a body that is too large (413) or does not say how large it is (411), unread."""

    def answer(request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or ""
        if not length and request.headers.get("Transfer-Encoding"):
            return bare(request, 411, _("请求须注明内容长度（Content-Length）"))
        if length.isdecimal() and int(length[:20]) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1024**2
            return bare(request, 413, _("提交的内容过大，一次最多 %(most)d MB") % {"most": most})
        return get_response(request)

    return answer


def keep_api_private(get_response: Answer) -> Answer:
    """No cache keeps an answer of the API, save what anybody gets without saying who they are."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        is_open = request.path.startswith(OPEN_API) and "Authorization" not in request.headers
        if request.path.startswith(API) and not (is_open and request.method in ("GET", "HEAD")):
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    return answer
