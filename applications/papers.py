"""What a case says on paper: payloads of its 文书, remedies, and the certificate it ends in."""

import datetime as dt
import json
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_noop

from applications import clock
from applications.models import Application
from certificates import actions as certificates
from certificates.models import Certificate
from matters.guides import Guide
from support.calendars.terms import Due
from support.documents import actions as documents
from support.documents.models import Document
from support.places.models import Agency
from support.records.actor import Actor

# Where a kind of paper rests on one item of an article, that item is named.
BASIS = {"not_accepted": "《中华人民共和国行政许可法》第三十二条第一款第（二）项"}


def case_url(case: Application) -> str:
    return reverse("applications:case", args=[case.uuid])


def desk_url(case: Application) -> str:
    return reverse("applications:desk_case", args=[case.uuid])


def remedies(agency: Agency) -> dict[str, str]:
    """Where and until when a decision can be contested: 行政复议法 20 (60 days), 行政诉讼法 46 (6 months)."""
    return {
        "authority": agency.review_authority,
        "court": agency.court,
        "review_term": gettext_noop("60 日"),
        "suit_term": gettext_noop("6 个月"),
    }


def order(kind: str, case: Application, *, actor: Actor, at: dt.datetime) -> Document:
    """Order the sealed PDF of one kind, frozen as the case stands now. One per case, kind, revision."""
    number = documents.next_document_number(case.agency, kind, timezone.localdate(at).year)
    return documents.order(
        kind,
        key=f"{case.uuid}:{kind}:{case.revision}",
        agency=case.agency,
        party_id=case.party_id,
        template=kind,
        payload=payload(case, kind),
        number=number,
        actor=actor,
        now=at,
        case_number=case.number,
    )


def payload(case: Application, kind: str) -> dict[str, Any]:
    """What the templates of `support.documents.kinds` may print. Dates are local ISO days."""
    guide = case.guide.guide
    decision = getattr(case, "decision", None)
    dates = clock.forecast(guide, received_on=case.receipt_day, region_code=case.region_code)
    expected = dates if kind == "receipt" else {}
    return {
        "case_number": case.number,
        "matter": guide.name,
        "regime": guide.regime,
        "applicant": case.party.name,
        "received_on": _day(case.received_at),
        "received_at": timezone.localtime(case.received_at).strftime("%Y-%m-%d %H:%M"),
        "accepted_on": _day(case.accepted_at),
        "acceptance_due_on": _last_day(case.acceptance_due_at),
        "promised_due_on": _last_day(case.promised_due_at) or _expected(expected, "promised"),
        "statutory_due_on": _last_day(case.statutory_due_at) or _expected(expected, "statutory"),
        "provisional": any(due.provisional for due in dates.values()),
        "deemable": case.deemable,
        "basis": BASIS.get(kind, ""),
        "promised": str(guide.promised) if guide.promised else "",
        "statutory": str(guide.statutory) if guide.statutory else "",
        "materials": _materials(case, guide),
        "phone": case.agency.phone,
        "reasons": decision.reasons if decision else "",
        "where_to_go": decision.where_to_go if decision else "",
        "remedies": decision.remedies if decision else remedies(case.agency),
        "certificate_name": guide.certificate.name if guide.certificate else "",
        "certificate_number": decision.certificate.number if decision and decision.certificate else "",
    }


def _expected(dates: dict[str, Due], name: str) -> str:
    return dates[name].on.isoformat() if name in dates else ""


def _materials(case: Application, guide: Guide) -> list[dict[str, Any]]:
    counts: dict[str, int] = {}
    for material in case.materials.all():
        counts[material.material_key] = counts.get(material.material_key, 0) + 1
    return [
        {"name": material.name, "pages": counts[material.key]}
        for material in guide.materials
        if material.key in counts
    ]


def _day(moment: dt.datetime | None) -> str:
    return timezone.localdate(moment).isoformat() if moment else ""


def _last_day(end: dt.datetime | None) -> str:
    """The last day of a term whose end is the following midnight."""
    return (timezone.localdate(end) - dt.timedelta(days=1)).isoformat() if end else ""


def reserve_certificate(
    case: Application, guide: Guide, *, actor: Actor, at: dt.datetime
) -> Certificate | None:
    """Number and reserve the certificate of a granted case, if its guide ends in one (art. 39, 44)."""
    result = guide.certificate
    if result is None:
        return None
    return certificates.reserve(
        result.type_code,
        case_number=case.number,
        matter_code=case.matter.task_code,
        agency=case.agency,
        party_id=case.party_id,
        fields=guide.certificate_fields(all_answers(case)),
        decided_at=at,
        actor=actor,
        terms=certificates.Terms(
            months=result.validity.amount if result.validity else None,
            labels={key: label for key, label, _source in result.contents},
            prefix=result.words.get("number_prefix", ""),
        ),
    )


def all_answers(case: Application) -> dict[str, Any]:
    """Plain and sealed answers together. Callers record the read."""
    sealed = case.sealed_text
    return {**case.answers, **(json.loads(sealed) if sealed else {})}
