"""Telling people: one message to each user concerned, once, in the caller's transaction."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise

from support.accounts.models import AgencyGrant, Mandate, User
from support.notices.kinds import KINDS, Fact
from support.notices.models import Delivery, Notice
from support.queues import waking
from support.records.actor import Actor

Recipient = tuple[int, str]  # user id, e-mail or ""
Context = Mapping[str, Fact | Promise]


def tell_party(party_id: int, kind: str, *, key: str, context: Context, url: str, now: dt.datetime) -> None:
    """Tell everybody who may act for a party today: the person, or those with a valid mandate.

    Told once per `key` and user, however often it is called. `context` holds the kind's facts, each
    a text or the same text by language; `url` is a path of this site. Raises KeyError for an unknown
    kind or a missing fact.
    """
    today = timezone.localdate(now)
    mandated = Mandate.objects.filter(
        Q(valid_until=None) | Q(valid_until__gte=today),
        party_id=party_id,
        revoked_at=None,
        valid_from__lte=today,
    )
    active = User.objects.filter(is_active=True)
    recipients = active.filter(party=party_id).union(active.filter(pk__in=mandated.values("user_id")))
    _tell(
        recipients.values_list("pk", "email"),
        Notice(party_id=party_id, kind=kind, key=key, url=url, created_at=now),
        context,
    )


def tell_officers(
    agency_id: int,
    role: str,
    kind: str,
    *,
    key: str,
    context: Context,
    url: str,
    now: dt.datetime,
    but: Any = (),
) -> None:
    """Tell everybody who holds a role at an agency today, but the users named. Otherwise as `tell_party`."""
    granted = AgencyGrant.objects.filter(
        Q(valid_until=None) | Q(valid_until__gte=timezone.localdate(now)),
        content_object_id=agency_id,
        content_object__is_active=True,
        permission__codename=role,
    )
    recipients = User.objects.filter(is_active=True, pk__in=granted.values("user_id")).exclude(pk__in=but)
    _tell(
        recipients.values_list("pk", "email"),
        Notice(agency_id=agency_id, kind=kind, key=key, url=url, created_at=now),
        context,
    )


@transaction.atomic
def _tell(recipients: Iterable[Recipient], model: Notice, context: Context) -> None:
    """One notice like `model` for each recipient, and a delivery where there is an e-mail address."""
    if not model.url.startswith("/") or model.url.startswith("//"):
        raise ValueError(f"not a path of this site: {model.url}")
    facts = KINDS[model.kind].facts(context)
    addresses = {f"{model.key}:{user_id}": (user_id, email) for user_id, email in recipients}
    Notice.objects.bulk_create(
        (
            Notice(
                user_id=user_id,
                party_id=model.party_id,
                agency_id=model.agency_id,
                kind=model.kind,
                facts=facts,
                url=model.url,
                created_at=model.created_at,
                key=key,
            )
            for key, (user_id, _email) in addresses.items()
        ),
        ignore_conflicts=True,
    )
    by_mail = {key: email for key, (_user_id, email) in addresses.items() if email}
    told = Notice.objects.filter(key__in=by_mail).values_list("pk", "key")
    Delivery.objects.bulk_create(
        (_delivery(notice_id, key, by_mail[key], model.created_at) for notice_id, key in told),
        ignore_conflicts=True,
    )


def _delivery(notice_id: int, key: str, address: str, now: dt.datetime) -> Delivery:
    delivery = Delivery(notice_id=notice_id, key=f"{key}:email", next_at=now)
    delivery.address = address
    return delivery


def wake() -> None:
    """Have the deliveries sent right after the caller's transaction has committed."""
    waking.wake("notices.drain")


def unread_count(user_id: int) -> int:
    """How many messages the user has not read; one look at a partial index."""
    return Notice.objects.filter(user_id=user_id).unread().count()


def mark_read(notice: Notice, *, now: dt.datetime) -> None:
    Notice.objects.filter(pk=notice.pk).unread().update(read_at=now)


def mark_all_read(until: Notice, *, actor: Actor, now: dt.datetime) -> None:
    """Mark this message and all older ones read."""
    Notice.objects.visible_to(actor).unread().filter(pk__lte=until.pk).update(read_at=now)
