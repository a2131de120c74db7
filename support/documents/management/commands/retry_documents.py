from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from support.documents import actions
from support.records.actor import TIMER


class Command(BaseCommand):
    help = "List the documents that could not be made, with their errors, and order them again."

    def handle(self, *args: Any, **options: Any) -> None:
        for document in actions.given_up().order_by("pk"):
            self.stdout.write(f"{document.uuid} {document}: {document.error}")
            actions.retry(document, actor=TIMER, now=timezone.now())
