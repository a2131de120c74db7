"""The pages of the material library, and choosing from it."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from matters.editing import library as verbs
from matters.editing import places
from matters.editing.actions import DraftRefused
from matters.editing.elements import BY_KEY
from matters.editing.forms import ElementsForm
from matters.editing.references import SHARED
from matters.editing.views import EDITORS, draft_of, may_change, seen_of
from matters.models import GuideDraft, LibraryMaterial
from matters.scripts import fold
from support.accounts.access import ActorRequest, audience
from support.places.models import Agency, Role

PAGE = 20


class KeptForm(forms.Form):
    """Whose definition it is, and who may use it."""

    shared = forms.BooleanField(label=gettext_lazy("本地区及以下各机关共用"), required=False)
    active = forms.BooleanField(label=gettext_lazy("可以选用"), required=False)


def _page(request: ActorRequest, rows: Any) -> dict[str, Any]:
    q = request.GET.get("q", "").strip()[:60].replace("\0", "")
    if q:
        rows = rows.filter(name_fold__contains=fold(q))
    listed = rows.select_related("agency").defer("elements").order_by("name_fold", "pk")
    page = Paginator(listed, PAGE).get_page(request.GET.get("page"))

    def address(number: int) -> str:
        return "?" + urlencode({"q": q, "page": number})

    return {
        "q": q,
        "page": page,
        "rows": page.object_list,
        "previous_url": address(page.previous_page_number()) if page.has_previous() else "",
        "next_url": address(page.next_page_number()) if page.has_next() else "",
    }


@audience("officer", *EDITORS)
@require_safe
def library(request: ActorRequest) -> HttpResponse:
    """The definitions of my agencies, and those shared with them."""
    context = _page(request, LibraryMaterial.objects.visible_to(request.actor))
    context["edits"] = request.actor.agencies_with(Role.EDITOR)
    return render(request, "catalogue/library.html", context)


@audience("officer", *EDITORS)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: ActorRequest, uuid: UUID | None = None) -> HttpResponse:
    """One definition; read only for those whose agency does not keep it."""
    visible = LibraryMaterial.objects.visible_to(request.actor).select_related("agency", "updated_by")
    row = get_object_or_404(visible, uuid=uuid) if uuid else None
    edits = request.actor.agencies_with(Role.EDITOR)
    agency = row.agency if row else Agency.objects.filter(pk__in=edits).order_by("pk").first()
    can_edit = agency is not None and agency.pk in edits
    if agency is None or (request.method == "POST" and not can_edit):
        raise PermissionDenied(_("您不是该机关的事项编辑。"))
    data = request.POST if request.method == "POST" else None
    seen = row.revision if row else 1
    form = ElementsForm(SHARED, row.elements if row else {}, (), seen=seen, data=data)
    kept = KeptForm(data, initial={"shared": bool(row and row.shared), "active": not row or row.is_active})
    refused = ""
    if data and form.is_valid() and kept.is_valid():
        try:
            row = verbs.keep(
                row,
                form.applied({}),
                agency=agency,
                shared=kept.cleaned_data["shared"],
                active=kept.cleaned_data["active"] or row is None,
                seen=form.cleaned_data["seen"],
                actor=request.actor,
                now=timezone.now(),
            )
        except DraftRefused as problem:
            refused = str(problem)
        else:
            messages.success(request, _("已保存为第 %(n)s 版。") % {"n": row.revision})
            return redirect("catalogue:library_item", row.uuid)
    context = {
        "row": row,
        "agency": agency,
        "form": form,
        "kept": kept,
        "rows": form.rows(),
        "refused": refused,
        "can_edit": can_edit,
        "drafts": _drafts(request, row) if row else [],
        "seen": seen,
    }
    return render(
        request, "catalogue/library_item.html", context, status=422 if refused or form.errors else 200
    )


def _drafts(request: ActorRequest, row: LibraryMaterial) -> list[GuideDraft]:
    """The open drafts I see that use it."""
    using = GuideDraft.objects.visible_to(request.actor).open()
    using = using.filter(document__materials__contains=[{"library": {"uuid": str(row.uuid)}}])
    return list(using.select_related("matter__directory")[:PAGE])


@audience("officer", *EDITORS)
@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: ActorRequest, uuid: UUID) -> HttpResponse:
    """从材料库选用; `renew` and `detach` name a material of the draft that has its definition from there."""
    draft = draft_of(request, uuid)
    if not may_change(request.actor, draft):
        raise PermissionDenied(_("现在不能修改这份草稿。"))
    offered = LibraryMaterial.objects.visible_to(request.actor)
    if request.method == "POST":
        return _used(request, draft, offered)
    context = _page(request, offered.offered()) | {
        "draft": draft,
        "back": places.section_address(draft, BY_KEY["materials"]),
    }
    return render(request, "catalogue/library_choose.html", context)


def _used(request: ActorRequest, draft: GuideDraft, offered: Any) -> HttpResponse:
    given = request.POST
    common: dict[str, Any] = {"seen": seen_of(request), "actor": request.actor, "now": timezone.now()}
    section = BY_KEY["materials"]
    at = places.section_address(draft, section)
    try:
        if "detach" in given:
            verbs.detach(draft, given["detach"], **common)
            messages.success(request, _("这份材料现在是本指南自有的，可以修改。"))
            return redirect(at)
        row = get_object_or_404(offered, uuid=_uuid(given.get("material", "")))
        if "renew" in given:
            verbs.renew(draft, given["renew"], row, **common)
            messages.success(request, _("已换成材料库的最新内容。"))
            return redirect(at)
        saved = verbs.choose(draft, row, **common)
    except DraftRefused as refused:
        messages.error(request, str(refused))
        return redirect(at)
    messages.success(request, _("已选用。请补填份数、必要性和收取方式。"))
    return redirect(places.item_address(draft, section, f"materials.{len(saved.document['materials']) - 1}"))


def _uuid(given: str) -> UUID:
    try:
        return UUID(given)
    except ValueError:
        return UUID(int=0)
