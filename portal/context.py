from typing import Any

from django.conf import settings
from django.http import HttpRequest

from portal.navigation import places
from support.notices.actions import unread_count
from support.records.actor import VISITOR


def site(request: HttpRequest) -> dict[str, Any]:
    """What every page shows of the installation itself."""
    return {
        "site": settings.SITE,
        "demo_mode": settings.DEMO,
        "navigation": lambda: places(request),
        "unread": lambda: _unread(request),
    }


def _unread(request: HttpRequest) -> int:
    user_id = getattr(request, "actor", VISITOR).user_id
    return unread_count(user_id) if user_id else 0
