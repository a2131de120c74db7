"""Rating a finished case; the public figures; one rating as its supervisors read it."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from applications.models import Application
from evaluations import actions
from evaluations.codes import Channel
from evaluations.figures import agency_figures, headline
from evaluations.forms import RateForm
from evaluations.models import READERS, Rating
from support.accounts.access import ActorRequest, audience
from support.records import actions as records

PAGE = 50


@audience("applicant")
@require_http_methods(["GET", "POST"])
def rate(request: ActorRequest, uuid: UUID) -> HttpResponse:
    """The form for a finished case of one's own; once given, the rating."""
    cases = Application.objects.visible_to(request.actor).select_related("guide", "agency")
    case = get_object_or_404(cases, uuid=uuid)
    given = Rating.objects.visible_to(request.actor).filter(case=case).first()
    if given and request.method == "GET":
        return render(request, "evaluations/rated.html", {"case": case, "rating": given})
    form = RateForm(request.POST if request.method == "POST" else None)
    if case.closed_at is None:
        messages.info(request, _("办件尚未办结，办结后可以评价。"))
        return redirect("applications:case", case.uuid)
    if given or form.is_valid():
        _give(request, case, form, given)
        return redirect("evaluations:rate", case.uuid)
    return render(request, "evaluations/rate.html", {"case": case, "form": form})


def _give(request: ActorRequest, case: Application, form: RateForm, given: Rating | None) -> None:
    mobile = "Mobi" in request.headers.get("User-Agent", "")
    try:
        if given:
            raise actions.AlreadyRated(_("这件事您已经评价过了。"))
        actions.rate(
            case,
            **form.cleaned_data,
            channel=Channel.MOBILE if mobile else Channel.COMPUTER,
            actor=request.actor,
            now=timezone.now(),
        )
    except actions.RatingRefused as refusal:
        messages.info(request, str(refusal))
    else:
        messages.success(request, _("谢谢您的评价"))


@audience("public")
@require_safe
def ratings(request: HttpRequest) -> HttpResponse:
    """The figures of all agencies, for everybody."""
    page = Paginator(agency_figures(), PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "figures": headline(),
        "previous_url": f"?page={page.previous_page_number()}" if page.has_previous() else "",
        "next_url": f"?page={page.next_page_number()}" if page.has_next() else "",
    }
    return render(request, "evaluations/ratings.html", context)


@audience("officer", *READERS)
@require_safe
def rating(request: ActorRequest, uuid: UUID) -> HttpResponse:
    """One rating with its words. An anonymous one is shown without its case."""
    rows = Rating.objects.visible_to(request.actor).select_related("case__guide", "agency")
    shown = get_object_or_404(rows, uuid=uuid)
    records.write(
        "read.rating",
        actor=request.actor,
        target=f"evaluations.rating:{shown.uuid}",
        subject_id=shown.case.party_id,
        agency_id=shown.agency_id,
    )
    return render(request, "evaluations/rating.html", {"rating": shown})
