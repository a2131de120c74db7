"""The cast (see support.accounts.demo) and the places it works at."""

import pytest
from django.core.cache import cache
from django.utils import translation

from support.accounts.demo import AGENCY_USCC, ELSEWHERE_USCC, FIRM_USCC, create_cast
from support.accounts.hats import actor_for
from support.accounts.models import Party, User
from support.places.actions import load_agencies, load_regions
from support.places.models import Agency
from support.records.actor import Actor

PASSWORD = "test-cast-password"


def actor_of(user: User, hat: str = "") -> Actor:
    """The actor of a user under a hat, read afresh."""
    return actor_for(User.objects.get(pk=user.pk), hat)


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def empty_cache():
    """What one test tried too often is not held against the next."""
    cache.clear()


@pytest.fixture(autouse=True)
def language_of_the_installation():
    """A request in another language leaves it set in the thread."""
    translation.deactivate()


@pytest.fixture
def places(db):
    """Ningxia down to the townships, and the sample agencies."""
    load_regions(deepest=5)
    load_agencies()


@pytest.fixture
def agency(places) -> Agency:
    return Agency.objects.get(uscc=AGENCY_USCC)


@pytest.fixture
def agency_elsewhere(places) -> Agency:
    return Agency.objects.get(uscc=ELSEWHERE_USCC)


@pytest.fixture
def cast(places) -> dict[str, User]:
    return create_cast(PASSWORD)


@pytest.fixture
def firm(cast) -> Party:
    """The organisation for which `firm_agent` holds a mandate."""
    return Party.objects.with_number(FIRM_USCC).get()


@pytest.fixture
def citizen(cast) -> User:
    return cast["citizen"]


@pytest.fixture
def stranger(cast) -> User:
    return cast["stranger"]


@pytest.fixture
def firm_agent(cast) -> User:
    return cast["firm_agent"]


@pytest.fixture
def clerk(cast) -> User:
    return cast["clerk"]


@pytest.fixture
def window_chief(cast) -> User:
    return cast["window_chief"]


@pytest.fixture
def officer(cast) -> User:
    return cast["officer"]


@pytest.fixture
def officer_elsewhere(cast) -> User:
    return cast["officer_elsewhere"]


@pytest.fixture
def approver(cast) -> User:
    return cast["approver"]


@pytest.fixture
def agency_head(cast) -> User:
    return cast["agency_head"]


@pytest.fixture
def government_head(cast) -> User:
    return cast["government_head"]


@pytest.fixture
def supervisor(cast) -> User:
    return cast["supervisor"]


@pytest.fixture
def editor(cast) -> User:
    return cast["editor"]


@pytest.fixture
def reviewer(cast) -> User:
    return cast["reviewer"]


@pytest.fixture
def office_reviewer(cast) -> User:
    return cast["office_reviewer"]


@pytest.fixture
def justice_reviewer(cast) -> User:
    return cast["justice_reviewer"]


@pytest.fixture
def region_editor(cast) -> User:
    return cast["region_editor"]


@pytest.fixture
def region_office(cast) -> User:
    return cast["region_office"]


@pytest.fixture
def region_justice(cast) -> User:
    return cast["region_justice"]
