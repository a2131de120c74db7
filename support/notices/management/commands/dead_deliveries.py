from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from support.notices.models import Delivery
from support.queues.rows import dead, retry


class Command(BaseCommand):
    help = "List the e-mails that were given up; with --retry, try them again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--retry", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        rows = list(dead(Delivery.objects.select_related("notice")).order_by("id"))
        for row in rows:
            words = {
                "uuid": row.uuid,
                "kind": row.notice.kind,
                "at": timezone.localtime(row.notice.created_at).strftime("%Y-%m-%d %H:%M"),
                "attempts": row.attempts,
                "error": row.error,
            }
            self.stdout.write(_("%(uuid)s %(kind)s %(at)s 尝试 %(attempts)s 次：%(error)s") % words)
            if options["retry"]:
                retry(row, now=timezone.now())
        self.stdout.write(_("共 %(count)s 封未能送达。") % {"count": len(rows)})
