"""Numbers as bytes, the least significant first on every machine."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from array import array


def to_bytes(values: array[int] | array[float]) -> bytes:
    """Return numbers as bytes, the least significant first."""
    if sys.byteorder == "big":
        values.byteswap()
    return values.tobytes()


def from_bytes(values: array[int], data: bytes) -> array[int]:
    """Fill an empty array from bytes, the least significant first, and return it."""
    values.frombytes(data)
    if sys.byteorder == "big":
        values.byteswap()
    return values
