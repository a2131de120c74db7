"""What a draft has from elsewhere: directory, agency, statute, material library. It is shown, never typed."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from matters import codes
from matters.actions import ACCEPTANCE
from matters.editing.forms import UNITS, questions, situations
from matters.editing.paths import get
from matters.editing.sections import Element, Section, Spot
from matters.guides import SOURCE
from matters.models import GuideDraft, Matter

Document = dict[str, Any]


@dataclass(frozen=True)
class Locked:
    """A value and where it comes from."""

    label: str
    value: str
    source: str


def identity(draft: GuideDraft) -> list[Locked]:
    """What directory, agency and list say of every guide of theirs."""
    matter = draft.matter
    entry, agency = matter.directory, matter.agency
    levels = codes.listed(codes.USE_LEVELS, (entry.use_level or "").split("^"))
    directory = _("基本目录（第 %(n)s 版）") % {"n": entry.version}
    rows = [
        (_("目录事项名称"), entry.name, directory),
        (_("基本编码"), entry.catalog_code, directory),
        (_("地方基本编码"), entry.local_catalog_code, directory),
        (_("事项类型"), codes.TASK_TYPES.get(entry.task_type, entry.task_type), directory),
        (_("行使层级"), levels if entry.use_level else "", directory),
        (_("实施主体"), agency.name, _("机关资料")),
        (_("统一社会信用代码"), agency.uscc, _("机关资料")),
        (_("实施主体性质"), codes.DEPT_TYPES.get(agency.dept_type, agency.dept_type), _("机关资料")),
        (_("实施编码"), matter.task_code, _("认领时编定")),
        (_("适用规则"), matter.get_regime_display(), _("事项类型")),
    ]
    return [Locked(str(label), str(value), source) for label, value, source in rows if value]


def is_licence(draft: GuideDraft) -> bool:
    return draft.matter.regime == Matter.Regime.LICENCE


def is_locked(draft: GuideDraft, element: Element, item: Spot | None) -> bool:
    """Whether an element of a section, or of one of its items, comes from elsewhere and cannot be typed."""
    if element.by_law:
        return is_licence(draft)
    if item is None or item.index is None:
        return False
    if element.shared and get(draft.document, (*item.item, "library")):
        return True
    return item.group.path == "basis" and element.path == "law" and of_directory(draft, item)


def of_directory(draft: GuideDraft, item: Spot) -> bool:
    """Whether a basis is one that the directory names."""
    law = get(draft.document, (*item.item, "law", SOURCE))
    named = (draft.matter.directory.by_law or "").split("；")
    return bool(law) and any(part.strip().startswith(str(law).strip()) for part in named)


def why_kept(draft: GuideDraft, item: Spot) -> str:
    """Why an item cannot be removed; empty if it can."""
    if item.group.path == "basis" and of_directory(draft, item):
        return _("这是基本目录规定的设定依据，不能删除。")
    return ""


def locked_rows(draft: GuideDraft, section: Section, item: Spot | None) -> list[Locked]:
    """What a page shows of it."""
    rows = identity(draft) if section.key == "basic" and item is None else []
    for element in item.group.elements if item else section.elements:
        if not is_locked(draft, element, item):
            continue
        path = (*item.item, *element.steps) if item else element.steps
        value = get(_with_statute(draft), path)
        if value not in (None, "", [], {}):
            rows.append(
                Locked(
                    str(element.label), said(element, value, draft.document), _source(draft, element, item)
                )
            )
    return rows


def _source(draft: GuideDraft, element: Element, item: Spot | None) -> str:
    if element.by_law:
        return _("《中华人民共和国行政许可法》")
    reference = get(draft.document, (*item.item, "library")) if item else None
    if element.shared and reference:
        return _("材料库（第 %(n)s 版）") % {"n": reference.get("revision")}
    return _("基本目录")


def _with_statute(draft: GuideDraft) -> Document:
    return with_statute(draft, draft.document)


def with_statute(draft: GuideDraft, document: Document) -> Document:
    """A document whose terms are there, and of a licence begin with that of the law."""
    terms = document.get("terms") or {}
    if is_licence(draft) and terms.get("acceptance") is not None:
        terms = {**terms, "acceptance": {**ACCEPTANCE, **terms["acceptance"]}}
    elif is_licence(draft):
        terms = {"acceptance": ACCEPTANCE, **terms}
    return {**document, "terms": terms}


def said(element: Element, value: Any, document: Document) -> str:
    """The value of an element in words, on one line."""
    kind = element.kind
    if value in (None, "", [], {}):
        return _("未填写")
    if kind in ("text", "long"):
        return "\n".join(dict.fromkeys(value.values())) if isinstance(value, dict) else str(value)
    if kind in ("term", "months"):
        unit = UNITS.get(value.get("unit", ""), "")
        return f"{value['amount']} {unit}" if "amount" in value else _("未填写")
    if kind == "codes":
        return codes.listed(element.choices, value)
    if kind == "code":
        return str(element.choices.get(value, value))
    if kind == "yes":
        return _("是") if value else _("否")
    if kind == "lines":
        return _("、").join(value)
    if kind == "megabytes":
        return f"{value / 2**20:g} MB"
    if kind == "question":
        return dict(questions(document)).get(value, str(value))
    if kind == "when":
        labels = {key: (words, dict(options)) for key, words, options in situations(document)}
        return _("；").join(
            f"{labels[key][0]} {_('、').join(labels[key][1].get(v, v) for v in values)}"
            for key, values in value.items()
            if key in labels
        )
    return str(value)
