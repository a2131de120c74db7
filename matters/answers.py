"""Answers to a form in words, for the check page, the case and the desk."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from matters.guides import Field, Guide
from support.accounts.masking import mask_number, mask_phone
from support.places.models import Region

MASKS: dict[str, Callable[[str], str]] = {
    "idnumber": mask_number,
    "phone": mask_phone,
    "bankcard": mask_number,
    "landline": mask_phone,
}


def review(guide: Guide, answers: Mapping[str, Any], *, masked: bool) -> list[dict[str, Any]]:
    """Sections of answers: title, page key and rows of (label, value in words, table).

    `masked` hides identity, card and telephone numbers; only whoever must check them sees them whole.
    """
    return [
        {
            "key": step.key,
            "title": step.title,
            "rows": [
                {
                    "key": field.key,
                    "label": field.label,
                    "value": in_words(field, answers.get(field.key), masked=masked),
                    "table": table(field, answers.get(field.key), masked=masked),
                }
                for field in step.fields
                if field.shown(dict(answers))
            ],
        }
        for step in guide.steps
    ]


def in_words(field: Field, value: Any, *, masked: bool = False) -> str:
    """A stored answer as a person reads it; empty for none."""
    if masked and field.type in MASKS:
        return MASKS[field.type](field.say(value)) if value else ""
    if field.type == "region" and value:
        region = Region.objects.select_related("parent").filter(code=value).first()
        return f"{region.parent or ''}{region}" if region else str(value)
    if field.type == "declaration":
        return _("已确认") if value else ""
    if field.type == "table":
        rows = table(field, value, masked=masked)["rows"]
        return "；".join("、".join(cell["value"] for cell in row if cell["value"]) for row in rows)
    said = field.say(value)
    return f"{said} {field.unit}".strip() if said else ""


def table(field: Field, value: Any, *, masked: bool) -> dict[str, Any]:
    """The rows of a table in words, under the heads of their columns; empty for any other question."""
    if field.type != "table" or not isinstance(value, list | None):
        return {}
    return {
        "label": field.label,
        "heads": [column.label for column in field.columns],
        "rows": [
            [
                {"label": column.label, "value": in_words(column, row.get(column.key), masked=masked)}
                for column in field.columns
            ]
            for row in value or ()
        ],
    }
