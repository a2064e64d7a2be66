"""Keeps the segments that a cache has taken in, as they may be deleted elsewhere.

They are in a folder beside the cache, which goes with it.
"""

from __future__ import annotations

from contextlib import suppress
from shutil import copyfile, rmtree
from typing import TYPE_CHECKING, Final

from spendlight.team.spread_work import on_threads

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from spendlight.team.segment_index import SegmentIndex

_SEGMENT: Final = ".parquet"
_INDEX: Final = ".index"
_ANSWERS: Final = ".answers"


class LostSegmentError(Exception):
    """A segment turns out to be damaged.

    Attributes:
        number: Its number.
    """

    def __init__(self, number: int) -> None:
        super().__init__(f"segment {number}")
        self.number = number


class MissingSegmentError(Exception):
    """A segment that was kept is no longer there, so the cache is of no use."""


class KeptSegmentsError(Exception):
    """Segments cannot be kept, as when the disk is full."""

    def __init__(self, error: OSError) -> None:
        super().__init__(error.strerror or str(error))


class KeptSegments:
    """The segments of a cache, by their numbers.

    Args:
        folder: Where they are.

    Attributes:
        changes: How often any was changed.
    """

    def __init__(self, folder: Path) -> None:
        self.changes = 0
        self._folder = folder
        self._decoded: dict[int, SegmentIndex] = {}

    def clear(self) -> None:
        """Remove all."""
        self._decoded.clear()
        rmtree(self._folder, ignore_errors=True)

    def keep(self, first: int, found: Sequence[tuple[Path, SegmentIndex | None]]) -> None:
        """Keep copies of segments: what is in the team's folder may change or be deleted.

        Args:
            first: The number of the first one; the others have the next ones.
            found: Their local files and their indices, as far as they have one.

        Raises:
            KeptSegmentsError: If they cannot be kept.
        """

        def copy(at: int) -> None:
            copyfile(found[at][0], self.path(first + at))

        try:
            self._folder.mkdir(exist_ok=True)
            self.remove(range(first, first + len(found)))
            on_threads(copy, range(len(found)))
        except OSError as error:
            raise KeptSegmentsError(error) from error
        for number, (_, index) in enumerate(found, first):
            if index is not None:
                self._decoded[number] = index

    def path(self, number: int) -> Path:
        """Return the file of a segment."""
        return self._folder / f"{number}{_SEGMENT}"

    def answers_path(self, number: int) -> Path:
        """Return the file of the answers in segments from this number on."""
        return self._folder / f"{number}{_ANSWERS}"

    def note_index(self, number: int, content: bytes) -> None:
        """Keep an index beside a segment, in place of its own.

        Raises:
            KeptSegmentsError: If it cannot be kept.
        """
        from spendlight.team.segment_index import decode  # as below

        try:
            self._index_path(number).write_bytes(content)
        except OSError as error:
            raise KeptSegmentsError(error) from error
        self._decoded[number] = decode(content)
        self.changes += 1

    def index(self, number: int) -> SegmentIndex:
        """Return the index of a segment.

        Raises:
            MissingSegmentError: If it is no longer there.
        """
        from spendlight.team.segment_index import BadIndexError, decode  # they need numpy

        found = self._decoded.get(number)
        if found is None:
            try:
                found = decode(self._stored(number))
            except (OSError, BadIndexError) as error:
                raise MissingSegmentError from error
            self._decoded[number] = found
        return found

    def _stored(self, number: int) -> bytes | memoryview:
        from spendlight.team.segment_index import BadIndexError, index_in, tail_of

        try:
            return self._index_path(number).read_bytes()
        except FileNotFoundError:
            pass
        with self.path(number).open("rb") as file:
            found = index_in(tail_of(file))
        if found is None:
            raise BadIndexError
        return found

    def let_go(self) -> None:
        """Free the memory that indices take."""
        self._decoded.clear()

    def remove(self, numbers: Iterable[int]) -> None:
        """Remove segments, which may be missing."""
        for number in numbers:
            self.changes += 1
            self._decoded.pop(number, None)
            for path in (self.path(number), self._index_path(number)):
                with suppress(FileNotFoundError):
                    path.unlink()

    def _index_path(self, number: int) -> Path:
        return self._folder / f"{number}{_INDEX}"
