"""An editor tries a definition on made-up cases, and takes lists out to a workbook and back."""

import io

import pytest
from openpyxl import load_workbook

from matters.actions import load_samples
from matters.editing import actions as editing
from matters.exchange import book, importing, jobs
from matters.models import GuideVersion, ImportJob
from support.calendars.actions import load_official
from tests.browser.conftest import DESKTOP, PHONE
from tests.conftest import actor_of
from tests.matters.conftest import NOW

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def draft(cast):
    load_official()
    load_samples(NOW, only=["food-business-licence"])
    matter = GuideVersion.objects.select_related("matter").get().matter
    return editing.revise(matter, actor=actor_of(cast["editor"]), now=NOW)


def workbook(draft) -> bytes:
    made = load_workbook(io.BytesIO(book.write(importing.to_export([draft.matter]))))
    sheet = made["实施清单"]
    places = {cell.value: cell.column for cell in sheet[1]}
    sheet.cell(row=3, column=places["promise_day"]).value = "十天"
    sheet.cell(row=3, column=places["power_source"]).value = "77"
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["1280", "360"])
def test_trying_and_exchanging(open_page, come_in, look, cast, draft, viewport):
    width = viewport["width"]
    page = open_page(viewport)
    come_in(page, cast["editor"])
    page.goto(f"/catalogue/drafts/{draft.uuid}/trials/")
    look(page, f"trials-none-{width}")
    page.get_by_role("button", name="生成缺少的自测").click()
    page.get_by_role("button", name="全部运行").click()
    assert page.get_by_text("通过", exact=True).count() == 4
    look(page, f"trials-{width}")
    page.get_by_role("link", name="准予", exact=True).click()
    look(page, f"trial-{width}")
    page.goto("/catalogue/exchange/")
    look(page, f"exchange-{width}")
    file = {"name": "清单.xlsx", "mimeType": "application/octet-stream", "buffer": workbook(draft)}
    page.get_by_label("Excel 文件").set_input_files(file)
    page.get_by_role("button", name="上传并检查").click()
    jobs.drain(ImportJob.objects.get().next_at)
    page.goto(f"/catalogue/exchange/{ImportJob.objects.get().uuid}/")
    assert page.get_by_text("没有代码“77”").is_visible()
    look(page, f"import-{width}")
