"""Two documents of a guide compared, in sentences: "承诺办结时限 10 → 5 个工作日"."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from matters import codes
from matters.compare import burden, labels
from matters.compare.labels import Path
from matters.guides import SOURCE, Guide, is_text

Document = dict[str, Any]
SHORT = 60  # characters, up to which a text is shown old and new
NAMES = ("name", "title", "question", "law", "label")


@dataclass(frozen=True)
class Change:
    """One difference, in words. `heavier`: a greater burden on the applicant than before."""

    section: str
    words: str
    heavier: bool = False
    path: Path = ()


def differences(old: Document, new: Document, language: str = SOURCE) -> list[Change]:
    """Every difference, section by section, in the language if both documents speak it.

    Materials, fields, steps, results and procedures are the same if their keys are; fees, places, questions and
    bases if their names are.
    """
    both = {Guide(old, language).speaks, Guide(new, language).speaks}
    walker = _Walker(both.pop() if len(both) == 1 else SOURCE)
    changes = walker.of_dict((), _flat(old), _flat(new), "")
    order = {str(title): n for n, title in enumerate([labels.OTHER, *labels.SECTIONS.values()])}
    return sorted(changes, key=lambda change: order[change.section])


def by_section(changes: list[Change]) -> list[tuple[str, list[Change]]]:
    """The changes under the titles of their sections."""
    found: dict[str, list[Change]] = {}
    for change in changes:
        found.setdefault(change.section, []).append(change)
    return list(found.items())


def _flat(document: Document) -> Document:
    """The document with the fields of its form in one list, so that a field that moves stays the same field."""
    steps = document.get("form", {}).get("steps", [])
    fields = [{**field, "step": step["title"]} for step in steps for field in step.get("fields", ())]
    bare = [{name: part for name, part in step.items() if name != "fields"} for step in steps]
    return {**document, "form": {**document.get("form", {}), "steps": bare, "fields": fields}}


@dataclass(frozen=True)
class _Walker:
    language: str

    def of(self, path: Path, old: Any, new: Any, holder: str) -> Iterator[Change]:
        """What differs between two parts at the same place. `holder` names the item they belong to."""
        if old == new:
            return
        if is_text(old) or is_text(new):
            yield self._text(path, old, new, holder)
        elif _is_term(old) or _is_term(new):
            yield from self._term(path, old, new, holder)
        elif isinstance(old, list) or isinstance(new, list):
            yield from self._list(path, old or [], new or [], holder)
        elif isinstance(old, dict) or isinstance(new, dict):
            yield from self.of_dict(path, old or {}, new or {}, holder)
        else:
            yield self._plain(path, old, new, holder)

    def of_dict(self, path: Path, old: Document, new: Document, holder: str) -> Iterator[Change]:
        for name in dict.fromkeys([*old, *new]):
            yield from self.of((*path, name), old.get(name), new.get(name), holder)

    # --- one element ------------------------------------------------------------------------------

    def _plain(self, path: Path, old: Any, new: Any, holder: str) -> Change:
        words = _("%(label)s：%(old)s → %(new)s") % {
            "label": labels.label(path),
            "old": labels.value(path, old),
            "new": labels.value(path, new),
        }
        return self._change(path, words, holder, heavier=burden.of_value(path, old, new))

    def _text(self, path: Path, old: Any, new: Any, holder: str) -> Change:
        label, before, after = labels.label(path), self._say(old), self._say(new)
        if before == after:
            words = _("%(label)s：其他语言的文本有修改") % {"label": label}
        elif not new:
            words = _("删去%(label)s：%(old)s") % {"label": label, "old": before}
        elif not old or len(before) + len(after) > SHORT:
            words = _("%(label)s改为：%(new)s") % {"label": label, "new": after}
        else:
            words = _("%(label)s：“%(old)s” → “%(new)s”") % {"label": label, "old": before, "new": after}
        return self._change(path, words, holder, heavier=burden.of_value(path, old, new))

    def _term(self, path: Path, old: Any, new: Any, holder: str) -> Iterator[Change]:
        label = labels.label(path)
        length = [(term["amount"], term["unit"]) if term else None for term in (old, new)]
        if length[0] != length[1]:
            heavier = burden.of_term(path, old, new)
            if not old:
                words = _("新增%(label)s %(term)s") % {"label": label, "term": codes.term(new)}
            elif not new:
                words = _("不再有%(label)s（原为 %(term)s）") % {"label": label, "term": codes.term(old)}
            else:
                plain = old["unit"] == new["unit"] != "month"
                was = str(old["amount"]) if plain else codes.term(old)
                words = f"{label} {was} → {codes.term(new)}"
            yield self._change(path, words, holder, heavier=heavier)
        if old and new:
            before, after = (
                {k: v for k, v in term.items() if k not in ("amount", "unit")} for term in (old, new)
            )
            yield from self.of_dict(path, before, after, _join(holder, label))

    # --- lists ------------------------------------------------------------------------------------

    def _list(self, path: Path, old: list[Any], new: list[Any], holder: str) -> Iterator[Change]:
        before, after = self._known(old), self._known(new)
        for mark, item in before.items():
            if mark not in after:
                yield self._gone(path, item, holder)
        for mark, item in after.items():
            if mark not in before:
                yield self._new(path, item, holder)
            elif isinstance(item, dict) and not is_text(item):
                name = _("%(noun)s“%(name)s”") % {"noun": labels.noun(path), "name": self._name(path, item)}
                yield from self.of_dict(path, before[mark], item, _join(holder, name))
            elif item != before[mark]:
                yield self._text(path, before[mark], item, holder)
        if [mark for mark in before if mark in after] != [mark for mark in after if mark in before]:
            words = _("%(label)s的顺序有调整") % {"label": labels.noun(path)}
            yield self._change(path, words, holder)

    def _new(self, path: Path, item: Any, holder: str) -> Change:
        words = _("新增%(noun)s“%(name)s”") % {"noun": labels.noun(path), "name": self._name(path, item)}
        if path[-1] == "materials":
            necessity = labels.value(("materials", "necessity"), item["necessity"])
            words += pgettext("aside", "（%(words)s）") % {"words": necessity}
        return self._change(path, words, holder, heavier=burden.of_item(path, item, added=True))

    def _gone(self, path: Path, item: Any, holder: str) -> Change:
        form = _("不再需要%(noun)s“%(name)s”") if path[-1] == "materials" else _("删去%(noun)s“%(name)s”")
        words = form % {"noun": labels.noun(path), "name": self._name(path, item)}
        return self._change(path, words, holder, heavier=burden.of_item(path, item, added=False))

    def _known(self, items: list[Any]) -> dict[str, Any]:
        """The items by what makes each the same: its key, else its name in Chinese, numbered where it comes twice."""
        found: dict[str, Any] = {}
        for item in items:
            mark = _mark(item)
            n = sum(1 for known in found if known.split("\0")[0] == mark)
            found[f"{mark}\0{n}" if n else mark] = item
        return found

    def _name(self, path: Path, item: Any) -> str:
        if not isinstance(item, dict):
            return labels.value(path, item)
        if is_text(item):
            return self._say(item)
        named = next((item[name] for name in NAMES if name in item), item.get("key", ""))
        return self._say(named) if isinstance(named, dict) else str(named)

    def _say(self, text: Any) -> str:
        if not text:
            return ""
        return str(text.get(self.language) or text[SOURCE]) if isinstance(text, dict) else str(text)

    def _change(self, path: Path, words: str, holder: str, *, heavier: bool = False) -> Change:
        said = _("%(holder)s：%(words)s") % {"holder": holder, "words": words} if holder else words
        return Change(labels.section(path), said, heavier, path)


def _mark(item: Any) -> str:
    if not isinstance(item, dict):
        return str(item)
    if is_text(item):
        return str(item[SOURCE])
    named = item.get("key") or item.get("value") or next((item[name] for name in NAMES if name in item), "")
    return str(named[SOURCE]) if isinstance(named, dict) else str(named)


def _is_term(node: Any) -> bool:
    return isinstance(node, dict) and "amount" in node and "unit" in node


def _join(holder: str, name: str) -> str:
    return _("%(holder)s，%(words)s") % {"holder": holder, "words": name} if holder else name
