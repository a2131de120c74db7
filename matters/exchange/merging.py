"""Between a document and the cells of its row: read out, and put in without losing what cells do not know."""

import re
from typing import Any

from django.utils.translation import gettext as _

from matters.exchange.columns import YES_NO, Column, Sheet
from matters.guides import SOURCE

Document = dict[str, Any]
Cells = dict[str, str]
"""What one row says, by element; an element whose column is missing is not in it."""

LINE_END = "\\n"  # a line end inside one line of a cell


class CellRefused(Exception):
    """A cell that cannot be taken; the message says why."""


# --- reading out ---------------------------------------------------------------------------------


def cell(item: Any, column: Column) -> str:
    """What a document, or one item of its lists, says in a column; empty where it says nothing."""
    value = at(item, column.path)
    if value is None:
        return ""
    said: dict[str, Any] = {
        "text": lambda: value[SOURCE],
        "texts": lambda: "\n".join(_line(text[SOURCE]) for text in value),
        "lines": lambda: "\n".join(value),
        "codes": lambda: "^".join(value),
        "yes": lambda: "1" if value else "0",
        "options": lambda: "\n".join(f"{each['value']}={each['label'][SOURCE]}" for each in value),
        "pairs": lambda: "\n".join(
            f"{each['label'][SOURCE]}：{_line(each['value'][SOURCE])}" for each in value
        ),
        "when": lambda: ";".join(f"{key}={','.join(values)}" for key, values in value.items()),
    }
    return str(said[column.kind]()) if column.kind in said else str(value)


def _line(text: str) -> str:
    return text.replace("\n", LINE_END)


def at(node: Any, path: str) -> Any:
    """What stands at a path, or None."""
    for step in path.split("."):
        node = node.get(step) if isinstance(node, dict) else None
        if node is None:
            return None
    return node


# --- putting in ----------------------------------------------------------------------------------


def put(item: Document, column: Column, text: str) -> None:
    """Set what a cell says in a document or an item of it. Raises CellRefused.

    A text that has not changed keeps its translations; one that has loses them: they said something else.
    """
    if column.kind == "locked":
        if text and text != (at(item, column.path) or text):
            raise CellRefused(_("这一项由目录和机关确定，不能修改"))
        return
    if not text:
        if column.needed:
            raise CellRefused(_("不能为空"))
        _remove(item, column.path.split("."))
        return
    _set(item, column.path.split("."), READ[column.kind](text, column, at(item, column.path)))


def _set(item: Document, steps: list[str], value: Any) -> None:
    for step in steps[:-1]:
        item = item.setdefault(step, {})
    item[steps[-1]] = value


def _remove(item: Document, steps: list[str]) -> None:
    """Take away what a cell no longer says, and what is left empty by that; a list stays as an empty one."""
    parent = at(item, ".".join(steps[:-1])) if len(steps) > 1 else item
    if not isinstance(parent, dict) or steps[-1] not in parent:
        return
    if isinstance(parent[steps[-1]], list):
        parent[steps[-1]] = []
        return
    del parent[steps[-1]]
    if not parent and len(steps) > 1:
        _remove(item, steps[:-1])


def _text(text: str, column: Column, old: Any) -> dict[str, str]:
    return old if isinstance(old, dict) and old.get(SOURCE) == text else {SOURCE: text}


def _texts(text: str, column: Column, old: Any) -> list[dict[str, str]]:
    known = {each[SOURCE]: each for each in old or ()}
    lines = [line.replace(LINE_END, "\n") for line in _lines(text)]
    return [known.get(line, {SOURCE: line}) for line in lines]


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]


def _number(text: str, column: Column, old: Any) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text, re.ASCII):
        raise CellRefused(_("应为整数"))
    return int(text)


def _code(text: str, column: Column, old: Any) -> str:
    known = column.codes or {}
    if text in known:
        return text
    named = [code for code, label in known.items() if str(label) == text]
    if not named:
        raise CellRefused(
            _("没有代码“%(code)s”，应为 %(known)s") % {"code": text[:40], "known": _offered(known)}
        )
    return named[0]


def _offered(known: Any) -> str:
    shown = [f"{code} {label}" for code, label in known.items()]
    return _("、").join(shown[:12]) + ("…" if len(shown) > 12 else "")


def _codes(text: str, column: Column, old: Any) -> list[str]:
    found = [_code(part.strip(), column, None) for part in re.split(r"[\^\n、，,]", text) if part.strip()]
    return list(dict.fromkeys(found))


def _yes(text: str, column: Column, old: Any) -> bool:
    return _code(text, Column("", "", "", codes=YES_NO), None) == "1"


def _options(text: str, column: Column, old: Any) -> list[Document]:
    known = {each["value"]: each["label"] for each in old or ()}
    found = []
    for line in _lines(text):
        value, sign, label = line.partition("=")
        if not sign or not label.strip():
            raise CellRefused(_("每行应为“值=说明”"))
        found.append(
            {"value": value.strip(), "label": _text(label.strip(), column, known.get(value.strip()))}
        )
    return found


def _pairs(text: str, column: Column, old: Any) -> list[Document]:
    known = {(each["label"][SOURCE], each["value"][SOURCE]): each for each in old or ()}
    found = []
    for line in _lines(text):
        label, sign, value = line.partition("：")
        if not sign or not value.strip():
            raise CellRefused(_("每行应为“名称：内容”"))
        pair = label.strip(), value.strip().replace(LINE_END, "\n")
        found.append(known.get(pair) or {"label": {SOURCE: pair[0]}, "value": {SOURCE: pair[1]}})
    return found


def _when(text: str, column: Column, old: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for part in re.split(r"[;；\n]", text):
        if not part.strip():
            continue
        key, sign, values = part.partition("=")
        if not sign or not values.strip():
            raise CellRefused(_("应为“情形=值,值;…”"))
        found[key.strip()] = [value.strip() for value in re.split("[,，]", values) if value.strip()]
    return found


READ: dict[str, Any] = {
    "text": _text,
    "texts": _texts,
    "line": lambda text, column, old: text,
    "lines": lambda text, column, old: _lines(text),
    "number": _number,
    "code": _code,
    "codes": _codes,
    "yes": _yes,
    "options": _options,
    "pairs": _pairs,
    "when": _when,
}


# --- lists ---------------------------------------------------------------------------------------


def items(document: Document, sheet: Sheet) -> list[Document]:
    found = at(document, sheet.path)
    return found if isinstance(found, list) else []


def begin_items(document: Document, sheet: Sheet, rows: list[Cells]) -> list[Document]:
    """For every row of a child sheet the item it speaks of: the one of its key, else of its place, else a new
    one with a key of its own that the list never had."""
    old = items(document, sheet)
    if not sheet.keyed:
        return [dict(old[n]) if n < len(old) else {} for n in range(len(rows))]
    known = {item.get("key"): item for item in old}
    taken = {row.get("key", "") for row in rows} | set(known)
    made = []
    for row in rows:
        key = row.get("key", "") or _fresh(sheet, taken)
        taken.add(key)
        made.append({**known.get(key, {}), "key": key})
    return made


def _fresh(sheet: Sheet, taken: set[Any]) -> str:
    stem, n = sheet.path.rstrip("s").rpartition(".")[2], 1
    while f"{stem}_{n}" in taken:
        n += 1
    return f"{stem}_{n}"


def set_items(document: Document, sheet: Sheet, found: list[Document]) -> None:
    if found or items(document, sheet):
        _set(document, sheet.path.split("."), found)
