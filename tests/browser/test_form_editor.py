"""The form of a licence to sell food built from nothing in the browser, mended, tried as its applicant."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from matters.editing import actions as editing
from matters.models import DirectoryEntry, GuideDraft, Matter
from support.places.models import Agency
from tests.browser.conftest import DESKTOP, PHONE
from tests.conftest import AGENCY_USCC, actor_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def draft(cast):
    """An empty draft of 食品经营许可, claimed a moment ago."""
    entry = DirectoryEntry.objects.create(
        catalog_code="000131023000", name="食品经营许可", task_type="01", by_law="《示例条例》", use_level="4"
    )
    agency = Agency.objects.get(uscc=AGENCY_USCC)
    draft = editing.claim(entry, agency, actor=actor_of(cast["editor"]), now=timezone.now())
    assert draft.document["form"] == {"steps": []}
    return draft


def kept(draft):
    draft.refresh_from_db()
    return draft.document["form"]["steps"]


def press(page, name):
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).first.click()


def follow(page, name, exact=False):
    page.get_by_role("link", name=name, exact=exact).first.click()
    page.wait_for_load_state()


class Editor:
    def __init__(self, page):
        self.page = page

    def step(self, title, english):
        if self.page.locator(".outline li").count():
            follow(self.page, "添加步骤")
        self.fill(title=title, title_en=english)
        press(self.page, "添加这个步骤")

    def choose(self, step, kind):
        self.page.locator(".outline-add", has_text=step).click()
        self.page.locator(".kinds a", has=self.page.get_by_text(kind, exact=True)).click()
        self.page.wait_for_load_state()

    def field(self, step, kind, label, english="", **more):
        self.choose(step, kind)
        self.fill(label=label, label_en=english, **more)
        press(self.page, "添加这个问题")
        expect(self.page.get_by_text("已保存。").first).to_be_visible()

    def row(self, table, number, **cells):
        self.fill(**{f"{table}-{number}-{name}": value for name, value in cells.items()})

    def fill(self, **values):
        for name, value in values.items():
            box = self.page.locator(f"#properties [name='{name}']")
            box.evaluate("e => e.closest('details')?.setAttribute('open', '')")
            if box.evaluate("e => e.tagName") == "SELECT":
                box.select_option(label=value)
            else:
                box.fill(value)


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["1280", "360"])
def test_a_form_is_built_from_nothing_mended_and_tried(open_page, come_in, look, draft, cast, viewport):
    width = viewport["width"]
    page = open_page(viewport)
    come_in(page, cast["editor"])
    url = f"/catalogue/drafts/{draft.uuid}/form/"
    page.goto(url)
    look(page, f"form-empty-{width}")
    editor = Editor(page)
    editor.step("申请人", "Applicant")
    editor.step("经营场所", "Premises")
    assert [step["key"] for step in kept(draft)] == ["applicant", "premises"]

    page.locator(".outline-add", has_text="申请人").click()
    look(page, f"form-kinds-{width}")
    page.goto(f"{url}?add=applicant&type=choice")
    editor.fill(label="申请人类型")
    editor.row("choices", 0, label="个人", en="Person")
    editor.row("choices", 1, label="企业", en="Company")
    press(page, "再加一行")
    expect(page.locator("[name='label']")).to_have_value("申请人类型")
    editor.row("choices", 2, label="个体工商户", en="Trader")
    look(page, f"form-choice-{width}")
    press(page, "添加这个问题")
    editor.field("申请人", "姓名", "姓名", "Name", prefill="申请人的姓名或者名称")
    editor.field("申请人", "身份证号码", "身份证号码", when_1="个人")
    editor.field("申请人", "统一社会信用代码", "统一社会信用代码", "USCC", when_1="企业")
    editor.field("经营场所", "地址", "经营地址", "Address")
    editor.choose("经营场所", "数字")
    editor.fill(label="经营面积", label_en="Area", minimum="500", maximum="5", unit="平方米")
    press(page, "添加这个问题")
    expect(page.get_by_role("alert")).to_contain_text("最小值大于最大值")
    expect(page.locator("[name='label']")).to_have_value("经营面积")
    look(page, f"form-refused-{width}", expected=422)
    editor.fill(minimum="5", maximum="5000")
    press(page, "添加这个问题")
    editor.field("经营场所", "是或否", "是否销售散装食品", "Bulk food")
    editor.field("经营场所", "日期", "计划开业日期", "Opening day", minimum="今天")
    page.goto(f"{url}?add=premises&type=table")
    editor.fill(label="从业人员", label_en="Staff")
    editor.row("columns", 0, label="姓名", type="姓名", needed="是", unique="否")
    press(page, "再加一行")
    editor.row("columns", 1, label="健康证编号", type="单行文字", needed="是", unique="是")
    look(page, f"form-table-{width}")
    press(page, "添加这个问题")
    look(page, f"form-editor-{width}")
    steps = kept(draft)
    assert [len(step["fields"]) for step in steps] == [4, 5]
    assert {field["type"] for step in steps for field in step["fields"]} == {
        "choice", "name", "idnumber", "uscc", "address", "number", "yesno", "date", "table"}  # fmt: skip
    assert steps[0]["fields"][2]["show_if"] == {"field": steps[0]["fields"][0]["key"], "equals": "person"}

    # a fault made by moving, seen in the logic, mended there
    for _time in range(2):
        press(page, "下移 申请人类型")
    follow(page, "逻辑")
    expect(page.get_by_text("排在后面，请把它移到前面")).to_be_visible()
    look(page, f"form-logic-{width}")
    follow(page, "身份证号码", exact=True)
    look(page, f"form-mend-{width}")
    for _time in range(2):
        press(page, "上移 申请人类型")
    follow(page, "逻辑")
    expect(page.get_by_text("没有发现问题")).to_be_visible()
    expect(page.get_by_text("当“申请人类型”选择“个人”时，询问“身份证号码”。")).to_be_visible()

    _tried(page, look, draft, width)


def _tried(page, look, draft, width):
    """As the applicant: one fault, then to the check page and the answers in JSON."""
    follow(page, "以申请人身份试填")
    page.locator("main").get_by_text("个人", exact=True).click()
    page.get_by_label("姓名").fill("张小兰")
    page.get_by_label("身份证号码").fill("6401")
    press(page, "保存并继续")
    expect(page.get_by_role("alert")).to_contain_text("身份证号码应为 18 位")
    look(page, f"form-try-{width}", expected=422)
    page.get_by_label("身份证号码").fill("640199199003070002")
    press(page, "保存并继续")
    page.get_by_label("经营地址").fill("银川市兴庆区示例路100号")
    page.get_by_label("经营面积").fill("36")
    page.locator("main").get_by_text("是", exact=True).click()
    for part, value in zip(("year", "month", "day"), ("2099", "1", "1"), strict=True):
        page.locator(f"[name$='_{part}']").fill(value)
    page.locator("[name$='-0-c1']").fill("李小青")
    page.locator("[name$='-0-c2']").fill("JK-1")
    press(page, "再加一行")
    page.locator("[name$='-1-c1']").fill("王小明")
    page.locator("[name$='-1-c2']").fill("JK-2")
    look(page, f"form-try-table-{width}")
    press(page, "保存并继续")
    expect(page.get_by_text("填得通")).to_be_visible()
    expect(page.get_by_role("cell", name="王小明")).to_be_visible()
    look(page, f"form-try-check-{width}")
    page.context.add_cookies([{"name": "mode", "value": "elder", "domain": "localhost", "path": "/"}])
    follow(page, "修改“经营场所”")
    look(page, f"form-try-elder-{width}")
    answers = page.request.get(f"/catalogue/drafts/{draft.uuid}/form/try/answers.json").json()
    assert answers["errors"] == {}
    assert len(answers["answers"]["staff"]) == 2
    assert GuideDraft.objects.get().document["form"]["steps"] == kept(draft)
    assert Matter.objects.count() == 1
