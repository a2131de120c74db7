"""A county editor claims, writes, is refused, mends, is reviewed by two departments; it is published on time."""

import copy
import datetime as dt
import re

import pytest
import time_machine
from django.urls import reverse
from playwright.sync_api import expect

from matters.editing import actions as editing
from matters.editing.panels import load_panels
from matters.models import DirectoryEntry, GuideDraft
from support.calendars.actions import load_official
from tests.browser.conftest import DESKTOP, PHONE
from tests.conftest import actor_of
from tests.matters.conftest import SMALL

pytestmark = pytest.mark.django_db(transaction=True)
WIDTHS = pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["1280", "360"])
MORNING = dt.datetime(2026, 11, 23, 2, tzinfo=dt.UTC)  # 10 o'clock in Shanghai


@pytest.fixture
def entry(cast):
    load_panels()
    load_official()
    return DirectoryEntry.objects.create(
        catalog_code="640799001000",
        name="户外招牌设置登记",
        task_type="07",
        by_law="《示例条例》第三条",
        use_level="4",
    )


def press(locator):
    """By keyboard: the focus, then Enter. Scripts of the page may move the focus until it has loaded."""
    locator.page.wait_for_load_state()
    locator.focus()
    locator.press("Enter")


def choose(page, label):
    page.get_by_role("radio", name=label, exact=True).focus()
    page.keyboard.press("Space")


@WIDTHS
def test_from_claim_to_the_set_second(open_page, come_in, look, cast, entry, viewport):
    width = viewport["width"]
    with time_machine.travel(MORNING, tick=True) as clock:
        page = open_page(viewport)
        come_in(page, cast["editor"])
        draft = claimed(page, look, width)
        written(page, look, width, draft, cast["editor"])
        refused_and_mended(page, look, width, draft)
        submitted(page, look, width, draft)
        reviewed(open_page, come_in, look, width, draft, cast, viewport, page)
        publisher = open_page(viewport)
        come_in(publisher, cast["reviewer"])
        published(publisher, look, width, draft)
        guide = reverse("matters:guide", args=[draft.matter.uuid])
        clock.move_to(dt.datetime(2026, 11, 24, 0, 59, 55, tzinfo=dt.UTC))
        assert page.goto(guide).status == 404
        clock.move_to(dt.datetime(2026, 11, 24, 1, 0, 0, tzinfo=dt.UTC))
        page.troubles.clear()
        page.goto(guide)
        expect(page.locator("h1")).to_have_text("户外招牌设置登记")
        expect(page.get_by_text("尺寸不超过门头宽度。")).to_be_visible()
        look(page, f"editor-guide-{width}")


def claimed(page, look, width):
    page.goto(reverse("catalogue:home"))
    press(page.get_by_role("link", name="认领事项").first)
    look(page, f"editor-claim-{width}")
    press(page.get_by_role("button", name="认领 户外招牌设置登记"))
    expect(page.locator("h1")).to_have_text("户外招牌设置登记")
    look(page, f"editor-hub-new-{width}")
    return GuideDraft.objects.get()


def written(page, look, width, draft, editor):
    """A colleague has written most of it; the editor fills in the rest."""
    page.goto(reverse("catalogue:section", args=[draft.uuid, "basic"]))
    document = copy.deepcopy(SMALL)
    del document["summary"], document["terms"]["promised"]
    document["terms"]["statutory"] = {"amount": 2, "unit": "day", "basis": {"zh-hans": "《示例条例》第五条"}}
    draft.refresh_from_db()
    editing.save(draft, document, seen=draft.revision, actor=actor_of(editor), now=MORNING)
    page.locator("#id_summary").fill("在门头设置招牌前登记。")
    press(page.get_by_role("button", name="保存"))
    expect(page.get_by_role("heading", name="没有保存")).to_be_visible()
    expect(page.get_by_text("冯媛 刚刚保存了这份草稿")).to_be_visible()
    expect(page.locator("#id_summary")).to_have_value("在门头设置招牌前登记。")
    look(page, f"editor-stale-{width}", expected=409)
    choose(page, "承诺件")
    page.get_by_role("checkbox", name="企业法人").focus()
    if not page.get_by_role("checkbox", name="企业法人").is_checked():
        page.keyboard.press("Space")
    page.get_by_label("权力来源").select_option("1")
    press(page.get_by_role("button", name="保存"))
    expect(page.get_by_text("已保存。")).to_be_visible()
    page.goto(reverse("catalogue:section", args=[draft.uuid, "conditions"]))
    press(page.get_by_role("link", name="添加条件"))
    page.locator("#id_text").fill("尺寸不超过门头宽度。")
    press(page.get_by_role("button", name="保存"))
    expect(page.get_by_role("heading", name="受理条件", level=1)).to_be_visible()
    press(page.get_by_role("button", name="上移 尺寸"))
    look(page, f"editor-conditions-{width}")
    from_the_library(page, look, width, draft)
    press(page.get_by_role("link", name="添加材料"))
    page.locator("#id_name").fill("其他材料")
    for label in ("证件证书证明", "必要", "纸质或电子化"):
        choose(page, label)
    choose(page, "申请人自备")
    page.locator("#id_source").fill("自己准备")
    page.get_by_label("原件份数").fill("一")
    press(page.get_by_role("button", name="保存"))
    expect(page.locator("#id_name")).to_have_value("其他材料")
    look(page, f"editor-material-wrong-{width}", expected=422)
    page.get_by_label("原件份数").fill("１")
    page.get_by_label("复印件份数").fill("0")
    page.get_by_role("checkbox", name="附件上传").focus()
    page.keyboard.press("Space")
    page.locator("#id_standard").fill("清楚")
    page.locator("#id_basis").fill("《示例条例》第四条")
    press(page.get_by_role("button", name="保存"))


def from_the_library(page, look, width, draft):
    """A definition is kept, and chosen; then it changes, and the draft takes the change with one press."""
    page.goto(reverse("catalogue:library_new"))
    page.locator("#id_name").fill("营业执照")
    press(page.get_by_role("button", name="保存"))
    expect(page.get_by_text("已保存为第 1 版。")).to_be_visible()
    page.goto(reverse("catalogue:section", args=[draft.uuid, "materials"]))
    press(page.get_by_role("link", name="从材料库选用"))
    look(page, f"editor-library-choose-{width}")
    press(page.get_by_role("button", name="选用 营业执照"))
    expect(page.get_by_text("来自材料库（第 1 版）").first).to_be_visible()
    page.goto(reverse("catalogue:library"))
    press(page.get_by_role("link", name="修改 营业执照"))
    page.locator("#id_standard").fill("在有效期内")
    press(page.get_by_role("button", name="保存"))
    look(page, f"editor-library-item-{width}")
    page.goto(reverse("catalogue:section", args=[draft.uuid, "materials"]))
    expect(page.get_by_text("材料库已更新")).to_be_visible()
    look(page, f"editor-materials-{width}")
    press(page.get_by_role("button", name="更新为最新内容 营业执照"))
    expect(page.get_by_text("已换成材料库的最新内容。")).to_be_visible()
    press(page.get_by_role("button", name="删除 营业执照"))
    press(page.get_by_role("button", name="删除"))
    expect(page.get_by_text("已删除。")).to_be_visible()


def refused_and_mended(page, look, width, draft):
    page.goto(reverse("catalogue:section", args=[draft.uuid, "terms"]))
    page.locator("#id_terms-promised-amount").fill("3")
    press(page.get_by_role("button", name="保存"))
    expect(page.get_by_text("已保存。")).to_be_visible()
    look(page, f"editor-terms-{width}")
    page.goto(reverse("catalogue:submit", args=[draft.uuid]))
    press(page.get_by_role("button", name="送审"))
    refusal = page.locator("[data-error-summary]")
    expect(refusal).to_contain_text("申请材料 · 其他材料 · 材料名称：不得要求兜底性材料")
    look(page, f"editor-refused-{width}", expected=422)
    press(refusal.get_by_role("link", name="兜底性材料"))
    expect(page).to_have_url(re.compile(r"/materials\.0/#id_name$"))
    expect(page.locator("#id_name")).to_be_focused()
    expect(page.locator("#id_name_found")).to_contain_text("不得要求兜底性材料，请写明具体材料")
    page.locator("#id_name").fill("招牌效果图")
    press(page.get_by_role("button", name="保存"))
    page.goto(reverse("catalogue:draft", args=[draft.uuid]))
    look(page, f"editor-hub-{width}")
    press(page.get_by_role("link", name="承诺办结时限不能长于法定办结时限"))
    page.locator("#id_terms-promised-amount").fill("1")
    press(page.get_by_role("button", name="保存"))
    page.goto(reverse("catalogue:preview", args=[draft.uuid]))
    expect(page.get_by_text("这是草稿的预览")).to_be_visible()
    look(page, f"editor-preview-{width}")
    page.goto(reverse("catalogue:preview", args=[draft.uuid]) + "?phone")
    expect(page.frame_locator("iframe").locator("h1")).to_have_text("户外招牌设置登记")
    if width > 1000:
        look(page, f"editor-telephone-{width}")


def proven(page, draft, begin=False):
    """The author's tests are made from the definition, and run on it as it is now."""
    page.goto(reverse("catalogue:trials", args=[draft.uuid]))
    if begin:
        press(page.locator("button[name=begin]"))
    press(page.locator("button[name=run]"))
    expect(page.get_by_text("运行了 4 个自测，通过 4 个。")).to_be_visible()


def submitted(page, look, width, draft):
    proven(page, draft, begin=True)
    page.goto(reverse("catalogue:submit", args=[draft.uuid]))
    for part, value in (("年", "2026"), ("月", "11"), ("日", "24")):
        page.get_by_role("group", name="计划生效日期").get_by_label(part).fill(value)
    page.get_by_label("生效时刻").fill("9:00")
    look(page, f"editor-submit-{width}")
    press(page.get_by_role("button", name="送审"))
    expect(page.get_by_text("已送审")).to_be_visible()


def reviewed(open_page, come_in, look, width, draft, cast, viewport, page):
    office, justice = open_page(viewport), open_page(viewport)
    come_in(office, cast["office_reviewer"])
    come_in(justice, cast["justice_reviewer"])
    office.goto(reverse("catalogue:home"))
    press(office.get_by_role("link", name="审核 户外招牌设置登记"))
    choose(office, "退回修改")
    press(office.get_by_role("button", name="提交审核意见"))
    expect(office.get_by_text("退回的，请写明原因和修改要求。").first).to_be_visible()
    office.troubles.clear()
    office.get_by_label("审核意见").fill("条件要写明依据。")
    press(office.get_by_role("button", name="提交审核意见"))
    expect(office.get_by_text("审核意见已提交。")).to_be_visible()
    page.goto(reverse("catalogue:draft", args=[draft.uuid]))
    expect(page.get_by_text("条件要写明依据。")).to_be_visible()
    look(page, f"editor-returned-{width}")
    page.goto(reverse("catalogue:item", args=[draft.uuid, "conditions", "conditions.1"]))
    page.locator("#id_text").fill("招牌牢固（《示例条例》第四条）。")
    press(page.get_by_role("button", name="保存"))
    proven(page, draft)
    page.goto(reverse("catalogue:submit", args=[draft.uuid]))
    press(page.get_by_role("button", name="送审"))
    for reviewer in (office, justice):
        reviewer.goto(reverse("catalogue:review", args=[draft.uuid]))
        choose(reviewer, "同意")
        if reviewer is justice:
            look(reviewer, f"editor-review-{width}")
        press(reviewer.get_by_role("button", name="提交审核意见"))
        expect(reviewer.get_by_text("审核意见已提交。")).to_be_visible()


def published(page, look, width, draft):
    page.goto(reverse("catalogue:home"))
    press(page.get_by_role("link", name="发布 户外招牌设置登记"))
    expect(page.get_by_text("2026-11-24 09:00")).to_be_visible()
    look(page, f"editor-publish-{width}")
    press(page.get_by_role("button", name="确认发布"))
    expect(page.get_by_text("第 1 版已发布")).to_be_visible()
    look(page, f"editor-published-{width}")
    page.goto(reverse("catalogue:home") + "?show=lists")
    look(page, f"editor-lists-{width}")
