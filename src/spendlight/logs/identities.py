"""The hashes that identify an answer in every copy."""

from __future__ import annotations

from typing import Final

import xxhash

ANSWER: Final = 0
REQUEST_ID: Final = 1
SESSION: Final = 2
LINE: Final = 3


def hash_of(text: str, kind: int = 0) -> int:
    """Return a 63-bit hash, which fits into SQLite's integers.

    Args:
        text: What to hash.
        kind: Texts of different kinds have different hashes.
    """
    try:
        data = text.encode()
    except UnicodeEncodeError:  # half a character, from a file's name
        data = text.encode("utf-8", "surrogatepass")
    return xxhash.xxh3_64_intdigest(data, kind) >> 1


def request_hash(request: str, session: str) -> int:
    """Return the hash that distinguishes answers with the same message id."""
    return hash_of(request, REQUEST_ID) if request else hash_of(session, SESSION)
