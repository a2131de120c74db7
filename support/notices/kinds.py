"""What can be told, in which words. A kind's placeholders are the only facts that a notice keeps.

Allowed facts: names of matters, agencies, papers and certificates, case numbers, terms and their rules, the
outcome of a case. Never an identity number, a telephone number, an address or anything out of an application.
"""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext, override
from django.utils.translation import gettext_lazy as _

Fact = str | dict[str, str]  # a text, or the same text by language


@dataclass(frozen=True)
class Kind:
    """`sms`: worth a text message: a term that runs against the applicant, acceptance, a decision."""

    title: Promise | str
    body: Promise | str
    sms: bool = False

    @cached_property
    def placeholders(self) -> frozenset[str]:
        return frozenset(re.findall(r"%\((\w+)\)s", f"{self.title}{self.body}"))

    def title_facts(self, facts: Mapping[str, Fact]) -> dict[str, str]:
        """What the title says, in the reader's language: all that a text message tells."""
        names = re.findall(r"%\((\w+)\)s", str(self.title))
        return {name: _say(facts[name]) for name in names if name in facts}

    def facts(self, context: Mapping[str, Fact | Promise]) -> dict[str, Fact]:
        """The facts this kind keeps. Raises KeyError if the caller left one out."""
        wanted = {name: context[name] for name in self.placeholders}
        with override(settings.LANGUAGE_CODE):  # the words of the source, which each reader has translated
            return {name: fact if isinstance(fact, dict) else str(fact) for name, fact in wanted.items()}


def fill(text: Promise | str, facts: Mapping[str, Fact]) -> str:
    """The text in the reader's language. A fact that an older notice does not have stays empty."""
    return str(text) % defaultdict(str, {name: _say(fact) for name, fact in facts.items()})


def _say(fact: Fact) -> str:
    if isinstance(fact, str):
        return gettext(fact)
    return fact.get(get_language() or "") or fact.get(settings.LANGUAGE_CODE, "")


KINDS = {
    # --- to the applicant
    "case_received": Kind(
        _("已收到您的申请：%(matter)s"),
        _("办件编号 %(number)s。是否受理及受理期限请在办件页面查看。"),
    ),
    "case_accepted": Kind(
        _("您的申请已受理：%(matter)s"),
        _("办件编号 %(number)s。办理时限自受理之日起计算，受理通知书可在办件页面下载。"),
        sms=True,
    ),
    "case_accepted_deferring": Kind(
        _("您的申请已容缺受理：%(matter)s"),
        _(
            "办件编号 %(number)s。请在容缺受理通知书写明的期限内（最晚 %(day)s）补交：%(names)s。"
            "办理时限自受理之日起计算；没有补齐的，不能准予。"
        ),
        sms=True,
    ),
    "deferred_received": Kind(
        _("已收到您补交的材料：%(matter)s"),
        _("办件编号 %(number)s。已收到：%(names)s，等待核对。"),
    ),
    "deferred_judged": Kind(
        _("补交的材料已核对：%(matter)s"),
        _("办件编号 %(number)s。%(found)s"),
    ),
    "deferred_soon": Kind(
        _("容缺材料快到补交期限：%(matter)s"),
        _("办件编号 %(number)s。请在 %(day)s 前补交：%(names)s。没有补齐的，不能准予。"),
        sms=True,
    ),
    "deferred_over": Kind(
        _("容缺材料补交期限已到：%(matter)s"),
        _("办件编号 %(number)s，没有收到：%(names)s。办理机关作出决定之前，您仍可以补交；没有补齐的，不能准予。"),
        sms=True,
    ),
    "case_deemed_accepted": Kind(
        _("您的申请依法视为已受理：%(matter)s"),
        _(
            "办件编号 %(number)s。行政机关在受理期限内没有告知需要补正的内容，"
            "依照%(basis)s，自收到申请材料之日起即为受理。"
        ),
        sms=True,
    ),
    "case_dates_moved": Kind(
        _("期限有变化：%(matter)s"),
        _("办件编号 %(number)s。放假通知公布后，期限已重新计算，最新日期请在办件页面查看。"),
    ),
    "case_refused_acceptance": Kind(
        _("您的申请不予受理：%(matter)s"),
        _("办件编号 %(number)s。理由、可以去哪里办理以及救济途径见不予受理决定书。"),
        sms=True,
    ),
    "case_not_required": Kind(
        _("您的申请不需要受理：%(matter)s"),
        _("办件编号 %(number)s。您要办的事依法不需要取得行政许可，理由见不受理通知书。"),
        sms=True,
    ),
    "case_to_correct": Kind(
        _("请补正申请材料：%(matter)s"),
        _(
            "办件编号 %(number)s。需要补正的全部内容已一次性列明，请在 %(day)s 前在办件页面补正。"
            "按要求全部补正后，行政机关应当受理。"
        ),
        sms=True,
    ),
    "case_supplemented": Kind(
        _("已收到您的补正：%(matter)s"),
        _("办件编号 %(number)s。行政机关只核对告知书列明的内容，不会再要求补正别的内容。"),
    ),
    "correction_over": Kind(
        _("补正期限已到：%(matter)s"),
        _("办件编号 %(number)s。在行政机关退件之前，您仍可以提交补正；退件后可以重新申请。"),
        sms=True,
    ),
    "case_returned": Kind(
        _("您的申请已退件：%(matter)s"),
        _("办件编号 %(number)s。补正期限内没有收到您的补正，材料已退回。您可以随时重新申请，不受影响。"),
        sms=True,
    ),
    "case_procedure": Kind(
        _("特别程序：%(matter)s"),
        _("办件编号 %(number)s。本件进行%(procedure)s，到 %(day)s 为止，%(counting)s。理由和依据见特别程序告知书。"),
    ),
    "case_procedure_ended": Kind(
        _("特别程序已结束：%(matter)s"),
        _("办件编号 %(number)s。%(procedure)s已于 %(day)s 结束，办结日期请在办件页面查看。"),
    ),
    "case_extended": Kind(
        _("办理期限已延长：%(matter)s"),
        _("办件编号 %(number)s。经机关负责人批准，法定办结时限延长到 %(day)s。理由见延期告知书。"),
        sms=True,
    ),
    "case_granted": Kind(
        _("您的申请有结果了：%(matter)s"),
        _("办件编号 %(number)s，办理结果：%(outcome)s。文书在办件页面查看；有证照的，制作完成后另行通知您。"),
        sms=True,
    ),
    "case_refused": Kind(
        _("您的申请有结果了：%(matter)s"),
        _("办件编号 %(number)s，办理结果：%(outcome)s。理由和救济途径见文书，在办件页面查看。"),
        sms=True,
    ),
    "case_withdrawn": Kind(
        _("您的申请已撤回：%(matter)s"),
        _("办件编号 %(number)s。需要时可以重新申请。"),
    ),
    "certificate_ready": Kind(
        _("您的电子证照已生成：%(certificate)s"),
        _("登录后可以查看、下载和出示。"),
    ),
    "document_ready": Kind(
        _("新的文书可以下载：%(document)s"),
        _("办件编号 %(number)s（%(matter)s）。"),
    ),
    "paper_waiting": Kind(
        _("请领取文书：%(document)s"),
        _("办件编号 %(number)s（%(matter)s）。文书已制成，请到窗口领取；同意电子送达的，可在办件页面更改送达方式。"),
        sms=True,
    ),
    "papers_served": Kind(
        _("文书已登记送达：%(matter)s"),
        _(
            "办件编号 %(number)s。%(count)s 份文书的送达日期登记为 %(on)s（%(recorded)s 登记），申请行政复议等期限"
            "从送达日期起算。请在办件页面核对；与实际不符的，请与办理机关联系，或者拨打监督投诉电话。"
        ),
        sms=True,
    ),
    "rate_invitation": Kind(
        _("请评价本次服务：%(matter)s"),
        _("办件编号 %(number)s 已办结。评价自愿，可以匿名；您的评价会计入该机关的公开数据。"),
    ),
    "case_overdue_party": Kind(
        _("已超过期限：%(matter)s"),
        _("办件编号 %(number)s 超过了%(clock)s。办理机关应当说明理由；您可以拨打监督投诉电话反映。"),
    ),
    "case_relieved": Kind(
        _("新规定减轻了您的办事负担：%(matter)s"),
        _("办件编号 %(number)s。减少的材料、缩短的时限见办件页面，由办理机关照此办理；不会因此向您增加任何要求。"),
    ),
    # --- to whoever had claimed somebody else's number
    "account_released": Kind(
        _("您的账户与所登记的证件号码已解除关联"),
        _(
            "%(on)s，有人持证件到政务服务窗口办事，经查验证件，并声明这个号码的网上账户不是本人的。自即日起，您的账户不再与该号码"
            "关联，不能再查看或者办理其业务。办理机关见本条消息末尾。您认为有误的，请本人持身份证件（单位持营业执照）到该机关的"
            "窗口核实更正，也可以拨打该机关的监督投诉电话，或者依法申请行政复议、提起行政诉讼。"
        ),
    ),
    # --- to officers
    "new_case_officer": Kind(
        _("新的办件：%(matter)s"),
        _("办件编号 %(number)s，等待决定是否受理。"),
    ),
    "case_supplemented_officer": Kind(
        _("待核对补正：%(matter)s"),
        _("办件编号 %(number)s。只能就告知书列明的内容逐项核对；逾期不核对的，视为受理。"),
    ),
    "correction_over_officer": Kind(
        _("补正期限已到：%(matter)s"),
        _("办件编号 %(number)s，申请人没有提交补正。可以退件；申请人在退件前提交的，仍应核对。"),
    ),
    "deferred_received_officer": Kind(
        _("待核对容缺材料：%(matter)s"),
        _("办件编号 %(number)s，申请人补交了：%(names)s。"),
    ),
    "deferred_over_officer": Kind(
        _("容缺材料逾期未补：%(matter)s"),
        _("办件编号 %(number)s，没有收到：%(names)s。请在办理时限内依法作出决定；没有补齐的，不能准予。"),
    ),
    "case_to_review": Kind(
        _("待审查：%(matter)s"),
        _("办件编号 %(number)s 已受理，等待审查意见。"),
    ),
    "case_to_decide": Kind(
        _("待决定：%(matter)s"),
        _("办件编号 %(number)s 已有审查意见，等待决定。"),
    ),
    "case_deemed_accepted_officer": Kind(
        _("逾期未告知，已依法视为受理：%(matter)s"),
        _("办件编号 %(number)s。办理时限自收到申请材料之日起计算，不能再作不予受理或一次性补正告知。"),
    ),
    "case_withdrawn_officer": Kind(
        _("申请人已撤回：%(matter)s"),
        _("办件编号 %(number)s，无需继续办理。"),
    ),
    "procedure_started_officer": Kind(
        _("特别程序：%(matter)s"),
        _("办件编号 %(number)s。%(procedure)s到 %(day)s 为止。结束后请登记结果；还要时间的，应在这一天之前另行告知。"),
    ),
    "procedure_due_officer": Kind(
        _("特别程序今天到期：%(matter)s"),
        _("办件编号 %(number)s。%(procedure)s告知到 %(day)s 为止。今天之内没有另行告知的，明天起恢复计算期限。"),
    ),
    "procedure_ended_officer": Kind(
        _("特别程序已结束：%(matter)s"),
        _("办件编号 %(number)s。%(procedure)s已于 %(day)s 结束，请继续办理。"),
    ),
    "case_overdue": Kind(
        _("已超期：%(matter)s"),
        _("办件编号 %(number)s 超过了%(clock)s。请尽快办理，并依规定说明超期理由。"),
    ),
    "cases_to_end": Kind(
        _("有在办件的设定依据已经废止：%(matter)s"),
        _("请逐件审查，作出写明理由、依据和救济途径的书面决定；不会自动终止。"),
    ),
    "negative_rating": Kind(
        _("收到差评：%(matter)s"),
        _("办件编号 %(number)s。请尽快核实情况，改进服务。"),
    ),
    "negative_rating_anonymous": Kind(
        _("收到匿名差评：%(matter)s"),
        _("评价人选择匿名，不得追查其身份。请核实问题并在规定期限内整改。"),
    ),
    "negative_rating_alone": Kind(
        _("收到匿名差评"),
        _("近期办结的同类办件较少，为保护评价人，不显示事项。请核实问题并在规定期限内整改。"),
    ),
}
