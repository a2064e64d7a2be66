"""A ledger that has been backed up, and what may happen to it."""

from __future__ import annotations

from pathlib import Path

ANSWERS = 200


def tear(path: Path) -> None:
    """Write garbage over the second half, page by page."""
    data = bytearray(path.read_bytes())
    start = len(data) // 2 // 4096 * 4096
    data[start:] = b"\xa5" * (len(data) - start)
    path.write_bytes(data)
