"""Verifies that a ledger's file is undamaged, by a hash of each page in a file beside it.

SQLite trusts whatever is in a file. So whoever moves the write-ahead log into the ledger notes the
hashes of the pages that this changes, and whoever opens the ledger compares them. All pages are
read once; after that, the file's size and time show that nobody has touched it. A page in which one
bit has flipped is corrected by trying each bit: 33,000 hashes, 20 ms.

If hashes do not match because somebody has written without noting them (an earlier version, or a
process that was killed in between), the ledger must be verified by its contents.
"""

from __future__ import annotations

import os
import sqlite3
import time
from array import array
from contextlib import ExitStack, closing, contextmanager, suppress
from enum import Enum
from itertools import groupby
from struct import Struct
from typing import TYPE_CHECKING, Final

from spendlight.errors import LedgerError
from spendlight.ledger import page_file
from spendlight.ledger.private_files import file_at, make_private
from spendlight.ledger.waiting_pages import FRAME_BYTES, PAGE_BYTES, pages_waiting
from spendlight.regular_files import open_regular
from spendlight.values import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path
    from typing import IO

SUFFIX: Final = "-pages"
"""Suffix of the file with the hashes."""

CHECKPOINT_BYTES: Final = 4000 * FRAME_BYTES
"""A write-ahead log of this size is moved into the ledger. SQLite itself would do that four times
as often, and a first scan wrote many pages several times then, waiting for the disk each time."""

LOCK_SUFFIX: Final = "-pages-lock"
"""Suffix of the lock that keeps others from noting hashes at the same time."""

_HEADER: Final = Struct("<8sQQQQ")
"""Magic bytes, the file's inode, size and time (0: not noted), and a hash of what follows."""

_MARK: Final = b"spndlgt1"
_AT_ONCE: Final = 256
_MOST_FLIPPED: Final = 8
"""Up to this many pages with a flipped bit are corrected; more must have another cause."""

_UNUSUAL_NS: Final = 1000
"""Some file systems have a resolution of a tenth of a microsecond."""

_BELIEVED_S: Final = 60.0
"""How long a process trusts what it has verified and could not note."""

_Stamp = tuple[int, int, int]
_NO_STAMP: Final = (0, 0, 0)


class Proof(Enum):
    """What the hashes say about a ledger's file."""

    SOUND = 1
    """It is undamaged, or there is none."""
    CORRECTED = 2
    """It is undamaged again after a flipped bit was corrected."""
    NONE = 3
    """Nothing: there are no hashes, or they do not match."""


class _Seals(NamedTuple):
    stamp: _Stamp
    hashes: array[int]


_unnoted: dict[Path, tuple[_Stamp, float]] = {}
"""What was verified by its contents, and until when that is trusted."""


def begin(path: Path) -> None:
    """Note that nothing has been written yet; called by whoever creates a ledger."""
    with _tolerant():
        _write(path, _Seals(_NO_STAMP, array("Q")))


def forget(path: Path) -> None:
    """Discard the hashes, as another file will replace this one."""
    _beside(path, SUFFIX).unlink(missing_ok=True)


def prove(path: Path, *, reads_all: bool = False, corrects: bool = True) -> Proof:
    """Return whether a ledger's file is undamaged; correct a flipped bit.

    Args:
        path: The ledger.
        reads_all: Read it even if nobody seems to have touched it since it was last read.
        corrects: Whether to correct it; if not, a flipped bit proves nothing either.

    Raises:
        LedgerBusyError: If another process keeps noting hashes.
    """
    try:
        if path.stat().st_size <= PAGE_BYTES:  # it is being created, and is still empty
            return Proof.SOUND
        stamp = _stamp_of(path)
        if not reads_all and stamp != _NO_STAMP and _stamp_noted(path) == stamp:
            return Proof.SOUND
        if _is_believed(path, stamp):
            return Proof.SOUND
        with _alone(path):
            return _prove(path, corrects=corrects)
    except FileNotFoundError:
        return Proof.SOUND
    except OSError:
        return Proof.NONE


def _is_believed(path: Path, stamp: _Stamp) -> bool:
    known, until = _unnoted.get(path, (_NO_STAMP, 0.0))
    return stamp == known and time.monotonic() < until


def seal_all(path: Path) -> None:
    """Note the hashes of all pages of a ledger whose contents were verified.

    If they cannot be noted because something is in the way, this process trusts the file.
    """
    with _tolerant(), _alone(path), page_file.opened(path) as file:
        hashes = array("Q")
        for _, found in _hashes_of(file):
            hashes.extend(found)
        _write(path, _Seals(_stamp_now(path), hashes))
    with _tolerant():
        stamp = _stamp_of(path)
        if _stamp_noted(path) != stamp:
            _unnoted[path] = (stamp, time.monotonic() + _BELIEVED_S)


@contextmanager
def sealing_when_closed(path: Path) -> Iterator[None]:
    """Note the pages that change when a connection is closed inside: the last one tidies up.

    Others may write until it is closed, so an empty write-ahead log before proves nothing. Whoever
    opens the ledger just afterwards creates a new one, so its presence proves nothing, either.
    """
    wal = _beside(path, "-wal")
    if file_at(wal) is None:  # the connection was never used
        yield
        return
    with _if_alone(path), pages_waiting(wal) as pages:
        known = file_at(wal)
        yield
        if file_at(wal) != known:  # it was the last connection
            with _tolerant():
                _seal(path, pages())


def checkpoint(connection: sqlite3.Connection, path: Path) -> None:
    """Move a long write-ahead log into the ledger, and note the pages that this changes.

    Nobody may write meanwhile, as a log that was moved is restarted, and its old contents are lost.
    If somebody is writing just now, they do this afterwards.
    """
    wal = _beside(path, "-wal")
    if _size(wal) < CHECKPOINT_BYTES:
        return
    with _if_alone(path), _without_writers(path) as is_still, pages_waiting(wal) as pages:
        if not is_still:
            return
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        with _tolerant():
            _seal(path, pages())


def _prove(path: Path, *, corrects: bool) -> Proof:
    known = _read(path)
    if known is None:
        return Proof.NONE
    with page_file.opened(path) as file:
        wrong = [
            first + index
            for first, found in _hashes_of(file)
            if (expected := known.hashes[first : first + _AT_ONCE]) != found
            for index, number in enumerate(found)
            if index >= len(expected) or number != expected[index]
        ]
        file.seek(0, os.SEEK_END)
        is_whole = file.tell() == len(known.hashes) * PAGE_BYTES
    if not is_whole:
        return Proof.NONE
    if wrong and not (corrects and _correct(path, wrong, known.hashes)):
        return Proof.NONE
    with suppress(OSError):
        _write(path, known._replace(stamp=_stamp_now(path)))
    return Proof.CORRECTED if wrong else Proof.SOUND


def _correct(path: Path, wrong: Sequence[int], hashes: Sequence[int]) -> bool:
    """Correct pages with a single wrong bit each; if there are other errors, do nothing."""
    from spendlight.ledger.signing import without_flipped_bit

    if len(wrong) > _MOST_FLIPPED:
        return False
    right: list[tuple[int, bytes]] = []
    with page_file.opened(path, "r+b") as file:
        for number in wrong:
            file.seek(number * PAGE_BYTES)
            page = without_flipped_bit(file.read(PAGE_BYTES), hashes[number])
            if page is None:
                return False
            right.append((number, page))
        for number, page in right:
            file.seek(number * PAGE_BYTES)
            file.write(page)
    return True


def _hashes_of(file: IO[bytes]) -> Iterator[tuple[int, array[int]]]:
    """Yield the hashes of a file's pages, some hundreds at a time, each with the first's number."""
    from xxhash import xxh3_64_intdigest  # only where something was written

    whole = memoryview(bytearray(_AT_ONCE * PAGE_BYTES))
    pages = [whole[at : at + PAGE_BYTES] for at in range(0, len(whole), PAGE_BYTES)]
    first = 0
    while count := file.readinto(whole):  # type: ignore[attr-defined]  # files have it
        full, rest = divmod(count, PAGE_BYTES)
        found = array("Q", map(xxh3_64_intdigest, pages[:full]))
        if rest:
            found.append(xxh3_64_intdigest(pages[full][:rest]))
        yield first, found
        first += len(found)


def _seal(path: Path, pages: Collection[int]) -> None:
    """Note the hashes of some pages, by their numbers, counted from 1."""
    known = _read(path) if pages else None
    if known is None:
        return
    from xxhash import xxh3_64_intdigest  # as above

    with page_file.opened(path) as file:
        count = file.seek(0, os.SEEK_END) // PAGE_BYTES
        hashes = known.hashes[:count]
        hashes.extend([0] * (count - len(hashes)))
        for first, run in _runs_of(page for page in pages if page <= count):
            file.seek((first - 1) * PAGE_BYTES)
            data = memoryview(file.read(run * PAGE_BYTES))
            for at in range(run):
                page = data[at * PAGE_BYTES : (at + 1) * PAGE_BYTES]
                hashes[first - 1 + at] = xxh3_64_intdigest(page)
    _write(path, _Seals(_stamp_now(path), hashes))


@contextmanager
def _without_writers(path: Path) -> Iterator[bool]:
    """Keep others from writing to an open ledger; yield whether that is possible at once."""
    with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as other:
        try:
            other.execute("BEGIN IMMEDIATE")
        except sqlite3.Error:
            yield False
        else:
            yield True


def _runs_of(pages: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yield the first of consecutive pages, and how many there are, some hundreds at most."""
    for _, group in groupby(
        enumerate(sorted(pages)), lambda pair: (pair[1] - pair[0], pair[1] // _AT_ONCE)
    ):
        run = [page for _, page in group]
        yield run[0], len(run)


def _read(path: Path) -> _Seals | None:
    try:
        with open_regular(_beside(path, SUFFIX)) as file:
            data = file.read()
    except OSError:
        return None
    stamp = _stamp_in(data)
    if stamp is None:
        return None
    from xxhash import xxh3_64_intdigest  # as above

    hashes = array("Q", data[_HEADER.size :])
    return (
        _Seals(stamp, hashes) if _HEADER.unpack_from(data)[4] == xxh3_64_intdigest(hashes) else None
    )


def _stamp_noted(path: Path) -> _Stamp | None:
    try:
        with open_regular(_beside(path, SUFFIX)) as file:
            return _stamp_in(file.read(_HEADER.size))
    except OSError:
        return None


def _stamp_in(data: bytes) -> _Stamp | None:
    if len(data) < _HEADER.size or (len(data) - _HEADER.size) % 8:
        return None
    mark, inode, size, time, _ = _HEADER.unpack_from(data)
    return (inode, size, time) if mark == _MARK else None


def _write(path: Path, seals: _Seals) -> None:
    from xxhash import xxh3_64_intdigest  # as above

    target = _beside(path, SUFFIX)
    unfinished = target.with_name(target.name + ".unfinished")
    unfinished.unlink(missing_ok=True)
    make_private(unfinished)
    header = _HEADER.pack(_MARK, *seals.stamp, xxh3_64_intdigest(seals.hashes))
    unfinished.write_bytes(header + seals.hashes.tobytes())
    unfinished.replace(target)


def _stamp_of(path: Path) -> _Stamp:
    status = path.stat()
    return status.st_ino, status.st_size, status.st_mtime_ns


def _stamp_now(path: Path) -> _Stamp:
    """Return a stamp that the next write to the file will change, however soon it is.

    The clock of a file system may stand still for some milliseconds. So the file's time is set to
    a value that this clock never shows.
    """
    status = path.stat()
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns - _UNUSUAL_NS))
    stamp = _stamp_of(path)
    return _NO_STAMP if stamp[2] == status.st_mtime_ns else stamp


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _alone(path: Path) -> AbstractContextManager[None]:
    from spendlight.ledger.locking import alone  # as above

    return alone(_beside(path, LOCK_SUFFIX))


@contextmanager
def _if_alone(path: Path) -> Iterator[None]:
    """Hold the lock if possible; without it, a page may be left without a hash."""
    with ExitStack() as stack:
        with _tolerant():
            stack.enter_context(_alone(path))
        yield


def _tolerant() -> AbstractContextManager[None]:
    """Continue if hashes cannot be noted: the ledger is then verified by its contents."""
    return suppress(OSError, LedgerError)
