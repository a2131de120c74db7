"""Is this PDF one of ours, unchanged? Answered offline, from the signature and our register of hashes.

A stranger's file is never parsed as a PDF: the signed byte range, the CMS object in its gap and our own
certificates decide. Since a range must cover the whole file but for the digits of the signature, there
is no room for a second meaning.
"""

import datetime as dt
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from asn1crypto import cms
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from pyhanko.keys.pemder import load_certs_from_pemder_data
from pyhanko.sign.validation import async_validate_detached_cms
from pyhanko_certvalidator import ValidationContext

from support.documents.models import Document, Seal
from support.documents.signing import to_its_end

NUMBER = rb"\s{1,9}(\d{1,9})"
BYTE_RANGE = re.compile(rb"/ByteRange\s{0,9}\[\s{0,9}(\d{1,9})" + NUMBER * 3 + rb"\s{0,9}\]")
# Our documents carry their uuid as identifier, plain as first written, in hexadecimal once signed.
IDENTIFIER = re.compile(rb"/ID\s{0,9}\[\s{0,9}(?:\(([0-9a-f]{32})\)|<((?:3[0-9]|6[1-6]){32})>)")
SIGNATURE_MARKS = (b"/ETSI.CAdES.detached", b"/DocMDP", b"/ByteRange")
MOST_SIGNATURES = 8


class Finding(models.TextChoices):
    """What a file turned out to be, in words for anybody."""

    VALID = "valid", _("是本平台签发的原件，内容没有改动")
    REVOKED = "revoked", _("由已被撤销的印章签署，不能作为有效文件使用")
    ALTERED = "altered", _("内容被改动过，不能作为有效文件使用")
    APPENDED = "appended", _("签署之后被添加了内容，不能作为有效文件使用")
    STRIPPED = "stripped", _("电子签名被去掉了，不能作为有效文件使用")
    UNKNOWN = "unknown", _("签名来自本平台，但没有登记这份文件，请向签发机关核实")
    FOREIGN = "foreign", _("不是本平台签发的文件，或者是打印、截图后另存的副本；请使用下载的原件核验")
    UNREADABLE = "unreadable", _("这不是能读取的 PDF 文件，请选择下载的原件")
    TOO_LARGE = "too_large", _("文件太大，不是本平台签发的文件")


@dataclass(frozen=True)
class Verdict:
    """`document` is the paper that the file is, or was made from, if we can tell."""

    kind: Finding
    document: Document | None = None

    @property
    def is_valid(self) -> bool:
        return self.kind is Finding.VALID

    @property
    def words(self) -> str:
        return str(self.kind.label)


@dataclass(frozen=True)
class _Signature:
    """One signature found in a file: what it signs, its CMS object, and where the signed part ends."""

    signed: bytes
    content: cms.SignedData
    clean: bool
    end: int


def verify_pdf(data: bytes) -> Verdict:
    """Judge a file handed in by anybody; never raises. No network, time or parser is involved."""
    if len(data) > settings.UPLOAD_MAX_BYTES:
        return Verdict(Finding.TOO_LARGE)
    if b"%PDF-" not in data[:1024]:
        return Verdict(Finding.UNREADABLE)
    for signature in _signatures(data):
        seal = _our_seal(signature.content)
        if seal is not None:
            return _judge(data, signature, seal)
    return _without_our_signature(data)


def is_signed_by(data: bytes, seal: Seal) -> bool:
    """True when the whole file stands under a right signature of this seal."""
    return any(
        signature.end == len(data) and signature.clean and _intact(signature, seal)
        for signature in _signatures(data)
    )


def _judge(data: bytes, signature: _Signature, seal: Seal) -> Verdict:
    original = _registered(data[: signature.end])
    claimed = original or _claimed(data)
    if not signature.clean or not _intact(signature, seal):
        return Verdict(Finding.ALTERED, claimed)
    if signature.end < len(data):
        return Verdict(Finding.APPENDED, claimed)
    if original is None:
        return Verdict(Finding.UNKNOWN)
    assert original.signed_at is not None
    if seal.revoked_at is not None and seal.revoked_at <= original.signed_at:
        return Verdict(Finding.REVOKED, original)
    return Verdict(Finding.VALID, original)


def _without_our_signature(data: bytes) -> Verdict:
    claimed = _claimed(data)
    if claimed is None:
        return Verdict(Finding.FOREIGN)
    marked = any(mark in data for mark in SIGNATURE_MARKS)
    return Verdict(Finding.ALTERED if marked else Finding.STRIPPED, claimed)


def _signatures(data: bytes) -> Iterator[_Signature]:
    for found, match in enumerate(BYTE_RANGE.finditer(data)):
        if found == MOST_SIGNATURES:
            return
        start, first, second, length = (int(number) for number in match.groups())
        end = second + length
        gap = data[first:second]
        if start != 0 or not first < second <= end <= len(data) or gap[:1] != b"<" or gap[-1:] != b">":
            continue
        try:
            raw = bytes.fromhex(gap[1:-1].decode("ascii"))
            info = cms.ContentInfo.load(raw)
            content = info["content"]
            clean = not raw[len(info.dump()) :].strip(b"\0")
        except (ValueError, TypeError, KeyError):
            continue
        if isinstance(content, cms.SignedData):
            yield _Signature(data[:first] + data[second:end], content, clean, end)


def _our_seal(content: cms.SignedData) -> Seal | None:
    """The seal whose certificate the signer names, if its certificate is one that we issued."""
    try:
        signer = content["signer_infos"][0]["sid"].chosen
        serial = f"{signer['serial_number'].native:x}"
        seals = Seal.objects.select_related("authority").filter(serial=serial)
    except (ValueError, TypeError, KeyError, IndexError):
        return None
    return seals.first()


def _intact(signature: _Signature, seal: Seal) -> bool:
    """True when the signature is cryptographically right and chains to our root."""
    context = ValidationContext(
        trust_roots=list(load_certs_from_pemder_data(seal.authority.certificate_pem.encode())),
        moment=seal.valid_from + dt.timedelta(days=1),  # that of signing stands in our own register
        allow_fetching=False,
    )
    try:
        status = to_its_end(
            async_validate_detached_cms(
                signature.signed, signature.content, signer_validation_context=context
            )
        )
    except Exception:  # a stranger wrote the CMS object: whatever it breaks, it is not ours
        return False
    return bool(status.intact and status.valid and status.trusted)


def _registered(data: bytes) -> Document | None:
    return Document.objects.filter(sha256=hashlib.sha256(data).hexdigest()).select_related("agency").first()


def _claimed(data: bytes) -> Document | None:
    """The document whose identifier stands in the file: what it was made from, not what it is."""
    match = IDENTIFIER.search(data)
    if match is None:
        return None
    name = (match[1] or bytes.fromhex(match[2].decode())).decode()
    return Document.objects.filter(uuid=UUID(hex=name)).select_related("agency").first()
