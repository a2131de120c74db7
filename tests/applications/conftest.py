"""A published guide, a party's papers, and cases in each state."""

import datetime as dt
import io
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from applications import filing
from applications.actions import Inputs, take
from applications.delivery import Wish
from applications.models import Application, Manner
from matters.actions import load_samples
from matters.forms import prefill
from matters.models import GuideVersion
from support.calendars.actions import load_official
from support.documents.actions import store_upload
from tests.conftest import actor_of

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
    load_samples()
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
