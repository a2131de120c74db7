"""The form editor without a browser: what is kept, keys, two editors, who may, hostile posts, the trial."""

import copy
import json

import pytest
from django.core.cache import cache

from matters.actions import publish
from matters.editing import actions as editing
from matters.formedit import structure
from matters.formedit.kinds import KINDS
from matters.formedit.trial import answers_key
from matters.forms import clean_answers
from matters.guides import Guide
from matters.models import GuideDraft, Matter, Trial
from matters.trials import sample_answers
from support.records.actor import TIMER
from tests.conftest import actor_of
from tests.matters.conftest import NOW, text
from tests.matters.test_more_fields import FIELDS, GOOD


@pytest.fixture
def draft(editor, agency, new_matter):
    entry = new_matter().directory
    Matter.objects.filter(directory=entry).delete()
    return editing.claim(entry, agency, actor=actor_of(editor), now=NOW)


@pytest.fixture
def pages(client, editor, draft):
    client.force_login(editor)
    return Pages(client, draft)


class Pages:
    def __init__(self, client, draft):
        self.client, self.draft = client, draft
        self.url = f"/catalogue/drafts/{draft.uuid}/form/"

    def post(self, query="", seen=None, **data):
        self.draft.refresh_from_db()
        return self.client.post(
            self.url + query, {"seen": self.draft.revision if seen is None else seen, **data}
        )

    def change(self, do, **data):
        self.draft.refresh_from_db()
        return self.client.post(f"{self.url}change/", {"seen": self.draft.revision, "do": do, **data})

    def put(self, form):
        GuideDraft.objects.filter(pk=self.draft.pk).update(document={**self.draft.document, "form": form})

    @property
    def steps(self):
        self.draft.refresh_from_db()
        return self.draft.document["form"]["steps"]


def form_of_everything():
    """A step with a question of every further type, and one with the first of each older one."""
    fields = [
        {"key": key, "label": text(f"甲{key}", en=key), **copy.deepcopy(made)} for key, made in FIELDS.items()
    ]
    fields[-1]["show_if"] = {"field": "branch", "equals": "yes"}
    return {"steps": [{"key": "all", "title": text("全部", en="All"), "fields": fields}]}


# --- adding --------------------------------------------------------------------------------------

NEEDED = {
    "choice": {"choices-count": "2", "choices-0-label": "甲", "choices-1-label": "乙"},
    "choices": {"choices-count": "1", "choices-0-label": "甲"},
    "declaration": {"statement": "以上属实。"},
    "table": {"columns-count": "1", "columns-0-label": "姓名", "columns-0-type": "name",
              "columns-0-needed": "yes", "columns-0-unique": "no"},
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_a_question_of_every_type_is_added_shown_and_sound(pages, kind):
    pages.post("?new=step", title="申请人")
    answer = pages.post(f"?add=s1&type={kind}", label="问题", required="on", **NEEDED.get(kind, {}))
    assert answer.status_code == 302, answer.content.decode()
    [field] = pages.steps[0]["fields"]
    assert (field["key"], field["type"], field["label"]) == ("f1", kind, {"zh-hans": "问题"})
    assert field.get("sensitive", False) is (kind in ("idnumber", "phone", "email", "bankcard"))
    page = pages.client.get(f"{pages.url}?field=f1").content.decode()
    assert "有问题" not in page and 'id="preview"' in page and "手机上的样子" in page
    again = pages.client.get(f"{pages.url}try/s1/")
    assert again.status_code == 200


def test_what_is_saved_unchanged_stays_the_same(pages):
    """A field that is opened and saved, property by property as the page shows it, is the same afterwards."""
    pages.put(form_of_everything())
    before = pages.steps[0]["fields"]
    for field in before:
        shown = pages.client.get(f"{pages.url}?field={field['key']}").context["form"]
        sent = {}
        for bound in shown:
            value = bound.value()
            if hasattr(bound.field.widget, "typed"):
                sent |= bound.field.widget.typed(bound.name, value)
            elif value not in (None, False):
                sent[bound.name] = "on" if value is True else str(value)
        answer = pages.post(f"?field={field['key']}", **sent)
        assert answer.status_code == 302, (field["key"], answer.context["form"].errors)
    normal = json.loads(json.dumps(before))
    for column in normal[8]["columns"] + normal[9]["columns"]:
        column.setdefault("required", True)
    assert pages.steps[0]["fields"] == normal


@pytest.mark.parametrize(
    ("query", "data", "words"),
    [
        ("?add=s1&type=text", {"label": ""}, "请填写“问题”"),
        ("?add=s1&type=number", {"label": "数", "minimum": "九"}, "“九”不是这类问题的值"),
        ("?add=s1&type=number", {"label": "数", "minimum": "9", "maximum": "1"}, "最小值大于最大值"),
        ("?add=s1&type=text", {"label": "文", "pattern": "(a+)+", "pattern_words": "不对"}, "过于复杂"),
        ("?add=s1&type=text", {"label": "文", "pattern": "a+"}, "请写明格式不对时"),
        ("?add=s1&type=choice", {"label": "选"}, "至少要写一项"),
        ("?add=s1&type=choice", {"label": "选", "choices-count": "1", "choices-0-label": "甲"}, "至少填 2 行"),
        ("?add=s1&type=table", {"label": "表", **NEEDED["table"], "columns-0-type": "choice"}, "要写明选项"),
        ("?add=s1&type=table", {"label": "表", **NEEDED["table"], "min_rows": "3", "max_rows": "2"}, "最少行数大于"),
        ("?add=s1&type=text", {"label": "文", "max_length": "九"}, "整数"),
        ("?new=step", {"title": " "}, "请填写“步骤名称”"),
    ],
)  # fmt: skip
def test_bad_properties_are_refused_in_words_and_kept(pages, query, data, words):
    pages.post("?new=step", title="申请人")
    answer = pages.post(query, **data)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert words in page
    assert f'value="{data["label"]}"' in page if data.get("label") else True
    assert pages.steps == [{"key": "s1", "title": {"zh-hans": "申请人"}, "fields": []}]


def test_a_row_of_options_is_added_without_saving(pages):
    pages.post("?new=step", title="申请人")
    answer = pages.post(
        "?add=s1&type=choice", label="选", **NEEDED["choice"], **{"table-rows": "more:choices"}
    )
    assert answer.status_code == 200
    assert 'name="choices-2-label"' in answer.content.decode()
    assert pages.steps[0]["fields"] == []


def test_htmx_is_shown_the_preview_and_nothing_is_kept(pages):
    pages.post("?new=step", title="申请人")
    answer = pages.client.post(
        f"{pages.url}?add=s1&type=text", {"label": "店名", "seen": "1"}, headers={"HX-Request": "true"}
    )
    page = answer.content.decode()
    assert "店名" in page and "<html" not in page
    assert pages.steps[0]["fields"] == []


# --- keys ----------------------------------------------------------------------------------------


def test_a_key_is_stable_and_never_used_again(pages, small):
    """Neither of what the draft has, nor of what any version ever asked."""
    document = copy.deepcopy(small)
    document["form"]["steps"][0]["fields"] = [
        {"key": "f1", "type": "text", "label": text("旧", en="Old")},
        {"key": "area", "type": "number", "label": text("面积", en="Area")},
    ]
    publish(pages.draft.matter, document, starts_at=NOW, actor=TIMER, now=NOW)
    pages.post("?new=step", title="申请人")
    for label, english in (("甲", ""), ("乙", "Area"), ("丙", "Trade name!"), ("丁", "1st")):
        pages.post("?add=s1&type=text", label=label, label_en=english)
    assert [field["key"] for field in pages.steps[0]["fields"]] == ["f2", "area_2", "trade_name", "f3"]
    pages.post("?field=trade_name", label="店名", label_en="Name of the shop")
    assert pages.steps[0]["fields"][2]["key"] == "trade_name"


def test_what_was_published_keeps_its_type(pages, small):
    publish(pages.draft.matter, small, starts_at=NOW, actor=TIMER, now=NOW)
    pages.put({"steps": copy.deepcopy(small["form"]["steps"])})
    page = pages.client.get(f"{pages.url}?field=width").content.decode()
    assert "更换类型" not in page
    pages.post("?field=width&type=text", label="宽")
    assert pages.steps[0]["fields"][0]["type"] == "number"


def test_what_was_not_published_changes_its_type_and_keeps_its_words(pages):
    pages.post("?new=step", title="申请人")
    pages.post("?add=s1&type=text", label="面积", help="整数", max_length="3")
    assert "更换类型" in pages.client.get(f"{pages.url}?field=f1").content.decode()
    page = pages.client.get(f"{pages.url}?field=f1&type=number").content.decode()
    assert 'value="面积"' in page and "max_length" not in page
    pages.post("?field=f1&type=number", label="面积", help="整数", minimum="1")
    [field] = pages.steps[0]["fields"]
    assert (field["key"], field["type"], field["minimum"], "max_length" in field) == (
        "f1",
        "number",
        "1",
        False,
    )


# --- structure -----------------------------------------------------------------------------------


def test_fields_and_steps_are_moved_copied_and_removed(pages):
    for title in ("甲", "乙"):
        pages.post("?new=step", title=title)
    for label in ("一", "二", "三"):
        pages.post("?add=s1&type=text", label=label)

    def keys():
        return [[step["key"], *(field["key"] for field in step["fields"])] for step in pages.steps]

    for do, expected in (
        ("down:field:f1", [["s1", "f2", "f1", "f3"], ["s2"]]),
        ("up:field:f3", [["s1", "f2", "f3", "f1"], ["s2"]]),
        ("to:f3:s2", [["s1", "f2", "f1"], ["s2", "f3"]]),
        ("copy:field:f2", [["s1", "f2", "f4", "f1"], ["s2", "f3"]]),
        ("drop:field:f2", [["s1", "f4", "f1"], ["s2", "f3"]]),
        ("up:step:s2", [["s2", "f3"], ["s1", "f4", "f1"]]),
        ("drop:step:s2", [["s1", "f4", "f1"]]),
    ):
        assert pages.change(do).status_code == 302
        assert keys() == expected, do
    assert pages.steps[0]["fields"][0]["label"] == {"zh-hans": "二（副本）"}


@pytest.mark.parametrize(
    "do", ["", "up", "up:field:f1", "down:field:f1", "up:field:nothing", "to:f1:nowhere", "to:f1:s1", "eval:field:f1",
           "copy:step:s1", "up:::", "x" * 5000],
)  # fmt: skip
def test_a_button_that_leads_nowhere_changes_nothing(pages, do):
    pages.post("?new=step", title="申请人")
    pages.post("?add=s1&type=text", label="一")
    revision = GuideDraft.objects.get().revision
    assert pages.change(do).status_code == 302
    assert GuideDraft.objects.get().revision == revision


# --- two editors, who may, what was imported -----------------------------------------------------


def test_the_second_of_two_editors_is_told_and_keeps_what_was_typed(pages, editor):
    pages.post("?new=step", title="申请人")
    pages.post("?add=s1&type=text", label="一")
    seen = pages.draft.revision
    pages.post("?field=f1", label="先到")
    answer = pages.post("?field=f1", seen=seen, label="后到")
    page = answer.content.decode()
    assert answer.status_code == 409
    assert f"{editor.name} 刚刚保存了这份草稿" in page and 'value="后到"' in page
    assert pages.steps[0]["fields"][0]["label"]["zh-hans"] == "先到"
    shown = GuideDraft.objects.get().revision
    assert f'name="seen" value="{shown}"' in page  # having been told, the second may overwrite
    assert pages.post("?field=f1", label="后到").status_code == 302


@pytest.mark.parametrize("seen", ["", "x", "-1", "9" * 5000, "²"])
def test_a_page_that_saw_no_revision_saves_nothing(pages, seen):
    assert pages.post("?new=step", seen=seen, title="申请人").status_code == 409
    assert pages.steps == []


def test_a_question_removed_meanwhile_is_not_lost(pages):
    pages.post("?new=step", title="申请人")
    pages.post("?add=s1&type=text", label="一")
    seen = pages.draft.revision
    pages.change("drop:field:f1")
    answer = pages.post("?field=f1", seen=seen, label="二", kind="text", step="s1")
    assert answer.status_code == 409 and 'value="二"' in answer.content.decode()
    assert pages.post("?field=f1", label="二", kind="text", step="s1").status_code == 302
    assert [field["label"]["zh-hans"] for field in pages.steps[0]["fields"]] == ["二"]


@pytest.mark.parametrize(
    ("who", "sees"),
    [("reviewer", 200), ("office_reviewer", 404), ("clerk", 403), ("citizen", 403), ("region_editor", 404)],
)  # fmt: skip
def test_who_sees_and_nobody_but_the_editor_changes(client, cast, draft, who, sees):
    client.force_login(cast[who])
    url = f"/catalogue/drafts/{draft.uuid}/form/"
    for path in ("", "logic/", "try/"):
        assert client.get(url + path).status_code == sees
    for path in ("?new=step", "change/"):
        answer = client.post(url + path, {"seen": draft.revision, "title": "甲", "do": "up:step:s1"})
        assert answer.status_code in (sees if sees != 200 else 403, 302 if path == "change/" else 403)
    assert GuideDraft.objects.get().revision == draft.revision


def test_under_review_it_can_only_be_read(pages):
    pages.post("?new=step", title="申请人")
    pages.post("?add=s1&type=text", label="一")
    GuideDraft.objects.update(state="review")
    page = pages.client.get(f"{pages.url}?field=f1").content.decode()
    assert "您现在只能查看" in page and "添加问题" not in page
    assert pages.post("?field=f1", label="二").status_code == 403
    assert pages.change("drop:field:f1").status_code == 302
    assert pages.steps[0]["fields"][0]["label"]["zh-hans"] == "一"


BROKEN = [
    {"steps": "x"}, {"steps": [1]}, {}, [], {"steps": [{"key": "s1"}]},
    {"steps": [{"key": "s1", "title": text("一"), "fields": [{}]}]},
    {"steps": [{"key": "s1", "title": text("一"), "fields": [{"key": "a", "type": "spell", "label": text("甲")}]}]},
    {"steps": [{"key": "s1", "title": "一", "fields": []}]},
]  # fmt: skip


@pytest.mark.parametrize("form", BROKEN)
def test_what_was_imported_broken_is_said_never_a_crash(pages, form):
    GuideDraft.objects.update(document={**pages.draft.document, "form": form})
    for path in ("", "?field=a", "logic/", "try/", "try/s1/", "try/answers.json"):
        assert pages.client.get(pages.url + path).status_code in (200, 302, 404), path
    assert pages.client.post(f"{pages.url}change/", {"seen": "1", "do": "up:step:s1"}).status_code in (
        302,
        409,
    )


@pytest.mark.parametrize("bound", ["25:00", "today", "2026-02-30"])
def test_a_bound_of_another_type_breaks_neither_preview_nor_trial(pages, bound):
    field = {"key": "n", "type": "number", "label": text("数"), "minimum": bound}
    pages.put({"steps": [{"key": "s1", "title": text("一"), "fields": [field]}]})
    page = pages.client.get(f"{pages.url}?field=n").content.decode()
    assert f"“{bound}”不是这类问题的值" in page
    assert pages.client.get(f"{pages.url}try/s1/").status_code == 302
    assert pages.client.get(f"{pages.url}try/check/").status_code == 302


def test_the_logic_in_sentences(pages):
    form = form_of_everything()
    form["steps"][0]["fields"][2]["show_if"] = {
        "any": [{"field": "branch", "equals": "no"}, {"field": "gone", "equals": "x"}]
    }
    pages.put(form)
    page = pages.client.get(f"{pages.url}logic/").content.decode()
    assert "当“甲branch”选择“是”时，询问“甲head”。" in page
    assert "当“甲branch”选择“否”，或者“gone”选择“x”时，询问“甲opens_at”。" in page
    assert "条件所指的问题 gone 不存在" in page
    assert "超过 7 个，建议分成两步" in page


def test_the_editor_asks_as_often_however_long_the_form(pages, django_assert_max_num_queries):
    pages.put(form_of_everything())
    with django_assert_max_num_queries(14) as few:
        pages.client.get(f"{pages.url}?field=branch")
    form = form_of_everything()
    more = [{**field, "key": f"{field['key']}_2"} for field in form["steps"][0]["fields"]]
    form["steps"].append({"key": "more", "title": text("更多"), "fields": more})
    pages.put(form)
    with django_assert_max_num_queries(len(few)):
        pages.client.get(f"{pages.url}?field=branch")


# --- the trial -----------------------------------------------------------------------------------


def test_a_trial_keeps_its_answers_for_its_author_alone(pages, cast, client):
    pages.put(form_of_everything())
    key = answers_key(pages.draft.uuid, cast["editor"].pk)
    assert cache.get(key) is None
    assert pages.client.post(f"{pages.url}try/all/", {"postcode": "7"}).status_code == 422
    cache.set(key, GOOD)
    assert pages.client.get(f"{pages.url}try/answers.json").json() == {"answers": GOOD, "errors": {}}
    page = pages.client.get(f"{pages.url}try/check/").content.decode()
    assert "填得通" in page and '<th scope="col">股东姓名</th>' in page
    client.force_login(cast["reviewer"])
    assert "甲postcode" in str(client.get(f"{pages.url}try/answers.json").json()["errors"])
    client.force_login(cast["editor"])
    client.post(f"{pages.url}try/")
    assert cache.get(key) is None


def test_the_check_page_of_a_trial_leads_to_what_is_missing(pages, cast):
    pages.put(form_of_everything())
    cache.set(answers_key(pages.draft.uuid, cast["editor"].pk), {**GOOD, "postcode": "7"})
    page = pages.client.get(f"{pages.url}try/check/").content.decode()
    assert "填得通" not in page
    assert f'href="{pages.url}try/all/#id_postcode"' in page and "邮政编码应为 6 位数字" in page


def test_an_authors_test_begins_with_an_answer_to_every_type(small, places):
    guide = Guide({**small, "form": form_of_everything()})
    kept, errors = clean_answers(guide, sample_answers(guide, "natural"))
    assert set(errors) == {"plate"}  # nobody can tell what fits a pattern
    assert kept["owners"][0]["manner"] == "cash" and kept["branch"] == "yes"


def test_a_row_added_in_an_authors_test_keeps_nothing_yet(pages):
    pages.put(form_of_everything())
    url = f"/catalogue/drafts/{pages.draft.uuid}/trials/new/"
    sent = {"acts-TOTAL_FORMS": "0", "acts-INITIAL_FORMS": "0", "kin-count": "1", "kin-0-who": "女儿"}
    answer = pages.client.post(url, {**sent, "table-rows": "more:kin"})
    page = answer.content.decode()
    assert 'name="kin-1-who"' in page and 'value="女儿"' in page and "处需要修改" not in page
    assert not Trial.objects.exists()


def test_new_keys_are_keys():
    for english in ("", "Über!", "9 lives", "a" * 100, "A-b c"):
        key = structure.new_key(english, {"a"}, "f")
        assert key[0].isalpha() and key.isascii() and len(key) <= 40 and key != "a"
