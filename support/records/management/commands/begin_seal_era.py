from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from support.records import actions
from support.records.actor import TIMER
from support.records.models import AuditEvent


class Command(BaseCommand):
    help = "After loading a dump into another cluster: count transactions anew. Run as the owner."

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        with connection.cursor() as cursor:
            # The lock waits for every writer: afterwards no event of an earlier era can appear.
            cursor.execute("LOCK TABLE records_auditevent IN ACCESS EXCLUSIVE MODE")
            era = (AuditEvent.objects.aggregate(Max("era"))["era__max"] or 0) + 1
            cursor.execute(f"ALTER TABLE records_auditevent ALTER COLUMN era SET DEFAULT {era:d}")
        actions.write("records.begin_era", actor=TIMER, target="records.auditevent", details={"era": era})
        self.stdout.write(_("审计封存从第 %(era)s 纪元继续。") % {"era": era})
