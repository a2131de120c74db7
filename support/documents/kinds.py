"""The kinds of paper an agency issues: title, template, number series, and what each one prints.

A payload is a flat JSON object; days are ISO (`2026-03-02`), instants `2026-03-02 09:30`, both local.
Empty or absent optional keys print nothing; `provisional` says that the days may still move. The words
follow the regime of the matter: 行政许可 only where 行政许可法 governs (`regime` == "licence").

every paper      case_number, matter, regime, applicant; phone
receipt          received_at; materials [{name, pages}], acceptance_due_on, statutory_due_on,
                 promised_due_on, deemable (silence is acceptance; with licences it always is)
acceptance       received_on, accepted_on; statutory, statutory_due_on, promised, promised_due_on
deemed_acceptance  as acceptance; basis
not_accepted     received_on, reasons; where_to_go, basis, remedies
grant            accepted_on; received_on, basis, certificate_name, certificate_number
refusal          accepted_on, reasons; received_on, basis, remedies
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
class Kind:
    """One row of the table. `word` goes into the number; `title` into licences, `plain_title` elsewhere."""

    code: str
    title: str
    word: str
    needs: tuple[str, ...]
    plain_title: str = ""

    def title_for(self, payload: dict[str, Any]) -> str:
        if self.code == CERTIFICATE:
            return str(payload["name"])
        return self.plain_title if self.plain_title and payload["regime"] != LICENCE else self.title

    def missing(self, payload: dict[str, Any]) -> list[str]:
        """Names that the payload lacks or leaves empty."""
        return [name for name in self.needs if not payload.get(name)]


CERTIFICATE = "certificate"
_CASE = ("case_number", "matter", "regime", "applicant")

KINDS = {
    kind.code: kind
    for kind in (
        Kind("receipt", _("收件回执"), "收", (*_CASE, "received_at")),
        Kind("acceptance", _("受理通知书"), "受", (*_CASE, "received_on", "accepted_on")),
        Kind("deemed_acceptance", _("受理通知书"), "受", (*_CASE, "received_on", "accepted_on")),
        Kind("not_accepted", _("不予受理决定书"), "不受", (*_CASE, "received_on", "reasons")),
        Kind("grant", _("准予行政许可决定书"), "准", (*_CASE, "accepted_on"), _("准予决定书")),
        Kind("refusal", _("不予行政许可决定书"), "不准", (*_CASE, "accepted_on", "reasons"), _("不予决定书")),
        Kind(
            CERTIFICATE, _("电子证照"), "证",
            ("name", "number", "identifier", "holder", "issued_on", "valid_from"),
        ),
    )
}  # fmt: skip
