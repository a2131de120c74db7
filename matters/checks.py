"""What a guide must satisfy before it is published: the schema, then the rules of the trade."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError as SchemaError

from matters import codes, elements, situations
from matters.formedit import rules as formedit
from matters.guides import SOURCE, texts
from matters.scripts import fold

SCHEMA = Path(__file__).parent / "schema" / "guide-1.json"
DAYS_IN = {"workday": 7 / 5, "day": 1, "month": 30}
ACCEPTANCE = (5, "workday")  # 行政许可法 32, 82
LICENCE_TERM = {"amount": 20, "unit": "workday"}  # 行政许可法 42(1), 82
JOINT_TERM = {"amount": 45, "unit": "workday"}  # 行政许可法 42(2)
LICENCE_STEPS = ("受理", "审核", "审批", "办结", "送达")
# Names of laws and regulations (行政许可法 42: 法律、法规). A 条例 is never a rule of a department or of a local
# government; a 办法, 规定 or 细则 may be, so it counts only if the State Council or a people's congress is named.
LAW_NAME = re.compile(r"《([^《》]*(?:(?<!办)法|条例)|(?:国务院|[^《》]*人民代表大会)[^《》]*(?:规定|办法|决定))》")
AREA_CODE = re.compile(r"0[0-9]{2,3}[ -]?[0-9]{7,8}(-[0-9]{1,6})?|1[0-9]{4}")  # or a national short number
LICENCE_TYPE = "01"  # GB/T 39046 A.1
LICENCE_LAW = "行政许可法"
# 优化营商环境条例 19 and the provincial rules: no 兜底 material that leaves open what is wanted.
CATCH_ALL = re.compile(
    r"其[他它](?:需要|应当|有关|相关|必要)?[^，。]{0,12}(?:材料|资料|文件|证明)"
    r"|法律.{0,4}法规.{0,8}其[他它]"
    r"|等(?:有关|相关|其[他它])?(?:材料|资料|文件|证明)"
)
PERSONAL = ("idnumber", "phone", "email", "party.number", "party.phone", "party.address")
Document = dict[str, Any]


@dataclass(frozen=True)
class Problem:
    """What is wrong, in words, and where: `materials[2].name`."""

    path: str
    message: str

    def __str__(self) -> str:
        return self.path + _("：") + self.message if self.path else self.message


def problems(document: Document) -> list[Problem]:
    """All that keeps a document from being published; the rules are asked only if the schema holds."""
    broken = [_in_words(error) for error in _validator().iter_errors(document)]
    if broken:
        return sorted(set(broken), key=lambda problem: problem.path)
    return [Problem(path, message) for rule in RULES for path, message in rule(document)]


# --- the schema, in words ------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


def _in_words(error: SchemaError) -> Problem:
    wanted: Any = error.validator_value
    found: Any = error.instance
    schema: Any = error.schema
    messages: dict[str, Callable[[], str]] = {
        "required": lambda: (
            _("缺少 %(names)s") % {"names": _("、").join(name for name in wanted if name not in found)}
        ),
        "additionalProperties": lambda: (
            _("有不认识的项 %(names)s") % {"names": _("、").join(sorted(set(found) - set(schema["properties"])))}
        ),
        "type": lambda: _("类型应为 %(type)s") % {"type": wanted},
        "enum": lambda: _("只能是 %(values)s 之一") % {"values": _("、").join(map(str, wanted))},
        "const": lambda: _("只能是 %(value)s") % {"value": wanted},
        "minItems": lambda: _("至少要有 %(n)s 项") % {"n": wanted},
        "maxItems": lambda: _("最多 %(n)s 项") % {"n": wanted},
        "minProperties": lambda: _("至少要有 %(n)s 项") % {"n": wanted},
        "maxLength": lambda: _("最多 %(n)s 个字") % {"n": wanted},
        "minimum": lambda: _("不能小于 %(n)s") % {"n": wanted},
        "maximum": lambda: _("不能大于 %(n)s") % {"n": wanted},
        "uniqueItems": lambda: _("有重复的项"),
        "pattern": lambda: _("不能为空") if wanted == r"\S" else _("格式不正确"),
        "anyOf": lambda: _("缺少内容"),
    }
    say = messages.get(str(error.validator))
    return Problem(_path(error), say() if say else _("不符合格式要求"))


def _path(error: SchemaError) -> str:
    steps = [f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.absolute_path]
    return "".join(steps).removeprefix(".")


# --- the rules -----------------------------------------------------------------------------------

Findings = Iterator[tuple[str, str]]


def _days(term: dict[str, Any]) -> float:
    """The rough length of a term, only to compare terms of different units."""
    return float(term["amount"] * DAYS_IN[term["unit"]])


def _terms(document: Document) -> Findings:
    terms = document["terms"]
    promised, statutory = terms.get("promised"), terms.get("statutory")
    if promised and statutory and _days(promised) > _days(statutory):
        yield "terms.promised", _("承诺办结时限不能长于法定办结时限")
    if document["project_type"] == codes.PROMISED and not promised:
        yield "terms.promised", _("承诺件必须公布承诺办结时限")
    if document["identity"]["regime"] == "licence":
        yield from _licence_terms(terms)
        if not statutory:
            yield "terms.statutory", _("行政许可必须公布法定办结时限")
        # Silence over exactly this term is acceptance by law; over a shorter or a longer one it is not.
        if (terms["acceptance"]["amount"], terms["acceptance"]["unit"]) != ACCEPTANCE:
            yield "terms.acceptance", _("行政许可的受理期限为五个工作日（行政许可法第三十二条、第八十二条）")
    if (document["identity"]["regime"] == "licence") != (document["identity"]["task_type"] == LICENCE_TYPE):
        yield "identity.regime", _("行政许可事项，也只有行政许可事项，适用《行政许可法》")


def _licence_term(document: Document) -> Findings:
    """行政许可法 42: twenty days; forty-five if art. 26 is cited; more only as another law cited provides."""
    statutory = document["terms"].get("statutory")
    if document["identity"]["regime"] != "licence" or not statutory:
        return
    basis = fold(statutory["basis"][SOURCE])
    own, others = (
        "行政许可法" in basis,
        [name for name in LAW_NAME.findall(basis) if "行政许可法" not in name],
    )
    if others or _days(statutory) <= _days(LICENCE_TERM):
        return
    if not (own and "第二十六条" in basis):
        yield (
            "terms.statutory",
            _(
                "行政许可的法定办结时限最长二十个工作日；更长的，依据应写明行政许可法第二十六条或者另有规定的法律、法规"
            ),
        )
    elif _days(statutory) > _days(JOINT_TERM):
        yield "terms.statutory", _("统一办理或者联合、集中办理的，最长四十五个工作日（行政许可法第四十二条）")


def _licence_terms(terms: dict[str, Any]) -> Findings:
    """What the statute says of a licence is not published again in other words, nor left out."""
    if "silence_basis" in terms["acceptance"]:
        yield (
            "terms.acceptance.silence_basis",
            _("行政许可逾期不告知即为受理，由行政许可法第三十二条规定，指南不能另设或者取消"),
        )
    if "issue" in terms:
        yield "terms.issue", _("行政许可证件的颁发、送达期限由行政许可法第四十四条规定，指南不能另设")


def _own_rules(document: Document) -> Findings:
    """Outside licences nothing may rest on 行政许可法 (art. 2, 3)."""
    if document["identity"]["regime"] == "licence":
        return
    founded = {f"terms.{name}": term for name, term in document["terms"].items()}
    founded["basis"] = document["basis"]
    for path, part in founded.items():
        if any(LICENCE_LAW in text[SOURCE] for text in texts(part)):
            yield path, _("行政许可以外的事项不能以《行政许可法》为依据")


def _licence(document: Document) -> Findings:
    if document["identity"]["regime"] != "licence":
        return
    if not document["faq"]:
        yield "faq", _("行政许可至少要有一个常见问题")
    steps = {step["name"][SOURCE] for step in document["process"]}
    missing = [name for name in LICENCE_STEPS if name not in steps]
    if missing:
        yield "process", _("行政许可要逐一写明办理环节，缺少：%(names)s") % {"names": _("、").join(missing)}


def _keys(document: Document) -> Findings:
    steps = document["form"]["steps"]
    fields = [field for step in steps for field in step["fields"]]
    lists = {
        "materials": document["materials"],
        "form.steps": steps,
        "form.fields": fields,
        "results": document["results"],
        "process": document["process"],
        "special_procedures": document["special_procedures"],
    }
    for path, items in lists.items():
        for key, count in Counter(item["key"] for item in items).items():
            if count > 1:
                yield path, _("标识 %(key)s 重复") % {"key": key}


def _materials(document: Document) -> Findings:
    for i, material in enumerate(document["materials"]):
        path = f"materials[{i}]"
        if CATCH_ALL.search(fold(material["name"][SOURCE])):
            yield f"{path}.name", _("不得要求兜底性材料，请写明具体材料")
        if material["necessity"] == codes.DEFERRABLE and "deferrable_days" not in material:
            yield f"{path}.deferrable_days", _("容缺后补的材料要写明补交期限")
        if not sum(material["copies"].values()):
            yield f"{path}.copies", _("原件和复印件不能都是 0 份")
        if material["type"] == codes.FORM and not ("blank" in material and "sample" in material):
            yield path, _("申请表格文书要有空白表和样表")


def _fields(document: Document) -> Findings:
    for i, step in enumerate(document["form"]["steps"]):
        for j, field in enumerate(step["fields"]):
            path = f"form.steps[{i}].fields[{j}]"
            personal = field["type"] in PERSONAL or field.get("prefill") in PERSONAL
            if personal and not field.get("sensitive"):
                yield f"{path}.sensitive", _("个人信息项目必须标明加密保存")


def _results(document: Document) -> Findings:
    keys = {field["key"] for step in document["form"]["steps"] for field in step["fields"]}
    for i, result in enumerate(document["results"]):
        if result["kind"] == "1" and "type_code" not in result:
            yield f"results[{i}].type_code", _("证照要写明证照类型代码")
        if result["kind"] != codes.NO_RESULT and not result.get("sample"):
            yield f"results[{i}].sample", _("有办理结果的，要有结果样本")
        for j, content in enumerate(result.get("contents", ())):
            if content["source"] not in keys:
                yield f"results[{i}].contents[{j}].source", _("申请表中没有这一项")


def _visits(document: Document) -> Findings:
    visits = document["visits"]
    if visits["count"] != "0" and "reason" not in visits:
        yield "visits.reason", _("需要到现场的，要说明原因")
    if document["online"]["full"] and visits["count"] != "0":
        yield "visits.count", _("全程网办的到现场次数应为 0 次")
    by_post = document.get("services", {}).get("express")
    if visits["count"] == "0" and not document["online"]["available"] and not by_post:
        yield "visits.count", _("不能网上办理的，支持邮寄才能写 0 次")


def _fees(document: Document) -> Findings:
    fees = document["fees"]
    if fees["charged"] and not fees["items"]:
        yield "fees.items", _("收费的，要写明收费项目、标准和依据")
    if not fees["charged"] and fees["items"]:
        yield "fees.items", _("不收费的，不能有收费项目")
    if not fees["charged"] and document["online"].get("pay"):
        yield "online.pay", _("不收费的，不能有网上支付")


def _special_procedures(document: Document) -> Findings:
    """行政许可法 45 stops the clock of a licence and of nothing else; any other exclusion cites its own rule,
    and for a licence that is a law or regulation."""
    licence = document["identity"]["regime"] == "licence"
    for i, procedure in enumerate(document["special_procedures"]):
        if not procedure["excluded_from_statutory"] or (licence and procedure["kind"] in codes.EXCLUDED_BY_LAW):
            continue
        cited = fold(procedure["exclusion_basis"][SOURCE]) if "exclusion_basis" in procedure else ""
        if not (LAW_NAME.search(cited) if licence else cited and LICENCE_LAW not in cited):
            yield (
                f"special_procedures[{i}].excluded_from_statutory",
                _("只有行政许可法第四十五条所列程序或另有法律依据的，才不计入法定办结时限"),
            )


def _themes(document: Document) -> Findings:
    for audience, known in codes.THEMES.items():
        for code in document["themes"][audience]:
            if code not in known:
                yield f"themes.{audience}", _("没有主题 %(code)s") % {"code": code}
    objects = set(document["service_objects"])
    for audience, served in (("natural", "1" in objects), ("legal", bool(objects - {"1"}))):
        if served != bool(document["themes"][audience]):
            yield f"themes.{audience}", _("主题应与服务对象一致：有这类服务对象的才写，也必须写")


def _contacts(document: Document) -> Findings:
    phones = {name: document[name]["phones"] for name in ("enquiry", "complaint")}
    for name, numbers in phones.items():
        if not all(AREA_CODE.fullmatch(number) for number in numbers):
            yield f"{name}.phones", _("电话要带区号")
    if set(phones["enquiry"]) & set(phones["complaint"]):
        yield "complaint.phones", _("咨询电话和投诉电话不能相同")


RULES: tuple[Callable[[Document], Findings], ...] = (
    _terms,
    _licence_term,
    _own_rules,
    _licence,
    _keys,
    _materials,
    _fields,
    _results,
    _visits,
    _fees,
    _special_procedures,
    _themes,
    _contacts,
    situations.sound,
    elements.agree,
    *formedit.RULES,
)
