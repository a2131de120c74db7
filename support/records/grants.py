"""Insert-only by role: the owner migrates; the application may not change or remove what it recorded."""

from django.apps import apps
from django.db import connection, transaction


class RoleUnfit(Exception):
    """The role does not exist, or the database would not hold it back."""


def insert_only_tables() -> list[str]:
    """Tables of the models that declare `insert_only = True`."""
    return sorted(m._meta.db_table for m in apps.get_models() if getattr(m, "insert_only", False))


def _check(role: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.rolsuper, EXISTS (SELECT FROM pg_tables t WHERE t.schemaname = 'public'"
            " AND t.tablename = ANY(%s) AND pg_has_role(r.oid, t.tableowner, 'MEMBER'))"
            " FROM pg_roles r WHERE r.rolname = %s",
            [insert_only_tables(), role],
        )
        found = cursor.fetchone()
    if found is None:
        raise RoleUnfit("missing")
    superuser, owner = found
    if superuser or owner:
        raise RoleUnfit("superuser" if superuser else "owner")


@transaction.atomic
def grant(role: str) -> list[str]:
    """Give the application's role what it needs, and no more on insert-only tables; returns those.

    Run as the owner, after every migration. Raises RoleUnfit.
    """
    _check(role)
    name = connection.ops.quote_name(role)
    tables = insert_only_tables()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('records.grants'))")
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {name}")
        cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name}")
        cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {name}")
        for table in tables:
            cursor.execute(
                f"REVOKE UPDATE, DELETE, TRUNCATE ON {connection.ops.quote_name(table)} FROM {name}"
            )
    return tables
