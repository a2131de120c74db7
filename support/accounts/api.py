"""What every API view of the portal shares: the declared audience and the actor behind a request."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils import timezone
from django.utils.translation import gettext as _
from knox.auth import TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.pagination import LimitOffsetPagination
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from support.accounts.access import refuse_wrong_hat
from support.accounts.hats import Hat, hats_of, pick
from support.records.actor import Actor


def api_hats(request: Request) -> tuple[Hat, tuple[Hat, ...]]:
    """The hat worn and all hats of an API request; asked for in X-Acting-As, else in the session.

    Raises PermissionDenied for an X-Acting-As that the user may not wear: who names a hat means it.
    """
    if not hasattr(request, "_portal_hats"):
        session = getattr(request._request, "session", {})
        named = request.headers.get("X-Acting-As", "")
        wanted = named or session.get("hat", "")
        hats = hats_of(request.user, timezone.localdate())
        if named and all(hat.value != named for hat in hats):
            raise PermissionDenied(_("您不能以该身份办事：授权可能已到期或已撤销"))
        request._portal_hats = (pick(hats, wanted), hats)  # type: ignore[attr-defined]
    return request._portal_hats  # type: ignore[attr-defined,no-any-return]


def api_actor(request: Request) -> Actor:
    """The actor of an API request; the hat comes from the X-Acting-As header, else the session."""
    return api_hats(request)[0].actor


class Token(TokenAuthentication):
    """The token of an API client; one that is not even text is no token."""

    def authenticate(self, request: Request) -> Any:
        try:
            return super().authenticate(request)
        except UnicodeDecodeError as error:
            raise AuthenticationFailed(_("认证令牌无效。")) from error


class AudiencePermission(BasePermission):
    """Refuses unless the view's `audience` attribute admits the actor. No attribute: nobody."""

    def has_permission(self, request: Request, view: Any) -> bool:
        who = getattr(view, "audience", None)
        if who == "public":
            return True
        if who is None or not request.user.is_authenticated:
            return False
        refuse_wrong_hat(api_actor(request), who, getattr(view, "roles", ()))
        return True


class Pages(LimitOffsetPagination):
    """Lists in pages of at most a hundred."""

    max_limit = 100
