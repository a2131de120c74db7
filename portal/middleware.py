"""How much a request may bring, and which answers nobody may keep."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from portal.errors import API, bare

Answer = Callable[[HttpRequest], HttpResponse]
OPEN_API = ("/api/v1/matters/", "/api/v1/terms/", "/api/schema/")


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
