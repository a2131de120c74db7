"""Identity checked at a window: finding or creating the party of whoever stands there (docs/adr/0021).

What is stored about a person is never shown here: a number is found, and the name typed from the identity
document either matches or does not.
"""

import datetime as dt
import unicodedata
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from support.accounts.models import Mandate, Party
from support.records.actions import write
from support.records.actor import Actor

CODE_TYPES = {Party.Kind.NATURAL.value: "111", Party.Kind.LEGAL.value: "001"}  # GB/T 36903 appendix A
CHECKED = 3  # identity_level: the document was seen
OWN, FOREIGN = "own", "foreign"
CODE_DAYS = 30
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # 32, nothing that is misread on paper
CODE_LENGTH = 12


@dataclass(frozen=True)
class Visitor:
    """Who applies, as typed from the documents shown. Number checked and in its normal form.

    `in_person`: the person, or the head of the organisation, stands there; else an agent. `account` answers
    whether an account with this number that nobody has checked yet is the applicant's: OWN, FOREIGN or "".
    """

    kind: str
    name: str
    number: str
    phone: str = ""
    address: str = ""
    in_person: bool = True
    account: str = ""


def holders(party: Party) -> list[int]:
    """The users who can see the business of this party online."""
    mandated = Mandate.objects.filter(party=party, revoked_at=None).values_list("user_id", flat=True)
    return [*([party.user_id] if party.user_id else []), *mandated]


def has_account(party: Party) -> bool:
    """Whether somebody can see the business of this party online."""
    return bool(holders(party))


def keeps_account(party: Party, visitor: Visitor | None) -> bool:
    """Whether the party has an account that stays with it when this visit is settled."""
    foreign = visitor is not None and visitor.account == FOREIGN and party.identity_level < CHECKED
    return not foreign and has_account(party)


def must_ask(number: str, _name: str = "") -> bool:
    """Whether the applicant is to be asked if the account with this number is theirs: it was only claimed,
    under whatever name."""
    party = Party.objects.with_number(number).first()
    return party is not None and party.identity_level < CHECKED and has_account(party)


def same_name(one: str, other: str) -> bool:
    """Equal but for width, case and blanks."""
    folded = ["".join(unicodedata.normalize("NFKC", name).casefold().split()) for name in (one, other)]
    return folded[0] == folded[1]


def meet(visitor: Visitor, *, agency_id: int, actor: Actor, now: dt.datetime) -> Party:
    """The party of a visitor, found by its number or created without an account; on the record either way.

    A party that was found stays as it is until `settle`. Raises ValidationError by field with what
    `objections` says.
    """
    party = Party.objects.with_number(visitor.number).first()
    if party is None:
        try:
            with transaction.atomic():
                return _create(visitor, agency_id, actor, now)
        except IntegrityError:  # two windows at once: the second finds it
            party = Party.objects.with_number(visitor.number).get()
    agrees(visitor.number, visitor.name, agency_id=agency_id, actor=actor, now=now)
    if wrong := objections(party, visitor):
        raise ValidationError(wrong)
    return party


def objections(party: Party, visitor: Visitor) -> dict[str, str]:
    """What stands against serving this visitor as this party, by field; empty if nothing does.

    A name that was only claimed shuts nobody out: who shows the document in person is asked whose the
    account is, and who sends an agent is told to come.
    """
    same = same_name(party.name, visitor.name)
    if party.identity_level >= CHECKED:
        return {} if same else {"name": _("姓名（名称）与该号码登记的不一致，请按证件核对")}
    if not same and not visitor.in_person:
        words = _(
            "这个号码登记的姓名（名称）与证件不一致，登记时没有核验过身份。请申请人本人（法定代表人、负责人）持证件到窗口，核验后即可办理"
        )
        return {"name": words}
    if has_account(party):
        if visitor.account not in (OWN, FOREIGN):
            return {"account": _("请问明申请人：这个号码的网上账户是不是本人的")}
        if visitor.account == FOREIGN and not visitor.in_person:
            return {"account": _("只有申请人本人（法定代表人）持证件到窗口，才能解除账户与其身份的关联")}
    return {}


def agrees(number: str, name: str, *, agency_id: int, actor: Actor, now: dt.datetime) -> bool:
    """Whether no other name has been checked for a number. The comparison is on the record."""
    party = Party.objects.with_number(number).first()
    if party is None:
        return True
    matches = same_name(party.name, name)
    write(
        "read.party_match", actor=actor, target=_target(party), subject_id=party.pk, agency_id=agency_id, at=now,
        details={"matches": matches},
    )  # fmt: skip
    return matches or party.identity_level < CHECKED


def _create(visitor: Visitor, agency_id: int, actor: Actor, now: dt.datetime) -> Party:
    level = CHECKED if visitor.in_person else 1
    code = CODE_TYPES[visitor.kind]
    party = Party(kind=visitor.kind, name=visitor.name, code_type=code, identity_level=level)
    party.set_number(visitor.number)
    party.phone, party.address = visitor.phone, visitor.address
    party.save()
    write(
        "party.met", actor=actor, target=_target(party), subject_id=party.pk, agency_id=agency_id, at=now,
        details={"level": level},
    )  # fmt: skip
    return party


@transaction.atomic
def settle(party_id: int, visitor: Visitor, *, agency_id: int, actor: Actor, now: dt.datetime) -> list[int]:
    """Write what a visit has shown of a party, once the case is filed. Returns the users it was taken from.

    Seen in person, the identity counts as checked under the name of the document, and an account that is
    somebody else's loses the party. Who has no account is reached as was said at the window.
    """
    party = Party.objects.select_for_update().get(pk=party_id)
    before, released = party.identity_level, list[int]()
    if visitor.in_person and before < CHECKED:
        if visitor.account == FOREIGN:
            released = _release(party, agency_id, actor, now)
        party.identity_level = CHECKED
        if not same_name(party.name, visitor.name):
            party.name = visitor.name
    if not has_account(party):
        party.phone = visitor.phone or party.phone
        party.address = visitor.address or party.address
    party.save()
    if party.identity_level != before:
        write(
            "party.checked", actor=actor, target=_target(party), subject_id=party.pk, agency_id=agency_id, at=now,
            details={"level": party.identity_level},
        )  # fmt: skip
    return released


def _release(party: Party, agency_id: int, actor: Actor, now: dt.datetime) -> list[int]:
    """Take a party from the users who claimed it, with the contact data that came from there."""
    claimed_by, losing = party.user_id, holders(party)
    if not losing:
        return []
    party.user = None
    party.phone = party.address = ""
    ended = Mandate.objects.filter(party=party, revoked_at=None).update(revoked_at=now)
    write(
        "party.release", actor=actor, target=_target(party), subject_id=party.pk, agency_id=agency_id, at=now,
        details={"user": claimed_by, "mandates": ended, "users": losing},
    )  # fmt: skip
    return losing


def forget(party_id: int) -> bool:
    """Really delete a party that was only met at a window and has no account and no business."""
    party = Party.objects.filter(pk=party_id, user=None).first()
    if party is None:
        return False
    try:
        with transaction.atomic():
            party.delete()
    except ProtectedError:
        return False
    return True


def _target(party: Party) -> str:
    return f"accounts.party:{party.uuid}"


# --- from the window to an account of one's own -----------------------------------------------------------


def opening_code(party: Party, now: dt.datetime) -> str:
    """开通码: with it a party checked in person and without an account gets one, within 30 to 60 days.

    Given only to the person, on paper. Used up by the account it opens.
    """
    return _code(party, _period(now))


def may_open(party: Party) -> bool:
    """Whether an account may be opened for this party with a code: checked in person, and without one."""
    return party.identity_level >= CHECKED and not has_account(party)


def opens(party: Party, code: str, now: dt.datetime) -> bool:
    """Whether this code opens an account for this party now."""
    if not may_open(party):
        return False
    typed = "".join(c for c in unicodedata.normalize("NFKC", code).upper() if c.isalnum())
    wanted = [_code(party, _period(now) - back).replace("-", "") for back in (0, 1)]
    return any(constant_time_compare(typed, each) for each in wanted)


def _period(now: dt.datetime) -> int:
    return int(now.timestamp()) // (CODE_DAYS * 86400)


def _code(party: Party, period: int) -> str:
    """60 bits of an HMAC under the installation's secret: nothing is stored, nothing can be guessed."""
    mac = salted_hmac("accounts.window.opening_code", f"{party.uuid}:{period}", algorithm="sha256").digest()
    code = "".join(ALPHABET[byte % len(ALPHABET)] for byte in mac[:CODE_LENGTH])
    return "-".join(code[n : n + 4] for n in range(0, CODE_LENGTH, 4))
