import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from portal import backups


class Command(BaseCommand):
    help = "Back up database and files into a new directory below DIR, while the portal runs. Not the keys."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("dir", type=Path)

    def handle(self, *args: Any, dir: Path, **options: Any) -> None:
        os.umask(0o077)
        try:
            made, missing = backups.back_up(dir.expanduser(), timezone.now())
        except backups.Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(_("备份已完成：%(place)s") % {"place": made})
        self.stdout.write(_("备份不含密钥。请另外保管 secrets.env（或 .env）：没有它，备份无法打开。"))
        if missing:
            words = _("数据库提到的 %(count)s 个文件已不存在，见 %(place)s")
            raise CommandError(words % {"count": len(missing), "place": made / backups.MANIFEST})
