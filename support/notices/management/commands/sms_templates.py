from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import translation

from support.notices.kinds import KINDS


class Command(BaseCommand):
    help = "List the text message templates, code and words, to register with a provider."

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override(settings.LANGUAGE_CODE):
            for code, kind in KINDS.items():
                if kind.sms:
                    names = {name: f"${{{name}}}" for name in kind.placeholders}
                    self.stdout.write(f"{code}\t{str(kind.title) % names}。{settings.PORTAL_URL}${{path}}")
