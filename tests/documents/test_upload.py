"""Handing in files: what comes in, what is refused and how it is said, how it is kept and shown."""

import io
import resource
import struct
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import copy_into_new_writer

from support.documents import actions, content, inspection
from support.documents.actions import UploadRefused
from support.documents.models import Upload
from support.records.actor import VISITOR
from support.records.models import AuditEvent
from support.records.sealing import Unsealable
from tests.conftest import actor_of
from tests.documents.conftest import NOW, picture, plain_pdf

JPEG = picture("JPEG")


def refused(store, data, name) -> str:
    with pytest.raises(UploadRefused) as error:
        store(data, name)
    assert not Upload.objects.exists()
    return str(error.value)


@pytest.mark.parametrize(
    ("data", "name", "content_type"),
    [
        (plain_pdf(), "申请书.pdf", "application/pdf"),
        (plain_pdf(), "申请书.PDF", "application/pdf"),
        (plain_pdf(), "没有扩展名", "application/pdf"),
        (JPEG, "照片.jpeg", "image/jpeg"),
        (picture("PNG"), "截图.png", "image/png"),
    ],
)
def test_kept_as_it_is(store, data, name, content_type):
    upload = store(data, name)
    assert (upload.content_type, upload.size, upload.original_name) == (content_type, len(data), name)
    assert actions.read_upload(upload) == data


def test_heic_becomes_an_upright_jpeg_without_the_place_it_was_taken(store):
    exif = Image.Exif()
    exif[0x0112] = 6  # turned a quarter
    exif.get_ifd(0x8825)[2] = (38.0, 28.0, 0.0)  # latitude
    upload = store(picture("HEIF", size=(64, 32), exif=exif.tobytes()), "IMG_0001.HEIC")
    assert upload.content_type == "image/jpeg"
    with Image.open(io.BytesIO(actions.read_upload(upload))) as image:
        assert image.format == "JPEG"
        assert image.size == (32, 64)
        assert not image.getexif()
    response = actions.serve_upload(upload, "attachment")
    assert 'filename="IMG_0001.jpg"' in response["Content-Disposition"]


def test_empty(store):
    assert refused(store, b"", "a.pdf") == "文件是空的，请重新选择"


def test_too_large(store, settings):
    settings.UPLOAD_MAX_BYTES = 1024 * 1024
    words = refused(store, b"%PDF-" + bytes(1024 * 1024), "a.pdf")
    assert words == "文件超过 1 MB，请重新拍照或压缩后上传"


def test_too_large_without_a_declared_size(citizen, settings):
    """A stream that does not tell its size is not read to its end."""
    settings.UPLOAD_MAX_BYTES = 1000
    stream = io.BytesIO(bytes(5000))
    stream.name = "a.pdf"
    with pytest.raises(UploadRefused, match="文件超过"):
        actions.store_upload(stream, actor=actor_of(citizen), party_id=citizen.party.pk, now=NOW)
    assert stream.tell() == 1001


@pytest.mark.parametrize(
    ("data", "name"),
    [(picture("PNG"), "a.pdf"), (plain_pdf(), "a.jpg"), (plain_pdf(), "a.exe"), (JPEG, "a.png")],
)
def test_not_what_its_name_says(store, data, name):
    assert refused(store, data, name).startswith("内容不是它的名字所说的类型")


@pytest.mark.parametrize(
    "data",
    [
        b"MZ\x90\x00" + bytes(200),
        b"<html><script>alert(1)</script>",
        b"PK\x03\x04" + bytes(99),
        b"GIF89a" + bytes(99),
    ],
)
def test_other_types(store, data):
    assert refused(store, data, "a.pdf") == "只能上传 PDF、JPG、PNG 或 HEIC 文件"


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (JPEG[: len(JPEG) // 2], "a.jpg"),
        (picture("JPEG", (400, 400))[:-200], "a.jpg"),
        (picture("PNG")[:60], "a.png"),
        (b"%PDF-1.7\nnothing follows", "a.pdf"),
        (plain_pdf().replace(b"/Count 1", b"/Count 0"), "a.pdf"),
        (plain_pdf()[:-60], "a.pdf"),
    ],
)
def test_broken(store, data, name):
    assert refused(store, data, name).startswith("文件已损坏")


def test_a_picture_of_too_many_pixels_is_not_decoded(store):
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    for width, height in [(10_000, 5_001), (60_000, 60_000)]:
        header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
        data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b""))
        assert refused(store, data, "a.png") == "图片的像素太多，请缩小后上传"


FIRST = {"catalog": b"/OpenAction 4 0 R"}
ADDRESS = b"<</S/URI/URI(http://x)>>"
LINK = b"<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/URI/URI(http://x)>>>>"


@pytest.mark.parametrize(
    "pdf",
    [
        plain_pdf(b"<</S/JavaScript/JS(app.alert\\(1\\))>>", **FIRST),
        plain_pdf(b"<</S/J#61vaScript/J#53(app.alert\\(1\\))>>", **FIRST),
        *[
            plain_pdf(b"<</S/%s>>" % kind, **FIRST)
            for kind in (
                b"JavaScript", b"Launch", b"SubmitForm", b"ImportData", b"GoToR", b"GoToE", b"Rendition",
                b"Movie", b"Sound", b"RichMediaExecute",
            )
        ],
        *[
            plain_pdf(b"<<%s 1>>" % key, page=b"/X 4 0 R")
            for key in (b"/JS", b"/XFA", b"/EmbeddedFiles", b"/EF", b"/RichMedia", b"/RichMediaContent")
        ],
        plain_pdf(b"<</S/GoTo/D[3 0 R/Fit]/Next[<</S/Named/N/Print>><</S/Launch>>]>>", **FIRST),
        plain_pdf(b"<</S 5 0 R>>", b"/Launch", **FIRST),
        plain_pdf(b"<</S/Launch>>", catalog=b"/OpenAction 4 0 R", page=b"/X 4 1 R"),
        plain_pdf(b"<</S/Launch>>", catalog=b"/X 4 1 R/OpenAction 4 0 R/Y 4 1 R"),
        plain_pdf(ADDRESS, **FIRST),
        plain_pdf(b"<</S 5 0 R/URI(http://x)>>", b"/URI", **FIRST),
        plain_pdf(b"<</O 5 0 R>>", ADDRESS, page=b"/AA 4 0 R"),
        plain_pdf(b"<</S/Named/N/Print/Next 5 0 R>>", ADDRESS, **FIRST),
        plain_pdf(b"<</S/Named/N/Print/Next[4 0 R 5 0 R]>>", ADDRESS, **FIRST),
    ],
)  # fmt: skip
def test_a_pdf_that_would_do_something_by_itself(store, pdf):
    assert refused(store, pdf, "a.pdf").startswith("PDF 含有脚本、附件")


@pytest.mark.parametrize(
    "pdf",
    [
        plain_pdf(LINK, page=b"/Annots[4 0 R]"),
        plain_pdf(LINK, catalog=b"/OpenAction[3 0 R/Fit]", page=b"/Annots[4 0 R]"),
        plain_pdf(b"<</S/GoTo/D[3 0 R/Fit]/Next 4 0 R>>", **FIRST),
        plain_pdf(b"<</S/Split>>", page=b"/Trans 4 0 R"),
    ],
)
def test_a_pdf_with_links_and_places_comes_in(store, pdf):
    assert store(pdf, "a.pdf").size == len(pdf)


def test_our_own_paper_can_be_handed_in(store, pdf):
    assert store(pdf, "准予许可决定书.pdf").size == len(pdf)


def test_an_encrypted_pdf(store):
    writer = copy_into_new_writer(PdfFileReader(io.BytesIO(plain_pdf())))
    writer.encrypt(owner_pass="geheim", user_pass="geheim")
    out = io.BytesIO()
    writer.write(out)
    assert refused(store, out.getvalue(), "a.pdf").startswith("PDF 有密码保护")


def test_a_pdf_of_very_many_objects_is_given_up_soon(store):
    """170 000 small objects have held a thread for 20 seconds."""
    members = b"[" + b" ".join(b"%d 0 R" % number for number in range(5, 170_005)) + b"]"
    pdf = plain_pdf(members, *[b"<</A 1>>"] * 170_000, page=b"/X 4 0 R")
    start = time.monotonic()
    assert refused(store, pdf, "a.pdf") in ("系统正忙，请稍后重试", content._refusal("heavy"))
    assert time.monotonic() - start < 8


def test_too_many_objects(monkeypatch):
    pdf = plain_pdf(b"[5 0 R 6 0 R]", b"1", b"2", page=b"/X 4 0 R")
    assert inspection.look_at_pdf(pdf) == "ok"
    monkeypatch.setattr(inspection, "MOST_OBJECTS", 4)
    assert inspection.look_at_pdf(pdf) == "heavy"


def test_an_inspection_that_is_kept_waiting_is_given_up(store, monkeypatch):
    monkeypatch.setattr(content, "INSPECTION_SECONDS", 0.01)
    assert refused(store, plain_pdf(), "a.pdf") == "系统正忙，请稍后重试"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("while True: pass", "文件过于复杂"),
        ("bytearray(1 << 31)", "文件已损坏"),
    ],
)
def test_the_process_has_little_time_and_memory(monkeypatch, tmp_path, body, words):
    lines = Path(inspection.__file__).read_text().replace("CPU_SECONDS = 4", "CPU_SECONDS = 1")
    script = tmp_path / "inspection.py"
    script.write_text(lines.replace("    data = sys.stdin.buffer.read()", f"    {body}"))
    monkeypatch.setattr(inspection, "__file__", str(script))
    with pytest.raises(UploadRefused, match=words):
        content.check(plain_pdf(), "a.pdf")


def test_two_inspections_at_once_and_the_third_waits_a_while(monkeypatch):
    monkeypatch.setattr(content, "LONGEST_WAIT", 0.05)
    with content._seats:
        assert content.check(plain_pdf(), "a.pdf")
        with content._seats, pytest.raises(UploadRefused, match="系统正忙，请稍后重试"):
            content.check(plain_pdf(), "a.pdf")
    with pytest.raises(UploadRefused, match="文件已损坏"):
        content.check(b"%PDF-1.7 nothing", "a.pdf")
    with content._seats, pytest.raises(UploadRefused, match="文件已损坏"):  # a refusal gives the seat back
        content.check(b"%PDF-1.7 nothing", "a.pdf")


@pytest.mark.parametrize(
    ("hostile", "plain"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Users\\me\\证明.pdf", "证明.pdf"),
        ("a\r\nX-Evil: 1\x00.pdf", "aX-Evil: 1.pdf"),
        ("证明\u202efdp.exe\u202c.pdf", "证明fdp.exe.pdf"),
        ("\u200b \u2066.pdf", "pdf"),
        ("...", "未命名"),
        ("", "未命名"),
        ("  两  个\u3000空格 .pdf ", "两 个 空格 .pdf"),
    ],
)
def test_hostile_names(hostile, plain):
    assert content.clean_name(hostile) == plain


def test_a_name_of_300_letters_keeps_its_extension(store):
    upload = store(plain_pdf(), "很" * 300 + ".pdf")
    assert len(upload.original_name) == 100
    assert upload.original_name.endswith("很.pdf")


def test_sealed_on_disk_and_bound_to_its_row(store, files):
    upload, other = store(plain_pdf()), store(JPEG, "a.jpg")
    raw = (files / upload.path).read_bytes()
    assert b"%PDF" not in raw
    (files / other.path).write_bytes(raw)
    with pytest.raises(Unsealable):
        actions.read_upload(other)


def test_nobody_stores_for_another_party(store, citizen, stranger, firm_agent, firm):
    for user in (stranger, firm_agent):
        with pytest.raises(PermissionDenied):
            store(plain_pdf(), user=user)
    with pytest.raises(PermissionDenied):
        actions.store_upload(
            SimpleUploadedFile("a.pdf", plain_pdf()), actor=VISITOR, party_id=citizen.party.pk, now=NOW
        )


def test_an_officer_stores_for_whom_they_serve(store, clerk, citizen):
    assert store(plain_pdf(), user=clerk).party == citizen.party


def test_a_row_that_fails_leaves_no_file(store, files, monkeypatch):
    monkeypatch.setattr(Upload, "save", lambda self: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        store(plain_pdf())
    assert not [path for path in files.rglob("*") if path.is_file()]


@contextmanager
def a_full_disk() -> Iterator[None]:
    """No file may grow beyond a kilobyte: the write fails in the middle, as on a full disk."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_a_full_disk_is_told_and_leaves_no_part(store, files):
    data = picture("PNG", size=(64, 64), compress_level=0)
    with a_full_disk():
        assert "稍后重试" in refused(store, data, "照片.png")
    assert not [file for file in files.rglob("*") if file.is_file()]
    assert actions.read_upload(store(data, "照片.png")) == data


def test_discarding_deletes_the_file(store, django_capture_on_commit_callbacks):
    upload = store(plain_pdf())
    path = upload.path
    with django_capture_on_commit_callbacks(execute=True):
        actions.discard_upload(upload)
        assert default_storage.exists(path)
    assert not default_storage.exists(path)
    assert not Upload.objects.exists()


# --- seeing ---------------------------------------------------------------------------------------


def test_seen_by_the_party_alone(store, citizen, stranger, firm_agent, clerk, officer_elsewhere, firm):
    upload = store(plain_pdf())
    seen_by = {
        user.username
        for user in (citizen, stranger, firm_agent, clerk, officer_elsewhere)
        if Upload.objects.visible_to(actor_of(user)).filter(pk=upload.pk).exists()
    }
    assert seen_by == {"citizen"}
    assert not Upload.objects.visible_to(VISITOR).exists()
    assert not Upload.objects.visible_to(actor_of(firm_agent, f"company:{firm.uuid}")).exists()


def test_the_firms_agent_sees_the_firms(store, firm_agent, firm, citizen):
    hat = actor_of(firm_agent, f"company:{firm.uuid}")
    file = SimpleUploadedFile("a.pdf", plain_pdf())
    upload = actions.store_upload(file, actor=hat, party_id=firm.pk, now=NOW)
    assert list(Upload.objects.visible_to(hat)) == [upload]
    assert not Upload.objects.visible_to(actor_of(firm_agent)).exists()
    assert not Upload.objects.visible_to(actor_of(citizen)).exists()


def test_the_page(store, client, citizen):
    upload = store(JPEG, "引\"号'.jpg")
    client.force_login(citizen)
    response = client.get(reverse("documents:upload", args=[upload.uuid]))
    assert response.content == JPEG
    assert response["Content-Type"] == "image/jpeg"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert response["Content-Disposition"].startswith("inline; filename*=utf-8''%E5%BC%95%22")
    assert "no-store" in response["Cache-Control"]
    event = AuditEvent.objects.get(verb="read.upload")
    assert (event.actor_id, event.subject_id) == (citizen.pk, citizen.party.pk)
    assert "引" not in str(event.details)


@pytest.mark.parametrize("name", ["stranger", "clerk", "officer_elsewhere"])
def test_a_guessed_address_is_not_found(store, client, cast, name):
    upload = store(plain_pdf())
    client.force_login(cast[name])
    assert client.get(reverse("documents:upload", args=[upload.uuid])).status_code in (403, 404)
    assert not AuditEvent.objects.filter(verb="read.upload").exists()
