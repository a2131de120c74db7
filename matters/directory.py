"""The directory page and what search says of it: entries by name, department, type, claimed or not.

Every count is exact: it is the number of entries the list shows once that filter is chosen beside the others.
"""

import datetime as dt
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet, Window

from matters import codes
from matters.facets import above
from matters.models import DirectoryEntry, GuideVersion, Matter
from matters.scripts import fold
from matters.search import LONGEST_QUERY, expansions
from support.records.actor import Actor

PER_PAGE = 20
Rows = QuerySet[Any]  # of DirectoryEntry, with `claimed`
STORABLE = re.compile(r"[^\x00\ud800-\udfff]{1,100}")


@dataclass(frozen=True)
class Choice:
    """What is wanted of the directory. `claimed`: yes, no, or empty for both. `region`: 12 digits, whose directory
    it is: its own entries and those it inherits; empty: all."""

    q: str = ""
    department: str = ""
    task_type: str = ""
    claimed: str = ""
    region: str = ""
    page: int = 1

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> "Choice":
        """From query parameters; a filter that makes no sense is left out."""
        department, task_type = asked.get("department", ""), asked.get("type", "")
        page, region = asked.get("page", ""), asked.get("region", "")
        return cls(
            q=asked.get("q", "").strip()[:LONGEST_QUERY],
            department=department if STORABLE.fullmatch(department) else "",
            task_type=task_type if task_type in codes.TASK_TYPES else "",
            claimed=asked.get("claimed", "") if asked.get("claimed") in ("yes", "no") else "",
            region=region if re.fullmatch(r"[0-9]{12}", region, re.ASCII) else "",
            page=int(page) if re.fullmatch(r"[0-9]{1,4}", page, re.ASCII) else 1,
        )


@dataclass(frozen=True)
class Listed:
    """One page of entries. Each list of counts keeps to all filters but its own."""

    entries: list[DirectoryEntry]
    total: int
    page: int
    pages: int
    claimed: dict[str, int]
    task_types: list[tuple[str, int]]
    departments: list[tuple[str, int]]


def browse(choice: Choice, *, actor: Actor, at: dt.datetime) -> Listed:
    """The page of the directory that is wanted; `entry.guides` holds those in force that may be applied for."""
    DirectoryEntry.objects.project(at)
    found = _named(_visible(actor, at, choice.region), choice.q)
    claimed = _claimed(_narrowed(found, replace(choice, claimed="")))
    total = claimed[choice.claimed]
    pages = max(1, -(-total // PER_PAGE))
    page = min(max(1, choice.page), pages)
    rows = _narrowed(found, choice).order_by("-claimed", "task_type", "name_fold", "pk")
    guides = GuideVersion.objects.visible_to(actor).open_at(at).select_related("matter__agency")
    matters = Matter.objects.prefetch_related(Prefetch("versions", guides, to_attr="open_guides"))
    shown = rows.prefetch_related(Prefetch("matters", matters.select_related("agency")))
    return Listed(
        entries=list(shown[(page - 1) * PER_PAGE : page * PER_PAGE]),
        total=total,
        page=page,
        pages=pages,
        claimed=claimed,
        task_types=_task_types(_narrowed(found, replace(choice, task_type=""))),
        departments=_departments(_narrowed(found, replace(choice, department=""))),
    )


def unclaimed(q: str, *, first: int, actor: Actor, at: dt.datetime) -> tuple[list[str], int]:
    """The first names and the number of the entries 待认领 that a search would find."""
    rows = _named(_visible(actor, at), q.strip()[:LONGEST_QUERY]).filter(claimed=False)
    counted = rows.annotate(total=Window(Count("pk"))).order_by("name_fold", "pk")
    found = list(counted.values_list("name", "total")[:first])
    return [name for name, _total in found], found[0][1] if found else 0


def _visible(actor: Actor, at: dt.datetime, region: str = "") -> Rows:
    rows = DirectoryEntry.objects.visible_to(actor).listed_at(at).with_claimed(at)
    return rows.of_region(region, above(region)) if region else rows


def _named(rows: Rows, q: str) -> Rows:
    """Those whose name holds every word of the query, or what the catalogue calls it; or that bear its code."""
    folded = fold(q)
    if not folded:
        return rows
    either = Q(catalog_code=folded.upper()) | Q(local_catalog_code=folded.upper())
    for text in [folded, *expansions(folded)]:
        every = Q()
        for word in text.split():
            every &= Q(name_fold__contains=word)
        either |= every
    return rows.filter(either)


def _narrowed(rows: Rows, choice: Choice) -> Rows:
    if choice.department:
        handled = Matter.objects.filter(agency__name=choice.department).values("directory")
        rows = rows.filter(Q(department=choice.department) | Q(department=None, pk__in=handled))
    if choice.task_type:
        rows = rows.filter(task_type=choice.task_type)
    if choice.claimed:
        rows = rows.filter(claimed=choice.claimed == "yes")
    return rows


def _claimed(rows: Rows) -> dict[str, int]:
    counts: dict[str, Any] = rows.aggregate(
        all=Count("pk"), yes=Count("pk", filter=Q(claimed=True)), no=Count("pk", filter=Q(claimed=False))
    )
    return {"": counts["all"], "yes": counts["yes"], "no": counts["no"]}


def _task_types(rows: Rows) -> list[tuple[str, int]]:
    counted = rows.order_by().values("task_type").annotate(entries=Count("pk"))
    return sorted(counted.values_list("task_type", "entries"))


def _departments(rows: Rows) -> list[tuple[str, int]]:
    """By the department the source names, else by the agencies that handle the entry; most first."""
    named = rows.exclude(department=None).order_by().values("department").annotate(entries=Count("pk"))
    counts: Counter[str] = Counter(dict(named.values_list("department", "entries")))
    own = Matter.objects.filter(directory__in=rows.filter(department=None).order_by().values("pk"))
    by_agency = own.values("agency__name").annotate(entries=Count("directory", distinct=True))
    counts.update(dict(by_agency.values_list("agency__name", "entries")))
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
