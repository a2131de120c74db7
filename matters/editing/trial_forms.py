"""The forms in which an author writes a test of a definition."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from matters import codes
from matters.guides import Guide
from matters.models import Trial
from matters.trials import LONGEST_WAIT, MOST_ACTS, Act, Expected, Script

# What an author may let happen, and how a test may end: codes of the workflow, which lies above.
STEPS = [
    ("", _("只等待，不办理")),
    ("accept", _("受理")),
    ("refuse_acceptance", _("不予受理")),
    ("not_required", _("不受理")),
    ("request_correction", _("一次性告知补正（全部材料）")),
    ("supplement", _("申请人提交补正")),
    ("accept_corrected", _("补正齐全，受理")),
    ("give_opinion", _("提出审查意见")),
    ("grant", _("准予")),
    ("grant_at_once", _("当场准予")),
    ("refuse", _("不予准许")),
    ("withdraw", _("申请人撤回")),
]
STATES = [
    ("received", _("待受理")),
    ("correcting", _("待补正")),
    ("supplemented", _("已补正，待核对")),
    ("in_review", _("审查中")),
    ("granted", _("已准予")),
    ("refused", _("未准予")),
    ("not_accepted", _("不予受理")),
    ("not_required", _("不受理")),
    ("withdrawn", _("已撤回申请")),
]
NOTICES = [
    ("case_received", _("已收件")),
    ("case_accepted", _("已受理")),
    ("case_deemed_accepted", _("视为受理")),
    ("case_to_correct", _("请补正")),
    ("case_supplemented", _("已收到补正")),
    ("case_not_required", _("不受理")),
    ("case_refused_acceptance", _("不予受理")),
    ("case_granted", _("已准予")),
    ("case_refused", _("未准予")),
    ("case_withdrawn", _("已撤回")),
]
UNITS = [("workday", _("个工作日")), ("day", _("日")), ("month", _("个月"))]
VERDICTS = [("", _("无")), ("grant", _("建议准予")), ("refuse", _("建议不予"))]


class TrialForm(forms.Form):
    """What a test is for, who applies, and what must come of it."""

    seen = forms.IntegerField(widget=forms.HiddenInput)
    name = forms.CharField(label=_("名称"), max_length=60)
    purpose = forms.ChoiceField(label=_("目的"), choices=Trial.Purpose.choices, widget=forms.RadioSelect)
    applicant = forms.ChoiceField(
        label=_("申请人"), choices=list(codes.AUDIENCES.items()), widget=forms.RadioSelect
    )
    materials = forms.MultipleChoiceField(
        label=_("提交的材料"), required=False, widget=forms.CheckboxSelectMultiple
    )
    state = forms.ChoiceField(label=_("办件状态"), choices=STATES)
    amount = forms.IntegerField(
        label=_("应当办结期限"),
        min_value=0,
        max_value=1000,
        help_text=_("自受理之日（视为受理的，自收件之日）起计算；不产生办结期限的填 0。"),
    )
    unit = forms.ChoiceField(label=_("期限单位"), choices=UNITS)
    notices = forms.MultipleChoiceField(
        label=_("申请人收到的消息"), choices=NOTICES, required=False, widget=forms.CheckboxSelectMultiple
    )
    certificate = forms.BooleanField(label=_("发放证照"), required=False)

    def __init__(self, guide: Guide, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"use_required_attribute": False, **kwargs})
        self.fields["materials"].choices = [(m.key, m.name) for m in guide.uploads]  # type: ignore[attr-defined]
        if not guide.uploads:
            del self.fields["materials"]

    def expected(self) -> Expected:
        data = self.cleaned_data
        return Expected(
            data["state"], tuple(data["notices"]), data["certificate"], data["amount"], data["unit"]
        )


class ActForm(forms.Form):
    """One step, after so many working days. A row left as it is counts for nothing."""

    after = forms.IntegerField(
        label=_("工作日后"), min_value=0, max_value=LONGEST_WAIT, required=False, initial=0
    )
    step = forms.ChoiceField(label=_("办理"), choices=STEPS, required=False)
    verdict = forms.ChoiceField(label=_("意见"), choices=VERDICTS, required=False)
    reasons = forms.CharField(label=_("理由"), max_length=200, required=False)
    where_to_go = forms.CharField(label=_("应向何处申请"), max_length=100, required=False)

    def act(self) -> Act | None:
        data = {key: value for key, value in self.cleaned_data.items() if value not in (None, "")}
        return Act(**data) if data.get("step") or data.get("after") else None


ActForms = forms.formset_factory(ActForm, extra=2, max_num=MOST_ACTS, absolute_max=MOST_ACTS)


def initial_of(trial: Trial, script: Script) -> dict[str, Any]:
    expected = script.expected
    return {
        "seen": trial.revision,
        "name": trial.name,
        "purpose": trial.purpose,
        "applicant": script.applicant,
        "materials": script.materials,
        "state": expected.state,
        "amount": expected.amount,
        "unit": expected.unit,
        "notices": expected.notices,
        "certificate": expected.certificate,
    }
