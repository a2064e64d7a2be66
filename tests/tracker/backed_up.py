"""Damage to a ledger that has a backup."""

from __future__ import annotations

from pathlib import Path

ANSWERS = 200


def tear(path: Path) -> None:
    """Overwrite the second half with garbage, page by page."""
    data = bytearray(path.read_bytes())
    start = len(data) // 2 // 4096 * 4096
    data[start:] = b"\xa5" * (len(data) - start)
    path.write_bytes(data)
