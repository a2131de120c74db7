"""The append-only audit record, its seals, and number series."""

from django.db import models


class AuditEvent(models.Model):
    """One act or one read of personal data. Inserted, never changed; see `grants` and `sealer`.

    `actor_name` is frozen as it was. `subject_id` is the party whose data it was. `details` holds
    ids, codes and counts, never personal data in plain text.
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
    class Meta:
        indexes = [
            models.Index(fields=["subject_id", "-id"], name="audit_by_subject"),
            models.Index(fields=["target", "id"], name="audit_by_target"),
        ]


class Series(models.Model):
    """The last number given in a named series. Taken late in a transaction; never reused."""

    name = models.CharField(max_length=120, primary_key=True)
    last = models.BigIntegerField(default=0)
