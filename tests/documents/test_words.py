"""What papers say: the words of the law where it governs, and only there."""

import re
import shutil
import subprocess

import pytest
import segno
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from support.documents import actions, rendering
from support.documents.drawing import seal_svg
from support.documents.models import Seal
from support.records.actor import TIMER
from tests.documents.conftest import NOW


@pytest.fixture
def words(order):
    """The words of a paper, without mark-up and without spaces between them."""

    def make(kind, key="words", **changes) -> str:
        document = order(kind, key=key, **changes)
        html = render_to_string(
            f"documents/papers/{kind}.html", rendering.context(document, Seal(legend="政务服务专用章"))
        )
        body = re.sub(r"<svg.*?</svg>", "", html[html.index("<body") :], flags=re.S)
        return re.sub(r"\s+", "", re.sub(r"<[^>]+>", "", body))

    return make


def test_receipt(words):
    said = words("receipt")
    assert "2026年11月20日16时42分收到你通过政务服务平台提交的“食品经营许可（新办）”申请" in said
    assert "最迟于2026年11月27日决定是否受理" in said
    assert "自收到申请材料之日起即为受理" in said
    assert "预计最迟于2026年12月7日作出决定" in said
    assert "不代表申请已被受理" in said
    assert "第三十二条" not in words("receipt", key="other", regime="other")
    assert "即为受理" not in words("receipt", key="third", regime="other")
    said = words("receipt", key="fourth", regime="other", deemable=True)
    assert "逾期不告知的，自收到申请材料之日起即为受理" in said
    assert "暂定" not in said
    assert "以上日期为暂定" in words("receipt", key="fifth", provisional=True)


def test_receipt_without_a_promise_names_the_statutory_day(words):
    assert "预计最迟于2026年12月21日作出决定" in words("receipt", promised_due_on="")


def test_acceptance(words):
    said = words("acceptance")
    assert "《中华人民共和国行政许可法》第三十二条第一款第（五）项" in said
    assert "自2026年11月23日起予以受理" in said
    assert (
        "法定办结时限为20个工作日，至2026年12月21日届满；本机关承诺办结时限为10个工作日，至2026年12月7日届满"
        in said
    )
    assert "听证、招标、拍卖、检验、检测、检疫、鉴定和专家评审" in said
    other = words("acceptance", key="other", regime="other")
    assert "行政许可法" not in other
    assert "听证" not in other


def test_deemed_acceptance_counts_from_the_receipt(words):
    said = words("deemed_acceptance", accepted_on="2026-11-20")
    assert "第三十二条第一款第（四）项的规定，该申请自2026年11月20日（收到申请材料之日）起即为受理" in said
    assert "职权范围" not in said
    other = words("deemed_acceptance", key="other", regime="other", basis="《某条例》第五条")
    assert "根据《某条例》第五条，该申请" in other
    assert "行政许可法" not in words("deemed_acceptance", key="third", regime="other")


def test_not_accepted(words):
    said = words("not_accepted", where_to_go="银川市市场监督管理局")
    assert "经营场所与污染源的距离不符合规定。" in said
    assert "决定不予受理" in said
    assert "请你向下列机关提出申请：银川市市场监督管理局" in said


@pytest.mark.parametrize("kind", ["not_accepted", "refusal"])
def test_remedies_name_authority_court_and_terms(words, agency, kind):
    said = words(kind)
    assert f"60日内向{agency.review_authority}申请行政复议" in said
    assert f"6个月内依法向{agency.court}提起行政诉讼" in said
    said = words(kind, key="own", remedies={"authority": "上级机关", "suit_term": "15 日"})
    assert "60日内向上级机关申请行政复议" in said
    assert f"15日内依法向{agency.court}" in said


def test_grant(words):
    said = words("grant", certificate_number="JY1", certificate_name="食品经营许可证")
    assert "决定准予行政许可" in said
    assert "十日内向你颁发、送达食品经营许可证（编号：JY1）" in said
    other = words("grant", key="other", regime="other")
    assert "行政许可" not in other.replace("食品经营许可", "")
    assert "准予办理决定书" in other


def test_refusal(words):
    said = words("refusal", reasons="第一。\n第二。")
    assert "第一。第二。" in said
    assert "决定不予行政许可" in said
    assert "行政许可" not in words("refusal", key="other", regime="other").replace("食品经营许可", "")


def test_organisations_are_addressed_as_such(words, firm):
    assert "你单位" in words("acceptance", party=firm)


def test_what_people_write_is_text(words):
    said = words("refusal", reasons="<img src=x onerror=1> {{ settings.SECRET_KEY }} {% now 'Y' %}")
    assert "&lt;imgsrc=xonerror=1&gt;{{settings.SECRET_KEY}}{%now" in said


def test_nothing_is_fetched(order, monkeypatch):
    document = order()
    monkeypatch.setattr(rendering, "render_to_string", lambda *_: '<img src="file:///etc/passwd">')
    actions.drain(NOW)
    document.refresh_from_db()
    assert document.error.startswith("RenderFailed: outside the paper")


def test_papers_are_in_chinese_whatever_the_reader_speaks(order):
    with translation.override("en"):
        document = order()
        actions.drain(NOW)
    document.refresh_from_db()
    assert document.is_ready
    assert document.title == "受理通知书"


def test_the_qr_leads_to_the_check_of_this_code(order):
    document = order()
    expected = segno.make(f"{settings.PORTAL_URL}/v/{document.code}", error="m", micro=False)
    shown = rendering.context(document, Seal(legend="章"))["qr"]
    path = re.search(r' d="([^"]+)"', shown)[1]
    assert path in expected.svg_inline(omitsize=True, border=2)


@pytest.mark.parametrize("length", [1, 5, 13, 34])
def test_the_seal_carries_the_whole_name(length):
    name = "银川市兴庆区审批服务管理局人民政府办公室宁夏回族自治区大数据发展服务中心"[:length]
    svg = seal_svg(name, "政务服务专用章")
    assert svg.count("<text") == length + 1
    angles = [float(angle) for angle in re.findall(r"rotate\(([-.\d]+)\)", svg)]
    assert max(angles, default=0) <= 118.1
    assert abs(sum(angles)) < 0.1
    assert 'aria-label="' in svg


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="poppler-utils not installed")
def test_no_gaps_between_the_letters(order, tmp_path):
    """A line break in a template must not become a space in the middle of a sentence."""
    document = order("acceptance", key="gaps")
    actions.drain(NOW)
    document.refresh_from_db()
    file = tmp_path / "paper.pdf"
    file.write_bytes(actions.read_file(document))
    text = subprocess.run(["pdftotext", file, "-"], capture_output=True, text=True, check=True).stdout
    body = text[text.index("你于") : text.index("联系电话")]
    assert not re.findall(r"[\u4e00-\u9fff，。；：] +[\u4e00-\u9fff，。；：]", body)


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="poppler-utils not installed")
def test_a_long_certificate_goes_on_with_its_number(order, agency, tmp_path):
    fields = [[f"项目{n}", "内容" * 60] for n in range(14)]
    document = actions.order(
        "certificate", key="long", agency=agency, party_id=None, number="JY1",
        payload={
            "name": "食品经营许可证", "number": "JY1", "identifier": "1.2.3", "holder": "张小兰", "fields": fields,
            "issued_on": "2026-11-23", "valid_from": "2026-11-23", "valid_until": "",
        }, actor=TIMER, now=NOW,
    )  # fmt: skip
    actions.drain(NOW)
    document.refresh_from_db()
    assert document.pages > 1, document.error
    file = tmp_path / "paper.pdf"
    file.write_bytes(actions.read_file(document))
    for page in range(1, document.pages + 1):
        text = subprocess.run(
            ["pdftotext", "-f", str(page), "-l", str(page), file, "-"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        assert "JY1" in text
        assert document.pretty_code in text
        assert "2026年11月23日" in text
    assert "长期" in text
