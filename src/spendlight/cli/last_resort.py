"""Handles unexpected errors: one sentence, and where the details are."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final

from spendlight import paths
from spendlight.cli.output import guarded
from spendlight.cli.terminal import complain

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

DEBUG_VARIABLE: Final = "SPENDLIGHT_DEBUG"
"""If set to anything but 0, the details of unexpected errors are printed to stderr."""

FILE_NAME: Final = "last-error.txt"

_FAILED: Final = 1
_PRIVATE: Final = 0o600
_DEBUG_OPTIONS: Final = frozenset({"-d", "--debug"})


def tell(error: Exception, words: Sequence[str]) -> int:
    """Report an unexpected error, and return the exit code.

    Args:
        error: The error.
        words: The command line.
    """
    with guarded():
        if isinstance(error, OSError):
            what = error.strerror or str(error) or type(error).__name__
            if error.filename is not None:
                what += f": {os.fsdecode(error.filename)}"
        else:
            what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        if not _DEBUG_OPTIONS.isdisjoint(words) or os.environ.get(DEBUG_VARIABLE, "0") != "0":
            sys.stderr.write(_details(error))
            complain(f"Unexpected error: {what}. Please report it.")
            return _FAILED
        kept = _kept(error)
        where = (
            f"Please report it, with the details in {kept}."
            if kept is not None
            else "Please report it, with the details that '--debug' shows."
        )
        complain(f"Unexpected error: {what}. {where}")
        return _FAILED


def _details(error: Exception) -> str:
    import platform
    import traceback

    from spendlight import __version__

    system = f"{platform.platform()}, Python {platform.python_version()}"
    return f"Spendlight {__version__}, {system}\n{''.join(traceback.format_exception(error))}"


def _kept(error: Exception) -> Path | None:
    """Write the details where only the user can read them; return where, or None if that fails."""
    try:
        path = paths.cache_dir(os.environ) / FILE_NAME
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE)
        with open(number, "w", encoding="utf-8", errors="backslashreplace") as file:  # noqa: PTH123  # a descriptor
            file.write(_details(error))
    except Exception:  # noqa: BLE001  # the original error matters more
        return None
    return path
