"""Keeps Qt for Python from reading the source of imported modules."""

from __future__ import annotations

import builtins


def read_no_sources() -> None:
    """Restore Python's own import, which Qt for Python replaces, whether that is loaded or not.

    To find modules with ``from __feature__ import snake_case``, its import reads the source of each
    module imported later, and keeps it. We do not use that, and it takes a quarter of the start-up
    time and 5 MB; with charts, 16 MB.
    """
    import PySide6.QtCore  # noqa: F401  # replaces the import

    builtins.__import__ = getattr(builtins, "__orig_import__", builtins.__import__)
