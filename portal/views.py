"""Home, search, and the choice of a region: the pages through which everybody finds what to do."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.cache import cache
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from evaluations.figures import headline
from matters import codes
from matters.actions import note_zero_hit
from matters.guides import SOURCE, say
from matters.models import GuideVersion, SearchEntry
from matters.search import Found, Overview, Wish, overview, search
from support.accounts.access import ActorRequest, audience
from support.places.models import Region

COUNTY = 4
YEAR = 365 * 24 * 3600
NEWEST = 6
OVERVIEW_SECONDS = 60
DEPARTMENTS = 12


@audience("public")
@require_safe
def home(request: ActorRequest) -> HttpResponse:
    """What most people come for: one search field, then the themes and departments that have guides."""
    offered = _offered(request)
    asked = request.GET.get("audience", "")
    audiences = [name for name in codes.AUDIENCES if offered.themes[name]]
    chosen = asked if asked in audiences else next(iter(audiences), "")
    themes = offered.themes.get(chosen, [])
    context = {
        "region": _current_region(request),
        "newest": [_card(entry) for entry in offered.newest],
        "tabs": [
            {"label": codes.AUDIENCES[name], "url": f"?audience={name}#themes", "current": name == chosen}
            for name in audiences
        ],
        "chosen": chosen,
        "themes": [(code, codes.THEMES[chosen].get(code, code), n) for code, n in themes],
        "agencies": offered.agencies[:DEPARTMENTS],
        "figures": headline(),
    }
    return render(request, "portal/home.html", context)


@audience("public")
@require_safe
def find(request: ActorRequest) -> HttpResponse:
    """The results of a search, or all guides; a search without result is counted, without who it was."""
    now = timezone.now()
    region = _current_region(request)
    wish = Wish.of(request.GET.dict(), region=region.code if region else "")
    found = search(wish, actor=request.actor, at=now)
    if wish.q and not found.total:
        note_zero_hit(wish.q, now=now)
    context = {
        "wish": wish,
        "region": region,
        "found": found,
        "hits": [_card(entry) for entry in found.entries],
        "suggestions": [_card(entry) for entry in found.suggestions],
        "theme": codes.THEMES[wish.audience][wish.theme] if wish.theme else "",
        "tabs": _audience_tabs(wish),
        "departments": _department_links(wish, found),
        "previous_url": _address(wish, page=found.page - 1) if found.page > 1 else "",
        "next_url": _address(wish, page=found.page + 1) if found.page < found.pages else "",
    }
    return render(request, "portal/search.html", context)


@audience("public")
@require_safe
def regions(request: ActorRequest) -> HttpResponse:
    """Choose the region whose guides come first; kept in a cookie, without a login."""
    rows = list(Region.objects.filter(level__lte=COUNTY).order_by("code"))
    chosen = request.GET.get("region", "")
    if chosen in {row.code for row in rows}:
        response = HttpResponseRedirect(reverse("portal:home"))
        response.set_cookie(
            settings.REGION_COOKIE, chosen, max_age=YEAR, samesite="Lax", httponly=True, secure=request.is_secure()
        )
        return response
    groups = [
        (upper, [row for row in rows if row.level == COUNTY and row.parent_id == upper.code])
        for upper in rows
        if upper.level < COUNTY
    ]
    return render(request, "portal/regions.html", {"region": _current_region(request), "groups": groups})


def _offered(request: ActorRequest) -> Overview:
    """The overview of the catalogue, counted afresh when a guide is published and at least every minute."""
    versions = GuideVersion.objects.visible_to(request.actor)
    latest = versions.order_by("-pk").values_list("uuid", flat=True).first()
    key = f"overview:{latest}"
    offered: Overview | None = cache.get(key)
    if offered is None:
        offered = overview(actor=request.actor, at=timezone.now(), newest=NEWEST)
        cache.set(key, offered, OVERVIEW_SECONDS)
    return offered


def _current_region(request: ActorRequest) -> Region | None:
    """The chosen region, else the installation's; None while no regions are loaded."""
    wanted = [request.COOKIES.get(settings.REGION_COOKIE, ""), str(settings.SITE["region"])]
    found = Region.objects.in_bulk([code for code in wanted if code.isascii() and code.isdigit()])
    return next((found[code] for code in wanted if code in found), None)


def _card(entry: SearchEntry) -> dict[str, Any]:
    """A guide as a list shows it."""
    card: dict[str, Any] = say(entry.card, get_language() or SOURCE)
    return card | {
        "entry": entry,
        "promised": codes.term(card["terms"]["promised"]) if card["terms"]["promised"] else "",
        "instant": card["project_type"] == codes.INSTANT,
        "visits": codes.VISITS[card["visits"]],
        "flags": [codes.FLAGS[flag] for flag in entry.flags],
        "apply_url": _apply_url(card["matter"]) if card["apply"] else "",
    }


def _apply_url(matter: str) -> str:
    try:
        return reverse("applications:apply", args=[matter])
    except NoReverseMatch:
        return ""


def _address(wish: Wish, **changed: Any) -> str:
    """The address of the search with some of the wish changed; a changed filter begins at page 1."""
    asked = {"q": wish.q, "audience": wish.audience, "theme": wish.theme, "agency": wish.agency, "page": 1}
    return "?" + urlencode({name: value for name, value in (asked | changed).items() if value})


def _audience_tabs(wish: Wish) -> list[dict[str, Any]]:
    names = {"": _("全部"), **codes.AUDIENCES}
    return [
        {
            "label": label,
            "url": _address(wish, audience=name, theme=""),
            "current": wish.audience == name,
        }
        for name, label in names.items()
    ]


def _department_links(wish: Wish, found: Found) -> list[dict[str, Any]]:
    """A link per department of the hits, if there are several; for the chosen one, how to let go of it."""
    if len(found.agencies) < 2 and not wish.agency:
        return []
    return [
        {
            "name": agency.name,
            "count": count,
            "chosen": wish.agency is not None,
            "url": _address(wish, agency=None if wish.agency else agency.uuid),
        }
        for agency, count in found.agencies
    ]
