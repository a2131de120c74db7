"""Workbooks in the layout of the exchange tables: written, and read without trusting them."""

import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import IO, Any

from django.utils.translation import gettext as _
from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from matters.exchange import merging
from matters.exchange.columns import CHILDREN, LISTS, SHEETS, Sheet
from matters.exchange.merging import Cells

MOST_ROWS = 50_000  # of one sheet
MOST_FAULTS = 500  # of a report
MOST_BYTES = 20 * 2**20
MOST_UNPACKED = 400 * 2**20
LONGEST_CELL = 32_767  # of the format
CODES = "代码表"
Document = dict[str, Any]


class BookRefused(Exception):
    """The file as a whole cannot be read; the message says why and what to do."""


@dataclass(frozen=True)
class Fault:
    """What is wrong with one place of the workbook. `error`: it cannot be taken; else it must be mended before
    the list can be reviewed."""

    sheet: str
    row: int
    column: str
    message: str
    error: bool = True


class _Bounded(list[Fault]):
    """Faults up to a number that somebody may read; a workbook can have one in every cell."""

    def append(self, fault: Fault) -> None:
        if len(self) < MOST_FAULTS:
            super().append(fault)


@dataclass
class Row:
    """One row as it was read: `number` is that of the sheet, from 1; `places` the letters of its columns."""

    sheet: Sheet
    number: int
    cells: Cells
    places: dict[str, str]

    def fault(self, element: str, message: str, *, error: bool = True) -> Fault:
        return Fault(self.sheet.name, self.number, self.places.get(element, ""), message, error)


@dataclass
class Listed:
    """One list with the rows of the other sheets that belong to it; a sheet that the file lacks is not in it."""

    row: Row
    children: dict[str, list[Row]] = field(default_factory=dict)


# --- writing -------------------------------------------------------------------------------------

HEAD = PatternFill("solid", start_color="E8F0FB")


def write(documents: Iterable[Document]) -> bytes:
    """A workbook of the documents, each complete with its identity; without any it is the template."""
    book = Workbook(write_only=True)
    sheets = {sheet.name: _begin(book, sheet) for sheet in SHEETS}
    for number, document in enumerate(documents, 1):
        _append(sheets[LISTS.name], LISTS, document, number)
        for sheet in CHILDREN:
            for item in merging.items(document, sheet):
                _append(sheets[sheet.name], sheet, item, number)
    _write_codes(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _begin(book: Workbook, sheet: Sheet) -> Any:
    """Two rows of heading: the element's name, which is read, and what it means."""
    made = book.create_sheet(sheet.name)
    made.freeze_panes = "B3"
    for n, column in enumerate(sheet.columns, 1):
        made.column_dimensions[get_column_letter(n)].width = 40 if column.kind in ("text", "texts") else 20
    for words in ([c.element for c in sheet.columns], [str(c.title) for c in sheet.columns]):
        made.append([_styled(made, word) for word in words])
    return made


def _styled(sheet: Any, word: str) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, value=word)
    cell.font, cell.fill = Font(bold=True), HEAD
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    return cell


def _append(made: Any, sheet: Sheet, item: Document, number: int) -> None:
    cells = []
    for column in sheet.columns:
        text = str(number) if column.element == "list_no" else merging.cell(item, column)
        cell = WriteOnlyCell(made, value=text[:LONGEST_CELL] or None)
        if text:
            cell.data_type = "s"  # never a formula, whatever it begins with
        cells.append(cell)
    made.append(cells)


def _write_codes(book: Workbook) -> None:
    made = book.create_sheet(CODES)
    made.append([_styled(made, word) for word in (_("工作表"), _("列"), _("代码"), _("含义"))])
    for sheet in SHEETS:
        for column in sheet.columns:
            for code, label in (column.codes or {}).items():
                made.append([sheet.name, column.element, code, str(label)])


# --- reading -------------------------------------------------------------------------------------


def read(data: bytes) -> tuple[list[Listed], list[Fault]]:
    """The lists of a workbook, and what is wrong with single cells. Raises BookRefused."""
    _inspect(data)
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=False)
    except Exception as error:  # the library raises whatever its parts raise
        raise BookRefused(_("文件不是能打开的 Excel 工作簿（.xlsx）")) from error
    faults: list[Fault] = _Bounded()
    if LISTS.name not in book.sheetnames:
        raise BookRefused(_("缺少工作表“%(name)s”，请使用下载的模板") % {"name": LISTS.name})
    lists: dict[str, Listed] = {}
    for row in _rows(book[LISTS.name], LISTS, faults):
        number = row.cells.get("list_no", "")
        if not number:
            faults.append(row.fault("list_no", _("不能为空")))
        elif number in lists:
            faults.append(row.fault("list_no", _("清单序号 %(n)s 重复") % {"n": number}))
        else:
            lists[number] = Listed(row)
    for sheet in CHILDREN:
        if sheet.name in book.sheetnames:
            _share_out(_rows(book[sheet.name], sheet, faults), sheet, lists, faults)
    return list(lists.values()), faults


def _share_out(rows: Iterator[Row], sheet: Sheet, lists: dict[str, Listed], faults: list[Fault]) -> None:
    for listed in lists.values():
        listed.children[sheet.name] = []
    for row in rows:
        listed_or_none = lists.get(row.cells.get("list_no", ""))
        if listed_or_none is None:
            faults.append(row.fault("list_no", _("“实施清单”工作表中没有这个清单序号")))
        else:
            listed_or_none.children[sheet.name].append(row)


def _inspect(data: bytes) -> None:
    if len(data) > MOST_BYTES:
        raise BookRefused(_("文件超过 %(n)s MB，请分成几个文件") % {"n": MOST_BYTES // 2**20})
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            names = packed.infolist()
            if sum(each.file_size for each in names) > MOST_UNPACKED:
                raise BookRefused(_("文件展开后过大，请分成几个文件"))
            if any(each.filename.lower().endswith("vbaproject.bin") for each in names):
                raise BookRefused(_("文件含有宏，请另存为不含宏的 .xlsx 文件"))
            for each in names:
                with packed.open(each) as part:
                    _look_through(part, sheet=each.filename.startswith("xl/worksheets/"))
    except (zipfile.BadZipFile, OSError, EOFError, RuntimeError, NotImplementedError) as error:
        raise BookRefused(_("文件不是能打开的 Excel 工作簿（.xlsx）")) from error


def _look_through(part: IO[bytes], *, sheet: bool) -> None:
    """No part declares entities, which could grow without end (defusedxml refuses them in other encodings)."""
    kept = b""
    while chunk := part.read(2**20):
        seen = kept + chunk
        if b"<!DOCTYPE" in seen or b"<!ENTITY" in seen:
            raise BookRefused(_("文件不是能打开的 Excel 工作簿（.xlsx）"))
        if sheet and b"<mergeCell " in seen:
            raise BookRefused(_("工作表中有合并的单元格，请取消合并后再导入"))
        kept = chunk[-16:]


def _rows(made: Any, sheet: Sheet, faults: list[Fault]) -> Iterator[Row]:
    made.reset_dimensions()  # what the file says of its size may be wrong
    places: dict[str, int] = {}
    for number, cells in enumerate(made.iter_rows(), 1):
        if number > MOST_ROWS + 2:
            raise BookRefused(
                _("工作表“%(name)s”超过 %(n)s 行，请分成几个文件") % {"name": sheet.name, "n": MOST_ROWS}
            )
        if number == 1:
            places = _places(cells, sheet, faults)
            continue
        if number == 2:
            continue
        row = Row(sheet, number, {}, {name: get_column_letter(n + 1) for name, n in places.items()})
        for element, n in places.items():
            value = cells[n] if n < len(cells) else None
            row.cells[element] = _plain(value, row, element, faults)
        if any(row.cells.values()):
            yield row


def _places(cells: Any, sheet: Sheet, faults: list[Fault]) -> dict[str, int]:
    known = {column.element for column in sheet.columns}
    titles = {str(column.title): column.element for column in sheet.columns}
    places: dict[str, int] = {}
    for n, cell in enumerate(cells):
        name = str(cell.value or "").strip()
        element = name if name in known else titles.get(name, "")
        if not name:
            continue
        if not element or element in places:
            words = _("不认识的列“%(name)s”") if not element else _("列“%(name)s”重复")
            faults.append(Fault(sheet.name, 1, get_column_letter(n + 1), words % {"name": name[:60]}))
            continue
        places[element] = n
    missing = [column for column in sheet.columns if column.needed and column.element not in places]
    if missing:
        names = _("、").join(f"{column.element} {column.title}" for column in missing)
        raise BookRefused(
            _("工作表“%(sheet)s”缺少列：%(names)s。请使用下载的模板") % {"sheet": sheet.name, "names": names}
        )
    return places


def _plain(cell: Any, row: Row, element: str, faults: list[Fault]) -> str:
    """What a cell says as text; a formula, an error or a date says nothing that could be meant."""
    value = getattr(cell, "value", None)
    if value is None:
        return ""
    kind = getattr(cell, "data_type", "")
    if kind == "f":
        faults.append(row.fault(element, _("单元格是公式，请改为数值或文字")))
        return ""
    if kind == "e":
        faults.append(row.fault(element, _("单元格的内容是错误值")))
        return ""
    if kind == "d":
        faults.append(row.fault(element, _("单元格是日期格式，请改为文本格式")))
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).replace("\r\n", "\n").replace("_x000D_", "").strip()
