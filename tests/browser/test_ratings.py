"""好差评 in the browser at both widths: what everybody reads, what supervisors read, and giving one."""

import datetime as dt
import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from evaluations import actions, figures
from evaluations.models import Measure, RatingDelta
from tests.browser.conftest import DESKTOP, PHONE
from tests.conftest import actor_of
from tests.evaluations.conftest import (  # noqa: F401
    answers,
    copies,
    crowd,
    file_case,
    finished,
    guide,
    new_matter,
    put_in_force,
    received,
    small,
    step,
    uploads_for,
    version,
)

pytestmark = pytest.mark.django_db(transaction=True)
BOTH = pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["1280", "360"])
LONG = "窗口让我跑了三次，每次要的材料都不一样。网上写的是一次办好，电话 13800001234 也没有人接。" * 3


@pytest.fixture
def counted(finished, put_in_force, agency):  # noqa: F811
    """Figures of an agency with a much rated matter, a little rated one and one without a rating."""
    other, third = (put_in_force(number, agency=agency).matter for number in (21, 22))
    for matter, numbers in (
        (finished.matter, (40, 1, 1, 2, 5, 20)),
        (other, (10, 1, 0, 0, 2, 3)),
        (third, (3, 0, 0, 0, 0, 0)),
    ):
        for measure, count in zip(Measure.values, numbers, strict=True):
            if count:
                RatingDelta.objects.create(agency=agency, matter=matter, measure=measure, count=count)
    figures.fold()
    return finished


@pytest.fixture
def rated(copies, crowd, give_all):  # noqa: F811
    return give_all(copies(4) + crowd(1))


@pytest.fixture
def give_all(cast):
    def call(cases):
        given = [
            {"stars": 1, "words": LONG, "tags": ["efficiency", "guide"]},
            {"stars": 2, "words": "", "anonymous": True},
            {"stars": 5, "words": "很快"},
            {"stars": 2, "words": "指南上的地址是旧的。", "anonymous": True},
        ]
        now = timezone.now()
        for number, values in enumerate(given):
            values = {"tags": [], "anonymous": False, "channel": "1"} | values
            actions.rate(
                cases[number], **values, actor=actor_of(cast["citizen"]), now=now - dt.timedelta(days=number)
            )

    return call


@BOTH
def test_public_figures(page, open_page, look, counted, viewport):
    page = open_page(viewport)
    width = viewport["width"]
    page.goto("/ratings/")
    look(page, f"ratings-agencies-{width}")
    page.get_by_role("link", name=counted.agency.name).click()
    expect(page.get_by_role("heading", name=counted.agency.name)).to_be_visible()
    look(page, f"ratings-agency-{width}")
    page.get_by_role("link", name="食品经营许可（新办）").click()
    expect(page.get_by_text("好评率")).to_be_visible()
    look(page, f"ratings-guide-{width}")


@BOTH
def test_received(open_page, come_in, look, rated, cast, viewport):
    page = open_page(viewport)
    width = viewport["width"]
    come_in(page, cast["supervisor"])
    page.goto("/ratings/received/")
    expect(page.locator("tbody tr")).to_have_count(3)
    look(page, f"ratings-received-{width}")
    page.get_by_label("时间").select_option("7")
    page.get_by_role("button", name="筛选").click()
    page.get_by_role("link", name="全部评价").click()
    expect(page).to_have_url(re.compile("days=7&show=all"))
    expect(page.locator("tbody tr")).to_have_count(4)
    page.get_by_role("link", name="不满意", exact=True).first.click()
    look(page, f"ratings-one-{width}")
    page.goto("/ratings/received/?days=7&matter=x")
    look(page, f"ratings-received-nonsense-{width}")


def test_nothing_received(open_page, come_in, look, cast):
    page = open_page(PHONE)
    come_in(page, cast["agency_head"])
    page.goto("/ratings/received/")
    expect(page.get_by_text("没有差评")).to_be_visible()
    look(page, "ratings-received-empty-360")


@pytest.mark.parametrize(
    ("viewport", "mode", "scripts"),
    [(PHONE, "elder", True), (DESKTOP, "elder", True), (PHONE, "", False)],
    ids=["360-elder", "1280-elder", "360-no-scripts"],
)
def test_giving_one(open_page, come_in, look, finished, cast, viewport, mode, scripts):  # noqa: F811
    page = open_page(viewport, scripts=scripts, **({"mode": mode} if mode else {}))
    name = f"ratings-give-{viewport['width']}-{mode or 'plain'}"
    come_in(page, cast["citizen"])
    page.goto("/my/")
    page.get_by_role("link", name="评价：食品经营许可（新办）").click()
    expect(page.locator("input:checked")).to_have_count(0)
    if scripts:
        look(page, name)
    page.get_by_role("button", name="提交评价").click()
    expect(page.locator(".error-summary")).to_contain_text("请选择您对这次办理的满意度")
    page.get_by_label("非常不满意").check()
    page.get_by_label("想说的话").fill("电话 １３８ ００００ １２３４ 没有人接")
    page.get_by_label("匿名评价").check()
    page.get_by_role("button", name="提交评价").click()
    expect(page.locator("main")).to_contain_text("电话 *** 没有人接")
    if scripts:
        look(page, f"{name}-done")
