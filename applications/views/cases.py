"""The applicant's own cases."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from applications import actions, clock, delivery, effects, regimes, shown, wizard
from applications.desk import is_late
from applications.models import Application, CaseMaterial, State, case_target
from applications.papers import all_answers
from applications.workflow import APPLICANT, STEPS, StepRefused
from support.accounts.access import ActorRequest, audience
from support.documents.actions import serve_upload
from support.records import actions as records


def _case(request: ActorRequest, uuid: Any) -> Application:
    rows = Application.objects.visible_to(request.actor)
    return get_object_or_404(rows.select_related("guide", "agency", "matter", "party"), uuid=uuid)


@audience("applicant")
def case_list(request: ActorRequest) -> HttpResponse:
    rows = Application.objects.visible_to(request.actor).select_related("guide", "agency")
    page = Paginator(rows.order_by("-received_at", "-id"), 20).get_page(request.GET.get("page"))
    now = timezone.now()
    listed = [{"case": case, "standing": shown.standing(case, now)} for case in page]
    return render(request, "applications/case_list.html", {"page": page, "rows": listed})


@audience("applicant")
def case_page(request: ActorRequest, uuid: Any) -> HttpResponse:
    """Where the case stands, its dates and why, its papers, and what the applicant can do."""
    case = _case(request, uuid)
    now = timezone.now()
    records.write(
        "read.case", actor=request.actor, target=case_target(case), subject_id=case.party_id, at=now
    )
    guide = case.guide.said
    return render(
        request,
        "applications/case.html",
        {
            "case": case,
            "guide": guide,
            "facts": shown.facts(case, now),
            "standing": shown.standing(case, now),
            "deemed": clock.lapsed(case, now),
            "silence_rule": clock.silence_rule(guide),
            "is_decision": regimes.is_decision(guide),
            "remedy_days": delivery.remedy_days(case),
            "may_choose": delivery.may_still_choose(case),
            "clocks": shown.clocks(case, timezone.localdate(now)),
            "procedures": shown.procedures(case, timezone.localdate(now)),
            "dates": clock.forecast(guide, received_on=case.receipt_day, region_code=case.region_code),
            "timeline": shown.timeline(case, now),
            "papers": delivery.papers_of(case),
            "decision": getattr(case, "decision", None),
            "correction": shown.correction(case),
            **_to_answer(case),
            "deferral": shown.deferral(case, now),
            **_to_hand_in(case),
            "sections": wizard.review(guide, all_answers(case), masked=True, situations=case.situations),
            "materials": case.materials.select_related("upload"),
            "sheets": shown.handed_in(case),
            "steps": [s for s in actions.available(case, request.actor, now=now) if not s.at_window],
            "late": is_late(case, now),
            "relief": effects.relief(case, now),
            "rate_url": reverse("evaluations:rate", args=[case.uuid]) if case.closed_at else "",
        },
    )


def _to_answer(case: Application) -> dict[str, str]:
    if case.state != State.CORRECTING:
        return {}
    return {
        "answer_url": reverse("applications:correction", args=[case.uuid]), "answer_words": _("去补正")
    }  # fmt: skip


def _to_hand_in(case: Application) -> dict[str, str]:
    if case.state != State.IN_REVIEW or not case.deferred_open:
        return {}
    return {"defer_url": reverse("applications:deferred", args=[case.uuid]), "defer_words": _("去补交")}


@require_http_methods(["GET", "POST"])
@audience("applicant")
def case_step(request: ActorRequest, uuid: Any, name: str) -> HttpResponse:
    """A step of the applicant's own, after a page that says what it means."""
    case = _case(request, uuid)
    if name not in STEPS or STEPS[name].who != APPLICANT:
        raise Http404
    if STEPS[name].at_window:
        return redirect(f"applications:{'correction' if name == 'supplement' else 'deferred'}", case.uuid)
    refusal: StepRefused | None = None
    if request.method == "POST":
        try:
            actions.take(name, case, actor=request.actor, seen=_revision(request), at=timezone.now())
            messages.success(request, str(STEPS[name].label))
            return redirect("applications:case", case.uuid)
        except StepRefused as error:
            refusal = error
            case = _case(request, uuid)
    return render(
        request,
        "applications/case_step.html",
        {"case": case, "guide": case.guide.said, "step": STEPS[name], "refusal": refusal},
        status=409 if refusal else 200,
    )


def _revision(request: ActorRequest) -> int:
    seen = request.POST.get("seen", "")
    return int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else -1


@audience("member")
def case_file(request: ActorRequest, uuid: Any, pk: int) -> HttpResponse:
    """One page of a material, to whoever may see the case; the read is recorded."""
    case = _case(request, uuid)
    item = get_object_or_404(CaseMaterial.objects.select_related("upload"), case=case, pk=pk)
    records.write(
        "read.material",
        actor=request.actor,
        target=case_target(case),
        subject_id=case.party_id,
        agency_id=case.agency_id,
        details={"upload": str(item.upload.uuid), "material": item.material_key},
    )
    return serve_upload(item.upload)
