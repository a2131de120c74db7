"""Making a paper: rendered, sealed, signed, once, whatever happens to the workers."""

import datetime as dt
import shutil
import subprocess
import threading

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.urls import reverse
from pyhanko.keys.pemder import load_certs_from_pemder_data
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from support.documents import actions, rendering, signing, tasks
from support.documents.kinds import KINDS
from support.documents.models import Document, Seal, SealUse
from support.queues.rows import BACKOFF, MAX_ATTEMPTS
from support.records.actor import TIMER
from support.records.models import AuditEvent
from tests.documents.conftest import NOW

LATER = NOW + dt.timedelta(seconds=actions.LEASE + 1)


@pytest.fixture
def quick(monkeypatch):
    """Rendering that costs nothing, for tests about the queue."""
    plain = b"%PDF-1.7\n"
    monkeypatch.setattr(rendering, "render", lambda document, seal: (plain + document.uuid.bytes, 1))
    monkeypatch.setattr(
        signing.LocalSigner, "sign", lambda self, pdf, reason: pdf + str(threading.get_ident()).encode()
    )
    monkeypatch.setattr(actions, "is_signed_by", lambda pdf, seal: True)


def stored(document: Document) -> list[str]:
    return default_storage.listdir(document.folder)[1] if default_storage.exists(document.folder) else []


def test_made_once(paper):
    assert paper.state == "ready"
    assert paper.signed_at == NOW
    assert paper.pages == 1
    assert paper.next_at is None
    assert paper.seal.agency == paper.agency
    assert SealUse.objects.get().document == paper
    assert actions.drain(LATER) == 0


def test_kept_sealed(paper, files):
    (name,) = stored(paper)
    raw = (files / paper.folder / name).read_bytes()
    assert b"%PDF" not in raw
    assert actions.read_file(paper).startswith(b"%PDF-1.7")


def test_nothing_is_made_before_the_order_commits(order, django_capture_on_commit_callbacks, monkeypatch):
    sent = []
    monkeypatch.setattr(actions.waking, "_send", sent.append)
    with django_capture_on_commit_callbacks(execute=True):
        order()
        assert sent == []
    assert sent == ["documents.drain"]


def test_the_task_works_the_queue_off(order, quick):
    for key in "abc":
        order(key=key, now=NOW - dt.timedelta(days=400))
    tasks.drain()
    assert Document.objects.filter(state="ready").count() == 3


# --- the signature --------------------------------------------------------------------------------


def embedded(pdf: bytes):
    import io

    return PdfFileReader(io.BytesIO(pdf)).embedded_signatures[0]


def test_the_signature_is_valid_and_covers_the_file(paper, pdf):
    (root,) = load_certs_from_pemder_data(paper.seal.authority.certificate_pem.encode())
    context = ValidationContext(trust_roots=[root], allow_fetching=False, moment=NOW)
    status = validate_pdf_signature(embedded(pdf), context)
    assert status.bottom_line, status.pretty_print_details()
    assert status.coverage.name == "ENTIRE_FILE"
    assert status.docmdp_ok


def test_pades_with_p256(pdf):
    signature = embedded(pdf)
    assert signature.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
    assert signature.signer_cert.public_key.curve == ("named", "secp256r1")
    assert signature.md_algorithm == "sha256"


@pytest.mark.skipif(not shutil.which("pdfsig"), reason="poppler-utils not installed")
def test_another_program_agrees(pdf, tmp_path):
    file = tmp_path / "paper.pdf"
    file.write_bytes(pdf)
    said = subprocess.run(["pdfsig", file], capture_output=True, text=True, check=False).stdout
    assert "Signature is Valid." in said
    assert "Total document signed" in said
    file.write_bytes(pdf.replace(b"/Pages", b"/pages", 1))
    said = subprocess.run(["pdfsig", file], capture_output=True, text=True, check=False).stdout
    assert "Signature is Valid." not in said


def test_the_file_says_what_it_is(paper, pdf):
    import io

    reader = PdfFileReader(io.BytesIO(pdf))
    assert paper.title in reader.trailer["/Info"]["/Title"]
    assert reader.trailer["/ID"][0] == paper.uuid.hex
    xmp = bytes(reader.root["/Metadata"].data)
    assert b"pdfaid" in xmp
    assert b"3" in xmp.split(b"part")[1][:4]
    assert reader.root["/Lang"] == "zh-CN"
    assert reader.root["/MarkInfo"]["/Marked"]
    assert pdf.startswith(b"%PDF-1.7")
    assert "/Version" not in reader.root  # signing does not turn PDF/A-3 into something else


# --- seals ----------------------------------------------------------------------------------------


def test_one_seal_for_each_agency(order, agency, agency_elsewhere, quick):
    order(key="a")
    order(key="b")
    order(key="c", agency=agency_elsewhere)
    actions.drain(NOW)
    assert {seal.agency for seal in Seal.objects.all()} == {agency, agency_elsewhere}
    assert Seal.objects.values("authority").distinct().count() == 1


def test_a_seal_is_renewed_before_it_ends(agency):
    first = signing.seal_for(agency, NOW)
    assert signing.seal_for(agency, first.valid_until - dt.timedelta(days=31)) == first
    second = signing.seal_for(agency, first.valid_until - dt.timedelta(days=29))
    assert second != first
    assert Seal.objects.filter(is_current=True).get() == second


def test_a_revoked_seal_is_not_used_again(agency):
    first = signing.seal_for(agency, NOW)
    signing.revoke(first, NOW)
    assert signing.seal_for(agency, NOW) != first


def test_keys_are_sealed(agency):
    seal = signing.seal_for(agency, NOW)
    for row in (seal, seal.authority):
        assert b"PRIVATE KEY" not in bytes(row.key_sealed)
        assert "PRIVATE KEY" in row.key_pem


def test_a_long_agency_name_gets_its_certificate(agency):
    agency.name = "银川市兴庆区审批服务管理局" * 4
    agency.save()
    assert signing.seal_for(agency, NOW).legend


# --- failures -------------------------------------------------------------------------------------


def test_a_failure_is_seen_and_tried_again(order, monkeypatch, quick):
    document = order()
    working = rendering.render
    monkeypatch.setattr(rendering, "render", lambda *_: 1 / 0)
    actions.drain(NOW)
    document.refresh_from_db()
    assert document.state == "ordered"
    assert document.error.startswith("ZeroDivisionError")
    assert document.next_at == NOW + dt.timedelta(seconds=BACKOFF[0])
    assert actions.drain(NOW) == 0
    monkeypatch.setattr(rendering, "render", working)
    assert actions.drain(document.next_at) == 1
    document.refresh_from_db()
    assert (document.state, document.error) == ("ready", "")


def test_after_the_last_attempt_it_is_failed_and_can_be_ordered_again(order, monkeypatch, quick):
    document, now = order(), NOW
    with monkeypatch.context() as patch:
        patch.setattr(rendering, "render", lambda *_: 1 / 0)
        for _attempt in range(MAX_ATTEMPTS):
            assert actions.drain(now) == 1
            now += dt.timedelta(hours=3)
        assert actions.drain(now) == 0
    document.refresh_from_db()
    assert (document.state, document.next_at) == ("failed", None)
    assert actions.retry(document, actor=TIMER, now=now)
    assert AuditEvent.objects.filter(verb="document.retry").exists()
    actions.drain(now)
    document.refresh_from_db()
    assert document.is_ready
    assert not actions.retry(document, actor=TIMER, now=now)


def test_the_operator_sees_the_errors_and_orders_again(order, monkeypatch, quick, capsys):
    document = order()
    Document.objects.update(state="failed", next_at=None, error="RenderFailed: U+2A700")
    call_command("retry_documents")
    said = capsys.readouterr().out
    assert str(document.uuid) in said
    assert "U+2A700" in said
    tasks.drain()
    document.refresh_from_db()
    assert document.is_ready


def test_one_bad_paper_does_not_stop_the_others(order, monkeypatch, quick):
    bad, good = order(key="bad"), order(key="good")
    working = rendering.render
    monkeypatch.setattr(rendering, "render", lambda d, seal: 1 / 0 if d == bad else working(d, seal))
    actions.drain(NOW)
    good.refresh_from_db()
    assert good.is_ready


def test_a_letter_without_a_glyph_stops_the_paper(order):
    """A sealed paper with a box in a name must not exist."""
    document = order(applicant="张\U0002a700")
    actions.drain(NOW)
    document.refresh_from_db()
    assert document.state == "ordered"
    assert "U+2A700" in document.error
    assert "张" not in document.error


@pytest.mark.parametrize(
    "spoil", [lambda pdf: pdf[:-1], lambda pdf: pdf + b" ", lambda pdf: pdf[:900] + b"?" + pdf[901:]]
)
def test_a_wrong_signature_is_never_kept(order, monkeypatch, spoil):
    """The seal service is another's: what it returns is checked before it counts."""
    document, sign = order(), signing.LocalSigner.sign
    monkeypatch.setattr(
        signing.LocalSigner, "sign", lambda self, pdf, reason: spoil(sign(self, pdf, reason=reason))
    )
    actions.drain(NOW)
    document.refresh_from_db()
    assert document.state == "ordered"
    assert "does not verify" in document.error
    assert stored(document) == []


def test_a_killed_workers_lease_runs_out(order, monkeypatch, quick):
    """Killed in the middle: after the file was written, before the row was."""
    document = order()
    with monkeypatch.context() as patch:
        patch.setattr(actions, "_complete", lambda *_: (_ for _ in ()).throw(SystemExit))
        patch.setattr(default_storage, "delete", lambda path: None)
        with pytest.raises(SystemExit):
            actions.drain(NOW)
    document.refresh_from_db()
    assert document.lease_until > NOW
    assert len(stored(document)) == 1
    left = stored(document)[0]
    monkeypatch.setattr(signing.LocalSigner, "sign", lambda self, pdf, reason: pdf + b"second")
    assert actions.drain(NOW) == 0
    assert actions.drain(LATER) == 1
    document.refresh_from_db()
    assert document.is_ready
    assert stored(document) == [document.path_of(document.sha256).rsplit("/", 1)[1]]
    assert left not in stored(document)


def test_what_follows_readiness_shares_its_transaction(order, quick, monkeypatch):
    document = order()
    monkeypatch.setitem(actions._on_ready, "acceptance", [lambda document, now: 1 / 0])
    actions.drain(NOW)
    document.refresh_from_db()
    assert (document.state, document.sha256) == ("ordered", "")
    assert not SealUse.objects.exists()
    monkeypatch.setitem(actions._on_ready, "acceptance", [])
    document.refresh_from_db()
    assert "ZeroDivisionError" in document.error
    actions.drain(document.next_at)
    document.refresh_from_db()
    assert stored(document) == [f"{document.sha256}.pdf.sealed"]  # what the first try left is swept


@pytest.mark.django_db(transaction=True)
def test_two_workers_finish_the_same_paper(order, agency, monkeypatch, quick):
    """The first to set the hash wins; the other takes its file away. What follows happens once."""
    document = order()
    signing.seal_for(agency, NOW)
    both_rendered, told = threading.Barrier(2, timeout=20), []
    monkeypatch.setitem(actions._on_ready, "acceptance", [lambda d, now: told.append(d.sha256)])
    finish = actions._complete

    def meet_then_finish(*args):
        both_rendered.wait()
        return finish(*args)

    monkeypatch.setattr(actions, "_complete", meet_then_finish)
    tried = []

    def work(now):
        from django.db import connection

        try:
            tried.append(actions.drain(now))
        finally:
            connection.close()

    workers = [threading.Thread(target=work, args=(now,)) for now in (NOW, LATER)]
    workers[0].start()
    while not Document.objects.filter(attempts=1).exists():
        pass
    workers[1].start()
    for worker in workers:
        worker.join(30)
    document.refresh_from_db()
    assert tried == [1, 1]
    assert document.is_ready
    assert told == [document.sha256]
    assert SealUse.objects.count() == 1
    assert stored(document) == [f"{document.sha256}.pdf.sealed"]
    assert actions._hash(actions.read_file(document)) == document.sha256


@pytest.mark.django_db(transaction=True)
def test_workers_found_one_root_and_one_seal(agency):
    start, seals = threading.Barrier(4, timeout=20), []

    def ask():
        from django.db import connection

        try:
            start.wait()
            seals.append(signing.seal_for(agency, NOW).pk)
        finally:
            connection.close()

    workers = [threading.Thread(target=ask) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    assert len(seals) == 4
    assert len(set(seals)) == 1
    assert Seal.objects.count() == 1


# --- the page -------------------------------------------------------------------------------------


def test_the_page_gives_the_pdf_and_records_the_read(paper, pdf, client, citizen):
    client.force_login(citizen)
    response = client.get(reverse("documents:document", args=[paper.uuid]))
    assert response.content == pdf
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"].startswith("inline; filename*=utf-8''")
    event = AuditEvent.objects.get(verb="read.document")
    assert (event.actor_id, event.subject_id) == (citizen.pk, citizen.party.pk)
    response = client.get(reverse("documents:document", args=[paper.uuid]) + "?download")
    assert response["Content-Disposition"].startswith("attachment")


def test_the_page_while_it_is_made(order, client, citizen):
    client.force_login(citizen)
    page = client.get(reverse("documents:document", args=[order().uuid])).content.decode()
    assert "制作中" in page
    assert "刷新" in page
    assert not AuditEvent.objects.filter(verb="read.document").exists()


def test_the_page_when_it_failed(order, client, citizen):
    document = order()
    Document.objects.update(state="failed", error="Traceback secret")
    client.force_login(citizen)
    page = client.get(reverse("documents:document", args=[document.uuid])).content.decode()
    assert "没有成功" in page
    assert document.agency.phone in page
    assert "secret" not in page


@pytest.mark.parametrize("name", ["stranger", "firm_agent", "officer_elsewhere"])
def test_a_guessed_address_is_not_found(paper, client, cast, name):
    client.force_login(cast[name])
    assert client.get(reverse("documents:document", args=[paper.uuid])).status_code == 404
    assert not AuditEvent.objects.filter(verb="read.document").exists()


def test_visitors_are_asked_to_log_in(paper, client):
    response = client.get(reverse("documents:document", args=[paper.uuid]))
    assert response.status_code == 302
    assert "login" in response["Location"]


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "certificate"])
@pytest.mark.parametrize("regime", ["licence", "other"])
def test_every_kind_can_be_made(order, kind, regime):
    document = order(kind, regime=regime)
    actions.drain(NOW)
    document.refresh_from_db()
    assert document.is_ready, document.error
    assert document.pages == 1
