"""A published guide, a party's papers, and cases in each state."""

import copy
import datetime as dt
import io
import subprocess
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from applications import filing
from applications.actions import take
from applications.acts import Inputs
from applications.delivery import Wish
from applications.models import Application, Manner
from matters.actions import load_samples, publish
from matters.forms import prefill
from matters.models import DirectoryEntry, GuideVersion, Matter
from support.calendars.actions import load_official
from support.documents import actions as documents
from support.documents.actions import store_upload
from support.documents.models import Document
from support.records.actor import TIMER
from tests.conftest import actor_of
from tests.matters.changing import decide, judge, market, panels, propose, region_departments, submit  # noqa: F401

SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(day: str, hour: int = 10) -> dt.datetime:
    """An instant of a day in Ningxia."""
    return dt.datetime.fromisoformat(day).replace(hour=hour, tzinfo=SHANGHAI)


MONDAY = at("2026-11-23")
CONSENT = Wish(Manner.ELECTRONIC)


def png(name: str = "page.png", colour: str = "white") -> SimpleUploadedFile:
    buffer = io.BytesIO()
    Image.new("RGB", (40, 40), colour).save(buffer, "PNG")
    return SimpleUploadedFile(name, buffer.getvalue(), content_type="image/png")


SAMPLE_BY_TYPE = {
    "text": "示例内容", "textarea": "示例内容", "number": 2, "money": "100.00", "date": "2026-12-01",
    "idnumber": "640199199003070002", "uscc": "91640104YYYY0091X3", "phone": "19900000001",
    "name": "张小兰", "address": "银川市兴庆区示例路100号", "region": "640104000000", "declaration": True,
    "email": "citizen@example.com",
}  # fmt: skip


def sample_answers(guide) -> dict:
    """An answer for every question that is asked, of its type, in order."""
    answers: dict = {}
    for field in guide.fields():
        if not field.shown(answers):
            continue
        if field.type == "choice":
            answers[field.key] = field.choices[0][0]
        elif field.type == "choices":
            answers[field.key] = [field.choices[0][0]]
        else:
            answers[field.key] = "张小兰" if field.prefill == "party.name" else SAMPLE_BY_TYPE[field.type]
        if field.type == "number" and field.minimum:
            answers[field.key] = max(2, int(float(field.minimum)))
        if field.type == "number" and field.decimals:
            answers[field.key] = str(answers[field.key])
    return answers


@pytest.fixture
def version(cast, db) -> GuideVersion:
    load_official()
    load_samples(only=["food-business-licence"])
    return GuideVersion.objects.select_related("matter__agency").get(
        document__name__contains={"zh-hans": "食品经营许可（新办）"}
    )


@pytest.fixture
def guide(version):
    return version.guide


@pytest.fixture
def answers(guide):
    return sample_answers(guide)


@pytest.fixture
def uploads_for(guide, settings, tmp_path):
    """Fresh uploads of a party, one page for every material that is handed in as a file."""
    settings.MEDIA_ROOT = tmp_path / "files"

    def make(user, now=MONDAY):
        actor = actor_of(user)
        return {
            m.key: [store_upload(png(), actor=actor, party_id=actor.party_id, now=now)]
            for m in guide.uploads
        }

    return make


@pytest.fixture
def file_case(version, answers, uploads_for, citizen):
    """File a case: by default by `citizen`, on Monday 2026-11-23 at ten, with 电子送达."""

    def make(user=None, now=MONDAY, key="test-key", wish=CONSENT) -> Application:
        user = user or citizen
        return filing.submit(
            version.matter, {**answers, **prefill(version.guide, user.party)}, uploads_for(user, now),
            key=key, actor=actor_of(user), now=now, wish=wish,
        )

    return make


@pytest.fixture
def received(file_case) -> Application:
    return file_case()


@pytest.fixture
def step():
    """Take a step as a member of the cast, looking at the case as it is."""

    def make(name, case, user, *, now=MONDAY, seen=None, **inputs) -> Application:
        case = Application.objects.get(pk=case.pk)
        return take(
            name, case, actor=actor_of(user), seen=case.revision if seen is None else seen, at=now,
            inputs=Inputs(**inputs),
        )  # fmt: skip

    return make


@pytest.fixture
def accepted(received, step, clerk) -> Application:
    return step("accept", received, clerk, now=at("2026-11-24"))


@pytest.fixture
def reviewed(accepted, step, officer) -> Application:
    return step(
        "give_opinion",
        accepted,
        officer,
        now=at("2026-11-25"),
        verdict="grant",
        reasons="材料齐全，符合条件。",
    )


# --- guides of every kind, made from the sample ---------------------------------------------------

# kind of act: task type, name, whether it ends in a certificate
KINDS = {
    "licence": ("01", "示例场所经营许可（新办）", True),
    "confirmation": ("07", "示例资格认定", True),
    "benefit": ("05", "示例津贴发放", False),
    "reward": ("08", "示例先进个人表彰", False),
    "ruling": ("09", "示例权属争议裁决", False),
    "filing": ("10", "示例活动备案", False),
    "other": ("10", "示例资质年检", False),
    "service": ("20", "示例档案查询", False),
}


def text(words: str) -> dict[str, str]:
    return {"zh-hans": words}


def document_of(kind: str, sample: dict, **changes) -> dict:
    """The sample as a guide of another kind: its own name, basis and terms, none of them 行政许可法."""
    task_type, name, certified = KINDS[kind]
    document = {key: value for key, value in copy.deepcopy(sample).items() if key != "identity"}
    document |= {"name": text(name), "fees": {"charged": False, "items": []}, "special_procedures": []}
    document["basis"] = [{"law": text("《示例条例》"), "article": text("第八条")}]
    if task_type != "01":
        document["terms"] = {
            "acceptance": {"amount": 3, "unit": "workday", "basis": text("《示例办理规则》第三条")},
            "statutory": {"amount": 15, "unit": "workday", "basis": text("《示例条例》第九条")},
            "promised": {"amount": 10, "unit": "workday"},
        }
    if certified:
        document["results"][0] |= {
            "name": text(f"{name}证书"), "type_code": f"11640000YYYY00012M9{int(task_type):02d}",
        }  # fmt: skip
    else:
        sample = [{"label": text("编号"), "value": text("示例")}]
        document["results"] = [
            {"key": "notice", "kind": "2", "name": text("办理结果"), "sample": sample}
        ]
    return document | changes


@pytest.fixture
def guide_of(version, agency):
    """Publish a guide of a kind, in force long since; `instant`, `silence`, `issue` vary its terms."""

    def make(kind, *, instant=False, silence="", issue=None, **changes) -> GuideVersion:
        task_type, name, _certified = KINDS[kind]
        document = document_of(kind, version.document, **changes)
        if instant:
            document["project_type"] = "1"
            document["terms"].pop("promised", None)
        if silence:
            document["terms"]["acceptance"]["silence_basis"] = text(silence)
        if issue:
            document["terms"]["issue"] = {"amount": issue, "unit": "workday", "basis": text("《示例条例》第十条")}
        number = DirectoryEntry.objects.count()
        entry = DirectoryEntry.objects.create(
            catalog_code=f"6407{int(task_type):02d}{number:03d}000", name=name, task_type=task_type,
            by_law="《示例条例》", use_level="4",
        )  # fmt: skip
        matter = Matter.objects.create(
            task_code=f"{agency.uscc}4{entry.catalog_code}", agency=agency, directory=entry, task_type=task_type,
            regime="licence" if task_type == "01" else "other",
        )  # fmt: skip
        began = at("2024-01-01")
        return publish(matter, document, starts_at=began, actor=TIMER, now=began)

    return make


@pytest.fixture
def file_under(answers, uploads_for, citizen):
    """File a case of `citizen` under any guide made by `guide_of`, with 电子送达 unless told otherwise."""

    def make(version, now=MONDAY, wish=CONSENT, user=None) -> Application:
        user = user or citizen
        given = {**answers, **prefill(version.guide, user.party)}
        return filing.submit(
            version.matter, given, uploads_for(user, now), key=f"{version.uuid}{uuid4()}", actor=actor_of(user),
            now=now, wish=wish,
        )  # fmt: skip

    return make


@pytest.fixture
def read_papers():
    """Every paper of a case that is made, as its PDF reads: kind → words without blanks."""

    def make(case) -> dict[str, str]:
        made = Document.objects.filter(case_number=case.number, state="ready")
        return {document.kind: _words_of(documents.read_file(document)) for document in made}

    return make


def _words_of(pdf: bytes) -> str:
    said = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True).stdout.decode()
    return "".join(said.split())
