import hashlib
import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

# Files of packages for pages that the portal does not show, or of which it has its own copy.
UNUSED = ["rest_framework", "guardian", "django_htmx", "redoc"]


class Command(BaseCommand):
    help = "Collect the static files, and the pages that nginx shows by itself, if any has changed."

    def handle(self, *args: Any, **options: Any) -> None:
        stamp = settings.STATIC_ROOT / ".collected"
        state = static_state()
        if stamp.exists() and stamp.read_text() == state:
            return
        call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=UNUSED)
        write_pages(settings.STATIC_ROOT / "pages")
        stamp.write_text(state)


def write_pages(folder: Path) -> None:
    """What is said when no web process can say it: too much was sent, none answers."""
    folder.mkdir(exist_ok=True)
    words = {"413": _("提交的内容过大，一次最多 12 MB"), "503": _("系统正在升级或维护，请稍后再试")}
    for status, detail in words.items():
        page = render_to_string(f"{status}.html", {"site": settings.SITE})
        (folder / f"{status}.html").write_text(page, encoding="utf-8")
        (folder / f"{status}.json").write_text(json.dumps({"detail": detail}, ensure_ascii=False), "utf-8")


def static_state() -> str:
    """A digest over our own files' names, sizes and times, and over the packages that bring others."""
    digest = hashlib.sha256((settings.BASE_DIR / "uv.lock").read_bytes())
    pages = [settings.BASE_DIR / "templates" / name for name in ("bare.html", "413.html", "503.html")]
    folders = (sorted(Path(folder).rglob("*")) for folder in settings.STATICFILES_DIRS)
    for file in (*pages, *(file for folder in folders for file in folder)):
        status = file.stat()
        digest.update(f"{file}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()
