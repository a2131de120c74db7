"""From a user and a chosen hat to an Actor, once per request."""

import datetime as dt

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q
from django.utils import timezone

from support.accounts.models import AgencyGrant, Mandate, User
from support.records.actor import VISITOR, Actor, Kind

CITIZEN_HAT = "citizen"
OFFICER_HAT = "officer"


def _grants(user: User, today: dt.date) -> frozenset[tuple[int, str]]:
    rows = AgencyGrant.objects.filter(
        Q(valid_until=None) | Q(valid_until__gte=today), user=user, content_object__is_active=True
    ).values_list("content_object_id", "permission__codename")
    return frozenset(rows)


def valid_mandates(user: User, today: dt.date):  # type: ignore[no-untyped-def]
    """The mandates under which this user may act today."""
    return Mandate.objects.filter(
        Q(valid_until=None) | Q(valid_until__gte=today), user=user, revoked_at=None, valid_from__lte=today
    ).select_related("party")


def actor_for(user: User | AnonymousUser, hat: str = "") -> Actor:
    """The actor for a hat: `citizen`, `officer`, or `company:<party uuid>`.

    Without a hat, an officer acts as officer and everybody else as citizen. A hat the user may no
    longer wear falls back to that default, never to more.
    """
    if not isinstance(user, User) or not user.is_active:
        return VISITOR
    today = timezone.localdate()
    if hat.startswith("company:"):
        mandate = valid_mandates(user, today).filter(party__uuid=hat.removeprefix("company:")).first()
        if mandate:
            return Actor(Kind.COMPANY, user.pk, user.name, party_id=mandate.party_id)
    if hat != CITIZEN_HAT:
        grants = _grants(user, today)
        if grants:
            return Actor(Kind.OFFICER, user.pk, user.name, grants=grants)
    party_id = getattr(getattr(user, "party", None), "pk", None)
    return Actor(Kind.CITIZEN, user.pk, user.name, party_id=party_id)
