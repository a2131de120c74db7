"""What everybody may read of the directory: an entry with its history, and the log of its changes."""

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from matters.changes import shown
from matters.models import DirectoryChange, DirectoryEntry, GuideVersion
from matters.scripts import TRADITIONAL, traditional
from support.accounts.access import ActorRequest, audience

PER_PAGE = 20


@audience("public")
@require_safe
def entry(request: ActorRequest, uuid: UUID, rated: Any = None) -> HttpResponse:
    """One entry: its state now, its guides, what is planned, where it came from and what became of it."""
    now = timezone.now()
    DirectoryEntry.objects.project(now)
    found = get_object_or_404(DirectoryEntry.objects.visible_to(request.actor), uuid=uuid)
    guides = GuideVersion.objects.visible_to(request.actor).open_at(now).filter(matter__directory=found)
    state = DirectoryEntry.State(found.state)
    context = {
        "entry": found,
        "name": traditional(found.name) if get_language() == TRADITIONAL else found.name,
        "state": state.label,
        "tone": shown.TONES[state],
        "facts": shown.facts(found),
        "closed": shown.closed(found, now),
        "guides": guides.select_related("matter__agency").order_by("matter__agency__region_id", "pk"),
        "planned": shown.planned(found, now),
        "history": shown.history(found, now),
        "lineage": shown.lineage(found),
    }
    return render(request, "matters/entry.html", context)


@audience("public")
@require_safe
def log(request: ActorRequest, rated: Any = None) -> HttpResponse:
    """目录调整记录: every change that was decided, planned ones too, the latest first."""
    now = timezone.now()
    decided = DirectoryChange.objects.visible_to(request.actor).decided().select_related("agency")
    rows = decided.prefetch_related("concerned__entry", "made__entry").order_by("-in_force_from", "-pk")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [_row(change, now) for change in page],
        "previous_url": f"?page={page.previous_page_number()}" if page.has_previous() else "",
        "next_url": f"?page={page.next_page_number()}" if page.has_next() else "",
    }
    return render(request, "matters/directory_changes.html", context)


def _row(change: DirectoryChange, now: Any) -> dict[str, Any]:
    before = [row.entry for row in change.concerned.all()]
    made = {version.entry_id: version.entry for version in change.made.all()}
    after = [entry for pk, entry in made.items() if pk not in {each.pk for each in before}]
    renamed = change.proposed[0]["name"] if change.kind == DirectoryChange.Kind.CHANGE else ""
    return {
        "change": change,
        "before": before,
        "after": after,
        "renamed": renamed if before and renamed != before[0].name else "",
        "in_force": change.is_in_force(now),
    }
