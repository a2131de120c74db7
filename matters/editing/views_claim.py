"""认领: an entry of the directory is chosen and becomes an implementation list with a draft; and 修订."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Case, Count, Q, Value, When
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from matters import codes
from matters.editing import actions as editing
from matters.editing.actions import DraftRefused
from matters.models import DirectoryEntry, Matter
from matters.scripts import fold
from support.accounts.access import ActorRequest, audience
from support.places.models import Agency, Role

PAGE = 20


@audience("officer", Role.EDITOR)
@require_http_methods(["GET", "HEAD", "POST"])
def claim(request: ActorRequest) -> HttpResponse:
    """Search the directory; what can be claimed has a button, of the others it is said why not."""
    given = request.POST if request.method == "POST" else request.GET
    agencies = Agency.objects.filter(pk__in=request.actor.agencies_with(Role.EDITOR)).order_by("pk")
    if not agencies:
        raise PermissionDenied
    agency = next((a for a in agencies if str(a.uuid) == given.get("agency")), agencies[0])
    if request.method == "POST":
        return _claimed(request, agency)
    q = given.get("q", "").strip()[:60].replace("\0", "")
    page = Paginator(_entries(request, agency, q), PAGE).get_page(given.get("page"))
    now = timezone.now()
    context = {
        "q": q,
        "agency": agency,
        "agencies": agencies if len(agencies) > 1 else [],
        "page": page,
        "rows": [
            {
                "entry": entry,
                "type": codes.TASK_TYPES.get(entry.task_type, entry.task_type),
                "levels": codes.listed(codes.USE_LEVELS, (entry.use_level or "").split("^"))
                if entry.use_level
                else "",
                "why_not": editing.why_not(entry, agency, now),
                "mine": entry.mine,
            }
            for entry in page.object_list
        ],
        "previous_url": _address(q, agency, page.previous_page_number()) if page.has_previous() else "",
        "next_url": _address(q, agency, page.next_page_number()) if page.has_next() else "",
    }
    return render(request, "catalogue/claim.html", context)


def _entries(request: ActorRequest, agency: Agency, q: str) -> Any:
    """Entries by name or code; what the agency can claim comes first, what it has not claimed before the rest."""
    rows = DirectoryEntry.objects.visible_to(request.actor)
    if q:
        found = Q(catalog_code=q.upper()) | Q(local_catalog_code=q.upper())
        rows = rows.filter(found | Q(name_fold__contains=fold(q)))
    open_to = Q(state=DirectoryEntry.State.IN_USE, use_level__contains=agency.level)
    can = Case(When(open_to & Q(catalog_code__isnull=False), then=Value(0)), default=Value(1))
    mine = Count("matters", filter=Q(matters__agency=agency))
    return rows.annotate(can=can, mine=mine).order_by("can", "mine", "name_fold", "pk")


def _address(q: str, agency: Agency, page: int) -> str:
    asked: dict[str, Any] = {"q": q, "agency": agency.uuid, "page": page}
    return "?" + urlencode({name: value for name, value in asked.items() if value})


def _claimed(request: ActorRequest, agency: Agency) -> HttpResponse:
    given = request.POST.get("entry", "")
    number = int(given) if given.isascii() and given.isdigit() and len(given) < 19 else 0
    entry = get_object_or_404(DirectoryEntry.objects.visible_to(request.actor), pk=number)
    try:
        draft = editing.claim(entry, agency, actor=request.actor, now=timezone.now())
    except DraftRefused as refused:
        messages.error(request, str(refused))
        return redirect("catalogue:claim")
    messages.success(request, _("已认领“%(name)s”，实施编码已编定。") % {"name": entry.name})
    return redirect("catalogue:draft", draft.uuid)


@audience("officer", Role.EDITOR)
@require_POST
def revise(request: ActorRequest, uuid: UUID) -> HttpResponse:
    """修订: to the open draft of a list, begun from its last version if there is none."""
    matter = get_object_or_404(Matter.objects.visible_to(request.actor), uuid=uuid)
    draft = editing.revise(matter, actor=request.actor, now=timezone.now())
    return redirect("catalogue:draft", draft.uuid)
