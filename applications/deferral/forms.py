"""What an officer fills in about deferred materials: the finding of each, and what a refusal does not rest on."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from applications.acts import Inputs
from applications.corrections.acts import LONGEST, Judgement
from applications.deferral import acts
from applications.forms import TOO_LONG, StepForm
from applications.models import Application
from applications.workflow import Step


class ConfirmForm(StepForm):
    """One finding for each deferred material handed in and not judged yet."""

    body = "applications/_confirm_form.html"

    def __init__(self, step: Step, case: Application, *args: Any, **kwargs: Any) -> None:
        super().__init__(step, case, *args, **kwargs)
        guide = case.guide.said
        self.items = [i for i in case.deferred.all() if i.handed_at and i.met is not True and not acts.final(i)]
        for item in self.items:
            name = guide.material(item.material_key).name
            self.fields[f"met-{item.pk}"] = forms.ChoiceField(
                label=name, widget=forms.RadioSelect, help_text=guide.material(item.material_key).words["standard"],
                choices=[("yes", _("符合要求")), ("no", _("不符合要求"))],
                error_messages=dict.fromkeys(("required", "invalid_choice"), _("请逐项核对。")),
            )  # fmt: skip
            self.fields[f"reason-{item.pk}"] = forms.CharField(
                label=gettext("“%(name)s”不符合要求的，写明理由和怎样改正") % {"name": name}, max_length=LONGEST,
                required=self.is_bound and self.data.get(f"met-{item.pk}") == "no",
                widget=forms.Textarea({"rows": 2}),
                error_messages={"required": _("请写明不符合要求的理由。"), **TOO_LONG},
            )  # fmt: skip

    @property
    def rows(self) -> list[dict[str, Any]]:
        return [{"met": self[f"met-{item.pk}"], "reason": self[f"reason-{item.pk}"]} for item in self.items]

    def inputs(self) -> Inputs:
        data = self.cleaned_data
        return Inputs(more={"judgements": [
            Judgement(i.pk, data[f"met-{i.pk}"] == "yes", data[f"reason-{i.pk}"]) for i in self.items
        ]})  # fmt: skip


class RefusalForm(StepForm):
    """The general form, and the officer's statement while a deferred material may still come."""

    def __init__(self, step: Step, case: Application, *args: Any, **kwargs: Any) -> None:
        super().__init__(step, case, *args, **kwargs)
        if acts.waiting(case, timezone.now()):
            self.fields["apart"] = forms.BooleanField(
                label=_("不予的理由与还在补交期限内或者等待核对的容缺材料无关"), required=True,
                error_messages={"required": _("还可以补交的材料，不能作为不予的理由。")},
            )  # fmt: skip

    def inputs(self) -> Inputs:
        return Inputs(reasons=self.cleaned_data["reasons"], more={"apart": self.cleaned_data.get("apart")})
