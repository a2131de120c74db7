"""Reserving a certificate in the deciding transaction, making it valid, showing and checking it."""

import calendar
import datetime as dt
import hashlib
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from stdnum.iso7064 import mod_37_36

from certificates import checks
from certificates.checks import Check as Check
from certificates.models import TOKEN_LIMIT, Certificate, CertificateType, PresentToken, UseLog
from support.accounts.masking import mask_number
from support.accounts.models import Party
from support.documents import actions as documents
from support.documents.actions import Finding as Finding
from support.documents.actions import Verdict
from support.documents.kinds import CERTIFICATE
from support.documents.models import Document
from support.notices import actions as notices
from support.places.models import Agency
from support.records import actions as records
from support.records.actor import VISITOR, Actor

OID = "1.2.156.3005.2"  # root of certificate identifiers, GB/T 36903
TOKEN_LIFE = dt.timedelta(minutes=2)
REFRESH = 60  # seconds after which the shown code is replaced
assert TOKEN_LIFE <= TOKEN_LIMIT


class PresentRefused(Exception):
    """The certificate cannot be shown now; the message says why, in the holder's words."""


@dataclass(frozen=True)
class Terms:
    """What a guide says of its certificate: months of validity (None: no end), labels by key, prefix."""

    months: int | None
    labels: dict[str, str]
    prefix: str = ""


# --- types ------------------------------------------------------------------------------------


def define_type(
    code: str, *, name: str, months: int | None, labels: dict[str, str], prefix: str = ""
) -> None:
    """Make a type known, or bring its words up to date; certificates already issued keep theirs."""
    CertificateType.objects.update_or_create(
        code=code,
        defaults={"name": name, "months": months, "labels": labels, "number_prefix": prefix},
    )


# --- issuing ----------------------------------------------------------------------------------


@transaction.atomic
def reserve(
    type_code: str, *, case_number: str, matter_code: str, agency: Agency, party_id: int,
    fields: dict[str, Any], decided_at: dt.datetime, actor: Actor, previous: Certificate | None = None,
    terms: Terms | None = None,
) -> Certificate:  # fmt: skip
    """Number a certificate and order its PDF, in the transaction of the decision (行政许可法 39, 44).

    Until the worker has signed it the state is 出证中. Reserved once per case, type and version; asking
    again gives the same one. `previous` is the version that this one follows. `terms` are those of the
    guide that the case pins; without them, those last published for the type.
    """
    version = previous.version + 1 if previous else 1
    kind = CertificateType.objects.get(code=type_code)
    again = Certificate.objects.filter(case_number=case_number, type=kind, version=version).first()
    if again:
        return again
    terms = terms or Terms(kind.months, kind.labels, kind.number_prefix)
    holder = Party.objects.get(pk=party_id)
    issued_on = timezone.localdate(decided_at)
    serial = _next_serial(kind, agency, issued_on.year)
    certificate = Certificate(
        type=kind, number=previous.number if previous else _number(terms.prefix, agency, serial),
        identifier=identifier(type_code, agency.uscc, serial, version), version=version, previous=previous,
        holder=holder, holder_name=holder.name, holder_kind=holder.kind, holder_code_type=holder.code_type,
        agency=agency, region_code=agency.region_id, case_number=case_number, matter_code=matter_code,
        issued_on=issued_on, valid_from=issued_on, valid_until=last_day(issued_on, terms.months),
    )  # fmt: skip
    particulars = [[terms.labels.get(key, key), value] for key, value in fields.items() if value]
    certificate.fields_text = json.dumps(particulars, ensure_ascii=False)
    certificate.document = _order_paper(certificate, holder, particulars, actor, decided_at)
    certificate.code = certificate.document.code
    certificate.save()
    records.write(
        "certificate.reserve", actor=actor, target=target_of(certificate), subject_id=holder.pk,
        agency_id=agency.pk, details={"type": type_code, "number": certificate.number}, at=decided_at,
    )  # fmt: skip
    return certificate


def _order_paper(
    certificate: Certificate, holder: Party, particulars: list[list[Any]], actor: Actor, at: dt.datetime
) -> Document:
    natural = holder.kind == Party.Kind.NATURAL
    label = next((label for label, value in particulars if value == holder.name), "")
    payload = {
        "name": certificate.type.name,
        "number": certificate.number,
        "identifier": certificate.identifier,
        "holder": holder.name,
        "holder_label": label,
        "holder_code": mask_number(holder.number) if natural else holder.number,
        "holder_code_label": "公民身份号码" if natural else "统一社会信用代码",
        "fields": [[name, value] for name, value in particulars if name != label],
        "issued_on": certificate.issued_on.isoformat(),
        "valid_from": certificate.valid_from.isoformat(),
        "valid_until": certificate.valid_until.isoformat() if certificate.valid_until else "",
    }
    return documents.order(
        CERTIFICATE, key=f"certificate:{certificate.uuid}", agency=certificate.agency, party_id=holder.pk,
        payload=payload, number=certificate.number, actor=actor, now=at, template=certificate.type.layout,
        case_number=certificate.case_number,
    )  # fmt: skip


def _next_serial(kind: CertificateType, agency: Agency, year: int) -> str:
    """Year and seven digits, one series for all agencies of a county, whose code the number bears.

    Locks the series until the transaction ends.
    """
    return f"{year}{records.next_number(f'certificate.{kind.code}.{agency.region_id[:6]}.{year}'):07d}"


def _number(prefix: str, agency: Agency, serial: str) -> str:
    """What is printed as 编号: the type's prefix, the county and the serial."""
    return f"{prefix}{agency.region_id[:6]}{serial}"


def identifier(type_code: str, issuer_code: str, serial: str, version: int) -> str:
    """电子证照标识: an OID of type, issuer, serial, version and check character (ISO 7064 MOD 37,36)."""
    segments = (type_code, issuer_code, serial, f"{version:03d}")
    return ".".join((OID, *segments, mod_37_36.calc_check_digit("".join(segments))))


def last_day(first: dt.date, months: int | None) -> dt.date | None:
    """Valid for whole months from the first day: until the day before the same-numbered day."""
    if months is None:
        return None
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    month += 1
    length = calendar.monthrange(year, month)[1]
    if first.day > length:
        return dt.date(year, month, length)
    return dt.date(year, month, first.day) - dt.timedelta(days=1)


def document_ready(document: Document, now: dt.datetime) -> None:
    """The PDF is signed: the certificate is valid from here on. Runs in the worker's transaction.

    One that was revoked while it was being made stays revoked.
    """
    issuing = Certificate.objects.filter(document=document, state=Certificate.State.ISSUING)
    certificate = issuing.select_for_update(of=("self",)).select_related("type").first()
    if certificate is None:
        return
    certificate.state = Certificate.State.VALID
    certificate.save(update_fields=["state"])
    notices.tell_party(
        certificate.holder_id, "certificate_ready", key=f"certificate_ready:{certificate.uuid}",
        context={"certificate": certificate.type.name},
        url=reverse("certificates:detail", args=[certificate.uuid]), now=now,
        agency_id=certificate.agency_id, case_number=certificate.case_number,
    )  # fmt: skip
    notices.wake()


def target_of(certificate: Certificate) -> str:
    """How the audit record names a certificate."""
    return f"certificates.certificate:{certificate.uuid}"


def cards(certificates: Iterable[Certificate], today: dt.date) -> list[dict[str, Any]]:
    """What `certificates/_cards.html` shows of certificates: the inputs of components/certificate.html."""
    return [_card(certificate, certificate.state_at(today)) for certificate in certificates]


def _card(certificate: Certificate, state: Certificate.State) -> dict[str, Any]:
    usable = state is Certificate.State.VALID
    waiting = state is Certificate.State.ISSUING
    return {
        "title": certificate.type.name,
        "number": certificate.number,
        "holder": certificate.holder_name,
        "issuer": certificate.agency.name,
        "valid_until": certificate.valid_until or _("长期"),
        "state_words": state.label,
        "tone": "ok" if usable else "warn" if waiting else "calm",
        "void": not usable and not waiting,
        "url": reverse("certificates:detail", args=[certificate.uuid]),
        "present_url": reverse("certificates:present", args=[certificate.uuid]) if usable else "",
    }


# --- showing ----------------------------------------------------------------------------------


@transaction.atomic
def present(certificate: Certificate, *, actor: Actor, now: dt.datetime) -> PresentToken:
    """A fresh one-time code for the holder's screen, as `token` on the row returned. Raises PresentRefused."""
    if not actor.is_applicant or actor.party_id != certificate.holder_id or actor.user_id is None:
        raise PresentRefused(_("只有持证人可以亮证。"))
    if not certificate.is_valid_on(timezone.localdate(now)):
        state = certificate.state_at(timezone.localdate(now))
        raise PresentRefused(_("证照现在的状态是“%(state)s”，不能亮证。") % {"state": state.label})
    recent = certificate.tokens.filter(created_at__gt=now - TOKEN_LIMIT)
    if not recent.exists():  # one entry for one showing, not one for each refresh
        _log(certificate, UseLog.Kind.PRESENTED, actor, now)
    certificate.tokens.filter(expires_at__lt=now - TOKEN_LIMIT).delete()
    token = secrets.token_urlsafe(24)
    row = PresentToken.objects.create(
        certificate=certificate, digest=_digest(token), shown_by_id=actor.user_id,
        created_at=now, expires_at=now + TOKEN_LIFE,
    )  # fmt: skip
    row.token = token
    return row


def verify_token(token: str, now: dt.datetime, *, actor: Actor = VISITOR) -> Check:
    """Use up a shown code and say what the certificate is worth. The second look finds nothing."""
    rows = PresentToken.objects.filter(digest=_digest(token))
    used = rows.filter(used_at=None, created_at__lte=now, expires_at__gt=now).update(used_at=now)
    row = rows.select_related("certificate__type", "certificate__agency").first()
    if row is None:
        return checks.unknown(_("这不是本平台出示的亮证码，或者早已失效。请持证人重新出示。"))
    if not used:
        return checks.unknown(
            _("这个亮证码已被核验过。请持证人刷新后再扫。")
            if row.used_at
            else _("这个亮证码已过期。请持证人刷新后再扫。")
        )
    _log(row.certificate, UseLog.Kind.TOKEN_CHECKED, actor, now)
    return checks.of_certificate(row.certificate, timezone.localdate(now))


# --- checking ---------------------------------------------------------------------------------


def check_code(code: str, now: dt.datetime, *, actor: Actor = VISITOR) -> Check:
    """What the code printed on a certificate or paper stands for."""
    plain = "".join(letter for letter in code.upper() if letter.isalnum())
    found = Certificate.objects.filter(document__code=plain).select_related("type", "agency")
    certificate = next(iter(found[:1]), None) if plain.isascii() else None
    if certificate:
        return _check_certificate(certificate, UseLog.Kind.CODE_CHECKED, now, actor)
    papers = Document.objects.filter(code=plain).select_related("agency", "party")
    document = next(iter(papers[:1]), None) if plain.isascii() else None
    if document is None:
        return checks.unknown(_("不是本平台签发的证照或文书：没有这个核验码。请核对，谨防伪造。"))
    return checks.of_paper(document, timezone.localdate(document.issued_at))


def check_file(data: bytes, now: dt.datetime, *, actor: Actor = VISITOR) -> tuple[Verdict, Check | None]:
    """What a file is, and, if it is a genuine original, what the certificate is worth today."""
    verdict = documents.verify_pdf(data)
    if not verdict.is_valid or verdict.document is None:
        return verdict, None
    return verdict, _check_document(verdict.document, UseLog.Kind.FILE_CHECKED, now, actor)


def _check_document(document: Document, kind: UseLog.Kind, now: dt.datetime, actor: Actor) -> Check:
    certificate = (
        Certificate.objects.filter(document=document).select_related("type", "agency").first()
        if document.kind == CERTIFICATE
        else None
    )
    if certificate is None:
        return checks.of_paper(document, timezone.localdate(document.issued_at))
    return _check_certificate(certificate, kind, now, actor)


def _check_certificate(certificate: Certificate, kind: UseLog.Kind, now: dt.datetime, actor: Actor) -> Check:
    _log(certificate, kind, actor, now)
    return checks.of_certificate(certificate, timezone.localdate(now))


def _log(certificate: Certificate, kind: UseLog.Kind, actor: Actor, now: dt.datetime) -> None:
    UseLog.objects.create(
        certificate=certificate, kind=kind, at=now, actor_kind=actor.kind, actor_id=actor.user_id,
        actor_name=actor.name,
    )  # fmt: skip


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode(errors="surrogatepass")).digest()
