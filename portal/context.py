from typing import Any

from django.conf import settings
from django.http import HttpRequest

from portal.navigation import places


def site(request: HttpRequest) -> dict[str, Any]:
    """What every page shows of the installation itself."""
    return {"site": settings.SITE, "demo_mode": settings.DEMO, "navigation": lambda: places(request)}
