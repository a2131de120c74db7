from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from matters.actions import load_samples
from support.calendars.actions import load_official
from support.places.actions import load_agencies, load_regions


class Command(BaseCommand):
    help = "Load regions, official calendars, sample agencies and sample guides. May run at any time."

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        self.stdout.write(f"regions: {load_regions()}")
        self.stdout.write(f"agencies: {load_agencies()}")
        self.stdout.write(f"calendar days changed: {load_official(now)}")
        self.stdout.write(f"guides published: {load_samples(now)}")
