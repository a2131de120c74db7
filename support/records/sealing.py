"""Encryption of personal data at rest, and the blind index by which it is found again.

A sealed value is bound to its place (table, column, row uuid): moved to another row it does not
open. Format: one version byte, one length byte, the key's id, a 12-byte nonce, AES-256-GCM text.
"""

import base64
import hashlib
import hmac
import os
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class Unsealable(Exception):
    """The value was changed, moved to another place, or its key is gone."""


class KeyGone(Exception):
    """The named key is no longer in the ring."""


@lru_cache(maxsize=4)
def _ring(spec: str) -> dict[str, bytes]:
    ring = {}
    for part in spec.split(","):
        key_id, _, encoded = part.strip().partition(":")
        ring[key_id] = base64.b64decode(encoded)
    return ring


@lru_cache(maxsize=4)
def _keys(spec: str) -> dict[str, AESGCM]:
    return {key_id: AESGCM(key) for key_id, key in _ring(spec).items()}


def seal(plain: str | bytes, *, place: str) -> bytes:
    """Encrypt for one place, e.g. `accounts.party.number:<uuid>`, under the first key of the ring."""
    ring = _keys(settings.FIELD_KEYS)
    key_id = next(iter(ring))
    head = bytes([1, len(key_id)]) + key_id.encode()
    nonce = os.urandom(12)
    data = plain.encode() if isinstance(plain, str) else plain
    return head + nonce + ring[key_id].encrypt(nonce, data, head + place.encode())


def unseal(sealed: bytes | memoryview, *, place: str) -> bytes:
    """Decrypt what `seal` made for the same place. Raises Unsealable."""
    data = bytes(sealed)
    if len(data) < 2 or data[0] != 1:
        raise Unsealable(place)
    head = data[: 2 + data[1]]
    key = _keys(settings.FIELD_KEYS).get(head[2:].decode(errors="replace"))
    nonce, body = data[len(head) : len(head) + 12], data[len(head) + 12 :]
    if key is None or len(body) < 16:  # 16: the authentication tag
        raise Unsealable(place)
    try:
        return key.decrypt(nonce, body, head + place.encode())
    except InvalidTag as error:
        raise Unsealable(place) from error


def blind_index(value: str, *, purpose: str) -> bytes:
    """A keyed digest for equality look-ups only; the same value differs between purposes."""
    key = base64.b64decode(settings.INDEX_KEY)
    return hmac.digest(key, f"{purpose}\0{value}".encode(), hashlib.sha256)


def signing_key(key_id: str = "") -> tuple[str, Ed25519PrivateKey]:
    """The Ed25519 key that signs the audit record, derived (HKDF-SHA256) from a key of the ring.

    Without an id, from the first. Who has the database but not the ring cannot sign. Raises KeyGone.
    """
    ring = _ring(settings.FIELD_KEYS)
    key_id = key_id or next(iter(ring))
    if key_id not in ring:
        raise KeyGone(key_id)
    derived = HKDF(hashes.SHA256(), 32, salt=None, info=b"records.seal").derive(ring[key_id])
    return key_id, Ed25519PrivateKey.from_private_bytes(derived)


class SealedText:
    """`number = SealedText("number_sealed")`: plain text in Python, sealed in the column.

    The row needs a `uuid`, set before the value is. Empty text is stored as empty bytes.
    """

    def __init__(self, column: str) -> None:
        self.column = column

    def _place(self, row: Any) -> str:
        return f"{row._meta.label_lower}.{self.column}:{row.uuid}"

    def __get__(self, row: Any, owner: type | None = None) -> Any:
        if row is None:
            return self
        sealed = getattr(row, self.column)
        return unseal(sealed, place=self._place(row)).decode() if sealed else ""

    def __set__(self, row: Any, value: str) -> None:
        setattr(row, self.column, seal(value, place=self._place(row)) if value else b"")
