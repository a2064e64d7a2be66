"""Signatures of what the ledger holds: xxh3 of a value or of a row, to notice when it changes."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Final

from xxhash import xxh3_64_digest, xxh3_64_intdigest

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_HALF: Final = 1 << 63
_DIGEST_BYTES: Final = 8


def sign(data: bytes, key: int = 0) -> int:
    """Return the signature of a value as a number that SQLite can hold.

    Args:
        data: The value.
        key: What it belongs to, from 0 on; the same value has another signature elsewhere.
    """
    return int.from_bytes(xxh3_64_digest(data, key), "big", signed=True)


def sign_row(*fields: float | str | bytes | None) -> int:
    """Return the signature of a row."""
    return sign(repr(fields).encode("utf-8", "surrogatepass"))


def sealed(value: bytes, key: int) -> bytes:
    """Return a value with its signature behind it."""
    return value + xxh3_64_digest(value, key)


def unsealed(data: object, key: int) -> bytes | None:
    """Return the value that was sealed, or None where this is not as it was written."""
    if not isinstance(data, bytes):
        return None
    value, signature = data[:-_DIGEST_BYTES], data[-_DIGEST_BYTES:]
    return value if xxh3_64_digest(value, key) == signature else None


def are_signed(values: Sequence[bytes], keys: Iterable[int], signatures: Sequence[int]) -> bool:
    """Return whether all values have their signatures; all by few calls, whatever their number."""
    try:
        made = array("Q", map(xxh3_64_intdigest, values, keys))
        return made.tobytes() == array("q", signatures).tobytes()
    except (TypeError, ValueError, OverflowError):  # something else than values and numbers
        return False


def without_flipped_bit(data: bytes, signature: int, key: int = 0) -> bytes | None:
    """Return what was signed, where one bit of it has changed since; None where more has.

    Each bit is tried: of 20 KB in less than half a second. That another value of the same size has
    the same signature by chance is less likely than one in a million million.
    """
    wanted = signature % (2 * _HALF)
    tried = bytearray(data)
    for place in range(len(tried)):
        for bit in range(8):
            tried[place] ^= 1 << bit
            if xxh3_64_intdigest(tried, key) == wanted:
                return bytes(tried)
            tried[place] ^= 1 << bit
    return None
