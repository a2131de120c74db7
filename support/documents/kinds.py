"""The kinds of paper an agency issues: title, template, number series, and what each one prints.

A payload is a flat JSON object; days are ISO (`2026-03-02`), instants `2026-03-02 09:30`, both local.
Empty or absent optional keys print nothing; `provisional` says that the days may still move. The words
follow the kind of act (`act`, a key of ACTS): 行政许可 only where 行政许可法 governs, which is where
`regime` == "licence". `basis` is the rule that the guide publishes for the step; licences have the statute.

every paper      case_number, matter, regime, applicant; act, phone
receipt          received_at; situations [[question, answer]], materials [{name, pages; original, copy: sheets
                 received on paper}], window {officer, agent, mandate} (taken in at a window),
                 acceptance_due_on, statutory_due_on, promised_due_on, deemable (silence is acceptance, always
                 with licences), silence_basis, instant_due_on (即办件: the last day for filings outside office
                 hours), delivery
acceptance       received_on, accepted_on; basis, statutory, statutory_due_on, promised, promised_due_on
deferral         as acceptance; items [{name, due_on, due_words}], told_on
deemed_acceptance  as acceptance; basis
not_accepted     received_on, reasons; where_to_go, basis, remedies, corrected (after a correction)
not_required     received_on, reasons; remedies
correction       received_on, items [{name, why, how}], correct_by; basis
special_procedure  received_on, procedure, reasons, until; procedure_basis, exclusion (the rule by which the time
                 is not counted), charged, charge_basis, since, again (a later notice), statutory_due_on
extension        received_on, accepted_on, reasons, days, due_before, due_after
returned         received_on, told_on, correct_by
grant            accepted_on; received_on, basis, certificate_name, certificate_number, issue,
                 at_once (accepted and decided in one act, 行政许可法 34)
refusal          accepted_on, reasons; received_on, basis, remedies
service_return   papers [{title, number}], manner, served_on, received_by, recorded_by, recorded_on; tracking
certificate      name, number, identifier, holder, holder_label, holder_code, holder_code_label,
                 fields [[label, value or list of values]], issued_on, valid_from, valid_until ("": no end)

remedies         {authority, court, review_term, suit_term}; default: those of the agency,
                 60 days (行政复议法 20) and 6 months (行政诉讼法 46)
"""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_noop as _  # papers keep the source's words; pages translate

LICENCE = "licence"


@dataclass(frozen=True)
class Act:
    """What an agency does in one kind of matter, as its papers say it.

    `granted` and `refused` end the sentence 本机关…; `met` and `unmet` say what the review found.
    `decided`: a decision on rights, open to 行政复议 and 行政诉讼 as such; else a service.
    """

    grant_title: str
    refusal_title: str
    granted: str
    refused: str
    met: str = "经审查，该申请符合规定的条件。"
    unmet: str = "经审查，该申请不符合规定的条件，理由如下："
    decided: bool = True


OTHER = "other"
ACTS = {
    LICENCE: Act(
        _("准予行政许可决定书"), _("不予行政许可决定书"), "决定准予行政许可", "决定不予行政许可",
        met="经审查，该申请符合法定条件、标准。", unmet="经审查，该申请不符合法定条件、标准，理由如下：",
    ),
    "confirmation": Act(_("予以确认决定书"), _("不予确认决定书"), "决定予以确认", "决定不予确认"),
    "benefit": Act(_("准予给付决定书"), _("不予给付决定书"), "决定准予给付", "决定不予给付"),
    "reward": Act(_("予以奖励决定书"), _("不予奖励决定书"), "决定予以奖励", "决定不予奖励"),
    "ruling": Act(
        _("行政裁决书"), _("驳回裁决申请决定书"), "依申请作出裁决", "决定驳回申请",
        met="经审查，该申请有事实和依据。", unmet="经审查，该申请不能成立，理由如下：",
    ),
    "filing": Act(
        _("备案通知书"), _("不予备案通知书"), "予以备案", "不予备案",
        met="经核对，备案材料齐全，符合规定的形式。", unmet="经核对，该申请不符合备案的规定，理由如下：",
    ),
    "service": Act(
        _("办结通知书"), _("不予办理通知书"), "已经办结", "不能办理",
        met="经核对，该申请符合公布的办理条件。", unmet="经核对，该申请不符合公布的办理条件，理由如下：",
        decided=False,
    ),
    OTHER: Act(_("准予办理决定书"), _("不予办理决定书"), "决定准予办理", "决定不予办理"),
}  # fmt: skip


def act_of(payload: dict[str, Any]) -> str:
    """The key of ACTS; a licence is one by its regime, whatever else the payload says."""
    if payload.get("regime") == LICENCE:
        return LICENCE
    return str(payload.get("act") or OTHER)


@dataclass(frozen=True)
class Kind:
    """One row of the table. `word` goes into the number. The papers that decide take their title from the act."""

    code: str
    title: str
    word: str
    needs: tuple[str, ...]

    def title_for(self, payload: dict[str, Any]) -> str:
        if self.code == CERTIFICATE:
            return str(payload["name"])
        act = ACTS[act_of(payload)]
        return {"grant": act.grant_title, "refusal": act.refusal_title}.get(self.code, self.title)

    def missing(self, payload: dict[str, Any]) -> list[str]:
        """Names that the payload lacks or leaves empty."""
        return [name for name in self.needs if not payload.get(name)]


CERTIFICATE = "certificate"
SERVICE_RETURN = "service_return"
_CASE = ("case_number", "matter", "regime", "applicant")

KINDS = {
    kind.code: kind
    for kind in (
        Kind("receipt", _("收件回执"), "收", (*_CASE, "received_at")),
        Kind("acceptance", _("受理通知书"), "受", (*_CASE, "received_on", "accepted_on")),
        Kind("deferral", _("容缺受理通知书"), "容", (*_CASE, "received_on", "accepted_on", "items")),
        Kind("deemed_acceptance", _("受理通知书"), "受", (*_CASE, "received_on", "accepted_on")),
        Kind("not_accepted", _("不予受理决定书"), "不受", (*_CASE, "received_on", "reasons")),
        Kind("not_required", _("不受理通知书"), "免", (*_CASE, "received_on", "reasons")),
        Kind("correction", _("一次性补正告知书"), "补", (*_CASE, "received_on", "items", "correct_by")),
        Kind(
            "special_procedure", _("特别程序告知书"), "特",
            (*_CASE, "received_on", "procedure", "reasons", "until"),
        ),
        Kind(
            "extension", _("延期告知书"), "延",
            (*_CASE, "received_on", "accepted_on", "reasons", "days", "due_before", "due_after"),
        ),
        Kind("returned", _("退件通知书"), "退", (*_CASE, "received_on", "told_on", "correct_by")),
        Kind("grant", _("准予决定书"), "准", (*_CASE, "accepted_on")),
        Kind("refusal", _("不予决定书"), "不准", (*_CASE, "accepted_on", "reasons")),
        Kind(
            SERVICE_RETURN, _("送达回证"), "送",
            (*_CASE, "papers", "manner", "served_on", "received_by", "recorded_by"),
        ),
        Kind(
            CERTIFICATE, _("电子证照"), "证",
            ("name", "number", "identifier", "holder", "issued_on", "valid_from"),
        ),
    )
}  # fmt: skip
