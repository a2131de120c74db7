"""The main navigation: which places an actor is shown. Access itself is checked by each view."""

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from applications import oversight
from evaluations.models import READERS
from matters.models import KEEPERS_OF_WORDS
from support.places.models import Role
from support.records.actor import VISITOR, Actor


class Place(NamedTuple):
    """`folded`: for staff, a page of everybody; behind “更多” where there is no room for all."""

    label: str | Promise
    url: str
    current: bool
    folded: bool


def _everyone(actor: Actor) -> bool:
    return True


def _officers(actor: Actor) -> bool:
    return actor.is_officer


def _all_but_officers(actor: Actor) -> bool:
    return not actor.is_officer


def _overseers(actor: Actor) -> bool:
    return bool(actor.agencies_with(*oversight.ROLES))


def _supervisors(actor: Actor) -> bool:
    return bool(actor.agencies_with(Role.SUPERVISOR))


def _keepers_of_the_catalogue(actor: Actor) -> bool:
    return bool(actor.agencies_with(Role.EDITOR, Role.REVIEWER))


def _readers_of_ratings(actor: Actor) -> bool:
    return bool(actor.agencies_with(*READERS))


def _keepers_of_words(actor: Actor) -> bool:
    return bool(actor.agencies_with(*KEEPERS_OF_WORDS))


def _who_follow_messages(actor: Actor) -> bool:
    return bool(actor.agencies_with(Role.CLERK, Role.SUPERVISOR))


_PLACES: list[tuple[Promise | str, str, Callable[[Actor], bool]]] = [
    (_("首页"), "portal:home", _everyone),
    (_("事项目录"), "matters:directory", _everyone),
    (_("办件进度"), "applications:progress", _everyone),
    (_("期限计算"), "calendars:terms", _everyone),
    (_("证照核验"), "certificates:verify", _everyone),
    (_("我的空间"), "portal:my", _all_but_officers),
    (_("办件工作台"), "applications:desk", _officers),
    (_("事项管理"), "catalogue:home", _keepers_of_the_catalogue),
    (_("效能监督"), "portal:supervision", _overseers),
    (_("消息发送"), "notices:deliveries", _who_follow_messages),
    (_("收到的评价"), "evaluations:received", _readers_of_ratings),
    (_("搜索用词"), "words:list", _keepers_of_words),
    (_("日历"), "calendars:years", _supervisors),
]


def places(request: HttpRequest) -> list[Place]:
    """The entries for this request; the one whose page (or a page beneath it) is shown is current."""
    actor: Actor = getattr(request, "actor", VISITOR)  # absent when an early middleware refused
    wanted = [
        (label, url, actor.is_officer and who is _everyone and url != "/")
        for label, name, who in _PLACES
        if (url := _address(name)) and who(actor)
    ]
    current = max((url for _label, url, _folded in wanted if _is_at(request.path, url)), key=len, default="")
    shown = [Place(label, url, url == current, folded) for label, url, folded in wanted]
    return sorted(shown, key=lambda place: place.folded)


@cache
def _address(name: str) -> str:
    """Asked for on every page and the same on all of them."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def _is_at(path: str, url: str) -> bool:
    return path == url if url == "/" else path.startswith(url)
