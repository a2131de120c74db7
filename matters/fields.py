"""Form fields for questions of a guide that no account page asks: months, times, cards, tables."""

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from stdnum import luhn

from matters.guides import Field
from support.accounts.numbers import normalise

EMPTY: tuple[Any, ...] = (None, "", [])
TYPED = 60
MOST_ROWS = 50
ROWS = "table-rows"  # the button that adds or removes a row: more:<key>, drop:<key>:<row>


def half_width(text: Any) -> str:
    return unicodedata.normalize("NFKC", str(text or "")).strip()


def as_json(field: Field, value: Any) -> Any:
    """A cleaned answer as it is stored."""
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, list) and field.type != "table":
        return list(dict.fromkeys(value))
    if isinstance(value, Decimal):
        if field.type == "money":
            return str(value.quantize(Decimal("0.01")))
        return str(value) if field.decimals else int(value)
    return value


# --- numbers and times ---------------------------------------------------------------------------


class _CodeField(forms.CharField):
    """Typed with blanks, hyphens or full-width digits; cleans to its normal form."""

    attrs: dict[str, str] = {"inputmode": "numeric", "autocomplete": "off", "spellcheck": "false"}

    def read(self, text: str) -> str:
        raise NotImplementedError

    def to_python(self, value: Any) -> str:
        text = str(super().to_python(value))
        return self.read(text) if text else ""

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return dict(self.attrs)


class PostcodeField(_CodeField):
    """邮政编码; cleans to six digits."""

    attrs = _CodeField.attrs | {"autocomplete": "postal-code"}

    def read(self, text: str) -> str:
        code = normalise(text)
        if not re.fullmatch(r"[0-9]{6}", code):
            raise ValidationError(_("邮政编码应为 6 位数字"), code="invalid")
        return code


class BankCardField(_CodeField):
    """银行卡号 (ISO/IEC 7812: check digit by Luhn); cleans to 16 to 19 digits."""

    def read(self, text: str) -> str:
        number = normalise(text)
        if not re.fullmatch(r"[0-9]+", number):
            raise ValidationError(_("银行卡号只能是数字"), code="characters")
        if not 16 <= len(number) <= 19:
            raise ValidationError(
                _("银行卡号应为 16 至 19 位，您输入了 %(count)s 位"),
                code="length",
                params={"count": len(number)},
            )
        if not luhn.is_valid(number):
            raise ValidationError(_("银行卡号的校验码不符，请逐位核对"), code="checksum")
        return number


class LandlineField(_CodeField):
    """固定电话 with its area code; cleans to `0951-6012345` or `0951-6012345-12`."""

    attrs = {"inputmode": "tel", "autocomplete": "off"}

    def read(self, text: str) -> str:
        plain = re.sub(r"[\s()]", "", half_width(text))
        plain = re.sub(r"[‐-―−]", "-", plain)
        found = re.fullmatch(
            r"(0(?:10|2[0-9]|[3-9][0-9]{2}))-?([1-9][0-9]{6,7})(?:(?:-|转|#|x)([0-9]{1,6}))?", plain
        )
        if not found:
            raise ValidationError(
                _("固定电话应带区号，例如 0951-6012345；有分机的写在最后，例如 0951-6012345-12")
            )
        return "-".join(part for part in found.groups() if part)


class TimeField(_CodeField):
    """A time of day; cleans to `hh:mm`."""

    def read(self, text: str) -> str:
        typed = half_width(text)
        found = re.fullmatch(r"([0-9]{1,2})(?:[:.点时]([0-9]{2})?分?)?", typed) or re.fullmatch(
            r"([0-9]{2})([0-9]{2})", typed
        )
        hour, minute = (int(part or 0) for part in found.groups()) if found else (24, 0)
        if hour > 23 or minute > 59:
            raise ValidationError(_("时间应为 00:00 至 23:59，例如 09:30"), code="invalid")
        return f"{hour:02d}:{minute:02d}"


class MonthParts(forms.MultiWidget):
    """Two inputs 年 月, named `<name>_year` and `<name>_month`. A whole month pasted into 年 is taken apart."""

    template_name = "accounts/widgets/date_parts.html"
    use_fieldset = True

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        parts: dict[str, forms.Widget | type[forms.Widget]] = {
            part: forms.TextInput({"inputmode": "numeric"}) for part in ("year", "month")
        }
        super().__init__(parts, attrs)

    def decompress(self, value: Any) -> list[str]:
        year, month = _month(half_width(value)) or ["", ""]
        return [year, str(int(month or 0) or "")]

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> list[str]:
        typed = [half_width(data.get(f"{name}_{part}"))[:TYPED] for part in ("year", "month")]
        pasted = _month(typed[0]) if not typed[1] else None
        return pasted or typed

    def id_for_label(self, id_: str) -> str:
        return f"{id_}_0" if id_ else id_

    def _render(self, template_name: str, context: dict[str, Any], renderer: Any = None) -> SafeString:
        return render_to_string(template_name, context)


def _month(text: str) -> list[str] | None:
    """202605, 2026-5, 2026年5月 → two strings; None when it is no whole month."""
    found = re.fullmatch(r"([0-9]{4})([0-9]{2})", text) or re.fullmatch(
        r"([0-9]{4})[-/.年 ]+([0-9]{1,2}) ?月?", text
    )
    return list(found.groups()) if found else None


class MonthField(forms.Field):
    """年月; cleans to `yyyy-mm`, or "" when optional and left empty."""

    widget = MonthParts

    def to_python(self, value: Any) -> str:
        parts = value if isinstance(value, list) else _month(half_width(value)) or [half_width(value), ""]
        if not any(parts):
            return ""
        if not all(parts):
            raise ValidationError(_("年月不完整，请把年和月都填上"), code="incomplete")
        if not re.fullmatch(r"[12][0-9]{3}", parts[0]) or not re.fullmatch(r"0?[1-9]|1[0-2]", parts[1]):
            raise ValidationError(_("年份应为 4 位数字，月份应为 1 至 12"), code="invalid")
        return f"{parts[0]}-{int(parts[1]):02d}"


# --- tables --------------------------------------------------------------------------------------

Row = Mapping[str, Any]


def _filled(value: Any) -> bool:
    return any(value) if isinstance(value, list) else value not in EMPTY and value is not False


class TableWidget(forms.Widget):
    """Rows of small questions, each named `<name>-<row>-<column>`; a row can be added and removed by a button
    that sends the page."""

    use_fieldset = True
    template_name = "matters/table.html"

    def __init__(self, columns: Sequence[Field], cells: Mapping[str, forms.Field], field: Field) -> None:
        super().__init__()
        self.columns, self.cells = columns, cells
        self.least, self.most = field.min_rows, field.max_rows
        self.wrong: dict[tuple[int, str], str] = {}

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> list[dict[str, Any]]:
        count = str(data.get(f"{name}-count", ""))
        shown = min(int(count), MOST_ROWS + 1) if re.fullmatch(r"[0-9]{1,3}", count) else 0
        rows = [
            {key: cell.widget.value_from_datadict(data, files, f"{name}-{n}-{key}")
             for key, cell in self.cells.items()}
            for n in range(shown)
        ]  # fmt: skip
        pressed = str(data.get(ROWS, ""))
        if pressed == f"more:{name}" and len(rows) < min(self.most, MOST_ROWS):
            rows.append(dict.fromkeys(self.cells))
        dropped = re.fullmatch(rf"drop:{re.escape(name)}:([0-9]{{1,3}})", pressed)
        if dropped and int(dropped[1]) < len(rows):
            del rows[int(dropped[1])]
        return rows

    def typed(self, name: str, rows: Sequence[Row]) -> dict[str, Any]:
        """What a browser would send for rows in JSON."""
        sent: dict[str, Any] = {f"{name}-count": str(len(rows))}
        for n, row in enumerate(rows):
            for key, cell in self.cells.items():
                sent |= as_typed(cell, f"{name}-{n}-{key}", row.get(key))
        return sent

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        rows = list(value or ())
        rows += [{}] * (max(self.least, 1) - len(rows))
        id_ = (attrs or {}).get("id", "")
        return {
            "name": name,
            "id": id_,
            "rows": [self._row(name, id_, n, row) for n, row in enumerate(rows)],
            "more": len(rows) < self.most,
            "drop": len(rows) > 1,
        }

    def _row(self, name: str, id_: str, n: int, row: Row) -> list[dict[str, Any]]:
        cells = []
        for column in self.columns:
            cell, place = self.cells[column.key], f"{id_}_{n}_{column.key}"
            error = self.wrong.get((n, column.key), "")
            attrs = {"id": place} | (
                {"aria-invalid": "true", "aria-describedby": f"{place}_error"} if error else {}
            )
            cells.append(
                {
                    "id": place,
                    "for": cell.widget.id_for_label(place),
                    "label": cell.label,
                    "required": cell.required,
                    "help": cell.help_text,
                    "group": cell.widget.use_fieldset,
                    "hidden": cell.widget.is_hidden,
                    "error": error,
                    "control": cell.widget.render(f"{name}-{n}-{column.key}", row.get(column.key), attrs),
                }
            )
        return cells

    def id_for_label(self, id_: str) -> str:
        return f"{id_}_0_{self.columns[0].key}" if id_ and self.columns else id_

    def _render(self, template_name: str, context: dict[str, Any], renderer: Any = None) -> SafeString:
        return render_to_string(template_name, context)


def as_typed(made: forms.Field, name: str, value: Any) -> dict[str, Any]:
    """What a browser would send for an answer in JSON."""
    widget: Any = made.widget
    if isinstance(widget, TableWidget):
        return widget.typed(name, value or ())
    if isinstance(widget, forms.MultiWidget):
        own: Any = widget  # the names of its parts are not in its stubs
        parts = zip(own.widgets_names, own.decompress(value), strict=True)
        return {name + part: text for part, text in parts}
    if value is None:
        return {}
    return {name: value if isinstance(value, list | bool) else str(value)}


class TableField(forms.Field):
    """Rows of small questions; cleans to a list of objects in JSON. Rows left empty are dropped."""

    def __init__(self, field: Field, build: Callable[[Field], forms.Field], **kwargs: Any) -> None:
        self.field, self.cells = field, {column.key: build(column) for column in field.columns}
        super().__init__(widget=TableWidget(field.columns, self.cells, field), **kwargs)

    def clean(self, value: Any) -> list[dict[str, Any]]:
        found: dict[int, dict[str, Any]] = {}
        wrong: dict[tuple[int, str], str] = {}
        for n, row in enumerate(value or ()):
            if any(_filled(typed) for typed in row.values()):
                found[n], errors = self._row(row)
                wrong |= {(n, key): words for key, words in errors.items()}
        wrong |= self._repeated(found)
        self.widget.wrong = wrong
        if wrong:
            messages = [
                _("第 %(n)s 行：%(words)s") % {"n": n + 1, "words": words}
                for (n, _key), words in wrong.items()
            ]
            raise ValidationError(messages)
        if not found and self.required:
            raise ValidationError(self.error_messages["required"], code="required")
        self._count(len(found))
        return list(found.values())

    def _row(self, row: Row) -> tuple[dict[str, Any], dict[str, str]]:
        kept, errors = {}, {}
        for column in self.field.columns:
            try:
                value = as_json(column, self.cells[column.key].clean(row.get(column.key)))
            except ValidationError as error:
                errors[column.key] = str(error.messages[0])
                continue
            if value not in EMPTY and value is not False:
                kept[column.key] = value
        return kept, errors

    def _repeated(self, rows: Mapping[int, Row]) -> dict[tuple[int, str], str]:
        wrong: dict[tuple[int, str], str] = {}
        for column in self.field.columns:
            first: dict[Any, int] = {}
            for n, row in rows.items():
                if (
                    column.unique
                    and column.key in row
                    and (before := first.setdefault(row[column.key], n)) != n
                ):
                    wrong[n, column.key] = _("“%(label)s”与第 %(n)s 行重复") % {
                        "label": column.label, "n": before + 1,
                    }  # fmt: skip
        return wrong

    def _count(self, count: int) -> None:
        said = {"label": self.field.label, "least": self.field.min_rows, "most": self.field.max_rows}
        if count > self.field.max_rows:
            raise ValidationError(_("“%(label)s”最多填 %(most)s 行") % said)
        if 0 < count < self.field.min_rows:
            raise ValidationError(_("“%(label)s”至少填 %(least)s 行") % said)


class Reshapable:
    """A form with tables, to which a button of the page adds and removes rows."""

    data: Any
    errors: Any
    fields: dict[str, forms.Field]

    @property
    def reshaped(self) -> bool:
        """Whether the page was sent for a row: what is missing is not yet a fault."""
        return ROWS in self.data

    def forgive(self) -> None:
        """Show what was typed without its faults."""
        self.errors.clear()
        for made in self.fields.values():
            if isinstance(made, TableField):
                made.widget.wrong = {}
