"""Which rules a case obeys and in which words: 行政许可法 for licences, the published guide for the rest.

The statute governs licences and nothing else (行政许可法 2, 3), and no guide can switch it off. A
confirmation is confirmed, a benefit granted, a filing filed; each rests on the law its guide names.
Papers have their own words in `support.documents.kinds.ACTS`, by the same keys.
"""

from dataclasses import dataclass, replace

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from applications.models import Application, State
from applications.workflow import STEPS, Step
from matters.guides import SOURCE, Guide
from support.calendars.terms import Unit
from support.documents.kinds import ACTS, LICENCE, OTHER

Words = str | Promise


@dataclass(frozen=True)
class Speech:
    """What one kind of act calls its two outcomes: as a step, on the spot, and as a state."""

    grant: Words
    at_once: Words
    refuse: Words
    granted: Words
    refused: Words
    deciding: Words = _("作出决定")


SPEECH = {
    LICENCE: Speech(
        _("准予行政许可"), _("当场准予行政许可"), _("不予行政许可"), _("已准予行政许可"), _("不予行政许可")
    ),
    "confirmation": Speech(
        _("予以确认"), _("当场予以确认"), _("不予确认"), _("已予确认"), _("不予确认")
    ),
    "benefit": Speech(_("准予给付"), _("当场准予给付"), _("不予给付"), _("已准予给付"), _("不予给付")),
    "reward": Speech(_("予以奖励"), _("当场予以奖励"), _("不予奖励"), _("已予奖励"), _("不予奖励")),
    "ruling": Speech(_("作出裁决"), _("当场作出裁决"), _("驳回申请"), _("已作出裁决"), _("已驳回申请")),
    "filing": Speech(_("予以备案"), _("当场予以备案"), _("不予备案"), _("已备案"), _("不予备案")),
    "service": Speech(
        _("办结"), _("当场办结"), _("不予办理"), _("已办结"), _("不予办理"), deciding=_("办结")
    ),
    OTHER: Speech(_("准予办理"), _("当场准予办理"), _("不予办理"), _("已准予办理"), _("不予办理")),
}  # fmt: skip
assert SPEECH.keys() == ACTS.keys()

# GB/T 39046 A.1; from 20 on 公共服务. It has no code for 备案, which comes among 10 其他类别 by its name.
ACT_OF_TYPE = {"05": "benefit", "07": "confirmation", "08": "reward", "09": "ruling"}
FIRST_SERVICE = 20
FILING_WORD = "备案"


def act_of(guide: Guide) -> str:
    """The kind of act, a key of SPEECH and ACTS."""
    if guide.is_licence:
        return LICENCE
    if guide.task_type in ACT_OF_TYPE:
        return ACT_OF_TYPE[guide.task_type]
    if int(guide.task_type) >= FIRST_SERVICE:
        return "service"
    return "filing" if FILING_WORD in guide.document["name"][SOURCE] else OTHER


BEFORE_REVIEW = (
    "accept", "refuse_acceptance", "request_correction", "supplement", "accept_corrected", "refuse_corrected",
)  # fmt: skip


PUBLISHED = gettext_noop("办事指南公布的特别程序")
ORDINARY_TERM = 20  # working days: 行政许可法 42(1)


def speech(guide: Guide) -> Speech:
    return SPEECH[act_of(guide)]


def is_decision(guide: Guide) -> bool:
    """Whether the outcome is a decision on rights, open as such to 行政复议 and 行政诉讼; a public service
    is none, though what is done in it may be contested where the law allows."""
    return ACTS[act_of(guide)].decided


def state_words(state: State, guide: Guide) -> Words:
    """A state as cases of this kind call it."""
    said = speech(guide)
    return {State.GRANTED: said.granted, State.REFUSED: said.refused}.get(state, state.label)


def step(name: str, guide: Guide) -> Step:
    """A step of the table as cases under this guide speak it, on the basis that they have. Raises KeyError."""
    plain = STEPS[name]
    said = speech(guide)
    labels = {"grant": said.grant, "grant_at_once": said.at_once, "refuse": said.refuse}
    return replace(plain, label=labels.get(name, plain.label), basis=basis(plain, guide))


def basis(step: Step, guide: Guide) -> str:
    """The rule on which a step rests: the article for licences, else what the guide publishes."""
    if guide.is_licence or step.deferring or step.name in ("withdraw", "return_unanswered"):
        return step.basis
    if step.name == "deem_accepted":
        return guide.silence_basis
    if step.name in BEFORE_REVIEW:
        return guide.term_basis("acceptance")
    if step.listed:
        return PUBLISHED
    return guide.foundation


def misfit(step: Step, guide: Guide) -> str:
    """Why cases under this guide do not know the step; empty if they do. Only 即办件 are decided on the spot;
    不受理 (32(1)(一)) and the extension (42) belong to licences; a procedure must be published."""
    if step.licence and not guide.is_licence:
        return gettext("本事项不是行政许可，不适用“%(step)s”。") % {"step": step.label}
    if step.instant and not guide.is_instant:
        return gettext("本事项不是即办件，不能当场办结。请先受理，再按程序审查。")
    if step.listed and not guide.procedures:
        return gettext("办事指南没有公布特别程序，不能启动。")
    if step.extends and not extendable(guide):
        return gettext("本事项的法定时限由其他法律、法规规定，不适用行政许可法第四十二条第一款的延长。")
    return ""


def fits(step: Step, guide: Guide, case: Application) -> bool:
    """Whether this case knows the step: its guide does, and 容缺 is for cases in which materials were left out."""
    return not misfit(step, guide) and step.deferring in (None, bool(case.deferred_open))


def extendable(guide: Guide) -> bool:
    """Whether the term is that of 行政许可法 42(1), twenty working days, or one shortened within it. A longer
    one rests on another law or on joint handling (42(2)), each with its own rule of extension."""
    term = guide.statutory
    return term is not None and term.unit is Unit.WORKDAY and term.amount <= ORDINARY_TERM


def in_every_language(words: Words) -> dict[str, str]:
    """Words as a fact of a notice, which each reader reads in the own language."""
    said = {}
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            said[code] = str(words)
    return said
