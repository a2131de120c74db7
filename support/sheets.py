"""Tables as CSV that spreadsheets open safely."""

import csv
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

BOM = b"\xef\xbb\xbf"  # by which spreadsheets know UTF-8


class _Line:
    """A file of which each line is taken as soon as it is written."""

    def write(self, text: str) -> str:
        return text


def cell(value: Any) -> str:
    """As text that no spreadsheet takes for a formula, whether it begins with a plain or a full-width sign."""
    text = str(value)
    sign = unicodedata.normalize("NFKC", text[:1])
    return f"'{text}" if sign in ("=", "+", "-", "@", "\t", "\r", "\n") else text


def lines(rows: Iterable[Iterable[Any]]) -> Iterator[bytes]:
    """Each row as a line of CSV."""
    writer = csv.writer(_Line())
    for row in rows:
        yield writer.writerow(map(cell, row)).encode()
