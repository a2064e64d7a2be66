"""Stores the order in which models were first seen, so that each keeps its colour."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from spendlight.regular_files import read_regular

if TYPE_CHECKING:
    from collections.abc import Iterable

_MOST_BYTES: Final = 1 << 20
"""A larger file is not one of ours."""


def remembered(path: Path, names: Iterable[str]) -> tuple[str, ...]:
    """Return the names known so far, then the new ones; store both.

    If they cannot be stored, the order stays the same as long as the usage does.

    Args:
        path: The file in which they are stored.
        names: Names in the order in which they were first seen.
    """
    known = _read(path)
    found = tuple(dict.fromkeys((*known, *names)))
    if found != known:
        _write(path, found)
    return found


def _read(path: Path) -> tuple[str, ...]:
    try:
        known = json.loads(read_regular(path, _MOST_BYTES))
    except (OSError, ValueError, RecursionError):
        return ()
    return tuple(str(name) for name in known) if isinstance(known, list) else ()


def _write(path: Path, names: tuple[str, ...]) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=path.parent, prefix=path.name, delete=False
        ) as file:
            json.dump(names, file)
        os.replace(file.name, path)  # noqa: PTH105  # of two processes the later one wins
    except OSError:
        return
