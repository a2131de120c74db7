"""长辈版 through the pages of a case, not only the home page (国办发〔2020〕45号)."""

import pytest

from tests.applications.conftest import (  # noqa: F401
    accepted,
    answers,
    file_case,
    guide,
    received,
    reviewed,
    step,
    uploads_for,
    version,
)
from tests.browser.conftest import PHONE
from tests.browser.test_look import assert_large
from tests.browser.test_main_job import fill_page, go, upload_all

pytestmark = pytest.mark.django_db(transaction=True)


def test_pages_of_everybody(open_page, look):
    page = open_page(PHONE, mode="elder")
    for name, url in {
        "home": "/",
        "search": "/search/?q=开餐馆",
        "regions": "/regions/",
        "login": "/accounts/login/",
        "register": "/accounts/register/",
        "verify": "/verify/",
    }.items():
        page.goto(url)
        assert_large(page)
        look(page, f"elder-{name}")


def test_pages_of_a_case(open_page, come_in, look, cast, reviewed):  # noqa: F811
    page = open_page(PHONE, mode="elder")
    come_in(page, cast["citizen"])
    for name, url in {
        "guide": f"/matters/{reviewed.guide.matter.uuid}/",
        "start": f"/apply/{reviewed.guide.matter.uuid}/",
        "submitted": f"/my/cases/{reviewed.uuid}/submitted/",
        "case": f"/my/cases/{reviewed.uuid}/",
        "cases": "/my/cases/",
        "my": "/my/",
        "messages": "/my/messages/",
        "profile": "/accounts/profile/",
    }.items():
        page.goto(url)
        assert_large(page)
        look(page, f"elder-{name}")


def test_pages_of_the_desk(open_page, come_in, look, cast, reviewed):  # noqa: F811
    page = open_page(PHONE, mode="elder")
    come_in(page, cast["approver"])
    for name, url in {"desk": "/desk/", "desk-case": f"/desk/{reviewed.uuid}/"}.items():
        page.goto(url)
        assert_large(page)
        look(page, f"elder-{name}")


def test_one_question_at_a_time(open_page, come_in, look, cast, version, settings, tmp_path):  # noqa: F811
    """The whole application, to its number; the mode is left and taken up again on the way."""
    settings.MEDIA_ROOT = tmp_path / "files"
    page = open_page(PHONE, mode="elder")
    come_in(page, cast["citizen"])
    page.goto(f"/apply/{version.matter.uuid}/")
    go(page, page.get_by_role("button", name="开始填写"))
    seen: list[str] = []
    while "/materials/" not in page.url:
        assert_large(page)
        assert page.locator("main form .field").count() == 1
        if len(seen) in (0, 3, 8, 21):
            look(page, f"elder-question-{len(seen) + 1}")
        if len(seen) == 3:
            seen.append(page.url)
            go(page, page.get_by_role("button", name="标准版"))
            assert page.locator("main form .field").count() > 1
            go(page, page.get_by_role("button", name="长辈版"))
            continue
        fill_page(page)
        seen.append(page.url)
        go(page, page.get_by_role("button", name="保存并继续"))
    assert len(set(seen)) > 15
    for number, _material in enumerate(version.guide.uploads):
        assert page.locator(".upload").count() == 1
        upload_all(page)
        look(page, f"elder-material-{number + 1}")
        go(page, page.get_by_role("button", name="保存并继续"))
    assert_large(page)
    look(page, "elder-check")
    change = page.get_by_role("link", name="修改")
    assert change.count() > 5
    go(page, change.nth(3))
    assert page.locator("main form .field").count() == 1
    go(page, page.get_by_role("button", name="保存并继续"))
    page.get_by_label("电子送达：我同意").check()
    page.get_by_label("我声明以上内容").check()
    go(page, page.get_by_role("button", name="提交申请"))
    assert page.get_by_role("heading", name="申请已提交").is_visible()
