"""What is filled in with a special procedure or an extension. The own parts in `acts` judge it again."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from applications.acts import Inputs
from applications.forms import TOO_LONG, StepForm
from applications.models import Application, SpecialProcedure
from applications.procedures.acts import LONGEST, LONGEST_EXTENSION
from applications.workflow import Step
from matters.guides import Procedure
from support.accounts.fields import DatePartsField
from support.calendars import words
from support.calendars.terms import Unit


class TimedForm(StepForm):
    """Reasons and a number of days. Subclasses say how the number is asked for."""

    def ask_days(self, label: str, most: int, help_text: str) -> None:
        said = gettext("请填写 1 至 %(most)d 之间的整数。") % {"most": most}
        self.fields["days"] = forms.IntegerField(
            label=label, min_value=1, max_value=most, help_text=help_text,
            widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
            error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), said),
        )  # fmt: skip
        self.order_fields(["procedure", "days", "reasons"])

    def inputs(self) -> Inputs:
        more = {name: value for name, value in self.cleaned_data.items() if name not in ("seen", "reasons")}
        return Inputs(reasons=self.cleaned_data.get("reasons", ""), more=more)


def _length(unit: Unit) -> str:
    """需要多少个工作日, 日, 个月."""
    return {
        Unit.WORKDAY: gettext("需要多少个工作日"), Unit.DAY: gettext("需要多少日"), Unit.MONTH: gettext("需要多少个月")
    }[unit]  # fmt: skip


class StartForm(TimedForm):
    """One of the published procedures that this case has not seen yet."""

    def __init__(self, step: Step, case: Application, *args: Any, **kwargs: Any) -> None:
        super().__init__(step, case, *args, **kwargs)
        done = set(case.procedures.values_list("key", flat=True))
        left = [each for each in case.guide.said.procedures if each.key not in done]
        self.fields["procedure"] = forms.ChoiceField(
            label=gettext("哪一项特别程序"), widget=forms.RadioSelect,
            choices=[(each.key, _in_words(each)) for each in left],
            help_text=gettext("只能选择办事指南公布的、本件还没有进行过的程序。"),
            error_messages=dict.fromkeys(("required", "invalid_choice"), gettext("请选择一项特别程序。")),
        )  # fmt: skip
        units = {each.term.unit for each in left}
        label = _length(units.pop()) if len(units) == 1 else gettext("需要多长时间")
        help_text = gettext(
            "从明天起算，按所选程序公布的单位填写，不能超过公布的时限。申请人会收到书面告知。"
        )
        self.ask_days(label, max((each.term.amount for each in left), default=1), help_text)


def _in_words(procedure: Procedure) -> str:
    facts = {
        "name": procedure.name,
        "term": words.term(procedure.term),
        "rule": gettext(procedure.exclusion or " "),
    }
    if procedure.exclusion:
        return gettext("%(name)s：最长 %(term)s，不计入办结时限（%(rule)s）") % facts
    return gettext("%(name)s：最长 %(term)s，计入办结时限") % facts


class ProlongForm(TimedForm):
    def __init__(self, step: Step, case: Application, *args: Any, **kwargs: Any) -> None:
        super().__init__(step, case, *args, **kwargs)
        running = case.procedures.filter(ended_at=None).first()
        term = next(
            (each.term for each in case.guide.said.procedures if running and each.key == running.key), None
        )
        said = gettext("从明天起算，连同已经用去的时间不能超过公布的时限。申请人会收到新的书面告知。")
        self.ask_days(_length(term.unit if term else Unit.WORKDAY), term.amount if term else 1, said)


class ExtendForm(TimedForm):
    def __init__(self, step: Step, case: Application, *args: Any, **kwargs: Any) -> None:
        super().__init__(step, case, *args, **kwargs)
        said = gettext(
            "最多 10 个工作日，只能延长一次。理由会写进延期告知书，送达申请人。承诺办结时限不随之延长。"
        )
        self.ask_days(gettext("延长多少个工作日"), LONGEST_EXTENSION, said)


class EndForm(StepForm):
    """What came of it, who carried it out, and when it was over in fact."""

    result = forms.ChoiceField(
        label=_("结果"), choices=SpecialProcedure.Result.choices, widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), _("请选择特别程序的结果。")),
    )  # fmt: skip
    opinion = forms.CharField(
        label=_("结论或者意见"), max_length=LONGEST["opinion"], widget=forms.Textarea({"rows": 4}),
        error_messages={"required": _("请填写结论或者意见。"), **TOO_LONG},
    )  # fmt: skip
    unit = forms.CharField(
        label=_("实施单位"), max_length=LONGEST["unit"],
        error_messages={"required": _("请填写实施特别程序的单位。"), **TOO_LONG},
    )  # fmt: skip
    handler = forms.CharField(
        label=_("经办人"), max_length=LONGEST["handler"],
        error_messages={"required": _("请填写经办人。"), **TOO_LONG},
    )  # fmt: skip
    ended_on = DatePartsField(
        label=_("实际结束日期"), help_text=_("程序实际结束的日期，不是登记的日期。期限从次日起继续计算。")
    )  # fmt: skip

    def __init__(self, step: Step, case: Application, *args: Any, **kwargs: Any) -> None:
        super().__init__(step, case, *args, **kwargs)
        self.fields["ended_on"].initial = timezone.localdate()

    def inputs(self) -> Inputs:
        return Inputs(more={name: value for name, value in self.cleaned_data.items() if name != "seen"})
