"""Who acts. One value, built once per request from the chosen hat, passed to every query and action."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    VISITOR = "visitor"
    CITIZEN = "citizen"
    COMPANY = "company"
    OFFICER = "officer"
    TIMER = "timer"


@dataclass(frozen=True)
class Actor:
    """The person or timer that acts, under one hat.

    `party_id` is the party whose business is done: the citizen's own, or the organisation's under
    the company hat; None for officers and timers. `grants` holds (agency id, role) pairs that were
    valid when the actor was built; only an officer has any.
    """

    kind: Kind
    user_id: int | None = None
    name: str = ""
    party_id: int | None = None
    grants: frozenset[tuple[int, str]] = frozenset()

    @property
    def agency_ids(self) -> frozenset[int]:
        return frozenset(agency for agency, _ in self.grants)

    def agencies_with(self, *roles: str) -> frozenset[int]:
        """The agencies for which the actor holds at least one of the roles."""
        return frozenset(agency for agency, role in self.grants if role in roles)

    def holds(self, role: str, agency_id: int) -> bool:
        return (agency_id, role) in self.grants

    @property
    def person(self) -> int:
        """The id of the user who acts. Raises ValueError for visitors and timers."""
        if self.user_id is None:
            raise ValueError("no person acts")
        return self.user_id

    @property
    def party(self) -> int:
        """The id of the party acted for. Raises ValueError where there is none."""
        if self.party_id is None:
            raise ValueError("the actor acts for no party")
        return self.party_id

    @property
    def is_applicant(self) -> bool:
        return self.kind in (Kind.CITIZEN, Kind.COMPANY)

    @property
    def is_officer(self) -> bool:
        return self.kind is Kind.OFFICER


VISITOR = Actor(Kind.VISITOR)
TIMER = Actor(Kind.TIMER, name="系统定时")
