"""What editors fill in to change the directory. A draft may be incomplete: only what cannot be read is refused here."""

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from matters import codes
from matters.changes.actions import Content
from matters.changes.rules import MOST, SHAPES, keeps_the_coded
from matters.models import DirectoryChange, DirectoryEntry
from support.places.models import Agency

Kind = DirectoryChange.Kind
TOO_LONG = {"max_length": _("最多 %(limit_value)d 字，现在有 %(show_value)d 字。")}
MOMENTS = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S"]


class _Later(forms.Field):
    """Needed before the request is sent for review, not to keep a draft of it."""

    def validate(self, value: Any) -> None:
        if value not in self.empty_values:
            super().validate(value)


class _Text(_Later, forms.CharField):
    pass


class _Choice(_Later, forms.ChoiceField):
    pass


class _Choices(_Later, forms.MultipleChoiceField):
    pass


class _Words(_Text):
    def __init__(self, label: Any, *, rows: int = 3, most: int = 2000, **kwargs: Any) -> None:
        widget = forms.Textarea(attrs={"rows": rows})
        super().__init__(label=label, max_length=most, widget=widget, error_messages=TOO_LONG, **kwargs)


class ReasonForm(forms.Form):
    """Why, and on which basis."""

    use_required_attribute = False
    reason = _Words(_("理由"))
    basis = _Words(_("依据"), help_text=_("法律、法规、规章或者文件的名称用书名号，写明条款；文件写明文号。"))
    resumes_on = forms.DateField(
        label=_("预计恢复日期"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("告知公众；到期不会自动恢复，要另提恢复申请。"),
        error_messages={"invalid": _("日期写成 2026-11-30 这样。")},
    )


class ChangeForm(ReasonForm):
    """A request of one kind. `entries` is typed as codes, one per line where there are several."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)
    entries = _Text(label=_("涉及的事项（基本编码）"), max_length=2000, error_messages=TOO_LONG)
    effect = _Choice(
        label=_("对在办件的影响"),
        widget=forms.RadioSelect,
        help_text=_("在办件按提交申请时的规定办；只能减轻，不得加重。"),
    )
    effect_note = _Words(
        _("影响说明"),
        required=False,
        help_text=_("选择“只减不增”的，写明减少的材料、缩短的时限；选择终止的，写明废止的依据。"),
    )
    starts_at = forms.DateTimeField(
        label=_("计划生效时间"),
        required=False,
        input_formats=MOMENTS,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local", "step": "1"}, format="%Y-%m-%dT%H:%M:%S"),
        help_text=_("不填的，审核全部通过时生效。"),
        error_messages={"invalid": _("时间写成 2026-11-30 09:00 这样。")},
    )
    field_order = ("entries", "reason", "basis", "effect", "effect_note", "starts_at", "resumes_on", "seen")

    def __init__(self, kind: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shape = SHAPES[Kind(kind)]
        if shape.entries == (0, 0):
            del self.fields["entries"]
        elif shape.entries[1] > 1:
            self.fields["entries"].widget = forms.Textarea(attrs={"rows": 4, "spellcheck": "false"})
            self.fields["entries"].help_text = gettext("每行一个编码。")
        if len(shape.effects) == 1:
            del self.fields["effect"], self.fields["effect_note"]
        else:
            labels = dict(DirectoryChange.Effect.choices)
            self.fields["effect"].choices = [(e, labels[e]) for e in shape.effects]  # type: ignore[attr-defined]
        if kind != Kind.SUSPEND:
            del self.fields["resumes_on"]

    def clean_entries(self) -> list[DirectoryEntry]:
        given = list(dict.fromkeys(self.cleaned_data["entries"].split()))
        found = entries_by_code(given)
        unknown = [code for code in given if code not in found]
        if unknown:
            raise forms.ValidationError(
                gettext("目录中没有编码 %(codes)s。") % {"codes": gettext("、").join(unknown)}
            )
        return [found[code] for code in given]

    def content(self, parts: list[dict[str, Any]]) -> Content:
        given = self.cleaned_data
        return Content(
            entries=tuple(given.get("entries", ())),
            reason=given["reason"].strip(),
            basis=given["basis"].strip(),
            proposed=parts,
            effect=given.get("effect") or DirectoryChange.Effect.KEEP,
            effect_note=given.get("effect_note", "").strip(),
            starts_at=given["starts_at"],
            resumes_on=given.get("resumes_on"),
        )


def entries_by_code(given: list[str]) -> dict[str, DirectoryEntry]:
    """Entries of our own by 基本编码 or local code."""
    rows = DirectoryEntry.objects.filter(
        Q(catalog_code__in=given) | Q(local_catalog_code__in=given, catalog_code=None), source=None
    )
    return {entry.code: entry for entry in rows}


class PartForm(forms.Form):
    """An entry that comes about, or the facts of one that changes."""

    use_required_attribute = False
    name = _Text(label=_("事项名称"), max_length=200, error_messages=TOO_LONG)
    task_type = _Choice(label=_("事项类型"), choices=[("", _("请选择")), *codes.TASK_TYPES.items()])
    code = _Text(
        label=_("基本编码"),
        max_length=50,
        help_text=_("12 位：地区 2 位、事项类型 2 位、主项 5 位、子项 3 位（没有子项的写 000）。"),
    )
    by_law = _Words(_("设定依据"), most=4000, help_text=_("名称用书名号，写到条款；多项用分号隔开。"))
    use_level = _Choices(
        label=_("行使层级"),
        choices=list(codes.USE_LEVELS.items()),
        widget=forms.CheckboxSelectMultiple,
    )
    department = forms.CharField(
        label=_("部门"), required=False, max_length=100, help_text=_("不填的，为认领的机关。")
    )

    def __init__(self, *args: Any, kind: str, agency: Agency, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.local = not keeps_the_coded(agency)
        self.kind = kind
        if kind == Kind.CHANGE:
            del self.fields["code"], self.fields["task_type"]
        elif self.local:
            self.fields["code"].label = gettext("地方基本编码")

    def part(self, entry: DirectoryEntry | None) -> dict[str, Any]:
        """The facts as a request keeps them; of a change those of the entry that cannot change are filled in."""
        given = self.cleaned_data
        code = given.get("code", "").strip()
        own = {"catalog_code": "" if self.local else code, "local_catalog_code": code if self.local else ""}
        if self.kind == Kind.CHANGE and entry:
            own = {"catalog_code": entry.catalog_code or "", "local_catalog_code": entry.local_catalog_code}
        return own | {
            "name": given["name"].strip(),
            "task_type": entry.task_type
            if self.kind == Kind.CHANGE and entry
            else given.get("task_type", ""),
            "by_law": given["by_law"].strip(),
            "use_level": "^".join(given["use_level"]),
            "department": given["department"].strip() or None,
        }


def initial_of(part: dict[str, Any]) -> dict[str, Any]:
    """The kept facts as the form shows them."""
    return {
        "name": part.get("name") or "",
        "task_type": part.get("task_type") or "",
        "code": part.get("catalog_code") or part.get("local_catalog_code") or "",
        "by_law": part.get("by_law") or "",
        "use_level": (part.get("use_level") or "").split("^"),
        "department": part.get("department") or "",
    }


def part_forms(
    kind: str, agency: Agency, data: Any, initial: list[dict[str, Any]], *, more: int = 0
) -> list[PartForm]:
    """One form for each entry that comes about; `more`: so many empty ones after those that were sent."""
    least, most = SHAPES[Kind(kind)].parts
    sent = len([name for name in data if name.startswith("parts-") and name.endswith("-name")]) if data else 0
    n = min(max(least, sent + more if data else len(initial)), max(most, 0), MOST)
    return [
        PartForm(
            data if data and i < sent else None,
            prefix=f"parts-{i}",
            initial=initial[i] if i < len(initial) else None,
            kind=kind,
            agency=agency,
        )
        for i in range(n)
    ]


class ReviewForm(forms.Form):
    use_required_attribute = False
    seen = forms.IntegerField(widget=forms.HiddenInput)
    comment = _Words(_("审核意见"), required=False, help_text=_("退回的必须写明原因和修改要求。"))
