from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from support.calendars.actions import current_version, load_official


class Command(BaseCommand):
    help = "Load the official days off that come with the portal; a notice entered by hand is kept."

    def handle(self, *args: Any, **options: Any) -> None:
        changed = load_official(timezone.now())
        self.stdout.write(f"{changed} rows changed; calendar version {current_version()}")
