"""窗口收件 at both widths: from the desk to the receipt, and what the applicant then sees at home."""

import pytest
from playwright.sync_api import expect

from applications.models import Application
from support.accounts.models import User
from tests.applications.conftest import png
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.test_main_job import catalogue, fill_page, go, work  # noqa: F401

pytestmark = pytest.mark.django_db(transaction=True)

NUMBER, NAME = "640199197001010007", "赵秀英"


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["1280", "360"])
def test_filed_on_behalf_at_the_counter(open_page, come_in, look, cast, viewport):
    width = viewport["width"]
    page = open_page(viewport)
    come_in(page, cast["clerk"])
    page.goto("/desk/")
    look(page, f"intake-desk-{width}")
    go(page, page.get_by_role("link", name="窗口收件"))
    page.get_by_label("事项名称").fill("食品经营")
    go(page, page.get_by_role("button", name="查找"))
    look(page, f"intake-matters-{width}")
    go(page, page.get_by_role("link", name="食品经营许可（新办）"))
    page.get_by_label("自然人").check()
    page.get_by_label("申请人姓名或者名称").fill(NAME)
    page.get_by_label("身份证号码或者统一社会信用代码").fill(NUMBER[:-1] + "6")
    page.get_by_label("由他人代办（经办人）").check()
    expect(page.get_by_label("授权文件")).to_be_visible()
    page.get_by_label("申请人本人（单位的法定代表人、负责人）到场").check()
    page.get_by_label("已查验申请人的身份证件").check()
    go(page, page.get_by_role("button", name="开始录入"))
    look(page, f"intake-wrong-{width}", expected=422)
    page.get_by_label("身份证号码或者统一社会信用代码").fill(NUMBER)
    go(page, page.get_by_role("button", name="开始录入"))
    for number in range(1, 9):
        if "/materials/" in page.url:
            break
        fill_page(page)
        look(page, f"intake-form-{number}-{width}")
        go(page, page.get_by_role("button", name="保存并继续"))
    receive(page, look, width)
    look(page, f"intake-read-back-{width}")
    page.get_by_label("纸质文书，我到窗口领取").check()
    page.get_by_label("申请人已逐项核对").check()
    with page.expect_navigation():
        page.get_by_role("button", name="提交申请").dblclick()
    expect(page.get_by_role("heading", name="已收件")).to_be_visible()
    case = Application.objects.get()
    assert case.channel == "counter"
    work()
    page.reload()
    code = page.locator(".notice .case-number").inner_text().strip()
    look(page, f"intake-done-{width}")
    receipt = page.context.request.get(page.get_by_role("link", name="打印收件回执").get_attribute("href"))
    assert receipt.ok
    go(page, page.get_by_role("link", name="打开办件"))
    look(page, f"intake-case-{width}")
    page.goto("/desk/intake/")
    look(page, f"intake-home-{width}")
    at_home(open_page(viewport), look, code, width)


def receive(page, look, width: int) -> None:
    """One material on paper where it may be, the last scanned; one forgotten first."""
    go(page, page.get_by_role("button", name="保存并继续"))
    look(page, f"intake-missing-{width}", expected=422)
    page.goto(page.url)
    slots = page.locator(".handed")
    for slot in slots.all()[:-1]:
        slot.get_by_label("纸质材料已核对收取").check()
    last = slots.last
    last.locator("input[type=file]").set_input_files(
        {"name": "制度.png", "mimeType": "image/png", "buffer": png().read()}
    )
    expect(last.locator(".files li")).to_have_count(1)
    look(page, f"intake-materials-{width}")
    go(page, page.get_by_role("button", name="保存并继续"))


def at_home(page, look, code: str, width: int) -> None:
    """With the code from the window she registers and sees the case."""
    page.goto("/accounts/register/")
    for label, value in (
        ("用户名", "zhaoxiuying"), ("姓名", NAME), ("身份证号码", NUMBER), ("窗口开通码", code),
        ("手机号码", "19900000066"),
    ):  # fmt: skip
        page.get_by_label(label, exact=label != "窗口开通码").fill(value)
    for box in page.locator("input[type=password]").all():
        box.fill("four-calm-horses")
    look(page, f"intake-register-{width}")
    go(page, page.get_by_role("button", name="注册"))
    assert User.objects.get(username="zhaoxiuying").party.identity_level == 3
    page.goto(f"/my/cases/{Application.objects.get().uuid}/")
    expect(page.get_by_text("代为录入")).to_be_visible()
    look(page, f"intake-at-home-{width}")
