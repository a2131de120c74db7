"""What an officer fills in with a step. One form for page and API, made from the step's inputs."""

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.actions import MAX_WORDS, Inputs
from applications.models import Opinion
from applications.workflow import Step

REASON_LABELS = {
    "give_opinion": _("审查意见"),
    "refuse": _("不予许可的理由"),
    "refuse_acceptance": _("不予受理的理由"),
}
TOO_LONG = {"max_length": _("最多 %(limit_value)d 字，现在有 %(show_value)d 字。")}


class StepForm(forms.Form):
    """The inputs of one step, and the revision the officer is looking at."""

    use_required_attribute = False
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, step: Step, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        if "verdict" in step.inputs:
            self.fields["verdict"] = forms.ChoiceField(
                label=_("意见"), choices=Opinion.Verdict.choices, widget=forms.RadioSelect,
                error_messages={"required": _("请选择意见。"), "invalid_choice": _("请选择意见。")},
            )  # fmt: skip
        if "reasons" in step.inputs:
            self.fields["reasons"] = forms.CharField(
                label=REASON_LABELS.get(step.name, _("理由")), max_length=MAX_WORDS,
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
