"""Reads files that others may have created, without waiting for a pipe or reading endlessly."""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING, BinaryIO, Final

if TYPE_CHECKING:
    from pathlib import Path

_FLAGS: Final = (
    os.O_RDONLY
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_NONBLOCK", 0)
)
"""Without it, opening a pipe that nobody writes to would block."""


class NoRegularFileError(OSError):
    """The file is a pipe, a device or a socket."""

    def __init__(self, path: Path | str) -> None:
        super().__init__(errno.EINVAL, "it is not a regular file", str(path))


def open_regular(path: Path | str) -> BinaryIO:
    """Open a regular file for reading bytes; links are followed.

    Raises:
        OSError: If it cannot be opened, or is a folder, a pipe, a device or a socket.
    """
    try:
        number = os.open(path, _FLAGS)
    except ValueError as error:  # a NUL in the path
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path)) from error
    try:
        _demand_regular(os.fstat(number).st_mode, path)
        return open(number, "rb")  # noqa: PTH123  # a descriptor
    except BaseException:
        os.close(number)
        raise


def _demand_regular(mode: int, path: Path | str) -> None:
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(mode):
        raise NoRegularFileError(path)


def read_regular(path: Path | str, most_bytes: int) -> bytes:
    """Return all bytes of a regular file; links are followed.

    Args:
        path: The file.
        most_bytes: A larger one is rejected.

    Raises:
        OSError: If it cannot be read, is not a regular file, or is larger.
    """
    with open_regular(path) as file:
        content = file.read(most_bytes + 1)
    if len(content) > most_bytes:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(path))
    return content
