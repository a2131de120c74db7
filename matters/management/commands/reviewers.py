from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from matters.editing.panels import FEWEST, name_reviewers
from support.places.models import Agency, Region
from support.records.actor import Actor, Kind


class Command(BaseCommand):
    help = "Name the departments that review side by side what agencies of a region, and of those beneath, propose."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("region", help="12-digit code of the region")
        parser.add_argument("agency", nargs="+", help="统一社会信用代码, at least two")

    def handle(self, *args: Any, **options: Any) -> None:
        region = Region.objects.filter(code=options["region"]).first()
        if region is None:
            raise CommandError(_("没有代码为 %(code)s 的行政区划") % {"code": options["region"]})
        wanted = set(options["agency"])
        agencies = list(Agency.objects.filter(uscc__in=wanted, is_active=True).order_by("uscc"))
        if missing := wanted - {agency.uscc for agency in agencies}:
            raise CommandError(
                _("没有统一社会信用代码为 %(code)s 的机关") % {"code": _("、").join(sorted(missing))}
            )
        if len(agencies) < FEWEST:
            raise CommandError(_("审核部门至少要有两个。"))
        name_reviewers(
            region, agencies, actor=Actor(Kind.TIMER, name="manage.py reviewers"), now=timezone.now()
        )
        self.stdout.write(f"{region.name} · " + _("、").join(agency.name for agency in agencies))
