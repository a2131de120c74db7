import hashlib
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand

# Files of packages for pages that the portal does not show, or of which it has its own copy.
UNUSED = ["rest_framework", "guardian", "django_htmx", "redoc"]


class Command(BaseCommand):
    help = "Bring database and static files up to date, any number of times. Run as the owner."

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", interactive=False, verbosity=options["verbosity"])
        for name in ("grant_app_role", "load_reference", *(("create_demo",) if settings.DEMO else ())):
            if name in get_commands():
                call_command(name)
        collect_static()


def collect_static() -> None:
    """Collect the static files if any has changed since it was last done."""
    stamp = settings.STATIC_ROOT / ".collected"
    state = static_state()
    if stamp.exists() and stamp.read_text() == state:
        return
    call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=UNUSED)
    stamp.write_text(state)


def static_state() -> str:
    """A digest over our own files' names, sizes and times, and over the packages that bring others."""
    digest = hashlib.sha256((settings.BASE_DIR / "uv.lock").read_bytes())
    for folder in settings.STATICFILES_DIRS:
        for file in sorted(Path(folder).rglob("*")):
            status = file.stat()
            digest.update(f"{file}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()
