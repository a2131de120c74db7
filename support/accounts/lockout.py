"""What django-axes asks: the answer after too many wrong passwords, and whose they were."""

from contextlib import suppress
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _


def locked_out(request: HttpRequest, *args: object) -> HttpResponse:
    """The page, or for API clients the problem, after too many wrong passwords."""
    if request.path.startswith("/api/"):
        detail = _("密码错误次数过多，请 15 分钟后再试")
        return JsonResponse({"detail": detail}, status=429)
    return render(request, "accounts/locked.html", status=429)


def client_ip(request: HttpRequest) -> str:
    """The address seen by the outermost of our own proxies; what clients write before it counts nothing."""
    chain = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    if 0 < settings.PROXIES <= len(chain):
        with suppress(ValueError):
            return str(ip_address(chain[-settings.PROXIES]))
    return str(request.META.get("REMOTE_ADDR", ""))
