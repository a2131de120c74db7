"""Rating a finished case; the public figures; ratings as the supervisors read them."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from applications.models import Application
from evaluations import actions
from evaluations.codes import Channel
from evaluations.figures import Figures, agency_figures, headline, matter_figures, rated_matters, shown
from evaluations.forms import RateForm, ReceivedForm
from evaluations.models import FEWEST, READERS, Rating, RatingQuerySet
from support.accounts.access import ActorRequest, audience
from support.places.models import Agency
from support.records import actions as records

PAGE = 50
RECEIVED = 20


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
    context = _paged(request, agency_figures()) | {"figures": headline(), "fewest": FEWEST}
    return render(request, "evaluations/ratings.html", context)


@audience("public")
@require_safe
def agency(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The figures of one agency and of each of its matters, for everybody."""
    asked = get_object_or_404(Agency, uuid=uuid)
    whole = next((figure for figure in agency_figures() if figure.agency == asked), None)
    context = _paged(request, matter_figures(asked)) | {
        "agency": asked,
        "whole": whole,
        "figures": shown(whole) if whole and whole.rated else [],
        "fewest": FEWEST,
    }
    return render(request, "evaluations/agency.html", context)


def _paged(request: HttpRequest, rows: list[Figures]) -> dict[str, Any]:
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    return {
        "page": page,
        "previous_url": f"?page={page.previous_page_number()}" if page.has_previous() else "",
        "next_url": f"?page={page.next_page_number()}" if page.has_next() else "",
    }


@audience("officer", *READERS)
@require_safe
def received(request: ActorRequest) -> HttpResponse:
    """The ratings of the agencies supervised, the newest first; the negative ones unless all are asked for."""
    now = timezone.now()
    everything = request.GET.get("show") == "all"
    form = ReceivedForm(request.GET, rated_matters(request.actor.agencies_with(*READERS)))
    rows = Rating.objects.visible_to(request.actor)
    rows = form.chosen(rows if everything else rows.negative(), now)
    found = _after(rows, request.GET.get("after", ""))
    page = found[:RECEIVED]
    records.write(
        "read.ratings",
        actor=request.actor,
        target="evaluations.received",
        details={"ratings": [rating.pk for rating in page]},
        at=now,
    )
    asked = {name: value for name in ("matter", "days") if (value := form.cleaned_data.get(name))}
    context = {
        "rows": page,
        "form": form,
        "everything": everything,
        "filtered": bool(asked),
        "tabs": [
            {"label": _("差评"), "url": _query(asked), "current": not everything},
            {"label": _("全部评价"), "url": _query(asked, show="all"), "current": everything},
        ],
        "first_url": _query(asked, show="all" if everything else "") if request.GET.get("after") else "",
        "next_url": _query(asked, show="all" if everything else "", after=str(page[-1].uuid))
        if len(found) > RECEIVED
        else "",
    }
    return render(request, "evaluations/received.html", context)


def _after(rows: RatingQuerySet, after: str) -> list[Rating]:
    """One more than a page, behind the rating named: no count, and no instant in the address."""
    try:
        last = rows.filter(uuid=UUID(after)).first()
    except ValueError:
        last = None
    if last:
        rows = rows.filter(Q(created_at__lt=last.created_at) | Q(created_at=last.created_at, pk__lt=last.pk))
    rows = rows.with_crowd().select_related("case__guide", "agency")
    return list(rows.order_by("-created_at", "-pk")[: RECEIVED + 1])


def _query(asked: dict[str, str], **more: str) -> str:
    return "?" + urlencode({name: value for name, value in (asked | more).items() if value})


@audience("officer", *READERS)
@require_safe
def rating(request: ActorRequest, uuid: UUID) -> HttpResponse:
    """One rating with its words. An anonymous one is shown without its case."""
    rows = Rating.objects.visible_to(request.actor).with_crowd().select_related("case__guide", "agency")
    found = get_object_or_404(rows, uuid=uuid)
    records.write(
        "read.rating",
        actor=request.actor,
        target=f"evaluations.rating:{found.uuid}",
        subject_id=found.case.party_id,
        agency_id=found.agency_id,
    )
    return render(request, "evaluations/rating.html", {"rating": found})
