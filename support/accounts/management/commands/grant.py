import datetime as dt
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from support.accounts.actions import grant
from support.accounts.models import User
from support.accounts.numbers import check_uscc
from support.places.models import Agency, Role
from support.records.actor import Actor, Kind


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(_("日期应写作 2027-12-31")) from None


class Command(BaseCommand):
    help = "Give a user an office at an agency; again with --until: change its last day (a past day ends it)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user", help="user name")
        parser.add_argument("role", choices=Role.values)
        parser.add_argument("agency", help="统一社会信用代码")
        parser.add_argument("--until", type=_day, help="last day, e.g. 2027-12-31; without it, no end")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["user"]).first()
        if user is None:
            raise CommandError(_("没有用户名为 %(user)s 的账户") % {"user": options["user"]})
        try:
            agency = Agency.objects.filter(uscc=check_uscc(options["agency"])).first()
        except ValidationError as refused:
            raise CommandError(refused.messages[0]) from None
        if agency is None:
            raise CommandError(_("没有统一社会信用代码为 %(code)s 的机关") % {"code": options["agency"]})
        role, operator = Role(options["role"]), Actor(Kind.TIMER, name="manage.py grant")
        row = grant(user, role, agency, until=options["until"], actor=operator, now=timezone.now())
        until = row.valid_until or _("长期")
        self.stdout.write(f"{user.name} · {agency.name} · {role.label} · {until}")
