"""Where in the pages of a draft a problem of the check is mended, and how it stands with each section."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from matters.checks import Problem
from matters.editing.elements import BY_KEY, SECTIONS
from matters.editing.paths import Path, get, steps
from matters.editing.sections import Element, Section, Spot, spot
from matters.guides import SOURCE
from matters.models import GuideDraft

# What pages of other parts keep: their route, if the installation has it, and their name.
_ELSEWHERE: dict[str | int, tuple[str, Any]] = {
    "form": ("catalogue:form", gettext_lazy("申请表")),
    "trials": ("catalogue:trials", gettext_lazy("自测")),
}
EMPTY: tuple[Any, ...] = (None, "", [], {})
_SECTION_OF = {top: section for section in SECTIONS for top in section.tops}


@dataclass(frozen=True)
class Place:
    """The page of a path: its section, the list item if it is in one, and the element if it leads to one."""

    section: Section
    spot: Spot | None
    element: Element | None


def place(path: Path) -> Place | None:
    """None: no section keeps it (the form, or what is inherited)."""
    section = _SECTION_OF.get(path[0]) if path else None
    if section is None:
        return None
    inside = spot(section, path)
    if inside and inside.index is not None:
        return Place(section, inside, _element(inside.group.elements, path[len(inside.item) :]))
    return Place(section, None, _element(section.elements, path))


def _element(elements: Sequence[Element], path: Path) -> Element | None:
    """The element a path leads to or into; failing that, the first that it leads towards."""
    above = [e for e in elements if path[: len(e.steps)] == e.steps]
    beneath = [e for e in elements if path and e.steps[: len(path)] == path]
    return max(above, key=lambda e: len(e.steps)) if above else beneath[0] if beneath else None


def address_of(draft: GuideDraft, path: str) -> str:
    """The page on which a problem at `path` is mended, down to the input."""
    where = steps(path)
    found = place(where)
    if found is None:
        name, _words = _ELSEWHERE.get(where[0] if where else "", ("", ""))
        return (name and _address(name, draft)) or draft_address(draft)
    anchor = f"#{found.element.anchor}" if found.element else ""
    if found.spot:
        return item_address(draft, found.section, found.spot.written) + anchor
    group = next((g for g in found.section.groups if where[: len(g.steps)] == g.steps), None)
    return section_address(draft, found.section) + (f"#list-{group.path}" if group else anchor)


def section_address(draft: GuideDraft, section: Section) -> str:
    return reverse("catalogue:section", args=[draft.uuid, section.key])


def item_address(draft: GuideDraft, section: Section, written: str) -> str:
    return reverse("catalogue:item", args=[draft.uuid, section.key, written])


def form_address(draft: GuideDraft) -> str:
    """Empty while no page edits the application form."""
    return _address("catalogue:form", draft)


def diff_address(draft: GuideDraft) -> str:
    """Empty while no page compares versions."""
    return _address("catalogue:diff", draft)


def draft_address(draft: GuideDraft) -> str:
    return reverse("catalogue:draft", args=[draft.uuid])


def _address(name: str, draft: GuideDraft) -> str:
    try:
        return reverse(name, args=[draft.uuid])
    except NoReverseMatch:
        return ""


def spread(problems: Iterable[Problem]) -> list[Problem]:
    """One problem for each part that is missing, at that part."""
    found: list[Problem] = []
    for problem in problems:
        for name in problem.missing:
            path = f"{problem.path}.{name}" if problem.path else name
            found.append(replace(problem, path=path, message=_("还没有填写"), missing=()))
        if not problem.missing:
            found.append(problem)
    return list(dict.fromkeys(_at_the_text(problem) for problem in found))


def _at_the_text(problem: Problem) -> Problem:
    """A text that lacks its first language is simply not filled in."""
    return replace(problem, path=problem.path.removesuffix(f".{SOURCE}"))


def words_of(document: Any, path: str) -> str:
    """A path in words: 申请材料 · 营业执照 · 受理标准."""
    where = steps(path)
    found = place(where)
    if found is None:
        return str(_ELSEWHERE.get(where[0] if where else "", ("", ""))[1])
    parts = [str(found.section.title)]
    if found.spot:
        parts.append(name_of(document, found.spot))
    if found.element and str(found.element.label) not in parts:
        parts.append(str(found.element.label))
    return " · ".join(parts)


def name_of(document: Any, where: Spot) -> str:
    """What an item is called: its own name, or which one it is."""
    if where.index is None:
        return _("新的%(one)s") % {"one": where.group.one}
    item = get(document, where.item)
    named = item if where.group.is_text else item.get(where.group.named) if isinstance(item, dict) else None
    said = (named.get(SOURCE) if isinstance(named, dict) else named) or ""
    if not said:
        return _("第 %(n)s 项") % {"n": where.index + 1}
    return str(said) if len(str(said)) <= 60 else f"{str(said)[:60]}…"


def of_section(problems: Iterable[Problem], section: Section) -> list[Problem]:
    return [problem for problem in problems if (steps(problem.path) or ("",))[0] in section.tops]


def is_empty(document: Any, section: Section) -> bool:
    """Whether nothing at all is written there."""
    return all(get(document, path) in EMPTY for path in section.paths)


def standing(draft: GuideDraft, section: Section, found: Iterable[Problem]) -> tuple[str, str]:
    """How a section stands: words and tone."""
    return in_words(len(of_section(found, section)), empty=is_empty(draft.document, section))


def in_words(broken: int, *, empty: bool) -> tuple[str, str]:
    if empty:
        return _("未填写"), "warn" if broken else "calm"
    if broken:
        return _("有 %(n)s 处需要修改") % {"n": broken}, "bad"
    return _("已填好"), "ok"


def at_page(
    problems: Iterable[Problem], section: Section, item: Spot | None
) -> tuple[dict[str, list[str]], list[Problem]]:
    """Of one page: the problems at its elements, by name, and those of the page as a whole or of its lists."""
    at: dict[str, list[str]] = {}
    others: list[Problem] = []
    for problem in of_section(problems, section):
        where = steps(problem.path)
        found = place(where)
        inside = found.spot if found else None
        if item and where[: len(item.path) + 1] != item.item:
            continue
        same = (inside.item if inside else None) == (item.item if item else None)
        if found and found.element and same:
            at.setdefault(found.element.name, []).append(problem.message)
        else:
            others.append(problem)
    return at, others


def neighbours(section: Section) -> tuple[Section | None, Section | None]:
    """The sections before and after."""
    keys = list(BY_KEY)
    at = keys.index(section.key)
    return (SECTIONS[at - 1] if at else None), (SECTIONS[at + 1] if at + 1 < len(keys) else None)
