"""Rules on time: terms, the clock of the law, what stops it. Legal sources stand in the table."""

import re

from django.utils.translation import gettext as _

from matters import codes, ranks
from matters.checks.rule import Document, Findings, days, is_licence
from matters.guides import SOURCE, texts
from matters.ranks import Rank
from matters.scripts import fold

ACCEPTANCE = (5, "workday")  # 行政许可法 32, 82
LICENCE_TERM = {"amount": 20, "unit": "workday"}  # 行政许可法 42(1), 82
JOINT_TERM = {"amount": 45, "unit": "workday"}  # 行政许可法 42(2)
# Names of laws and regulations (行政许可法 42: 法律、法规). A 条例 is never a rule of a department or of a local
# government; a 办法, 规定 or 细则 may be, so it counts only if the State Council or a people's congress is named.
LAW_NAME = re.compile(
    r"《([^《》]*(?:(?<!办)法|条例)|(?:国务院|[^《》]*人民代表大会)[^《》]*(?:规定|办法|决定))》"
)
LICENCE_TYPE = "01"  # GB/T 39046 A.1
LICENCE_LAW = "行政许可法"


def _another_law(text: str) -> bool:
    """Whether a law or regulation is cited besides 行政许可法 itself."""
    if any(LICENCE_LAW not in name for name in LAW_NAME.findall(text)):
        return True
    return ranks.reaches(text, (Rank.LOCAL_REGULATION,))


def promise_within_the_law(document: Document) -> Findings:
    promised, statutory = document["terms"].get("promised"), document["terms"].get("statutory")
    if promised and statutory and days(promised) > days(statutory):
        yield "terms.promised", _("承诺办结时限不能长于法定办结时限，请缩短承诺办结时限")


def promise_of_a_promised_matter(document: Document) -> Findings:
    if document["project_type"] == codes.PROMISED and "promised" not in document["terms"]:
        yield "terms.promised", _("承诺件必须公布承诺办结时限，请填写，或者改为其他办件类型")


def instant_has_no_promise(document: Document) -> Findings:
    if document["project_type"] == codes.INSTANT and "promised" in document["terms"]:
        yield "terms.promised", _("即办件当场办结，不能另有承诺办结时限；请删去，或者改为承诺件")


def licence_has_statutory_term(document: Document) -> Findings:
    if is_licence(document) and "statutory" not in document["terms"]:
        yield "terms.statutory", _("行政许可必须公布法定办结时限")


def licence_acceptance_term(document: Document) -> Findings:
    """Silence over exactly this term is acceptance by law; over a shorter or a longer one it is not."""
    term = document["terms"]["acceptance"]
    if is_licence(document) and (term["amount"], term["unit"]) != ACCEPTANCE:
        yield "terms.acceptance", _("行政许可的受理期限为五个工作日（行政许可法第三十二条、第八十二条）")


def regime_follows_type(document: Document) -> Findings:
    if is_licence(document) != (document["identity"]["task_type"] == LICENCE_TYPE):
        yield "identity.regime", _("行政许可事项，也只有行政许可事项，适用《行政许可法》")


def _longer_by_licence_law_alone(document: Document) -> bool | None:
    """Whether the term of a licence is beyond twenty days without another law: None if not, else whether
    行政许可法 26 is cited."""
    statutory = document["terms"].get("statutory")
    if not is_licence(document) or not statutory or days(statutory) <= days(LICENCE_TERM):
        return None
    basis = fold(statutory["basis"][SOURCE])
    if _another_law(basis):
        return None
    return LICENCE_LAW in basis and "第二十六条" in basis


def licence_within_twenty(document: Document) -> Findings:
    """行政许可法 42: twenty days; forty-five if art. 26 is cited; more only as another law cited provides."""
    if _longer_by_licence_law_alone(document) is False:
        yield (
            "terms.statutory",
            _(
                "行政许可的法定办结时限最长二十个工作日；更长的，依据应写明行政许可法第二十六条或者另有规定的法律、法规"
            ),
        )


def licence_within_forty_five(document: Document) -> Findings:
    if _longer_by_licence_law_alone(document) and days(document["terms"]["statutory"]) > days(JOINT_TERM):
        yield "terms.statutory", _("统一办理或者联合、集中办理的，最长四十五个工作日（行政许可法第四十二条）")


def licence_silence_is_the_laws(document: Document) -> Findings:
    """What the statute says of a licence is not published again in other words."""
    if is_licence(document) and "silence_basis" in document["terms"]["acceptance"]:
        yield (
            "terms.acceptance.silence_basis",
            _("行政许可逾期不告知即为受理，由行政许可法第三十二条规定，指南不能另设或者取消"),
        )


def licence_issue_is_the_laws(document: Document) -> Findings:
    if is_licence(document) and "issue" in document["terms"]:
        yield "terms.issue", _("行政许可证件的颁发、送达期限由行政许可法第四十四条规定，指南不能另设")


def others_not_by_licence_law(document: Document) -> Findings:
    """Outside licences nothing may rest on 行政许可法 (art. 2, 3)."""
    if is_licence(document):
        return
    founded = {f"terms.{name}": term for name, term in document["terms"].items()}
    founded["basis"] = document["basis"]
    for path, part in founded.items():
        if any(LICENCE_LAW in text[SOURCE] for text in texts(part)):
            yield path, _("行政许可以外的事项不能以《行政许可法》为依据")


def exclusion_has_a_law(document: Document) -> Findings:
    """行政许可法 45 stops the clock of a licence and of nothing else; any other exclusion cites its own rule,
    and for a licence that is a law or regulation."""
    licence = is_licence(document)
    for i, procedure in enumerate(document["special_procedures"]):
        if not procedure["excluded_from_statutory"] or (
            licence and procedure["kind"] in codes.EXCLUDED_BY_LAW
        ):
            continue
        cited = fold(procedure["exclusion_basis"][SOURCE]) if "exclusion_basis" in procedure else ""
        if not (_another_law(cited) if licence else cited and LICENCE_LAW not in cited):
            yield (
                f"special_procedures[{i}].excluded_from_statutory",
                _("只有行政许可法第四十五条所列程序或另有法律依据的，才不计入法定办结时限"),
            )


def charged_procedure_has_basis(document: Document) -> Findings:
    """Within a licence (行政许可法 58) the basis is a law or an administrative regulation."""
    for i, procedure in enumerate(document["special_procedures"]):
        if not procedure["charged"]:
            continue
        place = f"special_procedures[{i}].charge_basis"
        if "charge_basis" not in procedure:
            yield place, _("收费的特别程序要写明收费依据")
        elif is_licence(document) and not ranks.reaches(
            procedure["charge_basis"][SOURCE], (Rank.LAW, Rank.REGULATION)
        ):
            yield place, _("实施行政许可不得收费，法律、行政法规另有规定的除外；请写明该法律、行政法规")
