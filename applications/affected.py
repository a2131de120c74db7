"""Whom the change of a guide meets: running cases, which keep their version, and applications being filled in."""

import datetime as dt

from applications.models import Application, Draft
from matters.compare.views import Affected
from matters.models import Matter


def affected(matter: Matter, now: dt.datetime) -> Affected:
    """Numbers only: who they are is none of the catalogue's business."""
    return Affected(
        cases=Application.objects.open().filter(matter=matter).count(),
        drafts=Draft.objects.live(now).filter(matter=matter).count(),
    )
