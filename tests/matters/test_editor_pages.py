"""The pages in which the catalogue is kept."""

import pytest
from django.urls import reverse

from matters.editing import actions as editing
from matters.editing.panels import load_panels
from matters.models import GuideDraft
from tests.conftest import actor_of
from tests.matters.conftest import NOW

pytestmark = pytest.mark.usefixtures("panels")


@pytest.fixture
def panels(places):
    load_panels()


@pytest.fixture
def draft(put_in_force, editor):
    return editing.revise(put_in_force().matter, actor=actor_of(editor), now=NOW)


@pytest.fixture
def as_editor(client, editor):
    client.force_login(editor)
    return client


def test_every_page_opens(as_editor, draft):
    from matters.editing.elements import SECTIONS

    for name in ("home", "claim", "library", "library_new"):
        assert as_editor.get(reverse(f"catalogue:{name}")).status_code == 200, name
    for name in ("draft", "preview", "submit", "take_back", "drop", "library_choose"):
        assert as_editor.get(reverse(f"catalogue:{name}", args=[draft.uuid])).status_code == 200, name
    for section in SECTIONS:
        page = as_editor.get(reverse("catalogue:section", args=[draft.uuid, section.key]))
        assert page.status_code == 200, section.key
        for group in section.groups:
            url = reverse("catalogue:item", args=[draft.uuid, section.key, f"{group.path}.new"])
            assert as_editor.get(url).status_code == 200, url
