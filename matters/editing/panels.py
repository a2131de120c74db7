"""The joint review of the catalogue: which departments review what an agency proposes."""

import datetime as dt
import json
from collections.abc import Iterable
from pathlib import Path

from django.db import transaction

from matters.models import ReviewingAgency
from support.places.models import Agency, Region
from support.records import actions as records
from support.records.actor import Actor

DATA = Path(__file__).parent.parent / "data" / "reviewing_agencies.json"
FEWEST = 2  # 寧政發〔2022〕32號 二(一): more than one department reviews jointly


def panel(agency: Agency) -> list[Agency]:
    """The departments that review what `agency` proposes: those named for the nearest region that names any.

    An agency does not review its own proposals: it is left out. Fewer than `FEWEST`: nothing can be submitted.
    """
    for region in agency.region.line():
        rows = ReviewingAgency.objects.filter(region=region, agency__is_active=True)
        if found := [row.agency for row in rows.select_related("agency").order_by("agency_id")]:
            return [each for each in found if each.pk != agency.pk]
    return []


@transaction.atomic
def name_reviewers(region: Region, agencies: Iterable[Agency], *, actor: Actor, now: dt.datetime) -> None:
    """Set who reviews in a region. Reviews that are under way stay with those who were asked."""
    ReviewingAgency.objects.filter(region=region).delete()
    named = [ReviewingAgency(region=region, agency=agency) for agency in agencies]
    ReviewingAgency.objects.bulk_create(named)
    records.write(
        "matters.reviewers", actor=actor, target=f"places.region:{region.code}",
        details={"agencies": [row.agency_id for row in named]}, at=now,
    )  # fmt: skip


@transaction.atomic
def load_panels() -> int:
    """Load the reviewing departments of the sample data, where a region has none yet; returns how many rows."""
    made = 0
    for code, uscc_list in json.loads(DATA.read_text(encoding="utf-8")).items():
        if ReviewingAgency.objects.filter(region=code).exists():
            continue
        agencies = Agency.objects.filter(uscc__in=uscc_list)
        made += len(
            ReviewingAgency.objects.bulk_create(
                [ReviewingAgency(region_id=code, agency=agency) for agency in agencies]
            )
        )
    return made
