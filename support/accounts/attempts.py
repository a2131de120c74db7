"""How often an address, a user or a case number may be tried. Counted in the cache; without it nothing is counted."""

import hashlib
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from ipaddress import IPv6Address, ip_address
from typing import Any

from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from support.accounts.lockout import client_ip
from support.accounts.models import User

PER_ADDRESS, ADDRESS_SECONDS = 30, 600
PER_PASSWORD, PASSWORD_SECONDS = 5, 900
PER_CASE, PER_CASE_ANYWHERE, CASE_SECONDS = 5, 60, 3600


def one_more(key: str, most: int, seconds: int) -> bool:
    """Count one more under a key; False when that is more than `most` within `seconds` of the first."""
    cache.add(key, 0, seconds)
    count = None
    with suppress(ValueError):  # it ran out in between
        count = cache.incr(key)
    return (count or 0) <= most


def address_may_try(request: HttpRequest) -> bool:
    """Count one try of the address, whatever user names it tries."""
    return one_more(_address_key(request), PER_ADDRESS, ADDRESS_SECONDS)


def forget_try(request: HttpRequest) -> None:
    """The try was a right password: a hall or a firm behind one address logs in as often as it likes."""
    with suppress(ValueError):
        cache.decr(_address_key(request))


def _address_key(request: HttpRequest) -> str:
    return f"attempts:address:{client_network(request)}"


def client_network(request: HttpRequest) -> str:
    """`network` of the client: what tries are counted by, those of django-axes too."""
    return network(client_ip(request))


def network(address: str) -> str:
    """An IPv4 address, or the /64 in which an IPv6 address lies: each of its 2^64 belongs to one customer."""
    with suppress(ValueError):
        found = ip_address(address.partition("%")[0])
        if isinstance(found, IPv6Address):
            return str(found.ipv4_mapped or IPv6Address(int(found) >> 64 << 64))
    return address


def too_many() -> str:
    return _("您所在的网络提交次数过多，请 10 分钟后再试。")


def limited(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """What a view is sent (not what it shows) counts as a try of the address; 429 after too many."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method == "POST" and not address_may_try(request):
            return render(request, "429.html", {"message": too_many()}, status=429)
        return view(request, *args, **kwargs)

    return guarded


def _password_key(user: User) -> str:
    return f"attempts:password:{user.pk}"


def is_password_of(user: User, password: str) -> bool:
    """Whether a logged-in user knows their password. Raises ValidationError after five wrong ones."""
    # Counted before it is checked: many at once are no way round.
    if not one_more(_password_key(user), PER_PASSWORD, PASSWORD_SECONDS):
        raise ValidationError(_("密码错误次数过多，请 15 分钟后再试"))
    right = user.check_password(password)
    if right:
        forget_wrong_passwords(user)
    return right


def forget_wrong_passwords(user: User) -> None:
    cache.delete(_password_key(user))


def _case_keys(number: str, address: str) -> tuple[str, str]:
    """Of the number from this address, and of the number from anywhere."""
    # Hashed: what was typed as a case number may be anything, an identity number too.
    digest = hashlib.sha256(number.encode()).hexdigest()
    return f"attempts:case:{digest}:{network(address)}", f"attempts:case:{digest}"


def minutes_to_wait(number: str, address: str) -> int:
    """Count one try to see a case by its number, known or not: 0, or after too many wrong ones the minutes left.

    Five from one address; what it tries beyond them counts for nobody else, so that a stranger locks out
    only themselves. Sixty from anywhere: then many addresses are guessing.
    """
    here, anywhere = _case_keys(number, address)
    return _wait(here, PER_CASE) or _wait(anywhere, PER_CASE_ANYWHERE)


def _wait(key: str, most: int) -> int:
    now = timezone.now().timestamp()
    cache.add(f"{key}:since", now, CASE_SECONDS)
    if one_more(key, most, CASE_SECONDS):
        return 0
    since = cache.get(f"{key}:since") or now
    return max(1, -int(-(since + CASE_SECONDS - now) // 60))


def forget_case_try(number: str, address: str) -> None:
    """The try was right: whoever knows may look as often as they like; wrong ones stay counted."""
    for key in _case_keys(number, address):
        with suppress(ValueError):
            cache.decr(key)
