"""After the setting NEAR_THE_END was changed: have the worker derive the lights of open cases again."""

from typing import Any

from django.core.management.base import BaseCommand

from applications.models import Application


class Command(BaseCommand):
    help = "Mark the derived dates of all open cases as stale; the worker counts them again within minutes."

    def handle(self, *args: Any, **options: Any) -> None:
        marked = Application.objects.open().update(calendar_version=0)
        self.stdout.write(f"{marked} open cases will be counted again")
