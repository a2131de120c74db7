"""窗口收件: the officers' pages for filing on behalf of whoever stands at the counter."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from applications import clock, counter, delivery, drafts, interrupted, wizard
from applications.counter_forms import ApplicantForm
from applications.intake import intake_of
from applications.models import Application, Draft, case_target
from applications.permissions import is_own, took_in
from applications.views import apply, materials
from matters.models import GuideVersion
from support.accounts import window
from support.accounts.access import ActorRequest, audience
from support.documents.actions import serve_upload
from support.places.models import Role
from support.records import actions as records

LONGEST = 60


@audience("officer", Role.CLERK)
def home(request: ActorRequest) -> HttpResponse:
    """The matters that may be taken in, and what was begun at this window and not filed."""
    now = timezone.now()
    words = request.GET.get("q", "").strip()[:LONGEST]
    found = counter.offered(request.actor, now, words)
    rows = Draft.objects.visible_to(request.actor).live(now).select_related("guide", "party", "started_by")
    begun = list(rows.order_by("-updated_at")[: counter.SHOWN])
    for draft in begun:
        counter.at_window(draft)  # the applicant by the name of the document
    if begun:
        records.write(
            "read.drafts", actor=request.actor, target="applications.drafts",
            details={"drafts": [draft.pk for draft in begun]}, at=now,
        )  # fmt: skip
    context = {
        "words": words,
        "matters": found[: counter.SHOWN],
        "more": len(found) > counter.SHOWN,
        "drafts": [
            {
                "draft": draft,
                "page": wizard.first_open(wizard.pages(draft.guide.said, draft)),
                "days_left": (draft.expires_at - now).days,
            }
            for draft in begun
        ],
    }
    return render(request, "applications/intake.html", context)


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@audience("officer", Role.CLERK)
def applicant(request: ActorRequest, uuid: Any) -> HttpResponse:
    """Who applies, and who stands there; begins the draft, or goes on with the one begun at this window."""
    now = timezone.now()
    version = (
        GuideVersion.objects.open_at(now).filter(matter__uuid=uuid).select_related("matter__agency").first()
    )
    if version is None:
        return render(request, "applications/intake_closed.html", status=404)
    refusal = counter.objections(version, None, counter.AtWindow({}), request.actor)
    form = ApplicantForm(version.guide.audiences, request.POST if request.method == "POST" else None)
    if request.method == "POST" and not refusal and form.is_valid():
        try:
            draft = counter.start(version, form.visitor(), form.agent(), actor=request.actor, now=now)
            page = wizard.first_open(wizard.pages(version.said, draft))
            return redirect(draft.route, draft.uuid, page)
        except ValidationError as error:
            form.refuse(error)
    context = {"form": form, "guide": version.said, "matter": version.matter, "refusal": refusal.get("")}
    status = 403 if refusal else 422 if form.errors else 200
    return render(request, "applications/intake_applicant.html", context, status=status)


def _draft(request: ActorRequest, uuid: Any) -> Draft:
    """A draft of this window. An officer's own business is none of theirs, whoever began it."""
    rows = Draft.objects.visible_to(request.actor).live(timezone.now())
    draft = get_object_or_404(rows.select_related("guide", "matter__agency", "party"), uuid=uuid)
    if is_own(draft.party_id, request.actor):
        raise Http404
    counter.at_window(draft)  # the applicant by the name of the document
    return draft


@interrupted.keeps_typed
@audience("officer", Role.CLERK)
def draft_page(request: ActorRequest, uuid: Any, page: str) -> HttpResponse:
    """One page of the wizard at the window. A draft already filed leads to its confirmation."""
    filed = Application.objects.visible_to(request.actor).filter(key=str(uuid)).first()
    if filed:
        return redirect("applications:intake_done", filed.uuid)
    draft = _draft(request, uuid)
    verb = "draft.write" if request.method == "POST" else "read.draft"
    counter.note(verb, draft, actor=request.actor, now=timezone.now(), page=page)
    return apply.wizard_page(request, draft, page)


@require_POST
@audience("officer", Role.CLERK)
def slot(request: ActorRequest, uuid: Any, key: str) -> HttpResponse:
    draft = _draft(request, uuid)
    counter.note("draft.write", draft, actor=request.actor, now=timezone.now(), page=wizard.MATERIALS)
    return materials.fill_slot(request, draft, key)


@audience("officer", Role.CLERK)
def draft_file(request: ActorRequest, uuid: Any, pk: int) -> HttpResponse:
    draft = _draft(request, uuid)
    item = get_object_or_404(draft.materials.select_related("upload"), pk=pk)
    counter.note(
        "read.material", draft, actor=request.actor, now=timezone.now(), upload=str(item.upload.uuid)
    )
    return serve_upload(item.upload)


@require_http_methods(["GET", "POST"])
@audience("officer", Role.CLERK)
def discard(request: ActorRequest, uuid: Any) -> HttpResponse:
    draft = _draft(request, uuid)
    if request.method == "POST":
        counter.note("draft.discard", draft, actor=request.actor, now=timezone.now())
        drafts.discard(draft)
        messages.success(request, _("草稿和已上传的材料已经删除。"))
        return redirect("applications:intake")
    counter.note("read.draft", draft, actor=request.actor, now=timezone.now(), page="discard")
    return render(
        request,
        "components/confirm.html",
        {
            "title": _("删除窗口草稿"),
            "words": _("为%(name)s录入的“%(matter)s”和已上传的材料将被删除，不能恢复。")
            % {"name": draft.party.name, "matter": draft.guide.said.name},
            "action_label": _("删除草稿"),
            "back_url": reverse("applications:intake"),
            "danger": True,
        },
    )


@audience("officer", Role.CLERK)
def done(request: ActorRequest, uuid: Any) -> HttpResponse:
    """What is handed to the applicant at once: number, receipt, dates, and the code for an account."""
    rows = Application.objects.visible_to(request.actor).filter(channel=Application.Channel.COUNTER)
    case = get_object_or_404(rows.select_related("guide", "agency", "party", "intake"), uuid=uuid)
    now = timezone.now()
    records.write(
        "read.case", actor=request.actor, target=case_target(case), subject_id=case.party_id,
        agency_id=case.agency_id, at=now,
    )  # fmt: skip
    guide, intake = case.guide.said, intake_of(case)
    assert intake is not None
    may_open = not intake.agent_name and window.may_open(case.party)
    shows_code = (
        may_open and case.filed_by_id == request.actor.person and timezone.localdate(now) == case.receipt_day
    )
    if shows_code:
        records.write(
            "party.code", actor=request.actor, target=case_target(case), subject_id=case.party_id,
            agency_id=case.agency_id, at=now,
        )  # fmt: skip
    papers = delivery.papers_of(case)
    return render(
        request,
        "applications/intake_done.html",
        {
            "case": case,
            "guide": guide,
            "intake": intake,
            "papers": papers,
            "receipt": next((row.document for row in papers if row.document.kind == "receipt"), None),
            "silence_rule": clock.silence_rule(guide),
            "dates": clock.forecast(guide, received_on=case.receipt_day, region_code=case.region_code),
            "qr": apply.progress_qr(case),
            "opening_code": window.opening_code(case.party, now) if shows_code else "",
            "code_was_shown": may_open and not shows_code,
            "took_in": took_in(case, request.actor),
            "code_days": window.CODE_DAYS,
        },
    )
