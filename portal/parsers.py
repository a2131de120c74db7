"""What the API takes as JSON. Apart from portal.api, because the framework loads its parsers before its views."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import parsers
from rest_framework.exceptions import ParseError

DEEPEST = 32  # lists and objects within each other; no shape of ours comes near it


class JSONParser(parsers.JSONParser):
    """JSON of reasonable depth, all of whose text is text. Raises ParseError, in words, for any other."""

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        try:
            data = super().parse(stream, media_type, parser_context)
        except ParseError as error:
            raise ParseError(_("请求内容不是有效的 JSON")) from error
        except RecursionError as error:
            raise _too_deep() from error
        _refuse_unfit(data)
        return data


def _too_deep() -> ParseError:
    return ParseError(_("请求内容嵌套过深，最多 %(most)d 层") % {"most": DEEPEST})


def _refuse_unfit(data: Any) -> None:
    level = [data]
    for _depth in range(DEEPEST + 1):
        if any(isinstance(value, str) and not _is_text(value) for value in level):
            raise ParseError(_("请求内容含有无法识别的字符"))
        level = [inner for value in level for inner in _inside(value)]
        if not level:
            return
    raise _too_deep()


def _inside(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [*value.keys(), *value.values()]
    return value if isinstance(value, list) else []


def _is_text(value: str) -> bool:
    """False for half a surrogate pair, which JSON can write and UTF-8 cannot, and for NUL, which no column takes."""
    if "\0" in value:
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
