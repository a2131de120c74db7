"""Every route declares its audience; tests/test_urls.py compares the declaration with behaviour."""

from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any, Literal
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from support.accounts.hats import Hat
from support.accounts.models import User
from support.records.actor import Actor


class ActorRequest(HttpRequest):
    """A request behind `ActorMiddleware`; `user` as it is for every audience but `public`."""

    hats: tuple[Hat, ...]
    hat: Hat
    actor: Actor
    user: User


Audience = Literal["public", "member", "applicant", "officer"]
View = Callable[..., HttpResponseBase]


def audience(who: Audience, *roles: str) -> Callable[[View], View]:
    """Declare and enforce who may call a view.

    public: anyone. member: anyone logged in. applicant: logged in under a citizen or company hat.
    officer: logged in under the officer hat, holding one of `roles` at some agency if any are named.
    What they see there is decided by `visible_to`.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if who != "public":
                if not request.user.is_authenticated:
                    return to_login(request)
                refuse_wrong_hat(request.actor, who, roles)  # type: ignore[attr-defined]
            return view(request, *args, **kwargs)

        guarded.audience = who  # type: ignore[attr-defined]
        guarded.roles = roles  # type: ignore[attr-defined]
        return guarded

    return decorate


def to_login(request: HttpRequest) -> HttpResponse:
    """To the login page and, from there, back; it says so when a session has run out.

    A swap by htmx is answered with a redirect of the whole page, to come back to that page.
    """
    back = request.get_full_path()
    if request.headers.get("HX-Request"):
        with suppress(ValueError):  # not an address
            current = urlsplit(request.headers.get("HX-Current-URL", ""))
            back = current._replace(scheme="", netloc="").geturl() or back
    query = {"next": back}
    if settings.SESSION_COOKIE_NAME in request.COOKIES:
        query["expired"] = "1"
    url = f"{reverse(settings.LOGIN_URL)}?{urlencode(query)}"
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Redirect": url})
    return redirect(url)


def refuse_wrong_hat(actor: Actor, who: Audience, roles: tuple[str, ...] = ()) -> None:
    """Raise PermissionDenied, in the user's words, when the actor does not belong to the audience."""
    if who == "applicant" and not actor.is_applicant:
        raise PermissionDenied(_("您正以工作人员身份登录。请先切换为个人或企业身份。"))
    if who == "officer" and not actor.is_officer:
        raise PermissionDenied(_("此页面仅供窗口和审批人员使用。"))
    if who == "officer" and roles and not actor.agencies_with(*roles):
        raise PermissionDenied(_("您的岗位没有此项权限。"))
