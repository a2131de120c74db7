"""Cases (办件), the ledger of their clocks, their deadlines.

A case pins the guide version it was filed under. Its state changes only through `actions.take`.
"""

import datetime as dt
import uuid
from typing import Any

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applications.correction_models import Correction as Correction
from applications.correction_models import CorrectionFile as CorrectionFile
from applications.correction_models import CorrectionItem as CorrectionItem
from applications.deferral_models import DeferredFile as DeferredFile
from applications.deferral_models import DeferredMaterial as DeferredMaterial
from applications.draft_models import Draft as Draft
from applications.draft_models import DraftMaterial as DraftMaterial
from applications.intake import Intake as Intake
from applications.intake import PaperReceived as PaperReceived
from applications.procedure_models import ProcedureNotice as ProcedureNotice
from applications.procedure_models import SpecialProcedure as SpecialProcedure
from certificates.models import Certificate
from matters.models import GuideVersion, Matter
from support.accounts.models import Party, User
from support.documents.kinds import SERVICE_RETURN
from support.documents.models import Document, Upload
from support.places.models import CASE_ROLES, Agency
from support.records.actor import Actor, Kind
from support.records.sealing import SealedText


class State(models.TextChoices):
    """Where a case stands. The labels are for all kinds of matter; `regimes` has those of each."""

    RECEIVED = "received", _("待受理")
    CORRECTING = "correcting", _("待补正")
    SUPPLEMENTED = "supplemented", _("已补正，待核对")
    IN_REVIEW = "in_review", _("审查中")
    GRANTED = "granted", _("已准予")
    REFUSED = "refused", _("未准予")
    NOT_ACCEPTED = "not_accepted", _("不予受理")
    NOT_REQUIRED = "not_required", _("不受理")
    RETURNED = "returned", _("已退件")
    WITHDRAWN = "withdrawn", _("已撤回申请")


class Clock(models.TextChoices):
    """What is being timed. Each has its own rows in the ledger."""

    ACCEPTANCE = "acceptance", _("受理期限")
    STATUTORY = "statutory", _("法定办结时限")
    PROMISED = "promised", _("承诺办结时限")
    ISSUE = "issue", _("颁发、送达期限")
    CORRECTION = "correction", _("补正期限")
    JUDGEMENT = "judgement", _("补正核对期限")
    PROCEDURE = "procedure", _("特别程序时限")  # a deadline only: the day told is kept with the procedure
    SUPPLEMENT = "supplement", _("容缺材料补交期限")


# The states in which the agency owes an answer on acceptance, and silence may be one.
UNANSWERED = (State.RECEIVED, State.SUPPLEMENTED)


class Manner(models.TextChoices):
    """How papers reach the applicant: the choice of the applicant, and how it was done."""

    ELECTRONIC = "electronic", _("电子送达")
    WINDOW = "window", _("窗口领取")
    POST = "post", _("邮寄送达")


def lapsed(now: dt.datetime) -> Q:
    """Cases that silence has made accepted at `now`, whether or not it has been written (32(1)(四))."""
    return Q(state__in=UNANSWERED, deemable=True, acceptance_due_at__lte=now)


class ApplicationQuerySet(models.QuerySet["Application"]):
    def visible_to(self, actor: Actor) -> "ApplicationQuerySet":
        """The cases this actor may know of: one branch per hat, never a union of hats."""
        if actor.is_applicant and actor.party_id is not None:
            return self.filter(party_id=actor.party_id)
        if actor.kind is Kind.OFFICER:
            return self.filter(agency_id__in=actor.agencies_with(*CASE_ROLES))
        if actor.kind is Kind.TIMER:
            return self.all()
        return self.none()

    def for_progress(self, number: str) -> "ApplicationQuerySet":
        """The case of a number, to be told of without a login (`progress.look`, its only reader): what it takes
        to compare the applicant's number and phone with what was typed, and to tell stage and dates."""
        return (
            self.filter(number=number)
            .select_related("party")
            .only(
                "uuid", "number", "state", "deemable", "region_code", "agency", "guide", "received_at",
                "accepted_at", "closed_at", "acceptance_due_at", "party__uuid", "party__number_sealed",
                "party__phone_sealed",
            )
        )  # fmt: skip

    def filed_since(self, since: dt.datetime, most: int) -> list[tuple[int, int]]:
        """For everybody: the matters most often applied for, with the number of cases filed, most first."""
        rows = self.filter(received_at__gte=since).values("matter").annotate(cases=models.Count("pk"))
        return list(rows.order_by("-cases", "matter").values_list("matter", "cases")[:most])

    def open(self) -> "ApplicationQuerySet":
        return self.filter(closed_at=None)

    def awaiting_acceptance(self, now: dt.datetime) -> "ApplicationQuerySet":
        """Received or supplemented, and not accepted by law either: the term still runs at `now`."""
        return self.filter(Q(deemable=False) | Q(acceptance_due_at__gt=now), state__in=UNANSWERED)

    def awaiting_service(self) -> "ApplicationQuerySet":
        """待送达: a paper is made and has not reached the applicant, who did not choose 电子送达."""
        served = Service.objects.filter(document=OuterRef("pk"), outcome=Service.Outcome.SERVED)
        waiting = Document.objects.filter(case_number=OuterRef("number"), state=Document.State.READY)
        papers = waiting.exclude(kind=SERVICE_RETURN).exclude(Exists(served))
        return self.exclude(delivery=Manner.ELECTRONIC).filter(Exists(papers))

    def under_review(self, now: dt.datetime) -> "ApplicationQuerySet":
        """Accepted by an officer, or by law because the term ran out (行政许可法 32(1)(四))."""
        return self.filter(Q(state=State.IN_REVIEW) | lapsed(now))


class Application(models.Model):
    """办件: one application of one party under one guide version, from receipt to archive."""

    class Channel(models.TextChoices):
        ONLINE = "online", _("网上")
        COUNTER = "counter", _("窗口")
        API = "api", _("接口")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField(_("办件编号"), max_length=50, unique=True)
    key = models.CharField(max_length=100, unique=True, help_text="one submission, one case")
    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="cases")
    guide = models.ForeignKey(GuideVersion, on_delete=models.PROTECT, related_name="cases")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="cases")
    region_code = models.CharField(max_length=12)
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="cases")
    filed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(max_length=8, choices=Channel, default=Channel.ONLINE)
    delivery = models.CharField(
        _("送达方式"), max_length=10, choices=Manner, default=Manner.WINDOW,
        help_text="the choice now in force; electronic only with consent",
    )  # fmt: skip

    situations = models.JSONField(default=dict, help_text="情形: the answers under which materials are asked for")
    state = models.CharField(max_length=20, choices=State)
    revision = models.PositiveIntegerField(default=1)
    answers = models.JSONField(default=dict)
    answers_sealed = models.BinaryField(default=b"")
    sealed_text = SealedText("answers_sealed")

    received_at = models.DateTimeField()
    supplemented_at = models.DateTimeField(null=True, help_text="when the correction was answered in full")
    accepted_at = models.DateTimeField(null=True, help_text="by law the receipt or supplement, if deemed")
    decided_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    deferred_open = models.PositiveSmallIntegerField(
        default=0, help_text="容缺: materials left out at filing and not found in order yet"
    )  # fmt: skip
    deemable = models.BooleanField(help_text="silence over the acceptance term is acceptance")

    # Derived from the ledger by `clock.recompute`, kept only as indexes; the instant after the last day.
    acceptance_due_at = models.DateTimeField(null=True)
    correction_due_at = models.DateTimeField(null=True, help_text="the applicant's; no light follows it")
    promised_due_at = models.DateTimeField(null=True)
    statutory_due_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True, help_text="the nearest running clock")
    amber_at = models.DateTimeField(null=True, help_text="from when that end is near")
    held_until = models.DateTimeField(null=True, help_text="that clock stands still until then")
    # What due_at, amber_at and statutory_due_at will be from acceptance_due_at on if silence accepts.
    deemed_due_at = models.DateTimeField(null=True)
    deemed_amber_at = models.DateTimeField(null=True)
    deemed_statutory_due_at = models.DateTimeField(null=True)
    calendar_version = models.PositiveIntegerField(default=0)

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        verbose_name = _("办件")
        indexes = [
            models.Index(fields=["agency", "due_at", "id"], condition=Q(closed_at=None), name="case_queue"),
            models.Index(fields=["agency", "amber_at"], condition=Q(closed_at=None), name="case_amber"),
            models.Index(
                fields=["agency", "due_at", "id"],
                condition=Q(state=State.GRANTED, due_at__isnull=False),
                name="case_issue_queue",
            ),
            models.Index(fields=["party", "-received_at"], name="case_by_party"),
            models.Index(
                fields=["calendar_version", "id"], condition=Q(closed_at=None), name="case_calendar"
            ),
            models.Index(fields=["agency", "-closed_at"], name="case_closed"),
            # Decided, but a clock runs on: the certificate is not served yet (行政许可法 44).
            models.Index(
                fields=["calendar_version", "id"],
                condition=~Q(closed_at=None) & ~Q(due_at=None),
                name="case_issuing",
            ),
            models.Index(fields=["agency", "id"], condition=~Q(delivery="electronic"), name="case_on_paper"),
            BrinIndex(fields=["received_at"], name="case_by_day"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(accepted_at=None) | Q(accepted_at__gte=models.F("received_at")),
                name="accepted_not_before_receipt",
            ),
            models.CheckConstraint(
                condition=Q(decided_at=None) | Q(decided_at__gte=models.F("received_at")),
                name="decided_not_before_receipt",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def receipt_day(self) -> dt.date:
        return timezone.localdate(self.received_at)

    @property
    def complete_at(self) -> dt.datetime:
        """From when silence counts as acceptance: the receipt, or the last supplement (行政许可法 32)."""
        return self.supplemented_at or self.received_at

    @property
    def complete_day(self) -> dt.date:
        return timezone.localdate(self.complete_at)


class CaseMaterial(models.Model):
    """One page handed in for one material of the pinned guide."""

    case = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="materials")
    material_key = models.CharField(max_length=60)
    upload = models.ForeignKey(Upload, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField(default=0)
    round = models.PositiveSmallIntegerField(default=0, help_text="0: filed; 1: as a correction; 2: deferred")

    insert_only = True

    class Meta:
        ordering = ["material_key", "position", "id"]
        constraints = [models.UniqueConstraint(fields=["case", "upload"], name="case_material_once")]


class ClockEntry(models.Model):
    """One row of the ledger. Due dates follow from these rows and the calendar, from nothing else."""

    insert_only = True

    case = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="ledger")
    clock = models.CharField(max_length=12, choices=Clock)
    kind = models.CharField(max_length=10, help_text="start, pause, resume, extend, exclude, stop")
    at = models.DateTimeField()
    on = models.DateField()
    amount = models.PositiveSmallIntegerField(null=True)
    unit = models.CharField(max_length=10, default="", blank=True)
    until = models.DateField(null=True, help_text="of an exclusion: the last day told in writing")
    reason = models.CharField(max_length=300)
    basis = models.CharField(max_length=200)
    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=50)

    class Meta:
        indexes = [models.Index(fields=["case", "clock", "id"], name="ledger_by_case")]


class Deadline(models.Model):
    """When somebody must look at a case again. The sweep finds due rows; the door decides."""

    case = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="deadlines")
    kind = models.CharField(max_length=12, choices=Clock)
    round = models.PositiveSmallIntegerField(default=1)
    due_at = models.DateTimeField()
    next_at = models.DateTimeField(help_text="due_at, or later after a failure")
    done_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "kind", "round"], name="one_deadline_per_round")
        ]
        indexes = [
            models.Index(fields=["next_at", "id"], condition=Q(done_at=None), name="deadline_open"),
            models.Index(fields=["id"], condition=Q(done_at=None) & ~Q(error=""), name="deadline_failed"),
        ]


class CaseEvent(models.Model):
    """What happened to a case, in order; what applicant and officers read as its progress."""

    insert_only = True

    case = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="events")
    step = models.CharField(max_length=30)
    from_state = models.CharField(max_length=20)
    to_state = models.CharField(max_length=20)
    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=50)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["case", "id"], name="event_by_case"),
            models.Index(fields=["at"], condition=Q(step="deem_accepted"), name="event_of_silence"),
        ]


class Opinion(models.Model):
    """审查意见 of one officer on one case. Inside the agency; the decision gives its own reasons."""

    class Verdict(models.TextChoices):
        GRANT = "grant", _("建议准予")
        REFUSE = "refuse", _("建议不予")

    insert_only = True

    case = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="opinions")
    verdict = models.CharField(max_length=8, choices=Verdict)
    text = models.TextField(max_length=2000)
    officer_id = models.BigIntegerField()
    officer_name = models.CharField(max_length=50)
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]


class Decision(models.Model):
    """The written decision that ends a case: what, why, and where it can be contested (38)."""

    insert_only = True

    case = models.OneToOneField(Application, on_delete=models.PROTECT, related_name="decision")
    outcome = models.CharField(max_length=20, choices=State)
    reasons = models.TextField(max_length=2000)
    remedies = models.JSONField(default=dict, help_text="authority, court, terms in words")
    where_to_go = models.CharField(max_length=300, default="", blank=True)
    approver_id = models.BigIntegerField()
    approver_name = models.CharField(max_length=50)
    at = models.DateTimeField()
    certificate = models.ForeignKey(Certificate, null=True, on_delete=models.PROTECT, related_name="+")


class CaseDocument(models.Model):
    """A 文书 ordered for a case."""

    insert_only = True

    case = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="papers")
    document = models.OneToOneField(Document, on_delete=models.PROTECT, related_name="+")
    step = models.CharField(max_length=30)

    class Meta:
        ordering = ["id"]


class DeliveryChoice(models.Model):
    """How the applicant wishes to receive papers: asked at filing, changed later; the last row counts."""

    insert_only = True

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="delivery_choices")
    manner = models.CharField(max_length=10, choices=Manner)
    address_sealed = models.BinaryField(default=b"")
    address = SealedText("address_sealed")
    wording = models.CharField(max_length=20, help_text="version of the words agreed to")
    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=50)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["case", "id"], name="delivery_by_case")]


class Service(models.Model):
    """送达 of one paper: done, or tried in vain. `on` is the day from which terms run."""

    class Outcome(models.TextChoices):
        SERVED = "served", _("已送达")
        REFUSED = "refused", _("拒绝签收")
        UNREACHABLE = "unreachable", _("无法联系或者地址不符")

    insert_only = True

    case = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="services")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="services")
    manner = models.CharField(max_length=10, choices=Manner)
    outcome = models.CharField(max_length=12, choices=Outcome, default=Outcome.SERVED)
    on = models.DateField()
    to_whom = models.CharField(max_length=50, default="", blank=True)
    tracking = models.CharField(max_length=40, default="", blank=True)
    note = models.CharField(max_length=300, default="", blank=True)
    late_reason = models.CharField(
        max_length=300, default="", blank=True, help_text="why it was not written down on the day itself"
    )
    at = models.DateTimeField(help_text="when it was written; with 电子送达 the moment of service itself")
    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=50)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["case", "id"], name="service_by_case"),
            models.Index(fields=["at"], condition=~Q(late_reason=""), name="service_late"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["document"], condition=Q(outcome="served"), name="served_once")
        ]


def case_target(case: Application) -> str:
    """How the audit record names a case."""
    return f"applications.application:{case.uuid}"


def actor_columns(actor: Actor) -> dict[str, Any]:
    """The frozen actor as the insert-only rows of a case store it."""
    return {"actor_kind": actor.kind, "actor_id": actor.user_id, "actor_name": actor.name}
