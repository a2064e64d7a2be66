"""Signatures of the ledger's contents: xxh3 of a value or a row, to detect damage."""

from __future__ import annotations

from array import array
from itertools import repeat
from typing import TYPE_CHECKING, Final

from xxhash import xxh3_64_digest, xxh3_64_intdigest

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_HALF: Final = 1 << 63
_DIGEST_BYTES: Final = 8


def sign(data: bytes, key: int = 0) -> int:
    """Return the signature of a value as an integer that SQLite can store.

    Args:
        data: The value.
        key: What it belongs to, from 0 on; the same value has another signature elsewhere.
    """
    return int.from_bytes(xxh3_64_digest(data, key), "big", signed=True)


def sign_row(*fields: float | str | bytes | None) -> int:
    """Return the signature of a row."""
    return sign(repr(fields).encode("utf-8", "surrogatepass"))


def sign_many(values: Iterable[bytes], keys: Iterable[int]) -> list[int]:
    """Return the signatures of many values; see `sign`."""
    return array("q", array("Q", map(xxh3_64_intdigest, values, keys)).tobytes()).tolist()


def sign_rows(rows: Iterable[tuple[object, ...]]) -> list[int]:
    """Return the signatures of many rows; see `sign_row`."""
    texts = [repr(row).encode("utf-8", "surrogatepass") for row in rows]
    return sign_many(texts, repeat(0))


def sealed(value: bytes, key: int) -> bytes:
    """Return a value followed by its signature."""
    return value + xxh3_64_digest(value, key)


def unsealed(data: object, key: int) -> bytes | None:
    """Return the value that was sealed, or None if it is damaged."""
    if not isinstance(data, bytes):
        return None
    value, signature = data[:-_DIGEST_BYTES], data[-_DIGEST_BYTES:]
    return value if xxh3_64_digest(value, key) == signature else None


def are_signed(values: Sequence[bytes], keys: Iterable[int], signatures: Sequence[int]) -> bool:
    """Return whether all signatures are valid; takes few calls, however many values there are."""
    try:
        made = array("Q", map(xxh3_64_intdigest, values, keys))
        return made.tobytes() == array("q", signatures).tobytes()
    except (TypeError, ValueError, OverflowError):  # not values and numbers
        return False


def without_flipped_bit(data: bytes, signature: int, key: int = 0) -> bytes | None:
    """Return what was signed if a single bit of it has flipped since; None if more has changed.

    Each bit is tried, for 20 KB in less than half a second. The probability that another value of
    the same size has the same signature by chance is less than 1 in 10^12.
    """
    wanted = signature % (2 * _HALF)
    tried = bytearray(data)
    for index in range(len(tried)):
        for bit in range(8):
            tried[index] ^= 1 << bit
            if xxh3_64_intdigest(tried, key) == wanted:
                return bytes(tried)
            tried[index] ^= 1 << bit
    return None
