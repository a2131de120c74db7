"""Every route declares its audience; tests/test_urls.py compares the declaration with behaviour."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Literal

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _

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
                    return redirect_to_login(request.get_full_path())
                refuse_wrong_hat(request.actor, who, roles)  # type: ignore[attr-defined]
            return view(request, *args, **kwargs)

        guarded.audience = who  # type: ignore[attr-defined]
        return guarded

    return decorate


def refuse_wrong_hat(actor: Any, who: Audience, roles: tuple[str, ...] = ()) -> None:
    """Raise PermissionDenied, in the user's words, when the actor does not belong to the audience."""
    if who == "applicant" and not actor.is_applicant:
        raise PermissionDenied(_("您正以工作人员身份登录。请先切换为个人或企业身份。"))
    if who == "officer" and not actor.is_officer:
        raise PermissionDenied(_("此页面仅供窗口和审批人员使用。"))
    if who == "officer" and roles and not actor.agencies_with(*roles):
        raise PermissionDenied(_("您的岗位没有此项权限。"))
