"""The two scripts of Chinese: one folded form for finding, and the conversion of the catalogue's words."""

import json
import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from opencc import OpenCC

from matters.guides import SOURCE, is_text

TRADITIONAL = "zh-hant"
CJK = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_RUN = re.compile(rf"([{CJK}]+)|([^\W_{CJK}]+)")
# Where the general conversion misses the word of law or of the trade.
GLOSSARY: dict[str, str] = json.loads(
    (Path(__file__).parent / "data" / "glossary.json").read_text(encoding="utf-8")
)


@lru_cache(maxsize=2)
def _converter(config: str) -> OpenCC:
    return OpenCC(config)


def fold(text: str) -> str:
    """The form in which texts and queries meet: simplified, half-width, lower case, single blanks.

    Control characters and lone surrogates become blanks, so that any input can be stored.
    """
    plain = unicodedata.normalize("NFKC", text)
    plain = "".join(" " if unicodedata.category(c) in ("Cc", "Cs", "Cn", "Co") else c for c in plain)
    return " ".join(str(_converter("t2s").convert(plain)).lower().split())


def runs(folded: str) -> Iterator[tuple[str, bool]]:
    """The unbroken pieces of a text and whether they are Chinese; marks and blanks are left out."""
    for match in _RUN.finditer(folded):
        yield match[0], bool(match[1])


def traditional(text: str) -> str:
    """Taiwan's standard characters without its vocabulary, corrected by the glossary."""
    converted = str(_converter("s2tw").convert(text))
    for wrong, right in GLOSSARY.items():
        converted = converted.replace(wrong, right)
    return converted


def without_converted(node: Any) -> Any:
    """A part of a document without the traditional wordings that follow from the simplified ones: those follow
    again when it is published, from whatever the simplified ones say by then."""
    if is_text(node):
        converted = node.get(TRADITIONAL) == traditional(node[SOURCE])
        return {key: words for key, words in node.items() if not (converted and key == TRADITIONAL)}
    if isinstance(node, dict):
        return {key: without_converted(child) for key, child in node.items()}
    if isinstance(node, list):
        return [without_converted(child) for child in node]
    return node


def with_traditional(node: Any) -> Any:
    """A part of a guide's document in which every text has a traditional wording; those given are kept.

    Plain strings (names of bodies, addresses, numbers) are no texts and are never converted.
    """
    if is_text(node):
        return {TRADITIONAL: traditional(node[SOURCE]), **node}
    if isinstance(node, dict):
        return {key: with_traditional(child) for key, child in node.items()}
    if isinstance(node, list):
        return [with_traditional(child) for child in node]
    return node
