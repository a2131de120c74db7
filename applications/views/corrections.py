"""Answering a correction notice: by the applicant, or by a clerk for the applicant at the window."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from applications import actions
from applications.corrections import answers
from applications.models import Application, CorrectionFile, CorrectionItem, case_target
from applications.papers import all_answers
from applications.views.materials import size_words
from applications.workflow import StepRefused
from matters.forms import StepForm
from support.accounts.access import ActorRequest, audience
from support.calendars.terms import ONE_DAY
from support.documents.actions import UploadRefused, serve_upload
from support.places.models import Role
from support.records import actions as records

Errors = dict[str, list[str]]


@require_http_methods(["GET", "POST"])
@audience("applicant")
def correction(request: ActorRequest, uuid: Any) -> HttpResponse:
    """The applicant's page: every item, what is answered already, and one button to hand in all."""
    return _page(request, _case(request, uuid), reverse("applications:case", args=[uuid]), at_window=False)


@require_http_methods(["GET", "POST"])
@audience("officer", Role.CLERK)
def desk_correction(request: ActorRequest, uuid: Any) -> HttpResponse:
    """The same at a window, where paper can be handed in too."""
    case = _case(request, uuid)
    get_object_or_404(Application, pk=case.pk, agency_id__in=request.actor.agencies_with(Role.CLERK))
    return _page(request, case, reverse("applications:desk_case", args=[uuid]), at_window=True)


@audience("member")
def file(request: ActorRequest, uuid: Any, pk: int) -> HttpResponse:
    """A page waiting to be handed in, to the applicant and the clerks; the read is recorded."""
    case = _case(request, uuid)
    held = get_object_or_404(CorrectionFile.objects.select_related("upload"), item__correction__case=case, pk=pk)
    records.write(
        "read.material", actor=request.actor, target=case_target(case), subject_id=case.party_id,
        agency_id=case.agency_id, details={"upload": str(held.upload.uuid)},
    )  # fmt: skip
    return serve_upload(held.upload)


def _case(request: ActorRequest, uuid: Any) -> Application:
    rows = Application.objects.visible_to(request.actor).filter(correction__isnull=False)
    return get_object_or_404(rows.select_related("guide", "agency", "matter", "party", "correction"), uuid=uuid)


def _page(request: ActorRequest, case: Application, back: str, *, at_window: bool) -> HttpResponse:
    items = list(case.correction.items.prefetch_related("files__upload"))
    errors: Errors = {}
    form = answers.form(case, items, request.POST if request.method == "POST" else None)
    if request.method == "POST":
        try:
            errors = _keep(request, case, items, form, at_window)
            done = request.POST.get("action") == "submit" and not errors and not form.errors
            if done and _handed_in(request, case):
                messages.success(request, _("补正已提交。"))
                return redirect(back)
            if not (errors or form.errors):
                messages.success(request, _("已保存。"))
                return redirect(request.get_full_path())
        except (answers.NotOpen, StepRefused) as refusal:
            errors[""] = [str(refusal)]
        case = _case(request, case.uuid)
        items = list(case.correction.items.prefetch_related("files__upload"))
    records.write(
        "read.case", actor=request.actor, target=case_target(case), subject_id=case.party_id,
        agency_id=case.agency_id,
    )  # fmt: skip
    context = {
        "case": case, "guide": case.guide.said, "back_url": back, "at_window": at_window, "form": form,
        "rows": _rows(case, items, form, errors), "due_on": _due_on(case),
        "errors": [{"url": f"#slot-{k}" if k else "#main", "words": w} for k, ws in errors.items() for w in ws],
    }  # fmt: skip
    status = 422 if errors or form.errors else 200
    return render(request, "applications/correction.html", context, status=status)


def _due_on(case: Application) -> Any:
    return timezone.localdate(case.correction_due_at) - ONE_DAY if case.correction_due_at else None


def _keep(
    request: ActorRequest, case: Application, items: list[CorrectionItem], form: StepForm, at_window: bool
) -> Errors:
    """Keep whatever can be kept of one request; the errors of the files by material key."""
    errors: Errors = {}
    form.is_valid()
    given, filed = form.to_json(), all_answers(case)
    handed_in = request.POST.get("action") == "submit"  # then what is left as it was is an answer too
    kept = {key: value for key, value in given.items() if handed_in or value != filed.get(key)}
    if form.definitions:
        answers.save(case, kept, emptied=[key for key in form.definitions if key not in kept])
    if gone := request.POST.get("delete", ""):
        answers.detach(case, gone)
    for item in items:
        if item.target == answers.FIELD:
            continue
        for uploaded in request.FILES.getlist(f"file_{item.key}"):
            try:
                answers.attach(case, item, uploaded, actor=request.actor, now=timezone.now())
            except UploadRefused as refusal:
                errors.setdefault(item.key, []).append(str(refusal))
        if at_window and case.guide.said.material(item.key).on_paper:
            answers.take_sheets(case, item, f"sheets_{item.key}" in request.POST)
    return errors


def _handed_in(request: ActorRequest, case: Application) -> bool:
    seen = request.POST.get("seen", "")
    revision = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else -1
    actions.take("supplement", case, actor=request.actor, seen=revision, at=timezone.now())
    return True


def _rows(
    case: Application, items: list[CorrectionItem], form: StepForm, errors: Errors
) -> list[dict[str, Any]]:
    """The items in the order of the notice, then the questions that an answer brings up."""
    guide = case.guide.said
    rows: list[dict[str, Any]] = []
    for item in items:
        if item.target == answers.FIELD:
            if item.key in form.fields:
                rows.append({"item": item, "field": form[item.key]})
            continue
        material = guide.material(item.key)
        slot = {
            "slot": material.key, "title": material.name, "help": material.words["standard"],
            "error": _("；").join(errors.get(material.key, [])),
            "files": [
                {
                    "name": each.upload.original_name, "uuid": each.upload.uuid, "words": size_words(each.upload.size),
                    "url": reverse("applications:correction_file", args=[case.uuid, each.pk]),
                }
                for each in item.files.all()
            ],
        }  # fmt: skip
        rows.append({"item": item, "slot": slot, "on_paper": material.on_paper})
    named = {item.key for item in items if item.target == answers.FIELD}
    rows += [{"field": form[key]} for key in form.fields if key not in named]
    return rows
