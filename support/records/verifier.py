"""Checking the audit record against its seals: what was changed, what is missing, what was put in."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from cryptography.exceptions import InvalidSignature

from support.records.models import AuditEvent, SealBlock
from support.records.sealer import ENTRY, GENESIS, block_digest, digests_of, next_from
from support.records.sealing import KeyGone, signing_key


class What(StrEnum):
    CHANGED = "changed"  # an event differs from its seal
    MISSING = "missing"  # a sealed event is gone, or was moved out of its block
    INSERTED = "inserted"  # an event stands in a sealed range that did not hold it
    STRAY = "stray"  # an event stands where no block can ever be
    CHAIN = "chain"  # a block does not follow the one before
    DIGEST = "digest"  # a block's contents differ from its own digest
    SIGNATURE = "signature"  # a block was not signed by this installation's key
    KEY_GONE = "key_gone"  # the last block's key is not in the ring, so nothing vouches for the chain


@dataclass(frozen=True)
class Finding:
    what: What
    block_id: int | None = None
    event_id: int | None = None


@dataclass
class Report:
    """What a verification saw. `heads` are the digests of all blocks, in hexadecimal."""

    findings: list[Finding] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)
    events: int = 0
    unsealed: int = 0


def _rows_against_seal(block: SealBlock) -> Iterator[Finding]:
    sealed = dict(ENTRY.iter_unpack(block.rows))
    present = digests_of(block.era, block.from_xact, block.until_xact)
    for event_id in sorted(sealed.keys() | present.keys()):
        if event_id not in present:
            yield Finding(What.MISSING, block.pk, event_id)
        elif event_id not in sealed:
            yield Finding(What.INSERTED, block.pk, event_id)
        elif sealed[event_id] != present[event_id]:
            yield Finding(What.CHANGED, block.pk, event_id)


def _follows(block: SealBlock, last: SealBlock | None) -> bool:
    before = bytes(last.digest) if last else GENESIS
    return bytes(block.previous_digest) == before and (block.era, block.from_xact) == next_from(last)


def _block_itself(block: SealBlock, last: SealBlock | None) -> Iterator[Finding]:
    if not _follows(block, last):
        yield Finding(What.CHAIN, block.pk)
    if len(block.rows) != ENTRY.size * block.count or block_digest(block) != bytes(block.digest):
        yield Finding(What.DIGEST, block.pk)
    try:
        signing_key(block.key_id)[1].public_key().verify(bytes(block.signature), bytes(block.digest))
    except InvalidSignature:
        yield Finding(What.SIGNATURE, block.pk)
    except KeyGone:
        # A later block signed by a key that we have vouches for this one through the chain.
        if not SealBlock.objects.filter(pk__gt=block.pk).exists():
            yield Finding(What.KEY_GONE, block.pk)


def verify() -> Report:
    """Compare every event with its seal, and every seal with the one before and its signature.

    Reads the whole record. Cut-off last blocks leave no trace in the database itself: compare a
    head that was noted elsewhere with `Report.heads`.
    """
    report, last = Report(), None
    for block in SealBlock.objects.order_by("id").iterator(chunk_size=20):
        report.findings += _block_itself(block, last)
        if len(block.rows) % ENTRY.size == 0:
            report.findings += _rows_against_seal(block)
        report.heads.append(bytes(block.digest).hex())
        report.events += block.count
        last = block
    era, start = next_from(last)
    report.findings += [
        Finding(What.STRAY, event_id=pk)
        for pk in AuditEvent.objects.filter(era__lt=0).values_list("id", flat=True)
    ]
    report.unsealed = (
        AuditEvent.objects.filter(era=era, xact__gte=start).count()
        + AuditEvent.objects.filter(era__gt=era).count()
    )
    return report
