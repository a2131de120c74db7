"""Answers to requests without a view, or that broke: JSON under /api/, elsewhere a page.

The pages for 400, 413 and 500 do without the usual frame: no session, no query, no user.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views import defaults

API = "/api/"


def bare(request: HttpRequest, status: int, words: str) -> HttpResponse:
    """The bare page of a status, or `{"detail": words}`."""
    if request.path.startswith(API):
        return JsonResponse({"detail": words}, status=status)
    return HttpResponse(render_to_string(f"{status}.html", {"site": settings.SITE}), status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return bare(request, 400, _("无法识别这个请求"))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path.startswith(API):
        return bare(request, 404, _("没有这个接口地址"))
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    return bare(request, 500, _("系统暂时出了问题，请稍后再试"))
