"""送达: how the applicant wishes to receive papers, and when each one has reached them.

With consent a paper is served at the instant its signed file enters the applicant's space, in the
transaction in which it becomes ready (电子签名法 11(2)). Without, it waits until an officer records how
it was handed over. A paper is served once; a try in vain is kept and leaves it open.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from applications import clock, papers, regimes
from applications.models import (
    Application,
    CaseDocument,
    Clock,
    DeliveryChoice,
    Manner,
    Service,
    actor_columns,
    case_target,
)
from applications.permissions import concerns
from support.accounts.models import Party
from support.calendars.terms import Due, Term, Unit
from support.documents import actions as documents
from support.documents.kinds import SERVICE_RETURN
from support.documents.models import Document
from support.notices import actions as notices
from support.places.models import Role
from support.records import actions as records
from support.records.actor import TIMER, Actor

WORDING = "送达/1"  # version of the words of applications/_delivery_words.html and of `forms.DeliveryForm`
SERVES = Role.CLERK
REVIEW_TERM = Term(60, Unit.DAY)  # 行政复议法 20
SUIT_TERM = Term(6, Unit.MONTH)  # 行政诉讼法 46


class DeliveryRefused(Exception):
    """The choice or record is not taken; the message says why. `stale`: reloading the page helps."""

    def __init__(self, message: str, *, stale: bool = False) -> None:
        super().__init__(message)
        self.stale = stale


@dataclass(frozen=True)
class Wish:
    """The applicant's choice; an address only for post. Without a choice there is no consent."""

    manner: str = Manner.WINDOW
    address: str = ""


@dataclass(frozen=True)
class Handover:
    """What an officer records of papers handed over, or of a try in vain."""

    documents: Sequence[int]
    manner: str
    outcome: str
    on: dt.date
    to_whom: str = ""
    tracking: str = ""
    note: str = ""
    late_reason: str = ""


# --- the choice -------------------------------------------------------------------------------


def note_choice(case: Application, wish: Wish, *, actor: Actor, now: dt.datetime) -> None:
    """Keep the choice with its time and the wording agreed to. The caller saves the case."""
    case.delivery = wish.manner
    choice = DeliveryChoice(case=case, manner=wish.manner, wording=WORDING, at=now, **actor_columns(actor))
    choice.address = wish.address.strip() if wish.manner == Manner.POST else ""
    choice.save()


@transaction.atomic
def choose(case: Application, wish: Wish, *, actor: Actor, now: dt.datetime) -> Application:
    """Change how the papers not yet served will come. Consent given now serves those already made, now.

    Raises DeliveryRefused.
    """
    case = Application.objects.select_for_update().select_related("guide", "agency", "party").get(pk=case.pk)
    if not actor.is_applicant or actor.party_id != case.party_id:
        raise DeliveryRefused(_("只有申请人可以选择送达方式。"))
    if not may_still_choose(case):
        raise DeliveryRefused(_("本件的文书已经全部送达，不能再更改送达方式。"))
    note_choice(case, wish, actor=actor, now=now)
    case.save(update_fields=["delivery"])
    records.write(
        "case.delivery", actor=actor, target=case_target(case), subject_id=case.party_id,
        agency_id=case.agency_id, details={"manner": wish.manner, "wording": WORDING}, at=now,
    )  # fmt: skip
    if wish.manner == Manner.ELECTRONIC:
        for document in waiting(case):
            _serve_electronically(case, document, now)
    return case


def may_still_choose(case: Application) -> bool:
    """Until the case is closed and its last paper served."""
    return case.closed_at is None or _unserved(case).exists()


def address_of(case: Application) -> str:
    """Where to post papers to. Personal data: callers record the read."""
    choice = case.delivery_choices.order_by("-id").first()
    return choice.address if choice else ""


# --- papers and whether they are served ----------------------------------------------------------


def _unserved(case: Application) -> QuerySet[Document]:
    served = Service.objects.filter(document=OuterRef("pk"), outcome=Service.Outcome.SERVED)
    return (
        Document.objects.filter(case_number=case.number)
        .exclude(kind=SERVICE_RETURN)
        .exclude(Exists(served))
        .order_by("id")
    )


def waiting(case: Application) -> list[Document]:
    """待送达: made, and not served yet."""
    return list(_unserved(case).filter(state=Document.State.READY))


@dataclass
class Paper:
    """One paper of a case and what became of it."""

    document: Document
    service: Service | None = None
    failed: list[Service] = field(default_factory=list)

    @property
    def is_failed(self) -> bool:
        """Every attempt to make it has failed; it waits for somebody to order it again."""
        return not self.document.is_ready and self.document.next_at is None

    @property
    def is_waiting(self) -> bool:
        return self.document.is_ready and self.service is None and self.document.kind != SERVICE_RETURN


def papers_of(case: Application) -> list[Paper]:
    """Every paper of a case, the certificate too, in the order in which they were ordered. Two queries."""
    rows = {d.pk: Paper(d) for d in Document.objects.filter(case_number=case.number).order_by("id")}
    for service in case.services.all():
        paper = rows[service.document_id]
        if service.outcome == Service.Outcome.SERVED:
            paper.service = service
        else:
            paper.failed.append(service)
    return list(rows.values())


def last_service(case: Application) -> int:
    """What an officer has seen of the services of a case: 0, or the id of the last row."""
    return case.services.order_by("-id").values_list("id", flat=True).first() or 0


def remedy_days(case: Application) -> dict[str, Due] | None:
    """The last days for 复议 and 诉讼, counted from the service of the decision; None before it, and
    where the outcome is no decision on rights."""
    if not regimes.is_decision(case.guide.guide):
        return None
    kinds = ("refusal", "not_accepted")
    served = case.services.filter(outcome=Service.Outcome.SERVED, document__kind__in=kinds).first()
    if served is None:
        return None
    calendar = clock.calendar_of(case)
    return {"review": calendar.add(served.on, REVIEW_TERM), "suit": calendar.add(served.on, SUIT_TERM)}


# --- serving ----------------------------------------------------------------------------------


def document_ready(document: Document, now: dt.datetime) -> None:
    """A signed file has entered the applicant's space. Runs in the worker's transaction, once per paper."""
    if not document.case_number or document.kind == SERVICE_RETURN:
        return
    rows = Application.objects.select_for_update(of=("self",)).select_related("guide", "agency", "party")
    case = rows.filter(number=document.case_number).first()
    if case is None:
        return
    if case.delivery == Manner.ELECTRONIC:
        _serve_electronically(case, document, now)
    elif case.delivery == Manner.WINDOW and document.kind != "receipt":
        notices.tell_party(
            case.party_id, "paper_waiting", key=f"{document.uuid}:waiting",
            context={"document": document.title, "matter": case.guide.document["name"], "number": case.number},
            url=papers.case_url(case), now=now, agency_id=case.agency_id,
        )  # fmt: skip
        notices.wake()


def _serve_electronically(case: Application, document: Document, now: dt.datetime) -> None:
    service = Service.objects.create(
        case=case, document=document, manner=Manner.ELECTRONIC, on=timezone.localdate(now),
        to_whom=case.party.name[:50], at=now, **actor_columns(TIMER),
    )  # fmt: skip
    _after_service(case, service, actor=TIMER, now=now)


def _after_service(case: Application, service: Service, *, actor: Actor, now: dt.datetime) -> None:
    document = service.document
    records.write(
        "document.serve", actor=actor, target=documents.target_of(document), subject_id=case.party_id,
        agency_id=case.agency_id, at=now, details={"manner": service.manner, "on": service.on.isoformat()},
    )  # fmt: skip
    if _ends_issuing(case, document):
        clock.stop(case, Clock.ISSUE, actor=actor, at=now, on=service.on)
        clock.recompute(case, today=timezone.localdate(now))
        case.save()


def _ends_issuing(case: Application, document: Document) -> bool:
    """行政许可法 44 is about the certificate; a case without an electronic one is handed over with its decision."""
    decision = getattr(case, "decision", None)
    if decision is None:
        return False
    if decision.certificate is not None:
        return bool(document.pk == decision.certificate.document_id)
    return document.kind == "grant"


# --- what an officer records ---------------------------------------------------------------------


def may_record(case: Application, actor: Actor) -> bool:
    return actor.is_officer and actor.holds(SERVES, case.agency_id)


@transaction.atomic
def record(
    case: Application, handover: Handover, *, actor: Actor, seen: int, now: dt.datetime
) -> list[Service]:
    """Record that papers were handed over, or could not be. Raises DeliveryRefused in the officer's words.

    `seen` is `last_service` as the officer saw it. What was served yields one 送达回证, and the applicant is
    told of the day from which terms now run, and when it was recorded.
    """
    case = Application.objects.select_for_update().select_related("guide", "agency", "party").get(pk=case.pk)
    if not may_record(case, actor):
        raise DeliveryRefused(_("您的岗位不能登记送达。"))
    if concerns(case, actor):
        raise DeliveryRefused(_("您是本件的申请人或者经办人，应当回避，请由其他人员办理。"))
    if seen != last_service(case):
        raise DeliveryRefused(
            _("您打开页面之后，本件的送达情况有变化。请核对最新情况后再登记；您填写的内容还在。"), stale=True
        )
    chosen = _chosen(case, handover)
    _check(handover, chosen, timezone.localdate(now))
    rows = [_write(case, document, handover, actor=actor, now=now) for document in chosen]
    if handover.outcome == Service.Outcome.SERVED:
        _order_return(case, rows, actor=actor, now=now)
        _tell_applicant(case, rows, now=now)
    return rows


def _chosen(case: Application, handover: Handover) -> list[Document]:
    open_papers = {document.pk: document for document in waiting(case)}
    if not handover.documents:
        raise DeliveryRefused(_("请选择文书。"))
    if any(pk not in open_papers for pk in handover.documents):
        raise DeliveryRefused(_("所选文书已经送达，或者还没有制成。"), stale=True)
    return [open_papers[pk] for pk in dict.fromkeys(handover.documents)]


def _check(handover: Handover, chosen: list[Document], today: dt.date) -> None:
    """Not in the future, not before the paper was made or a try in vain on record, for terms against the
    applicant run from that day; not in the past without a reason; who, and by which post, as the manner needs."""
    if handover.manner not in (Manner.WINDOW, Manner.POST):
        raise DeliveryRefused(_("请选择送达方式。"))
    if handover.outcome not in Service.Outcome.values:
        raise DeliveryRefused(_("请选择送达结果。"))
    if handover.on > today:
        raise DeliveryRefused(_("送达日期不能晚于今天。"))
    for document in chosen:
        assert document.signed_at is not None
        if handover.on < timezone.localdate(document.signed_at):
            raise DeliveryRefused(_("送达日期不能早于“%(title)s”制成的日期。") % {"title": document.title})
    served = handover.outcome == Service.Outcome.SERVED
    if served and Service.objects.filter(document__in=chosen, on__gt=handover.on).exists():
        raise DeliveryRefused(_("送达日期不能早于已经登记的未能送达的日期。"))
    if served and handover.on < today and not handover.late_reason.strip():
        raise DeliveryRefused(_("送达日期早于今天的，请写明没有当天登记的原因。"))
    if handover.manner == Manner.POST and not handover.tracking.strip():
        raise DeliveryRefused(_("请填写邮件号码。"))
    if served and not handover.to_whom.strip():
        raise DeliveryRefused(_("请填写签收人姓名。"))
    if not served and not handover.note.strip():
        raise DeliveryRefused(_("请写明未能送达的情况。"))


def _write(
    case: Application, document: Document, handover: Handover, *, actor: Actor, now: dt.datetime
) -> Service:
    service = Service.objects.create(
        case=case, document=document, manner=handover.manner, outcome=handover.outcome, on=handover.on,
        to_whom=handover.to_whom.strip(), note=handover.note.strip(), at=now, **actor_columns(actor),
        tracking=handover.tracking.strip() if handover.manner == Manner.POST else "",
        late_reason=handover.late_reason.strip() if handover.on < timezone.localdate(now) else "",
    )  # fmt: skip
    if service.outcome == Service.Outcome.SERVED:
        _after_service(case, service, actor=actor, now=now)
    else:
        records.write(
            "document.serve_failed", actor=actor, target=documents.target_of(document),
            subject_id=case.party_id, agency_id=case.agency_id, at=now, details={"outcome": service.outcome},
        )  # fmt: skip
    return service


RETURN_WORDS = {Manner.WINDOW: "直接送达（窗口领取）", Manner.POST: "邮寄送达"}  # a paper speaks Chinese


def _order_return(case: Application, rows: list[Service], *, actor: Actor, now: dt.datetime) -> None:
    """The 送达回证 of papers handed over together."""
    first = rows[0]
    extra = {
        "papers": [{"title": row.document.title, "number": row.document.number} for row in rows],
        "manner": RETURN_WORDS[Manner(first.manner)],
        "served_on": first.on.isoformat(),
        "received_by": first.to_whom,
        "tracking": first.tracking,
        "recorded_by": actor.name,
        "recorded_on": timezone.localdate(now).isoformat(),
    }
    key = f"{case.uuid}:{SERVICE_RETURN}:{first.pk}"
    document = papers.order(SERVICE_RETURN, case, actor=actor, at=now, key=key, extra=extra)
    CaseDocument.objects.create(case=case, document=document, step="serve")


def _tell_applicant(case: Application, rows: list[Service], *, now: dt.datetime) -> None:
    facts = {
        "matter": case.guide.document["name"], "number": case.number, "count": str(len(rows)),
        "on": rows[0].on.isoformat(), "recorded": timezone.localdate(now).isoformat(),
    }  # fmt: skip
    notices.tell_party(
        case.party_id, "papers_served", key=f"{case.uuid}:served:{rows[0].pk}", context=facts,
        url=papers.case_url(case), now=now, agency_id=case.agency_id,
    )  # fmt: skip
    notices.wake()


def panel(case: Application, actor: Actor) -> dict[str, Any]:
    """What `applications/_service.html` shows of a case."""
    rows = papers_of(case)
    return {
        "papers": rows,
        "manner": Manner(case.delivery).label,
        "may_record": may_record(case, actor) and any(row.is_waiting for row in rows),
    }


def party_address(party_id: int) -> str:
    """What the form of the choice proposes. The party's own page shows it to the party alone."""
    return str(Party.objects.get(pk=party_id).address)
