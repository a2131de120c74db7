from django import forms
from django.utils.translation import gettext_lazy as _

from evaluations.codes import Indicator, Level

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
        help_text=_("请不要填写身份证号码、电话等个人信息。"),
        max_length=MOST_WORDS,
        widget=forms.Textarea(attrs={"rows": 4}),
        required=False,
        error_messages={"max_length": _("最多 %(limit_value)d 个字，您写了 %(show_value)d 个")},
    )
    anonymous = forms.BooleanField(
        label=_("匿名评价"),
        help_text=_("机关页面不显示办件编号和您的姓名。"),
        required=False,
    )
