"""What differs between coding agents, and the data folders that each of them has."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from spendlight.logs.jobs import ReadJob
    from spendlight.logs.parsed import ParsedRange
    from spendlight.metering.entry import SessionName


class Agent(NamedTuple):
    """A coding agent: all that is to be known of one, so that its logs are read like any other's.

    Attributes:
        name: What the ledger, files of entries and jobs call it; it never changes.
        roots: Returns its data folders in effect, whether they exist now or not, by the environment
            and by the folders that the user names beside those.
        log_folders: The folders in a data folder that hold logs, at any depth.
        suffix: What the names of its logs end with.
        session_of: Returns whose usage a log holds, by its place below such a folder, the parts
            joined by "/". None where only what is in the log says that: see `ParsedRange.owner`.
        parser: Loads and returns what reads a range of a log, once there is something new: a
            function of a module, as it runs in any thread, and by its name in any process.
        is_parted: Whether parts of a log can be read at the same time. If not, the reader may
            remember something of what it has read, see `ReadJob.state`.
    """

    name: str
    roots: Callable[[Mapping[str, str], Iterable[str]], list[LogRoot]]
    log_folders: tuple[str, ...]
    suffix: str
    session_of: Callable[[str], SessionName] | None
    parser: Callable[[], Callable[[ReadJob], ParsedRange]]
    is_parted: bool = False


class LogRoot(NamedTuple):
    """A data folder of an agent: one that holds its folders of logs.

    Attributes:
        folder: In full, as text.
        agent: The agent whose it is.
        machine: The virtual machine it belongs to, or "" for this machine itself.
        parent: The data folder whose ``vms`` it was found in, or "".
        known_as: The name under which its logs are remembered, where that is another one: the same
            folder may be reached by several.
        is_usual: Whether the agent has its data there unless it is told otherwise, so that nobody
            has named it and it need not exist.
    """

    folder: str
    agent: Agent
    machine: str = ""
    parent: str = ""
    known_as: str = ""
    is_usual: bool = False

    @property
    def log_folders(self) -> list[str]:
        """The folders that hold the logs, in full."""
        return [os.path.join(self.folder, name) for name in self.agent.log_folders]  # noqa: PTH118  # text, thousands of times

    @property
    def name(self) -> str:
        """The name under which its logs are remembered, in text that can be stored and shown."""
        return self.known_as or printable(self.folder)

    @property
    def parent_name(self) -> str:
        """The same of the data folder it was found in, or ""."""
        return os.path.dirname(os.path.dirname(self.name)) if self.parent else ""  # noqa: PTH120  # text

    @property
    def exists(self) -> bool:
        """Whether its logs can be looked for now."""
        return any(map(may_be_folder, self.log_folders))

    @property
    def identity(self) -> tuple[str, int, int] | None:
        """What tells its logs from all others, however their folder is spelled."""
        for folder in self.log_folders:
            try:
                status = os.stat(folder)  # noqa: PTH116  # text
            except (OSError, ValueError):
                continue
            return (self.agent.name, status.st_dev, status.st_ino) if status.st_ino else None
        return None

    def place_of(self, path: str) -> str | None:
        """Return a log's place: its path below the folder of logs, with "/"; None if it is none."""
        name, suffix = path.rpartition(os.sep)[2], self.agent.suffix
        if not name.endswith(suffix) or name == suffix:
            return None
        for folder in self.log_folders:
            if path.startswith(f"{folder}{os.sep}"):
                return path[len(folder) + 1 :].replace(os.sep, "/")
        return None


def may_be_folder(path: str) -> bool:
    """Whether it is a folder, or stands in one that is closed to us, which is told later on."""
    try:
        return stat.S_ISDIR(os.stat(path).st_mode)  # noqa: PTH116  # text
    except PermissionError:
        return True
    except (OSError, ValueError):
        return False


def printable(path: str) -> str:
    """Return a path as text that can be stored and shown, whatever bytes are in it."""
    if path.isascii():
        return path
    return os.fsencode(path).decode("utf-8", "backslashreplace")
