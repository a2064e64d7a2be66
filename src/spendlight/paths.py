"""The paths of our own files on each system."""

from __future__ import annotations

import errno
import os
import stat
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAME = "spendlight"
_PRIVATE_FOLDER = 0o700
DATA_DIR_VARIABLE = "SPENDLIGHT_DATA_DIR"
"""Sets another folder for the ledger and everything else that we keep."""


def data_dir(environ: Mapping[str, str]) -> Path:
    """Return the folder of the ledger."""
    chosen = environ.get(DATA_DIR_VARIABLE)
    if chosen:
        return Path(chosen)
    usual = _usual("XDG_DATA_HOME", ".local/share")
    if usual is not None:
        return usual
    import platformdirs  # knows all systems

    return platformdirs.user_data_path(_NAME, appauthor=False)


def cache_dir(environ: Mapping[str, str]) -> Path:
    """Return the folder of what can be fetched again: the price list."""
    chosen = environ.get(DATA_DIR_VARIABLE)
    if chosen:
        return Path(chosen) / "cache"
    usual = _usual("XDG_CACHE_HOME", ".cache")
    if usual is not None:
        return usual
    import platformdirs  # knows all systems

    return platformdirs.user_cache_path(_NAME, appauthor=False)


def state_dir() -> Path:
    """Return the folder of data that must be kept even if the ledger's folder cannot be used.

    So ``SPENDLIGHT_DATA_DIR`` does not change it.
    """
    usual = _usual("XDG_STATE_HOME", ".local/state")
    if usual is not None:
        return usual
    import platformdirs  # knows all systems

    return platformdirs.user_state_path(_NAME, appauthor=False)


def temporary_ledgers() -> list[Path]:
    """Return where temporary ledgers are kept, the best folder first."""
    folders = (state_dir(), cache_dir({}), temp_dir())
    return [folder / "temporary-ledgers" for folder in folders]


def temp_dir() -> Path:
    """Return our folder among the temporary files, whether it exists or not.

    Everybody may create files there, so check it with `is_own` before using it.
    """
    user = os.getuid() if sys.platform != "win32" else "own"
    return Path(_temporary_files(), f"{_NAME}-{user}")


def make_own(folder: Path) -> None:
    """Create a folder that only the user can access; an existing one must be the user's already.

    Raises:
        OSError: If it cannot be created, or belongs to another user or is writable by others.
    """
    folder.parent.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
    with suppress(FileExistsError):
        folder.mkdir(mode=_PRIVATE_FOLDER)
    if not is_own(folder):
        raise PermissionError(errno.EACCES, "it is not the user's own folder", str(folder))


def is_own(folder: Path) -> bool:
    """Return whether it is a folder of the user's that nobody else can write to."""
    try:
        status = folder.lstat()
    except OSError:
        return False
    if sys.platform == "win32":  # each user has their own temporary files there
        return stat.S_ISDIR(status.st_mode)
    is_closed = not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid() and is_closed


def config_dir(environ: Mapping[str, str]) -> Path:
    """Return the folder of the user's settings."""
    chosen = environ.get(DATA_DIR_VARIABLE)
    if chosen:
        return Path(chosen)
    usual = _usual("XDG_CONFIG_HOME", ".config")
    if usual is not None:
        return usual
    import platformdirs  # knows all systems

    return platformdirs.user_config_path(_NAME, appauthor=False)


def settings_path(environ: Mapping[str, str], data_dir: Path | None = None) -> Path:
    """Return the path of the settings: each ledger folder that was set explicitly has its own.

    Args:
        environ: The environment.
        data_dir: The folder of the ledger, if one was set explicitly.
    """
    return (data_dir or config_dir(environ)) / "settings.toml"


def absolute(path: str | Path) -> str:
    """Return an absolute path, without resolving links.

    If the working directory is gone, the path leads to nothing.
    """
    try:
        return os.path.abspath(path)  # noqa: PTH100  # without resolving links
    except OSError:
        return os.path.join("/proc/self/cwd", path)  # noqa: PTH118  # text


def ledger_path(folder: Path) -> Path:
    """Return the path of the ledger in the data folder."""
    return folder / "ledger.sqlite3"


def _usual(variable: str, default: str) -> Path | None:
    """Return our folder on Linux, like platformdirs, which takes 4 ms to load."""
    named, home = os.environ.get(variable, ""), os.environ.get("HOME", "")
    if sys.platform != "linux" or not home.startswith("/"):
        return None
    if not named:
        return Path(home, default, _NAME)
    return Path(named, _NAME) if named.startswith("/") else None


def _temporary_files() -> str:
    """Return the folder of temporary files, like `tempfile`, which takes 10 ms to load."""
    named = (os.environ.get(variable, "") for variable in ("TMPDIR", "TEMP", "TMP"))
    for folder in (*named, "/tmp"):  # noqa: S108  # checked with `is_own`
        if folder and os.path.isabs(folder) and os.path.isdir(folder):  # noqa: PTH112, PTH117  # as above
            return folder
    import tempfile

    return tempfile.gettempdir()
