"""What differs between coding agents, and the data folders that each of them has."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from spendlight.logs.sources import ANY, folder_like, folders_like
from spendlight.values import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from spendlight.logs.jobs import ReadJob
    from spendlight.logs.parsed import Parsed, ParsedRange
    from spendlight.logs.sources import LogSource
    from spendlight.metering.entry import SessionName
    from spendlight.metering.plan import PlanReading


class Agent(NamedTuple):
    """A coding agent: everything needed to read its logs like any other's.

    Attributes:
        name: Its name in the ledger, in files of entries and in jobs; it never changes.
        title: Its name on the screen.
        verb: Its name as the first word of a command.
        roots: Returns its data folders in effect, whether they exist or not, given the environment
            and additional folders that the user names.
        sources: Where its logs are in a data folder, what they are called, and how it writes them.
        session_of: Returns the session of a log from its path below the folder of its source, with
            the parts joined by "/". None if only the log's contents name it: see
            `ParsedRange.owner`.
        parser: Loads and returns the function that reads a range of a log, once there is something
            new: a function of a module, as it runs in any thread, and by its name in any process.
        parser_of_many: The same for a function that reads several ranges in one call and returns
            what is in each, in any order; None if that is no faster.
        is_parted: Whether parts of a log can be read at the same time. If not, the parser may
            remember a state between reads, see `ReadJob.state`.
        limits: Loads and returns the function that reads what logs in a data folder say about the
            limits of the user's plan; None if they say nothing.
        has_archive: Whether a log with the same path below the folders of two sources is one that
            was archived: the first counts.
        models: Models that it uses and whose price depends on the size of the context: sums are
            separated for them before its first log is read, so that they need not be made twice.
        is_reasoning_beside_output: Whether its tokens of reasoning are left out of the output in
            JSON that has the form of ccusage's, but not out of the total; as ccusage does it.
    """

    name: str
    title: str
    verb: str
    roots: Callable[[Mapping[str, str], Iterable[str]], list[LogRoot]]
    sources: tuple[LogSource, ...]
    session_of: Callable[[str], SessionName] | None
    parser: Callable[[], Callable[[ReadJob], ParsedRange]]
    is_parted: bool = False
    parser_of_many: Callable[[], Callable[[Sequence[ReadJob]], list[Parsed]]] | None = None
    is_reasoning_beside_output: bool = False
    models: tuple[str, ...] = ()
    has_archive: bool = False
    limits: Callable[[], Callable[[LogRoot], Iterable[PlanReading]]] | None = None

    @property
    def log_folders(self) -> list[str]:
        """The folders in a data folder that contain logs."""
        return list(dict.fromkeys(source.folder for source in self.sources))


class LogRoot(NamedTuple):
    """A data folder of an agent, which contains its folders of logs.

    Attributes:
        folder: The full path, as text.
        agent: The agent.
        machine: The virtual machine it belongs to, or "" for this machine itself.
        parent: The data folder whose ``vms`` it was found in, or "".
        known_as: The name under which its logs are known, if different: several paths may lead to
            the same folder.
        is_usual: Whether it is one of the agent's default folders, so that nobody has named it and
            it need not exist.
    """

    folder: str
    agent: Agent
    machine: str = ""
    parent: str = ""
    known_as: str = ""
    is_usual: bool = False

    @property
    def log_folders(self) -> list[str]:
        """The full paths of the folders that contain the logs."""
        return list(dict.fromkeys(folder for folder, _ in self.sources))

    @property
    def sources(self) -> list[tuple[str, LogSource]]:
        """Where to look for which logs: the full path of a folder, and the source."""
        return [
            (folder, source)
            for source in self.agent.sources
            for folder in (
                folders_like(self.folder, source.folder)
                if ANY in source.folder
                else (self._inside(source.folder),)
            )
        ]

    @property
    def name(self) -> str:
        """The name under which its logs are known, as text that can be stored and shown."""
        return self.known_as or printable(self.folder)

    @property
    def parent_name(self) -> str:
        """The same for the data folder it was found in, or ""."""
        return os.path.dirname(os.path.dirname(self.name)) if self.parent else ""  # noqa: PTH120  # text

    @property
    def exists(self) -> bool:
        """Whether it can be searched for logs now."""
        return any(map(may_be_folder, self.log_folders))

    @property
    def identity(self) -> tuple[str, int, int] | None:
        """What identifies its logs, whatever path leads to their folder."""
        for folder in self.log_folders:
            try:
                status = os.stat(folder)  # noqa: PTH116  # text
            except (OSError, ValueError):
                continue
            return (self.agent.name, status.st_dev, status.st_ino) if status.st_ino else None
        return None

    def found(self, path: str) -> tuple[str, LogSource] | None:
        """Return a log's path below the folder of its source, with "/", and that source.

        Args:
            path: A full path; for a database also that of a file beside it.

        Returns:
            None if it is not a log.
        """
        for source in self.agent.sources:
            inside = folder_like(self.folder, source.folder, path)
            below = source.path_below(self._inside(inside), path)
            if below is not None:
                return below, source
        return None

    def relative_path(self, path: str) -> str | None:
        """Return a log's path below the folder of its source; None if it is not a log."""
        found = self.found(path)
        return found and found[0]

    def _inside(self, folder: str) -> str:
        return os.path.join(self.folder, folder) if folder else self.folder  # noqa: PTH118  # text, for speed


def may_be_folder(path: str) -> bool:
    """Whether it is a folder, or in one without access, which is reported later."""
    try:
        return stat.S_ISDIR(os.stat(path).st_mode)  # noqa: PTH116  # text
    except PermissionError:
        return True
    except (OSError, ValueError):
        return False


def printable(path: str) -> str:
    """Return a path as text that can be stored and shown, whatever bytes it contains."""
    if path.isascii():
        return path
    return os.fsencode(path).decode("utf-8", "backslashreplace")
