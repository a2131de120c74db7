"""What a PDF that somebody hands in turns out to be."""

import datetime as dt
import io
import random
import re

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader

from support.documents import actions, signing, verification
from support.documents.actions import Finding, verify_pdf
from support.documents.models import CertificateAuthority, Document, Seal, SealUse
from tests.documents.conftest import NOW, plain_pdf


@pytest.fixture(autouse=True)
def quickly(brief):
    pass


def kind_of(data: bytes) -> str:
    verdict = verify_pdf(data)
    assert verdict.is_valid == (verdict.kind == "valid")
    assert verdict.words
    return str(verdict.kind.value)


def signed_range(pdf: bytes) -> tuple[int, int]:
    """Where the digits of the signature begin and end."""
    numbers = re.search(rb"/ByteRange \[(\d+) (\d+) (\d+) (\d+)\]", pdf)
    return int(numbers[2]), int(numbers[3])


def changed(pdf: bytes, place: int, to: int | None = None) -> bytes:
    return pdf[:place] + bytes([pdf[place] ^ 1 if to is None else to]) + pdf[place + 1 :]


@pytest.fixture
def without_traces(pdf):
    """Take the document from the register, as if we had never made it."""
    SealUse.objects.all().delete()
    Document.objects.all().delete()
    return pdf


def test_the_original(paper, pdf):
    verdict = verify_pdf(pdf)
    assert (verdict.kind, verdict.document) == (Finding.VALID, paper)


def test_valid_for_ever_after_the_seal_has_ended(paper, pdf):
    """The certificate must hold when the paper is signed, not when it is shown."""
    Seal.objects.update(valid_until=NOW + dt.timedelta(days=1))
    assert kind_of(pdf) == "valid"


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_one_changed_byte(pdf, share):
    assert kind_of(changed(pdf, int(len(pdf) * share))) == "altered"


def test_a_changed_byte_after_the_signature(pdf):
    assert kind_of(changed(pdf, len(pdf) - 8)) == "altered"


def test_a_changed_signature(pdf):
    begin, _end = signed_range(pdf)
    assert (
        kind_of(changed(pdf, begin + 2000, ord("0") if pdf[begin + 2000] != ord("0") else ord("1")))
        == "altered"
    )


def test_something_hidden_behind_the_signature(pdf):
    """The room that the signature leaves must be empty."""
    _begin, end = signed_range(pdf)
    assert pdf[end - 3 : end - 1] == b"00"
    assert kind_of(changed(pdf, end - 2, ord("7"))) == "altered"


def test_no_changed_byte_anywhere_is_valid_or_an_error(pdf):
    places = random.Random(5)
    for _turn in range(120):
        assert kind_of(changed(pdf, places.randrange(len(pdf)))) != "valid"


def test_content_added_by_an_incremental_update(paper, pdf):
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    writer.root["/Lang"] = generic.pdf_string("en")
    writer.update_root()
    out = io.BytesIO()
    writer.write(out)
    verdict = verify_pdf(out.getvalue())
    assert (verdict.kind, verdict.document) == (Finding.APPENDED, paper)


@pytest.mark.parametrize("more", [b"\n", b"%", b"\n9 0 obj\n<<>>\nendobj\n"])
def test_bytes_added_at_the_end(pdf, more):
    assert kind_of(pdf + more) == "appended"


def test_the_signature_taken_off(paper, pdf):
    """What was there before the signature was put on."""
    first = pdf.index(b"%%EOF") + 6
    verdict = verify_pdf(pdf[:first])
    assert (verdict.kind, verdict.document) == (Finding.STRIPPED, paper)


def test_the_signature_made_unreadable(pdf):
    begin, end = signed_range(pdf)
    assert kind_of(pdf.replace(b"/ByteRange", b"/BiteRange")) == "altered"
    assert kind_of(pdf[: begin + 1] + b"0" * (end - begin - 2) + pdf[end - 1 :]) == "altered"


def test_cut_short(pdf):
    assert kind_of(pdf[:-2000]) == "altered"
    assert kind_of(pdf[: len(pdf) // 3]) == "foreign"  # nothing left that says where it came from


def test_signed_by_us_but_not_registered(without_traces):
    assert kind_of(without_traces) == "unknown"


def test_signed_by_another_root_with_our_names(pdf, agency, order, settings):
    """A forger copies agency, legend and layout; only the root differs."""
    SealUse.objects.all().delete()
    Document.objects.all().delete()
    Seal.objects.all().delete()
    CertificateAuthority.objects.all().delete()
    assert kind_of(pdf) == "foreign"
    assert signing.seal_for(agency, NOW)
    assert kind_of(pdf) == "foreign"


def test_our_serial_on_a_forged_certificate(pdf, agency):
    """Naming one of our serials does not help: the certificate must come from our root."""
    Seal.objects.update(is_current=False)
    CertificateAuthority.objects.update(is_active=False)
    other = signing.seal_for(agency, NOW)
    Seal.objects.filter(pk=other.pk).update(serial="ff")
    Seal.objects.exclude(pk=other.pk).update(authority=other.authority)
    assert kind_of(pdf) == "altered"


def test_signed_after_the_seal_was_revoked(paper, pdf):
    signing.revoke(paper.seal, NOW - dt.timedelta(seconds=1))
    assert kind_of(pdf) == "revoked"


def test_signed_before_the_seal_was_revoked(paper, pdf):
    signing.revoke(paper.seal, NOW + dt.timedelta(seconds=1))
    assert kind_of(pdf) == "valid"


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", "unreadable"),
        (b"\xff\xd8\xff\xe0 a picture", "unreadable"),
        (b"%PDF-1.7\n", "foreign"),
        (plain_pdf(), "foreign"),
        (b"%PDF-1.7\n/ByteRange [0 10 20 30]", "foreign"),
        (b"%PDF-1.7\n/ByteRange [0 16 18 3]<>/x   ", "foreign"),
        (b"%PDF-1.7\n" + b"/ByteRange [0 999999999 999999999 999999999]" * 5000, "foreign"),
        (b"%PDF-1.7\n/ID [(" + b"a" * 32 + b")]", "foreign"),
        (b"%PDF-1.7\n/ID [<" + b"61" * 32 + b">]", "foreign"),
    ],
)
@pytest.mark.django_db
def test_files_of_strangers(data, kind):
    assert kind_of(data) == kind


@pytest.mark.django_db
def test_too_large(settings):
    settings.UPLOAD_MAX_BYTES = 100
    assert kind_of(b"%PDF-" + bytes(100)) == "too_large"


@pytest.mark.django_db
def test_no_file_is_parsed(monkeypatch, pdf):
    monkeypatch.setattr(PdfFileReader, "__init__", lambda *_: pytest.fail("parsed"))
    assert kind_of(pdf) == "valid"


@pytest.mark.django_db
def test_at_most_a_few_signatures_are_looked_at(monkeypatch, pdf):
    looked = []
    monkeypatch.setattr(verification, "_our_seal", lambda content: looked.append(content))
    head = pdf.index(b"%%EOF") + 6
    begin, end = signed_range(pdf)
    many = pdf + pdf[head:] * 30
    verify_pdf(many)
    assert 0 < len(looked) <= verification.MOST_SIGNATURES


def test_a_losing_file_is_not_an_original(order, monkeypatch):
    """Signed by a worker that came second: it bears our signature and is not the paper."""
    document = order()
    made = []
    sign = signing.LocalSigner.sign

    def twice(self, pdf, reason):
        made.extend([sign(self, pdf, reason=reason), sign(self, pdf, reason=reason)])
        return made[1]

    monkeypatch.setattr(signing.LocalSigner, "sign", twice)
    actions.drain(NOW)
    document.refresh_from_db()
    assert document.is_ready
    assert kind_of(made[1]) == "valid"
    assert kind_of(made[0]) == "unknown"
