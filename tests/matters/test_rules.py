"""Every rule of the table has a document that breaks it and nothing else; warnings bind where hardened."""

import copy
import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from matters.actions import GuideRefused, load_samples, publish
from matters.checks import RULES, findings, problems, schema, warnings
from matters.models import DirectoryEntry, GuideVersion, HardenedRule, Standard
from support.places.models import Agency
from support.records.actor import TIMER
from tests.matters.conftest import NOW, text

FOOD, SIGN = "food", "sign"
Change = tuple[str, Any]  # the path within the document, its new value (None: removed)
LAW = text("《中华人民共和国行政许可法》第四十二条")
FEE = {"name": text("工本费"), "standard": text("十元"), "basis": text("《示例条例》"), "reducible": False}
RULE_OF_A_DEPARTMENT = text("《示例管理办法》第三条")
PROOF = {
    "key": "proof", "name": text("无违法证明"), "type": "1", "necessity": "1", "format": "3", "source_type": "20",
    "source": text("主管部门"), "copies": {"original": 1, "copy": 0}, "collect": ["2"],
    "standard": text("真实"), "basis": RULE_OF_A_DEPARTMENT,
}  # fmt: skip
PLEDGE = {
    "available": True, "text": text("承诺符合条件"), "kind": "condition", "duty": text("如实"),
    "liability": text("撤销"), "check_method": text("现场"), "check_term": {"amount": 30, "unit": "workday"},
    "public": True, "assessment": {"excluded": [], "reason": text("可以纠正"), "on": "2026-01-05"},
}  # fmt: skip
INTERMEDIARY = {
    "name": text("评估"), "basis": RULE_OF_A_DEPARTMENT, "conditions": text("有资质"), "process": text("委托"),
    "term": text("十日"), "fee": text("协商"),
}  # fmt: skip

SITUATION = {
    "key": "premises", "question": text("招牌在哪里？"),
    "options": [{"value": "own", "label": text("自有")}, {"value": "let", "label": text("租赁")}],
}  # fmt: skip

FIELDS = "form.steps.0.fields"
QUESTION = {"key": "b", "type": "text", "label": text("乙", en="B")}
CHOICE = {
    "key": "a", "type": "choice", "label": text("甲", en="A"),
    "choices": [{"value": value, "label": text(value, en=value)} for value in ("x", "y")],
}  # fmt: skip

BREACHES: dict[str, tuple[str, list[Change]]] = {
    "T01": (FOOD, [("terms.promised", {"amount": 16, "unit": "workday"})]),
    "T02": (FOOD, [("terms.promised", None)]),
    "T03": (FOOD, [("project_type", "1")]),
    "T04": (FOOD, [("terms.statutory", None)]),
    "T05": (FOOD, [("terms.acceptance.amount", 6)]),
    "T06": (SIGN, [("identity.task_type", "01")]),
    "T07": (FOOD, [("terms.statutory", {"amount": 21, "unit": "workday", "basis": LAW})]),
    "T08": (
        FOOD,
        [("terms.statutory", {"amount": 46, "unit": "workday",
                              "basis": text("《中华人民共和国行政许可法》第二十六条")})],
    ),
    "T09": (FOOD, [("terms.acceptance.silence_basis", text("《示例条例》"))]),
    "T10": (FOOD, [("terms.issue", {"amount": 5, "unit": "workday", "basis": text("《示例条例》")})]),
    "T11": (SIGN, [("basis.0.law", text("《中华人民共和国行政许可法》"))]),
    "T12": (FOOD, [("special_procedures.0.excluded_from_statutory", True)]),
    "T13": (FOOD, [("special_procedures.0.charged", True)]),
    "B01": (SIGN, [("identity.catalog_code", "null")]),
    "L01": (FOOD, [("faq", [])]),
    "L02": (FOOD, [("process.3.name", text("决定"))]),
    "K01": (FOOD, [("process.1.key", "accept")]),
    "M01": (FOOD, [("materials.1.name", text("其他相关材料"))]),
    "M02": (FOOD, [("materials.1.necessity", "3")]),
    "M03": (FOOD, [("materials.1.necessity", "3"), ("materials.1.deferrable_days", 15)]),
    "M04": (SIGN, [("materials", [{**PROOF, "necessity": "3", "deferrable_days": 1, "name": text("平面图")}])]),
    "M05": (FOOD, [("materials.1.copies", {"original": 0, "copy": 0})]),
    "M06": (FOOD, [("materials.0.blank", None)]),
    "M07": (SIGN, [("materials", [PROOF])]),
    "M08": (SIGN, [("materials", [PROOF]), ("service_objects", ["1"]), ("themes", {"natural": ["040"], "legal": []})]),
    "M09": (
        SIGN,
        [("materials", [{**PROOF, "name": text("营业执照"), "collect": ["1"],
                         "certificate_type": "11100000000013338W011"}])],
    ),
    "F01": (FOOD, [("form.steps.0.fields.2.show_if.equals", "nobody")]),
    "F02": (FOOD, [("form.steps.0.fields.5.sensitive", False)]),
    "F03": (SIGN, [(FIELDS, [CHOICE, {**QUESTION, "show_if": {"all": [
        {"field": "a", "equals": "x"}, {"field": "a", "equals": "y"}]}}])]),
    "F04": (SIGN, [(FIELDS, [{**QUESTION, "type": "number", "minimum": "5", "maximum": "4"}])]),
    "F05": (SIGN, [(FIELDS, [{**QUESTION, "min_length": 101}])]),
    "F06": (SIGN, [(FIELDS, [{**QUESTION, "pattern": {"match": "(a+)+b", "words": text("不对", en="no")}}])]),
    "F07": (SIGN, [(FIELDS, [{**CHOICE, "choices": [CHOICE["choices"][0]] * 2}])]),
    "F08": (SIGN, [(FIELDS, [{**QUESTION, "type": "table", "columns": [{**QUESTION, "required": False}]}])]),
    "F09": (SIGN, [(FIELDS, [{**QUESTION, "type": "bankcard"}])]),
    "F10": (FOOD, [("form.steps.1.fields.0.required", False)]),
    "F11": (SIGN, [(FIELDS, [{**QUESTION, "key": f"q{n}"} for n in range(8)])]),
    "R01": (FOOD, [("results.0.type_code", None)]),
    "R02": (FOOD, [("results.0.sample", [])]),
    "R03": (FOOD, [("results.0.contents.0.source", "nothing")]),
    "V01": (SIGN, [("online.full", False), ("visits", {"count": "1"})]),
    "V02": (SIGN, [("visits", {"count": "1", "reason": text("核对原件")})]),
    "V03": (SIGN, [("online", {"available": False, "full": False, "depth": ["1"]})]),
    "C01": (SIGN, [("fees.charged", True)]),
    "C02": (SIGN, [("fees.items", [FEE])]),
    "C03": (SIGN, [("online.pay", True)]),
    "C04": (SIGN, [("fees", {"charged": True, "items": [{**FEE, "basis": RULE_OF_A_DEPARTMENT}]})]),
    "C05": (FOOD, [("fees", {"charged": True, "items": [{**FEE, "basis": text("经国务院批准，财综〔2016〕60号")}]})]),
    "C06": (SIGN, [("fees", {"charged": True, "items": [{**FEE, "reducible": True}]})]),
    "H01": (SIGN, [("themes.legal", ["123"])]),
    "H02": (SIGN, [("themes.natural", ["040"])]),
    "P01": (SIGN, [("enquiry.phones", ["0000021"])]),
    "P02": (SIGN, [("complaint.phones", ["0951-0000021"])]),
    "I01": (SIGN, [("intermediaries", [INTERMEDIARY])]),
    "A01": (SIGN, [("pledge", {name: part for name, part in PLEDGE.items() if name != "liability"})]),
    "A02": (
        SIGN,
        [("pledge", {**PLEDGE, "assessment": {**PLEDGE["assessment"], "excluded": ["health"]}})],
    ),
    "Q01": (SIGN, [("situations", [SITUATION])]),
    "E01": (SIGN, [("services", {"appointment_quota": text("每日十个")})]),
    "N01": (SIGN, [("terms.promised.amount", 9)]),
    "N02": (SIGN, [("terms.promised.amount", 9)]),
    "A03": (SIGN, [("pledge", PLEDGE), ("name", text("危险化学品经营登记"))]),
}  # fmt: skip
ACCEPTED: list[tuple[str, list[Change]]] = [
    (SIGN, [("pledge", PLEDGE)]),
    (SIGN, [("fees", {"charged": True, "items": [{**FEE, "basis": text("经国务院同意，财综〔2016〕60号")}]})]),
    (
        FOOD,
        [("fees", {"charged": True, "items": [{**FEE, "basis": text("《中华人民共和国示例法》第三条")}]})],
    ),
    (SIGN, [("materials", [{**PROOF, "basis": text("《国务院关于示例的决定》")}])]),
    (SIGN, [("materials", [{**PROOF, "name": text("法定代表人身份证明")}])]),
    (SIGN, [("intermediaries", [{**INTERMEDIARY, "basis": text("《示例条例》第三条")}])]),
    (FOOD, [("materials.1.necessity", "3"), ("materials.1.deferrable_days", 14)]),
]


@pytest.fixture(scope="module")
def good(django_db_setup, django_db_blocker) -> dict[str, Any]:
    """The two good documents; made once, in a transaction that is taken back."""
    from django.db import transaction

    from matters.actions import complete
    from matters.models import Matter
    from support.accounts.demo import AGENCY_USCC
    from support.places.actions import load_agencies, load_regions
    from tests.matters.conftest import SMALL

    with django_db_blocker.unblock(), transaction.atomic():
        load_regions(deepest=4)
        load_agencies()
        load_samples(NOW, only=["food-business-licence"])
        food = GuideVersion.objects.get().document
        entry = DirectoryEntry(catalog_code="640799001000", task_type="07", use_level="4")
        agency = Agency.objects.get(uscc=AGENCY_USCC)
        matter = Matter(
            task_code=f"{agency.uscc}4640799001000",
            agency=agency,
            directory=entry,
            task_type="07",
            regime="other",
        )
        sign = complete(matter, copy.deepcopy(SMALL))
        transaction.set_rollback(True)
    return {FOOD: food, SIGN: sign}


def changed(document: dict[str, Any], changes: list[Change]) -> dict[str, Any]:
    document = copy.deepcopy(document)
    for path, value in changes:
        node: Any = document
        *steps, last = [int(step) if step.isdigit() else step for step in path.split(".")]
        for step in steps:
            node = node[step]
        if value is None:
            del node[last]
        else:
            node[last] = None if value == "null" else copy.deepcopy(value)
    return document


@pytest.mark.django_db
@pytest.mark.parametrize("code", [rule.code for rule in RULES])
def test_each_rule_reports_its_breach_and_no_other_rule_does(good, code, request):
    kind, changes = BREACHES[code]
    if code.startswith("N"):
        request.getfixturevalue("standing")("in_force" if code == "N01" else "trial", good[kind])
    assert findings(good[kind]) == []
    found = findings(changed(good[kind], changes))
    assert {problem.code for problem in found} == {code}
    level = next(rule.level for rule in RULES if rule.code == code)
    assert {problem.level for problem in found} == {level}
    assert all(problem.path and problem.message for problem in found)


LICENCE_LAW_45 = text("《中华人民共和国行政许可法》第四十五条")
FURTHER = [
    ("T12", FOOD, [("special_procedures.0.excluded_from_statutory", True),
                   ("special_procedures.0.exclusion_basis", LICENCE_LAW_45)]),
    ("T13", FOOD, [("special_procedures.0.charged", True),
                   ("special_procedures.0.charge_basis", RULE_OF_A_DEPARTMENT)]),
    ("C04", SIGN, [("fees", {"charged": True, "items": [{**FEE, "basis": text("《宁夏回族自治区示例条例》")}]})]),
]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize(("code", "kind", "changes"), FURTHER)
def test_a_rule_has_more_than_one_breach(good, code, kind, changes):
    assert {problem.code for problem in findings(changed(good[kind], changes))} == {code}


@pytest.mark.django_db
@pytest.mark.parametrize(("kind", "changes"), ACCEPTED)
def test_what_the_rules_allow(good, kind, changes):
    assert findings(changed(good[kind], changes)) == []


def test_every_code_is_there_once_with_a_breach_and_a_row_in_the_docs():
    rules = [rule.code for rule in RULES]
    assert len(rules) == len(set(rules))
    assert set(rules) == set(BREACHES)
    lines = (Path(settings.BASE_DIR) / "docs" / "conformity.md").read_text(encoding="utf-8").splitlines()
    rows = [re.split(r" *\| *", line.strip("| ")) for line in lines if line.startswith("|")][2:]
    said = [[rule.code, str(rule.title), rule.level.value, str(rule.source)] for rule in RULES]
    assert rows == [[schema.CODE, "符合格式", "error", "matters/schema/guide-1.json"], *said]


@pytest.mark.django_db
def test_the_schema_has_a_code_too(good):
    assert {problem.code for problem in problems(changed(good[SIGN], [("basis", [])]))} == {"S01"}


@pytest.fixture
def standing(agency, editor):
    """Make the document the standard of its entry, for the whole region or on trial in the county."""

    def make(state, document, **changes) -> Standard:
        now = timezone.now()
        entry = DirectoryEntry.objects.create(
            catalog_code="640799001000", name="登记", task_type="07", use_level="4"
        )
        days = {"starts_at": now - dt.timedelta(days=1), "ends_at": now + dt.timedelta(days=1)} | changes
        region = agency.region.parent.parent
        department = Agency.objects.filter(region=region).first()
        standard = Standard.objects.create(
            directory=entry,
            agency=department,
            document=document,
            state=state,
            made_by=editor,
            made_at=now,
            **days,
        )
        standard.regions.add(agency.region)
        return standard

    return make


@pytest.mark.django_db
def test_a_guide_may_be_kinder_than_the_standard(good, standing):
    standing("in_force", good[SIGN])
    assert findings(changed(good[SIGN], [("terms.promised.amount", 1)])) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("state", "days"),
    [("ended", {}), ("approved", {}), ("trial", {"ends_at": NOW - dt.timedelta(days=400)}),
     ("trial", {"starts_at": NOW + dt.timedelta(days=4000), "ends_at": NOW + dt.timedelta(days=5000)})],
)  # fmt: skip
def test_a_standard_not_at_work_binds_nobody(good, standing, state, days):
    standing(state, good[SIGN], **days)
    assert findings(changed(good[SIGN], BREACHES["N01"][1])) == []


@pytest.mark.django_db
def test_a_trial_elsewhere_warns_nobody_here(good, standing, agency_elsewhere):
    standing("trial", good[SIGN]).regions.set([agency_elsewhere.region])
    assert findings(changed(good[SIGN], BREACHES["N02"][1])) == []


# --- practice and law ----------------------------------------------------------------------------


@pytest.fixture
def same_phone(small):
    return {**small, "complaint": small["enquiry"]}


def test_a_warning_keeps_nothing_from_being_published(matter, same_phone):
    version = publish(matter, same_phone, starts_at=NOW, actor=TIMER, now=NOW)
    assert [problem.code for problem in warnings(version.document)] == ["P02"]


@pytest.mark.parametrize(
    ("region", "binds"), [("640104000000", True), ("640000000000", True), ("640106000000", False)]
)
def test_a_hardened_rule_binds_in_its_region_and_beneath(matter, same_phone, reviewer, region, binds):
    HardenedRule.objects.create(region_id=region, code="P02", by=reviewer, at=NOW)
    HardenedRule.objects.create(region_id=region, code="L01", by=reviewer, at=NOW)
    if not binds:
        publish(matter, same_phone, starts_at=NOW, actor=TIMER, now=NOW)
        return
    with pytest.raises(GuideRefused) as told:
        publish(matter, same_phone, starts_at=NOW, actor=TIMER, now=NOW)
    assert [problem.code for problem in told.value.problems] == ["P02"]
