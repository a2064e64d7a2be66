"""Creates files that only the user can access, for SQLite to open later, and identifies files."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

_PRIVATE: Final = 0o600


def make_private(path: Path) -> None:
    """Create an empty file that only the user can access; if there is one, check that it is usable.

    An existing file is not opened: closing it would release all locks that this process has on it,
    and others would remove what a connection still needs.

    Raises:
        OSError: If it cannot be created or used.
    """
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, _PRIVATE))
    except FileExistsError:
        code = 0
        if path.is_dir():
            code = errno.EISDIR
        elif path.exists() and not os.access(path, os.R_OK | os.W_OK):
            code = errno.EACCES
        if code:
            raise OSError(code, os.strerror(code), str(path)) from None


def file_at(path: Path) -> tuple[int, int] | None:
    """Return what identifies a file, or None if it does not exist."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
