"""Papers of the sample agency, and files of all sorts."""

import datetime as dt
import io
from zoneinfo import ZoneInfo

import pillow_heif
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from support.documents import actions, rendering
from support.documents.models import Document
from support.records.actor import TIMER
from tests.conftest import actor_of

pillow_heif.register_heif_opener()

NOW = dt.datetime(2026, 11, 23, 10, tzinfo=ZoneInfo("Asia/Shanghai"))

LICENCE = {
    "case_number": "11640104YYYY0021593000123081000202611200001",
    "matter": "食品经营许可（新办）",
    "regime": "licence",
    "applicant": "张小兰",
    "received_on": "2026-11-20",
    "received_at": "2026-11-20 16:42",
    "accepted_on": "2026-11-23",
    "acceptance_due_on": "2026-11-27",
    "promised": "10 个工作日",
    "promised_due_on": "2026-12-07",
    "statutory": "20 个工作日",
    "statutory_due_on": "2026-12-21",
    "materials": [{"name": "食品经营许可申请书", "pages": 1}],
    "reasons": "经营场所与污染源的距离不符合规定。",
    "phone": "0951-0000021",
    "papers": [{"title": "准予行政许可决定书", "number": "兴庆区审批局准字〔2026〕第1号"}],
    "manner": "直接送达（窗口领取）",
    "served_on": "2026-11-23",
    "received_by": "张小兰",
    "recorded_by": "马晓云",
    "items": [{"name": "设备布局图", "why": "照片不清楚", "how": "重新拍摄后上传"}],
    "correct_by": "2026-12-14",
    "told_on": "2026-11-23",
    "procedure": "听证",
    "since": "2026-11-23",
    "until": "2026-12-04",
    "days": 10,
    "due_before": "2026-12-21",
    "due_after": "2027-01-05",
}


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    """Every test has its own folder for stored files."""
    settings.MEDIA_ROOT = tmp_path / "files"
    return settings.MEDIA_ROOT


@pytest.fixture
def brief(monkeypatch):
    """Papers of one letter, really rendered and signed: for tests that do not read them."""
    monkeypatch.setattr(rendering, "render_to_string", lambda *_: "<html lang='zh-CN'><title>1</title><p>1")


@pytest.fixture
def order(agency, citizen):
    """Order a paper for `citizen`."""

    def make(
        kind="acceptance", key="paper", now=NOW, agency=agency, party=citizen.party, **changes
    ) -> Document:
        return actions.order(
            kind, key=key, agency=agency, party_id=party.pk if party else None, payload={**LICENCE, **changes},
            number=actions.next_document_number(agency, kind, 2026), actor=TIMER, now=now,
        )  # fmt: skip

    return make


@pytest.fixture
def paper(order) -> Document:
    """A paper that is ready."""
    document = order()
    assert actions.drain(NOW) == 1
    document.refresh_from_db()
    assert document.is_ready, document.error
    return document


@pytest.fixture
def pdf(paper) -> bytes:
    return actions.read_file(paper)


@pytest.fixture
def store(citizen):
    """Upload as `citizen` for itself."""

    def make(data: bytes, name: str = "材料.pdf", user=None, party_id=None):
        actor = actor_of(user or citizen)
        file = SimpleUploadedFile(name, data)
        return actions.store_upload(file, actor=actor, party_id=party_id or citizen.party.pk, now=NOW)

    return make


def picture(form: str = "PNG", size: tuple[int, int] = (60, 40), **options) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "#1550a6").save(out, form, **options)
    return out.getvalue()


def plain_pdf(*extra: bytes, catalog: bytes = b"", page: bytes = b"") -> bytes:
    """A one-page PDF written by hand; further objects are numbered from 4, entries go where they are told."""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R" + catalog + b">>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]" + page + b">>",
        *extra,
    ]
    out, places = bytearray(b"%PDF-1.7\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(objects) + 1
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n%s" % (count, table)
    out += b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (count, start)
    return bytes(out)
