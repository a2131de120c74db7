import pytest

from support.calendars.actions import load_official


@pytest.fixture
def official(db) -> None:
    """The days off that come with the portal."""
    load_official()
