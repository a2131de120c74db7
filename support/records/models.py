"""The append-only audit record, its seals, and number series."""

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper


class TransactionId(models.Field):  # type: ignore[type-arg]
    """PostgreSQL's `xid8`, an int in Python. It grows for ever within one database cluster."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return "xid8"

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> int | None:
        return None if value is None else int(value)

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return str(value) if isinstance(value, int) else value


class AuditEvent(models.Model):
    """One act or one read of personal data. Inserted, never changed; see `grants` and `sealer`.

    `actor_name` is frozen as it was. `subject_id` is the party whose data it was. `details` holds
    ids, codes and counts, never personal data in plain text. `xact` is the inserting transaction:
    the sealer knows by it which events are final. `era` counts the clusters this database has
    lived in, because each counts its transactions from the start.
    """

    insert_only = True

    at = models.DateTimeField()
    verb = models.CharField(max_length=60)
    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=50)
    on_behalf_of = models.BigIntegerField(null=True, help_text="party acted for")
    subject_id = models.BigIntegerField(null=True, help_text="party whose data it was")
    agency_id = models.BigIntegerField(null=True)
    target = models.CharField(max_length=120, help_text="`applications.application:<uuid>`")
    details = models.JSONField(default=dict)
    era = models.PositiveSmallIntegerField(db_default=0)
    xact = TransactionId(db_default=models.Func(function="pg_current_xact_id"))

    class Meta:
        indexes = [
            models.Index(fields=["subject_id", "-id"], name="audit_by_subject"),
            models.Index(fields=["target", "id"], name="audit_by_target"),
            models.Index(fields=["era", "xact"], name="audit_by_xact"),
        ]


class SealBlock(models.Model):
    """A sealed run of audit events: every event of `era` whose transaction is in [from, until).

    `rows` holds 40 bytes for each event in id order: its id and its SHA-256, so that a changed,
    missing or inserted row can be named. Blocks form a chain without gaps; see `sealer`.
    """

    insert_only = True

    era = models.PositiveSmallIntegerField()
    from_xact = TransactionId()
    until_xact = TransactionId()
    first_id = models.BigIntegerField(null=True)
    last_id = models.BigIntegerField(null=True)
    count = models.PositiveIntegerField()
    rows = models.BinaryField()
    previous_digest = models.BinaryField(max_length=32, unique=True)  # a chain cannot fork
    digest = models.BinaryField(max_length=32)
    sealed_at = models.DateTimeField()
    key_id = models.CharField(max_length=255)
    signature = models.BinaryField(max_length=64)


class Series(models.Model):
    """The last number given in a named series. Taken late in a transaction; never reused."""

    name = models.CharField(max_length=120, primary_key=True)
    last = models.BigIntegerField(default=0)
