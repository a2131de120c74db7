"""Giving a rating; choosing among those received."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from evaluations.codes import Indicator, Level
from evaluations.models import RatingQuerySet
from matters.models import Matter

MOST_WORDS = 500


class RateForm(forms.Form):
    """Five levels in words, none chosen beforehand; everything else may be left out."""

    stars = forms.TypedChoiceField(
        label=_("您对这次办理的满意度"),
        choices=Level.choices,
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择您对这次办理的满意度")},
    )
    tags = forms.MultipleChoiceField(
        label=_("主要是哪些方面？"),
        choices=Indicator.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    words = forms.CharField(
        label=_("想说的话"),
        help_text=_("请不要填写身份证号码、电话等个人信息；写了的，保存前自动隐去。"),
        max_length=MOST_WORDS,
        widget=forms.Textarea(attrs={"rows": 4}),
        required=False,
        error_messages={"max_length": _("最多 %(limit_value)d 个字，您写了 %(show_value)d 个")},
    )
    anonymous = forms.BooleanField(
        label=_("匿名评价"),
        help_text=_("机关看不到办件编号、您的姓名和评价的时刻。"),
        required=False,
    )


class ReceivedForm(forms.Form):
    """Which of the ratings received to show. What makes no sense is left out."""

    PERIODS = (("", _("全部时间")), ("7", _("最近 7 天")), ("30", _("最近 30 天")), ("365", _("最近一年")))

    matter = forms.ChoiceField(label=_("事项"), required=False)
    days = forms.ChoiceField(label=_("时间"), choices=PERIODS, required=False)

    def __init__(self, data: Any, matters: Sequence[tuple[Matter, str]]) -> None:
        super().__init__(data)
        self.matters = {str(matter.uuid): matter for matter, _name in matters}
        field = self.fields["matter"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("全部事项")), *((str(matter.uuid), name) for matter, name in matters)]
        for shown in self.fields.values():
            shown.widget.attrs["class"] = "input"

    def chosen(self, rows: RatingQuerySet, now: dt.datetime) -> RatingQuerySet:
        """Those of the rows that were asked for."""
        self.full_clean()
        matter = self.matters.get(self.cleaned_data.get("matter", ""))
        days = self.cleaned_data.get("days", "")
        if matter:
            rows = rows.of_matter(matter)
        if days:
            first = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
            rows = rows.filter(created_at__gte=first - dt.timedelta(days=int(days) - 1))
        return rows
