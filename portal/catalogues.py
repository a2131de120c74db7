"""The catalogues of words in locale/: read, brought up to date with the source, judged.

The words of the source are Simplified Chinese. Traditional Chinese follows from them by conversion, save
the entries under which a reviewer has left a comment; English is written by hand. docs/languages.md.
"""

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fnmatch import fnmatch
from importlib import import_module
from pathlib import Path

from django.conf import settings

from matters.scripts import traditional

CONVERTED, BY_HAND = "zh_Hant", "en"
PLURALS = {CONVERTED: "nplurals=1; plural=0;", BY_HAND: "nplurals=2; plural=(n != 1);"}
# Only staff read what comes from these files alone: it is shown in Chinese on English pages.
STAFF = (
    "applications/affected.py",
    "applications/corrections/acts.py",
    "applications/corrections/forms.py",
    "applications/corrections/scope.py",
    "applications/deferral/forms.py",
    "applications/desk.py",
    "applications/filters.py",
    "applications/lights.py",
    "applications/oversight.py",
    "applications/procedures/forms.py",
    "applications/trials.py",
    "applications/views/desk.py",
    "matters/changes/actions.py",
    "matters/changes/forms.py",
    "matters/changes/request_views.py",
    "matters/changes/rules.py",
    "matters/changes/views.py",
    "applications/api_counter.py",
    "applications/counter_forms.py",
    "applications/views/intake.py",
    "matters/coding.py",
    "matters/elements.py",
    "support/accounts/window.py",
    "templates/applications/_confirm_form.html",
    "templates/applications/_correction_form.html",
    "templates/applications/_judgement_form.html",
    "templates/applications/_sheets.html",
    "templates/applications/intake*",
    "evaluations/trials.py",
    "matters/checks/*",
    "matters/compare/rules.py",
    "matters/compare/standard*",
    "matters/compare/uniformity.py",
    "matters/compare/views.py",
    "matters/editing/*",
    "matters/exchange/*",
    "matters/formedit/*",
    "matters/models/conformity.py",
    "matters/models/drafts.py",
    "matters/models/exchange.py",
    "matters/models/standards.py",
    "matters/models/library.py",
    "matters/models/trials.py",
    "matters/trials.py",
    "matters/words/*",
    "portal/gallery.py",
    "portal/supervision.py",
    "support/calendars/actions.py",
    "support/notices/staff_views.py",
    "support/notices/words.py",
    "support/records/*",
    "templates/applications/_desk*",
    "templates/applications/_service.html",
    "templates/applications/desk*",
    "templates/applications/repealed.html",
    "templates/applications/service.html",
    "templates/calendars/years.html",
    "templates/catalogue/*",
    "templates/components/gallery*",
    "templates/evaluations/rating.html",
    "templates/evaluations/received.html",
    "templates/notices/_for_case.html",
    "templates/notices/_state.html",
    "templates/notices/deliveries.html",
    "templates/portal/_supervision_table.html",
    "templates/portal/supervision*",
    "*/management/commands/*",
)
# Packages whose Traditional Chinese has gaps; they are filled from their Simplified Chinese.
PACKAGES = ("rest_framework", "django.contrib.auth")
_PLACEHOLDER = re.compile(r"(%+\(\w+\))[sd]")
_LINE = re.compile(r'(?:(msgctxt|msgid_plural|msgid|msgstr(?:\[\d])?) )?(".*")')

Key = tuple[str, str]
"""Context and words of the source."""


@dataclass
class Entry:
    """One message: its words by language of the source, in how many files, and the translation so far."""

    words: dict[str, str] = field(default_factory=dict)  # by msgctxt, msgid, msgid_plural, msgstr …
    places: list[str] = field(default_factory=list)
    flags: str = ""
    note: str = ""

    @property
    def key(self) -> Key:
        return self.words.get("msgctxt", ""), self.words["msgid"]

    @property
    def sources(self) -> list[str]:
        """The source's words; two where the number counts."""
        return [self.words[name] for name in ("msgid", "msgid_plural") if name in self.words]

    @property
    def translations(self) -> list[str]:
        return [text for name, text in self.words.items() if name.startswith("msgstr")]

    @property
    def is_staffs(self) -> bool:
        return all(any(fnmatch(place, pattern) for pattern in STAFF) for place in self.places)

    def translated(self, texts: list[str]) -> "Entry":
        """The same message with these translations, one for each form of the plural."""
        names = [f"msgstr[{n}]" for n in range(len(texts))] if "msgid_plural" in self.words else ["msgstr"]
        said = {name: text for name, text in self.words.items() if not name.startswith("msgstr")}
        return replace(self, words=said | dict(zip(names, texts, strict=True)))


def parse(text: str) -> dict[Key, Entry]:
    """The messages of a .po or .pot file; its header and what is obsolete are left out."""
    entries = (_entry(block) for block in text.split("\n\n"))
    return {entry.key: entry for entry in entries if entry.words.get("msgid")}


def _entry(block: str) -> Entry:
    entry, name = Entry(), ""
    for line in block.splitlines():
        if line.startswith("#: "):
            entry.places += [place.removeprefix("./") for place in line[3:].split()]
        elif line.startswith("#, "):
            entry.flags = line[3:]
        elif line.startswith("# "):
            entry.note = line[2:]
        elif found := _LINE.fullmatch(line):
            name = found[1] or name
            entry.words[name] = entry.words.get(name, "") + json.loads(found[2])
    return entry


def path(locale: str) -> Path:
    return Path(settings.BASE_DIR) / "locale" / locale / "LC_MESSAGES" / "django.po"


def read(locale: str) -> dict[Key, Entry]:
    return parse(path(locale).read_text(encoding="utf-8")) if path(locale).exists() else {}


def written(locale: str, entries: dict[Key, Entry]) -> str:
    """The file of a catalogue: sorted, without dates and line numbers, so that two changes seldom meet."""
    header = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n'
    header += f'"Language: {locale}\\n"\n"Plural-Forms: {PLURALS[locale]}\\n"\n'
    blocks = ["\n".join(_lines(entries[key])) + "\n" for key in sorted(entries)]
    return "\n".join([header, *blocks])


def _lines(entry: Entry) -> Iterator[str]:
    if entry.note:
        yield f"# {entry.note}"
    yield f"#: {' '.join(sorted(set(entry.places)))}"
    if entry.flags:
        yield f"#, {entry.flags}"
    for name, text in entry.words.items():
        yield f"{name} {json.dumps(text, ensure_ascii=False)}"


def borrowed() -> dict[Key, Entry]:
    """What packages say in Simplified Chinese and not in Traditional Chinese, converted."""
    found = {}
    for package in PACKAGES:
        folder = Path(str(import_module(package).__file__)).parent / "locale"
        here, there = (
            _compiled(folder / locale / "LC_MESSAGES" / "django.mo") for locale in ("zh_Hans", CONVERTED)
        )
        for key, entry in here.items():
            lacking = key not in there or not all(there[key].translations)
            if lacking and all(entry.translations):
                said = entry.translated([traditional(text) for text in entry.translations])
                found[key] = replace(said, places=[package])
    return found


def _compiled(file: Path) -> dict[Key, Entry]:
    done = subprocess.run(["msgunfmt", "--no-wrap", file], capture_output=True, text=True, check=True)  # noqa: S603, S607
    return parse(done.stdout)


def merged(locale: str, wanted: dict[Key, Entry]) -> dict[Key, Entry]:
    """The messages of the source with what the catalogue says of them. Nothing is guessed from likeness."""
    held = read(locale)
    ours = {key: _merged(locale, entry, held.get(key)) for key, entry in wanted.items()}
    return borrowed() | ours if locale == CONVERTED else ours


def _merged(locale: str, entry: Entry, held: Entry | None) -> Entry:
    forms = 1 if locale == CONVERTED or "msgid_plural" not in entry.words else 2
    reviewed = held is not None and bool(held.note)
    if locale == CONVERTED and not reviewed:
        return entry.translated([traditional(entry.sources[-1])])
    if held is None or len(held.translations) != forms:
        return entry.translated([""] * forms)
    return replace(entry.translated(held.translations), note=held.note)


def problems(locale: str, entries: dict[Key, Entry]) -> list[str]:
    """What keeps a catalogue from being complete, one line each."""
    found = []
    for (_context, source), entry in sorted(entries.items()):
        said = [text for text in entry.translations if text]
        if len(said) < len(entry.translations) and (locale == CONVERTED or not entry.is_staffs):
            found.append(f"{locale}: not translated: {source!r} ({', '.join(entry.places)})")
        wrong = [text for text in said if _placeholders(text) != _placeholders(source)]
        found += [f"{locale}: other placeholders: {source!r} → {text!r}" for text in wrong]
    return found


def _placeholders(text: str) -> set[str]:
    return set(_PLACEHOLDER.findall(text))
