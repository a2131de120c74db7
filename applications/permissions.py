"""Who may take which step. Seeing is decided by `visible_to`; this is about acting."""

from django.db.models import Exists, OuterRef, Q

from applications.models import Application, Intake
from applications.workflow import APPLICANT, TIMER, Step
from matters.guides import Guide
from support.accounts.models import Mandate, Party
from support.places.models import Role
from support.records.actor import Actor, Kind


def can_see(actor: Actor, case: Application) -> bool:
    return Application.objects.visible_to(actor).filter(pk=case.pk).exists()


def may_take(actor: Actor, case: Application, step: Step) -> bool:
    """True when the step belongs to this actor: the role at the competent agency, every one of them where
    it takes several, the applicant (the party's own hat), or the timer. Whoever took the case in at the
    window decides nothing in it."""
    if step.who == TIMER:
        return actor.kind is Kind.TIMER
    if step.at_window and actor.is_officer:
        return actor.holds(Role.CLERK, case.agency_id)
    if step.who == APPLICANT:
        return actor.is_applicant and actor.party_id is not None and actor.party_id == case.party_id
    if step.decides and took_in(case, actor):
        return False
    return actor.is_officer and all(actor.holds(role, case.agency_id) for role in (step.who, *step.also))


def took_in(case: Application, actor: Actor) -> bool:
    """Whether the officer typed the case in at the window. They may accept it and give opinions."""
    return case.channel == Application.Channel.COUNTER and case.filed_by_id == actor.person


def taken_in(actor: Actor) -> Q:
    """`took_in` for SQL."""
    return Q(channel=Application.Channel.COUNTER, filed_by_id=actor.person)


def serves(guide: Guide, actor: Actor) -> bool:
    """Whether the guide is for this kind of party: natural persons, organisations or both."""
    return ("legal" if actor.kind is Kind.COMPANY else "natural") in guide.audiences


def concerns(case: Application, actor: Actor) -> bool:
    """True when the officer has a part in the case: filed it, is its party or the agent who came for it, or
    holds the party's mandate. Taking it in at the window for somebody else is none: see `took_in`."""
    person = actor.person
    return (
        (case.filed_by_id == person and case.channel != Application.Channel.COUNTER)
        or is_own(case.party_id, actor)
        or Intake.objects.filter(case=case, agent__user_id=person).exists()
    )


def is_own(party_id: int, actor: Actor) -> bool:
    """Whether the officer is this party, or holds its mandate."""
    return (
        Party.objects.filter(pk=party_id, user_id=actor.person).exists()
        or Mandate.objects.filter(party_id=party_id, user_id=actor.person, revoked_at=None).exists()
    )


def concerning(actor: Actor) -> Q:
    """The cases in which the officer has a part: `concerns` for SQL."""
    party = OuterRef("party_id")
    own = Party.objects.filter(pk=party, user_id=actor.person)
    held = Mandate.objects.filter(party_id=party, user_id=actor.person, revoked_at=None)
    agent = Intake.objects.filter(case=OuterRef("pk"), agent__user_id=actor.person)
    filed = Q(filed_by_id=actor.person) & ~Q(channel=Application.Channel.COUNTER)
    return filed | Q(Exists(own)) | Q(Exists(held)) | Q(Exists(agent))
