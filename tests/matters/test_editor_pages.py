"""The pages in which the catalogue is kept."""

import json

import pytest
from django.http import QueryDict
from django.urls import reverse

from matters.editing import actions as editing
from matters.actions import DATA
from matters.editing import places, sections
from matters.editing.elements import SECTIONS
from matters.editing.forms import ElementsForm
from matters.editing.panels import load_panels
from matters.editing.paths import get
from matters.editing.sections import Spot
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


SAMPLES = sorted(file for file in (DATA / "guides").glob("*.json"))


def typed(form):
    """What a browser sends back when nothing was touched."""
    sent = QueryDict(mutable=True)
    for bound in form:
        value = bound.value()
        value = bound.field.prepare_value(value)
        if isinstance(value, list):
            sent.setlist(bound.name, [str(each) for each in value])
        elif value not in (None, ""):
            sent[bound.name] = str(value)
    return sent


def spots(groups, document, before=()):
    """Every item of every list."""
    for group in groups:
        path = (*before, *group.steps)
        for n, _item in enumerate(get(document, path) or []):
            spot = Spot(group, path, n)
            yield spot
            yield from spots(group.groups, document, spot.item)


@pytest.mark.parametrize("file", SAMPLES, ids=lambda file: file.stem)
def test_what_is_saved_untouched_stays_as_it_was(file):
    document = json.loads(file.read_text(encoding="utf-8"))["document"]
    saved = document
    for section in SECTIONS:
        pages = [(section.elements, ()), *((s.group.elements, s.item) for s in spots(section.groups, saved))]
        for elements, at in pages:
            shown = ElementsForm(elements, saved, at, seen=1)
            form = ElementsForm(elements, saved, at, seen=1, data=typed(shown))
            assert form.is_valid(), (section.key, at, form.errors)
            saved = form.applied(saved)
    assert saved == document


def leaves(node, path=()):
    """Every place of the schema that holds a value, without the form and what is inherited."""
    node = sections._resolved(node)
    if path in ((), ) or (node.get("type") == "object" and "zh-hans" not in node["properties"]):
        for name, child in node.get("properties", {}).items():
            if (*path, name) not in ELSEWHERE:
                yield from leaves(child, (*path, name))
    elif node.get("type") == "array" and sections._resolved(node["items"]).get("type") == "object":
        yield from leaves(node["items"], (*path, 0))
    else:
        yield path


ELSEWHERE = {("schema",), ("identity",), ("form",)}
# Made by the pages themselves, or without a page of their own.
MADE = {"key", "library", "file", "sample_file"}


def test_every_element_of_the_schema_has_its_place():
    lost = []
    for path in leaves(sections.schema()):
        if MADE & {str(step) for step in path} or path[-2:] == ("options", "value"):
            continue
        found = places.place(path)
        if found is None or (found.element is None):
            lost.append(path)
    assert not lost


def test_every_page_opens(as_editor, draft):
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
