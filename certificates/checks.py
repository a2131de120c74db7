"""What anybody may learn about a certificate or paper: genuine or not, worth what, from whom, for whom (masked)."""

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _

from certificates.models import Certificate
from support.accounts.masking import mask_name
from support.accounts.models import Party
from support.documents.models import Document


@dataclass(frozen=True)
class Check:
    """The answer of a verification. With `found` False only `words` says anything."""

    words: str
    found: bool = False
    is_valid: bool = False
    title: str = ""
    state: str = ""
    holder: str = ""
    issuer: str = ""
    issued_on: dt.date | None = None
    valid_from: dt.date | None = None
    valid_until: dt.date | None = None


def unknown(words: str) -> Check:
    return Check(words)


def of_certificate(certificate: Certificate, today: dt.date) -> Check:
    state = certificate.state_at(today)
    valid = certificate.is_valid_on(today)
    return Check(
        words=_words(certificate, state, valid),
        found=True,
        is_valid=valid,
        title=certificate.type.name,
        state=str(state.label),
        holder=masked(certificate.holder_name, certificate.holder_kind),
        issuer=certificate.agency.name,
        issued_on=certificate.issued_on,
        valid_from=certificate.valid_from,
        valid_until=certificate.valid_until,
    )


def _words(certificate: Certificate, state: Certificate.State, valid: bool) -> str:
    if valid:
        return _("证照有效")
    if state is Certificate.State.ISSUING:
        return _("正在出证，尚未签发。请稍后再查")
    if state is Certificate.State.EXPIRED:
        return _("证照已过有效期")
    if state is Certificate.State.VALID:
        return _("证照尚未开始生效")
    return _("证照无效：%(state)s") % {"state": state.label}


def of_paper(document: Document, issued_on: dt.date) -> Check:
    """A 文书: it has no validity; what matters is that the agency issued it."""
    party = document.party
    return Check(
        words=_("文书由本平台签发") if document.is_ready else _("文书正在制作，尚未签发。请稍后再查"),
        found=True,
        is_valid=document.is_ready,
        title=document.title,
        state=str(document.State(document.state).label),
        holder=masked(party.name, party.kind) if party else "",
        issuer=document.agency.name,
        issued_on=issued_on,
    )


def masked(name: str, kind: str) -> str:
    """Natural persons by their family name only; organisations are public."""
    return mask_name(name) if kind == Party.Kind.NATURAL else name
