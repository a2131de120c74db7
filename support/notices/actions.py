"""Telling people: one message to each user concerned, once, in the caller's transaction."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.functional import Promise

from support.accounts.models import AgencyGrant, Mandate, Party, User
from support.notices import sms
from support.notices.kinds import KINDS, Fact
from support.notices.models import Channel, Delivery, DeliveryQuerySet, Notice, State
from support.queues import waking
from support.records import actions as records
from support.records.actor import Actor

Context = Mapping[str, Fact | Promise]
Addresses = dict[Channel, str]
RETRIED = (State.DEAD, State.FAILED)  # what staff may send again


def tell_party(
    party_id: int,
    kind: str,
    *,
    key: str,
    context: Context,
    url: str,
    now: dt.datetime,
    agency_id: int | None = None,
    case_number: str = "",
) -> None:
    """Tell everybody who may act for a party today: the person, or those with a valid mandate.

    Told once per `key` and user, however often it is called. `context` holds the kind's facts, each
    a text or the same text by language; `url` is a path of this site; `agency_id` is the agency in
    whose business it is, which can see whether it arrived; `case_number` is needed only for a kind
    whose facts have none. Raises KeyError for an unknown kind or a missing fact.
    """
    today = timezone.localdate(now)
    mandated = Mandate.objects.filter(
        Q(valid_until=None) | Q(valid_until__gte=today),
        party_id=party_id,
        revoked_at=None,
        valid_from__lte=today,
    )
    active = User.objects.filter(is_active=True)
    _tell(
        (active.filter(party=party_id), active.filter(pk__in=mandated.values("user_id"))),
        Notice(
            party_id=party_id, agency_id=agency_id, case_number=case_number, kind=kind, key=key, url=url,
            created_at=now,
        ),
        context,
    )  # fmt: skip


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
        (recipients,),
        Notice(agency_id=agency_id, kind=kind, key=key, url=url, created_at=now),
        context,
    )


def _recipients(users: Iterable["QuerySet[User]"], *, by_sms: bool) -> dict[int, Addresses]:
    """User id → the addresses at which the person wants to be told. A text goes to their own telephone,
    in whose name ever they act."""
    columns = ("pk", "email", "by_email", "by_sms", "party__uuid", "party__phone_sealed")
    first, *others = (rows.values_list(*columns) for rows in users)
    found: dict[int, Addresses] = {}
    for pk, email, wants_email, wants_sms, uuid, phone in first.union(*others) if others else first:
        found[pk] = {Channel.EMAIL: email} if email and wants_email else {}
        if by_sms and wants_sms and phone:
            found[pk][Channel.SMS] = Party(uuid=uuid, phone_sealed=phone).phone
    return found


@transaction.atomic
def _tell(users: Iterable["QuerySet[User]"], model: Notice, context: Context) -> None:
    """One notice like `model` for each recipient, and a delivery for each of their addresses."""
    if not model.url.startswith("/") or model.url.startswith("//"):
        raise ValueError(f"not a path of this site: {model.url}")
    kind = KINDS[model.kind]
    facts = kind.facts(context)
    addresses = _recipients(users, by_sms=kind.sms and model.party_id is not None and sms.is_on())
    Notice.objects.bulk_create(
        (
            Notice(
                user_id=user_id,
                party_id=model.party_id,
                agency_id=model.agency_id,
                case_number=model.case_number or str(facts.get("number", "")),
                kind=model.kind,
                facts=facts,
                url=model.url,
                created_at=model.created_at,
                key=f"{model.key}:{user_id}",
            )
            for user_id in addresses
        ),
        ignore_conflicts=True,
    )
    keys = [f"{model.key}:{user_id}" for user_id, known in addresses.items() if known]
    told = Notice.objects.filter(key__in=keys)
    Delivery.objects.bulk_create(
        (
            _delivery(notice, channel, address)
            for notice in told
            for channel, address in addresses[notice.user_id].items()
        ),
        ignore_conflicts=True,
    )


def _delivery(notice: Notice, channel: Channel, address: str) -> Delivery:
    at = notice.created_at
    delivery = Delivery(
        notice=notice,
        agency_id=notice.agency_id,
        for_party=notice.party_id is not None,
        channel=channel,
        key=f"{notice.key}:{channel}",
        next_at=sms.waking_time(at) if channel == Channel.SMS else at,
    )
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


def for_case(number: str, actor: Actor) -> DeliveryQuerySet:
    """What was sent to the party of a case, oldest first."""
    sent = Delivery.objects.visible_to(actor).filter(notice__case_number=number, for_party=True)
    return sent.select_related("notice").order_by("id")


@transaction.atomic
def retry(rows: DeliveryQuerySet, *, actor: Actor, now: dt.datetime) -> int:
    """Give those of `rows` that were given up, or reported undeliverable, all their attempts again; returns
    how many there were. Two who press at once count each row once.

    The message id of one that was given up stays: what the provider has already taken is not sent a second
    time. One reported undeliverable goes out as a new message under a new id; what is still reported of the
    old one names no message of ours.
    """
    held = rows.filter(state__in=RETRIED).select_for_update(of=("self",)).order_by("id")
    by_agency: dict[int | None, list[Delivery]] = {}
    for delivery in held:
        by_agency.setdefault(delivery.agency_id, []).append(delivery)
    for concerned, deliveries in by_agency.items():
        ids, replaced = [delivery.pk for delivery in deliveries], []
        for delivery in deliveries:
            if delivery.state == State.FAILED:
                replaced.append(str(delivery.uuid))
                _renew(delivery)
        Delivery.objects.filter(pk__in=ids).update(next_at=now, lease_until=None, attempts=0)
        records.write(
            "notice.retry", actor=actor, target="notices.delivery", agency_id=concerned, at=now,
            details={"deliveries": ids} | ({"replaced": replaced} if replaced else {}),
        )  # fmt: skip
    wake()
    return sum(map(len, by_agency.values()))


def _renew(delivery: Delivery) -> None:
    """Make it a message that was never sent; the address is sealed for its id."""
    address = delivery.address
    delivery.uuid = uuid4()
    delivery.address = address
    delivery.sent_at = delivery.failed_at = None
    delivery.failure = delivery.provider_id = ""
    delivery.save(update_fields=["uuid", "address_sealed", "sent_at", "failed_at", "failure", "provider_id"])
