"""The rank of a cited basis (立法法), told from its title and from what is written after it.

A title tells much, not all: what the State Council issued as a 办法 looks like a rule of a department. Whoever
cites it writes the order after the title (《…办法》（国务院令第649号）), and that decides.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from matters.scripts import fold


class Rank(StrEnum):
    """Kinds of provisions, the strongest first."""

    LAW = "law"
    REGULATION = "regulation"
    STATE_COUNCIL = "state_council"
    LOCAL_REGULATION = "local_regulation"
    DEPARTMENT_RULE = "department_rule"
    LOCAL_RULE = "local_rule"
    NORMATIVE = "normative"


WORDS: dict[Rank, str | Promise] = {
    Rank.LAW: _("宪法、法律"),
    Rank.REGULATION: _("行政法规"),
    Rank.STATE_COUNCIL: _("国务院决定"),
    Rank.LOCAL_REGULATION: _("地方性法规"),
    Rank.DEPARTMENT_RULE: _("部门规章"),
    Rank.LOCAL_RULE: _("地方政府规章"),
    Rank.NORMATIVE: _("规范性文件"),
}
NATIONAL = frozenset({Rank.LAW, Rank.REGULATION, Rank.STATE_COUNCIL})
LAWS_AND_REGULATIONS = frozenset({Rank.LAW, Rank.REGULATION, Rank.LOCAL_REGULATION})  # 法律、法规
SETS_LICENCES = NATIONAL | {Rank.LOCAL_REGULATION}  # 行政许可法 14, 15(1), 17

_TITLE = re.compile(r"《((?:[^《》]|《[^《》]*》)*)》([^《；;]*)")
_PROVINCES = (
    r"(?:北京|天津|上海|重庆)市"
    r"|(?:河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|陕西"
    r"|甘肃|青海)省|(?:内蒙古|广西壮族|西藏|宁夏回族|新疆维吾尔)?自治区"
)
_PROVINCE = re.compile(_PROVINCES)
# A city at the head of a title; 城市, 上市, 超市 and 市场 are none.
_CITY = re.compile(r"(?!城市|全国|国家)[^\W\d_]{2,8}?(?:(?<![城上超])市(?!场|值)|自治州|自治县)")
_COUNTY = re.compile(r"[^\W\d_]{1,6}?(?:县|区|镇|乡|街道)(?=人民政府|政府)")
_RULE = re.compile(r"(?:办法|规定|细则|规则)$")
_OF_A_LAW = re.compile(r"实施[〈<《]?.*法[〉>》]?(?:的?办法|若干规定)$")
_FILE_NUMBER = re.compile(r"[〔\[(]\d{4}[〕\])]\s*第?\d+号")
# Made by the State Council under titles like those of departments' rules.
_BY_STATE_COUNCIL = frozenset(
    {
        "社会救助暂行办法",
        "互联网信息服务管理办法",
        "无证无照经营查处办法",
        "全国年节及纪念日放假办法",
        "城市生活无着的流浪乞讨人员救助管理办法",
    }
)


@dataclass(frozen=True)
class Cited:
    """One cited provision. `province`: made by the people's congress or government of a province."""

    title: str
    rank: Rank
    province: bool = False


def cited(text: str) -> list[Cited]:
    """Every provision the text names in 《》, with its rank, in order."""
    named = ((_bare(match[1]), match[2]) for match in _TITLE.finditer(fold(text)))
    return [
        Cited(title, rank_of(title, after), bool(_PROVINCE.match(title) or _PROVINCE.search(after)))
        for title, after in named
        if title
    ]


def reaches(text: str, allowed: Iterable[Rank]) -> bool:
    """Whether the text names a provision of one of these ranks."""
    wanted = frozenset(allowed)
    return any(each.rank in wanted for each in cited(text))


def rank_of(title: str, after: str = "") -> Rank:
    """The rank of one provision by its folded title without 《》 and what is written behind it."""
    if rank := _of_state_council(title) or _of_congress(title) or _by_order(after):
        return rank
    if not re.search(r"(?<!办)法$|法典$|条例$", title) and _FILE_NUMBER.search(after[:60]):
        return Rank.NORMATIVE
    province = _PROVINCE.match(title)
    local = province or _CITY.match(title)
    if re.search(r"宪法$|法典$|(?<!办)法$", title):
        return Rank.LAW
    if title.endswith("条例"):
        return Rank.LOCAL_REGULATION if local else Rank.REGULATION
    if not _RULE.search(title) or (not province and _COUNTY.match(title)):
        return Rank.NORMATIVE
    if title in _BY_STATE_COUNCIL:
        return Rank.REGULATION
    if not local:
        return Rank.DEPARTMENT_RULE
    # 《…实施〈…法〉办法》 of a province or city is made by its people's congress.
    return Rank.LOCAL_REGULATION if _OF_A_LAW.search(title) else Rank.LOCAL_RULE


def _bare(title: str) -> str:
    """Without what stands in brackets at its end: (2018年修正), (试行)."""
    return re.sub(r"(?:\s*\([^()]*\))+$", "", title).strip()


def _by_order(after: str) -> Rank | None:
    """By the order or file number written behind the title."""
    tail = after[:60]
    if "国务院令" in tail:
        return Rank.REGULATION
    if "主席令" in tail:
        return Rank.LAW
    if re.search(r"人民代表大会|人大常委会", tail):
        return Rank.LAW if "全国" in tail else Rank.LOCAL_REGULATION
    if re.search(r"政府令", tail):
        return Rank.LOCAL_RULE
    if re.search(r"(?:部|委|委员会|总局|局|署|银行|办公室)令", tail):
        return Rank.DEPARTMENT_RULE
    return None


def _of_congress(title: str) -> Rank | None:
    if not re.search(r"人民代表大会|人大常委会", title) or not re.search(r"(?:决定|规定|办法|条例)$", title):
        return None
    return Rank.LAW if title.startswith("全国") else Rank.LOCAL_REGULATION


def _of_state_council(title: str) -> Rank | None:
    if not title.startswith("国务院") or title.startswith("国务院办公厅"):
        return None
    if title.endswith("决定"):
        return Rank.STATE_COUNCIL
    return Rank.REGULATION if re.search(r"(?:条例|规定|办法)$", title) else Rank.NORMATIVE
