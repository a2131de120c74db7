import uuid

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from certificates import actions
from certificates.forms import VerifyForm
from certificates.models import Certificate, UseLog
from certificates.throttle import CHECKS_PER_WINDOW, FILES_PER_WINDOW, admitted
from support.accounts.access import ActorRequest, audience
from support.accounts.masking import mask_name
from support.documents.actions import qr_svg
from support.records import actions as records
from support.records.actor import Actor, Kind

USES_SHOWN = 20
ROUNDS = 5  # refreshes of the shown code before the holder is asked


@audience("applicant")
@require_GET
def certificate_list(request: ActorRequest) -> HttpResponse:
    actor = request.actor
    found = list(Certificate.objects.visible_to(actor).select_related("type", "agency"))
    records.write(
        "read.certificates", actor=actor, target="certificates.certificate", subject_id=actor.party_id,
        details={"ids": [certificate.pk for certificate in found]},
    )  # fmt: skip
    cards = actions.cards(found, timezone.localdate())
    return render(request, "certificates/list.html", {"cards": cards})


@audience("member")
@require_GET
def detail(request: ActorRequest, uuid: uuid.UUID) -> HttpResponse:
    """A certificate with its particulars and, for the holder, who showed or checked it."""
    actor = request.actor
    certificate = _visible(request, uuid)
    records.write(
        "read.certificate", actor=actor, target=actions.target_of(certificate),
        subject_id=certificate.holder_id, agency_id=certificate.agency_id,
    )  # fmt: skip
    (card,) = actions.cards([certificate], timezone.localdate())
    particulars = certificate.fields
    shown = {
        "certificate": certificate,
        "card": card,
        "particulars": particulars,
        "names_holder": any(value == certificate.holder_name for _label, value in particulars),
        "is_holder": actor.is_applicant,
        "uses": _uses(certificate, actor) if actor.is_applicant else [],
    }
    return render(request, "certificates/detail.html", shown)


def _uses(certificate: Certificate, holder: Actor) -> list[dict[str, object]]:
    """The latest uses for the holder to read; other citizens by their family name only."""
    uses = certificate.uses.order_by("-id")[:USES_SHOWN]
    return [{"at": use.at, "words": use.get_kind_display(), "who": _who(use, holder)} for use in uses]


def _who(use: UseLog, holder: Actor) -> str:
    if use.actor_id is None:
        return _("未登录的访问者")
    if use.actor_id == holder.user_id:
        return _("本人")
    return use.actor_name if use.actor_kind == Kind.OFFICER else mask_name(use.actor_name)


@audience("applicant")
@require_GET
@never_cache
def present(request: ActorRequest, uuid: uuid.UUID) -> HttpResponse:
    """亮证: the certificate as a card with a one-time code; htmx replaces the code alone."""
    certificate = _visible(request, uuid)
    try:
        token = actions.present(certificate, actor=request.actor, now=timezone.now())
    except actions.PresentRefused as refused:
        return render(
            request, "certificates/present_refused.html", {"words": refused, "certificate": certificate}
        )
    url = settings.PORTAL_URL + reverse("certificates:present_check", args=[token.token])
    rounds = _rounds(request)
    shown = {
        "certificate": certificate,
        "qr": qr_svg(url),
        "token": token,
        "rounds": rounds,
        "next_round": rounds + 1,
        "refresh": actions.REFRESH if rounds < ROUNDS else 0,
    }
    return render(
        request,
        "certificates/_qr.html" if "HX-Request" in request.headers else "certificates/present.html",
        shown,
    )


@audience("public")
@require_GET
@never_cache
def check(request: ActorRequest, code: str) -> HttpResponse:
    """What the code printed on a paper stands for. Linked from the QR on the PDF."""
    if not admitted(request, "check", CHECKS_PER_WINDOW, timezone.now()):
        return _too_many(request)
    found = actions.check_code(code, timezone.now(), actor=request.actor)
    return render(request, "certificates/check.html", {"check": found, "now": timezone.now()})


@audience("public")
@require_GET
@never_cache
def present_check(request: ActorRequest, token: str) -> HttpResponse:
    """The page behind the code on a holder's screen; it answers once."""
    if not admitted(request, "check", CHECKS_PER_WINDOW, timezone.now()):
        return _too_many(request)
    found = actions.verify_token(token, timezone.now(), actor=request.actor)
    return render(request, "certificates/check.html", {"check": found, "now": timezone.now()})


@audience("public")
@require_http_methods(["GET", "POST"])
def verify(request: ActorRequest) -> HttpResponse:
    """Anybody hands in a PDF, or types the code printed on it, and is told what it is."""
    if code := "".join(letter for letter in request.GET.get("code", "") if letter.isalnum()):
        return redirect("certificates:check", code[:40])
    if request.method == "GET":
        return render(request, "certificates/verify.html", {"form": VerifyForm()})
    now = timezone.now()
    if not admitted(request, "file", FILES_PER_WINDOW, now):
        return _too_many(request)
    form = VerifyForm(request.POST, request.FILES)
    if not form.is_valid():
        return render(request, "certificates/verify.html", {"form": form}, status=422)
    verdict, found = actions.check_file(form.cleaned_data["file"].read(), now, actor=request.actor)
    return render(
        request,
        "certificates/verify.html",
        {
            "form": VerifyForm(),
            "verdict": verdict,
            "check": found,
            "now": now,
            "name": form.cleaned_data["file"].name,
        },
    )


def _visible(request: ActorRequest, uuid: uuid.UUID) -> Certificate:
    rows = Certificate.objects.visible_to(request.actor).select_related("type", "agency", "document")
    return get_object_or_404(rows, uuid=uuid)


def _rounds(request: ActorRequest) -> int:
    given = request.GET.get("round", "0")
    return min(int(given), ROUNDS) if given.isascii() and given.isdigit() and len(given) < 3 else 0


def _too_many(request: ActorRequest) -> HttpResponse:
    words = _("核验次数太多，请一分钟后再试。")
    return render(request, "429.html", {"message": words}, status=429)
