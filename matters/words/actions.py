"""Who keeps the words of the search changes them here; every change is in the audit record."""

import datetime as dt
from collections.abc import Sequence

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from matters.actions import synonym
from matters.models import Synonym, ZeroHit
from matters.permissions import may_keep_words
from support.records import actions as records
from support.records.actor import Actor

DERIVED = ("expands_to", "sounds", "initials", "letters")


class Stale(Exception):
    """Somebody changed or removed the row since it was read; `row` is what it is now."""

    def __init__(self, row: Synonym) -> None:
        self.row = row
        super().__init__(row.term)


class Known(Exception):
    """The term has a row already, which can be changed."""

    def __init__(self, row: Synonym) -> None:
        self.row = row
        super().__init__(row.term)


@transaction.atomic
def add(term: str, words: Sequence[str], *, actor: Actor, now: dt.datetime) -> Synonym:
    """Let a term stand for words of the catalogue; it leaves the log of what found nothing.

    Raises PermissionDenied, or Known. A term removed before is brought back.
    """
    _refuse_others(actor)
    row = synonym(term, words)
    known = Synonym.objects.select_for_update().filter(term=row.term).first()
    if known and known.in_use:
        raise Known(known)
    row.pk, row.revision = (known.pk, known.revision) if known else (None, 0)
    row.in_use, row.revision, row.changed_at, row.changed_by = True, row.revision + 1, now, actor.name
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:  # somebody else was a moment earlier
        raise Known(Synonym.objects.get(term=row.term)) from error
    ZeroHit.objects.filter(term=row.term).delete()
    _record("matters.word_add", row, actor, now, words=row.expands_to)
    return row


@transaction.atomic
def change(pk: int, words: Sequence[str], *, revision: int, actor: Actor, now: dt.datetime) -> Synonym:
    """Give the term other words. Raises PermissionDenied, Synonym.DoesNotExist, or Stale."""
    _refuse_others(actor)
    row = _as_read(pk, revision)
    before, made = row.expands_to, synonym(row.term, words)
    for name in DERIVED:
        setattr(row, name, getattr(made, name))
    _save(row, actor, now)
    _record("matters.word_change", row, actor, now, words=row.expands_to, before=before)
    return row


@transaction.atomic
def remove(pk: int, *, revision: int, actor: Actor, now: dt.datetime) -> Synonym:
    """Use the term no longer. Raises PermissionDenied, Synonym.DoesNotExist, or Stale."""
    _refuse_others(actor)
    row = _as_read(pk, revision)
    row.in_use = False
    _save(row, actor, now)
    _record("matters.word_remove", row, actor, now, words=row.expands_to)
    return row


@transaction.atomic
def dismiss(pk: int, *, actor: Actor, now: dt.datetime) -> str:
    """Take a term that stands for nothing here out of the log; returns it. Raises ZeroHit.DoesNotExist."""
    _refuse_others(actor)
    miss = ZeroHit.objects.visible_to(actor).get(pk=pk)
    target = f"matters.zerohit:{miss.pk}"
    details = {"term": miss.term, "count": miss.count}
    records.write("matters.word_dismiss", actor=actor, target=target, details=details, at=now)
    miss.delete()
    return miss.term


def _refuse_others(actor: Actor) -> None:
    if not may_keep_words(actor):
        raise PermissionDenied(_("您的岗位不能修改搜索用词。"))


def _as_read(pk: int, revision: int) -> Synonym:
    row = Synonym.objects.select_for_update().get(pk=pk)
    if row.revision != revision or not row.in_use:
        raise Stale(row)
    return row


def _save(row: Synonym, actor: Actor, now: dt.datetime) -> None:
    row.revision += 1
    row.changed_at, row.changed_by = now, actor.name
    row.save()


def _record(verb: str, row: Synonym, actor: Actor, now: dt.datetime, **details: list[str]) -> None:
    """Terms and words are the catalogue's, nobody's data."""
    target = f"matters.synonym:{row.pk}"
    records.write(verb, actor=actor, target=target, details={"term": row.term, **details}, at=now)
