"""Makes the C library release unused memory, which it does not do by itself, and Python wait.

On Linux each thread may have its own heap; one that grew in a busy minute stays large for the rest
of the day.
"""

from __future__ import annotations

import ctypes
import gc
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Final

FEW_HEAPS: Final = 1
"""The threads of the tray mostly wait for each other, so they can share one."""

LARGE_BYTES: Final = 128 << 10
"""Blocks of this size are not allocated on a heap, so they are released at once. Without an
explicit setting, glibc raises this threshold as soon as it frees a larger block."""

MANY_OBJECTS: Final = 50_000
"""It takes some ten milliseconds to look for cycles among so many."""

_collecting = threading.Lock()
_uncollected = 0
"""How many threads want no garbage to be collected."""

_M_ARENA_MAX: Final = -8
_M_MMAP_THRESHOLD: Final = -3
"""The values of these parameters in glibc's ``malloc.h``."""


def keep_few_heaps() -> None:
    """Make threads share heaps. Must be called before they start."""
    library = _library()
    if library is not None:
        library.mallopt(_M_ARENA_MAX, FEW_HEAPS)
        library.mallopt(_M_MMAP_THRESHOLD, LARGE_BYTES)


def give_back() -> None:
    """Release the free memory of all heaps. Takes a few milliseconds."""
    library = _library()
    if library is not None:
        library.malloc_trim(0)


@contextmanager
def without_collecting() -> Iterator[None]:
    """Collect no garbage meanwhile, for answers of a hundred thousand objects.

    Python looks for cycles whenever many objects were made, in the thread that makes them, and no
    other thread runs meanwhile: with an answer half made, that stops the window for a second. What
    is in no cycle is released as always. If very many objects were made, they are in no later
    search either, as each would stop the window for a tenth of a second.
    """
    global _uncollected  # noqa: PLW0603  # Python has one collector, too
    with _collecting:
        _uncollected += 1
        if gc.isenabled():
            gc.collect(1)
            gc.disable()
    try:
        yield
    finally:
        with _collecting:
            _uncollected -= 1
            if not _uncollected:
                made, *_ = gc.get_count()
                if made > MANY_OBJECTS:
                    gc.freeze()
                gc.enable()


@cache
def _library() -> ctypes.CDLL | None:
    """Return the C library, if it is glibc."""
    if sys.platform != "linux":
        return None
    library = ctypes.CDLL(None)
    has_both = hasattr(library, "mallopt") and hasattr(library, "malloc_trim")
    return library if has_both else None
