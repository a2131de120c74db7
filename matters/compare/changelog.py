"""变更记录: what changed from version to version of a guide, for everyone to read."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import DateTimeField, OuterRef, Subquery
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from matters.compare.differences import Change, by_section, differences
from matters.guides import SOURCE
from matters.models import GuideVersion, Matter
from support.accounts.access import ActorRequest, audience

PER_PAGE = 10


@dataclass(frozen=True)
class Entry:
    """One version: when it began or will begin, why, and what it changed. `earlier`: the version before it."""

    version: GuideVersion
    earlier: GuideVersion | None
    planned: bool
    note: str
    changes: list[tuple[str, list[Change]]]


def entries(versions: list[GuideVersion], now: dt.datetime, language: str) -> list[Entry]:
    """Newest first, each compared with the one that follows in the list (numbers descending)."""
    pairs = zip(versions, [*versions[1:], None], strict=True)
    return [
        Entry(
            version=version,
            earlier=earlier,
            planned=version.validity.lower > now,
            note=_note(version),
            changes=by_section(differences(earlier.document, version.document, language)) if earlier else [],
        )
        for version, earlier in pairs
    ]


def _note(version: GuideVersion) -> str:
    draft = getattr(version, "made_from", None)
    return draft.note if draft else ""


def with_planned(versions: Any, now: dt.datetime) -> Any:
    """The rows with `planned` and `planned_from`: number and begin of the next version of the matter that is
    published but not yet in force (None: there is none)."""
    later = GuideVersion.objects.filter(matter=OuterRef("matter"), validity__startswith__gt=now).order_by(
        "version"
    )
    return versions.annotate(
        planned=Subquery(later.values("version")[:1]),
        planned_from=Subquery(later.values("validity__startswith")[:1], output_field=DateTimeField()),
    )


@audience("public")
@require_safe
def changes(request: ActorRequest, uuid: Any, rated: Any = None) -> HttpResponse:
    """The change log of a guide: published versions, planned ones first. `rated` is given to every page of the
    catalogue; this one shows no figures."""
    matter = (
        Matter.objects.visible_to(request.actor)
        .select_related("agency", "directory")
        .filter(uuid=uuid)
        .first()
    )
    if matter is None:
        raise Http404
    rows = GuideVersion.objects.visible_to(request.actor).filter(matter=matter).order_by("-version")
    page: Page[GuideVersion] = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    if not page.paginator.count:
        raise Http404
    start = page.start_index() - 1
    window = list(
        rows.select_related("made_from")[start : start + PER_PAGE + 1]
    )  # and the one before the last
    now, language = timezone.now(), get_language() or SOURCE
    shown = entries(window, now, language)[:PER_PAGE]
    context = {
        "matter": matter,
        "name": shown[0].version.guide_in(language).name,
        "entries": shown,
        "in_force": any(now in entry.version.validity for entry in shown) or page.number > 1,
        "previous_url": f"?page={page.previous_page_number()}" if page.has_previous() else "",
        "next_url": f"?page={page.next_page_number()}" if page.has_next() else "",
    }
    return render(request, "matters/changes.html", context)
