"""Makes the C library release unused memory, which it does not do by itself.

On Linux each thread may have its own heap; one that grew in a busy minute stays large for the rest
of the day.
"""

from __future__ import annotations

import ctypes
import sys
from functools import cache
from typing import Final

FEW_HEAPS: Final = 1
"""The threads of the tray mostly wait for each other, so they can share one."""

LARGE_BYTES: Final = 128 << 10
"""Blocks of this size are not allocated on a heap, so they are released at once. Without an
explicit setting, glibc raises this threshold as soon as it frees a larger block."""

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


@cache
def _library() -> ctypes.CDLL | None:
    """Return the C library, if it is glibc."""
    if sys.platform != "linux":
        return None
    library = ctypes.CDLL(None)
    has_both = hasattr(library, "mallopt") and hasattr(library, "malloc_trim")
    return library if has_both else None
