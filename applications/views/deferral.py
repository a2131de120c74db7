"""Handing in deferred materials (容缺): by the applicant, or by a clerk for the applicant at the window."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from applications import actions
from applications.acts import Inputs
from applications.deferral import items as deferral
from applications.models import Application, DeferredFile, DeferredMaterial, case_target
from applications.pages import NotOpen
from applications.views.materials import size_words
from applications.workflow import StepRefused
from support.accounts.access import ActorRequest, audience
from support.calendars.terms import ONE_DAY
from support.documents.actions import UploadRefused, serve_upload
from support.places.models import Role
from support.records import actions as records

Errors = dict[str, list[str]]


@require_http_methods(["GET", "POST"])
@audience("applicant")
def hand_in(request: ActorRequest, uuid: Any) -> HttpResponse:
    """The applicant's page: every deferred material with its own last day and its own button."""
    return _page(request, _case(request, uuid), reverse("applications:case", args=[uuid]), at_window=False)


@require_http_methods(["GET", "POST"])
@audience("officer", Role.CLERK)
def desk_hand_in(request: ActorRequest, uuid: Any) -> HttpResponse:
    """The same at a window, where paper can be handed in too."""
    case = _case(request, uuid)
    get_object_or_404(Application, pk=case.pk, agency_id__in=request.actor.agencies_with(Role.CLERK))
    return _page(request, case, reverse("applications:desk_case", args=[uuid]), at_window=True)


@audience("member")
def file(request: ActorRequest, uuid: Any, pk: int) -> HttpResponse:
    """A page waiting to be handed in, to whoever may see the case; the read is recorded."""
    case = _case(request, uuid)
    held = get_object_or_404(DeferredFile.objects.select_related("upload"), item__case=case, pk=pk)
    records.write(
        "read.material", actor=request.actor, target=case_target(case), subject_id=case.party_id,
        agency_id=case.agency_id, details={"upload": str(held.upload.uuid)},
    )  # fmt: skip
    return serve_upload(held.upload)


def _case(request: ActorRequest, uuid: Any) -> Application:
    rows = Application.objects.visible_to(request.actor).filter(deferred_open__gt=0)
    return get_object_or_404(rows.select_related("guide", "agency", "matter", "party"), uuid=uuid)


def _items(case: Application) -> list[DeferredMaterial]:
    return [item for item in case.deferred.prefetch_related("files__upload") if item.is_open()]


def _page(request: ActorRequest, case: Application, back: str, *, at_window: bool) -> HttpResponse:
    errors: Errors = {}
    if request.method == "POST":
        try:
            errors = _keep(request, case, at_window)
            if not errors:
                sent = request.POST.get("submit", "")
                if sent:
                    _hand_in(request, case, sent)
                    messages.success(request, _("已提交，等待核对。"))
                    return redirect(back)
                messages.success(request, _("已保存。"))
                return redirect(request.get_full_path())
        except (NotOpen, StepRefused) as refusal:
            errors[""] = [str(refusal)]
        case = _case(request, case.uuid)
    records.write(
        "read.case", actor=request.actor, target=case_target(case), subject_id=case.party_id,
        agency_id=case.agency_id,
    )  # fmt: skip
    context = {
        "case": case, "guide": case.guide.said, "back_url": back, "at_window": at_window,
        "rows": [_row(case, item, errors) for item in _items(case)],
        "errors": [{"url": f"#slot-{k}" if k else "#main", "words": w} for k, ws in errors.items() for w in ws],
    }  # fmt: skip
    return render(request, "applications/deferred.html", context, status=422 if errors else 200)


def _keep(request: ActorRequest, case: Application, at_window: bool) -> Errors:
    """Keep whatever can be kept of one request; the errors of the files by material key."""
    errors: Errors = {}
    if gone := request.POST.get("delete", ""):
        deferral.detach(case, gone)
    for item in _items(case):
        for uploaded in request.FILES.getlist(f"file_{item.material_key}"):
            try:
                deferral.attach(case, item, uploaded, actor=request.actor, now=timezone.now())
            except UploadRefused as refusal:
                errors.setdefault(item.material_key, []).append(str(refusal))
        if at_window and case.guide.said.material(item.material_key).on_paper:
            deferral.take_sheets(case, item, f"sheets_{item.material_key}" in request.POST)
    return errors


def _hand_in(request: ActorRequest, case: Application, sent: str) -> None:
    seen, item = (_number(text) for text in (request.POST.get("seen", ""), sent))
    actions.take(
        "hand_in_deferred", case, actor=request.actor, seen=seen, at=timezone.now(),
        inputs=Inputs(more={"deferred": [item]}),
    )  # fmt: skip


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


def _row(case: Application, item: DeferredMaterial, errors: Errors) -> dict[str, Any]:
    material = case.guide.said.material(item.material_key)
    return {
        "item": item, "name": material.name, "help": material.words["standard"], "on_paper": material.on_paper,
        "slot": material.key, "error": _("；").join(errors.get(material.key, [])),
        "due_on": timezone.localdate(item.due_at) - ONE_DAY if item.due_at else None,
        "files": [
            {
                "name": each.upload.original_name, "uuid": each.upload.uuid, "words": size_words(each.upload.size),
                "url": reverse("applications:deferred_file", args=[case.uuid, each.pk]),
            }
            for each in item.files.all()
        ],
    }  # fmt: skip
