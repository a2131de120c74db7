import datetime as dt
import uuid

import pytest
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, transaction

from support.records import actions, grants, sealer
from support.records.actor import TIMER
from support.records.models import AuditEvent, SealBlock
from support.records.verifier import verify

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 3, 2, 1, 0, tzinfo=dt.UTC)


def sql(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.fixture
def role(settings) -> str:
    """A role of its own; it goes with the transaction of the test."""
    name = f"app_{uuid.uuid4().hex[:12]}"
    sql(f'CREATE ROLE "{name}" NOLOGIN')
    settings.APP_DB_ROLE = name
    return name


@pytest.fixture
def as_app(role):
    call_command("grant_app_role", verbosity=0)
    actions.write("test.before", actor=TIMER, target="x")
    sql(f'SET LOCAL ROLE "{role}"')
    yield
    sql("RESET ROLE")


def test_application_may_insert_and_read(as_app):
    actions.write("test.after", actor=TIMER, target="x")
    assert AuditEvent.objects.filter(target="x").count() == 2


@pytest.mark.parametrize("model", [AuditEvent, SealBlock])
@pytest.mark.parametrize("statement", ["UPDATE {0} SET era = 1", "DELETE FROM {0}", "TRUNCATE {0}"])
def test_application_may_not_change_or_remove(as_app, model, statement):
    with pytest.raises(ProgrammingError, match="permission denied"):
        sql(statement.format(model._meta.db_table))


def test_application_may_change_and_delete_elsewhere(as_app):
    assert actions.next_number("a") == 1
    assert actions.next_number("a") == 2
    sql("DELETE FROM records_series")


def test_application_may_seal(as_app):
    """Every look that the sealer takes, and what it writes, is within the application's rights."""
    AuditEvent.objects.create(at=NOW, verb="x", actor_kind="timer", actor_name="", target="x", xact=3)
    assert sealer.seal_next(NOW).count == 1
    assert verify().findings == []


def test_granting_again_changes_nothing_and_heals(as_app, role):
    sql("RESET ROLE")
    sql(f'GRANT UPDATE, DELETE ON records_auditevent TO "{role}"')
    call_command("grant_app_role", verbosity=0)
    sql(f'SET LOCAL ROLE "{role}"')
    with pytest.raises(ProgrammingError):
        sql("DELETE FROM records_auditevent")


def test_every_insert_only_model_is_covered():
    assert {"records_auditevent", "records_sealblock"} <= set(grants.insert_only_tables())


def test_without_a_role_says_so(settings, capsys):
    settings.APP_DB_ROLE = ""
    call_command("grant_app_role")
    assert "APP_DB_ROLE" in capsys.readouterr().out


def test_refuses_a_role_that_does_not_exist(settings):
    settings.APP_DB_ROLE = "nobody_of_this_name"
    with pytest.raises(CommandError, match="nobody_of_this_name"):
        call_command("grant_app_role")


def test_refuses_a_role_that_owns_the_tables(role):
    sql(f'ALTER TABLE records_auditevent OWNER TO "{role}"')
    with pytest.raises(CommandError):
        call_command("grant_app_role")


def test_refuses_a_superuser(role):
    sql(f'ALTER ROLE "{role}" SUPERUSER')
    with pytest.raises(CommandError):
        call_command("grant_app_role")
