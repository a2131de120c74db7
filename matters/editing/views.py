"""What waits for an editor or reviewer of the catalogue, the hub of a draft, and how its guide would look."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.core.paginator import Paginator
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from matters import situations
from matters.changes.shown import outdated
from matters.checks import fits_schema, problems
from matters.editing import actions as editing
from matters.editing import places
from matters.editing.elements import SECTIONS
from matters.editing.sections import Section
from matters.guides import SOURCE
from matters.models import GuideDraft, GuideReview, GuideVersion, Matter
from matters.permissions import may_edit, may_publish, wrote
from matters.scripts import fold
from matters.views import article
from support.accounts.access import ActorRequest, audience
from support.places.models import Role
from support.records.actor import Actor

EDITORS = (Role.EDITOR, Role.REVIEWER)
PAGE = 20
State = GuideDraft.State
Rows = Any


def draft_of(request: ActorRequest, uuid: UUID) -> GuideDraft:
    """The draft, if the actor may see it; else 404."""
    rows = GuideDraft.objects.visible_to(request.actor).select_related(
        "matter__agency__region", "matter__directory", "updated_by", "based_on", "version"
    )
    return get_object_or_404(rows, uuid=uuid)


def may_change(actor: Actor, draft: GuideDraft) -> bool:
    return draft.state == State.EDITING and may_edit(actor, draft.matter)


def seen_of(request: ActorRequest) -> int:
    """The revision on which a form was filled in; 0, which no draft has, if it does not say."""
    given = request.POST.get("seen", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 0


# --- what waits ----------------------------------------------------------------------------------


def waiting(actor: Actor) -> Q:
    """Drafts that wait for the actor: to be edited, reviewed for a department, published."""
    asked = GuideReview.objects.filter(
        draft=OuterRef("pk"),
        round=OuterRef("round"),
        outcome=None,
        agency__in=actor.agencies_with(Role.REVIEWER),
    )
    mine = Q(state=State.EDITING, matter__agency__in=actor.agencies_with(Role.EDITOR))
    to_publish = Q(state=State.APPROVED, matter__agency__in=actor.agencies_with(Role.REVIEWER))
    others = ~Q(editors__contains=[actor.user_id])
    return mine | (others & (Q(Exists(asked), state=State.REVIEW) | to_publish))


@audience("officer", *EDITORS)
@require_safe
def home(request: ActorRequest) -> HttpResponse:
    """One list at a time, with exact counts: drafts by state, and the implementation lists of my agencies."""
    actor = request.actor
    drafts = GuideDraft.objects.visible_to(actor)
    shows: dict[str, tuple[Any, Q]] = {"waiting": (_("待我处理"), waiting(actor))}
    shows |= {state.value: (state.label, Q(state=state)) for state in GuideDraft.OPEN}
    counts = drafts.aggregate(**{name: Count("pk", filter=of) for name, (_label, of) in shows.items()})
    lists = Matter.objects.visible_to(actor).filter(agency__in=actor.agencies_with(*EDITORS))
    show = request.GET.get("show", "")
    show = show if show in (*shows, "lists") else "waiting" if counts["waiting"] else "lists"
    q = request.GET.get("q", "").strip()[:60].replace("\0", "") if show == "lists" else ""
    found = _lists(lists, q) if show == "lists" else _drafts(drafts.filter(shows[show][1]))
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    total = lists.count()
    for row in page.object_list if show != "lists" else []:
        row.asked = _asks(actor, row)
    tabs = [(name, label, counts[name]) for name, (label, _of) in shows.items()]
    context = {
        "show": show,
        "q": q,
        "tabs": [
            {"label": label, "count": n, "url": f"?show={name}", "current": name == show}
            for name, label, n in [*tabs, ("lists", _("实施清单"), total)]
        ],
        "rows": page.object_list,
        "page": page,
        "previous_url": _address(show, q, page.previous_page_number()) if page.has_previous() else "",
        "next_url": _address(show, q, page.next_page_number()) if page.has_next() else "",
        "now": timezone.now(),
        "behind": len(outdated(actor, timezone.now())),
        "may_claim": bool(actor.agencies_with(Role.EDITOR)),
        "edits": actor.agencies_with(Role.EDITOR),
    }
    return render(request, "catalogue/home.html", context)


def _address(show: str, q: str, page: int) -> str:
    asked = {"show": show, "q": q, "page": page}
    return "?" + urlencode({name: value for name, value in asked.items() if value})


def _drafts(rows: Rows) -> Rows:
    """The rows of a list of drafts, without their documents."""
    shown = rows.select_related("matter__agency", "matter__directory", "updated_by").defer("document")
    return shown.annotate(name=F("document__name__zh-hans")).order_by("-updated_at", "-pk")


def _lists(rows: Rows, q: str) -> Rows:
    """Implementation lists with the version in force and the open draft of each."""
    if q:
        folded = fold(q)
        rows = rows.filter(Q(directory__name_fold__contains=folded) | Q(task_code__startswith=q.upper()))
    now = timezone.now()
    versions = GuideVersion.objects.filter(Q(validity__contains=now) | Q(validity__startswith__gt=now))
    versions = versions.defer("document").annotate(name=F("document__name__zh-hans")).order_by("version")
    drafts = GuideDraft.objects.open().defer("document")
    return (
        rows.select_related("agency", "directory")
        .prefetch_related(
            Prefetch("versions", versions, to_attr="current"), Prefetch("drafts", drafts, to_attr="begun")
        )
        .order_by("directory__name_fold", "task_code")
    )


def _asks(actor: Actor, draft: GuideDraft) -> tuple[str, str]:
    """What the actor is asked to do with a draft, and where."""
    if draft.state == State.EDITING and may_edit(actor, draft.matter):
        return _("继续编辑"), reverse("catalogue:draft", args=[draft.uuid])
    if draft.state == State.REVIEW and not may_edit(actor, draft.matter) and not wrote(actor, draft):
        return _("审核"), reverse("catalogue:review", args=[draft.uuid])
    if draft.state == State.APPROVED and may_publish(actor, draft.matter) and not wrote(actor, draft):
        return _("发布"), reverse("catalogue:publish", args=[draft.uuid])
    return _("查看"), reverse("catalogue:draft", args=[draft.uuid])


# --- the hub -------------------------------------------------------------------------------------


@audience("officer", *EDITORS)
@require_safe
def hub(request: ActorRequest, uuid: UUID) -> HttpResponse:
    """A draft: how it stands, what is still wrong, its sections, what can be done now."""
    draft = draft_of(request, uuid)
    found = places.spread(editing.found(draft, now=timezone.now())) if draft.is_open else []
    tiles = [_tile(draft, section, found) for section in SECTIONS]
    form = _form_tile(draft, found)
    must = [tile for tile in tiles if tile["section"].must]
    context = {
        "draft": draft,
        "must": [*must, form] if form else must,
        "other": [tile for tile in tiles if not tile["section"].must],
        "problems": [
            (p.message, places.words_of(draft.document, p.path), places.address_of(draft, p.path))
            for p in found
        ],
        "reviews": draft.reviews.select_related("agency", "by").order_by("-round", "agency_id"),
        "asked": draft.state == State.REVIEW and _asked(request.actor, draft),
        "can_edit": may_change(request.actor, draft),
        "is_editor": may_edit(request.actor, draft.matter),
        "can_publish": draft.state == State.APPROVED
        and may_publish(request.actor, draft.matter)
        and not wrote(request.actor, draft),
        "more": _more(draft),
        "now": timezone.now(),
    }
    return render(request, "catalogue/draft.html", context)


def _asked(actor: Actor, draft: GuideDraft) -> bool:
    """Whether a department of the actor is still to say what it thinks."""
    agencies = actor.agencies_with(Role.REVIEWER)
    waits = draft.reviews.filter(round=draft.round, outcome=None, agency__in=agencies).exists()
    return waits and not wrote(actor, draft)


def _tile(draft: GuideDraft, section: Section, found: list[Any]) -> dict[str, Any]:
    words, tone = places.standing(draft, section, found)
    return {
        "section": section,
        "title": section.title,
        "icon": section.icon,
        "url": places.section_address(draft, section),
        "words": words,
        "tone": tone,
    }


def _form_tile(draft: GuideDraft, found: list[Any]) -> dict[str, Any] | None:
    url = places.form_address(draft)
    if not url:
        return None
    broken = sum(1 for problem in found if problem.path.startswith("form"))
    steps = (draft.document.get("form") or {}).get("steps")
    words, tone = places.in_words(broken, empty=not steps)
    return {"title": _("申请表"), "icon": "list", "url": url, "words": words, "tone": tone}


def _more(draft: GuideDraft) -> list[tuple[str, str]]:
    """Pages of other parts, where the installation has them."""
    named = (("catalogue:trials", _("自测")), ("catalogue:diff", _("与现行版本的差异")))
    found = []
    for name, label in named:
        try:
            found.append((label, reverse(name, args=[draft.uuid])))
        except NoReverseMatch:
            continue
    return found


# --- as the citizen would see it -----------------------------------------------------------------


def as_published(draft: GuideDraft) -> GuideVersion | None:
    """The version the draft would become, not kept anywhere; None while the schema does not hold."""
    whole = editing.whole(draft)
    if not fits_schema(whole):
        return None
    now = timezone.now()
    last = draft.matter.versions.order_by("-version").values_list("version", flat=True).first()
    return GuideVersion(
        matter=draft.matter,
        version=(last or 0) + 1,
        document=whole,
        validity=DateTimeTZRange(draft.starts_at or now, draft.ends_at),
        published_at=now,
    )


@audience("officer", *EDITORS)
@require_safe
def preview(request: ActorRequest, uuid: UUID) -> HttpResponse:
    """The guide as the citizen would see it; `phone`: in a window as wide as a telephone."""
    draft = draft_of(request, uuid)
    if "phone" in request.GET:
        return render(request, "catalogue/phone.html", {"draft": draft})
    version = as_published(draft)
    if version is None:
        found = places.spread(problems(editing.whole(draft)))
        rows = [
            (p.message, places.words_of(draft.document, p.path), places.address_of(draft, p.path))
            for p in found
        ]
        return render(request, "catalogue/no_preview.html", {"draft": draft, "problems": rows})
    return render(request, "catalogue/preview.html", shown(request, draft, version))


def shown(request: ActorRequest, draft: GuideDraft, version: GuideVersion) -> dict[str, Any]:
    """What the template of a guide needs to show a version that is not published."""
    asked = get_language() or SOURCE
    guide = version.guide_in(asked)
    choices = situations.understood(guide, request.GET.dict(), prefix=situations.PREFIX)
    return article(version, guide, choices) | {
        "draft": draft,
        "current": True,
        "rated": None,
        "foreign": guide.speaks != asked,
        "apply_url": "",
    }
