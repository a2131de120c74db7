"""From a user to the hats they may wear today, and from a hat to an Actor. One query per request."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.db.models import BigIntegerField, CharField, F, Q, QuerySet, Value
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from support.accounts.models import AgencyGrant, Mandate, Party, User
from support.records.actor import VISITOR, Actor, Kind

CITIZEN_HAT = "citizen"
OFFICER_HAT = "officer"
COMPANY_HAT = "company:"


@dataclass(frozen=True)
class Hat:
    """`citizen`, `officer` or `company:<party uuid>`, as shown and as acted under."""

    value: str
    label: str
    actor: Actor


def valid_mandates(user: User, today: dt.date) -> QuerySet[Mandate]:
    """The mandates under which this user may act today."""
    return Mandate.objects.filter(
        Q(valid_until=None) | Q(valid_until__gte=today), user=user, revoked_at=None, valid_from__lte=today
    ).select_related("party")


def valid_grants(user: User, today: dt.date) -> QuerySet[AgencyGrant]:
    """The offices this user holds today, at agencies that still work."""
    return AgencyGrant.objects.filter(
        Q(valid_until=None) | Q(valid_until__gte=today), user=user, content_object__is_active=True
    )


def office_holders(agency_id: int, role: str, today: dt.date) -> list[str]:
    """The names of those who hold a role at an agency today."""
    granted = AgencyGrant.objects.filter(
        Q(valid_until=None) | Q(valid_until__gte=today),
        content_object_id=agency_id,
        permission__codename=role,
        user__is_active=True,
    )
    return list(granted.order_by("user_id").values_list("user__name", flat=True))


def _facts(user: User, today: dt.date) -> list[tuple[str, int, str, str]]:
    """(what, id, key, name): the user's own party, each organisation, each role at each agency."""

    def part(rows: QuerySet, what: str, *columns: str) -> QuerySet:  # type: ignore[type-arg]
        pk, key, name = columns
        return rows.values_list(
            Value(what, CharField()),
            Cast(F(pk), BigIntegerField()),
            Cast(F(key), CharField()),
            Cast(F(name), CharField()),
        )

    own = part(Party.objects.filter(user=user), CITIZEN_HAT, "pk", "uuid", "name")
    firms = part(
        valid_mandates(user, today).select_related(None),
        COMPANY_HAT,
        "party_id",
        "party__uuid",
        "party__name",
    )
    offices = part(
        valid_grants(user, today),
        OFFICER_HAT,
        "content_object_id",
        "permission__codename",
        "content_object__short_name",
    )
    return list(own.union(firms, offices, all=True))


def hats_of(user: User | AnonymousUser, today: dt.date) -> tuple[Hat, ...]:
    """Every hat the user may wear today, the default first: officer if they hold office, else citizen."""
    if not isinstance(user, User) or not user.is_active:
        return (Hat("", "", VISITOR),)
    facts = _facts(user, today)
    party_id = next((pk for what, pk, _key, _name in facts if what == CITIZEN_HAT), None)
    citizen = Hat(CITIZEN_HAT, pgettext("hat", "个人"), Actor(Kind.CITIZEN, user.pk, user.name, party_id=party_id))
    firms = sorted(
        (
            Hat(f"{COMPANY_HAT}{key}", name, Actor(Kind.COMPANY, user.pk, user.name, party_id=pk))
            for what, pk, key, name in facts
            if what == COMPANY_HAT
        ),
        key=lambda hat: hat.label,
    )
    return (*_office(user, facts), citizen, *firms)


def _office(user: User, facts: list[tuple[str, int, str, str]]) -> tuple[Hat, ...]:
    held = [(pk, key, name) for what, pk, key, name in facts if what == OFFICER_HAT]
    if not held:
        return ()
    grants = frozenset((pk, key) for pk, key, _name in held)
    agencies = _("、").join(sorted({name for _pk, _key, name in held}))
    label = _("工作人员（%(agencies)s）") % {"agencies": agencies}
    return (Hat(OFFICER_HAT, label, Actor(Kind.OFFICER, user.pk, user.name, grants=grants)),)


def pick(hats: Sequence[Hat], wanted: str) -> Hat:
    """The wanted hat, or the default: what a user may no longer wear never gives more than that."""
    return next((hat for hat in hats if hat.value == wanted), hats[0])


def actor_for(user: User | AnonymousUser, hat: str = "") -> Actor:
    """The actor for a hat: `citizen`, `officer`, or `company:<party uuid>`.

    Without a hat, an officer acts as officer and everybody else as citizen. A hat the user may no
    longer wear falls back to that default, never to more.
    """
    return pick(hats_of(user, timezone.localdate()), hat).actor
