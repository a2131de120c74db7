import os
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from portal import backups


class Command(BaseCommand):
    help = "Restore a backup into an empty installation that has the keys of the old one. Run as the owner."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("dir", type=Path)
        parser.add_argument(
            "--leave-out",
            type=int,
            default=backups.SAFETY,
            help="how many numbers of each series to leave out, for those given after the backup",
        )

    def handle(self, *args: Any, dir: Path, leave_out: int, **options: Any) -> None:
        os.umask(0o077)
        if leave_out < 0:
            raise CommandError("--leave-out takes a number from 0")
        try:
            manifest = backups.check(dir.expanduser())
            backups.load(dir.expanduser())
        except backups.Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        call_command("prepare", verbosity=0)
        backups.leave_out_numbers(leave_out)
        call_command("begin_seal_era")
        call_command("verify_records")
        self.stdout.write(_("已从 %(made)s 的备份恢复。") % {"made": manifest["made_at"]})
        self.stdout.write(
            _("每个编号系列跳过 %(count)s 号，备份之后发出的编号不会重复。") % {"count": leave_out}
        )
        if manifest["missing_files"]:
            count = len(manifest["missing_files"])
            self.stdout.write(
                _("备份时已缺少 %(count)s 个文件，名单在备份的 manifest.json 中。") % {"count": count}
            )
