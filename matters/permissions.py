"""Who may do what with the catalogue."""

from matters.models import KEEPERS_OF_WORDS, GuideDraft, Matter
from support.places.models import Role
from support.records.actor import Actor, Kind


def may_publish(actor: Actor, matter: Matter) -> bool:
    """A reviewer of the agency; or the installation itself, loading its data."""
    return actor.kind is Kind.TIMER or actor.holds(Role.REVIEWER, matter.agency_id)


def may_edit(actor: Actor, matter: Matter) -> bool:
    """An editor of the agency whose list it is."""
    return actor.holds(Role.EDITOR, matter.agency_id)


def wrote(actor: Actor, draft: GuideDraft) -> bool:
    """Whether the actor had a hand in the draft: who wrote does not review, nor publish."""
    return actor.user_id is not None and actor.user_id in draft.editors


def may_keep_words(actor: Actor) -> bool:
    """Editors and reviewers of any agency, and supervisors: what people call a matter is the whole region's."""
    return bool(actor.agencies_with(*KEEPERS_OF_WORDS))
