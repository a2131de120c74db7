"""What a guide must satisfy before it is published: the schema, then the rules of the trade (`table.RULES`)."""

from dataclasses import replace

from matters.checks import schema
from matters.checks.rule import DAYS_IN, Document, Findings, Level, Problem, Rule
from matters.checks.schema import SCHEMA, fits_schema
from matters.checks.table import RULES

__all__ = [
    "DAYS_IN",
    "RULES",
    "SCHEMA",
    "Document",
    "Findings",
    "Level",
    "Problem",
    "Rule",
    "findings",
    "fits_schema",
    "problems",
    "warnings",
]


def problems(document: Document) -> list[Problem]:
    """All that keeps a document from being published: every error."""
    return [problem for problem in findings(document) if problem.level is Level.ERROR]


def warnings(document: Document) -> list[Problem]:
    """What those who write and review should look at, though it keeps nothing from being published."""
    return [problem for problem in findings(document) if problem.level is Level.WARNING]


def findings(document: Document) -> list[Problem]:
    """Errors and warnings; the rules are asked only if the schema holds.

    A warning that an administrator has hardened for the agency's region, or for one above, is an error.
    """
    broken = list(schema.broken(document))
    if broken:
        return sorted(set(broken), key=lambda problem: problem.path)
    found = [problem for rule in RULES for problem in rule.problems(document)]
    if all(problem.level is Level.ERROR for problem in found):
        return found
    hard = _hardened(document["identity"]["agency"]["region_code"])
    return [replace(problem, level=Level.ERROR) if problem.code in hard else problem for problem in found]


def _hardened(region: str) -> set[str]:
    from matters.models import HardenedRule

    return HardenedRule.objects.codes_for(region)
