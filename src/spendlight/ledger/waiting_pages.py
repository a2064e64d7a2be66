"""Which pages are waiting in a write-ahead log to be moved into the ledger."""

from __future__ import annotations

import os
from contextlib import ExitStack, contextmanager, suppress
from struct import Struct
from typing import IO, TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PAGE_BYTES: Final = 4096
"""SQLite's default, and so the page size of each ledger."""

_WAL_HEADER: Final = Struct(">8xI4x8s8x")
_FRAME_HEADER: Final = Struct(">I4x8s8x")
_FRAME: Final = Struct(f"{_FRAME_HEADER.format}{PAGE_BYTES}x")
FRAME_BYTES: Final = _FRAME.size
"""What a page takes in a write-ahead log."""

_AT_ONCE: Final = 256
"""So many are read at a time."""


@contextmanager
def pages_waiting(wal: Path) -> Iterator[Callable[[], set[int]]]:
    """Yield a function that returns the pages in a write-ahead log, even after it is deleted."""
    with ExitStack() as stack:
        pages: set[int] = set()
        with suppress(OSError):  # gone: somebody else has tidied up
            file = stack.enter_context(wal.open("rb", buffering=0))
            if os.name != "nt":
                yield lambda: pages_in(file)
                return
            pages = pages_in(file)
            stack.close()  # open files cannot be deleted there
        yield lambda: pages


def pages_in(wal: IO[bytes]) -> set[int]:
    """Return the numbers of the pages in a write-ahead log (SQLite's "WAL File Format")."""
    header = wal.read(_WAL_HEADER.size)
    if len(header) < _WAL_HEADER.size:
        return set()
    page_bytes, salts = _WAL_HEADER.unpack(header)
    pages: set[int] = set()
    while page_bytes == PAGE_BYTES and (block := wal.read(_AT_ONCE * FRAME_BYTES)):
        end = len(block) - len(block) % FRAME_BYTES
        frames = [*_FRAME.iter_unpack(memoryview(block)[:end])]
        if len(block) - end >= _FRAME_HEADER.size:
            frames.append(_FRAME_HEADER.unpack_from(block, end))
        for number, found in frames:
            if found != salts:
                return pages  # the rest is left from an earlier one
            pages.add(number)
    return pages
