"""Loading of reference data. A loader may run again at any time and brings its rows up to date."""

import json
from pathlib import Path
from typing import Any

from django.db import transaction

from support.places.models import Agency, Region

DATA = Path(__file__).parent / "data"
VILLAGE = 6


def _read(name: str) -> Any:
    return json.loads((DATA / name).read_text(encoding="utf-8"))


def _region(row: dict[str, str], level: int, parent: str | None) -> Region:
    return Region(
        code=row["code"].ljust(12, "0"),
        name=row["name"],
        level=level,
        parent_id=parent.ljust(12, "0") if parent else None,
    )


@transaction.atomic
def load_regions(deepest: int = VILLAGE) -> int:
    """Load Ningxia's divisions down to a level (see Region.level); returns how many were new or changed.

    Source: china-division 2.7.0, see data/NOTICE.md.
    """
    divisions = _read("ningxia_divisions.json")
    rows = [_region(row, 2, None) for row in divisions["province"]]
    rows += [_region(row, 3, row["provinceCode"]) for row in divisions["cities"]]
    rows += [_region(row, 4, row["cityCode"]) for row in divisions["areas"]]
    rows += [_region(row, 5, row["areaCode"]) for row in divisions["streets"]]
    if deepest >= VILLAGE:
        rows += [_region(row, 6, row["streetCode"]) for row in _read("ningxia_villages.json")]
    known = set(Region.objects.values_list("code", "name", "level", "parent_id"))
    rows = [
        row
        for row in rows
        if row.level <= deepest and (row.code, row.name, row.level, row.parent_id) not in known
    ]
    Region.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["code"], update_fields=["name", "level", "parent"]
    )
    return len(rows)


@transaction.atomic
def load_agencies() -> int:
    """Load the sample agencies of data/agencies.json; their regions must be there. Returns how many rows.

    An agency that is already there keeps its uuid and whether it is active.
    """
    rows = _read("agencies.json")
    Agency.objects.bulk_create(
        [Agency(**{("region_id" if key == "region" else key): row[key] for key in row}) for row in rows],
        update_conflicts=True,
        unique_fields=["uscc"],
        update_fields=[key for key in rows[0] if key != "uscc"],
    )
    return len(rows)
