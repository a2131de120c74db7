"""Rules on standards: a guide may be kinder than the standard of its matter, not heavier."""

from collections.abc import Iterator
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from matters.checks.rule import Document, Findings

PARTS = ("terms", "visits", "conditions", "materials", "fees", "special_procedures", "intermediaries")


def as_the_standard(document: Document) -> Findings:
    yield from _heavier(document, lambda rows, code, region: rows.binding(code, region))


def as_the_trial(document: Document) -> Findings:
    yield from _heavier(document, lambda rows, code, region: rows.tried(code, region, timezone.now()))


def _heavier(document: Document, which: Any) -> Iterator[tuple[str, str]]:
    from matters.compare.differences import differences
    from matters.models import Standard

    identity = document["identity"]
    if not identity["catalog_code"]:
        return
    rows = which(Standard.objects.all(), identity["catalog_code"], identity["agency"]["region_code"])
    for standard in rows.values_list("document", flat=True):
        for change in differences(standard, document):
            if change.heavier and change.path[0] in PARTS:
                yield ".".join(change.path[:2]), _("与标准不一致：%(change)s") % {"change": change.words}
