"""What a new version of a guide finds under way."""

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from applications.models import Application, Draft
from matters.models import Matter


def under_way(matter: Matter) -> list[tuple[str, str]]:
    """Running cases, which stay under their version, and applications being filled in: numbers alone, for whoever
    publishes; neither cases nor drafts are shown."""
    cases = Application.objects.filter(matter=matter).open().count()
    drafts = Draft.objects.filter(matter=matter).live(timezone.now()).count()
    return [
        (_("正在办理的办件"), ngettext("%(n)d 件，仍按原版本办理", "%(n)d 件，仍按原版本办理", cases) % {"n": cases}),
        (
            _("正在填写的申请"),
            ngettext("%(n)d 份，提交时按届时有效的版本", "%(n)d 份，提交时按届时有效的版本", drafts) % {"n": drafts},
        ),
    ]
