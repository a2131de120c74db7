import contextlib
import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from support.accounts.masking import mask_address, mask_email, mask_name, mask_number, mask_phone
from support.accounts.numbers import (
    Sex,
    birth_date,
    check_id_number,
    check_phone,
    check_uscc,
    sex,
)

TODAY = dt.date(2026, 11, 23)
VALID = "11010519491231002X"  # the example of GB 11643


def words(check, text, **kwargs) -> str:
    with pytest.raises(ValidationError) as refused:
        check(text, **kwargs)
    return refused.value.messages[0]


@pytest.mark.parametrize(
    "typed",
    [
        VALID,
        "11010519491231002x",
        " 110105 19491231 002X ",
        "１１０１０５１９４９１２３１００２Ｘ",
        "110105-19491231-002x\u200b",
    ],
)
def test_an_identity_number_is_read_however_it_is_typed(typed):
    assert check_id_number(typed, today=TODAY) == VALID


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (VALID[:-1], "身份证号码应为 18 位，您输入了 17 位"),
        (VALID + "1", "身份证号码应为 18 位，您输入了 19 位"),
        ("110105491231002", "身份证号码应为 18 位，您输入了 15 位"),
        ("1101051949123100XX", "身份证号码的前 17 位应为数字，最后一位应为数字或 X"),
        ("١١٠١٠٥١٩٤٩١٢٣١٠٠٢X", "身份证号码的前 17 位应为数字，最后一位应为数字或 X"),
        ("110105194902300021", "身份证号码中的出生日期不存在，请核对第 7 至 14 位"),
        ("110105000001010021", "身份证号码中的出生日期不存在，请核对第 7 至 14 位"),
        ("110105202701010021", "身份证号码中的出生日期晚于今天，请核对第 7 至 14 位"),
        ("110105194912310021", "身份证号码的最后一位校验码不符，请逐位核对"),
        ("110105194912310012", "身份证号码的最后一位校验码不符，请逐位核对"),
    ],
)
def test_a_wrong_identity_number_is_refused_in_words(typed, expected):
    assert words(check_id_number, typed, today=TODAY) == expected


def test_a_retired_area_code_stays_valid():
    assert check_id_number("640111198001010015"[:17] + _digit("64011119800101001"), today=TODAY)


def _digit(head: str) -> str:
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return "10X98765432"[sum(int(c) * w for c, w in zip(head, weights, strict=True)) % 11]


@given(
    st.dates(dt.date(1900, 1, 1), TODAY),
    st.integers(0, 999),
    st.integers(0, 16),
    st.integers(1, 9),
)
def test_one_wrong_digit_is_always_noticed(born, sequence, place, shift):
    head = f"640104{born:%Y%m%d}{sequence:03}"
    number = head + _digit(head)
    assert check_id_number(number, today=TODAY) == number
    wrong = number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :]
    with pytest.raises(ValidationError):
        check_id_number(wrong, today=TODAY)


def test_birth_date_and_sex():
    assert birth_date(VALID) == dt.date(1949, 12, 31)
    assert sex(VALID) is Sex.FEMALE
    assert sex("640199198506120011") is Sex.MALE


@pytest.mark.parametrize(
    "typed", ["11100000000013338W", "１１１０００００００００１３３３８ｗ", "11100000 000013338-w"]
)
def test_a_credit_code_is_read_however_it_is_typed(typed):
    assert check_uscc(typed) == "11100000000013338W"


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("1110000000001333", "统一社会信用代码应为 18 位，您输入了 16 位"),
        (
            "1110000000001333OW",
            "统一社会信用代码只含数字和大写字母（没有 I、O、S、V、Z），第 3 至 8 位应为数字",
        ),
        (
            "11A00000000013338W",
            "统一社会信用代码只含数字和大写字母（没有 I、O、S、V、Z），第 3 至 8 位应为数字",
        ),
        ("11100000000013339W", "统一社会信用代码的最后一位校验码不符，请逐位核对"),
    ],
)
def test_a_wrong_credit_code_is_refused_in_words(typed, expected):
    assert words(check_uscc, typed) == expected


@pytest.mark.parametrize(
    "typed", ["13812343210", "138 1234 3210", "+86 138-1234-3210", "8613812343210", "１３８１２３４３２１０"]
)
def test_a_mobile_number_is_read_however_it_is_typed(typed):
    assert check_phone(typed) == "13812343210"


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("1381234321", "手机号码应为 11 位，您输入了 10 位"),
        ("12812343210", "手机号码应以 13 至 19 开头"),
        ("0951-6012345", "手机号码应以 13 至 19 开头"),
        ("138l2343210", "手机号码只能是数字"),
    ],
)
def test_a_wrong_mobile_number_is_refused_in_words(typed, expected):
    assert words(check_phone, typed) == expected


@given(st.text(max_size=60))
def test_no_text_breaks_a_check(text):
    for check in (lambda t: check_id_number(t, today=TODAY), check_uscc, check_phone):
        with contextlib.suppress(ValidationError):
            check(text)


def test_masks():
    assert mask_name("张小兰") == "张*"
    assert mask_phone("13812343210") == "138****3210"
    assert mask_phone("0951-6012345") == "****45"
    assert mask_number("11010519491231002X") == "1" + "*" * 16 + "X"
    assert mask_email("zhang@example.com") == "z***@example.com"
    assert mask_address("银川市兴庆区示例路1号") == "银川市兴庆区****"
    for mask in (mask_name, mask_phone, mask_number, mask_email, mask_address):
        assert mask("") == ""
