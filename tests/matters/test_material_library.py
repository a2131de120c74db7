"""材料库: one definition, used by many guides, which keep what they published."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from matters.checks import problems
from matters.editing import actions as editing
from matters.editing import library, references
from matters.editing.actions import DraftRefused, StaleDraft
from matters.editing.panels import load_panels
from matters.models import GuideDraft, LibraryMaterial
from support.calendars.actions import load_official
from support.places.models import Agency
from tests.conftest import actor_of
from tests.matters.conftest import NOW, prove, text

LICENCE = {
    "name": text("营业执照"),
    "type": "1",
    "format": "3",
    "source_type": "20",
    "source": text("市场监管部门核发"),
    "standard": text("在有效期内"),
    "basis": text("《示例条例》第四条"),
}


@pytest.fixture
def row(agency, editor):
    return library.keep(None, LICENCE, agency=agency, shared=False, actor=actor_of(editor), now=NOW)


@pytest.fixture
def draft(put_in_force, editor):
    load_panels()
    load_official()
    return editing.revise(put_in_force().matter, actor=actor_of(editor), now=NOW)


@pytest.fixture
def using(draft, row, editor):
    return library.choose(draft, row, seen=draft.revision, actor=actor_of(editor), now=NOW)


@pytest.fixture
def as_editor(client, editor):
    client.force_login(editor)
    return client


def change(row, editor, **elements):
    changed = {**row.elements, **elements}
    return library.keep(
        row, changed, agency=row.agency, shared=False, seen=row.revision, actor=actor_of(editor), now=NOW
    )


@pytest.mark.parametrize("who", ["reviewer", "clerk", "region_editor"])
def test_only_its_editors_keep_a_definition(cast, row, who):
    with pytest.raises(PermissionDenied):
        change(row, cast[who], standard=text("别的"))


def test_the_second_of_two_is_told(row, editor):
    change(row, editor, standard=text("新的"))
    with pytest.raises(DraftRefused, match=editor.name):
        change(row, editor, standard=text("旧的"))
    assert LibraryMaterial.objects.get().elements["standard"] == text("新的")


@pytest.mark.parametrize(
    ("at", "shared", "seen"),
    [("county", False, True), ("region", True, True), ("region", False, False), ("elsewhere", True, False)],
)
def test_what_is_shared_is_seen_beneath_its_region(
    editor, region_editor, row, agency_elsewhere, at, shared, seen
):
    region = Agency.objects.get(pk=next(iter(actor_of(region_editor).agency_ids)))
    owner = {"county": row.agency, "region": region, "elsewhere": agency_elsewhere}[at]
    LibraryMaterial.objects.update(agency=owner, shared=shared)
    assert LibraryMaterial.objects.visible_to(actor_of(editor)).exists() is seen


def test_a_copy_with_a_reference_is_chosen(using, row):
    (material,) = using.document["materials"]
    assert material == {"key": "m1", **LICENCE, "library": {"uuid": str(row.uuid), "revision": 1}}


def test_what_comes_from_the_library_cannot_be_posted(as_editor, using):
    url = reverse("catalogue:item", args=[using.uuid, "materials", "materials.0"])
    page = as_editor.get(url).content.decode()
    assert "来自材料库（第 1 版）" in page and 'name="standard"' not in page and 'name="necessity"' in page
    sent = {
        "standard": "随便",
        "necessity": "1",
        "copies-original": "1",
        "copies-copy": "0",
        "collect": ["1"],
    }
    as_editor.post(url, {**sent, "seen": using.revision})
    using.refresh_from_db()
    (material,) = using.document["materials"]
    assert material["standard"] == text("在有效期内") and material["necessity"] == "1"
    assert problems(editing.whole(using)) == [] == references.differing(using)


def test_a_newer_definition_is_offered_and_taken_with_one_press(as_editor, using, row, editor):
    own = {**using.document["materials"][0], "necessity": "1", "issuer": "旧机关"}
    GuideDraft.objects.update(document={**using.document, "materials": [own]})
    change(row, editor, standard=text("原件，清楚"))
    url = reverse("catalogue:section", args=[using.uuid, "materials"])
    page = as_editor.get(url).content.decode()
    assert "材料库已更新" in page
    sent = {"renew": "m1", "material": str(row.uuid), "seen": using.revision}
    as_editor.post(reverse("catalogue:library_choose", args=[using.uuid]), sent)
    using.refresh_from_db()
    (material,) = using.document["materials"]
    assert material["standard"] == text("原件，清楚") and material["necessity"] == "1"
    assert material["library"]["revision"] == 2 and "issuer" not in material
    assert "材料库已更新" not in as_editor.get(url).content.decode()


def test_what_was_published_does_not_change(as_editor, using, row, editor, reviewer):
    whole = {
        **using.document,
        "materials": [
            {
                **using.document["materials"][0],
                "necessity": "1",
                "collect": ["1"],
                "copies": {"original": 1, "copy": 0},
            }
        ],
    }
    GuideDraft.objects.update(document=whole, state="approved", editors=[])
    using.refresh_from_db()
    prove(using, editor)
    version = editing.publish(using, seen=using.revision, actor=actor_of(reviewer), now=NOW)
    change(row, editor, standard=text("别的"))
    version.refresh_from_db()
    assert version.document["materials"][0]["standard"]["zh-hans"] == "在有效期内"
    page = as_editor.get(reverse("matters:guide_version", args=[version.matter.uuid, version.version]))
    assert "统一材料库第 1 版" in page.content.decode()


def test_detached_it_is_the_guides_own(as_editor, using):
    as_editor.post(
        reverse("catalogue:library_choose", args=[using.uuid]), {"detach": "m1", "seen": using.revision}
    )
    url = reverse("catalogue:item", args=[using.uuid, "materials", "materials.0"])
    assert 'name="standard"' in as_editor.get(url).content.decode()
    using.refresh_from_db()
    assert "library" not in using.document["materials"][0]


def test_a_list_asks_no_more_for_more_rows(as_editor, draft, row, editor):
    def queries():
        counts = []
        for url in (reverse("catalogue:library"), reverse("catalogue:library_choose", args=[draft.uuid])):
            with CaptureQueriesContext(connection) as asked:
                assert as_editor.get(url).status_code == 200
            counts.append(len(asked))
        return counts

    before = queries()
    for n in range(5):
        elements = {**LICENCE, "name": text(f"证明 {n}")}
        library.keep(None, elements, agency=row.agency, shared=True, actor=actor_of(editor), now=NOW)
    assert queries() == before


def test_nothing_of_another_agency_is_chosen(as_editor, draft, row, agency_elsewhere):
    LibraryMaterial.objects.update(agency=agency_elsewhere)
    url = reverse("catalogue:library_choose", args=[draft.uuid])
    assert as_editor.post(url, {"material": str(row.uuid), "seen": draft.revision}).status_code == 404
    assert as_editor.post(url, {"material": "x", "seen": draft.revision}).status_code == 404


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"standard": text("改过的")}, "与材料库的内容不一致"),
        ({"library": {"uuid": "00000000-0000-4000-8000-000000000000", "revision": 1}}, "没有这一版"),
        ({"library": {"revision": 9}}, "没有这一版"),
    ],
)
def test_a_copy_that_says_something_else_is_refused(using, changes, words):
    (material,) = using.document["materials"]
    reference = material["library"] | changes.get("library", {})
    own = {"necessity": "1", "collect": ["1"], "copies": {"original": 1, "copy": 0}}
    using.document["materials"] = [material | own | changes | {"library": reference}]
    assert [p.path for p in editing.found(using, now=NOW) if words in p.message] == ["materials[0].library"]


def test_the_draft_is_not_changed_unseen(using, row, editor):
    with pytest.raises(StaleDraft):
        library.choose(using, row, seen=using.revision - 1, actor=actor_of(editor), now=NOW)


def test_the_pages_of_the_library(as_editor, using, row):
    assert "营业执照" in as_editor.get(reverse("catalogue:library")).content.decode()
    url = reverse("catalogue:library_item", args=[row.uuid])
    assert using.title in as_editor.get(url).content.decode()
    sent = {"name": "营业执照副本", "type": "1", "active": "on", "seen": row.revision}
    assert as_editor.post(url, sent).status_code == 302
    row.refresh_from_db()
    assert (row.name, row.revision) == ("营业执照副本", 2)
    assert as_editor.post(url, {**sent, "name": ""}).status_code == 422
    as_editor.post(reverse("catalogue:library_new"), {"name": "身份证", "seen": "1", "shared": "on"})
    assert LibraryMaterial.objects.get(name="身份证").shared
