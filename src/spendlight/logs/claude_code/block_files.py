"""Finds session-block files: five-hour blocks written by other tools.

Claude Code itself writes none. ``claude-usage`` reads them, so its users may have some.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from spendlight.logs.agent import printable
from spendlight.logs.discovery import state_of
from spendlight.values import NamedTuple

if TYPE_CHECKING:
    from spendlight.logs.agent import LogRoot

FOLDERS: Final = ("usage_tracking", "sessions", "")
"""Where ``claude-usage`` looks for them in a data folder."""

_WORD: Final = "session_blocks"
_SUFFIX: Final = ".json"


class BlockFile(NamedTuple):
    """A session-block file in the file system.

    Attributes:
        path: The full path to open.
        name: The same as text that can be stored and shown, below the name of its root.
    """

    path: str
    name: str
    size: int
    mtime_ns: int
    inode: int


def find_block_files(root: LogRoot) -> list[BlockFile]:
    """Return the session-block files of a data folder, in path order."""
    found: list[BlockFile] = []
    for folder in FOLDERS:
        try:
            with os.scandir(os.path.join(root.folder, folder)) as entries:  # noqa: PTH118  # each pass
                named = [entry for entry in entries if _is_named_so(entry.name)]
                for entry in named:
                    if entry.is_file(follow_symlinks=False):
                        name = root.name + printable(entry.path[len(root.folder) :])
                        state = state_of(entry.stat(follow_symlinks=False))
                        found.append(BlockFile(entry.path, name, *state))
        except (OSError, ValueError):  # most data folders have no such folder
            continue
    return sorted(found)


def _is_named_so(name: str) -> bool:
    return _WORD in name and name.endswith(_SUFFIX)
