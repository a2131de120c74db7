"""What window staff fill in before the form of the guide: who applies, and who stands there."""

from collections.abc import Collection
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applications.counter import Agent
from applications.forms import TOO_LONG
from support.accounts import window
from support.accounts.fields import TYPED, IdNumberField, PersonNameField, PhoneField
from support.accounts.models import Party
from support.accounts.numbers import check_id_number, check_uscc
from support.accounts.window import FOREIGN, OWN, Visitor

SELF, AGENT = "self", "agent"
PLAIN = {"autocomplete": "off", "spellcheck": "false"}


class ApplicantForm(forms.Form):
    """One form for page and API. `account` is asked only of who has an account that nobody has checked."""

    use_required_attribute = False
    kind = forms.ChoiceField(
        label=_("申请人类型"), choices=Party.Kind.choices, widget=forms.RadioSelect,
        error_messages={"required": _("请选择申请人类型。"), "invalid_choice": _("此事项不面向这一类申请人。")},
    )  # fmt: skip
    name = forms.CharField(
        label=_("申请人姓名或者名称"), min_length=2, max_length=100, help_text=_("照证件填写。"),
        widget=forms.TextInput(PLAIN),
        error_messages={"required": _("请填写姓名或者名称。"), "min_length": _("至少 2 个字。"), **TOO_LONG},
    )  # fmt: skip
    number = forms.CharField(
        label=_("身份证号码或者统一社会信用代码"), max_length=TYPED,
        widget=forms.TextInput({"autocapitalize": "characters", **PLAIN}),
        error_messages={"required": _("请填写证件号码。"), **TOO_LONG},
    )  # fmt: skip
    phone = PhoneField(required=False, help_text=_("没有手机的可以不填。"))
    address = forms.CharField(
        label=_("联系地址"), max_length=200, required=False, widget=forms.TextInput(PLAIN),
        error_messages=TOO_LONG,
    )  # fmt: skip
    present = forms.ChoiceField(
        label=_("谁来办理"), widget=forms.RadioSelect,
        choices=[(SELF, _("申请人本人（单位的法定代表人、负责人）到场")), (AGENT, _("由他人代办（经办人）"))],
        error_messages={"required": _("请选择谁来办理。"), "invalid_choice": _("请选择谁来办理。")},
    )  # fmt: skip
    agent_name = PersonNameField(label=_("经办人姓名"), required=False)
    agent_number = IdNumberField(label=_("经办人身份证号码"), required=False)
    mandate = forms.CharField(
        label=_("授权文件"), max_length=100, required=False, widget=forms.TextInput(PLAIN),
        help_text=_("写明出示的授权委托书及日期，例如：授权委托书（2026 年 11 月 20 日）。"), error_messages=TOO_LONG,
    )  # fmt: skip
    account = forms.ChoiceField(
        label=_("这个号码的网上账户"), required=False, widget=forms.RadioSelect,
        choices=[(OWN, _("是申请人自己的")), (FOREIGN, _("不是申请人自己的，解除该账户与其身份的关联"))],
        help_text=_("有人用这个号码注册了账户，身份还没有核验过。请问明申请人；账户能看到本件。"),
        error_messages={"invalid_choice": _("请问明申请人：这个号码的网上账户是不是本人的")},
    )  # fmt: skip
    seen = forms.BooleanField(
        label=_("已查验申请人的身份证件或者营业执照；由他人代办的，并已查验经办人的身份证件"),
        error_messages={"required": _("请先查验证件。")},
    )  # fmt: skip

    def __init__(self, audiences: Collection[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [(value, label) for value, label in Party.Kind.choices if value in audiences]
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]
        if len(kinds) == 1:
            self.fields["kind"].initial = kinds[0][0]
        for name in ("agent_name", "agent_number", "mandate"):
            self.fields[name].required = self.is_bound and self.data.get("present") == AGENT
        self.fields["mandate"].error_messages["required"] = _("请写明经办人出示的授权文件。")

    def clean_number(self) -> str:
        typed = self.cleaned_data["number"]
        if self.cleaned_data.get("kind") == Party.Kind.LEGAL:
            return check_uscc(typed)
        return check_id_number(typed, today=timezone.localdate())

    def clean_name(self) -> str:
        if self.cleaned_data.get("kind") == Party.Kind.NATURAL:
            return str(PersonNameField().clean(self.cleaned_data["name"]))
        return " ".join(self.cleaned_data["name"].split())

    @property
    def asks_whose_account(self) -> bool:
        data = getattr(self, "cleaned_data", {})
        known = "number" in data and "name" in data
        return known and window.must_ask(data["number"], data["name"])

    def visitor(self) -> Visitor:
        data = self.cleaned_data
        return Visitor(
            data["kind"], data["name"], data["number"], data["phone"], data["address"],
            in_person=data["present"] == SELF, account=data["account"],
        )  # fmt: skip

    def agent(self) -> Agent | None:
        data = self.cleaned_data
        if data["present"] == SELF:
            return None
        return Agent(data["agent_name"], data["agent_number"], data["mandate"])

    def refuse(self, refusal: ValidationError) -> None:
        """Show what `counter.start` said at its fields."""
        self.add_error(None, refusal)
