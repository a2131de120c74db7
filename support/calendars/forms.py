"""What is typed: a notice of days off from the paper, one line a day or a run of days; a term to be counted."""

import datetime as dt
import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from support.calendars.actions import layer_names
from support.calendars.models import OfficialDay
from support.calendars.notice_rules import NoticeDay, Problem
from support.calendars.terms import ONE_DAY, Term, Unit

_DATE = r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?"
_LINE = re.compile(rf"{_DATE}(?:\s*(?:至|到|~|-+|—+|–)\s*{_DATE})?\s+(\S.*?)\s+(放假|上班|补班)")
_KINDS = {"放假": OfficialDay.Kind.OFF, "上班": OfficialDay.Kind.WORK, "补班": OfficialDay.Kind.WORK}
LONGEST_RUN = 15
LONGEST_NAME = 30
LONGEST_TERM = 3660


class BadLine(ValueError):
    """A line that cannot be read, in words."""


def read_line(line: str) -> list[NoticeDay]:
    """`2026-03-20 开斋节 放假`, or a run `2026-10-01 至 2026-10-07 国庆节 放假`. Raises BadLine."""
    match = _LINE.fullmatch(unicodedata.normalize("NFKC", line).strip())
    if not match:
        raise BadLine(_("请按“日期 名称 放假”或“日期 名称 上班”填写，例如：2026-03-20 开斋节 放假"))
    *numbers, name, kind = match.groups()
    first = _date(numbers[:3])
    last = _date(numbers[3:]) if numbers[3] else first
    if not 0 <= (last - first).days < LONGEST_RUN:
        raise BadLine(_("起止日期有误，一段最多 %(days)s 天") % {"days": LONGEST_RUN})
    if len(name) > LONGEST_NAME:
        raise BadLine(_("名称最多 %(count)s 个字") % {"count": LONGEST_NAME})
    run = (first + ONE_DAY * n for n in range((last - first).days + 1))
    return [NoticeDay(day, _KINDS[kind], name) for day in run]


def _date(numbers: Sequence[str]) -> dt.date:
    try:
        return dt.date(*map(int, numbers))
    except ValueError as error:
        raise BadLine(_("没有 %(date)s 这一天") % {"date": "-".join(numbers)}) from error


class NoticeForm(forms.Form):
    region = forms.ChoiceField(
        label=gettext_lazy("地区"), error_messages={"required": gettext_lazy("请选择地区")}
    )
    year = forms.IntegerField(
        label=gettext_lazy("年份"),
        min_value=2000,
        max_value=2100,
        error_messages={"required": gettext_lazy("请填写年份"), "invalid": gettext_lazy("年份应为四位数字")},
    )
    source = forms.CharField(
        label=gettext_lazy("文号"),
        max_length=200,
        error_messages={"required": gettext_lazy("请填写文号")},
        help_text=gettext_lazy(
            "通知的名称和文号，例如：自治区人民政府办公厅关于2026年部分节假日安排的通知（宁政办发〔2025〕×号）"
        ),
    )
    days = forms.CharField(
        label=gettext_lazy("放假和上班日期"),
        max_length=5000,
        error_messages={"required": gettext_lazy("请填写放假和上班日期")},
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
        help_text=gettext_lazy(
            "每行一天：日期 名称 放假（或“上班”）。例如：2026-03-20 开斋节 放假。"
            "连续几天可写：2026-10-01 至 2026-10-07 国庆节 放假。"
        ),
    )
    replace = forms.BooleanField(label=gettext_lazy("更正：用以上内容替换该年已登记的安排"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region"].choices = [("", _("请选择")), *layer_names().items()]  # type: ignore[attr-defined]
        self._line_of: list[int] = []

    def clean_days(self) -> list[NoticeDay]:
        days: list[NoticeDay] = []
        wrong: list[forms.ValidationError] = []
        for number, line in enumerate(self.cleaned_data["days"].splitlines(), 1):
            if not line.strip():
                continue
            try:
                read = read_line(line)
            except BadLine as error:
                wrong.append(forms.ValidationError(_at_line(number, str(error))))
                continue
            days += read
            self._line_of += [number] * len(read)
        if wrong:
            raise forms.ValidationError(wrong)
        return days

    def refuse(self, problems: Sequence[Problem]) -> None:
        """Show what the notice was refused for, each day under its line."""
        for place, words in problems:
            if place is None:
                self.add_error(None, words)
            else:
                self.add_error("days", _at_line(self._line_of[place], words))


def _at_line(number: int, words: str) -> str:
    return _("第 %(number)s 行：%(words)s") % {"number": number, "words": words}


class TermForm(forms.Form):
    """A term to be counted. `region` is one that has days of its own; without it, the national days alone."""

    use_required_attribute = False
    start = forms.CharField(
        label=gettext_lazy("起算日"),
        max_length=30,
        help_text=gettext_lazy("收到材料、受理或收到文书的那一天，例如 2026-09-30 或 2026年9月30日"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={
            "required": gettext_lazy("请填写起算日"),
            "max_length": gettext_lazy("请按“年-月-日”填写，例如 2026-09-30"),
        },
    )
    amount = forms.IntegerField(
        label=gettext_lazy("期限"),
        min_value=1,
        max_value=LONGEST_TERM,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={
            "required": gettext_lazy("请填写期限"),
            "invalid": gettext_lazy("期限应为整数，例如 20"),
            "min_value": gettext_lazy("期限最短为 %(limit_value)s"),
            "max_value": gettext_lazy("期限最长为 %(limit_value)s"),
        },
    )
    unit = forms.ChoiceField(
        label=gettext_lazy("期限单位"),
        choices=[
            (Unit.WORKDAY.value, gettext_lazy("工作日")),
            (Unit.DAY.value, gettext_lazy("日（自然日）")),
            (Unit.MONTH.value, gettext_lazy("个月")),
        ],
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("请选择期限单位"),
            "invalid_choice": gettext_lazy("请选择期限单位"),
        },
    )
    region = forms.ChoiceField(
        label=gettext_lazy("地区"),
        required=False,
        help_text=gettext_lazy("有的地区另有放假日，例如开斋节"),
        error_messages={"invalid_choice": gettext_lazy("请从列表中选择地区")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region"].choices = [(code, _(name)) for code, name in layer_names().items()]  # type: ignore[attr-defined]

    def clean_start(self) -> dt.date:
        text = unicodedata.normalize("NFKC", self.cleaned_data["start"]).strip()
        found = re.fullmatch(_DATE, text) or re.fullmatch(r"(\d{4})(\d{2})(\d{2})", text)
        if not found:
            raise forms.ValidationError(_("请按“年-月-日”填写，例如 2026-09-30"))
        try:
            return _date(found.groups())
        except BadLine as error:
            raise forms.ValidationError(str(error)) from error

    @property
    def term(self) -> Term:
        return Term(self.cleaned_data["amount"], Unit(self.cleaned_data["unit"]))
