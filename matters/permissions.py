"""Who may do what with the catalogue."""

from matters.models import Matter
from support.places.models import Role
from support.records.actor import Actor, Kind


def may_publish(actor: Actor, matter: Matter) -> bool:
    """A reviewer of the agency; or the installation itself, loading its data."""
    return actor.kind is Kind.TIMER or actor.holds(Role.REVIEWER, matter.agency_id)
