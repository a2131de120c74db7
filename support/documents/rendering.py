"""From an ordered document to an unsigned PDF/A. Papers are written in Simplified Chinese, whatever
language the reader uses: 国家通用语言文字法 art. 9 makes it the language of official papers.
"""

import datetime as dt
import re
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from weasyprint import HTML
from weasyprint.document import Document as Layout
from weasyprint.urls import FatalURLFetchingError, URLFetcher

from support.accounts.models import Party
from support.documents.drawing import ground_svg, qr_svg, seal_svg
from support.documents.kinds import ACTS, KINDS, LICENCE, act_of
from support.documents.models import Document, Seal
from support.places.models import Agency

VARIANT = "pdf/a-3b"  # ISO 19005-3, for the archive; tagged besides, so that it can be read aloud
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}")


class RenderFailed(Exception):
    """The paper cannot be made as ordered; the message is for the operator."""


class _NoFetching(URLFetcher):  # type: ignore[misc]
    """Papers consist of their template alone: no file, no network."""

    def fetch(self, url: str, headers: Any = None) -> Any:
        raise FatalURLFetchingError(url)


def render(document: Document, seal: Seal) -> tuple[bytes, int]:
    """The unsigned PDF and its number of pages. Raises RenderFailed: a letter has no glyph, or the
    paper refers to something outside itself.
    """
    with translation.override("zh-hans"):
        html = render_to_string(f"documents/papers/{document.template}.html", context(document, seal))
    options = {"pdf_variant": VARIANT, "pdf_tags": True}
    identifier = document.uuid.hex.encode()
    try:
        layout = HTML(string=html, url_fetcher=_NoFetching()).render(**options)
        pdf = layout.write_pdf(pdf_identifier=identifier, finisher=_refuse_missing_glyphs, **options)
    except FatalURLFetchingError as error:  # no Exception by its class: it would end the worker
        raise RenderFailed(f"outside the paper: {error}") from error
    return pdf, len(layout.pages)


def context(document: Document, seal: Seal) -> dict[str, Any]:
    payload = _with_dates(document.payload)
    return {
        "document": document,
        "kind": KINDS[document.kind],
        "agency": document.agency,
        "issued_on": timezone.localdate(document.issued_at),
        "p": payload,
        "demo": not settings.PRODUCTION,
        "licence": payload.get("regime") == LICENCE,
        "act": ACTS[act_of(payload)],
        "you": "你" if document.party and document.party.kind == Party.Kind.NATURAL else "你单位",
        "remedies": {**_remedies(document.agency), **(payload.get("remedies") or {})},
        "verify_url": settings.PORTAL_URL + reverse("certificates:verify"),
        "seal": seal_svg(document.agency.name, seal.legend),
        "qr": qr_svg(settings.PORTAL_URL + reverse("certificates:check", args=[document.code])),
        "ground": ground_svg(),
    }


def _remedies(agency: Agency) -> dict[str, str]:
    """复议: sixty days (行政复议法 20); 诉讼: six months (行政诉讼法 46)."""
    return {
        "authority": agency.review_authority,
        "court": agency.court,
        "review_term": "60 日",
        "suit_term": "6 个月",
    }


def _with_dates(payload: dict[str, Any]) -> dict[str, Any]:
    """Days and instants of the payload as such, so that templates can write them out."""
    return {name: _dated(value) for name, value in payload.items()}


def _dated(value: Any) -> Any:
    if isinstance(value, str) and DAY.fullmatch(value):
        return dt.date.fromisoformat(value)
    if isinstance(value, str) and INSTANT.fullmatch(value):
        return dt.datetime.fromisoformat(value)
    return value


def _refuse_missing_glyphs(layout: Layout, pdf: Any) -> None:
    """A sealed paper with a blank box in a person's name must not exist."""
    missing = sorted({codepoint for font in layout.fonts.values() for codepoint in font.missing})
    if missing:
        codes = " ".join(f"U+{codepoint:04X}" for codepoint in missing[:8])
        raise RenderFailed(f"字库缺字 {codes}: 请安装包含这些字的字体后重试")
