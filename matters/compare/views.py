"""A draft against the version in force, in words; its warnings; whom the change would meet."""

import datetime as dt
from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import NoReverseMatch
from django.utils import timezone
from django.views.decorators.http import require_safe

from matters import checks
from matters.checks import Level, Problem
from matters.compare.differences import by_section, differences
from matters.editing.actions import whole
from matters.models import GuideDraft, GuideVersion, Matter
from support.accounts.access import ActorRequest, audience
from support.places.models import Role


class Affected(NamedTuple):
    """Of a matter: cases not yet closed, and applications that applicants are still filling in."""

    cases: int
    drafts: int


# Counts them for a matter; given with the address by an app above (portal.urls).
Count = Callable[[Matter, dt.datetime], Affected] | None


@audience("officer", Role.EDITOR, Role.REVIEWER)
@require_safe
def diff(request: ActorRequest, uuid: UUID, affected: Count = None) -> HttpResponse:
    """What publishing the draft would change, in one column."""
    drafts = GuideDraft.objects.visible_to(request.actor)
    draft = get_object_or_404(drafts.select_related("matter__agency__region", "matter__directory"), uuid=uuid)
    now = timezone.now()
    document = whole(draft)
    base = _base(draft, now)
    found = checks.findings(document)
    changes = differences(base.document, document) if base else []
    context = {
        "draft": draft,
        "base": base,
        "sections": by_section(changes),
        "total": len(changes),
        "heavier": sum(change.heavier for change in changes),
        "affected": affected(draft.matter, now) if affected and base else None,
        "errors": placed(draft, [each for each in found if each.level is Level.ERROR]),
        "warnings": placed(draft, [each for each in found if each.level is Level.WARNING]),
    }
    return render(request, "catalogue/compare_diff.html", context)


def _base(draft: GuideDraft, now: dt.datetime) -> GuideVersion | None:
    """The version in force, else (all still planned, or all ended) the last one."""
    versions = draft.matter.versions.exclude(made_from=draft)
    return versions.in_force(now).first() or versions.order_by("-version").first()


def placed(draft: GuideDraft, found: list[Problem]) -> list[tuple[Problem, str]]:
    """Each problem with the address of its field, empty where nobody edits it."""
    return [(problem, _address(draft, problem.path)) for problem in found]


def _address(draft: GuideDraft, path: str) -> str:
    try:
        from matters.editing.places import address_of
    except ImportError:
        return ""
    try:
        return str(address_of(draft, path))
    except NoReverseMatch:
        return ""
