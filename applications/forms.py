"""What people fill in beside the application itself: with a step, how papers come, how they went out.

Each form serves page and API.
"""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from applications.actions import MAX_WORDS
from applications.acts import Inputs
from applications.delivery import Handover, Wish
from applications.models import Application, Manner, Opinion, Service
from applications.workflow import Step
from support.accounts.fields import DatePartsField

TOO_LONG = {"max_length": _("最多 %(limit_value)d 字，现在有 %(show_value)d 字。")}


class StepForm(forms.Form):
    """The inputs of one step, and the revision the officer is looking at. `body` is the template of its fields;
    steps with a form of their own have theirs in `step_forms`."""

    use_required_attribute = False
    body = "applications/_step_fields.html"
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, step: Step, case: Application, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        if "verdict" in step.inputs:
            self.fields["verdict"] = forms.ChoiceField(
                label=_("意见"), choices=Opinion.Verdict.choices, widget=forms.RadioSelect,
                error_messages={"required": _("请选择意见。"), "invalid_choice": _("请选择意见。")},
            )  # fmt: skip
        if "reasons" in step.inputs:
            self.fields["reasons"] = forms.CharField(
                label=_reasons_label(step), max_length=MAX_WORDS,
                widget=forms.Textarea(attrs={"rows": 4}),
                error_messages={"required": _("请填写理由。"), **TOO_LONG},
            )  # fmt: skip
        if "where_to_go" in step.inputs:
            self.fields["where_to_go"] = forms.CharField(
                label=_("应向哪个机关申请"), max_length=300,
                error_messages={"required": _("请告知应向哪个机关申请。"), **TOO_LONG},
            )  # fmt: skip

    def inputs(self) -> Inputs:
        values = {k: v for k, v in self.cleaned_data.items() if k != "seen"}
        return Inputs(**values)


def _reasons_label(step: Step) -> str:
    if step.name == "give_opinion":
        return gettext("审查意见")
    return gettext("“%(step)s”的理由") % {"step": step.label}


DELIVERIES = [
    (Manner.ELECTRONIC, _("电子送达：我同意文书进入“我的空间”时即为送达")),
    (Manner.WINDOW, _("纸质文书，我到窗口领取")),
    (Manner.POST, _("纸质文书，邮寄给我")),
]


class DeliveryForm(forms.Form):
    """The choice of the applicant. Nothing is chosen beforehand: 电子送达 needs consent.

    Change `delivery.WORDING` whenever the words of the choice change.
    """

    use_required_attribute = False
    delivery = forms.ChoiceField(
        label=_("文书怎样送达给您"),
        choices=DELIVERIES,
        widget=forms.RadioSelect,
        help_text=_("送达之日起，申请行政复议等期限开始计算。可以随时更改，对还没有送达的文书有效。"),
        error_messages={"required": _("请选择文书的送达方式。"), "invalid_choice": _("请选择文书的送达方式。")},
    )  # fmt: skip
    delivery_address = forms.CharField(
        label=_("邮寄地址"), max_length=200, help_text=_("选择邮寄的，请写明地址和收件人。"),
        error_messages={"required": _("请填写邮寄地址。"), **TOO_LONG},
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.is_bound:
            self.fields["delivery_address"].required = self.data.get("delivery") == Manner.POST

    def without_account(self) -> None:
        """For an applicant at a window who has no account in which a paper could be served."""
        words = _("申请人还没有网上账户，收不到电子文书，请选择纸质送达。")
        field = self.fields["delivery"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [choice for choice in DELIVERIES if choice[0] != Manner.ELECTRONIC]
        field.error_messages["invalid_choice"] = field.help_text = words

    def wish(self) -> Wish:
        return Wish(self.cleaned_data["delivery"], self.cleaned_data["delivery_address"])


class HandoverForm(forms.Form):
    """How papers went out: which, when, to whom; or why they did not arrive."""

    use_required_attribute = False
    seen = forms.IntegerField(widget=forms.HiddenInput)
    documents = forms.MultipleChoiceField(
        label=_("文书"), widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("请选择文书。"),
            "invalid_choice": _("所选文书已经送达，或者还没有制成。"),
            "invalid_list": _("请选择文书。"),
        },
    )  # fmt: skip
    outcome = forms.ChoiceField(
        label=_("送达结果"), choices=Service.Outcome.choices, widget=forms.RadioSelect,
        error_messages={"required": _("请选择送达结果。"), "invalid_choice": _("请选择送达结果。")},
    )  # fmt: skip
    manner = forms.ChoiceField(
        label=_("送达方式"), widget=forms.RadioSelect,
        choices=[(Manner.WINDOW, _("窗口当面交付")), (Manner.POST, _("邮寄送达"))],
        error_messages={"required": _("请选择送达方式。"), "invalid_choice": _("请选择送达方式。")},
    )  # fmt: skip
    on = DatePartsField(
        label=_("送达日期"), help_text=_("当面交付或者签收的日期；未能送达的，填写退回或者拒收的日期。")
    )  # fmt: skip
    late_reason = forms.CharField(
        label=_("补登原因"), max_length=300,
        help_text=_("送达日期早于今天的，写明没有当天登记的原因。申请人和效能监督人员都能看到。"),
        error_messages={"required": _("送达日期早于今天的，请写明没有当天登记的原因。"), **TOO_LONG},
    )  # fmt: skip
    to_whom = forms.CharField(
        label=_("签收人"), max_length=50, error_messages={"required": _("请填写签收人姓名。"), **TOO_LONG}
    )  # fmt: skip
    tracking = forms.CharField(
        label=_("邮件号码"), max_length=40, help_text=_("邮寄送达的填写。"),
        error_messages={"required": _("请填写邮件号码。"), **TOO_LONG},
    )  # fmt: skip
    note = forms.CharField(
        label=_("未能送达的情况"), max_length=300, help_text=_("拒绝签收、无法联系或者地址不符的，写明经过。"),
        error_messages={"required": _("请写明未能送达的情况。"), **TOO_LONG},
    )  # fmt: skip

    def __init__(self, papers: Sequence[tuple[int, str]], *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        made = self.fields["documents"]
        assert isinstance(made, forms.MultipleChoiceField)
        made.choices = [(str(pk), words) for pk, words in papers]
        if self.is_bound:
            served = self.data.get("outcome") == Service.Outcome.SERVED
            self.fields["to_whom"].required = served
            self.fields["note"].required = not served
            self.fields["tracking"].required = self.data.get("manner") == Manner.POST
            self.fields["late_reason"].required = False

    def clean(self) -> dict[str, Any]:
        """What is said to have happened before today needs a reason."""
        data = self.cleaned_data
        served, on = data.get("outcome") == Service.Outcome.SERVED, data.get("on")
        if served and on and on < timezone.localdate() and not data.get("late_reason", "x"):
            made = self.fields["late_reason"]
            made.required = True
            self.add_error("late_reason", made.error_messages["required"])
        return data

    def handover(self) -> Handover:
        data = {name: value for name, value in self.cleaned_data.items() if name != "seen"}
        return Handover(**{**data, "documents": [int(pk) for pk in data["documents"]]})
