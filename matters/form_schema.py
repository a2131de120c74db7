"""The application form for clients: JSON Schema 2020-12. The server's own check is `forms.clean_answers`."""

from typing import Any

from matters.conditions import Condition
from matters.guides import LONGEST, SOURCE, Field, Guide

_SCHEMAS: dict[str, dict[str, Any]] = {
    "date": {"type": "string", "format": "date"},
    "idnumber": {"type": "string", "pattern": "^[0-9]{17}[0-9X]$"},
    "uscc": {"type": "string", "pattern": "^[0-9A-HJ-NPQRTUWXY]{18}$"},
    "phone": {"type": "string", "pattern": "^1[3-9][0-9]{9}$"},
    "name": {"type": "string", "minLength": 2, "maxLength": 50},
    "region": {"type": "string", "pattern": "^[0-9]{12}$"},
    "declaration": {"const": True},
    "month": {"type": "string", "pattern": "^[12][0-9]{3}-(0[1-9]|1[0-2])$"},
    "time": {"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"},
    "postcode": {"type": "string", "pattern": "^[0-9]{6}$"},
    "bankcard": {"type": "string", "pattern": "^[0-9]{16,19}$"},
    "landline": {"type": "string", "pattern": "^0[0-9]{2,3}-[0-9]{7,8}(-[0-9]{1,6})?$"},
    "email": {"type": "string", "format": "email", "maxLength": 254},
}


def json_schema(guide: Guide, lang: str = SOURCE) -> dict[str, Any]:
    """The JSON Schema of the answers, with titles in a language."""
    fields = Guide(guide.document, lang).fields()
    schema: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "additionalProperties": False,
        "properties": {field.key: _schema_of(field) for field in fields},
        "required": [field.key for field in fields if field.required and not field.show_if],
    }
    conditions = [_condition(field, field.show_if) for field in fields if field.required and field.show_if]
    return schema | ({"allOf": conditions} if conditions else {})


def _schema_of(field: Field) -> dict[str, Any]:
    values = [value for value, _label in field.choices]
    if field.type in LONGEST:
        shape: dict[str, Any] = {"type": "string", "maxLength": field.longest}
        shape |= {"minLength": field.min_length} if field.min_length else {}
        shape |= {"pattern": f"^(?:{field.pattern[0]})$"} if field.pattern else {}
    elif field.type in ("choice", "yesno"):
        shape = {"enum": values}
    elif field.type == "choices":
        shape = {"type": "array", "uniqueItems": True, "items": {"enum": values}}
    elif field.type in ("number", "money"):
        whole = field.type == "number" and not field.decimals
        shape = {"type": "integer"} if whole else {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}
    elif field.type == "table":
        shape = _table(field)
    else:
        shape = dict(_SCHEMAS[field.type])
    return {"title": field.label, **({"description": field.help} if field.help else {}), **shape}


def _table(field: Field) -> dict[str, Any]:
    return {
        "type": "array",
        "minItems": field.min_rows,
        "maxItems": field.max_rows,
        "items": {
            "type": "object",
            "additionalProperties": False,
            "properties": {column.key: _schema_of(column) for column in field.columns},
            "required": [column.key for column in field.columns if column.required],
        },
    }


def _condition(field: Field, condition: Condition) -> dict[str, Any]:
    terms = [{"properties": {key: {"const": value}}, "required": [key]} for key, value in condition.terms]
    asked = terms[0] if len(terms) == 1 else {f"{condition.mode}Of": terms}
    return {"if": asked, "then": {"required": [field.key]}}
