"""Home, search, and the choice of a region: the pages through which everybody finds what to do."""

import datetime as dt
from typing import Any, NamedTuple

from django.conf import settings
from django.core.cache import cache
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from applications.models import Application
from certificates.throttle import admitted
from evaluations.figures import headline
from matters import codes, facets
from matters.actions import note_zero_hit
from matters.directory import unclaimed
from matters.guides import SOURCE, say
from matters.models import GuideVersion, SearchEntry
from matters.overview import newest, of_matters, offered, people_say
from matters.scripts import TRADITIONAL, traditional
from matters.search import Wish, search
from matters.suggest import suggest
from portal import visitors
from portal.filters import address, chosen, groups
from portal.icons import icon_of
from support.accounts.access import ActorRequest, audience
from support.places.models import Agency, Region
from support.records.actor import Actor

COUNTY = 4
YEAR = 365 * 24 * 3600
LISTED = 6  # guides, in what is most asked for or newest
HOT_DAYS = 90
OFFER_SECONDS = 60
WORDS, WORDS_EACH = 6, 2
DEPARTMENTS = 12
UNCLAIMED = 5
SUGGESTIONS_PER_WINDOW = 120


class Offer(NamedTuple):
    """What the home page shows besides counts: LISTED guides and WORDS words, kept together in the cache."""

    hot: list[tuple[SearchEntry, int]]
    newest: list[SearchEntry]
    words: list[str]


@audience("public")
@require_safe
def home(request: ActorRequest) -> HttpResponse:
    """What most people come for: one search field, then the themes and departments that have guides."""
    now = timezone.now()
    region = _current_region(request)
    counted = offered(actor=request.actor, at=now)
    offer = _offer(request.actor, now)
    asked = request.GET.get("audience", "")
    audiences = [name for name in codes.AUDIENCES if counted.of(name)]
    chosen_audience = asked if asked in audiences else next(iter(audiences), "")
    context = {
        "region": region,
        "words": offer.words,
        "entrances": _entrances(),
        "hot": [{**_card(entry), "cases": n} for entry, n in offer.hot],
        "hot_days": HOT_DAYS,
        "newest": [_card(entry) for entry in offer.newest],
        "tabs": [
            {"label": codes.AUDIENCES[name], "url": f"?audience={name}#themes", "current": name == chosen_audience}
            for name in audiences
        ],
        "chosen": chosen_audience,
        "themes": [
            {"code": code, "name": codes.THEMES[chosen_audience].get(code, code), "count": n,
             "icon": icon_of(chosen_audience, code)}
            for code, n in counted.of(chosen_audience)
        ],
        "departments": _departments(counted, region),
        "more_departments": max(0, len(counted.of("agency")) - DEPARTMENTS),
        "total": counted.total,
        "figures": headline(),
    }  # fmt: skip
    return render(request, "portal/home.html", context)


def _offer(actor: Actor, now: dt.datetime) -> Offer:
    """What is most applied for, or before there are cases what is newest, and what people call it."""
    latest = GuideVersion.objects.visible_to(actor).order_by("-pk").values_list("pk", flat=True).first()
    key = f"home:{latest}"
    offer: Offer | None = cache.get(key)
    if offer is None:
        since = now - dt.timedelta(days=HOT_DAYS)
        most = Application.objects.filed_since(since, 2 * LISTED)  # some may be closed by now
        entries = of_matters([matter for matter, _n in most], actor=actor, at=now) if most else {}
        hot = [(entries[matter], n) for matter, n in most if matter in entries][:LISTED]
        fresh = newest(actor=actor, at=now, most=LISTED)
        named = list({entry.pk: entry for entry in [*(entry for entry, _n in hot), *fresh]}.values())
        offer = Offer(hot, [] if hot else fresh, people_say(named, each=WORDS_EACH)[:WORDS])
        cache.set(key, offer, OFFER_SECONDS)
    return offer


def _departments(counted: facets.Facets, region: Region | None) -> list[tuple[Agency, int]]:
    """Those of the region first, then those above it, then by their number of guides."""
    counts = {int(key): n for key, n in counted.of("agency")}
    low, high = facets.subtree(region.code) if region else ("", "")
    over = facets.above(region.code) if region else []

    def place(row: tuple[int, str]) -> tuple[int, int, int]:
        key, code = row
        near = 0 if low <= code <= high else 1 if code in over else 2
        return near, -counts[key], key

    where = Agency.objects.filter(pk__in=counts).values_list("pk", "region_id")
    keys = [key for key, _code in sorted(where, key=place)[:DEPARTMENTS]]
    found = Agency.objects.select_related("region").in_bulk(keys)
    return [(found[key], counts[key]) for key in keys]


def _entrances() -> list[dict[str, str]]:
    """Short ways to what people come for most; only those that are there."""
    known = [
        ("file", _("查办件进度"), _("凭编号和后四位，不用登录"), "applications:progress"),
        ("clock", _("期限计算器"), _("哪天到期，跳过了哪些天"), "calendars:terms"),
        ("shield", _("证照核验"), _("扫码或上传文件辨真伪"), "certificates:verify"),
        ("list", _("事项目录"), _("全部政务服务事项"), "matters:directory"),
    ]
    found = [(icon, name, words, _url(view)) for icon, name, words, view in known]
    return [
        {"icon": icon, "name": name, "words": words, "url": url} for icon, name, words, url in found if url
    ]


@audience("public")
@require_safe
def find(request: ActorRequest) -> HttpResponse:
    """The results of a search, or all guides; a search without result is counted, without who it was."""
    now = timezone.now()
    key = visitors.key(request)
    if key and (page := visitors.kept(key, now)):
        return visitors.answer(request, page)
    region = _current_region(request)
    wish = Wish.of(request.GET.dict(), region=region.code if region else "")
    found = search(wish, actor=request.actor, at=now)
    if wish.q and wish.is_whole and found.total == found.near:
        note_zero_hit(wish.q, now=now)
    names, more = unclaimed(wish.q, first=UNCLAIMED, actor=request.actor, at=now) if wish.q else ([], 0)
    picked = chosen(wish)
    context = {
        "wish": wish,
        "unclaimed": {"names": [_in_script(name) for name in names], "total": more},
        "region": region,
        "found": found,
        "hits": [_card(entry) for entry in found.entries],
        "suggestions": [_card(entry) for entry in found.suggestions],
        "theme": codes.THEMES[wish.audience][wish.theme] if wish.theme else "",
        "chosen": picked,
        "unfiltered_url": address(Wish(q=wish.q)) if picked else "",
        "groups": groups(wish, found),
        "previous_url": address(wish, page=found.page - 1) if found.page > 1 else "",
        "next_url": address(wish, page=found.page + 1) if found.page < found.pages else "",
        "csrf_token": visitors.MARK,
    }
    page = render_to_string("portal/search.html", context, request)
    if key and found.total > found.near:  # a search in vain is counted each time
        visitors.keep(key, page, now)
    return visitors.answer(request, page)


@audience("public")
@require_safe
def suggestions(request: ActorRequest) -> HttpResponse:
    """What fits while somebody types, as options of a list; nothing of it is kept."""
    now = timezone.now()
    if not admitted(request, "suggest", SUGGESTIONS_PER_WINDOW, now):
        return HttpResponse(status=429)
    wish = Wish.of({"q": request.GET.get("q", ""), "region": request.COOKIES.get(settings.REGION_COOKIE, "")},
                   region=str(settings.SITE["region"]))  # fmt: skip
    words = suggest(
        wish.q, region=wish.region, language=get_language() or SOURCE, actor=request.actor, at=now
    )
    return render(request, "portal/_suggestions.html", {"words": words})


@audience("public")
@require_safe
def regions(request: ActorRequest) -> HttpResponse:
    """Choose the region whose guides come first; kept in a cookie, without a login. Leads back to `next`."""
    rows = list(Region.objects.filter(level__lte=COUNTY).order_by("code"))
    code, back = request.GET.get("region", ""), request.GET.get("next", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = ""
    if code in {row.code for row in rows}:
        response = HttpResponseRedirect(back or reverse("portal:home"))
        response.set_cookie(
            settings.REGION_COOKIE,
            code,
            max_age=YEAR,
            samesite="Lax",
            httponly=True,
            secure=request.is_secure(),
        )
        return response
    places = [
        (upper, [row for row in rows if row.level == COUNTY and row.parent_id == upper.code])
        for upper in rows
        if upper.level < COUNTY
    ]
    context = {"region": _current_region(request), "places": places, "back": back}
    return render(request, "portal/regions.html", context)


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
        "apply_url": _url("applications:apply", card["matter"]) if card["apply"] else "",
    }


def _in_script(name: str) -> str:
    return traditional(name) if get_language() == TRADITIONAL else name


def _url(view: str, *args: Any) -> str:
    try:
        return reverse(view, args=args)
    except NoReverseMatch:
        return ""
