"""Free text loses what identifies a person, however it is written, and keeps what it says."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.accounts.masking import mask_text

PHONE, ID, CARD = "13800001234", "64010119900307002X", "6222021001122334455"
WIDE = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")
NUMERALS = str.maketrans("0123456789", "〇一二三四五六七八九")


@pytest.mark.parametrize(
    "number", [PHONE, ID, ID.lower(), CARD, "0951-6012345", "6012345", "640101900307002"]
)
@pytest.mark.parametrize("write", [str, lambda n: n.translate(WIDE), lambda n: n.translate(NUMERALS)])
def test_numbers_are_masked(number, write):
    for between in ("", " ", "-", "－", "　", ".", "·", "\u200b", "\n", "、", " - ", "(", "*"):
        typed = between.join(write(number.replace("-", "")))
        assert mask_text(f"我的号码是{typed}，谢谢3次") == "我的号码是***，谢谢3次"


@pytest.mark.parametrize(
    "address",
    [
        "zhang@example.com",
        "zhang.xiao-lan+a@mail.example.com.cn",
        "ｚｈａｎｇ＠ｅｘａｍｐｌｅ．ｃｏｍ",
        "zhang @ qq。com",
    ],
)
def test_addresses_are_masked(address):
    masked = mask_text(f"请回复{address}，谢谢")
    assert masked.startswith("请回复")
    assert masked.endswith("***，谢谢") or masked == "请回复zhang ***，谢谢"


def test_codes_and_case_numbers_are_masked():
    assert mask_text("件号11640104MB0000001X4640125002000202611230001") == "件号***"
    assert mask_text("信用代码91640104YYYY0091X3。") == "信用代码***。"


@pytest.mark.parametrize(
    "words",
    [
        "",
        "2026-11-23 去了一趟，2026年11月26日又去，等了3个小时。",
        "2026.11.23—2026.11.26跑了三次，10:30到，费用 1200.00 元",
        "2026/1/5 9:05 到窗口",
        "2026-11-23 9:00-11:30, 2026-11-24 14:00-17:30 都没有人",
        "一次办好，五星！《行政许可法》第三十二条",
        "😀 好 & <b>",
    ],
)
def test_dates_sums_and_words_stay(words):
    assert mask_text(words) == words


def test_words_made_to_take_long_are_masked_at_once():
    """In a process of its own: a search that never ends can be stopped in no other way."""
    for words in ("2026-01-01" + "-1" * 240 + "-x", "2026-01-01" + "-1-1-1-1-1-2026-01-01" * 20 + "-x"):
        code = "import sys; from support.accounts.masking import mask_text; print(mask_text(sys.argv[1]))"
        done = subprocess.run(
            [sys.executable, "-c", code, words[:500]], capture_output=True, text=True, timeout=20, check=True
        )
        assert done.stdout.strip() == "***"


@given(st.text(max_size=80))
def test_masking_twice_changes_nothing_more(words):
    once = mask_text(words)
    assert mask_text(once) == once


@given(st.text(max_size=20), st.text(max_size=20))
def test_a_telephone_number_never_survives(before, after):
    assert PHONE not in mask_text(f"{before}{PHONE}{after}")
