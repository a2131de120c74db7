"""The pages on which the sections of a draft are filled in, and the items of their lists."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from matters.checks import problems
from matters.editing import actions as editing
from matters.editing import inherited, keys, places, references
from matters.editing.actions import DraftRefused, StaleDraft
from matters.editing.elements import BY_KEY, SECTIONS
from matters.editing.forms import ElementsForm
from matters.editing.paths import Path, get, put, steps
from matters.editing.sections import Group, Section, Spot, spot
from matters.editing.views import EDITORS, draft_of, may_change, seen_of
from matters.models import GuideDraft
from support.accounts.access import ActorRequest, audience

Document = dict[str, Any]
MOVES = {"up": -1, "down": 1}


@audience("officer", *EDITORS)
@require_http_methods(["GET", "HEAD", "POST"])
def section(request: ActorRequest, uuid: UUID, key: str) -> HttpResponse:
    """One section: its elements, then its lists."""
    return _page(request, draft_of(request, uuid), _section(key), None)


@audience("officer", *EDITORS)
@require_http_methods(["GET", "HEAD", "POST"])
def item(request: ActorRequest, uuid: UUID, key: str, where: str) -> HttpResponse:
    """One item of a list: `results.0.contents.new` is a new one of the contents of the first result."""
    draft, part = draft_of(request, uuid), _section(key)
    found = spot(part, steps(where))
    if found is None or found.written != where:
        raise Http404
    parent = get(draft.document, found.path)
    if found.index is not None and get(draft.document, found.item) is None:
        raise Http404
    if len(found.path) > 2 and get(draft.document, found.path[: -len(found.group.steps)]) is None:
        raise Http404
    if found.index is None and found.group.most and len(parent or []) >= found.group.most:
        messages.error(request, _("最多 %(n)s 项。") % {"n": found.group.most})
        return redirect(_back(draft, part, found))
    return _page(request, draft, part, found)


def _section(key: str) -> Section:
    if key not in BY_KEY:
        raise Http404
    return BY_KEY[key]


def _page(request: ActorRequest, draft: GuideDraft, part: Section, where: Spot | None) -> HttpResponse:
    if request.method == "POST" and "do" in request.POST:
        return _list_step(request, draft, part, where)
    document, at = _with_item(draft, where)
    form = _form(draft, part, where, document, at, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return _saved(request, draft, part, where, form, document, at)
    return _shown(request, draft, part, where, form, status=422 if form.is_bound else 200)


def _with_item(draft: GuideDraft, where: Spot | None) -> tuple[Document, Path]:
    """The document with the new item in it, and where the elements of the page are."""
    document: Document = draft.document
    if where is None:
        return document, ()
    if where.index is not None:
        return document, where.item
    at = (*where.path, len(get(document, where.path) or []))
    if where.group.is_text:
        return document, at
    blank = {where.group.key: keys.fresh(draft, where.group)} if where.group.prefix else {}
    return put(document, at, blank), at


def _form(
    draft: GuideDraft, part: Section, where: Spot | None, document: Document, at: Path, data: Any
) -> ElementsForm:
    elements = where.group.elements if where else part.elements
    free = [element for element in elements if not inherited.is_locked(draft, element, where)]
    return ElementsForm(free, document, at, seen=draft.revision, data=data)


def _saved(
    request: ActorRequest,
    draft: GuideDraft,
    part: Section,
    where: Spot | None,
    form: ElementsForm,
    document: Document,
    at: Path,
) -> HttpResponse:
    written = inherited.with_statute(draft, form.applied(document))
    try:
        draft = editing.save(
            draft, written, seen=form.cleaned_data["seen"], actor=request.actor, now=timezone.now()
        )
    except StaleDraft as stale:
        return _stale(request, stale.draft, part, where, str(stale))
    except DraftRefused as refused:
        messages.error(request, str(refused))
        return redirect("catalogue:draft", draft.uuid)
    messages.success(request, _("已保存。"))
    here = where and Spot(where.group, where.path, at[-1] if isinstance(at[-1], int) else None)
    if here is None or (here.group.groups and where and where.index is None):
        return redirect(_here(draft, part, here))
    at_elements, others = places.at_page(_problems(draft), part, here)
    return redirect(_here(draft, part, here) if at_elements or others else _back(draft, part, here))


def _stale(
    request: ActorRequest, draft: GuideDraft, part: Section, where: Spot | None, words: str
) -> HttpResponse:
    """Who saved in between, what stands there now beside what was typed; pressed again, it is saved over that."""
    if where and where.index is not None and get(draft.document, where.item) is None:
        where = Spot(where.group, where.path, None)
    document, at = _with_item(draft, where)
    typed: QueryDict = request.POST.copy()
    typed["seen"] = str(draft.revision)
    form = _form(draft, part, where, document, at, typed)
    form.is_valid()
    mine = form.applied(document)
    differences = [
        (element.label, inherited.said(element, now, document), inherited.said(element, own, mine))
        for element in form.elements
        if (now := get(document, (*at, *element.steps))) != (own := get(mine, (*at, *element.steps)))
    ]
    return _shown(
        request, draft, part, where, form, status=409, stale={"words": words, "differences": differences}
    )


def _shown(
    request: ActorRequest,
    draft: GuideDraft,
    part: Section,
    where: Spot | None,
    form: ElementsForm,
    *,
    status: int,
    stale: dict[str, Any] | None = None,
) -> HttpResponse:
    fresh = where is not None and where.index is None
    quiet = fresh or form.is_bound or (where is None and places.is_empty(draft.document, part))
    everything = _problems(draft)
    form.problems, others = places.at_page([] if quiet else everything, part, where)
    before, after = places.neighbours(part)
    lists = () if fresh else where.group.groups if where else part.groups
    reference = get(draft.document, (*where.item, "library")) if where and not fresh else None
    context = {
        "draft": draft,
        "section": part,
        "where": where,
        "title": places.name_of(draft.document, where) if where else part.title,
        "form": form,
        "rows": form.rows(),
        "locked": [] if fresh else inherited.locked_rows(draft, part, where),
        "general": [
            (
                problem.message,
                places.words_of(draft.document, problem.path),
                places.address_of(draft, problem.path),
            )
            for problem in others
        ],
        "found": sum(map(len, form.problems.values())) + len(others),
        "lists": [_list(draft, part, group, where, others) for group in lists],
        "can_edit": may_change(request.actor, draft),
        "back": _back(draft, part, where) if where else "",
        "before": before and (before.title, places.section_address(draft, before)),
        "after": after and (after.title, places.section_address(draft, after)),
        "sections": [(each, *places.standing(draft, each, everything)) for each in SECTIONS],
        "stale": stale,
        "from_library": reference,
        "offer_library": part.key == "materials" and where is None,
    }
    return render(request, "catalogue/section.html", context, status=status)


def _problems(draft: GuideDraft) -> list[Any]:
    return places.spread(problems(editing.whole(draft)))


# --- lists ---------------------------------------------------------------------------------------


def _list(
    draft: GuideDraft, part: Section, group: Group, where: Spot | None, others: list[Any]
) -> dict[str, Any]:
    path = (*where.item, *group.steps) if where else group.steps
    items = get(draft.document, path) or []
    spots = [Spot(group, path, n) for n in range(len(items))]
    known = references.referred(draft) if group.path == "materials" else {}
    rows = [
        {
            "name": places.name_of(draft.document, each),
            "written": each.written,
            "url": places.item_address(draft, part, each.written),
            "facts": _facts(draft, each),
            "broken": sum(1 for p in others if steps(p.path)[: len(each.item)] == each.item),
            "kept": inherited.why_kept(draft, each),
            **_from_library(items[n], known),
        }
        for n, each in enumerate(spots)
    ]
    return {
        "group": group,
        "rows": rows,
        "problems": [p.message for p in others if steps(p.path) == path],
        "add": ""
        if group.most and len(items) >= group.most
        else places.item_address(draft, part, Spot(group, path, None).written),
    }


def _from_library(item: Any, known: dict[str, Any]) -> dict[str, Any]:
    """Whether an item is from the material library, and the definition there if it is a newer one."""
    reference = item.get("library") if isinstance(item, dict) else None
    if not reference:
        return {"shared": False}
    row = known.get(reference["uuid"])
    newer = row if row and row.revision > reference["revision"] else None
    return {"shared": True, "newer": newer, "key": item.get("key")}


def _facts(draft: GuideDraft, where: Spot) -> str:
    """What else the list tells of an item: its choices, on one line."""
    shown: list[str] = []
    for element in where.group.elements:
        value = get(draft.document, (*where.item, *element.steps))
        if element.kind in ("code", "term") and value and element.path != where.group.named:
            shown.append(inherited.said(element, value, draft.document))
    return " · ".join(shown[:3])


def _list_step(request: ActorRequest, draft: GuideDraft, part: Section, where: Spot | None) -> HttpResponse:
    """Up, down, remove: `do` names the step and the item, `up:materials.2`."""
    step, _colon, written = request.POST["do"].partition(":")
    found = spot(part, steps(written))
    if found is None or found.index is None or get(draft.document, found.item) is None:
        messages.error(request, _("这一项已经不在了。"))
        return redirect(_here(draft, part, where))
    if step == "remove" and (kept := inherited.why_kept(draft, found)):
        messages.error(request, kept)
    elif step == "remove" and "sure" not in request.POST:
        return _ask(request, draft, part, where, found)
    else:
        _stepped(request, draft, found, step)
    return redirect(f"{_here(draft, part, where)}#list-{found.group.path}")


def _ask(
    request: ActorRequest, draft: GuideDraft, part: Section, where: Spot | None, found: Spot
) -> HttpResponse:
    context = {
        "title": _("删除“%(name)s”？") % {"name": places.name_of(draft.document, found)},
        "words": _("只从这份草稿中删除，已公布的版本不变。"),
        "action_label": _("删除"),
        "danger": True,
        "back_url": _here(draft, part, where),
        "hidden": [
            ("do", request.POST["do"]),
            ("sure", "1"),
            ("seen", request.POST.get("seen", "")),
        ],
    }
    return render(request, "components/confirm.html", context)


def _stepped(request: ActorRequest, draft: GuideDraft, found: Spot, step: str) -> None:
    items = list(get(draft.document, found.path))
    assert found.index is not None
    taken = items.pop(found.index)
    if step in MOVES:
        items.insert(max(0, min(len(items), found.index + MOVES[step])), taken)
    elif step != "remove":
        return
    document = put(draft.document, found.path, items)
    try:
        editing.save(draft, document, seen=seen_of(request), actor=request.actor, now=timezone.now())
    except DraftRefused as refused:
        messages.error(request, str(refused))
        return
    messages.success(request, _("已删除。") if step == "remove" else _("已移动。"))


def _here(draft: GuideDraft, part: Section, where: Spot | None) -> str:
    if where is None:
        return places.section_address(draft, part)
    return places.item_address(draft, part, where.written)


def _back(draft: GuideDraft, part: Section, where: Spot | None) -> str:
    """The page on which the list of this item stands."""
    if where is None or len(where.path) == len(where.group.steps):
        return places.section_address(draft, part)
    outer = spot(part, where.path[: -len(where.group.steps)])
    return _here(draft, part, outer)
