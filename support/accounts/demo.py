"""The cast: the people of the tests and of the demo, one of each role. Never created in production mode.

Everybody is evidently fictitious: identity numbers with the area code 640199 and the sequence 000 or
001, credit codes with the stem YYYY; none was ever assigned, all pass their checksums.
"""

import datetime as dt
from dataclasses import dataclass, field

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Permission
from django.db import transaction
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from support.accounts.models import AgencyGrant, Mandate, Party, User
from support.places.models import Agency, Role

AGENCY_USCC = "11640104YYYY002159"  # 银川市兴庆区审批服务管理局
ELSEWHERE_USCC = "11640106YYYY00311F"  # 银川市金凤区审批服务管理局
PROVINCE_USCC = "11640000YYYY00039D"  # 宁夏回族自治区人力资源和社会保障厅
OFFICE_USCC = "11640104YYYY09033T"  # 银川市兴庆区人民政府办公室
JUSTICE_USCC = "11640104YYYY09041M"  # 银川市兴庆区司法局
REGION_OFFICE_USCC = "11640000YYYY090176"  # 宁夏回族自治区人民政府办公厅
REGION_JUSTICE_USCC = "11640000YYYY090251"  # 宁夏回族自治区司法厅
MARKET_USCC = "11640000YYYY00012M"  # 宁夏回族自治区市场监督管理厅
FIRM_USCC = "91640104YYYY0091X3"
FIRM_NAME = "银川市兴庆区老面馆有限公司(示例)"
OPENED_ON = dt.date(2019, 1, 1)


@dataclass(frozen=True)
class Member:
    """One of the cast; `number` only for those who do business of their own."""

    account: str
    name: str
    duty: str | Promise
    number: str = ""
    phone: str = ""
    address: str = ""
    agency: str = ""
    roles: tuple[Role, ...] = field(default=())


def _staff(account: str, name: str, *roles: Role, agency: str = AGENCY_USCC) -> Member:
    duty = format_lazy("、".join(["{}"] * len(roles)), *(role.label for role in roles))
    return Member(account, name, duty, agency=agency, roles=roles)


CAST = (
    Member(
        "citizen",
        "张小兰",
        _("申请人"),
        "640199199003070002",
        "19900000001",
        "银川市兴庆区示例路100号（示例）",
    ),
    Member(
        "stranger",
        "李远",
        _("其他申请人"),
        "640199198506120011",
        "19900000002",
        "银川市金凤区示例路200号（示例）",
    ),
    Member(
        "firm_agent",
        "王大成",
        _("企业经办人"),
        "640199197809200014",
        "19900000003",
        "银川市兴庆区示例路300号（示例）",
    ),
    _staff("clerk", "马晓云", Role.CLERK),
    _staff("window_chief", "丁洁", Role.CLERK, Role.APPROVER),
    _staff("officer", "陈立", Role.OFFICER),
    _staff("officer_elsewhere", "赵刚", Role.CLERK, Role.OFFICER, Role.APPROVER, agency=ELSEWHERE_USCC),
    _staff("hall_chief", "白静", Role.CLERK, Role.APPROVER, agency=PROVINCE_USCC),
    _staff("approver", "孙梅", Role.APPROVER),
    _staff("agency_head", "周正", Role.AGENCY_HEAD),
    _staff("government_head", "吴敏", Role.GOVERNMENT_HEAD),
    _staff("supervisor", "郑秋", Role.SUPERVISOR),
    _staff("editor", "冯媛", Role.EDITOR),
    _staff("reviewer", "何思远", Role.REVIEWER),
    _staff("office_reviewer", "高磊", Role.REVIEWER, agency=OFFICE_USCC),
    _staff("justice_reviewer", "田野", Role.REVIEWER, agency=JUSTICE_USCC),
    _staff("region_editor", "沈青", Role.EDITOR, agency=MARKET_USCC),
    _staff("region_office", "罗川", Role.REVIEWER, agency=REGION_OFFICE_USCC),
    _staff("region_justice", "金晓", Role.REVIEWER, agency=REGION_JUSTICE_USCC),
)


@transaction.atomic
def create_cast(password: str) -> dict[str, User]:
    """Create those of the cast who are missing; returns all by account. The agencies must be loaded.

    People who are already there keep their password and data.
    """
    secret = make_password(password)
    User.objects.bulk_create(
        [
            User(username=m.account, name=m.name, email=f"{m.account}@example.com", password=secret)
            for m in CAST
        ],
        ignore_conflicts=True,
    )
    users = _users()
    Party.objects.bulk_create(_parties(users), ignore_conflicts=True)
    _mandate(users["firm_agent"])
    _grants(users)
    return _users()


def _users() -> dict[str, User]:
    return User.objects.in_bulk([m.account for m in CAST], field_name="username")


def _parties(users: dict[str, User]) -> list[Party]:
    parties = []
    for member in (m for m in CAST if m.number):
        party = Party(kind=Party.Kind.NATURAL, name=member.name, code_type="111", identity_level=2)
        party.user = users[member.account]
        party.set_number(member.number)
        party.phone = member.phone
        party.address = member.address
        parties.append(party)
    firm = Party(kind=Party.Kind.LEGAL, name=FIRM_NAME, code_type="001", identity_level=2)
    firm.set_number(FIRM_USCC)
    firm.phone = "19900000091"
    firm.address = "银川市兴庆区示例路91号（示例）"
    return [*parties, firm]


def _mandate(agent: User) -> None:
    firm = Party.objects.with_number(FIRM_USCC).get()
    Mandate.objects.get_or_create(
        user=agent, party=firm, defaults={"role": Mandate.Role.AGENT, "valid_from": OPENED_ON}
    )


def _grants(users: dict[str, User]) -> None:
    agencies = Agency.objects.in_bulk({member.agency for member in CAST if member.roles}, field_name="uscc")
    permissions = {p.codename: p for p in Permission.objects.filter(content_type__app_label="places")}
    AgencyGrant.objects.bulk_create(
        [
            AgencyGrant(
                user=users[member.account],
                permission=permissions[role.value],
                content_object=agencies[member.agency],
            )
            for member in CAST
            for role in member.roles
        ],
        ignore_conflicts=True,
    )
