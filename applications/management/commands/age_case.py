"""Demo only: shift the facts of a case into the past, so that its terms can be watched running out."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.db.models import F
from django.db.utils import ProgrammingError
from django.utils import timezone

from applications import clock
from applications.models import Application
from support.calendars.terms import Calendar
from support.records import actions as records
from support.records.actor import TIMER


class Command(BaseCommand):
    help = "Let a case be N whole working days older (demo and tests only); the real beat does the rest."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("number", help="the case number")
        parser.add_argument("--workdays", type=int, required=True)

    def handle(self, *args: Any, number: str, workdays: int, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("age_case changes facts; production refuses it")
        if not 1 <= workdays <= 250:
            raise CommandError("--workdays takes a number from 1 to 250")
        try:
            case = age(number, workdays, timezone.now())
        except Application.DoesNotExist as error:
            raise CommandError(f"no case has the number {number}") from error
        except ProgrammingError as error:
            raise CommandError(
                "the ledger is insert-only for the application; run it by bin/manage"
            ) from error
        self.stdout.write(f"{case.number}: received {timezone.localtime(case.received_at):%Y-%m-%d %H:%M}")


@transaction.atomic
def age(number: str, workdays: int, now: dt.datetime) -> Application:
    """Move receipt and everything since back until N working days have passed in full since then."""
    case = Application.objects.select_for_update().select_related("guide").get(number=number)
    today = timezone.localdate(now)
    back = days_back(clock.calendar_of(case), case.receipt_day, workdays, today)
    case.received_at -= back
    if case.accepted_at:
        case.accepted_at -= back
    case.ledger.update(at=F("at") - back, on=F("on") - back)
    case.events.update(at=F("at") - back)
    clock.recompute(case, today=today)
    case.save()
    records.write("case.age", actor=TIMER, target=f"applications.application:{case.uuid}",
                  details={"days": back.days}, at=now)  # fmt: skip
    return case


def days_back(calendar: Calendar, received: dt.date, workdays: int, today: dt.date) -> dt.timedelta:
    """The smallest shift after which N more whole working days lie between receipt and today."""
    yesterday = today - dt.timedelta(days=1)
    target = workdays + max(0, calendar.workdays_between(received, yesterday))
    day = received
    while calendar.workdays_between(day, yesterday) < target:
        day -= dt.timedelta(days=1)
    return received - day
