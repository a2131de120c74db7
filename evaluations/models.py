"""好差评: ratings of finished cases, and the public figures of agencies and their matters.

Ratings and invitations are the facts. Figures are sums of them: each fact adds a delta, and a task
folds deltas into figures. A figure is read together with the deltas that still wait.
"""

import datetime as dt
import uuid

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from applications.models import Application, CaseEvent
from evaluations.codes import NEGATIVE, Channel, Indicator, Level
from matters.models import Matter
from support.places.models import Agency, Role
from support.records.actor import Actor
from support.records.sealing import SealedText

READERS = (Role.SUPERVISOR, Role.AGENCY_HEAD)
FEWEST = 5  # so many must be possible before one of them is hidden among them
RECENT = dt.timedelta(days=30)  # most ratings are given within this time after the case was closed


class RatingQuerySet(models.QuerySet["Rating"]):
    def visible_to(self, actor: Actor) -> "RatingQuerySet":
        """Applicants: of their party's cases. Officers: where they supervise, save of cases in which they
        took a step themselves (评价人受保护; who is rated does not judge the rating)."""
        if actor.is_applicant and actor.party_id is not None:
            return self.filter(case__party_id=actor.party_id)
        if actor.is_officer:
            own_steps = CaseEvent.objects.filter(case=OuterRef("case"), actor_id=actor.user_id)
            return self.filter(~Exists(own_steps), agency_id__in=actor.agencies_with(*READERS))
        return self.none()

    def negative(self) -> "RatingQuerySet":
        return self.filter(stars__in=NEGATIVE)

    def with_crowd(self) -> "RatingQuerySet":
        """With `crowd`: up to FEWEST parties of whom an anonymous rating could be, by its matter and day.

        A case rated under its party's name can be excluded by a reader, and is no part of it.
        """
        named = Rating.objects.filter(case=OuterRef("pk"), anonymous=False)
        could_be = Application.objects.filter(
            ~Exists(named),
            agency=OuterRef("agency"),
            matter=OuterRef("case__matter"),
            closed_at__lte=OuterRef("created_at"),
            closed_at__gt=OuterRef("created_at") - RECENT,
        )
        return self.annotate(crowd=ArraySubquery(could_be.values("party").distinct()[:FEWEST]))

    def of_matter(self, matter: Matter) -> "RatingQuerySet":
        """Those of one matter that say so: an anonymous one without a crowd does not."""
        return self.with_crowd().filter(Q(anonymous=False) | Q(crowd__len__gte=FEWEST), case__matter=matter)


class Rating(models.Model):
    """One party's evaluation of one finished case (一事一评). Given once, never changed.

    The words are free text, masked before they are sealed. An anonymous rating is shown to officers without
    its case, and without its matter and day where these would tell whose it is (`tells_matter`).
    A second round can only follow a rectification.
    """

    insert_only = True

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="ratings")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="ratings")
    round = models.PositiveSmallIntegerField(default=1)
    stars = models.PositiveSmallIntegerField(_("满意度"), choices=Level)
    tags = models.JSONField(_("评价指标"), default=list)
    words_sealed = models.BinaryField(default=b"")
    anonymous = models.BooleanField(_("匿名评价"), default=False)
    channel = models.CharField(_("评价渠道"), max_length=1, choices=Channel)
    created_at = models.DateTimeField()

    words = SealedText("words_sealed")

    objects = RatingQuerySet.as_manager()

    class Meta:
        verbose_name = _("评价")
        constraints = [
            models.UniqueConstraint(fields=["case", "round"], name="one_rating_per_round"),
            models.CheckConstraint(condition=Q(stars__range=(1, 5)), name="one_to_five_stars"),
        ]
        indexes = [models.Index(fields=["agency", "-created_at"], name="rating_by_agency")]

    def __str__(self) -> str:
        return f"{self.get_stars_display()}"

    @property
    def is_negative(self) -> bool:
        return self.stars in NEGATIVE

    @property
    def tells_matter(self) -> bool:
        """Whether officers may be shown matter and day. Needs `with_crowd`."""
        return not self.anonymous or len(self.crowd) >= FEWEST  # type: ignore[attr-defined]

    @property
    def tag_labels(self) -> list[str]:
        return [str(Indicator(tag).label) for tag in self.tags]


class Invitation(models.Model):
    """A finished case that can be evaluated: counted once, and its party invited once."""

    insert_only = True

    case = models.OneToOneField(
        Application, primary_key=True, on_delete=models.PROTECT, related_name="invitation"
    )
    closed_at = models.DateTimeField(
        null=True, db_index=True, help_text="how far the task has looked; null: rated before it came"
    )
    created_at = models.DateTimeField()


class Measure(models.IntegerChoices):
    """What is counted; 1 to 5 are the ratings with so many stars."""

    EVALUABLE = 0
    STARS_1 = 1
    STARS_2 = 2
    STARS_3 = 3
    STARS_4 = 4
    STARS_5 = 5


class RatingDelta(models.Model):
    """What one fact adds to a figure. Appended with the fact, gone once folded."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="+", db_index=False)
    measure = models.PositiveSmallIntegerField(choices=Measure)
    count = models.PositiveIntegerField(default=1)


class AgencyFigure(models.Model):
    """The folded sum of one measure of one agency: of one of its matters, or of all (no matter)."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    matter = models.ForeignKey(Matter, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    measure = models.PositiveSmallIntegerField(choices=Measure)
    count = models.PositiveBigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "matter", "measure"], nulls_distinct=False, name="one_figure_per_measure"
            )
        ]
        indexes = [models.Index(fields=["agency"], condition=Q(matter=None), name="figure_of_agency")]
