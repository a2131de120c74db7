"""Whether a change makes it heavier for the applicant: more papers, longer terms, new fees, less choice."""

from typing import Any

from matters import codes
from matters.checks.rule import days
from matters.compare.labels import Path

# Lists of which each new item is a burden, and lists of which each lost item is one.
ADDED = ("conditions", "special_procedures", "fees.items", "intermediaries", "duties")
LOST = (
    "service_objects",
    "handle_types",
    "collect",
    "channels.online",
    "channels.counter",
    "rights",
    "places",
)
# True is the burden, or False is.
ON = ("charged", "excluded_from_statutory", "required")
OFF = (
    "available",
    "full",
    "in_centre",
    "appointment",
    "express",
    "terminals",
    "reducible",
    "post_materials",
    "post_results",
)
MORE = ("original", "copy", "minimum", "area")
FEWER = ("deferrable_days", "max_length", "max_bytes", "max_pages", "maximum")
_NECESSITY = {codes.OPTIONAL: 0, codes.DEFERRABLE: 1, codes.REQUIRED: 2}
_VISITS = {"0": 0, "1": 1, "2": 2, "n": 3}


def of_item(path: Path, item: Any, *, added: bool) -> bool:
    """Of an item that was added to a list, or taken from it."""
    name = _named(path, ADDED if added else LOST)
    if name or not added or not isinstance(item, dict):
        return name
    if path[-1] == "materials":
        return bool(item["necessity"] != codes.OPTIONAL)
    return path[-1] == "fields" and bool(item.get("required", True))


def of_value(path: Path, old: Any, new: Any) -> bool:
    """Of a plain value that changed; None stands for none."""
    last = path[-1]
    if last in ON:
        return bool(new) and not old
    if last in OFF:
        return bool(old) and not new
    if last in ("certificate_type", "prefill"):
        return bool(old) and not new
    if last == "quantity_limit":
        return bool(new) and not old
    if last == "necessity":
        return _NECESSITY[new] > _NECESSITY[old]
    if path[-2:] == ("visits", "count"):
        return _VISITS[new] > _VISITS[old]
    if last in MORE:
        return _number(new) > _number(old) if None not in (old, new) else new is not None
    if last in FEWER:
        newly = new is not None and last != "deferrable_days"
        return _number(new) < _number(old) if None not in (old, new) else newly
    return False


def of_term(path: Path, old: Any, new: Any) -> bool:
    """Of a term that came, went or changed. A longer one is a burden, but for how long a result is valid."""
    if path[-1] in ("validity", "check_term"):
        return path[-1] == "validity" and bool(new) and (not old or days(new) < days(old))
    if not (old and new):
        return not new and path[-1] == "promised"
    return days(new) > days(old)


def _number(found: Any) -> float:
    return float(found) if str(found).replace(".", "", 1).lstrip("-").isdigit() else 0.0


def _named(path: Path, names: tuple[str, ...]) -> bool:
    return path[-1] in names or ".".join(path[-2:]) in names
