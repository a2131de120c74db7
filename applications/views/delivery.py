"""How papers come: the applicant's choice, and the officer's record of service."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from applications import delivery
from applications.forms import DeliveryForm, HandoverForm
from applications.models import Application, Manner, Service, case_target
from support.accounts.access import ActorRequest, audience
from support.records import actions as records


def _case(request: ActorRequest, uuid: Any) -> Application:
    rows = Application.objects.visible_to(request.actor)
    return get_object_or_404(rows.select_related("guide", "agency", "party"), uuid=uuid)


@require_http_methods(["GET", "POST"])
@audience("applicant")
def choose(request: ActorRequest, uuid: Any) -> HttpResponse:
    """Change how the papers not yet served will come."""
    case = _case(request, uuid)
    address = delivery.address_of(case) or delivery.party_address(case.party_id)
    now_chosen = {"delivery": case.delivery, "delivery_address": address}
    form = DeliveryForm(request.POST or None, initial=now_chosen)
    if request.method == "POST" and form.is_valid():
        try:
            delivery.choose(case, form.wish(), actor=request.actor, now=timezone.now())
            messages.success(request, _("送达方式已更改。"))
            return redirect("applications:case", case.uuid)
        except delivery.DeliveryRefused as refusal:
            form.add_error(None, str(refusal))
    context = {
        "case": case, "guide": case.guide.said, "form": form, "open": delivery.may_still_choose(case),
    }  # fmt: skip
    return render(request, "applications/delivery.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@audience("officer", delivery.SERVES)
def record(request: ActorRequest, uuid: Any) -> HttpResponse:
    """Record that papers were handed over, or could not be; nothing typed is lost when it is refused."""
    case = _case(request, uuid)
    if not delivery.may_record(case, request.actor):
        raise Http404
    waiting = delivery.waiting(case)
    choices = [(paper.pk, f"{paper.title}　{paper.number}") for paper in waiting]
    form = HandoverForm(choices, request.POST or None, initial=_proposed(case))
    refusal: delivery.DeliveryRefused | None = None
    if request.method == "POST" and form.is_valid():
        try:
            delivery.record(
                case, form.handover(), actor=request.actor, seen=form.cleaned_data["seen"], now=timezone.now()
            )
            messages.success(request, _("送达情况已登记。"))
            return redirect("applications:desk_case", case.uuid)
        except delivery.DeliveryRefused as error:
            refusal = error
    records.write(
        "read.case", actor=request.actor, target=case_target(case), subject_id=case.party_id,
        agency_id=case.agency_id,
    )  # fmt: skip
    context = {
        "case": case, "guide": case.guide.said, "form": form, "refusal": refusal, "waiting": waiting,
        "address": delivery.address_of(case) if case.delivery == Manner.POST else "",
        "last": delivery.last_service(case),
    }  # fmt: skip
    status = 409 if refusal else 422 if form.errors else 200
    return render(request, "applications/service.html", context, status=status)


def _proposed(case: Application) -> dict[str, Any]:
    """What is usual: all that waits, handed over today in the manner chosen."""
    return {
        "seen": delivery.last_service(case),
        "documents": [str(paper.pk) for paper in delivery.waiting(case)],
        "outcome": Service.Outcome.SERVED,
        "manner": Manner.POST if case.delivery == Manner.POST else Manner.WINDOW,
        "on": timezone.localdate(),
        "to_whom": case.party.name[:50] if case.delivery != Manner.POST else "",
    }
