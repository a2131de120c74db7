"""My space: what is to be done first, then what is under way and what was received."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from applications import shown, wizard
from applications.models import Application, Draft
from certificates.actions import cards
from certificates.models import Certificate
from evaluations.actions import awaiting_rating
from support.accounts.access import ActorRequest, audience
from support.places.models import Role

SHOWN = 5


@audience("member")
def my(request: ActorRequest) -> HttpResponse:
    """Overview for the party acted for; officers are sent to their desk, who only oversees to supervision."""
    actor = request.actor
    if actor.is_officer:
        works = actor.agencies_with(Role.CLERK, Role.OFFICER, Role.APPROVER)
        oversees = actor.agencies_with(Role.SUPERVISOR)
        return redirect("portal:supervision" if oversees and not works else "applications:desk")
    now = timezone.now()
    cases = list(
        Application.objects.visible_to(actor)
        .select_related("guide", "agency")
        .order_by("-received_at", "-id")[:SHOWN]
    )
    drafts = list(Draft.objects.visible_to(actor).live(now).select_related("guide").order_by("-updated_at"))
    started = [
        {
            "draft": draft,
            "next_page": wizard.first_open(wizard.pages(draft.guide.said, draft)),
            "days_left": (draft.expires_at - now).days,
        }
        for draft in drafts
    ]
    held = Certificate.objects.visible_to(actor).select_related("type", "agency")[:SHOWN]
    return render(
        request,
        "portal/my.html",
        {
            "cases": [{"case": case, "standing": shown.standing(case, now)} for case in cases],
            "drafts": started,
            "to_rate": awaiting_rating(actor)[:SHOWN],
            "cards": cards(held, timezone.localdate(now)),
        },
    )
