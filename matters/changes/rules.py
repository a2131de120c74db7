"""What a request to change the directory must satisfy before it is reviewed: who may propose what, codes, basis,
what becomes of running cases. Every rule says in words what is wrong, and at which field."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from matters import codes, ranks
from matters.checks import Problem
from matters.coding import NATIONAL, wrong_in_catalog_code
from matters.models import DirectoryChange, DirectoryEntry
from matters.ranks import Rank
from support.places.models import Agency

Kind, Effect, State = DirectoryChange.Kind, DirectoryChange.Effect, DirectoryEntry.State
Findings = Iterator[tuple[str, str]]
LICENCE = "01"  # GB/T 39046 A.1
NATION_AND_PROVINCES = ("1", "2")  # GB/T 39046 A.2
MOST = 20


def a_year_after(at: dt.datetime) -> dt.datetime:
    """The same instant of the next year's day, or of the last of February (民法典 202; 行政许可法 15(1))."""
    local = timezone.localtime(at)
    try:
        return local.replace(year=local.year + 1)
    except ValueError:
        return local.replace(year=local.year + 1, day=28)


@dataclass(frozen=True)
class Shape:
    """How many entries a kind concerns and how many come about, in which state the former may be, and which
    effects on running cases it may have: never one that adds a burden."""

    entries: tuple[int, int]
    parts: tuple[int, int]
    states: tuple[str, ...] = ()
    effects: tuple[str, ...] = (Effect.KEEP,)


STANDING = (State.IN_USE, State.SUSPENDED)
SHAPES = {
    Kind.NEW: Shape((0, 0), (1, 1)),
    Kind.CHANGE: Shape((1, 1), (1, 1), STANDING, (Effect.KEEP, Effect.RELIEVE)),
    # What takes its place has guides of its own, which say nothing of the running cases of the old entry.
    Kind.SPLIT: Shape((1, 1), (2, MOST), STANDING, (Effect.KEEP,)),
    Kind.MERGE: Shape((2, MOST), (1, 1), STANDING, (Effect.KEEP,)),
    Kind.SUSPEND: Shape((1, 1), (0, 0), (State.IN_USE,)),
    Kind.CANCEL: Shape((1, 1), (0, 0), STANDING, (Effect.KEEP, Effect.END)),
    Kind.RESUME: Shape((1, 1), (0, 0), (State.SUSPENDED,)),
}


def problems(change: DirectoryChange, entries: Sequence[DirectoryEntry], *, at: dt.datetime) -> list[Problem]:
    """All that keeps the request from taking effect at `at`."""
    found = [*_said(change, at), *_numbers(change, entries), *_effect(change), *_reach(change, entries)]
    if not found:
        found = [*_states(change, entries, at), *_parts(change, entries)]
    return [Problem(path, words) for path, words in found]


def warnings(change: DirectoryChange) -> list[str]:
    """What reviewers should weigh; it does not keep the request from being sent."""
    found = []
    for part in change.proposed:
        by_law, name = part.get("by_law") or "", part.get("name", "")
        if part.get("task_type") == LICENCE and is_temporary(part):
            found.append(
                _(
                    "“%(name)s”只有省级政府规章为依据，是临时性行政许可，实施满一年自动取消（行政许可法第十五条）。"
                )
                % {"name": name}
            )
        elif not ranks.reaches(by_law, set(Rank) - {Rank.NORMATIVE}):
            found.append(_("“%(name)s”的设定依据只有规范性文件，请审核是否可以设定。") % {"name": name})
    return found


def is_temporary(part: dict[str, Any]) -> bool:
    """A licence that rests on the rule of a provincial government alone."""
    by_law = part.get("by_law") or ""
    if part.get("task_type") != LICENCE or ranks.reaches(by_law, ranks.SETS_LICENCES):
        return False
    return any(each.rank is Rank.LOCAL_RULE and each.province for each in ranks.cited(by_law))


def keeps_the_coded(agency: Agency) -> bool:
    """National and provincial directories are kept by departments of the province; the others keep their own."""
    return agency.level in NATION_AND_PROVINCES


def may_touch(agency: Agency, entry: DirectoryEntry) -> bool:
    """Whether the entry belongs to a directory that departments of the agency's level keep."""
    if entry.source is not None:
        return False
    return keeps_the_coded(agency) if entry.catalog_code else entry.region_code == agency.region_id


def home_of(agency: Agency, part: dict[str, Any]) -> str:
    """The region in whose own directory a new entry belongs; empty: the national one."""
    code = part.get("catalog_code") or ""
    if not code:
        return str(agency.region_id)
    return "" if code[:2] == NATIONAL else code[:2].ljust(12, "0")


def _said(change: DirectoryChange, at: dt.datetime) -> Findings:
    if not change.reason.strip():
        yield "reason", _("请写明调整的理由。")
    if not ranks.cited(change.basis):
        yield (
            "basis",
            _("请写明依据的法律、法规或者文件的名称，用书名号，例如《中华人民共和国食品安全法》第三十五条。"),
        )
    if change.resumes_on and change.kind != Kind.SUSPEND:
        yield "resumes_on", _("只有暂停才写预计恢复日期。")
    elif change.resumes_on and change.resumes_on <= timezone.localdate(at):
        yield "resumes_on", _("预计恢复日期应晚于暂停之日。")


def _numbers(change: DirectoryChange, entries: Sequence[DirectoryEntry]) -> Findings:
    shape = SHAPES[Kind(change.kind)]
    for path, (least, most), n, words in (
        ("entries", shape.entries, len(entries), _("涉及的事项应为 %(wanted)s 个，现在有 %(n)s 个。")),
        ("parts", shape.parts, len(change.proposed), _("调整后的事项应为 %(wanted)s 个，现在有 %(n)s 个。")),
    ):
        if not least <= n <= most:
            wanted = str(least) if least == most else f"{least}–{most}"
            yield path, words % {"wanted": wanted, "n": n}


def _effect(change: DirectoryChange) -> Findings:
    if change.effect not in SHAPES[Kind(change.kind)].effects:
        yield (
            "effect",
            _("“%(kind)s”对在办件不能有这样的影响；任何调整都不得加重在办件申请人的负担。")
            % {"kind": change.get_kind_display()},
        )
    elif change.effect != Effect.KEEP and not change.effect_note.strip():
        yield "effect_note", _("请写明减少了哪些材料、缩短了哪些时限，或者因哪项依据废止而终止。")
    elif change.effect == Effect.END and not ranks.cited(change.effect_note):
        yield "effect_note", _("终止在办件的，请用书名号写明已经废止的依据。")


def _reach(change: DirectoryChange, entries: Sequence[DirectoryEntry]) -> Findings:
    for entry in entries:
        if entry.source is not None:
            yield "entries", _("“%(name)s”取自其他地区的目录，不能在这里调整。") % {"name": entry.name}
        elif not may_touch(change.agency, entry):
            yield (
                "entries",
                _("“%(name)s”不属于本级目录：国家和自治区目录由自治区部门提出，各地只能调整自己的目录。")
                % {"name": entry.name},
            )


def _states(change: DirectoryChange, entries: Sequence[DirectoryEntry], at: dt.datetime) -> Findings:
    for entry in entries:
        state = entry.as_of(at).state
        if state not in SHAPES[Kind(change.kind)].states:
            yield (
                "entries",
                _("“%(name)s”届时的状态是“%(state)s”，不能“%(kind)s”。")
                % {"name": entry.name, "state": State(state).label, "kind": change.get_kind_display()},
            )


def _parts(change: DirectoryChange, entries: Sequence[DirectoryEntry]) -> Findings:
    for i, part in enumerate(change.proposed):
        path = f"parts[{i}]"
        if not (part.get("name") or "").strip():
            yield f"{path}.name", _("请写明事项名称。")
        if part.get("task_type") not in codes.TASK_TYPES:
            yield f"{path}.task_type", _("请选择事项类型。")
        if not set((part.get("use_level") or "").split("^")) <= set(codes.USE_LEVELS):
            yield f"{path}.use_level", _("请选择行使层级。")
        yield from ((f"{path}.by_law", words) for words in _basis(part))
        if change.kind == Kind.CHANGE:
            if part.get("task_type") != entries[0].task_type:
                yield f"{path}.task_type", _("事项类型写在基本编码里，不能变更；请取消后新增。")
        else:
            yield from ((f"{path}.{field}", words) for field, words in _code(change, part))
    yield from _twice(change)


def _basis(part: dict[str, Any]) -> Iterator[str]:
    """行政许可法 14–17: below a local regulation nothing sets a licence, but a province's rule for one year."""
    by_law = part.get("by_law") or ""
    if not ranks.cited(by_law):
        yield _("设定依据要写出法律、法规等的名称，用书名号。")
        return
    licence = part.get("task_type") == LICENCE
    if licence and not ranks.reaches(by_law, ranks.SETS_LICENCES) and not is_temporary(part):
        yield _(
            "行政许可只能由法律、行政法规、国务院决定、地方性法规设定，或者由省级政府规章临时设定一年"
            "（行政许可法第十四条至第十七条）；部门规章和规范性文件不能设定。"
        )


def _code(change: DirectoryChange, part: dict[str, Any]) -> Findings:
    """The code of an entry that comes about: its structure, and that nobody has it."""
    agency, own = change.agency, not part.get("catalog_code")
    field = "local_catalog_code" if own else "catalog_code"
    code = part.get(field) or ""
    if not own and not keeps_the_coded(agency):
        yield field, _("国家和自治区的基本编码由自治区部门申请；各地自己的事项填写地方基本编码。")
    elif own and keeps_the_coded(agency):
        yield "catalog_code", _("请填写基本编码。")
    elif words := wrong_in_catalog_code(
        code, task_type=part.get("task_type", ""), province=agency.region_id[:2]
    ):
        yield field, words
    elif own and code[:2] == NATIONAL:
        yield field, _("地方基本编码不能用国家编码 00。")
    elif taken := _holder(change, code, home_of(agency, part)):
        yield field, _("编码 %(code)s 已经是“%(name)s”的编码。") % {"code": code, "name": taken}


def _holder(change: DirectoryChange, code: str, home: str) -> str:
    """The name of the entry that has the code, or for which another open request asks for it."""
    own = Q(local_catalog_code=code, source=None)
    entry = DirectoryEntry.objects.filter(Q(catalog_code=code) | own).first()
    if entry:
        return entry.name
    open_ones = DirectoryChange.objects.filter(state=DirectoryChange.State.REVIEW).exclude(pk=change.pk)
    asked = Q(proposed__contains=[{"catalog_code": code}]) | Q(
        proposed__contains=[{"local_catalog_code": code}]
    )
    for other in open_ones.filter(asked)[:1]:
        return next(
            str(p["name"]) for p in other.proposed if code in (p["catalog_code"], p["local_catalog_code"])
        )
    return ""


def _twice(change: DirectoryChange) -> Findings:
    given = [part.get("catalog_code") or part.get("local_catalog_code") for part in change.proposed]
    for code, n in Counter(filter(None, given)).items():
        if n > 1:
            yield "parts", _("编码 %(code)s 用了 %(n)s 次。") % {"code": code, "n": n}
