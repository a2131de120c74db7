"""What changes people: registration, contact data, passwords, offices. Names and numbers come in checked."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, Literal
from uuid import UUID

from axes.utils import reset as forget_failures
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.timezone import localdate
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from knox.models import AuthToken
from knox.settings import knox_settings

from support.accounts import window
from support.accounts.attempts import forget_wrong_passwords
from support.accounts.hats import actor_for
from support.accounts.models import AgencyGrant, Mandate, Party, User
from support.places.models import Agency, Role
from support.records.actions import write
from support.records.actor import VISITOR, Actor, Kind

ID_CARD, CREDIT_CODE = "111", "001"  # GB/T 36903 appendix A


def _target(user_uuid: UUID) -> str:
    return f"accounts.user:{user_uuid}"


def register_person(
    *,
    username: str,
    name: str,
    number: str,
    phone: str,
    email: str,
    password: str,
    now: dt.datetime,
    code: str = "",
) -> User:
    """Create a login and its natural person.

    The identity is only claimed (identity_level 1). Raises ValidationError, by field, when the user
    name or the number is taken; whose it is stays unsaid. With the code given at a window the login
    gets the party that was checked there.
    """
    checked = _checked_at_window(number, name, code, now)
    _refuse_taken_person(username, "" if checked else number)
    try:
        with transaction.atomic():
            user = User.objects.create_user(
                username, email, password, name=name, language=get_language() or ""
            )
            party = _lock(checked, code, now) or Party(
                kind=Party.Kind.NATURAL, name=name, code_type=ID_CARD
            )
            party.user = user
            party.set_number(number)
            party.phone = phone
            party.save()
            actor = Actor(Kind.CITIZEN, user.pk, name, party_id=party.pk)
            write("account.register", actor=actor, target=_target(user.uuid), subject_id=party.pk, at=now)
    except IntegrityError:  # two at once: the second learns it like anybody who comes later
        _refuse_taken_person(username, number)
        raise
    return user


def _checked_at_window(number: str, name: str, code: str, now: dt.datetime) -> Party | None:
    """The party that was checked at a window under this number and name, if the code given there opens it."""
    party = Party.objects.with_number(number).first() if code else None
    if party is None or not window.same_name(party.name, name) or not window.opens(party, code, now):
        return None
    return party


def _lock(party: Party | None, code: str, now: dt.datetime) -> Party | None:
    """The party under its lock; of two accounts at once only the first is opened."""
    if party is None:
        return None
    party = Party.objects.select_for_update().get(pk=party.pk)
    if not window.opens(party, code, now):
        raise IntegrityError("opened meanwhile")
    return party


def _refuse_taken_person(username: str, number: str) -> None:
    taken = {}
    if User.objects.filter(username__iexact=username).exists():
        taken["username"] = _("这个用户名已被使用，请换一个")
    if number and Party.objects.with_number(number).exists():
        taken["number"] = _(
            "该身份证号码已经登记。有账户的，请登录或找回密码；在窗口办过事、还没有账户的，请填写窗口给您的开通码；都不是的，请携带身份证到政务服务窗口核实"
        )
    if taken:
        raise ValidationError(taken)


def refuse_unless_person(actor: Actor) -> None:
    """Raise PermissionDenied unless a person acts in their own name."""
    if actor.kind is not Kind.CITIZEN or not actor.party_id:
        raise PermissionDenied(_("登记企业或组织须以个人身份进行，请先切换为个人身份。"))


def register_organisation(
    *, uscc: str, name: str, phone: str, actor: Actor, now: dt.datetime, code: str = ""
) -> Party:
    """Create an organisation whose legal representative the actor claims to be; with the code given at a
    window, take up the one that was checked there.

    Raises PermissionDenied unless a person acts in their own name, ValidationError when the code is
    taken.
    """
    refuse_unless_person(actor)
    checked = _checked_at_window(uscc, name, code, now)
    if checked is None:
        _refuse_taken_code(uscc)
    try:
        with transaction.atomic():
            party = _lock(checked, code, now) or Party(
                kind=Party.Kind.LEGAL, name=name, code_type=CREDIT_CODE
            )
            party.set_number(uscc)
            party.phone = phone
            party.save()
            Mandate.objects.create(
                user_id=actor.user_id,  # type: ignore[misc]
                party=party,
                role=Mandate.Role.LEGAL_REPRESENTATIVE,
                valid_from=localdate(now),
            )
            target = f"accounts.party:{party.uuid}"
            write("party.register", actor=actor, target=target, subject_id=party.pk, at=now)
    except IntegrityError:
        _refuse_taken_code(uscc)
        raise
    return party


def _refuse_taken_code(uscc: str) -> None:
    if Party.objects.with_number(uscc).exists():
        words = _(
            "该统一社会信用代码已经登记。请由其法定代表人为您授权；在窗口办过事、还没有人登记的，请填写窗口给的开通码；都不是的，请携带营业执照到政务服务窗口核实"
        )
        raise ValidationError({"uscc": words})


@transaction.atomic
def change_contact(
    party: Party | None, user: User, *, phone: str, address: str, email: str, actor: Actor, now: dt.datetime
) -> None:
    """Set the telephone and address of the party acted for, and the e-mail address of the login."""
    changed = []
    if party is not None:
        changed = [
            name for name, value in (("phone", phone), ("address", address)) if getattr(party, name) != value
        ]
        party.phone, party.address = phone, address
        party.save(update_fields=["phone_sealed", "address_sealed"])
    if user.email != email:
        changed.append("email")
        user.email = email
        user.save(update_fields=["email"])
    if changed:
        write(
            "account.contact",
            actor=actor,
            target=_target(user.uuid),
            subject_id=actor.party_id,
            details={"changed": changed},
            at=now,
        )


@transaction.atomic
def choose_channels(user: User, chosen: Mapping[str, bool], *, actor: Actor, now: dt.datetime) -> None:
    """Set `by_email` and `by_sms`, as far as they are given. Formal service (送达) knows no such choice."""
    changed = sorted(name for name, value in chosen.items() if getattr(user, name) != value)
    if changed:
        User.objects.filter(pk=user.pk).update(**chosen)
        write(
            "account.channels", actor=actor, target=_target(user.uuid), subject_id=actor.party_id,
            details={"changed": changed}, at=now,
        )  # fmt: skip


@transaction.atomic
def set_password(user: User, save: Callable[[], Any], *, by: Literal["mail", "old"], now: dt.datetime) -> Any:
    """Save a new password and what follows from it, all or nothing; returns what `save` returns.

    Tokens of the API end, and earlier failures no longer lock the owner out. `by` is what the owner
    showed: the link in the e-mail or the old password.
    """
    saved = save()
    AuthToken.objects.filter(user=user).delete()
    forget_failures(username=user.get_username())
    forget_wrong_passwords(user)
    _note("account.password", user, now, by=by)
    return saved


def _note(verb: str, user: User, now: dt.datetime, **details: Any) -> None:
    write(verb, actor=actor_for(user), target=_target(user.uuid), details=details, at=now)


def logged_in(user: User, *, now: dt.datetime) -> None:
    """Record the beginning of a session."""
    _note("account.login", user, now)


def logged_out(user: User, *, now: dt.datetime) -> None:
    """Record the end of a session by its owner."""
    _note("account.logout", user, now)


def speak(user: User, language: str) -> None:
    """Keep the language, one of `settings.LANGUAGES`, in which the user is written to."""
    if user.language != language:
        user.language = language
        user.save(update_fields=["language"])


def login_failed(username: str, *, now: dt.datetime) -> None:
    """Record a wrong password. A name that is no user's stays unrecorded: it may be a mistyped password."""
    user = User.objects.filter(username=username).first()
    target = _target(user.uuid) if user else "accounts.user:unknown"
    write("account.login_failed", actor=VISITOR, target=target, details={"user": user and user.pk}, at=now)


def reset_requested(user: User, *, now: dt.datetime) -> None:
    """Record that somebody asked for the link to a new password."""
    write(
        "account.reset_request", actor=VISITOR, target=_target(user.uuid), details={"user": user.pk}, at=now
    )


@transaction.atomic
def issue_token(user: User, *, now: dt.datetime) -> tuple[AuthToken, str]:
    """A new token and its text. Of more than TOKEN_LIMIT_PER_USER the oldest ends."""
    User.objects.select_for_update().get(pk=user.pk)  # two at once would both find room
    live = AuthToken.objects.filter(Q(expiry=None) | Q(expiry__gt=now), user=user).order_by("-created")
    kept = live[: knox_settings.TOKEN_LIMIT_PER_USER - 1]
    ended, _each = (
        AuthToken.objects.filter(user=user).exclude(pk__in=list(kept.values_list("pk", flat=True))).delete()
    )
    row, token = AuthToken.objects.create(user)
    _note("account.token", user, now, ended=ended)
    return row, token


@transaction.atomic
def end_token(token: AuthToken, *, now: dt.datetime) -> None:
    """End a token before its time."""
    token.delete()
    _note("account.token_end", token.user, now)


@transaction.atomic
def grant(
    user: User, role: Role, agency: Agency, *, until: dt.date | None, actor: Actor, now: dt.datetime
) -> AgencyGrant:
    """Give an office at an agency up to and including a day; given again, it gets the new last day."""
    permission = Permission.objects.get(content_type__app_label="places", codename=role.value)
    row: AgencyGrant
    row, _created = AgencyGrant.objects.update_or_create(
        user=user, permission=permission, content_object=agency, defaults={"valid_until": until}
    )
    details = {"role": role.value, "until": until.isoformat() if until else None}
    write(
        "account.grant", actor=actor, target=_target(user.uuid), agency_id=agency.pk, details=details, at=now
    )
    return row
