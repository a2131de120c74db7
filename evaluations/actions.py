"""Giving a rating, and inviting to give one."""

import datetime as dt
import logging
from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.urls import reverse
from django.utils.translation import gettext as _

from applications.models import Application, ApplicationQuerySet, CaseEvent
from evaluations.codes import Level
from evaluations.models import Invitation, Measure, Rating, RatingDelta
from support.accounts.masking import mask_text
from support.notices import actions as notices
from support.places.models import Role
from support.records import actions as records
from support.records.actor import Actor

logger = logging.getLogger(__name__)

OVERLAP = dt.timedelta(days=1)  # cases closed earlier than the newest one invited, but committed later


class RatingRefused(Exception):
    """The rating cannot be given; the reason is in the user's words."""


class AlreadyRated(RatingRefused):
    """One case, one rating (一事一评)."""


def awaiting_rating(actor: Actor) -> ApplicationQuerySet:
    """The party's finished cases that it has not evaluated, the last finished first."""
    if not actor.is_applicant:
        return Application.objects.none()
    own = Application.objects.visible_to(actor).filter(closed_at__isnull=False, ratings=None)
    return own.select_related("guide", "agency").order_by("-closed_at", "-id")


@transaction.atomic
def rate(
    case: Application,
    *,
    stars: int,
    tags: Sequence[str],
    words: str,
    anonymous: bool,
    channel: str,
    actor: Actor,
    now: dt.datetime,
) -> Rating:
    """Evaluate a finished case of one's own party, once. A negative one reaches the supervisors at once.

    Every end counts, a withdrawal too: what is evaluated is the service, and that began with the receipt; who
    withdraws because nothing happens is to be heard. No rule ends the right after some time. Numbers and
    addresses in the words are masked before they are kept: nobody needs them to judge a service.
    Raises RatingRefused, AlreadyRated.
    """
    if not actor.is_applicant or actor.party_id is None or actor.party_id != case.party_id:
        raise RatingRefused(_("只有申请人可以评价。"))
    if case.closed_at is None:
        raise RatingRefused(_("办件尚未办结，办结后可以评价。"))
    rating = Rating(
        case=case,
        agency_id=case.agency_id,
        stars=Level(stars),
        tags=list(tags),
        anonymous=anonymous,
        channel=channel,
        created_at=now,
    )
    rating.words = mask_text(words.strip())
    try:
        with transaction.atomic():
            rating.save(force_insert=True)
    except IntegrityError as error:
        raise AlreadyRated(_("这件事您已经评价过了。")) from error
    _count(case, now)
    RatingDelta.objects.create(agency_id=case.agency_id, matter_id=case.matter_id, measure=stars)
    records.write(
        "rating.give",
        actor=actor,
        target=f"evaluations.rating:{rating.uuid}",
        subject_id=case.party_id,
        agency_id=case.agency_id,
        details={"stars": stars, "channel": channel, "anonymous": anonymous},
        at=now,
    )
    if rating.is_negative:
        _tell_supervisors(rating, now)
    return rating


def _tell_supervisors(rating: Rating, now: dt.datetime) -> None:
    # Of an anonymous rating the notice keeps no case number, of one without a crowd no matter either: its
    # kind has no place for them. Who took a step in the case is not told.
    case = rating.case
    kind = "negative_rating"
    if rating.anonymous:
        crowded = Rating.objects.with_crowd().get(pk=rating.pk).tells_matter
        kind = "negative_rating_anonymous" if crowded else "negative_rating_alone"
    notices.tell_officers(
        rating.agency_id,
        Role.SUPERVISOR,
        kind,
        key=f"{rating.uuid}:negative",
        context={"matter": case.guide.document["name"], "number": case.number},
        url=reverse("evaluations:rating", args=[rating.uuid]),
        now=now,
        but=CaseEvent.objects.filter(case=case).exclude(actor_id=None).values("actor_id"),
    )
    notices.wake()


def _count(case: Application, now: dt.datetime, *, closed_at: dt.datetime | None = None) -> bool:
    """Count a finished case among those that can be evaluated. False: it was counted before."""
    _invitation, new = Invitation.objects.get_or_create(
        case=case, defaults={"closed_at": closed_at, "created_at": now}
    )
    if new:
        RatingDelta.objects.create(
            agency_id=case.agency_id, matter_id=case.matter_id, measure=Measure.EVALUABLE
        )
    return new


def invite(*, now: dt.datetime, limit: int = 200) -> int:
    """Count finished cases and invite their parties; returns how many cases were new.

    An invitation asks, it does not press: one message, no reminder (自愿真实).
    """
    finished = Application.objects.filter(closed_at__isnull=False, invitation=None)
    newest = Invitation.objects.aggregate(newest=Max("closed_at"))["newest"]
    if newest is not None:
        finished = finished.filter(closed_at__gte=newest - OVERLAP)
    invited = 0
    for case in finished.select_related("guide").order_by("closed_at", "id")[:limit]:
        try:
            invited += _invite(case, now)
        except Exception:  # one case must not keep the others waiting
            logger.exception("invitation for case %s", case.pk)
    if invited:
        notices.wake()
    return invited


@transaction.atomic
def _invite(case: Application, now: dt.datetime) -> bool:
    if not _count(case, now, closed_at=case.closed_at):
        return False
    notices.tell_party(
        case.party_id,
        "rate_invitation",
        key=f"{case.uuid}:rate",
        context={"matter": case.guide.document["name"], "number": case.number},
        url=reverse("evaluations:rate", args=[case.uuid]),
        now=now,
        agency_id=case.agency_id,
    )
    return True
