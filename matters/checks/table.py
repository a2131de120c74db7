"""The table of rules: code, what is asked for, function, source. docs/conformity.md is checked against it.

To add a rule: write a function `(document) -> Iterator[(path, words)]`, give it a line here with a new code,
a failing fixture in tests/matters/test_rules.py and a row in docs/conformity.md.
"""

from django.utils.translation import gettext_lazy as _

from matters import elements, situations
from matters.checks import materials, service, standards, terms
from matters.checks.rule import CONSISTENCY, ELEMENTS, PRACTICE, Rule

RULES: tuple[Rule, ...] = (
    Rule("T01", _("承诺不长于法定"), terms.promise_within_the_law, _("设定该时限的法律、法规")),
    Rule("T02", _("承诺件有承诺时限"), terms.promise_of_a_promised_matter, ELEMENTS),
    Rule("T03", _("即办件没有承诺时限"), terms.instant_has_no_promise, ELEMENTS),
    Rule(
        "T04",
        _("许可有法定时限"),
        terms.licence_has_statutory_term,
        _("行政许可法第三十条、第四十二条"),
    ),
    Rule(
        "T05",
        _("许可五日内受理"),
        terms.licence_acceptance_term,
        _("行政许可法第三十二条、第八十二条"),
    ),
    Rule("T06", _("制度随事项类型"), terms.regime_follows_type, _("行政许可法第二条、第三条")),
    Rule("T07", _("许可最长二十日"), terms.licence_within_twenty, _("行政许可法第四十二条第一款")),
    Rule(
        "T08",
        _("统一、联合、集中办理最长四十五日"),
        terms.licence_within_forty_five,
        _("行政许可法第四十二条第二款"),
    ),
    Rule("T09", _("许可的沉默由法律规定"), terms.licence_silence_is_the_laws, _("行政许可法第三十二条")),
    Rule("T10", _("许可的送达期限由法律规定"), terms.licence_issue_is_the_laws, _("行政许可法第四十四条")),
    Rule(
        "T11",
        _("许可法只管许可"),
        terms.others_not_by_licence_law,
        _("行政许可法第二条、第三条"),
    ),
    Rule("T12", _("不计时限的程序有依据"), terms.exclusion_has_a_law, _("行政许可法第四十五条")),
    Rule("T13", _("收费的特别程序有依据"), terms.charged_procedure_has_basis, _("行政许可法第五十八条")),
    Rule("B01", _("有基本编码"), service.in_the_directory, ELEMENTS),
    Rule("L01", _("许可有常见问题"), service.licence_has_faq, PRACTICE),
    Rule("L02", _("许可的环节写全"), service.licence_steps_told, _("行政许可法第三十条")),
    Rule("K01", _("标识不重复"), materials.keys_once, CONSISTENCY),
    Rule("M01", _("没有兜底材料"), materials.no_catch_all, _("优化营商环境条例")),
    Rule("M02", _("容缺材料有补交期限"), materials.deferral_has_a_term, ELEMENTS),
    Rule(
        "M03",
        _("容缺期限在办结时限内"),
        materials.deferral_within_the_term,
        _("行政许可法第四十二条（时限自受理起算）"),
    ),
    Rule(
        "M04",
        _("容缺事项有主要材料"),
        materials.main_materials_marked,
        _("宁政发〔2022〕32号（容缺受理清单）"),
    ),
    Rule("M05", _("材料份数不为零"), materials.copies_of_something, CONSISTENCY),
    Rule("M06", _("表格有空白表和样表"), materials.forms_have_blank_and_sample, _("行政许可法第三十条")),
    Rule("M07", _("企业的证明有依据"), materials.proofs_of_business, _("优化营商环境条例")),
    Rule("M08", _("群众的证明有依据"), materials.proofs_of_people, PRACTICE),
    Rule(
        "M09",
        _("有电子证照的不只收纸质"),
        materials.held_by_the_state,
        _("国务院关于在线政务服务的若干规定第七条"),
    ),
    Rule("F01", _("条件可以成立"), materials.conditions_can_hold, CONSISTENCY),
    Rule("F02", _("个人信息加密"), materials.personal_is_sealed, _("个人信息保护法第五十一条")),
    Rule("R01", _("证照有类型代码"), materials.certificate_has_type, ELEMENTS),
    Rule("R02", _("结果有样本"), materials.result_has_sample, PRACTICE),
    Rule("R03", _("证照内容来自申请表"), materials.contents_come_from_the_form, CONSISTENCY),
    Rule("V01", _("到现场有原因"), service.visit_has_reason, ELEMENTS),
    Rule("V02", _("全程网办不到现场"), service.online_means_no_visit, CONSISTENCY),
    Rule("V03", _("零次到现场有办法"), service.no_visit_needs_a_way, CONSISTENCY),
    Rule("C01", _("收费列明项目"), service.fees_are_itemised, _("行政许可法第五十九条")),
    Rule("C02", _("不收费没有项目"), service.free_has_no_items, CONSISTENCY),
    Rule("C03", _("不收费没有支付"), service.free_is_not_paid, CONSISTENCY),
    Rule("C04", _("收费依据的层级"), service.fee_has_rank, _("优化营商环境条例")),
    Rule("C05", _("许可收费的依据"), service.licence_fee_by_law, _("行政许可法第五十八条")),
    Rule("C06", _("减免写明办法"), service.reduction_is_explained, ELEMENTS),
    Rule("H01", _("主题在目录中"), service.themes_are_known, ELEMENTS),
    Rule("H02", _("主题随服务对象"), service.themes_match_objects, ELEMENTS),
    Rule("P01", _("电话带区号"), service.phones_have_area_code, PRACTICE),
    Rule("P02", _("投诉另有电话"), service.complaints_elsewhere, PRACTICE),
    Rule("I01", _("中介服务的依据"), service.intermediary_has_rank, _("优化营商环境条例")),
    Rule("Q01", _("情形提问有用、能答"), situations.sound, CONSISTENCY),
    Rule("E01", _("要素前后一致"), elements.agree, ELEMENTS),
    Rule("A01", _("告知承诺写全"), service.pledge_is_complete, _("国办发〔2020〕42号")),
    Rule(
        "A02",
        _("风险大的不承诺"),
        service.pledge_not_where_excluded,
        _("宁政发〔2022〕32号二（四）"),
    ),
    Rule("A03", _("名称有风险再核对"), service.pledge_looks_risky, PRACTICE),
    Rule(
        "N01",
        _("不重于生效的标准"),
        standards.as_the_standard,
        _("宁政发〔2022〕32号（无差别受理、同标准办理）"),
    ),
    Rule("N02", _("不重于试点的标准"), standards.as_the_trial, PRACTICE),
)
