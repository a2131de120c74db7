"""Lists out to a workbook and back: nothing lost, nothing taken that was not meant, every fault at its cell."""

import copy
import io
import zipfile

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from matters.actions import load_samples
from matters.editing import actions as editing
from matters.exchange import book, importing, jobs
from matters.exchange.book import BookRefused
from matters.exchange.columns import LISTS
from matters.models import GuideDraft, ImportJob, Matter
from support.accounts.models import AgencyGrant
from tests.conftest import actor_of
from tests.matters.conftest import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def food_matter(food, agency):
    return food.matter


def exported(*matters) -> Workbook:
    return load_workbook(io.BytesIO(book.write(importing.to_export(matters))))


def saved(workbook) -> bytes:
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def column(sheet, element) -> int:
    return next(cell.column for cell in sheet[1] if cell.value == element)


def put(workbook, sheet, row, element, value) -> None:
    made = workbook[sheet]
    made.cell(row=row, column=column(made, element)).value = value


def bring(workbook, agency, user, *, dry=False):
    lists, faults = book.read(workbook if isinstance(workbook, bytes) else saved(workbook))
    report = importing.bring_in(lists, agency, actor=actor_of(user), now=NOW, dry=dry)
    report.faults[:0] = faults
    return report


def test_what_was_exported_comes_back_without_a_change(food_matter, agency, editor):
    report = bring(exported(food_matter), agency, editor)
    assert (report.same, report.changed, report.faults) == (1, 0, [])
    assert not GuideDraft.objects.exists()


def test_every_sample_survives_the_way_out_and_back(places, cast):
    load_samples(NOW)
    for matter in Matter.objects.select_related("agency", "directory"):
        base, _draft = importing.working_copy(matter)
        (listed,), faults = book.read(book.write(importing.to_export([matter])))
        document = copy.deepcopy(base)
        importing._merge(document, matter, listed, faults)
        assert faults == [] and document == base, matter


def test_a_changed_cell_becomes_a_draft_and_the_rest_keeps_its_translations(food_matter, agency, editor):
    workbook = exported(food_matter)
    put(workbook, "实施清单", 3, "promise_day", "8")
    put(workbook, "申请材料", 4, "fill_explain", "新的填报须知。")
    assert bring(workbook, agency, editor, dry=True).changed == 1
    assert not GuideDraft.objects.exists()
    report = bring(workbook, agency, editor)
    assert (report.changed, report.faults) == (1, [])
    document = GuideDraft.objects.get().document
    assert document["terms"]["promised"]["amount"] == 8
    assert document["materials"][1]["explain"] == {"zh-hans": "新的填报须知。"}
    assert "en" in document["materials"][1]["name"] and "en" in document["name"]
    assert bring(workbook, agency, editor).same == 1


def test_rows_are_added_and_taken_away(food_matter, agency, editor):
    workbook = exported(food_matter)
    sheet = workbook["常见问题"]
    sheet.delete_rows(4, 10)
    sheet.append(["1", "要收费吗？", "不收费。"])
    made = workbook["申请材料"]
    values = {"list_no": "1", "material_name": "健康证明", "material_type": "证件证书证明", "is_need": "1"}
    made.append([values.get(cell.value) for cell in made[1]])
    report = bring(workbook, agency, editor)
    document = GuideDraft.objects.get().document
    assert [each["question"]["zh-hans"] for each in document["faq"]][-1] == "要收费吗？"
    assert len(document["faq"]) == 2
    assert document["materials"][-1]["key"] == "material_1" and document["materials"][-1]["type"] == "1"
    hints = {(fault.sheet, fault.row) for fault in report.faults if not fault.error}
    assert ("申请材料", made.max_row) in hints  # it lacks what a material must have


def test_a_new_list_is_claimed_by_its_code_in_the_directory(new_matter, agency, editor):
    entry = new_matter().directory
    Matter.objects.all().delete()
    workbook = exported()
    sheet = workbook["实施清单"]
    values = {"list_no": "7", "catalog_code": entry.catalog_code, "task_name": "户外招牌设置登记（新）"}
    sheet.append([values.get(cell.value) for cell in sheet[1]])
    assert bring(workbook, agency, editor, dry=True).claimed == 1
    assert not Matter.objects.exists()
    assert bring(workbook, agency, editor).claimed == 1
    assert GuideDraft.objects.get().document["name"]["zh-hans"] == "户外招牌设置登记（新）"


@pytest.mark.parametrize(
    ("sheet", "element", "value", "words"),
    [
        ("实施清单", "promise_day", "十", "整数"),
        ("实施清单", "promise_day", "=1+1", "公式"),
        ("实施清单", "power_source", "77", "没有代码"),
        ("实施清单", "server_type", "1^88", "没有代码“88”"),
        ("实施清单", "catalog_code", "000100000000", "不能修改"),
        ("实施清单", "dept_name", "别的机关", "不能修改"),
        ("实施清单", "task_name", None, "不能为空"),
        ("申请材料", "list_no", "9", "没有这个清单序号"),
        ("申请材料", "is_need", "必须", "没有代码"),
        ("办理结果", "result_guid", "没有冒号", "名称：内容"),
        ("常见问题", "question", None, "不能为空"),
    ],
)
def test_a_fault_is_told_at_its_row_and_column(food_matter, agency, editor, sheet, element, value, words):
    workbook = exported(food_matter)
    put(workbook, sheet, 3, element, value)
    report = bring(workbook, agency, editor)
    letter = workbook[sheet].cell(row=1, column=column(workbook[sheet], element)).column_letter
    (fault,) = [fault for fault in report.faults if fault.error and words in fault.message]
    assert (fault.sheet, fault.row, fault.column) == (sheet, 3, letter)
    if "公式" not in words and "没有这个清单序号" not in words:
        assert report.refused == 1 and not GuideDraft.objects.exists()


def test_unknown_and_double_columns_and_a_missing_one(food_matter, agency, editor):
    workbook = exported(food_matter)
    sheet = workbook["实施清单"]
    sheet.cell(row=1, column=sheet.max_column + 1, value="很奇怪")
    sheet.cell(row=1, column=sheet.max_column + 1, value="summary")
    messages = [fault.message for fault in bring(workbook, agency, editor).faults]
    assert any("不认识的列“很奇怪”" in words for words in messages)
    assert any("重复" in words for words in messages)
    sheet.delete_cols(column(sheet, "task_name"))
    with pytest.raises(BookRefused, match="缺少列：task_name"):
        book.read(saved(workbook))


def test_elements_without_a_column_stay(food_matter, agency, editor):
    workbook = exported(food_matter)
    sheet = workbook["实施清单"]
    sheet.delete_cols(column(sheet, "summary"))
    del workbook["申请材料"]
    assert bring(workbook, agency, editor).same == 1


@pytest.mark.parametrize(
    "what", ["merged", "macro", "text", "other zip", "broken", "no sheet", "too many", "bomb"]
)
def test_a_file_that_cannot_be_trusted_is_refused_in_words(food_matter, monkeypatch, what):
    workbook = exported(food_matter)
    words = {"merged": "合并", "macro": "宏", "no sheet": "缺少工作表", "too many": "超过", "bomb": "展开"}
    if what == "merged":
        workbook["常见问题"].merge_cells("B3:B4")
    if what == "no sheet":
        workbook.remove(workbook["实施清单"])
    data = saved(workbook)
    if what == "macro":
        out = io.BytesIO(data)
        with zipfile.ZipFile(out, "a") as packed:
            packed.writestr("xl/vbaProject.bin", b"x")
        data = out.getvalue()
    if what == "text":
        data = "序号,名称".encode()
    if what == "other zip":
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as packed:
            packed.writestr("a.txt", b"x")
        data = out.getvalue()
    if what == "broken":
        data = data[:-200]
    if what == "too many":
        monkeypatch.setattr(book, "MOST_ROWS", 1)
    if what == "bomb":
        monkeypatch.setattr(book, "MOST_UNPACKED", 1000)
    with pytest.raises(BookRefused, match=words.get(what, "不是能打开的")):
        book.read(data)


def test_what_begins_like_a_formula_goes_out_as_text(food_matter, editor):
    draft = editing.revise(food_matter, actor=actor_of(editor), now=NOW)
    document = {**draft.document, "summary": {"zh-hans": "=HYPERLINK(1)"}}
    editing.save(draft, document, seen=draft.revision, actor=actor_of(editor), now=NOW)
    sheet = exported(food_matter)["实施清单"]
    cell = sheet.cell(row=3, column=column(sheet, "summary"))
    assert (cell.value, cell.data_type) == ("=HYPERLINK(1)", "s")


def test_a_list_under_review_or_of_another_agency_is_refused_and_the_others_go_on(
    food_matter, agency, agency_elsewhere, editor, new_matter
):
    draft = editing.revise(food_matter, actor=actor_of(editor), now=NOW)
    GuideDraft.objects.filter(pk=draft.pk).update(state="review")
    elsewhere = new_matter(2, agency=agency_elsewhere)
    workbook = exported(food_matter, elsewhere, new_matter(3))
    for row in (3, 4, 5):
        put(workbook, "实施清单", row, "task_name", "改名")
    report = bring(workbook, agency, editor)
    assert (report.refused, report.changed) == (2, 1)
    assert {fault.row for fault in report.faults if fault.error} == {3, 4}


def test_only_editors_bring_in(cast, agency):
    for who in ("reviewer", "clerk", "region_editor", "citizen"):
        with pytest.raises(PermissionDenied):
            jobs.order(agency, "a.xlsx", b"x", actor=actor_of(cast[who]), now=NOW)


def test_a_job_is_looked_through_then_applied_once(food_matter, agency, editor):
    actor = actor_of(editor)
    workbook = exported(food_matter)
    put(workbook, "实施清单", 3, "promise_day", "8")
    job = jobs.order(agency, "清单.xlsx", saved(workbook), actor=actor, now=NOW)
    with pytest.raises(jobs.JobRefused):
        jobs.apply(job, actor=actor, now=NOW)
    assert jobs.drain(NOW) == 1 and jobs.drain(NOW) == 0
    job.refresh_from_db()
    assert (job.state, job.done, job.report["changed"]) == ("checked", 1, 1)
    assert not GuideDraft.objects.exists()
    jobs.apply(job, actor=actor, now=NOW)
    with pytest.raises(jobs.JobRefused):
        jobs.apply(job, actor=actor, now=NOW)
    jobs.drain(NOW)
    job.refresh_from_db()
    assert (job.state, bytes(job.data)) == ("applied", b"")
    assert GuideDraft.objects.get().document["terms"]["promised"]["amount"] == 8


def test_a_job_with_an_error_is_not_applied_and_a_bad_file_says_why(food_matter, agency, editor):
    actor = actor_of(editor)
    workbook = exported(food_matter)
    put(workbook, "实施清单", 3, "power_source", "77")
    job = jobs.order(agency, "a.xlsx", saved(workbook), actor=actor, now=NOW)
    bad = jobs.order(agency, "b.xlsx", b"no workbook", actor=actor, now=NOW)
    jobs.drain(NOW, limit=2)
    with pytest.raises(jobs.JobRefused, match="错误"):
        jobs.apply(job, actor=actor, now=NOW)
    bad.refresh_from_db()
    assert bad.state == "refused" and "不是能打开的" in bad.report["words"]


def test_an_editor_who_left_brings_nothing_in(food_matter, agency, editor):
    workbook = exported(food_matter)
    put(workbook, "实施清单", 3, "promise_day", "8")
    job = jobs.order(agency, "a.xlsx", saved(workbook), actor=actor_of(editor), now=NOW)
    AgencyGrant.objects.filter(user=editor).delete()
    jobs.drain(NOW)
    job.refresh_from_db()
    assert job.state != "applied" and not GuideDraft.objects.exists()


def test_the_pages(client, cast, food_matter, agency, django_assert_max_num_queries):
    client.force_login(cast["editor"])
    page = reverse("catalogue:exchange")
    assert client.get(page).status_code == 200
    template = load_workbook(io.BytesIO(client.get(reverse("catalogue:exchange_template")).content))
    assert [cell.value for cell in template["实施清单"][1]] == [c.element for c in LISTS.columns]
    out = client.get(reverse("catalogue:exchange_export", args=[agency.uuid]))
    file = SimpleUploadedFile("清单.xlsx", out.content)
    sent = client.post(page, {"agency": agency.pk, "file": file}, follow=True)
    jobs.drain(ImportJob.objects.get().created_at)
    job = reverse("catalogue:import", args=[ImportJob.objects.get().uuid])
    assert "确认导入" in client.get(job).content.decode()
    assert "已处理" in sent.content.decode()
    client.post(job)
    jobs.drain(ImportJob.objects.get().next_at)
    assert "已导入" in client.get(job).content.decode()
    with django_assert_max_num_queries(8):
        client.get(page)
    assert "请选择文件" in client.post(page, {"agency": agency.pk}).content.decode()
    client.force_login(cast["region_editor"])
    assert client.get(job).status_code == 404
    assert client.get(reverse("catalogue:exchange_export", args=[agency.uuid])).status_code == 404


def test_entities_are_not_read(food_matter):
    data = saved(exported(food_matter))
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for each in old.infolist():
            content = old.read(each)
            if each.filename == "xl/workbook.xml":
                content = b'<!DOCTYPE workbook [<!ENTITY a "aaaaaaaaaa">]>' + content
            new.writestr(each, content)
    with pytest.raises(BookRefused):
        book.read(out.getvalue())


def test_who_uploaded_had_a_hand_in_it_whoever_takes_it_over(food_matter, agency, cast, editor):
    colleague = cast["clerk"]
    permission = AgencyGrant.objects.filter(user=editor).get().permission
    AgencyGrant.objects.create(user=colleague, permission=permission, content_object=agency)
    workbook = exported(food_matter)
    put(workbook, "实施清单", 3, "promise_day", "8")
    job = jobs.order(agency, "a.xlsx", saved(workbook), actor=actor_of(editor), now=NOW)
    jobs.drain(NOW)
    job.refresh_from_db()
    jobs.apply(job, actor=actor_of(colleague), now=NOW)
    jobs.drain(NOW)
    assert set(GuideDraft.objects.get().editors) == {editor.pk, colleague.pk}


def test_one_agency_does_not_keep_all_workers(agency, editor):
    for _n in range(jobs.MOST_AT_ONCE):
        jobs.order(agency, "a.xlsx", b"x", actor=actor_of(editor), now=NOW)
    with pytest.raises(jobs.JobRefused, match="稍后"):
        jobs.order(agency, "a.xlsx", b"x", actor=actor_of(editor), now=NOW)


def test_a_workbook_full_of_faults_keeps_as_many_as_one_can_read(food_matter, monkeypatch):
    monkeypatch.setattr(book, "MOST_FAULTS", 3)
    workbook = exported(food_matter)
    for row in range(3, 9):
        workbook["常见问题"].cell(row=row, column=2).value = "=1"
    assert len(book.read(saved(workbook))[1]) == 3
