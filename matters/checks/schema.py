"""A document against its JSON Schema, said in words."""

import json
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError as SchemaError

from matters.checks.rule import Document, Problem

SCHEMA = Path(__file__).parent.parent / "schema" / "guide-1.json"
CODE = "S01"


def broken(document: Document) -> Iterator[Problem]:
    """What the schema finds."""
    for error in _validator().iter_errors(document):
        yield _in_words(error)


def fits_schema(document: Document) -> bool:
    """Whether a document has the shape of a guide, so that it can be read as one; rules may still be broken."""
    return bool(_validator().is_valid(document))


@lru_cache(maxsize=1)
def _validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


def _in_words(error: SchemaError) -> Problem:
    wanted: Any = error.validator_value
    found: Any = error.instance
    schema: Any = error.schema
    messages: dict[str, Callable[[], str]] = {
        "required": lambda: (
            _("缺少 %(names)s") % {"names": _("、").join(name for name in wanted if name not in found)}
        ),
        "additionalProperties": lambda: (
            _("有不认识的项 %(names)s")
            % {"names": _("、").join(sorted(set(found) - set(schema["properties"])))}
        ),
        "type": lambda: _("类型应为 %(type)s") % {"type": wanted},
        "enum": lambda: _("只能是 %(values)s 之一") % {"values": _("、").join(map(str, wanted))},
        "const": lambda: _("只能是 %(value)s") % {"value": wanted},
        "minItems": lambda: _("至少要有 %(n)s 项") % {"n": wanted},
        "maxItems": lambda: _("最多 %(n)s 项") % {"n": wanted},
        "minProperties": lambda: _("至少要有 %(n)s 项") % {"n": wanted},
        "maxLength": lambda: _("最多 %(n)s 个字") % {"n": wanted},
        "minimum": lambda: _("不能小于 %(n)s") % {"n": wanted},
        "maximum": lambda: _("不能大于 %(n)s") % {"n": wanted},
        "uniqueItems": lambda: _("有重复的项"),
        "pattern": lambda: _("不能为空") if wanted == r"\S" else _("格式不正确"),
        "anyOf": lambda: _("缺少内容"),
    }
    say = messages.get(str(error.validator))
    lacking = tuple(name for name in wanted if name not in found) if error.validator == "required" else ()
    return Problem(_path(error), say() if say else _("不符合格式要求"), CODE, missing=lacking)


def _path(error: SchemaError) -> str:
    steps = [f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.absolute_path]
    return "".join(steps).removeprefix(".")
