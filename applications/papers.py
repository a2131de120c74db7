"""What a case says on paper: payloads of its 文书, remedies, and the certificate it ends in."""

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_noop

from applications import clock, regimes
from applications.intake import PaperReceived, intake_of
from applications.models import Application, CaseDocument, Manner
from certificates import actions as certificates
from certificates.models import Certificate
from matters.guides import Guide
from matters.situations import in_words
from support.calendars.terms import Due
from support.documents import actions as documents
from support.documents.models import Document
from support.places.models import Agency
from support.records.actor import Actor

# The step whose published rule a kind of paper cites; those of licences stand in its template.
STEP_OF_PAPER = {
    "acceptance": "accept",
    "deferral": "accept_deferring",
    "deemed_acceptance": "deem_accepted",
    "not_accepted": "refuse_acceptance",
    "correction": "request_correction",
    "grant": "grant",
    "refusal": "refuse",
}
# What a receipt says of the choice made (a paper speaks Chinese).
DELIVERY = {
    Manner.ELECTRONIC: "申请人同意电子送达，文书进入其“我的空间”时即为送达。",
    Manner.WINDOW: "申请人选择到窗口领取文书，签收之日为送达之日。",
    Manner.POST: "申请人选择邮寄送达，签收之日为送达之日。",
}


def case_url(case: Application) -> str:
    return reverse("applications:case", args=[case.uuid])


def desk_url(case: Application) -> str:
    return reverse("applications:desk_case", args=[case.uuid])


def remedies(agency: Agency, guide: Guide) -> dict[str, str]:
    """Where and until when a decision can be contested: 行政复议法 20 (60 days), 行政诉讼法 46 (6 months).

    The bodies are those of the agency unless the guide names its own.
    """
    own = guide.document.get("remedies", {})
    return {
        "authority": own.get("review_authority") or agency.review_authority,
        "court": own.get("court") or agency.court,
        "review_term": gettext_noop("60 日"),
        "suit_term": gettext_noop("6 个月"),
    }


def order(
    kind: str, case: Application, *, actor: Actor, at: dt.datetime, key: str = "",
    extra: Mapping[str, Any] | None = None,
) -> Document:  # fmt: skip
    """Order the sealed PDF of one kind, frozen as the case stands now. One per case, kind, revision, unless
    a `key` of its own is given; `extra` is what only this kind prints."""
    number = documents.next_document_number(case.agency, kind, timezone.localdate(at).year)
    return documents.order(
        kind,
        key=key or f"{case.uuid}:{kind}:{case.revision}",
        agency=case.agency,
        party_id=case.party_id,
        template=kind,
        payload={**payload(case, kind), **(extra or {})},
        number=number,
        actor=actor,
        now=at,
        case_number=case.number,
    )


def order_for(
    case: Application,
    kind: str,
    *,
    step: str,
    actor: Actor,
    at: dt.datetime,
    extra: Mapping[str, Any] | None = None,
) -> None:
    """Order one 文书 that a step of the case produces; the worker renders, seals and signs it."""
    document = order(kind, case, actor=actor, at=at, extra=extra)
    CaseDocument.objects.create(case=case, document=document, step=step)


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
        "act": regimes.act_of(guide),
        "applicant": case.party.name,
        "received_on": _day(case.received_at),
        "received_at": timezone.localtime(case.received_at).strftime("%Y-%m-%d %H:%M"),
        "accepted_on": _day(case.accepted_at),
        "corrected": case.supplemented_at is not None,
        "acceptance_due_on": _last_day(case.acceptance_due_at),
        "promised_due_on": _last_day(case.promised_due_at) or _expected(expected, "promised"),
        "statutory_due_on": _last_day(case.statutory_due_at) or _expected(expected, "statutory"),
        "provisional": any(due.provisional for due in dates.values()),
        "deemable": case.deemable,
        "silence_basis": guide.silence_basis,
        "instant_due_on": _expected(expected, "instant"),
        "basis": _rule(guide, kind),
        "at_once": case.events.filter(step="grant_at_once").exists(),
        "delivery": DELIVERY[Manner(case.delivery)],
        "promised": str(guide.promised) if guide.promised else "",
        "statutory": str(guide.statutory) if guide.statutory else "",
        "issue": str(guide.issue) if guide.issue else "",
        "situations": [list(pair) for pair in in_words(guide, case.situations)],
        "materials": _materials(case, guide),
        "phone": case.agency.phone,
        "window": _window(case),
        "reasons": decision.reasons if decision else "",
        "where_to_go": decision.where_to_go if decision else "",
        "remedies": decision.remedies if decision else remedies(case.agency, guide),
        "certificate_name": guide.certificate.name if guide.certificate else "",
        "certificate_number": decision.certificate.number if decision and decision.certificate else "",
    }


def _rule(guide: Guide, kind: str) -> str:
    """The published rule that a paper of this kind cites; empty for licences, which rest on the statute."""
    if guide.is_licence or kind not in STEP_OF_PAPER:
        return ""
    return regimes.basis(regimes.step(STEP_OF_PAPER[kind], guide), guide)


def _expected(dates: dict[str, Due], name: str) -> str:
    return dates[name].on.isoformat() if name in dates else ""


def _materials(case: Application, guide: Guide) -> list[dict[str, Any]]:
    counts: dict[str, int] = {}
    for material in case.materials.all():
        counts[material.material_key] = counts.get(material.material_key, 0) + 1
    sheets = {row.material_key: row for row in case.sheets.all()}
    return [
        {"name": material.name, "pages": counts.get(material.key, 0), **_counts(sheets.get(material.key))}
        for material in guide.materials
        if material.key in counts or material.key in sheets
    ]


def _counts(sheets: PaperReceived | None) -> dict[str, int]:
    return {"original": sheets.original, "copy": sheets.copy} if sheets else {}


def _window(case: Application) -> dict[str, str]:
    """Who took the case in at the window, and who came for the applicant."""
    intake = intake_of(case)
    if intake is None:
        return {}
    return {"officer": intake.officer_name, "agent": intake.agent_name, "mandate": intake.mandate}


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


def split_answers(guide: Guide, answers: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """Plain answers, and the sensitive ones as JSON text to be sealed."""
    sensitive = guide.sensitive_keys
    plain = {key: value for key, value in answers.items() if key not in sensitive}
    secret = {key: value for key, value in answers.items() if key in sensitive}
    return plain, json.dumps(secret, ensure_ascii=False) if secret else ""
