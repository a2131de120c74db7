"""The portal's main job in the browser at both widths: find, apply, accept, review, decide, certificate,
verify, rate. What the worker does is drained in this process."""

import re
import threading

import pytest
from django.db import connection
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from applications import sweep
from applications.management.commands.age_case import age
from applications.models import Application
from certificates.models import Certificate
from matters.actions import load_samples
from matters.models import Matter
from support.calendars.actions import load_official
from support.documents import actions as documents
from support.documents.models import Document
from tests.applications.conftest import png
from tests.browser.conftest import DESKTOP, PHONE
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def catalogue(cast, settings, tmp_path, live_server):
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.PORTAL_URL = live_server.url
    load_official()
    load_samples(only=["food-business-licence"])


def work() -> None:
    """What the worker would do now; in a thread of its own, for Playwright's event loop holds this one."""

    def drain() -> None:
        while documents.drain(timezone.now()):
            pass
        connection.close()

    thread = threading.Thread(target=drain)
    thread.start()
    thread.join()
    assert not list(Document.objects.exclude(state="ready").values_list("kind", "error"))


def go(page: Page, what: Locator) -> None:
    """Press something that leads to another page, and be there."""
    with page.expect_navigation():
        what.click()


def log_in(page: Page, account: str) -> None:
    if page.get_by_role("button", name="退出").count():
        go(page, page.get_by_role("button", name="退出").first)
    page.goto("/accounts/login/")
    page.get_by_label("用户名").fill(account)
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    go(page, page.get_by_role("button", name="登录"))
    expect(page.get_by_role("button", name="退出").first).to_be_attached()


def fill_page(page: Page) -> None:
    """Answer every empty question of one page of the form that is asked."""
    for group in page.locator("form[data-autosave] fieldset .choices").all():
        if not group.locator("input:checked").count():
            group.locator("label").first.click()
    boxes = "form[data-autosave] :is(textarea, input[type=text], input[type=tel])"
    for box in page.locator(boxes).all():
        if box.is_visible() and not box.input_value():
            box.fill(_typed(box.get_attribute("name") or "", box.get_attribute("inputmode") or ""))
    for choice in page.locator("form[data-autosave] select").all():
        if not choice.input_value():
            choice.select_option(index=1)
    for box in page.locator("form[data-autosave] input[type=email]").all():
        if not box.input_value():
            box.fill("citizen@example.com")
    for tick in page.locator("form[data-autosave] .field > .choice input[type=checkbox]").all():
        if not tick.is_checked():
            tick.check()


def _typed(name: str, mode: str) -> str:
    if name.endswith(("year", "_0")):
        return "2026"
    if name.endswith(("month", "_1", "day", "_2")):
        return "12"
    return {"numeric": "12", "decimal": "60", "tel": "19900000001"}.get(mode, "兴庆区示例内容")


def apply_for_licence(page: Page, look, width: int) -> str:
    """From the search to the confirmation; the case number."""
    page.goto("/")
    look(page, f"main-home-{width}")
    page.locator("input[type=search]").first.fill("开餐馆")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    look(page, f"main-search-{width}")
    go(page, page.get_by_role("link", name="食品经营许可（新办）").first)
    look(page, f"main-guide-{width}")
    go(page, page.get_by_role("link", name="在线办理").first)
    look(page, f"main-start-{width}")
    go(page, page.get_by_role("button", name="开始填写"))
    for number in range(1, 9):
        if "/materials/" in page.url:
            break
        look(page, f"main-form-{number}-{width}")
        fill_page(page)
        go(page, page.get_by_role("button", name="保存并继续"))
    upload_all(page)
    look(page, f"main-materials-{width}")
    go(page, page.get_by_role("button", name="保存并继续"))
    look(page, f"main-check-{width}")
    page.get_by_label("电子送达：我同意").check()
    page.get_by_label("我声明以上内容").check()
    with page.expect_navigation():
        page.get_by_role("button", name="提交申请").dblclick()
    expect(page.get_by_role("heading", name="申请已提交")).to_be_visible()
    look(page, f"main-submitted-{width}")
    return page.locator(".case-number").inner_text().strip()


def upload_all(page: Page) -> None:
    for slot in page.locator("section.upload").all():
        name = slot.get_attribute("id")
        slot.locator("input[type=file]").set_input_files(
            {"name": "平面图.png", "mimeType": "image/png", "buffer": png().read()}
        )
        expect(page.locator(f"#{name} .files li")).to_have_count(1)


def take_step(page: Page, number: str, tab: str, step: str, look=None, shot: str = "", **fields: str) -> None:
    page.goto(f"/desk/?tab={tab}")
    if look:
        look(page, f"main-desk-{shot}")
    go(page, page.get_by_role("link", name=number))
    if look:
        look(page, f"main-desk-case-{shot}")
    go(page, page.get_by_role("link", name=step, exact=True))
    if fields.get("verdict"):
        page.get_by_text(fields["verdict"], exact=True).click()
    if fields.get("reasons"):
        page.locator("textarea[name=reasons]").fill(fields["reasons"])
    if look:
        look(page, f"main-desk-step-{shot}")
    go(page, page.get_by_role("button", name=f"确认{step}"))
    expect(page.get_by_text(f"已办理：{step}")).to_be_visible()


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["1280", "360"])
def test_the_main_job(open_page, look, viewport, tmp_path):
    width = viewport["width"]
    page = open_page(viewport)
    log_in(page, "citizen")
    number = apply_for_licence(page, look, width)
    assert Application.objects.get().number == number  # pressed twice, filed once
    work()

    log_in(page, "officer_elsewhere")
    page.goto("/desk/")
    expect(page.get_by_text(number)).to_have_count(0)
    log_in(page, "clerk")
    take_step(page, number, "received", "受理", look, f"accept-{width}")
    log_in(page, "officer")
    opinion = {"verdict": "建议准予", "reasons": "符合条件。"}
    take_step(page, number, "review", "提出审查意见", look, f"opinion-{width}", **opinion)
    log_in(page, "approver")
    take_step(page, number, "decide", "准予行政许可", look, f"grant-{width}")
    work()
    certificate = Certificate.objects.get()
    assert certificate.state == Certificate.State.VALID

    log_in(page, "citizen")
    page.goto("/my/")
    look(page, f"main-my-{width}")
    page.goto(f"/my/cases/{Application.objects.get().uuid}/")
    look(page, f"main-case-{width}")
    go(page, page.get_by_role("link", name="查看电子证照"))
    look(page, f"main-certificate-{width}")
    verify(open_page(viewport), certificate, tmp_path, look, width)

    page.goto(f"/evaluations/{Application.objects.get().uuid}/")
    look(page, f"main-rate-{width}")
    page.locator(".rating label").first.click()
    page.locator("textarea").first.fill("很快，谢谢。")
    go(page, page.get_by_role("button", name=re.compile("提交")))
    look(page, f"main-rated-{width}")
    page.goto("/ratings/")
    expect(page.get_by_text("银川市兴庆区审批服务管理局").first).to_be_visible()
    expect(page.get_by_text("评价较少，暂不公布")).to_be_visible()
    look(page, f"main-ratings-{width}")


def verify(visitor: Page, certificate: Certificate, tmp_path, look, width: int) -> None:
    """Anybody: the code on the paper, the file itself, the file with a byte changed, a forged code."""
    visitor.goto(f"/v/{certificate.code}")
    expect(visitor.locator("main")).to_contain_text("有效")
    expect(visitor.locator("main")).to_contain_text("张*")
    expect(visitor.locator("main")).not_to_contain_text("张小兰")
    look(visitor, f"main-verify-{width}")
    data = documents.read_file(Document.objects.get(pk=certificate.document_id))
    middle = len(data) // 2
    changed = data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]
    for name, content in (("genuine", data), ("tampered", changed)):
        path = tmp_path / f"{name}.pdf"
        path.write_bytes(content)
        visitor.goto("/verify/")
        visitor.locator("input[type=file]").set_input_files(path)
        go(visitor, visitor.get_by_role("button", name="核验", exact=True))
        look(visitor, f"main-verify-{name}-{width}", expected=visitor.evaluate("200"))
    visitor.goto("/v/ABCDEFGHJKMNPQRS")
    expect(visitor.locator("main")).to_contain_text("不是")
    look(visitor, f"main-verify-forged-{width}", expected=404)


def test_refusal_and_silence(page, look):
    log_in(page, "citizen")
    number = apply_for_licence(page, lambda *a, **k: None, 0)
    age(number, 5, timezone.now())
    log_in(page, "clerk")
    page.goto("/desk/")
    expect(page.get_by_role("link", name=number)).to_have_count(0)  # no longer the window's to refuse
    sweep.sweep(timezone.now())
    work()
    log_in(page, "officer")
    take_step(page, number, "review", "提出审查意见", verdict="建议不予", reasons="场所不符合要求。")
    log_in(page, "approver")
    page.goto("/desk/?tab=decide")
    go(page, page.get_by_role("link", name=number))
    go(page, page.get_by_role("link", name="不予行政许可", exact=True))
    go(page, page.get_by_role("button", name="确认不予行政许可"))
    expect(page.locator(".error-summary")).to_be_visible()
    look(page, "main-refuse-error", expected=422)
    page.locator("textarea[name=reasons]").fill("经营场所不符合《食品安全法》第三十三条的要求。")
    go(page, page.get_by_role("button", name="确认不予行政许可"))
    work()
    log_in(page, "citizen")
    page.goto(f"/my/cases/{Application.objects.get().uuid}/")
    expect(page.locator("main")).to_contain_text("申请行政复议")
    expect(page.locator("main")).to_contain_text("视为受理")
    look(page, "main-refused")


def test_a_question_whose_condition_does_not_hold_is_not_asked(open_page):
    page = open_page(PHONE)
    log_in(page, "citizen")
    page.goto(f"/apply/{Matter.objects.get().uuid}/")
    go(page, page.get_by_role("button", name="开始填写"))
    expect(page.get_by_label("身份证号码")).to_be_visible()
    expect(page.get_by_label("统一社会信用代码")).to_be_hidden()
    page.goto(page.url.replace("/applicant/", "/premises/"))
    asked = page.get_by_role("group", name="租赁合同到期日")
    expect(asked).to_be_hidden()
    page.get_by_text("租赁", exact=True).click()
    expect(asked).to_be_visible()
