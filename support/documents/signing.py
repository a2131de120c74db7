"""The seals of agencies and the signature they put on a PDF (PAdES, ECDSA P-256, SHA-256).

In a real installation the key of a seal lives in the national seal service; another `Signer` then
stands in for `LocalSigner`, chosen in `signer_for`. See docs/adr/0004.
"""

import asyncio
import datetime as dt
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from io import BytesIO
from typing import Any, Protocol, TypeVar

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID, ObjectIdentifier
from django.db import IntegrityError, transaction
from pyhanko.keys.pemder import load_certs_from_pemder_data, load_private_key_from_pemder_data
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko_certvalidator.registry import SimpleCertificateStore

from support.documents.models import CertificateAuthority, Seal
from support.places.models import Agency

LEGEND = "政务服务专用章"
AUTHORITY_NAME = "一网通办文书签名根证书"
AUTHORITY_LIFE = dt.timedelta(days=365 * 20)
SEAL_LIFE = dt.timedelta(days=365 * 3)
RENEWED_BEFORE_END = dt.timedelta(days=30)
DOCUMENT_SIGNING = ObjectIdentifier("1.3.6.1.5.5.7.3.36")  # RFC 9336
COMMON_NAME_BYTES = 64

Result = TypeVar("Result")


class Signer(Protocol):
    """Whoever can put the seal of one agency on a PDF."""

    seal: Seal

    def sign(self, pdf: bytes, *, reason: str) -> bytes:
        """The PDF with the signature appended as an incremental update."""


class _KeepsVersion(IncrementalPdfFileWriter):
    """PDF/A-3 is PDF 1.7: the use of P-256 is declared as an extension, not by calling the file PDF 2.0."""

    def ensure_output_version(self, version: tuple[int, int]) -> None:
        pass


class LocalSigner:
    """Signs with a key of this installation, unsealed once per process."""

    def __init__(self, seal: Seal) -> None:
        self.seal = seal

    def sign(self, pdf: bytes, *, reason: str) -> bytes:
        meta = signers.PdfSignatureMetadata(
            field_name="Seal",
            md_algorithm="sha256",
            reason=reason,
            name=self.seal.agency.name,
            subfilter=SigSeedSubFilter.PADES,
            certify=True,
            docmdp_permissions=MDPPerm.NO_CHANGES,
        )
        writer = _KeepsVersion(BytesIO(pdf))
        out = to_its_end(signers.async_sign_pdf(writer, meta, signer=_loaded(self.seal.serial)))
        return bytes(out.getbuffer())


def to_its_end(work: Coroutine[Any, Any, Result]) -> Result:
    """The result of a coroutine of pyHanko, also where the calling thread has an event loop of its own."""
    with ThreadPoolExecutor(max_workers=1) as apart:
        return apart.submit(asyncio.run, work).result()


@lru_cache(maxsize=64)
def _loaded(serial: str) -> signers.SimpleSigner:
    """The unsealed key and certificates of a seal; a serial is never used twice."""
    seal = Seal.objects.select_related("authority").get(serial=serial)
    (certificate,) = load_certs_from_pemder_data(seal.certificate_pem.encode())
    roots = load_certs_from_pemder_data(seal.authority.certificate_pem.encode())
    chain = SimpleCertificateStore.from_certs(roots)  # type: ignore[no-untyped-call]
    key = load_private_key_from_pemder_data(seal.key_pem.encode(), passphrase=None)
    return signers.SimpleSigner(signing_cert=certificate, signing_key=key, cert_registry=chain)


def signer_for(agency: Agency, now: dt.datetime) -> Signer:
    return LocalSigner(seal_for(agency, now))


def seal_for(agency: Agency, now: dt.datetime) -> Seal:
    """The agency's current seal, made or renewed on demand."""
    seal = _current(agency)
    if seal is None or not _lasts(seal, now):
        with transaction.atomic():
            authority = _active_authority(now)
            seal = _current(agency)  # another worker may have made it while we waited for the lock
            if seal is None or not _lasts(seal, now):
                Seal.objects.filter(agency=agency, is_current=True).update(is_current=False)
                seal = _issue(authority, agency, now)
    return seal


def _current(agency: Agency) -> Seal | None:
    return Seal.objects.filter(agency=agency, is_current=True).select_related("agency").first()


def _lasts(seal: Seal, now: dt.datetime) -> bool:
    return seal.is_usable(now) and seal.valid_until - now > RENEWED_BEFORE_END


def revoke(seal: Seal, now: dt.datetime) -> None:
    """Papers signed from now on with this seal are no longer genuine; the next one gets a new seal."""
    Seal.objects.filter(pk=seal.pk, revoked_at=None).update(revoked_at=now, is_current=False)


def _active_authority(now: dt.datetime) -> CertificateAuthority:
    """The active root, locked, so that each agency gets one seal; made on first use."""
    active = CertificateAuthority.objects.filter(is_active=True)
    if not active.exists():
        try:
            with transaction.atomic():
                _found_authority(now)
        except IntegrityError:  # another worker founded it in the same instant
            pass
    return active.select_for_update().get()


def _found_authority(now: dt.datetime) -> CertificateAuthority:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, AUTHORITY_NAME)])
    certificate = (
        _certificate(name, name, key.public_key(), now, AUTHORITY_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(certify=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    authority = CertificateAuthority(certificate_pem=_pem(certificate), created_at=now)
    authority.key_pem = _key_pem(key)
    authority.save()
    return authority


def _issue(authority: CertificateAuthority, agency: Agency, now: dt.datetime) -> Seal:
    root = x509.load_pem_x509_certificate(authority.certificate_pem.encode())
    root_key = serialization.load_pem_private_key(authority.key_pem.encode(), password=None)
    assert isinstance(root_key, ec.EllipticCurvePrivateKey)
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        _certificate(_name_of(agency), root.subject, key.public_key(), now, SEAL_LIFE)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(certify=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([DOCUMENT_SIGNING]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False
        )
        .sign(root_key, hashes.SHA256())
    )
    seal = Seal(
        agency=agency,
        authority=authority,
        legend=LEGEND,
        serial=f"{certificate.serial_number:x}",
        certificate_pem=_pem(certificate),
        valid_from=certificate.not_valid_before_utc,
        valid_until=certificate.not_valid_after_utc,
    )
    seal.key_pem = _key_pem(key)
    seal.save()
    return seal


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    now: dt.datetime,
    life: dt.timedelta,
) -> x509.CertificateBuilder:
    """What root and seals have in common. Valid from a day before, for clocks that run late."""
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _name_of(agency: Agency) -> x509.Name:
    """Common names end at 64 bytes; the whole name stands as organisation."""
    common = agency.name.encode()[:COMMON_NAME_BYTES].decode(errors="ignore")
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, agency.name),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, LEGEND),
            x509.NameAttribute(NameOID.SERIAL_NUMBER, agency.uscc),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _usage(*, certify: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not certify,
        content_commitment=not certify,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=certify,
        crl_sign=certify,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def _key_pem(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
