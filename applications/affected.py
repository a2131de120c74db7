"""Whom the change of a guide meets: running cases, which keep their version, and applications being filled in."""

import datetime as dt

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from applications.models import Application, Draft
from matters.compare.views import Affected
from matters.models import Matter


def affected(matter: Matter, now: dt.datetime) -> Affected:
    """Numbers only: who they are is none of the catalogue's business."""
    return Affected(
        cases=Application.objects.open().filter(matter=matter).count(),
        drafts=Draft.objects.live(now).filter(matter=matter).count(),
    )


def under_way(matter: Matter) -> list[tuple[str, str]]:
    """The same in words, for whoever publishes."""
    met = affected(matter, timezone.now())
    kept = ngettext("%(n)d 件，仍按原版本办理", "%(n)d 件，仍按原版本办理", met.cases)
    filled = ngettext("%(n)d 份，提交时按届时有效的版本", "%(n)d 份，提交时按届时有效的版本", met.drafts)
    return [
        (_("正在办理的办件"), kept % {"n": met.cases}),
        (_("正在填写的申请"), filled % {"n": met.drafts}),
    ]
