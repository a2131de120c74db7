"""Bringing lists in from a workbook, and publishing a version: what many rows and many versions cost."""

import datetime as dt
import itertools
import os
import time
from collections.abc import Iterator

from django.db import transaction
from django.utils import timezone

from benchmarks.rounds import Row, Run
from matters import actions
from matters.exchange import book, importing
from matters.models import GuideVersion, Matter
from support.accounts.hats import OFFICER_HAT, actor_for
from support.accounts.models import User
from support.records.actor import TIMER

FEW, MANY = 1_000, int(os.environ.get("BENCH_ROWS", "50000"))  # rows of all sheets
OLD = 200  # versions of the guide with many
IMPORT_ROUNDS = 2  # a large one takes minutes


def rows() -> Iterator[Row]:
    version = GuideVersion.objects.filter(
        document__name__contains={"zh-hans": "食品经营许可（新办）"}
    ).latest("version")
    matter = Matter.objects.select_related("agency__region", "directory").get(pk=version.matter_id)
    yield _imports(matter)
    yield _publishing(matter)


def _imports(matter: Matter) -> Row:
    """µs per row, a dry run: read, merged, checked, written to drafts, and undone."""
    (document,) = importing.to_export([matter])
    own = sum(len(importing.merging.items(document, sheet)) for sheet in book.CHILDREN) + 1
    identity = document["identity"]
    new = {**document, "identity": {**identity, "task_code": ""}}
    few, many = (book.write(itertools.repeat(new, count // own)) for count in (FEW, MANY))
    pairs = [(_bring(few, matter), _bring(many, matter)) for _ in range(IMPORT_ROUNDS)]
    name = f"import, µs per row, {MANY:,} rows of {FEW:,}"
    return Row(name, [pair[0] for pair in pairs], [pair[1] for pair in pairs], "µs")


def _bring(data: bytes, matter: Matter) -> Run:
    actor = actor_for(User.objects.get(username="editor"), OFFICER_HAT)
    began, cpu = time.perf_counter(), time.process_time()
    lists, faults = book.read(data)
    report = importing.bring_in(lists, matter.agency, actor=actor, now=timezone.now(), dry=True)
    took, worked = time.perf_counter() - began, time.process_time() - cpu
    assert report.claimed == len(lists) and not faults
    read = sum(len(each) for listed in lists for each in listed.children.values()) + len(lists)
    return Run(took * 1e6 / read, worked * 1e3 / read)


def _publishing(matter: Matter) -> Row:
    """One more version of a guide that has many, beside one that has few."""
    document = importing.working_copy(matter)[0]
    start = timezone.now()
    turns = itertools.count(1)

    def once() -> Run:
        at = start + dt.timedelta(seconds=next(turns))
        began, cpu = time.perf_counter(), time.process_time()
        with transaction.atomic():
            actions.publish(matter, document, starts_at=at, actor=TIMER, now=at)
            took, worked = time.perf_counter() - began, time.process_time() - cpu
            transaction.set_rollback(True)
        return Run(took * 1e3, worked * 1e3)

    few = [once() for _ in range(6)][1:]
    for _ in range(OLD):
        at = start + dt.timedelta(seconds=next(turns))
        actions.publish(matter, document, starts_at=at, actor=TIMER, now=at)
    many = [once() for _ in range(6)][1:]
    return Row(f"publishing, ms, {OLD} versions of one", few, many, "ms")
