"""长辈版, high contrast and the language: three cookies; the root element of every page carries what they say.

Without JavaScript and without a login; `国办发〔2020〕45号` asks for a version for the elderly that
covers every step of a transaction.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from support.accounts.access import audience
from support.accounts.actions import speak

COOKIES = {"mode": "elder", "contrast": "high"}
YEAR = 365 * 24 * 3600


@audience("public")
@require_http_methods(["GET", "POST"])
def mode(request: HttpRequest) -> HttpResponse:
    """Show the display settings; a POST keeps the chosen ones and returns to the page it came from."""
    if request.method == "GET":
        return render(request, "portal/modes.html")
    response = HttpResponseRedirect(_back(request))
    for name, special in COOKIES.items():
        chosen = request.POST.get(name)
        if chosen == special:
            _keep(request, response, name, special)
        elif chosen is not None:
            response.delete_cookie(name, samesite="Lax")
    language = request.POST.get("language", "")
    if language in dict(settings.LANGUAGES):
        _keep(request, response, settings.LANGUAGE_COOKIE_NAME, language)
        if request.user.is_authenticated:
            speak(request.user, language)
    return response


def _keep(request: HttpRequest, response: HttpResponse, name: str, value: str) -> None:
    response.set_cookie(name, value, max_age=YEAR, samesite="Lax", httponly=True, secure=request.is_secure())


def _back(request: HttpRequest) -> str:
    target = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        return target
    return reverse("portal:mode")
