"""Valid answers to any form, made from the definitions of its fields."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from matters.guides import Field, Guide

BY_TYPE: dict[str, Any] = {
    "money": "100.00",
    "idnumber": "640199199003070002",
    "uscc": "91640104YYYY0091X3",
    "phone": "19900000001",
    "name": "张小兰",
    "address": "银川市兴庆区示例路100号",
    "declaration": True,
    "email": "citizen@example.com",
}


def _number(field: Field) -> Any:
    least = Decimal(field.minimum or "1")
    value = max(least, Decimal(1))
    assert field.maximum is None or value <= Decimal(field.maximum)
    return str(value.quantize(Decimal(1).scaleb(-field.decimals))) if field.decimals else int(value)


def _answer(field: Field) -> Any:
    if field.type == "choice":
        return field.choices[0][0]
    if field.type == "choices":
        return [field.choices[-1][0]]
    if field.type in ("text", "textarea"):
        return "示例内容"[: field.max_length]
    if field.type == "number":
        return _number(field)
    if field.type == "date":
        return field.minimum or "2026-12-01"
    if field.type == "region":
        return "640104000000"
    return BY_TYPE[field.type]


def valid_answers(guide: Guide, **chosen: str) -> dict[str, Any]:
    """An answer to every question that is asked, in order; `chosen` decides single choices."""
    answers: dict[str, Any] = {}
    for field in guide.fields():
        if field.shown(answers):
            answers[field.key] = chosen.get(field.key) or _answer(field)
    return answers


def every_branch(guide: Guide) -> Iterator[dict[str, Any]]:
    """Answers that together ask every question of the form."""
    yield valid_answers(guide)
    for condition in dict.fromkeys(field.show_if for field in guide.fields() if field.show_if):
        yield valid_answers(guide, **dict(condition.terms))


def first_choices(guide: Guide) -> dict[str, str]:
    """The first answer to every question of 情形."""
    return {situation.key: situation.options[0][0] for situation in guide.situations}
