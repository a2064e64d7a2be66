"""Makes files that are for the user alone and that SQLite opens later, and tells files apart."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

_PRIVATE: Final = 0o600


def make_private(path: Path) -> None:
    """Make an empty file for the user alone, unless it is there; see whether it can be used then.

    One that is there is not opened: to close it would take away all locks that this process has on
    it, and others would tidy up what a connection still needs.

    Raises:
        OSError: It cannot be made, or not be used.
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
    """Return what tells a file from every other, or None where there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
