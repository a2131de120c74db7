import contextlib
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import CommandError
from django.core.management.commands import makemessages

from portal import catalogues


class Command(makemessages.Command):
    """Brings locale/ up to date with the source, and says what is left to be translated by hand.

    With --check nothing is written, and a catalogue behind its source is an error too.
    """

    help = __doc__

    def add_arguments(self, parser: Any) -> None:
        super().add_arguments(parser)
        parser.add_argument("--check", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        self.only_check = options["check"]
        self.found: list[str] = []
        ours = {
            "locale": list(catalogues.PLURALS),
            "ignore_patterns": ["tests", "bin", "benchmarks", "var", "test-results", "staticfiles"],
            "add_location": "file",
            "no_wrap": True,
            "verbosity": 0,
        }
        with contextlib.chdir(settings.BASE_DIR):
            super().handle(*args, **options | ours)
        if self.found:
            raise CommandError("\n".join(self.found))

    def build_potfiles(self) -> list[str]:
        return sorted(set(super().build_potfiles()))  # Django finds the one locale/ twice

    def write_po_file(self, potfile: str, locale: str) -> None:
        """Instead of msgmerge, which would guess translations."""
        source = catalogues.parse(Path(potfile).read_text(encoding="utf-8"))
        entries = catalogues.merged(locale, source)
        target, text = catalogues.path(locale), catalogues.written(locale, entries)
        if not self.only_check:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        elif target.read_text(encoding="utf-8") != text:
            self.found.append(f"{locale}: behind the source; run bin/messages")
        self.found += catalogues.problems(locale, entries)
