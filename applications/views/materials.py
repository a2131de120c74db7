"""The materials page of a draft: one slot per material of the guide, many pages per slot."""

import unicodedata
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from applications import counter, drafts, wizard
from applications.counter import Copies
from applications.models import Draft, DraftMaterial
from matters.guides import NO_CHOICES, Guide, Material
from support.accounts.access import ActorRequest, audience
from support.documents.actions import UploadRefused, serve_upload

Errors = dict[str, list[str]]


def page(request: ActorRequest, draft: Draft, context: dict[str, Any]) -> HttpResponse:
    """POST stores files, deletes one, and goes on when nothing required is missing."""
    guide = draft.guide.said
    errors: Errors = {}
    if request.method == "POST":
        errors = {**_store(request, draft), **_receive(request, draft), **_defer(request, draft, context["question"])}
        _delete(draft, request.POST.get("delete", ""))
        missing = _missing(draft, guide)
        here = {key: words for key, words in missing.items() if context["question"] in ("", key)}
        done = not errors and not missing
        drafts.save_step(draft, wizard.MATERIALS, {}, done=done, now=timezone.now())
        action = request.POST.get("action", "")
        if action == "continue":
            errors = {**here, **errors}
        if not errors:
            return _onward(request, draft, action, context)
    items = held(draft)
    shown = [m for m in wizard.asked_of(draft, guide) if context["question"] in ("", m.key)]
    context |= {
        "slots": _slots(draft, shown, items, errors, request.POST),
        "errors": [{"url": f"#slot-{key}", "words": word} for key, words in errors.items() for word in words],
    }
    return render(request, "applications/draft_materials.html", context, status=422 if errors else 200)


def leave(request: ActorRequest, draft: Draft) -> HttpResponse:
    """Away from the wizard; everything is kept."""
    messages.success(request, _("草稿已保存，30 天内可以继续填写。"))
    return redirect("portal:my" if draft.agency_id is None else "applications:intake")


def _onward(request: ActorRequest, draft: Draft, action: str, context: dict[str, Any]) -> HttpResponse:
    if action == "exit":
        return leave(request, draft)
    return redirect(context["after_url"] if action == "continue" else request.get_full_path())


def _slots(
    draft: Draft, shown: list[Material], items: dict[str, list[DraftMaterial]], errors: Errors, typed: Any
) -> list[dict[str, Any]]:
    sheets = counter.sheets_of(draft)
    slots = []
    for material in shown:
        slot = slot_context(draft, material, items, errors)
        if material.deferrable:
            slot |= {"days": material.deferrable_days, "deferred": material.key in draft.deferred}
        if draft.agency_id is not None:
            slot["as_file"] = material.as_file
            if material.on_paper:
                slot["paper"] = sheet_fields(material, sheets.get(material.key), typed)
        slots.append(slot)
    return slots


@require_POST
@audience("applicant")
def slot(request: ActorRequest, uuid: Any, key: str) -> HttpResponse:
    """Files chosen in one slot, stored at once; answers with the slot as it then stands."""
    rows = Draft.objects.visible_to(request.actor).live(timezone.now())
    return fill_slot(request, get_object_or_404(rows.select_related("guide"), uuid=uuid), key)


def fill_slot(request: ActorRequest, draft: Draft, key: str) -> HttpResponse:
    """The same for a draft that this actor may fill in."""
    material = _as_files(draft).get(key)
    if material is None:
        raise Http404
    errors = _store(request, draft)
    return render(request, "components/upload.html", slot_context(draft, material, held(draft), errors))


@audience("applicant")
def draft_file(request: ActorRequest, uuid: Any, pk: int) -> HttpResponse:
    draft = get_object_or_404(Draft.objects.visible_to(request.actor).live(timezone.now()), uuid=uuid)
    item = get_object_or_404(draft.materials.select_related("upload"), pk=pk)
    return serve_upload(item.upload)


def held(draft: Draft) -> dict[str, list[DraftMaterial]]:
    """What has been uploaded so far, by material key."""
    items: dict[str, list[DraftMaterial]] = {}
    for item in draft.materials.select_related("upload"):
        items.setdefault(item.material_key, []).append(item)
    return items


def slot_context(
    draft: Draft, material: Material, items: dict[str, list[DraftMaterial]], errors: Errors
) -> dict[str, Any]:
    """The inputs of components/upload.html for one material."""
    return {
        "slot": material.key,
        "title": material.name,
        "required": material.required or material.deferrable,
        "help": material.words["standard"],
        "error": _("；").join(errors.get(material.key, [])),
        "upload_url": reverse(f"{draft.route}_slot", args=[draft.uuid, material.key]),
        "files": [
            {
                "name": item.upload.original_name,
                "url": reverse(f"{draft.route}_file", args=[draft.uuid, item.pk]),
                "uuid": item.upload.uuid,
                "words": size_words(item.upload.size),
            }
            for item in items.get(material.key, [])
        ],
    }


def size_words(size: int) -> str:
    return f"{size / 1024 / 1024:.1f} MB" if size >= 1024 * 1024 else f"{max(1, size // 1024)} KB"


def _store(request: ActorRequest, draft: Draft) -> Errors:
    """Store every file of the request under its slot; errors by material key."""
    errors: Errors = {}
    known = _as_files(draft)
    for name in request.FILES:
        key = name.removeprefix("file_")
        for file in request.FILES.getlist(name):
            words = _store_one(request, draft, known.get(key), file)
            if words:
                errors.setdefault(key, []).append(words)
    return errors


def _as_files(draft: Draft) -> dict[str, Material]:
    """What is taken as a file in any situation; `drafts.attach` says what this one spares."""
    guide = draft.guide.said
    asked = wizard.asked_for(guide, NO_CHOICES, at_window=draft.agency_id is not None)
    return {material.key: material for material in asked if material.as_file}


def _store_one(request: ActorRequest, draft: Draft, material: Material | None, file: Any) -> str:
    if material is None:
        return _("办事指南没有要求这份材料。")
    try:
        drafts.attach(draft, material.key, file, actor=request.actor, now=timezone.now())
    except UploadRefused as refusal:
        return _("%(name)s：%(words)s") % {"name": material.name, "words": refusal}
    except Draft.DoesNotExist:
        return _("这份草稿已经提交或者删除。")
    return ""


def _delete(draft: Draft, upload_uuid: str) -> None:
    for item in draft.materials.select_related("upload"):
        if str(item.upload.uuid) == upload_uuid:
            drafts.detach(item)


def _missing(draft: Draft, guide: Guide) -> Errors:
    present = {*held(draft), *counter.sheets_of(draft)}
    return {
        m.key: [counter.ask_for(m, at_window=draft.agency_id is not None)]
        for m in wizard.asked_of(draft, guide)
        if (m.required or m.deferrable and m.key not in draft.deferred) and m.key not in present
    }


def _defer(request: ActorRequest, draft: Draft, question: str) -> Errors:
    """Keep which materials of this page are to be handed in later (容缺)."""
    shown = {m.key for m in wizard.asked_of(draft, draft.guide.said) if m.deferrable and question in ("", m.key)}
    if not shown:
        return {}
    try:
        drafts.save_deferred(draft, shown, {key for key in shown if f"defer_{key}" in request.POST})
    except Draft.DoesNotExist:
        return {"": [_("这份草稿已经提交或者删除。")]}
    return {}


# --- what a window receives on paper ------------------------------------------------------------------


def sheet_fields(material: Material, held_sheets: Copies | None, typed: Any) -> dict[str, Any]:
    """The inputs of applications/_sheets.html: what was typed, what is kept, else what the guide asks for."""
    asked = material.words["copies"]
    kept = {"original": held_sheets.original, "copy": held_sheets.copy} if held_sheets else asked
    return {
        "asked": asked,
        "ticked": f"paper_{material.key}" in typed if typed else held_sheets is not None,
        "original": typed.get(f"original_{material.key}", kept["original"]),
        "copy": typed.get(f"copy_{material.key}", kept["copy"]),
    }


def _receive(request: ActorRequest, draft: Draft) -> Errors:
    """Keep what a window ticked as received on paper; errors by material key, and what is wrong is not kept."""
    if draft.agency_id is None:
        return {}
    ticked = [name.removeprefix("paper_") for name in request.POST if name.startswith("paper_")]
    sheets = {key: Copies(*(_count(request, f"{n}_{key}") for n in ("original", "copy"))) for key in ticked}
    errors = counter.wrong_sheets(draft.guide.said, sheets, draft.situations)
    try:
        counter.keep_sheets(draft, {key: held for key, held in sheets.items() if key not in errors})
    except Draft.DoesNotExist:
        errors = {"": [_("这份草稿已经提交或者删除。")]}
    return errors


def _count(request: ActorRequest, name: str) -> int:
    """A number of sheets; what is none counts as nothing, and `wrong_sheets` says so."""
    typed = unicodedata.normalize("NFKC", request.POST.get(name, "")).strip()
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 5 else 0
