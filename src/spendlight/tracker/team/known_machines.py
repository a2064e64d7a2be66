"""The machines of the team that were last seen: a file beside the ledger, for the window's filter.

To ask the cache for them, DuckDB would have to be loaded.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Final, NamedTuple

from spendlight.regular_files import read_regular

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

FILE: Final = "team-machines.json"

_MOST_BYTES: Final = 16 << 20


class KnownMachine(NamedTuple):
    """A machine of the team.

    Attributes:
        key: The machine's key; a virtual machine has that of its host.
        label: Its name in reports; no other one has it.
    """

    key: str
    label: str


def known_machines(folder: Path) -> tuple[KnownMachine, ...]:
    """Return the machines, in the order of their labels; none if the file cannot be read.

    Args:
        folder: The ledger's.
    """
    with suppress(OSError, ValueError, TypeError, RecursionError):
        found = [KnownMachine(*map(str, one)) for one in json.loads(_read(folder))]
        return tuple(sorted(found, key=lambda one: one.label.casefold()))
    return ()


def note_machines(folder: Path, machines: Sequence[tuple[str, str]]) -> None:
    """Remember the machines by key and label. What cannot be written is not remembered."""
    content = json.dumps(sorted(machines), ensure_ascii=False, indent=1).encode()
    with suppress(OSError):
        if _read(folder) == content:
            return
    path = folder / FILE
    part = path.with_name(f"{FILE}.{os.getpid()}.part")
    with suppress(OSError):
        part.write_bytes(content)
        part.replace(path)


def forget_machines(folder: Path) -> None:
    """Forget the machines."""
    with suppress(OSError):
        (folder / FILE).unlink(missing_ok=True)


def _read(folder: Path) -> bytes:
    return read_regular(folder / FILE, _MOST_BYTES)
