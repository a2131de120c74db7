"""公民身份号码 (GB 11643—1999), 统一社会信用代码 (GB 32100—2015) and mobile numbers: read, checked, in words.

Each `check_…` takes what a person typed, returns the normal form and raises ValidationError with a
sentence for them. Area codes are not checked: retired ones stay valid for life.
"""

import datetime as dt
import re
import unicodedata
from enum import StrEnum

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from stdnum.cn import uscc
from stdnum.iso7064 import mod_11_2

OLDEST_YEAR = 1900


class Sex(StrEnum):
    MALE = "male"
    FEMALE = "female"


def normalise(text: str) -> str:
    """Half-width and upper case, without blanks, hyphens and invisible characters."""
    folded = unicodedata.normalize("NFKC", text)
    return "".join(
        c for c in folded if not c.isspace() and unicodedata.category(c) not in ("Cf", "Pd")
    ).upper()


def check_id_number(text: str, *, today: dt.date) -> str:
    number = normalise(text)
    if len(number) != 18:
        raise ValidationError(
            _("身份证号码应为 18 位，您输入了 %(count)s 位"), code="length", params={"count": len(number)}
        )
    if not re.fullmatch(r"[0-9]{17}[0-9X]", number):
        raise ValidationError(_("身份证号码的前 17 位应为数字，最后一位应为数字或 X"), code="characters")
    born = _date(number[6:14])
    if born is None:
        raise ValidationError(_("身份证号码中的出生日期不存在，请核对第 7 至 14 位"), code="birth_date")
    if born > today:
        raise ValidationError(_("身份证号码中的出生日期晚于今天，请核对第 7 至 14 位"), code="birth_date")
    if not mod_11_2.is_valid(number):
        raise ValidationError(_("身份证号码的最后一位校验码不符，请逐位核对"), code="checksum")
    return number


def _date(digits: str) -> dt.date | None:
    year, month, day = int(digits[:4]), int(digits[4:6]), int(digits[6:])
    try:
        return dt.date(year, month, day) if year >= OLDEST_YEAR else None
    except ValueError:
        return None


def birth_date(number: str) -> dt.date:
    """The birth date in a checked identity number."""
    return dt.date(int(number[6:10]), int(number[10:12]), int(number[12:14]))


def sex(number: str) -> Sex:
    """The sex in a checked identity number: an odd 17th digit is male."""
    return Sex.MALE if int(number[16]) % 2 else Sex.FEMALE


def check_uscc(text: str) -> str:
    code = normalise(text)
    if len(code) != 18:
        raise ValidationError(
            _("统一社会信用代码应为 18 位，您输入了 %(count)s 位"), code="length", params={"count": len(code)}
        )
    if not re.fullmatch(r"[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}", code):
        raise ValidationError(
            _("统一社会信用代码只含数字和大写字母（没有 I、O、S、V、Z），第 3 至 8 位应为数字"),
            code="characters",
        )
    if uscc.calc_check_digit(code[:-1]) != code[-1]:
        raise ValidationError(_("统一社会信用代码的最后一位校验码不符，请逐位核对"), code="checksum")
    return code


def check_phone(text: str) -> str:
    """A mobile number of mainland China: 11 digits; a leading +86 or 86 is dropped."""
    number = re.sub(r"^(\+86|0086|86(?=1[0-9]{10}$))", "", normalise(text))
    if not re.fullmatch(r"[0-9]+", number):
        raise ValidationError(_("手机号码只能是数字"), code="characters")
    if len(number) != 11:
        raise ValidationError(
            _("手机号码应为 11 位，您输入了 %(count)s 位"), code="length", params={"count": len(number)}
        )
    if not re.fullmatch(r"1[3-9][0-9]{9}", number):
        raise ValidationError(_("手机号码应以 13 至 19 开头"), code="prefix")
    return number
