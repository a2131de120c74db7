"""A complete application of the demo citizen."""

import io
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from matters.forms import prefill
from matters.guides import Field, Guide
from support.accounts.models import User
from support.documents.actions import store_upload
from support.documents.models import Upload
from support.records.actor import Actor

BY_TYPE: dict[str, Any] = {
    "date": "2027-12-01", "idnumber": "640199199003070002", "uscc": "91640104YYYY0091X3",
    "phone": "19900000001", "region": "640104000000", "declaration": True, "email": "citizen@example.com",
    "money": "100.00",
}  # fmt: skip


def _answer(field: Field) -> Any:
    if field.type == "number":
        least = float(field.minimum or 1)
        return f"{least:.{field.decimals}f}" if field.decimals else int(least)
    if field.type in ("choice", "choices"):
        first = field.choices[0][0]
        return [first] if field.type == "choices" else first
    return BY_TYPE.get(field.type, "示例内容")


def answers_and_uploads(
    guide: Guide, user: User, actor: Actor
) -> tuple[dict[str, Any], dict[str, list[Upload]]]:
    """An answer for every question that is asked, and one page for every material."""
    answers: dict[str, Any] = {}
    for field in guide.fields():
        if field.shown(answers):
            answers[field.key] = _answer(field)
    answers |= prefill(guide, user.party)
    assert actor.party_id is not None
    return answers, {
        material.key: [store_upload(_page(), actor=actor, party_id=actor.party_id, now=timezone.now())]
        for material in guide.uploads
    }


def _page() -> SimpleUploadedFile:
    buffer = io.BytesIO()
    Image.new("RGB", (40, 40), "white").save(buffer, "PNG")
    return SimpleUploadedFile("page.png", buffer.getvalue(), content_type="image/png")
