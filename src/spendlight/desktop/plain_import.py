"""Has modules imported without their source being read, which Qt for Python does."""

from __future__ import annotations

import builtins


def read_no_sources() -> None:
    """Import as before Qt for Python put its own import in place, whether it is loaded or not.

    To know who may want ``from __feature__ import snake_case``, that reads the source of each
    module that comes after it, and keeps it. Nobody here wants it, and it takes a quarter of the
    time of a start and 5 MB; with charts, 16 MB.
    """
    import PySide6.QtCore  # noqa: F401  # puts it in place

    builtins.__import__ = getattr(builtins, "__orig_import__", builtins.__import__)
