"""The materials page of a draft: one slot per material of the guide, many pages per slot."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from applications import drafts, wizard
from applications.models import Draft, DraftMaterial
from matters.guides import Guide, Material
from support.accounts.access import ActorRequest, audience
from support.documents.actions import UploadRefused, serve_upload

Errors = dict[str, list[str]]


def page(request: ActorRequest, draft: Draft, context: dict[str, Any]) -> HttpResponse:
    """POST stores files, deletes one, and goes on when nothing required is missing."""
    guide = draft.guide.said
    errors: Errors = {}
    if request.method == "POST":
        errors = _store(request, draft)
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
    shown = [m for m in guide.uploads_for(draft.situations) if context["question"] in ("", m.key)]
    context |= {
        "slots": [slot_context(draft, m, items, errors) for m in shown],
        "errors": [{"url": f"#slot-{key}", "words": word} for key, words in errors.items() for word in words],
    }
    return render(request, "applications/draft_materials.html", context, status=422 if errors else 200)


def _onward(request: ActorRequest, draft: Draft, action: str, context: dict[str, Any]) -> HttpResponse:
    if action == "exit":
        messages.success(request, _("草稿已保存，30 天内可以继续填写。"))
        return redirect("portal:my")
    return redirect(context["after_url"] if action == "continue" else request.get_full_path())


@require_POST
@audience("applicant")
def slot(request: ActorRequest, uuid: Any, key: str) -> HttpResponse:
    """Files chosen in one slot, stored at once; answers with the slot as it then stands."""
    rows = Draft.objects.visible_to(request.actor).live(timezone.now())
    draft = get_object_or_404(rows.select_related("guide"), uuid=uuid)
    material = next((m for m in draft.guide.said.uploads if m.key == key), None)
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
        "required": material.required,
        "help": material.words["standard"],
        "error": _("；").join(errors.get(material.key, [])),
        "upload_url": reverse("applications:draft_slot", args=[draft.uuid, material.key]),
        "files": [
            {
                "name": item.upload.original_name,
                "url": reverse("applications:draft_file", args=[draft.uuid, item.pk]),
                "uuid": item.upload.uuid,
                "words": _size(item.upload.size),
            }
            for item in items.get(material.key, [])
        ],
    }


def _size(size: int) -> str:
    return f"{size / 1024 / 1024:.1f} MB" if size >= 1024 * 1024 else f"{max(1, size // 1024)} KB"


def _store(request: ActorRequest, draft: Draft) -> Errors:
    """Store every file of the request under its slot; errors by material key."""
    errors: Errors = {}
    known = {m.key: m for m in draft.guide.said.uploads}
    for name in request.FILES:
        key = name.removeprefix("file_")
        for file in request.FILES.getlist(name):
            words = _store_one(request, draft, known.get(key), file)
            if words:
                errors.setdefault(key, []).append(words)
    return errors


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
    present = held(draft)
    return {
        m.key: [_("请上传“%(name)s”。") % {"name": m.name}]
        for m in guide.uploads_for(draft.situations)
        if m.required and m.key not in present
    }
