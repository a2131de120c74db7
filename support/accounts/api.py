"""What every API view of the portal shares: the declared audience and the actor behind a request."""

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from support.accounts.access import refuse_wrong_hat
from support.accounts.hats import actor_for
from support.records.actor import Actor


def api_actor(request: Request) -> Actor:
    """The actor of an API request; the hat comes from the X-Acting-As header, else the session."""
    hat = request.headers.get("X-Acting-As", "")
    if not hat and hasattr(request._request, "session"):
        hat = request._request.session.get("hat", "")
    if not hasattr(request, "_portal_actor"):
        request._portal_actor = actor_for(request.user, hat)  # type: ignore[attr-defined]
    return request._portal_actor  # type: ignore[attr-defined,no-any-return]


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
