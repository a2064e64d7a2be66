"""Makes files unreadable, or folders read-only, even for root."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_VERSION = 0x20080522
_OVERRIDES = 1 << 1 | 1 << 2
"""The capabilities to ignore the permissions of files, and to search any folder."""


@contextmanager
def denied(path: Path, allowed: int = 0) -> Iterator[None]:
    """Have nobody do more with a file or folder than is allowed, not even this thread of root."""
    mode = path.stat().st_mode
    path.chmod(allowed)
    try:
        with _without_overrides():
            yield
    finally:
        path.chmod(mode)


@contextmanager
def _without_overrides() -> Iterator[None]:
    if os.geteuid() != 0:
        yield
        return
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(_VERSION, 0)
    before, now = (ctypes.c_uint32 * 6)(), (ctypes.c_uint32 * 6)()
    for sets in (before, now):
        assert libc.capget(header, sets) == 0
    now[0] &= ~_OVERRIDES  # what is in effect; it stays permitted
    assert libc.capset(header, now) == 0
    try:
        yield
    finally:
        assert libc.capset(header, before) == 0
