"""How approved changes become versions of entries. Callers hold the locks on the entries, in order of their keys.

A version begins at the instant planned, so nothing has to run then.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Q

from matters import ranks
from matters.changes.rules import a_year_after, home_of, is_temporary
from matters.models import DirectoryChange, DirectoryEntry, DirectoryVersion, Lineage
from matters.models.directory import FACTS

Kind, State = DirectoryChange.Kind, DirectoryEntry.State
Facts = dict[str, Any]
CHANGEABLE = ("name", "by_law", "use_level", "department")  # the rest stands in the code


def first(entry: DirectoryEntry) -> None:
    """The version of an entry that was loaded and has none yet: as it is, since before the portal."""
    if not entry.versions.exists():
        _add(entry, _facts(entry), entry.state, DateTimeTZRange(None, None), None, number=entry.version)


def enforce(change: DirectoryChange, entries: Sequence[DirectoryEntry], *, at: dt.datetime) -> None:
    """Make the versions of an approved change, from `at` on, and the lineage of split and merged entries."""
    kind = Kind(change.kind)
    if kind == Kind.CHANGE:
        _succeed(entries[0], change, at, facts=change.proposed[0])
    elif kind in (Kind.SUSPEND, Kind.CANCEL, Kind.RESUME):
        states = {Kind.SUSPEND: State.SUSPENDED, Kind.CANCEL: State.CANCELLED, Kind.RESUME: State.IN_USE}
        for entry in entries:
            _succeed(entry, change, at, state=states[kind])
    else:
        made = [_begin(change, part, at) for part in change.proposed]
        for entry in entries:
            _succeed(entry, change, at, state=State.CANCELLED)
        Lineage.objects.bulk_create(
            [Lineage(change=change, before=before, after=after) for before in entries for after in made]
        )


def hold(entry: DirectoryEntry, change: DirectoryChange, *, at: dt.datetime) -> None:
    """Emergency suspension: from `at` on whatever was to be in use is suspended, planned versions too."""
    first(entry)
    for version in _from(entry, at):
        if version.state == State.IN_USE:
            _instead(version, change, at, state=State.SUSPENDED, held_by=change)


def release(entry: DirectoryEntry, change: DirectoryChange, *, at: dt.datetime) -> None:
    """Lift the emergency suspension `change` from `at` on; what else was decided meanwhile stands."""
    for version in _from(entry, at):
        if version.held_by_id == change.pk:
            _instead(version, change, at, state=State.IN_USE, held_by=None)


def _from(entry: DirectoryEntry, at: dt.datetime) -> list[DirectoryVersion]:
    """The version in force at `at` and those planned after it."""
    later = Q(validity__upper_inf=True) | Q(validity__endswith__gt=at)
    return list(entry.versions.ever_in_force().filter(later).order_by("validity"))


def _succeed(
    entry: DirectoryEntry,
    change: DirectoryChange,
    at: dt.datetime,
    *,
    facts: Facts | None = None,
    state: str = "",
) -> None:
    """The next version from `at` on, until the end that was planned for the one it follows.

    Changed facts keep the state, with the emergency suspension that may cause it; a new state keeps the facts.
    """
    first(entry)
    last, *planned = _from(entry, at)
    until = last.validity.upper
    if facts and ranks.reaches(facts.get("by_law") or "", ranks.SETS_LICENCES):
        for version in planned:  # the end of a temporary licence, which now has a lasting basis
            _end(version, version.validity.lower)
        until = None
    _end(last, at)
    kept = _facts(last) | {name: facts[name] for name in CHANGEABLE if facts and name in facts}
    validity = DateTimeTZRange(at, until)
    held_by = None if state else last.held_by
    made = _add(entry, kept, state or last.state, validity, change, last=last, held_by=held_by)
    if facts and is_temporary(kept) and until is None:
        _expire(made, change, at)


def _begin(change: DirectoryChange, part: Facts, at: dt.datetime) -> DirectoryEntry:
    """An entry that did not exist before; until `at` its row is that of one not in force."""
    facts = {name: part.get(name) for name in FACTS} | {
        "local_catalog_code": part.get("local_catalog_code") or ""
    }
    entry = DirectoryEntry.objects.create(
        catalog_code=part.get("catalog_code") or None,
        region_code=home_of(change.agency, part),
        state=State.CANCELLED,
        changes_at=at,
        **facts,
    )
    made = _add(entry, facts, State.IN_USE, DateTimeTZRange(at, None), change)
    if is_temporary(facts):
        _expire(made, change, at)
    return entry


def _expire(version: DirectoryVersion, change: DirectoryChange, at: dt.datetime) -> None:
    """行政许可法 15(1): a licence set by a province's rule ends after one year."""
    end = a_year_after(at)
    _end(version, end)
    _add(version.entry, _facts(version), State.CANCELLED, DateTimeTZRange(end, None), change, last=version)


def _instead(
    version: DirectoryVersion,
    change: DirectoryChange,
    at: dt.datetime,
    *,
    state: str,
    held_by: DirectoryChange | None,
) -> None:
    """Another version in place of the rest of this one, from `at` or its own later beginning on."""
    begins, until = version.validity.lower, version.validity.upper
    starts = at if begins is None else max(at, begins)
    _end(version, starts)
    validity = DateTimeTZRange(starts, until)
    made = version.change if starts != at and version.change else change
    _add(version.entry, _facts(version), state, validity, made, last=version, held_by=held_by)


def _facts(row: DirectoryEntry | DirectoryVersion) -> Facts:
    return {name: getattr(row, name) for name in FACTS}


def _end(version: DirectoryVersion, at: dt.datetime) -> None:
    validity = DateTimeTZRange(version.validity.lower, at)
    DirectoryVersion.objects.filter(pk=version.pk).update(validity=validity)


def _add(
    entry: DirectoryEntry,
    facts: Facts,
    state: str,
    validity: DateTimeTZRange,
    change: DirectoryChange | None,
    *,
    last: DirectoryVersion | None = None,
    held_by: DirectoryChange | None = None,
    number: int = 1,
) -> DirectoryVersion:
    newest = entry.versions.order_by("-version").first()
    number = newest.version + 1 if newest else number
    same = last is not None and _facts(last) == facts
    return DirectoryVersion.objects.create(
        entry=entry,
        version=number,
        facts_version=last.facts_version if last and same else number,
        state=state,
        validity=validity,
        change=change,
        held_by=held_by,
        **facts,
    )
