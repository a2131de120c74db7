"""The forms of the account pages. They check shape; whether something is taken, the actions say."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm, PasswordResetForm, SetPasswordMixin, UsernameField
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, MinLengthValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from support.accounts.attempts import is_password_of
from support.accounts.fields import IdNumberField, PersonNameField, PhoneField, UsccField
from support.accounts.models import Party, User


class LoginForm(AuthenticationForm):
    error_messages = {"invalid_login": gettext_lazy("用户名或密码不正确。请注意密码区分大小写。")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("用户名")
        self.fields["username"].error_messages["required"] = _("请填写用户名")
        # The field itself does not check it, and the record of failures holds 255 characters.
        self.fields["username"].validators.append(MaxLengthValidator(150, _("用户名最多 150 个字")))
        self.fields["password"].label = _("密码")
        self.fields["password"].error_messages["required"] = _("请填写密码")


class _NewPassword(SetPasswordMixin, forms.Form):  # type: ignore[type-arg]
    """Adds `password1` and `password2`, the latter checked against the validators."""

    error_messages = {"password_mismatch": gettext_lazy("两次输入的密码不一致")}
    password1, password2 = SetPasswordMixin.create_password_fields(
        gettext_lazy("密码"), gettext_lazy("再次输入密码")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, words in (("password1", _("请填写密码")), ("password2", _("请再次输入密码"))):
            self.fields[name].error_messages["required"] = words
            self.fields[name].help_text = ""
        self.fields["password1"].help_text = _("至少 10 个字符，不能全是数字，不能是常见密码")


class OpeningCodeField(forms.CharField):
    """The code that a window gives to whoever has no account yet (`window.opening_code`)."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label=gettext_lazy("窗口开通码"), required=False, max_length=30,
            help_text=gettext_lazy("在政务服务窗口办过事、还没有账户的，填写窗口交给您的 12 位开通码"),
            widget=forms.TextInput(
                {"autocapitalize": "characters", "autocomplete": "off", "spellcheck": "false"}
            ),
            **kwargs,
        )  # fmt: skip


class RegisterForm(_NewPassword):
    username = UsernameField(
        label=gettext_lazy("用户名"),
        max_length=30,
        help_text=gettext_lazy("4 至 30 个字：文字、字母、数字和 @ . + - _，用来登录"),
        validators=[
            MinLengthValidator(4, gettext_lazy("用户名至少 4 个字")),
            UnicodeUsernameValidator(message=gettext_lazy("用户名只能包含文字、字母、数字和 @ . + - _")),
        ],
        error_messages={"required": gettext_lazy("请填写用户名")},
    )
    name = PersonNameField(help_text=gettext_lazy("与身份证一致"))
    number = IdNumberField()
    phone = PhoneField()
    email = forms.EmailField(
        label=gettext_lazy("电子邮箱"),
        required=False,
        help_text=gettext_lazy("用于找回密码和接收通知"),
        error_messages={"invalid": gettext_lazy("电子邮箱格式不对，例如 zhang@example.com")},
        widget=forms.EmailInput({"autocomplete": "email"}),
    )
    code = OpeningCodeField()
    field_order = ["username", "name", "number", "code", "phone", "email", "password1", "password2"]

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        number = data.get("number")
        if number and number in data.get("username", "").upper():
            self.add_error("username", _("请不要用身份证号码作用户名"))
        self.validate_passwords()
        likeness = User(
            username=data.get("username", ""), name=data.get("name", ""), email=data.get("email", "")
        )
        self.validate_password_for_user(likeness)
        return data


class OrganisationForm(forms.Form):
    uscc = UsccField()
    name = forms.CharField(
        label=gettext_lazy("名称"),
        min_length=2,
        max_length=100,
        help_text=gettext_lazy("与营业执照或登记证书一致"),
        error_messages={"required": gettext_lazy("请填写名称")},
    )
    code = OpeningCodeField()
    phone = PhoneField(label=gettext_lazy("联系人手机号码"))


class ContactForm(forms.Form):
    """Telephone and address of the party acted for (an officer has none), e-mail of the login."""

    phone = PhoneField()
    address = forms.CharField(
        label=gettext_lazy("联系地址"),
        max_length=200,
        required=False,
        widget=forms.TextInput({"autocomplete": "street-address"}),
    )
    email = forms.EmailField(
        label=gettext_lazy("电子邮箱"),
        required=False,
        error_messages={"invalid": gettext_lazy("电子邮箱格式不对，例如 zhang@example.com")},
        widget=forms.EmailInput({"autocomplete": "email"}),
    )
    password = forms.CharField(
        label=gettext_lazy("登录密码"),
        required=False,
        strip=False,
        help_text=gettext_lazy("只在更换电子邮箱时填写"),
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
    )

    def __init__(self, *args: Any, party: Party | None, user: User, **kwargs: Any) -> None:
        initial = {"email": user.email}
        if party is not None:
            initial |= {"phone": party.phone, "address": party.address}
        super().__init__(*args, **{"initial": initial, **kwargs})
        self.user = user
        if party is None:
            del self.fields["phone"], self.fields["address"]

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        moved = "email" in data and data["email"] != self.user.email
        if moved:
            self._ask_password(data.get("password", ""))
        return data

    def _ask_password(self, given: str) -> None:
        try:
            if not given or not is_password_of(self.user, given):
                self.add_error("password", _("更换电子邮箱须填写正确的登录密码"))
        except ValidationError as refused:
            self.add_error("password", refused)


class ChannelsForm(forms.Form):
    """By which ways a person is told besides the messages on the site. A way without address is not offered."""

    by_email = forms.BooleanField(label=gettext_lazy("电子邮件"), required=False)
    by_sms = forms.BooleanField(label=gettext_lazy("手机短信"), required=False)

    def __init__(self, *args: Any, user: User, phone: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **{"initial": {"by_email": user.by_email, "by_sms": user.by_sms}, **kwargs})
        words = _("发到您本人账户的手机号码 %(phone)s，晚上 10 点至早上 7 点不发")
        self.fields["by_sms"].help_text = words % {"phone": phone}
        if not user.email:
            del self.fields["by_email"]
        if not phone or not settings.SMS_GATEWAY_URL:
            del self.fields["by_sms"]


class ResetForm(PasswordResetForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["email"]
        field.label = _("注册时填写的电子邮箱")
        field.error_messages |= {
            "required": _("请填写电子邮箱"),
            "invalid": _("电子邮箱格式不对，例如 zhang@example.com"),
        }


class NewPasswordForm(_NewPassword):
    """After the link in the e-mail."""

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        self.validate_passwords()
        self.validate_password_for_user(self.user)
        return self.cleaned_data

    def save(self) -> User:
        self.set_password_and_save(self.user)
        return self.user


class ChangePasswordForm(NewPasswordForm):
    """While logged in: the old password is asked for."""

    old_password = forms.CharField(
        label=gettext_lazy("原密码"),
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
        error_messages={"required": gettext_lazy("请填写原密码")},
    )
    field_order = ["old_password", "password1", "password2"]

    def clean_old_password(self) -> str:
        old: str = self.cleaned_data["old_password"]
        if not is_password_of(self.user, old):
            raise ValidationError(_("原密码不正确"))
        return old
