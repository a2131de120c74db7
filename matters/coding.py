"""The codes of matters: 基本编码 (12 digits) and 实施编码 (31 characters, 33 with the 业务办理项), taken apart and
checked. Every check gives words, or nothing where the code is right."""

import re

from django.utils.translation import gettext as _
from stdnum.cn import uscc

from matters import codes

NATIONAL = "00"
_TASK_CODE = re.compile(
    r"(?P<uscc>[0-9A-HJ-NPQRTUWXY]{18})(?P<level>[1-7])(?P<catalog>[0-9]{12})(?P<item>[0-9]{2})?"
)


def wrong_in_catalog_code(code: str, *, task_type: str, province: str) -> str:
    """What is wrong with a 基本编码: region 2 + type 2 + main item 5 + sub-item 3.

    `province`: the two digits of the province in which the directory is kept; only its own codes and national
    ones (00) are known here.
    """
    if not re.fullmatch(r"[0-9]{12}", code, re.ASCII):
        return _("基本编码应为 12 位数字，您填写的是“%(code)s”（%(n)s 位）。") % {
            "code": code,
            "n": len(code),
        }
    if code[:2] not in (NATIONAL, province):
        return _("基本编码前两位是地区，只能是 00（国家）或者 %(own)s（本省区），不能是 %(given)s。") % {
            "own": province,
            "given": code[:2],
        }
    if code[2:4] != task_type:
        return _("基本编码第 3、4 位是事项类型，应为 %(wanted)s（%(type)s），不能是 %(given)s。") % {
            "wanted": task_type,
            "type": codes.TASK_TYPES.get(task_type, task_type),
            "given": code[2:4],
        }
    if code[4:9] == "00000":
        return _("基本编码第 5 至 9 位是主项序号，不能全为 0。")
    return ""


def wrong_in_task_code(code: str, *, agency_uscc: str = "", level: str = "", catalog_code: str = "") -> str:
    """What is wrong with a 实施编码: credit code 18 + level 1 + 基本编码 12, perhaps + 业务办理项 2.

    What is given of agency and directory entry must be what the code says.
    """
    found = _TASK_CODE.fullmatch(code)
    if not found:
        return _(
            "实施编码应为 31 位或者 33 位：统一社会信用代码、行使层级、基本编码，业务办理项另加两位序号。"
        )
    if not uscc.is_valid(found["uscc"]):
        return _("实施编码前 18 位不是有效的统一社会信用代码（校验码不符）：%(code)s。") % {
            "code": found["uscc"]
        }
    if agency_uscc and found["uscc"] != agency_uscc:
        return _("实施编码前 18 位不是本机关的统一社会信用代码：%(code)s。") % {"code": found["uscc"]}
    if level and found["level"] != level:
        return _("实施编码第 19 位应为本机关的行使层级 %(level)s。") % {"level": level}
    if catalog_code and found["catalog"] != catalog_code:
        return _("实施编码第 20 至 31 位应为目录中的基本编码 %(code)s。") % {"code": catalog_code}
    return _("业务办理项序号从 01 开始。") if found["item"] == "00" else ""
