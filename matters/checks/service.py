"""Rules on how a matter is served: steps, visits, fees, themes, contacts, intermediaries, pledges."""

import re

from django.utils.translation import gettext as _

from matters import codes, ranks
from matters.checks.materials import MARKET
from matters.checks.rule import Document, Findings, is_licence
from matters.guides import SOURCE
from matters.ranks import Rank
from matters.scripts import fold

AREA_CODE = re.compile(r"0[0-9]{2,3}[ -]?[0-9]{7,8}(-[0-9]{1,6})?|1[0-9]{4}")  # or a national short number
LICENCE_STEPS = ("受理", "审核", "审批", "办结", "送达")
BY_LAW = ranks.NATIONAL | {Rank.LOCAL_REGULATION}  # 法律、法规或者国务院决定
# 财政、价格主管部门的文件, by name or number.
APPROVED = re.compile(r"国务院(?:批准|同意)")
FINANCE = re.compile(r"财政[部厅局]|发展改革|价格|物价|发改|财[税综库]")
PLEDGE_PARTS = ("text", "kind", "duty", "liability", "check_method", "check_term", "public", "assessment")
# Words of matters in which S0 四(四) sees too great a risk; a reason to look again, no verdict.
RISKY = re.compile(
    r"枪支|弹药|爆炸|烟花|危险化学品|危险废物|放射|辐射|核材料|病原微生物|麻醉药品|精神药品|涉外|保密|金融|银行|保险公司"
)


def in_the_directory(document: Document) -> Findings:
    """A city's or a county's own matter has a local code."""
    identity = document["identity"]
    if not (identity["catalog_code"] or identity["local_catalog_code"]):
        yield "identity.catalog_code", _("基本目录中没有该事项的基本编码，请先提出目录新增申请")


def licence_has_faq(document: Document) -> Findings:
    if is_licence(document) and not document["faq"]:
        yield "faq", _("行政许可至少要有一个常见问题")


def licence_steps_told(document: Document) -> Findings:
    if not is_licence(document):
        return
    steps = {step["name"][SOURCE] for step in document["process"]}
    missing = [name for name in LICENCE_STEPS if name not in steps]
    if missing:
        yield "process", _("行政许可要逐一写明办理环节，缺少：%(names)s") % {"names": _("、").join(missing)}


# --- visits and fees -----------------------------------------------------------------------------


def visit_has_reason(document: Document) -> Findings:
    visits = document["visits"]
    if visits["count"] != "0" and "reason" not in visits:
        yield "visits.reason", _("需要到现场的，要说明原因")


def online_means_no_visit(document: Document) -> Findings:
    if document["online"]["full"] and document["visits"]["count"] != "0":
        yield "visits.count", _("全程网办的到现场次数应为 0 次")


def no_visit_needs_a_way(document: Document) -> Findings:
    by_post = document.get("services", {}).get("express")
    if document["visits"]["count"] == "0" and not document["online"]["available"] and not by_post:
        yield "visits.count", _("不能网上办理的，支持邮寄才能写 0 次")


def fees_are_itemised(document: Document) -> Findings:
    if document["fees"]["charged"] and not document["fees"]["items"]:
        yield "fees.items", _("收费的，要写明收费项目、标准和依据")


def free_has_no_items(document: Document) -> Findings:
    if not document["fees"]["charged"] and document["fees"]["items"]:
        yield "fees.items", _("不收费的，不能有收费项目")


def free_is_not_paid(document: Document) -> Findings:
    if not document["fees"]["charged"] and document["online"].get("pay"):
        yield "online.pay", _("不收费的，不能有网上支付")


def fee_has_rank(document: Document) -> Findings:
    """Of business (涉企) 优化营商环境条例 25 asks for more than of people."""
    business = MARKET & set(document["service_objects"])
    for i, item in enumerate(document["fees"]["items"]):
        basis, place = item["basis"][SOURCE], f"fees.items[{i}].basis"
        if business:
            if not (ranks.reaches(basis, (Rank.LAW, Rank.REGULATION)) or APPROVED.search(fold(basis))):
                yield place, _("涉企收费要有法律、行政法规依据或者经国务院批准；没有的，不得收费")
        elif not ranks.reaches(basis, BY_LAW) and not FINANCE.search(fold(basis)):
            yield (
                place,
                _("收费要有法律、法规、国务院决定或者财政、价格主管部门的文件作依据；没有的，不得收费"),
            )


def licence_fee_by_law(document: Document) -> Findings:
    for i, item in enumerate(document["fees"]["items"] if is_licence(document) else ()):
        if not ranks.reaches(item["basis"][SOURCE], (Rank.LAW, Rank.REGULATION)):
            yield (
                f"fees.items[{i}].basis",
                _("实施行政许可不得收费，法律、行政法规另有规定的除外；请写明该法律、行政法规"),
            )


def reduction_is_explained(document: Document) -> Findings:
    for i, item in enumerate(document["fees"]["items"]):
        if item["reducible"] and "reduction" not in item:
            yield f"fees.items[{i}].reduction", _("允许减免的，要写明减免的情形和办法")


# --- whom it serves, whom to ask -----------------------------------------------------------------


def themes_are_known(document: Document) -> Findings:
    for audience, known in codes.THEMES.items():
        for code in document["themes"][audience]:
            if code not in known:
                yield f"themes.{audience}", _("没有主题 %(code)s") % {"code": code}


def themes_match_objects(document: Document) -> Findings:
    objects = set(document["service_objects"])
    for audience, served in (("natural", "1" in objects), ("legal", bool(objects - {"1"}))):
        if served != bool(document["themes"][audience]):
            yield f"themes.{audience}", _("主题应与服务对象一致：有这类服务对象的才写，也必须写")


def phones_have_area_code(document: Document) -> Findings:
    for name in ("enquiry", "complaint"):
        if not all(AREA_CODE.fullmatch(number) for number in document[name]["phones"]):
            yield f"{name}.phones", _("电话要带区号")


def complaints_elsewhere(document: Document) -> Findings:
    if set(document["enquiry"]["phones"]) & set(document["complaint"]["phones"]):
        yield "complaint.phones", _("咨询电话和投诉电话不能相同")


def intermediary_has_rank(document: Document) -> Findings:
    for i, service in enumerate(document.get("intermediaries", ())):
        if not ranks.reaches(service["basis"][SOURCE], BY_LAW):
            yield (
                f"intermediaries[{i}].basis",
                _("作为办理条件的中介服务要有法律、法规或者国务院决定作依据；没有的，不得作为办理条件"),
            )


# --- 告知承诺 ------------------------------------------------------------------------------------


def pledge_is_complete(document: Document) -> Findings:
    pledge = document["pledge"]
    for name in PLEDGE_PARTS if pledge["available"] else ():
        if name not in pledge:
            yield f"pledge.{name}", _("告知承诺要写明：%(name)s") % {"name": codes.PLEDGE_PARTS[name]}


def pledge_not_where_excluded(document: Document) -> Findings:
    pledge = document["pledge"]
    excluded = pledge.get("assessment", {}).get("excluded", []) if pledge["available"] else []
    if excluded:
        yield (
            "pledge.available",
            _("风险评估认为事项涉及%(kinds)s，不能实行告知承诺")
            % {"kinds": codes.listed(codes.PLEDGE_EXCLUSIONS, excluded)},
        )


def pledge_looks_risky(document: Document) -> Findings:
    name = fold(document["name"][SOURCE])
    if document["pledge"]["available"] and (word := RISKY.search(name)):
        yield (
            "pledge.assessment",
            _("名称中有“%(word)s”，请再核对是否属于不能告知承诺的事项") % {"word": word[0]},
        )
