import datetime as dt
import logging
import threading
import time
from contextlib import contextmanager

import psycopg2
import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import Max

from support.records import actions, sealer, tasks
from support.records.actor import TIMER
from support.records.models import AuditEvent, SealBlock
from support.records.verifier import What, verify

pytestmark = pytest.mark.django_db(transaction=True)
NOW = dt.datetime(2026, 3, 2, 1, 0, tzinfo=dt.UTC)
AHEAD = 10**15  # a transaction number that no cluster reaches here


def act(target: str, count: int = 1) -> None:
    for _ in range(count):
        actions.write("test.act", actor=TIMER, target=target, details={"ids": [1, 2]}, at=NOW)


def await_final() -> None:
    """Until all committed events can be sealed: an open transaction (autovacuum) may hold that up."""
    newest = AuditEvent.objects.filter(xact__lt=AHEAD).aggregate(Max("xact"))["xact__max"] or 0
    for _ in range(3000):
        if sealer.oldest_open() > newest:
            return
        time.sleep(0.01)
    raise TimeoutError("another transaction stays open in this database")


def seal_all() -> list[SealBlock]:
    await_final()
    blocks = []
    while block := sealer.seal_next(NOW):
        blocks.append(block)
    return blocks


def sql(statement: str, params: list | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)


def found() -> list[tuple[What, int | None]]:
    return [(finding.what, finding.event_id) for finding in verify().findings]


def ids() -> list[int]:
    return list(AuditEvent.objects.order_by("id").values_list("id", flat=True))


@contextmanager
def another_connection_holding(target: str):
    """In another connection: an event written and not yet committed while the block runs."""
    written, release = threading.Event(), threading.Event()

    def work() -> None:
        try:
            with transaction.atomic():
                act(target)
                written.set()
                release.wait(10)
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    assert written.wait(10)
    try:
        yield
    finally:
        release.set()
        thread.join(10)


@pytest.fixture
def chain() -> list[SealBlock]:
    """Two sealed blocks of three events each, and one event that waits."""
    act("a", 3)
    blocks = seal_all()
    act("b", 3)
    blocks += seal_all()
    act("c")
    return blocks


# --- sealing


def test_block_holds_what_was_committed_and_follows_the_last(chain):
    first, second = chain
    assert (first.count, second.count) == (3, 3)
    assert bytes(second.previous_digest) == bytes(first.digest)
    assert [first.first_id, first.last_id] == [ids()[0], ids()[2]]
    assert second.from_xact == first.until_xact
    report = verify()
    assert report.findings == []
    assert (report.events, report.unsealed) == (6, 1)


def test_nothing_waiting_makes_no_block(chain):
    seal_all()
    assert seal_all() == []
    assert SealBlock.objects.count() == 3


def test_late_commit_is_never_skipped():
    with another_connection_holding("late"):
        act("early", 2)  # higher ids, committed first
        assert sealer.seal_next(NOW) is None
        assert verify().unsealed == 2
    seal_all()
    report = verify()
    assert (report.events, report.unsealed, report.findings) == (3, 0, [])


def test_earlier_commits_need_not_wait_for_an_open_transaction():
    act("early", 2)
    with another_connection_holding("late"):
        assert [block.count for block in seal_all()] == [2]
    assert [block.count for block in seal_all()] == [1]
    assert found() == []


def test_transaction_in_another_database_holds_nothing_up():
    name = f"{connection.settings_dict['NAME']}_other"
    sql(f'DROP DATABASE IF EXISTS "{name}"')
    sql(f'CREATE DATABASE "{name}"')
    parameters = {**connection.get_connection_params(), "dbname": name}
    parameters.pop("cursor_factory", None)
    other = psycopg2.connect(**parameters)
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_current_xact_id()")  # its transaction is open from here on
        act("a")
        assert [block.count for block in seal_all()] == [1]
    finally:
        other.close()
        sql(f'DROP DATABASE "{name}"')


def test_low_id_committed_after_higher_ids_were_sealed():
    """An id may be drawn long before its transaction gets a number and commits."""
    sql("SELECT nextval(pg_get_serial_sequence('records_auditevent', 'id'))")
    act("a")
    high = ids()[-1]
    seal_all()
    AuditEvent.objects.create(
        id=high - 1, at=NOW, verb="test.act", actor_kind="timer", actor_name="", target="low"
    )
    assert [block.count for block in seal_all()] == [1]
    assert found() == []


def test_what_the_sealing_transaction_wrote_itself_waits():
    """A snapshot does not list its own transaction, and others may have ended after it began."""
    with transaction.atomic():
        act("own")
        elsewhere = threading.Thread(target=lambda: (act("a"), connection.close()))
        elsewhere.start()
        elsewhere.join(10)
        assert sealer.oldest_open() <= AuditEvent.objects.get(target="own").xact
        assert sealer.seal_next(NOW) is None
    assert [block.count for block in seal_all()] == [2]


def test_large_backlog_is_cut_between_transactions(monkeypatch):
    monkeypatch.setattr(sealer, "BLOCK", 2)
    with transaction.atomic():
        act("one transaction", 3)
    act("b", 3)
    assert [block.count for block in seal_all()] == [3, 2, 1]
    assert found() == []


def test_two_sealers_make_one_chain(monkeypatch):
    monkeypatch.setattr(sealer, "BLOCK", 2)
    act("a", 20)
    await_final()
    barrier = threading.Barrier(4)
    errors = []

    def work() -> None:
        try:
            barrier.wait(10)
            while sealer.seal_next(NOW):
                pass
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert errors == []
    report = verify()
    assert (report.events, report.findings) == (20, [])


def test_sealer_stands_back_while_another_works():
    act("a")
    await_final()
    locked, release = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                sql("SELECT pg_advisory_xact_lock(%s)", [sealer.LOCK])
                locked.set()
                release.wait(10)
        finally:
            connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    assert locked.wait(10)
    try:
        assert sealer.seal_next(NOW) is None
    finally:
        release.set()
        thread.join(10)
    await_final()
    assert sealer.seal_next(NOW) is not None


def test_task_seals_and_logs_the_head(caplog):
    act("a")
    await_final()
    with caplog.at_level(logging.INFO, logger="support.records.tasks"):
        tasks.seal()
    assert bytes(SealBlock.objects.get().digest).hex() in caplog.text


# --- tampering, by one who may do everything in the database


def test_changed_event_is_named(chain):
    victim = ids()[1]
    AuditEvent.objects.filter(pk=victim).update(actor_name="别人")
    assert found() == [(What.CHANGED, victim)]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("at", NOW + dt.timedelta(seconds=1)),
        ("verb", "test.other"),
        ("actor_kind", "officer"),
        ("actor_id", 7),
        ("on_behalf_of", 7),
        ("subject_id", 7),
        ("agency_id", 7),
        ("target", "z"),
        ("details", {"ids": [1]}),
    ],
)
def test_no_column_can_be_changed(chain, column, value):
    victim = ids()[4]
    AuditEvent.objects.filter(pk=victim).update(**{column: value})
    assert found() == [(What.CHANGED, victim)]


def test_deleted_event_is_named(chain):
    victim = ids()[3]
    AuditEvent.objects.filter(pk=victim).delete()
    assert found() == [(What.MISSING, victim)]


def test_inserted_event_is_named(chain):
    forged = AuditEvent.objects.create(
        at=NOW, verb="x", actor_kind="timer", actor_name="", target="z", xact=chain[0].from_xact
    )
    assert found() == [(What.INSERTED, forged.pk)]


def test_event_moved_out_of_its_block_is_missing_there(chain):
    victim = ids()[0]
    AuditEvent.objects.filter(pk=victim).update(xact=chain[1].until_xact + 1000)
    assert found() == [(What.MISSING, victim)]


def test_event_outside_every_block_is_named(chain):
    sql("ALTER TABLE records_auditevent DROP CONSTRAINT records_auditevent_era_check")
    try:
        sql("UPDATE records_auditevent SET era = -1 WHERE id = %s", [ids()[6]])
        assert found() == [(What.STRAY, ids()[6])]
    finally:
        sql("DELETE FROM records_auditevent WHERE era < 0")
        sql("ALTER TABLE records_auditevent ADD CONSTRAINT records_auditevent_era_check CHECK (era >= 0)")


def test_seal_rewritten_with_the_event_does_not_carry_the_signature(chain):
    """Event, row hash and block digest made to agree; only the key is wanting."""
    victim = ids()[4]
    AuditEvent.objects.filter(pk=victim).update(target="z")
    block = SealBlock.objects.get(pk=chain[1].pk)
    digests = sealer.digests_of(block.era, block.from_xact, block.until_xact)
    block.rows = b"".join(sealer.ENTRY.pack(*entry) for entry in digests.items())
    block.digest = sealer.block_digest(block)
    block.save()
    assert found() == [(What.SIGNATURE, None)]


def test_block_changed_in_any_part_is_noticed(chain):
    for change in (
        {"rows": bytes(chain[1].rows)[:-1]},
        {"sealed_at": NOW + dt.timedelta(days=1)},
        {"count": 2},
    ):
        SealBlock.objects.filter(pk=chain[1].pk).update(**change)
        assert What.DIGEST in [what for what, _ in found()]
        chain[1].save()
        assert found() == []


def test_removed_block_breaks_the_chain(chain):
    SealBlock.objects.filter(pk=chain[0].pk).delete()
    assert (What.CHAIN, None) in found()


def test_cut_off_end_shows_against_a_noted_head(chain, capsys):
    noted = bytes(chain[1].digest).hex()
    call_command("verify_records", head=noted)
    SealBlock.objects.filter(pk=chain[1].pk).delete()
    AuditEvent.objects.filter(target="b").delete()
    assert found() == []
    with pytest.raises(SystemExit) as stop:
        call_command("verify_records", head=noted)
    assert stop.value.code == 1


def test_command_names_block_and_event_and_fails(chain, capsys):
    call_command("verify_records")
    victim = ids()[1]
    AuditEvent.objects.filter(pk=victim).update(verb="x")
    with pytest.raises(SystemExit) as stop:
        call_command("verify_records")
    assert stop.value.code == 1
    assert f"区块 {chain[0].pk}：记录 {victim} 被修改" in capsys.readouterr().out


# --- keys


def test_key_rotation_goes_on_and_old_blocks_still_verify(chain, settings):
    new = "new:" + "bmV3LWZpZWxkLWtleS0zMi1ieXRlcy1sb25nLSEhISE="
    settings.FIELD_KEYS = f"{new},{settings.FIELD_KEYS}"
    seal_all()
    assert SealBlock.objects.order_by("id").last().key_id == "new"
    assert found() == []
    settings.FIELD_KEYS = new  # the old key is gone; the newest block vouches for the chain
    assert found() == []


def test_nobody_vouches_for_a_chain_whose_last_key_is_gone(chain, settings):
    settings.FIELD_KEYS = "new:" + "bmV3LWZpZWxkLWtleS0zMi1ieXRlcy1sb25nLSEhISE="
    assert found() == [(What.KEY_GONE, None)]


# --- another cluster


@pytest.fixture
def era_restored():
    yield
    sql("ALTER TABLE records_auditevent ALTER COLUMN era SET DEFAULT 0")


def test_after_a_dump_was_loaded_elsewhere_a_new_era_goes_on(chain, monkeypatch, era_restored):
    """The new cluster counts from the start: its transactions lie below the last seal."""

    AuditEvent.objects.filter(target="c").update(xact=AHEAD + 5)
    last = chain[1]
    last.until_xact = AHEAD
    last.digest = sealer.block_digest(last)
    last.signature = sealer.signing_key()[1].sign(last.digest)
    last.save()
    assert found() == []

    with pytest.raises(sealer.CounterBehind):
        sealer.seal_next(NOW)
    call_command("begin_seal_era")
    act("new era", 2)
    assert [(block.era, block.count) for block in seal_all()] == [(0, 1), (1, 3)]
    report = verify()
    assert (report.findings, report.unsealed) == ([], 0)
    forged = AuditEvent.objects.create(
        era=0, at=NOW, verb="x", actor_kind="timer", actor_name="", target="z", xact=AHEAD + 9
    )
    assert found() == [(What.INSERTED, forged.pk)]
