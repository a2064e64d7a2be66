"""Keeps the C library from holding memory that is no longer used, which it never gives back itself.

On Linux each thread may have heaps of its own; one that a busy minute made larger stays so for the
rest of the day.
"""

from __future__ import annotations

import ctypes
import sys
from functools import cache
from typing import Final

FEW_HEAPS: Final = 2
"""The threads of the tray wait for one another most of the time, so they need no more heaps."""

_M_ARENA_MAX: Final = -8
"""The number of this setting in glibc's ``malloc.h``."""


def keep_few_heaps() -> None:
    """Have threads share heaps. To be called before they start."""
    library = _library()
    if library is not None:
        library.mallopt(_M_ARENA_MAX, FEW_HEAPS)


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
