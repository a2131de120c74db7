"""A split of a directory entry from proposal to force: returned by one department, mended, agreed by both; at the
planned second the public directory, search and the API change, and a running case does not."""

import datetime as dt

import pytest
import time_machine
from django.urls import reverse
from playwright.sync_api import expect

from applications import filing
from matters.editing.panels import load_panels
from matters.forms import prefill
from matters.models import DirectoryChange
from tests.applications.conftest import MONDAY, answers, guide, uploads_for, version  # noqa: F401
from tests.browser.conftest import DESKTOP, PHONE
from tests.conftest import actor_of

pytestmark = pytest.mark.django_db(transaction=True)
THEN = MONDAY + dt.timedelta(hours=3)
LAW = "《中华人民共和国食品安全法》第三十五条"


@pytest.fixture
def clock():
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield traveller


@pytest.fixture
def running(clock, version, answers, uploads_for, cast):  # noqa: F811
    load_panels()
    user = cast["citizen"]
    given = {**answers, **prefill(version.guide, user.party)}
    return filing.submit(
        version.matter, given, uploads_for(user), key="running", actor=actor_of(user), now=MONDAY
    )


def part(page, n, name, code):
    box = page.locator(f"#parts fieldset:nth-of-type({n})").first
    page.locator(f"#id_parts-{n - 1}-name").fill(name)
    page.locator(f"#id_parts-{n - 1}-code").fill(code)
    return box


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["1280", "360"])
def test_a_split(open_page, come_in, look, running, cast, clock, viewport, client):
    width, matter = viewport["width"], running.matter
    page = open_page(viewport)
    come_in(page, cast["region_editor"])
    page.goto(reverse("catalogue:directory"))
    look(page, f"changes-directory-{width}")
    page.get_by_role("link", name="食品经营许可").click()
    look(page, f"changes-entry-{width}")
    page.get_by_role("link", name="拆分").click()
    part(page, 1, "餐饮服务经营许可", "000131998000")
    part(page, 2, "食品销售经营许可", "6401319")
    page.get_by_label("理由").fill("餐饮服务和食品销售的条件不同，分开办理。")
    page.get_by_label("依据", exact=True).fill(LAW)
    page.get_by_label("计划生效时间").fill("2026-11-23T13:00:00")
    look(page, f"changes-form-{width}")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("送审前要改好")).to_be_visible()
    look(page, f"changes-wrong-{width}")
    page.get_by_role("link", name="基本编码应为 12 位数字").click()
    assert page.url.endswith("#id_parts-1-code")
    page.locator("#id_parts-1-code").fill("000131997000")
    page.get_by_role("button", name="保存").click()
    page.get_by_role("button", name="送审").click()
    change = DirectoryChange.objects.get()
    address = reverse("catalogue:change", args=[change.uuid])

    for who, act in (("region_office", "退回修改"), ("region_editor", None), ("region_office", "同意"),
                     ("region_justice", "同意")):  # fmt: skip
        come_in(page, cast[who])
        page.goto(address)
        if act is None:
            look(page, f"changes-returned-{width}")
            page.get_by_role("link", name="修改", exact=True).click()
            page.get_by_label("依据", exact=True).fill(LAW + "；《食品经营许可和备案管理办法》")
            page.get_by_role("button", name="保存").click()
            page.get_by_role("button", name="送审").click()
            continue
        if act == "退回修改":
            page.get_by_label("审核意见").fill("请补充部门规章。")
            look(page, f"changes-review-{width}")
        page.get_by_role("button", name=act, exact=True).click()
    expect(page.get_by_text("审核通过")).to_be_visible()
    look(page, f"changes-approved-{width}")

    api = f"/api/v1/matters/{matter.uuid}/"
    found = "/api/v1/matters/?q=食品经营许可"
    clock.move_to(THEN - dt.timedelta(seconds=1))
    assert client.get(api).status_code == 200 and client.get(found).json()["total"] == 1
    page.goto(reverse("matters:directory") + "?region=640104000000")
    expect(page.get_by_role("link", name="食品经营许可", exact=True)).to_be_visible()
    clock.move_to(THEN)
    assert client.get(api).status_code == 404 and client.get(found).json()["total"] == 0
    page.goto(reverse("matters:directory") + "?region=640104000000")
    expect(page.get_by_role("link", name="食品经营许可", exact=True)).to_have_count(0)
    expect(page.get_by_role("link", name="餐饮服务经营许可")).to_be_visible()
    look(page, f"changes-public-{width}")
    page.goto(reverse("matters:guide", args=[matter.uuid]))
    expect(page.get_by_text("这个事项已调整为")).to_be_visible()
    look(page, f"changes-closed-{width}", expected=404)
    page.get_by_role("link", name="食品销售经营许可").click()
    look(page, f"changes-public-entry-{width}")
    page.goto(reverse("matters:directory_changes"))
    look(page, f"changes-log-{width}")

    come_in(page, cast["citizen"])
    page.goto(reverse("applications:case", args=[running.uuid]))
    expect(page.locator("h1")).to_have_text("食品经营许可（新办）")
    come_in(page, cast["clerk"])
    page.goto(reverse("applications:desk_case", args=[running.uuid]))
    expect(page.get_by_role("link", name="受理", exact=True)).to_be_visible()


def test_an_emergency(open_page, come_in, look, running, cast):
    page = open_page(PHONE)
    come_in(page, cast["region_office"])
    page.goto(reverse("catalogue:entry", args=[running.matter.directory.uuid]))
    page.get_by_role("link", name="紧急暂停").click()
    page.get_by_role("button", name="立即暂停").click()
    expect(page.get_by_text("请写明紧急暂停的理由")).to_be_visible()
    page.get_by_label("理由").fill("系统核查发现材料清单有误。")
    page.get_by_label("依据", exact=True).fill(LAW)
    page.get_by_label("预计恢复日期").fill("2026-12-01")
    look(page, "changes-emergency-360", expected=422)
    page.get_by_role("button", name="立即暂停").click()
    expect(page.get_by_text("已紧急暂停")).to_be_visible()
    look(page, "changes-emergency-made-360")
    page.goto(reverse("matters:guide", args=[running.matter.uuid]))
    look(page, "changes-suspended-360", expected=404)
