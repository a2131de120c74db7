import os
from typing import Any

from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Bring database and static files up to date, any number of times. Run as the owner."

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", interactive=False, verbosity=options["verbosity"])
        for name in ("grant_app_role", "load_reference", *(("create_demo",) if settings.DEMO else ())):
            if name in get_commands():
                call_command(name)
        if "PORTAL_STATIC" not in os.environ:  # else they were collected when the image was built
            call_command("collect_static")
