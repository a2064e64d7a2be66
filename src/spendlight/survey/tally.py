"""Counts the contents of a folder; separately counted parts can be merged."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

KEPT_FILES: Final = 100
"""The number of largest and oldest files that are kept."""


class Named(NamedTuple):
    """A file that has, or may have, several names: which one counts is decided at the end.

    Attributes:
        identity: The file system's number, and the file's number on it.
        group: The project, or "".
    """

    identity: tuple[int, int]
    path: str
    extension: str
    group: str
    depth: int
    size: int
    disk: int
    modified_ns: int


class SeenLog(NamedTuple):
    """A log in a project's folder.

    Attributes:
        path: The path to open.
    """

    path: str
    size: int
    modified_ns: int
    inode: int


class Candidate(NamedTuple):
    """A candidate for a list of files.

    Attributes:
        rank: What to sort by.
    """

    rank: int
    path: str
    size: int
    modified_ns: int


@dataclass(slots=True)
class Leaders:
    """The first files by a rank and then by path, whatever order they are added in.

    Attributes:
        limit: Files of a higher rank are not among them; None if there is space for any.
    """

    limit: int | None = None
    candidates: list[Candidate] = field(default_factory=list)

    def add(self, rank: int, path: str, size: int, modified_ns: int) -> None:
        """Add a file whose rank is not beyond the limit."""
        self.candidates.append(Candidate(rank, path, size, modified_ns))
        if len(self.candidates) >= 4 * KEPT_FILES:
            self.prune()

    def merge(self, other: Leaders) -> None:
        """Add those of another part."""
        self.candidates += other.candidates
        self.prune()

    def prune(self) -> None:
        """Sort, and keep only the first."""
        self.candidates.sort()
        if len(self.candidates) > KEPT_FILES:
            del self.candidates[KEPT_FILES:]
            self.limit = self.candidates[-1].rank


@dataclass(slots=True)
class Sums:
    """The number and size of files of one kind."""

    files: int = 0
    size: int = 0
    disk: int = 0
    newest_ns: int = 0

    def add(self, files: int, size: int, disk: int, newest_ns: int) -> None:
        """Add some files."""
        self.files += files
        self.size += size
        self.disk += disk
        self.newest_ns = max(self.newest_ns, newest_ns)


@dataclass(slots=True)
class DepthSums:
    """The sums at one depth; 0 is the folder itself."""

    files: int = 0
    folders: int = 0
    size: int = 0


@dataclass(slots=True)
class Tally:
    """What has been counted so far.

    Attributes:
        others_disk: The disk space of folders, links and special files themselves.
        by_group: By project.
        named: Files with several names, which are in no other sum yet.
        logs: The logs in the projects, whatever the filter.
    """

    files: int = 0
    folders: int = 0
    size: int = 0
    disk: int = 0
    others_disk: int = 0
    links: int = 0
    hidden: int = 0
    newest_ns: int = 0
    specials: dict[str, int] = field(default_factory=dict)
    by_extension: dict[str, Sums] = field(default_factory=dict)
    by_group: dict[str, Sums] = field(default_factory=dict)
    by_depth: dict[int, DepthSums] = field(default_factory=dict)
    largest: Leaders = field(default_factory=Leaders)
    oldest: Leaders = field(default_factory=Leaders)
    named: list[Named] = field(default_factory=list)
    empty: list[str] = field(default_factory=list)
    broken: list[tuple[str, str, str]] = field(default_factory=list)
    loops: list[tuple[str, str]] = field(default_factory=list)
    unreadable: list[tuple[str, str]] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    logs: list[SeenLog] = field(default_factory=list)

    def merge(self, other: Tally) -> None:
        """Add the counts of another part."""
        self.files += other.files
        self.folders += other.folders
        self.size += other.size
        self.disk += other.disk
        self.others_disk += other.others_disk
        self.links += other.links
        self.hidden += other.hidden
        self.newest_ns = max(self.newest_ns, other.newest_ns)
        for kind, count in other.specials.items():
            self.specials[kind] = self.specials.get(kind, 0) + count
        for mine, theirs in (
            (self.by_extension, other.by_extension),
            (self.by_group, other.by_group),
        ):
            for name, sums in theirs.items():
                add_to(mine, name, sums.files, sums.size, sums.disk, sums.newest_ns)
        for depth, there in other.by_depth.items():
            here = self.by_depth.setdefault(depth, DepthSums())
            here.files += there.files
            here.folders += there.folders
            here.size += there.size
        self.largest.merge(other.largest)
        self.oldest.merge(other.oldest)
        self.named += other.named
        self.empty += other.empty
        self.broken += other.broken
        self.loops += other.loops
        self.unreadable += other.unreadable
        self.elsewhere += other.elsewhere
        self.logs += other.logs

    def settle_names(self) -> int:
        """Count files with several names, each under the first of them.

        The other names count as files without any size.

        Returns:
            How many of these there are.
        """
        repeated = 0
        for file, is_first in _first_names(self.named):
            size, disk = (file.size, file.disk) if is_first else (0, 0)
            repeated += not is_first
            self.files += 1
            self.size += size
            self.disk += disk
            self.newest_ns = max(self.newest_ns, file.modified_ns)
            add_to(self.by_extension, file.extension, 1, size, disk, file.modified_ns)
            add_to(self.by_group, file.group, 1, size, disk, file.modified_ns)
            here = self.by_depth.setdefault(file.depth, DepthSums())
            here.files += 1
            here.size += size
            if is_first:
                self.largest.add(-file.size, file.path, file.size, file.modified_ns)
                self.oldest.add(file.modified_ns, file.path, file.size, file.modified_ns)
        self.named = []
        self.largest.prune()
        self.oldest.prune()
        return repeated


def add_to(  # noqa: PLR0913, PLR0917  # a row of sums
    sums: dict[str, Sums], name: str, files: int, size: int, disk: int, newest_ns: int
) -> None:
    """Add some files to the sums of a name."""
    known = sums.get(name)
    if known is None:
        sums[name] = Sums(files, size, disk, newest_ns)
    else:
        known.add(files, size, disk, newest_ns)


def _first_names(named: list[Named]) -> Iterator[tuple[Named, bool]]:
    seen: set[tuple[int, int]] = set()
    for file in sorted(named, key=lambda file: file.path):
        yield file, file.identity not in seen
        seen.add(file.identity)
