"""How often each matter is applied for, told to the catalogue's search: real counts of cases, nothing else."""

import datetime as dt

from django.db.models import Q

from applications.models import Application
from matters.models import SearchEntry

DAYS = 90
MOST = 100_000  # matters


def count(now: dt.datetime) -> int:
    """Fold the cases received within DAYS days into the search rows; returns how many rows changed."""
    cases = dict(Application.objects.filed_since(now - dt.timedelta(days=DAYS), MOST))
    entries = SearchEntry.objects.filter(Q(guide__matter__in=list(cases)) | Q(popularity__gt=0))
    changed = [
        SearchEntry(pk=pk, popularity=cases.get(matter, 0))
        for pk, matter, known in entries.values_list("pk", "guide__matter", "popularity")
        if known != cases.get(matter, 0)
    ]
    SearchEntry.objects.bulk_update(changed, ["popularity"], batch_size=500)
    return len(changed)
