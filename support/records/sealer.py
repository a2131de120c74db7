"""Sealing the audit record in signed, chained blocks, so that a changed row is found and named.

A block covers every event whose transaction is in [from, until). `until` never passes the oldest
transaction that is still open, so that no commit can come late. Ids cannot serve: a transaction may
take a low id and commit after higher ones.
"""

import datetime as dt
import hashlib
import json
import struct
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from support.records.models import AuditEvent, SealBlock
from support.records.sealing import signing_key

BLOCK = 10_000  # events; only a single larger transaction makes a larger block
END = 2**63 - 1  # `until` of the last block of an era
GENESIS = bytes(32)
ENTRY = struct.Struct(">q32s")
LOCK = 0x7265_636F_7264  # "record": sealers exclude each other

# Snapshots cover all databases of the cluster: a transaction that is seen to run in another one writes
# no events here. In doubt (no lock yet, a prepared transaction) it counts as ours. A snapshot leaves out the
# transaction that takes it, which may still write events.
OLDEST_OPEN = """
WITH seen AS MATERIALIZED (SELECT pg_current_snapshot() AS snapshot)
SELECT least(pg_snapshot_xmax(snapshot), pg_current_xact_id_if_assigned(), (
    SELECT min(open.xact) FROM pg_snapshot_xip(snapshot) AS open (xact) WHERE NOT EXISTS (
        SELECT FROM pg_locks JOIN pg_stat_activity USING (pid)
        WHERE locktype = 'transactionid' AND granted AND mode = 'ExclusiveLock'
        AND transactionid = open.xact::xid AND datname <> current_database())))
FROM seen
"""

# What an event's hash covers, in this order. A later column needs a new form of block.
FIELDS = (
    "id", "era", "xact", "at", "verb", "actor_kind", "actor_id", "actor_name",
    "on_behalf_of", "subject_id", "agency_id", "target", "details",
)  # fmt: skip


class CounterBehind(Exception):
    """The database counts transactions below the last seal: it was loaded into another cluster.

    Nothing is lost, but sealing stands still until the owner runs `manage.py begin_seal_era`.
    """


def event_digest(values: tuple[Any, ...]) -> bytes:
    """SHA-256 of one event's FIELDS."""
    plain = [
        value.astimezone(dt.UTC).isoformat() if isinstance(value, dt.datetime) else value for value in values
    ]
    text = json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).digest()


def block_digest(block: SealBlock) -> bytes:
    """SHA-256 of the previous digest, the range, the time of sealing, and every event's hash."""
    head = (
        f"{block.era} {block.from_xact} {block.until_xact} {block.sealed_at.astimezone(dt.UTC).isoformat()}"
    )
    return hashlib.sha256(bytes(block.previous_digest) + head.encode() + b"\0" + bytes(block.rows)).digest()


def events(era: int, start: int, until: int) -> "QuerySet[AuditEvent]":
    return AuditEvent.objects.filter(era=era, xact__gte=start, xact__lt=until)


def digests_of(era: int, start: int, until: int) -> dict[int, bytes]:
    rows = events(era, start, until).order_by("id").values_list(*FIELDS)
    return {values[0]: event_digest(values) for values in rows}


def next_from(last: SealBlock | None) -> tuple[int, int]:
    """Era and transaction at which the block after `last` begins."""
    if last is None:
        return 0, 0
    return (last.era + 1, 0) if last.until_xact == END else (last.era, last.until_xact)


def oldest_open() -> int:
    """The transaction below which every one that can have written events has ended."""
    with connection.cursor() as cursor:
        cursor.execute(OLDEST_OPEN)
        return int(cursor.fetchone()[0])


def _horizon(era: int, start: int) -> int:
    """The transaction below which all events of the era are final. Raises CounterBehind."""
    if AuditEvent.objects.filter(era__gt=era).exists():
        return END
    horizon = oldest_open()
    if horizon < start:
        raise CounterBehind(f"{horizon} < {start}")
    return horizon


def _cut(era: int, start: int, horizon: int) -> int:
    """The horizon, or less where more than BLOCK events wait; never inside a transaction."""
    waiting = events(era, start, horizon).order_by("xact").values_list("xact", flat=True)
    for overfull in waiting[BLOCK - 1 : BLOCK]:
        return min(int(overfull) + 1, horizon)
    return horizon


def _alone() -> bool:
    """Take the sealers' lock until the transaction ends; False if another sealer holds it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        return bool(cursor.fetchone()[0])


@transaction.atomic
def seal_next(now: dt.datetime) -> SealBlock | None:
    """Seal the next block. None: nothing is waiting, or another sealer is at work.

    Raises CounterBehind after a dump was loaded into another cluster.
    """
    if not _alone():
        return None
    last = SealBlock.objects.order_by("-id").first()
    era, start = next_from(last)
    until = _cut(era, start, _horizon(era, start))
    digests = digests_of(era, start, until)
    if not digests and until != END:
        return None
    block = SealBlock(
        era=era,
        from_xact=start,
        until_xact=until,
        first_id=min(digests, default=None),
        last_id=max(digests, default=None),
        count=len(digests),
        rows=b"".join(ENTRY.pack(*entry) for entry in digests.items()),
        previous_digest=last.digest if last else GENESIS,
        sealed_at=now,
    )
    block.digest = block_digest(block)
    block.key_id, key = signing_key()
    block.signature = key.sign(block.digest)
    block.save(force_insert=True)
    return block
