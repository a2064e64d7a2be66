"""Keeps the C library from holding memory that is no longer used, which it never gives back itself.

On Linux each thread may have heaps of its own; one that a busy minute made larger stays so for the
rest of the day.
"""

from __future__ import annotations

import ctypes
import sys
from functools import cache
from typing import Final

FEW_HEAPS: Final = 1
"""The threads of the tray wait for one another most of the time, so they can share one."""

LARGE_BYTES: Final = 128 << 10
"""What is as large as this is no part of a heap, so it is given back at once. Unless it is told to
keep this, glibc forgets it as soon as it frees something larger."""

_M_ARENA_MAX: Final = -8
_M_MMAP_THRESHOLD: Final = -3
"""The numbers of these settings in glibc's ``malloc.h``."""


def keep_few_heaps() -> None:
    """Have threads share heaps. To be called before they start."""
    library = _library()
    if library is not None:
        library.mallopt(_M_ARENA_MAX, FEW_HEAPS)
        library.mallopt(_M_MMAP_THRESHOLD, LARGE_BYTES)


def give_back() -> None:
    """Give the system what is free in all heaps. Takes a few milliseconds."""
    library = _library()
    if library is not None:
        library.malloc_trim(0)


@cache
def _library() -> ctypes.CDLL | None:
    """Return the C library, if it is glibc."""
    if sys.platform != "linux":
        return None
    library = ctypes.CDLL(None)
    has_both = hasattr(library, "mallopt") and hasattr(library, "malloc_trim")
    return library if has_both else None
