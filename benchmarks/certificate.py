"""A certificate made whole — sealed, signed, checked, stored — beside its page through WeasyPrint alone."""

import time
from collections.abc import Callable, Iterator
from itertools import count

from django.template.loader import render_to_string
from django.utils import timezone
from weasyprint import HTML

from applications import papers
from applications.models import Application
from benchmarks import stage
from benchmarks.rounds import Row, Run, in_turn
from support.documents import actions as documents
from support.documents import rendering, signing
from support.documents.models import Document
from support.records.actor import TIMER

EACH = 5  # papers in one round
_numbers = count()


def rows() -> Iterator[Row]:
    stage.set_papers_aside()
    case, _answers, _uploads = stage.file_once("bench-certificate")
    first = _order(case)
    seal = signing.signer_for(first.agency, timezone.now()).seal
    page = render_to_string(f"documents/papers/{first.template}.html", rendering.context(first, seal))
    stage.make_papers()
    yield in_turn(
        "certificate, CPU ms, of plain WeasyPrint", "ms",
        lambda: _cpu(lambda: [HTML(string=page).write_pdf() for _ in range(EACH)]),
        lambda: _make(case),
    )  # fmt: skip


def _order(case: Application) -> Document:
    """One more certificate, as if for another case."""
    case.number = f"bench-{next(_numbers)}"
    certificate = papers.reserve_certificate(case, case.guide.guide, actor=TIMER, at=timezone.now())
    assert certificate is not None
    return certificate.document


def _make(case: Application) -> Run:
    for _ in range(EACH):
        _order(case)
    return _cpu(lambda: documents.drain(timezone.now(), limit=EACH))


def _cpu(act: Callable[[], object]) -> Run:
    before = time.process_time()
    act()
    each = 1000 * (time.process_time() - before) / EACH
    return Run(each, each)
