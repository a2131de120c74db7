"""A workbook's lists brought into drafts, one after the other, on the same path for the dry run and in earnest."""

import copy
import datetime as dt
import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from itertools import islice
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _
from jsonschema import Draft202012Validator

from matters import actions
from matters.checks import SCHEMA, Problem, problems
from matters.editing import actions as editing
from matters.editing.actions import DraftRefused
from matters.exchange import merging
from matters.exchange.book import MOST_FAULTS, Fault, Listed, Row
from matters.exchange.columns import CHILDREN
from matters.exchange.merging import CellRefused
from matters.models import DirectoryEntry, GuideDraft, Matter
from support.places.models import Agency
from support.records.actor import Actor

Document = dict[str, Any]


@dataclass
class Report:
    """What an import did, or would do: lists claimed, changed, left as they were, and refused."""

    lists: int = 0
    claimed: int = 0
    changed: int = 0
    same: int = 0
    refused: int = 0
    faults: list[Fault] = field(default_factory=list)
    more: int = 0  # faults beyond those kept

    def note(self, found: Iterable[Fault]) -> None:
        for fault in found:
            if len(self.faults) < MOST_FAULTS:
                self.faults.append(fault)
            else:
                self.more += 1

    @property
    def errors(self) -> int:
        return sum(fault.error for fault in self.faults) + self.refused

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class _Dry(Exception):
    """Ends the transaction of a dry run."""


def bring_in(
    lists: list[Listed],
    agency: Agency,
    *,
    actor: Actor,
    now: dt.datetime,
    dry: bool,
    hands: Collection[int] = (),
    progress: Callable[[int], None] = lambda done: None,
) -> Report:
    """Bring every list into a draft of the agency; each in its own transaction, none if it has a fault.

    `hands`: who else had a part in what the lists say. `dry`: the same, undone at once.
    Brought in again, a list that has not changed stays as it is.
    """
    report = Report(lists=len(lists))
    for done, listed in enumerate(lists, 1):
        faults: list[Fault] = []
        try:
            with transaction.atomic():
                outcome = _bring(listed, agency, actor, now, faults, hands)
                if dry:
                    raise _Dry
        except _Dry:
            pass
        except (DraftRefused, PermissionDenied) as refused:
            outcome = "refused"
            faults.append(listed.row.fault("task_code", str(refused)))
        setattr(report, outcome, getattr(report, outcome) + 1)
        report.note(faults)
        progress(done)
    return report


def _bring(
    listed: Listed, agency: Agency, actor: Actor, now: dt.datetime, faults: list[Fault], hands: Collection[int]
) -> str:
    """One list: `claimed`, `changed`, `same` or `refused`."""
    matter, claimed = _matter(listed.row, agency, actor, now)
    base, draft = working_copy(matter)
    document = copy.deepcopy(base)
    _merge(document, matter, listed, faults)
    if any(fault.error for fault in faults):
        return "refused"
    if document != base:
        if draft is not None and draft.state != GuideDraft.State.EDITING:
            raise DraftRefused(
                _("草稿现在的状态是“%(state)s”，不能修改。") % {"state": draft.get_state_display()}
            )
        draft = draft or editing.revise(matter, actor=actor, now=now)
        editing.save(draft, document, seen=draft.revision, actor=actor, now=now, hands=hands)
        faults += [_placed(each, listed) for each in problems(actions.complete(matter, document))]
        return "claimed" if claimed else "changed"
    return "claimed" if claimed else "same"


def _matter(row: Row, agency: Agency, actor: Actor, now: dt.datetime) -> tuple[Matter, bool]:
    code = row.cells.get("task_code", "")
    listed = Matter.objects.visible_to(actor).select_related("agency__region", "directory")
    if code:
        matter = listed.filter(agency=agency, task_code=code).first()
        if matter is None:
            raise DraftRefused(_("本机关没有实施编码为“%(code)s”的实施清单") % {"code": code[:40]})
        return matter, False
    entries = DirectoryEntry.objects.visible_to(actor)
    entry = entries.filter(catalog_code=row.cells.get("catalog_code", "")).first()
    if entry is None:
        raise DraftRefused(_("没有实施编码的，应当有目录中的基本编码"))
    draft = editing.claim(entry, agency, actor=actor, now=now)
    return listed.get(pk=draft.matter_id), True


def working_copy(matter: Matter) -> tuple[Document, GuideDraft | None]:
    """What is being worked on: the open draft's document, else that of the last version."""
    draft = matter.drafts.open().first()
    if draft:
        return draft.document, draft
    last = matter.versions.order_by("-version").first()
    if last is None:
        return editing.skeleton(matter), None
    return {key: value for key, value in last.document.items() if key != "identity"}, None


def _merge(document: Document, matter: Matter, listed: Listed, faults: list[Fault]) -> None:
    document["identity"] = actions.complete(matter, {})["identity"]
    _put(document, listed.row, faults)
    del document["identity"]
    for sheet in CHILDREN:
        if sheet.name not in listed.children:
            continue
        rows = listed.children[sheet.name]
        found = merging.begin_items(document, sheet, [row.cells for row in rows])
        for item, row in zip(found, rows, strict=True):
            _put(item, row, faults)
        merging.set_items(document, sheet, found)


def _put(item: Document, row: Row, faults: list[Fault]) -> None:
    for column in row.sheet.columns:
        if column.path and column.element in row.cells and column.element != "key":
            try:
                merging.put(item, column, row.cells[column.element])
            except CellRefused as refused:
                faults.append(row.fault(column.element, str(refused)))


def _placed(problem: Problem, listed: Listed) -> Fault:
    """A problem of the conformity check at the cell it comes from, as nearly as the columns tell."""
    for sheet in CHILDREN:
        match = re.fullmatch(rf"{re.escape(sheet.path)}\[([0-9]+)\]\.?(.*)", problem.path)
        rows = listed.children.get(sheet.name, [])
        if match and int(match[1]) < len(rows):
            row = rows[int(match[1])]
            return row.fault(_element(row, match[2]), problem.message, error=False)
    return listed.row.fault(_element(listed.row, problem.path), str(problem), error=False)


def _element(row: Row, path: str) -> str:
    columns = [c for c in row.sheet.columns if c.path and (c.path == path or c.path.startswith(path + "."))]
    return columns[0].element if columns and path else ""


@lru_cache(maxsize=1)
def _schema() -> Draft202012Validator:
    return Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


def misshapen(document: Document) -> list[str]:
    """What of a document from elsewhere no page could edit, with its path. That something is still missing is no
    fault of a draft; a form must be whole, and every text and item must be what it is."""
    return [
        f"{'.'.join(map(str, error.absolute_path))}: {error.message[:200]}"
        for error in islice(_schema().iter_errors(document), MOST_FAULTS)
        if error.validator in ("type", "additionalProperties")
        or (
            error.validator == "required"
            and {"zh-hans", "key"} & (set(error.validator_value) - set(error.instance))
        )
        or (error.absolute_path and (error.absolute_path[0] == "form" or "library" in error.absolute_path))
    ][:20]


def to_export(matters: Iterable[Matter]) -> Iterator[Document]:
    """The working copies of some matters, complete with what they inherit, for a workbook or JSON."""
    for matter in matters:
        yield actions.complete(matter, working_copy(matter)[0])
