"""Form fields for the data of persons, used by the account pages and by forms made from guides."""

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from support.accounts.numbers import check_id_number, check_phone, check_uscc

PARTS = ("year", "month", "day")
TYPED = 60  # a number with blanks and hyphens is still read; anything longer is refused in words


class _NumberField(forms.CharField):
    """A number typed with blanks, hyphens, full-width or lower-case characters; cleans to its normal form."""

    attrs: dict[str, str] = {"autocapitalize": "characters", "autocomplete": "off", "spellcheck": "false"}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": TYPED, **kwargs})

    def check(self, text: str) -> str:
        raise NotImplementedError

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        return self.check(text) if text else ""

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return dict(self.attrs)


class IdNumberField(_NumberField):
    """公民身份号码; cleans to 18 characters."""

    default_error_messages = {"required": gettext_lazy("请填写身份证号码")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"label": gettext_lazy("身份证号码"), **kwargs})

    def check(self, text: str) -> str:
        return check_id_number(text, today=timezone.localdate())


class UsccField(_NumberField):
    """统一社会信用代码; cleans to 18 characters."""

    default_error_messages = {"required": gettext_lazy("请填写统一社会信用代码")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"label": gettext_lazy("统一社会信用代码"), **kwargs})

    def check(self, text: str) -> str:
        return check_uscc(text)


class PhoneField(_NumberField):
    """A mobile number of mainland China; cleans to 11 digits."""

    default_error_messages = {"required": gettext_lazy("请填写手机号码")}
    attrs = {"inputmode": "tel", "autocomplete": "tel-national"}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"label": gettext_lazy("手机号码"), **kwargs})

    def check(self, text: str) -> str:
        return check_phone(text)


class PersonNameField(forms.CharField):
    """A person's name, 2 to 50 characters: letters of any script, `·`, and what Latin names need."""

    default_error_messages = {"required": gettext_lazy("请填写姓名")}
    SHORTEST, LONGEST = 2, 50

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"label": gettext_lazy("姓名"), **kwargs})

    def to_python(self, value: Any) -> str:
        """The many dots of keyboards become `·`; nothing else of a name is ever converted."""
        return re.sub(r"\s*[·•‧・･∙]\s*", "·", " ".join((super().to_python(value) or "").split()))

    def validate(self, value: str) -> None:
        super().validate(value)
        if value and not self.SHORTEST <= len(value) <= self.LONGEST:
            raise ValidationError(
                _("姓名应为 %(least)s 至 %(most)s 个字，您输入了 %(count)s 个"),
                code="length",
                params={"least": self.SHORTEST, "most": self.LONGEST, "count": len(value)},
            )
        if not all(c in "· '’.-" or unicodedata.category(c)[0] in "LM" for c in value):
            raise ValidationError(_("姓名只能包含文字和间隔号“·”，不能有数字和其他符号"), code="characters")

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {"autocomplete": "name", "spellcheck": "false"}


class DateParts(forms.MultiWidget):
    """Three inputs 年 月 日, named `<name>_year` and so on. A whole date pasted into 年 is taken apart."""

    template_name = "accounts/widgets/date_parts.html"
    use_fieldset = True

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        parts: dict[str, forms.Widget | type[forms.Widget]] = {
            part: forms.TextInput({"inputmode": "numeric"}) for part in PARTS
        }
        super().__init__(parts, attrs)

    def decompress(self, value: dt.date | str | None) -> list[str]:
        return _split(value)

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> list[str]:
        typed = [_half_width(data.get(f"{name}_{part}"))[:TYPED] for part in PARTS]
        pasted = _parts(typed[0]) if not any(typed[1:]) else None
        return pasted or typed

    def id_for_label(self, id_: str) -> str:
        return f"{id_}_0" if id_ else id_

    def _render(self, template_name: str, context: dict[str, Any], renderer: Any = None) -> SafeString:
        return render_to_string(template_name, context)


def _split(value: dt.date | str | None) -> list[str]:
    if isinstance(value, dt.date):
        return [str(value.year), str(value.month), str(value.day)]
    return _parts(_half_width(value)) or ["", "", ""]


def _half_width(text: Any) -> str:
    return unicodedata.normalize("NFKC", str(text or "")).strip()


def _parts(text: str) -> list[str] | None:
    """19900101, 1990-1-1, 1990/1/1, 1990年1月1日 → three strings; None when it is no whole date."""
    found = re.fullmatch(r"([0-9]{4})([0-9]{2})([0-9]{2})", text) or re.fullmatch(
        r"([0-9]{4})[-/.年 ]+([0-9]{1,2})[-/.月 ]+([0-9]{1,2}) ?日?", text
    )
    return list(found.groups()) if found else None


class DatePartsField(forms.Field):
    """A date typed as 年 月 日; cleans to a date, or None when optional and left empty."""

    widget = DateParts
    default_error_messages = {"required": gettext_lazy("请填写日期")}

    def to_python(self, value: Any) -> dt.date | None:
        if isinstance(value, dt.date) or value is None:
            return value
        parts = value if isinstance(value, list) else _split(value)
        if not any(parts):
            return None
        names = (_("年"), _("月"), _("日"))
        missing = [name for name, part in zip(names, parts, strict=True) if not part]
        if missing:
            raise ValidationError(
                _("日期不完整，请补填：%(parts)s"), code="incomplete", params={"parts": _("、").join(missing)}
            )
        return self._date(*parts)

    @staticmethod
    def _date(year: str, month: str, day: str) -> dt.date:
        if not all(re.fullmatch(r"[0-9]{1,4}", part) for part in (year, month, day)):
            raise ValidationError(_("年、月、日只能填数字"), code="characters")
        if len(year) != 4:
            raise ValidationError(_("年份应为 4 位数字，例如 1990"), code="year")
        try:
            return dt.date(int(year), int(month), int(day))
        except ValueError:
            raise ValidationError(
                _("%(year)s 年 %(month)s 月 %(day)s 日不存在，请核对"),
                code="invalid",
                params={"year": year, "month": int(month), "day": int(day)},
            ) from None

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(data != _split(initial))
