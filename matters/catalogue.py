"""Whether the catalogue is still what it was: for what is kept of it, in a cache, for a short while.

Every transaction that changes a search row, a guide, a matter, the directory, a synonym, an agency or a region
leaves a row (triggers, 0012_search) that becomes visible with it; so what was kept before is not used after.
What changes by the hour alone, a guide that comes into force, is asked for besides.
"""

import datetime as dt

from django.db import connection

from matters.models import CatalogueChange

KEPT = dt.timedelta(minutes=10)  # longer than anything is kept by its version


def version() -> str:
    """Differs after every change that is committed; one short query."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), sum(xid), sum(times) FROM matters_cataloguechange")
        return "-".join(str(n or 0) for n in cursor.fetchone())


def next_change(at: dt.datetime) -> dt.datetime | None:
    """The first instant after `at` at which a guide, or a version of the directory, begins or ends; one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT least("
            "(SELECT min(lower(validity)) FROM matters_searchentry WHERE lower(validity) > %(at)s),"
            "(SELECT min(upper(validity)) FROM matters_searchentry WHERE upper(validity) > %(at)s),"
            "(SELECT min(lower(validity)) FROM matters_directoryversion WHERE lower(validity) > %(at)s))",
            {"at": at},
        )
        first: dt.datetime | None = cursor.fetchone()[0]
    return first


def forget(now: dt.datetime) -> None:
    """Remove the traces of changes that nothing kept can be older than."""
    CatalogueChange.objects.filter(at__lt=now - KEPT).delete()
