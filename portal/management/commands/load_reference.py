from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from matters.actions import index_again, load_directory, load_samples, load_synonyms
from matters.editing.panels import load_panels
from support.calendars.actions import load_official
from support.places.actions import load_agencies, load_regions


class Command(BaseCommand):
    help = "Load regions, official calendars, synonyms; outside production the samples too. May run at any time."

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        self.stdout.write(f"regions changed: {load_regions()}")
        self.stdout.write(f"calendar days changed: {load_official(now)}")
        self.stdout.write(f"guides indexed again: {index_again()}")
        if settings.PRODUCTION:  # its agencies and guides are real ones
            load_synonyms()
            return
        self.stdout.write(f"sample agencies: {load_agencies()}")
        self.stdout.write(f"sample reviewing departments: {load_panels()}")
        self.stdout.write(f"sample guides published: {load_samples(now)}")
        self.stdout.write(f"sample directory entries changed: {load_directory()}")
