"""The pages in which the catalogue is kept."""

import datetime as dt
import json

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from matters.actions import DATA, publish
from matters.editing import actions as editing
from matters.editing import places, sections, views_sections
from matters.editing.elements import BY_KEY, SECTIONS
from matters.editing.forms import ElementsForm
from matters.editing.panels import load_panels
from matters.editing.paths import get, steps
from matters.editing.sections import Spot, spot
from matters.models import DirectoryEntry, GuideDraft
from support.calendars.actions import load_official
from support.records.actor import TIMER
from tests.conftest import actor_of
from tests.matters.conftest import NOW, prove, text

pytestmark = pytest.mark.usefixtures("panels")


@pytest.fixture
def panels(places):
    load_panels()
    load_official()


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
    if "properties" in node and "zh-hans" not in node["properties"]:
        for name, child in node.get("properties", {}).items():
            if (*path, name) not in ELSEWHERE:
                yield from leaves(child, (*path, name))
    elif node.get("type") == "array" and sections._resolved(node["items"]).get("type") == "object":
        yield from leaves(node["items"], (*path, 0))
    else:
        yield path


ELSEWHERE = {("schema",), ("identity",), ("form",)}
MADE = {"key", "library"}  # by the pages themselves


def test_every_element_of_the_schema_has_its_place():
    lost = []
    for path in leaves(sections.schema()):
        if MADE & {str(step) for step in path} or path[-3:] == ("options", 0, "value"):
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


# --- who may, and what is kept --------------------------------------------------------------------


def at(draft, key, where=""):
    name = "item" if where else "section"
    return reverse(f"catalogue:{name}", args=[draft.uuid, key, *([where] if where else [])])


def filled(draft, key, where="", **changes):
    """What the browser would send of a page, with some inputs changed."""
    part = BY_KEY[key]
    found = spot(part, steps(where)) if where else None
    document, place = views_sections._with_item(draft, found)
    sent = typed(views_sections._form(draft, part, found, document, place, None))
    for name, value in changes.items():
        sent.setlist(name.replace("__", "-"), value if isinstance(value, list) else [value])
    return sent


def post(client, draft, key, where="", **changes):
    return client.post(at(draft, key, where), dict(filled(draft, key, where, **changes).lists()))


@pytest.mark.parametrize(
    ("who", "status"),
    [("editor", 200), ("reviewer", 200), ("office_reviewer", 404), ("region_editor", 404), ("clerk", 403)],
)
def test_who_sees_a_draft(client, cast, draft, who, status):
    client.force_login(cast[who])
    for name in ("draft", "preview"):
        assert client.get(reverse(f"catalogue:{name}", args=[draft.uuid])).status_code == status
    assert client.get(at(draft, "basic")).status_code == status


def test_a_reviewer_of_the_agency_reads_and_cannot_save(client, reviewer, draft):
    client.force_login(reviewer)
    assert "disabled" in client.get(at(draft, "basic")).content.decode()
    assert post(client, draft, "basic", name="改了").status_code == 403
    draft.refresh_from_db()
    assert draft.document["name"]["zh-hans"] == "户外招牌设置登记"


def test_under_review_nothing_is_saved(as_editor, draft):
    sent = filled(draft, "basic", name="改了")
    GuideDraft.objects.update(state="review")
    page = as_editor.post(at(draft, "basic"), dict(sent.lists()), follow=True)
    assert "草稿现在的状态是“审核中”" in page.content.decode()


def test_what_was_typed_is_kept_and_nothing_overwritten(as_editor, draft, editor):
    sent = filled(draft, "basic", name="我的名称")
    editing.save(draft, {**draft.document, "name": text("先保存的")}, seen=draft.revision,
                 actor=actor_of(editor), now=NOW)  # fmt: skip
    page = as_editor.post(at(draft, "basic"), dict(sent.lists()))
    words = page.content.decode()
    assert page.status_code == 409
    assert f"{editor.name} 刚刚保存" in words and 'value="我的名称"' in words and "先保存的" in words
    assert GuideDraft.objects.get().document["name"]["zh-hans"] == "先保存的"
    sent["seen"] = str(GuideDraft.objects.get().revision)
    as_editor.post(at(draft, "basic"), dict(sent.lists()))
    assert GuideDraft.objects.get().document["name"]["zh-hans"] == "我的名称"


def test_wrong_input_comes_back_with_words(as_editor, draft):
    page = post(as_editor, draft, "terms", terms__promised__amount="三", terms__promised__basis="《规定》")
    words = page.content.decode()
    assert page.status_code == 422
    assert 'value="三"' in words and "请填写整数" in words and 'value="《规定》"' in words
    draft.refresh_from_db()
    assert draft.document["terms"]["promised"]["amount"] == 3


def test_full_width_digits_are_digits(as_editor, draft):
    post(as_editor, draft, "terms", terms__promised__amount="１２")
    draft.refresh_from_db()
    assert draft.document["terms"]["promised"] == {"amount": 12, "unit": "workday"}


@pytest.mark.parametrize("seen", ["", "x", "0", "9" * 30])
def test_a_page_that_does_not_say_what_was_seen_saves_nothing(as_editor, draft, seen):
    assert post(as_editor, draft, "basic", name="改了", seen=seen).status_code in (409, 422)
    as_editor.post(at(draft, "conditions"), {"do": "remove:conditions.0", "sure": "1", "seen": seen})
    draft.refresh_from_db()
    assert draft.document["name"]["zh-hans"] == "户外招牌设置登记" and draft.document["conditions"]


@pytest.mark.parametrize(
    "where",
    [
        "conditions.9",
        "conditions",
        "materials.0",
        "x",
        "conditions.0.1",
        "conditions.-1",
        "conditions." + "9" * 5000,
    ],
)
def test_an_item_that_is_not_there(as_editor, draft, where):
    assert as_editor.get(at(draft, "conditions", where)).status_code == 404


def test_traditional_follows_what_is_changed_and_own_wording_stays(as_editor, draft):
    post(as_editor, draft, "basic", name="餐馆登记", summary__hant="在門頭掛招牌前登記。")
    draft.refresh_from_db()
    assert draft.document["name"] == {"zh-hans": "餐馆登记", "en": "Registration of a shop sign"}
    whole = editing.whole(draft)
    assert whole["name"]["zh-hant"] == "餐館登記" and whole["summary"]["zh-hant"] == "在門頭掛招牌前登記。"


# --- what is inherited ----------------------------------------------------------------------------


def test_what_is_inherited_is_shown_and_cannot_be_posted(as_editor, draft):
    page = as_editor.get(at(draft, "basic")).content.decode()
    assert draft.matter.task_code in page and "来自基本目录" in page
    post(as_editor, draft, "basic", identity="x", task_code="x", identity__agency__name="别的机关")
    draft.refresh_from_db()
    assert "identity" not in draft.document and "task_code" not in draft.document


def test_a_basis_of_the_directory_keeps_its_law_and_stays(as_editor, draft):
    assert "来自基本目录" in as_editor.get(at(draft, "basis", "basis.0")).content.decode()
    post(as_editor, draft, "basis", "basis.0", law="《别的》", article="第一条")
    as_editor.post(at(draft, "basis"), {"do": "remove:basis.0", "sure": "1", "seen": str(draft.revision + 1)})
    draft.refresh_from_db()
    law = {"zh-hans": "《示例条例》", "en": "Sample Regulation"}
    assert draft.document["basis"] == [{"law": law, "article": {"zh-hans": "第一条"}}]


def test_of_a_licence_the_statute_says_the_acceptance_term(as_editor, editor, food):
    draft = editing.revise(food.matter, actor=actor_of(editor), now=NOW)
    page = as_editor.get(at(draft, "terms")).content.decode()
    assert "来自《中华人民共和国行政许可法》" in page and "5 个工作日" in page
    post(as_editor, draft, "terms", terms__acceptance__amount="9", terms__issue__amount="9")
    draft.refresh_from_db()
    assert draft.document["terms"]["acceptance"]["amount"] == 5 and "issue" not in draft.document["terms"]


# --- lists ----------------------------------------------------------------------------------------


def test_items_are_added_moved_and_removed(as_editor, draft):
    for words in ("第二条件", "第三条件"):
        draft.refresh_from_db()
        post(as_editor, draft, "conditions", "conditions.new", text=words)
    for step in ("up:conditions.2", "down:conditions.0", "remove:conditions.2"):
        draft.refresh_from_db()
        as_editor.post(at(draft, "conditions"), {"do": step, "sure": "1", "seen": draft.revision})
    draft.refresh_from_db()
    assert [each["zh-hans"] for each in draft.document["conditions"]] == ["第三条件", "招牌牢固。"]


def test_before_something_is_removed_it_is_asked(as_editor, draft):
    page = as_editor.post(at(draft, "conditions"), {"do": "remove:conditions.0", "seen": draft.revision})
    assert "删除“招牌牢固。”？" in page.content.decode()
    draft.refresh_from_db()
    assert draft.document["conditions"]


def test_a_key_that_was_published_is_never_given_again(as_editor, draft, reviewer):
    GuideDraft.objects.update(
        document={**draft.document, "process": [{"key": "p1", "name": text("受理")}, {"key": "p2"}]}
    )
    draft.refresh_from_db()
    old = {**draft.matter.versions.get().document}
    old["process"] = [{**old["process"][0], "key": "p3"}]
    publish(
        draft.matter, {k: v for k, v in old.items() if k != "identity"}, starts_at=NOW, actor=TIMER, now=NOW
    )
    as_editor.post(at(draft, "process"), {"do": "remove:process.1", "sure": "1", "seen": draft.revision})
    draft.refresh_from_db()
    post(as_editor, draft, "process", "process.new", name="办结")
    draft.refresh_from_db()
    post(as_editor, draft, "process", "process.new", name="送达")
    draft.refresh_from_db()
    assert [each["key"] for each in draft.document["process"]] == ["p1", "p2", "p4"]


def test_what_stands_in_a_result_has_pages_of_its_own(as_editor, draft):
    post(as_editor, draft, "results", "results.0.contents.new", label="宽", source="width")
    draft.refresh_from_db()
    assert draft.document["results"][0]["contents"] == [
        {"key": "c1", "label": {"zh-hans": "宽"}, "source": "width"}
    ]
    assert as_editor.get(at(draft, "results", "results.7.contents.new")).status_code == 404


# --- problems -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "ends"),
    [
        ("materials[2].name", "sections/materials/materials.2/#id_name"),
        ("materials[0].copies", "sections/materials/materials.0/#id_copies-original"),
        ("terms.promised", "sections/terms/#id_terms-promised-amount"),
        ("terms.statutory.basis", "sections/terms/#id_terms-statutory-basis"),
        ("results[1].contents[0].source", "sections/results/results.1.contents.0/#id_source"),
        ("results[1].sample", "sections/results/results.1/"),
        ("visits.count", "sections/online/#id_visits-count_0"),
        ("process", "sections/process/#list-process"),
        ("complaint.phones[1]", "sections/places/#id_complaint-phones"),
        ("identity.regime", "/"),
        ("", "/"),
    ],
)
def test_a_problem_leads_to_its_input(as_editor, draft, path, ends):
    url = places.address_of(draft, path)
    assert url == reverse("catalogue:draft", args=[draft.uuid]) + ends.removeprefix("/")


def test_the_hub_counts_what_is_wrong_and_the_page_says_the_same(as_editor, draft):
    broken = {**draft.document, "visits": {"count": "1"}, "conditions": []}
    GuideDraft.objects.update(document=broken)
    hub = as_editor.get(reverse("catalogue:draft", args=[draft.uuid])).content.decode()
    assert "受理条件：至少要有 1 项" in hub
    GuideDraft.objects.update(document={**draft.document, "visits": {"count": "1"}})
    hub = as_editor.get(reverse("catalogue:draft", args=[draft.uuid])).content.decode()
    words = "需要到现场的，要说明原因"
    assert f"网上办理与到现场 · 到现场的原因：{words}" in hub and "有 2 处需要修改" in hub
    page = as_editor.get(at(draft, "online")).content.decode()
    assert page.count(words) == 2 and 'href="#id_visits-reason"' in page


def test_what_is_missing_is_said_at_its_own_input(as_editor, draft):
    lacking = {name: part for name, part in draft.document.items() if name != "summary"}
    GuideDraft.objects.update(document=lacking)
    page = as_editor.get(at(draft, "basic")).content.decode()
    assert 'href="#id_summary">事项简介：还没有填写' in page
    preview = as_editor.get(reverse("catalogue:preview", args=[draft.uuid])).content.decode()
    assert "还不能预览" in preview


# --- lists of drafts ------------------------------------------------------------------------------


def test_the_lists_do_not_ask_for_every_row(as_editor, put_in_force, editor):
    def queries(show):
        with CaptureQueriesContext(connection) as asked:
            assert as_editor.get(reverse("catalogue:home") + f"?show={show}").status_code == 200
        return len(asked)

    editing.revise(put_in_force(1).matter, actor=actor_of(editor), now=NOW)
    before = {show: queries(show) for show in ("waiting", "editing", "lists")}
    for number in range(2, 7):
        editing.revise(put_in_force(number).matter, actor=actor_of(editor), now=NOW)
    assert {show: queries(show) for show in before} == before


def test_what_can_be_claimed_has_a_button_and_the_rest_says_why(as_editor, new_matter, agency):
    entry = new_matter(1).directory
    other = new_matter(2).directory
    DirectoryEntry.objects.filter(pk=other.pk).update(use_level="2", name="省里办的事")
    page = as_editor.get(reverse("catalogue:claim")).content.decode()
    assert page.count('name="entry"') == 1 and "行使层级不包括本级" in page
    assert as_editor.post(reverse("catalogue:claim"), {"entry": other.pk}, follow=True).status_code == 200
    assert not GuideDraft.objects.exists()
    as_editor.post(reverse("catalogue:claim"), {"entry": entry.pk})
    assert GuideDraft.objects.get().matter.directory == entry
    assert as_editor.get(reverse("catalogue:claim") + "?q=省里").content.decode().count('name="entry"') == 0


def test_only_what_i_can_do_waits_for_me(client, cast, draft, editor):
    prove(draft, editor)
    editing.submit(draft, seen=draft.revision, actor=actor_of(editor), now=timezone.now())
    for who, n in (("editor", 0), ("reviewer", 0), ("office_reviewer", 1), ("justice_reviewer", 1)):
        client.force_login(cast[who])
        page = client.get(reverse("catalogue:home"))
        assert page.context["tabs"][0]["count"] == n, who
    GuideDraft.objects.update(editors=[cast["office_reviewer"].pk])
    client.force_login(cast["office_reviewer"])
    assert client.get(reverse("catalogue:home")).context["tabs"][0]["count"] == 0


def test_publishing_tells_what_is_under_way(client, reviewer, draft):
    GuideDraft.objects.update(state="approved", editors=[])
    client.force_login(reviewer)
    page = client.get(reverse("catalogue:publish", args=[draft.uuid])).content.decode()
    assert "0 件，仍按原版本办理" in page and "第 1 版" in page


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"starts_time": "9:00"}, "请同时填写日期"),
        ({"starts_on_year": "2026", "starts_on_month": "13", "starts_on_day": "1"}, "不存在"),
        ({"starts_on_year": "2020", "starts_on_month": "1", "starts_on_day": "1"}, "计划生效时间已经过去"),
        ({"starts_on_year": "2099", "starts_on_month": "1", "starts_on_day": "1", "starts_time": "25:00"}, "24 小时制"),
    ],
)  # fmt: skip
def test_times_that_make_no_sense_come_back_with_words(as_editor, draft, sent, words):
    page = as_editor.post(reverse("catalogue:submit", args=[draft.uuid]), {"seen": draft.revision, **sent})
    assert page.status_code == 422 and words in page.content.decode()
    draft.refresh_from_db()
    assert draft.state == "editing"


def test_a_planned_time_is_that_of_the_portal(as_editor, draft, editor):
    prove(draft, editor)
    sent = {"starts_on_year": "2099", "starts_on_month": "1", "starts_on_day": "2", "starts_time": "9:00"}
    as_editor.post(reverse("catalogue:submit", args=[draft.uuid]), {"seen": draft.revision, **sent})
    draft.refresh_from_db()
    assert draft.starts_at == dt.datetime(2099, 1, 2, 1, tzinfo=dt.UTC)


def test_a_material_depends_on_the_questions_of_the_draft(as_editor, draft):
    post(as_editor, draft, "situations", "situations.new", question="门头临街吗？")
    for label in ("临街", "不临街"):
        draft.refresh_from_db()
        post(as_editor, draft, "situations", "situations.0.options.new", label=label)
    draft.refresh_from_db()
    assert [o["value"] for o in draft.document["situations"][0]["options"]] == ["o1", "o2"]
    post(as_editor, draft, "materials", "materials.new", name="街景照片", when__q1=["o1"])
    draft.refresh_from_db()
    assert draft.document["materials"][0]["when"] == {"q1": ["o1"]}
    page = as_editor.get(at(draft, "materials", "materials.0")).content.decode()
    assert "适用情形：门头临街吗？" in page
    assert places.address_of(draft, "materials[0].when.q1").endswith("materials.0/#id_when")
