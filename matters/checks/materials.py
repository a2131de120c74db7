"""Rules on what is asked of the applicant: materials and form, and what the result takes from them."""

import re
from collections import Counter
from collections.abc import Iterator

from django.utils.translation import gettext as _

from matters import codes, ranks
from matters.checks.rule import Document, Findings, days
from matters.guides import SOURCE
from matters.scripts import fold

# 优化营商环境条例 19 and the provincial rules: no 兜底 material that leaves open what is wanted.
CATCH_ALL = re.compile(
    r"其[他它](?:需要|应当|有关|相关|必要)?[^，。]{0,12}(?:材料|资料|文件|证明)"
    r"|法律.{0,4}法规.{0,8}其[他它]"
    r"|等(?:有关|相关|其[他它])?(?:材料|资料|文件|证明)"
)
PERSONAL = ("idnumber", "phone", "email", "party.number", "party.phone", "party.address")
# 国办发〔2020〕42号: what an authority or another body issues to attest a fact. Papers that prove who one is or
# what one owns are certificates.
PROOF = re.compile(r"(?<!身份)(?<!权属)证明")
PROOF_RANKS = ranks.NATIONAL | {ranks.Rank.LOCAL_REGULATION}
MARKET = {"2", "5"}  # service objects that are 市场主体
ON_PAPER = {"1", "4"}  # 收取方式


def keys_once(document: Document) -> Findings:
    steps = document["form"]["steps"]
    lists = {
        "materials": document["materials"],
        "form.steps": steps,
        "form.fields": [field for step in steps for field in step["fields"]],
        "results": document["results"],
        "process": document["process"],
        "special_procedures": document["special_procedures"],
    }
    for path, items in lists.items():
        for key, count in Counter(item["key"] for item in items).items():
            if count > 1:
                yield path, _("标识 %(key)s 重复，请改为不同的标识") % {"key": key}


# --- materials -----------------------------------------------------------------------------------


def _each(document: Document) -> Iterator[tuple[str, Document]]:
    for i, material in enumerate(document["materials"]):
        yield f"materials[{i}]", material


def no_catch_all(document: Document) -> Findings:
    for path, material in _each(document):
        if CATCH_ALL.search(fold(material["name"][SOURCE])):
            yield f"{path}.name", _("不得要求兜底性材料，请写明具体材料")


def deferral_has_a_term(document: Document) -> Findings:
    for path, material in _each(document):
        if material["necessity"] == codes.DEFERRABLE and "deferrable_days" not in material:
            yield f"{path}.deferrable_days", _("容缺后补的材料要写明补交期限")


def deferral_within_the_term(document: Document) -> Findings:
    """Acceptance starts the clock; what is handed in later must come while it still runs."""
    terms = document["terms"]
    clock = terms.get("statutory") or terms.get("promised")
    for path, material in _each(document):
        if material["necessity"] != codes.DEFERRABLE or "deferrable_days" not in material:
            continue
        later = {"amount": material["deferrable_days"], "unit": "workday"}
        if clock is None or days(later) >= days(clock):
            yield f"{path}.deferrable_days", _("容缺补交期限要短于办结时限，否则补齐之前时限就已届满，请缩短")


def main_materials_marked(document: Document) -> Findings:
    kinds = {material["necessity"] for material in document["materials"]}
    if codes.DEFERRABLE in kinds and codes.REQUIRED not in kinds:
        yield "materials", _("可以容缺受理的，要有标为“必要”的主要申请材料")


def copies_of_something(document: Document) -> Findings:
    for path, material in _each(document):
        if not sum(material["copies"].values()):
            yield f"{path}.copies", _("原件和复印件不能都是 0 份")


def forms_have_blank_and_sample(document: Document) -> Findings:
    for path, material in _each(document):
        if material["type"] == codes.FORM and not ("blank" in material and "sample" in material):
            yield path, _("申请表格文书要有空白表和样表")


def _weak_proofs(document: Document) -> Findings:
    for path, material in _each(document):
        asked = material["type"] == codes.CERTIFICATE and PROOF.search(fold(material["name"][SOURCE]))
        if asked and not ranks.reaches(material["basis"][SOURCE], PROOF_RANKS):
            yield (
                f"{path}.basis",
                _("证明事项要有法律、法规或者国务院决定作依据；没有的，请取消，或者改为告知承诺、部门核查"),
            )


def proofs_of_business(document: Document) -> Findings:
    if MARKET & set(document["service_objects"]):
        yield from _weak_proofs(document)


def proofs_of_people(document: Document) -> Findings:
    if not MARKET & set(document["service_objects"]):
        yield from _weak_proofs(document)


def held_by_the_state(document: Document) -> Findings:
    for path, material in _each(document):
        if "certificate_type" in material and set(material["collect"]) <= ON_PAPER:
            yield f"{path}.collect", _("已有电子证照的材料不能只收纸质，请增加“证照库”或者附件上传")


# --- the form ------------------------------------------------------------------------------------


def _fields(document: Document) -> Iterator[tuple[str, Document]]:
    for i, step in enumerate(document["form"]["steps"]):
        for j, field in enumerate(step["fields"]):
            yield f"form.steps[{i}].fields[{j}]", field


def personal_is_sealed(document: Document) -> Findings:
    for path, field in _fields(document):
        personal = field["type"] in PERSONAL or field.get("prefill") in PERSONAL
        if personal and not field.get("sensitive"):
            yield f"{path}.sensitive", _("个人信息项目必须标明加密保存")


# --- results -------------------------------------------------------------------------------------


def certificate_has_type(document: Document) -> Findings:
    for i, result in enumerate(document["results"]):
        if result["kind"] == "1" and "type_code" not in result:
            yield f"results[{i}].type_code", _("证照要写明证照类型代码")


def result_has_sample(document: Document) -> Findings:
    for i, result in enumerate(document["results"]):
        if result["kind"] != codes.NO_RESULT and not result.get("sample"):
            yield f"results[{i}].sample", _("有办理结果的，要有结果样本")


def contents_come_from_the_form(document: Document) -> Findings:
    keys = {field["key"] for _path, field in _fields(document)}
    for i, result in enumerate(document["results"]):
        for j, content in enumerate(result.get("contents", ())):
            if content["source"] not in keys:
                yield f"results[{i}].contents[{j}].source", _("申请表中没有这一项")
