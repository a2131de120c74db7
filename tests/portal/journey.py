"""A granted case with its certificate, one refused and rated, one just filed, and a draft: for every page."""

import pytest
import time_machine
from django.urls import reverse

from applications import drafts, wizard
from certificates.models import Certificate
from support.documents import actions as documents
from tests.applications.conftest import *  # noqa: F403
from tests.applications.conftest import at
from tests.conftest import actor_of
from tests.evaluations.conftest import *  # noqa: F403

LATER = at("2026-11-27")


@pytest.fixture
def journey(version, reviewed, step, approver, file_case, citizen, clerk, give):
    """The addresses of the draft's pages, and of the confirmation of the case just filed."""
    step("grant", reviewed, approver, now=at("2026-11-26"))
    refused = file_case(now=at("2026-11-24"), key="second-key")
    refused = step(
        "refuse_acceptance",
        refused,
        clerk,
        now=at("2026-11-25"),
        reasons="不属于本机关职权。",
        where_to_go="市场监管局",
    )
    filed = file_case(now=at("2026-11-26"), key="third-key")
    with time_machine.travel(LATER, tick=False):
        give(refused, stars=2, words="示例内容", now=LATER)
        draft = drafts.start(version.matter, version, actor=actor_of(citizen), now=LATER)
        while documents.drain(LATER):
            pass
        assert Certificate.objects.get().document.is_ready
        pages = wizard.pages(version.guide, draft)
        yield [reverse("applications:draft", args=[draft.uuid, page.key]) for page in pages] + [
            reverse("applications:submitted", args=[filed.uuid])
        ]
