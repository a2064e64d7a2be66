"""Takes in the segments that are new in a team's folder."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final, NamedTuple

from spendlight.team.cache import CachedSegment, NewSegment
from spendlight.team.checking import (
    CANNOT_BE_READ,
    MOST_BYTES,
    digest_fault,
    faults_of,
)
from spendlight.team.engine import duckdb
from spendlight.team.segments import SegmentName, segment_name
from spendlight.team.shared_folder import MACHINE_FILE, SharedFolderError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from spendlight.team.cache import TeamCache
    from spendlight.team.engine import Connection
    from spendlight.team.shared_folder import Listed, SharedFolder

FILES_AT_ONCE: Final = 4_096
BYTES_AT_ONCE: Final = 512 << 20
"""At most this much is downloaded before it is taken in; the more at once, the faster it is."""

MOST_LETTERS: Final = 100
"""Longer names of machines and people are cut."""

MOST_FAILURES: Final = 3
"""After so many segments that cannot be downloaded, the folder cannot be used."""

_TOO_LARGE: Final = f"it is larger than {MOST_BYTES >> 20} MB"


class Unreadable(NamedTuple):
    """A segment that could not be read.

    Attributes:
        path: Its path in the team's folder.
        reason: Why.
    """

    path: str
    reason: str


class TakenIn(NamedTuple):
    """The result of looking for new segments.

    Attributes:
        segments: How many there are in the team's folder.
        new: How many of them were new.
        unreadable: Those that cannot be read.
        missing: How many were taken in earlier and are no longer there; they still count.
    """

    segments: int
    new: int
    unreadable: tuple[Unreadable, ...]
    missing: int


def take_in(shared: SharedFolder, cache: TeamCache) -> TakenIn:
    """Take in what is new; see `TakenIn`.

    Raises:
        SharedFolderError: If the folder cannot be used.
    """
    shared.demand_team()
    listed = shared.list()
    names = {one: name for one in listed if (name := segment_name(one.path)) is not None}
    known = {one.path: one for one in cache.segments()}
    new = [
        (name, one)
        for one, name in names.items()
        if one.path not in known or _has_changed(known[one.path], one)
    ]
    for batch in _batches(new):
        _take_in(batch, shared, cache)
    cache.complete_sums()
    _note_machines(shared, cache, listed)
    paths = {one.path for one in names}
    stored = cache.segments()
    unreadable = [Unreadable(s.path, s.fault) for s in stored if s.fault and s.path in paths]
    missing = sum(not s.fault and s.path not in paths for s in stored)
    return TakenIn(len(names), len(new), tuple(sorted(unreadable)), missing)


def _has_changed(known: CachedSegment, listed: Listed) -> bool:
    """Whether a file must be read again: it was not complete before, or is another one now."""
    is_same_time = not known.fault or known.modified == listed.modified
    may_be_read = known.fault.startswith(CANNOT_BE_READ)
    return known.size != listed.size or not is_same_time or may_be_read


def _batches(
    new: Iterable[tuple[SegmentName, Listed]],
) -> Iterator[list[tuple[SegmentName, Listed]]]:
    batch: list[tuple[SegmentName, Listed]] = []
    size = 0
    for one in new:
        if batch and (len(batch) == FILES_AT_ONCE or size + one[1].size > BYTES_AT_ONCE):
            yield batch
            batch, size = [], 0
        batch.append(one)
        size += one[1].size
    if batch:
        yield batch


def fetch(
    new: Sequence[tuple[SegmentName, Listed]],
    shared: SharedFolder,
    folder: Path,
    connection: Connection,
) -> tuple[list[NewSegment], dict[str, str]]:
    """Return the segments that can be used, and what is wrong with others by their paths.

    Those that are gone again are in neither.

    Args:
        new: The segments, as they were listed.
        shared: Where they are.
        folder: Where to put what is not on this machine.
        connection: A database for checking them.

    Raises:
        SharedFolderError: If `MOST_FAILURES` cannot be downloaded.
    """
    found: list[NewSegment] = []
    faults: dict[str, str] = {}
    failures = 0
    for number, (name, listed) in enumerate(new):
        if listed.size > MOST_BYTES:
            faults[listed.path] = _TOO_LARGE
            continue
        file = shared.local_path(listed.path)
        if file is None:
            file = folder / f"{number}.parquet"
            try:
                shared.fetch(listed.path, file)
            except FileNotFoundError:  # it is gone again, or not there yet
                continue
            except SharedFolderError as error:
                faults[listed.path] = f"{CANNOT_BE_READ}: {error.reason}"
                failures += 1
                if failures == MOST_FAILURES:
                    raise
                continue
            if file.stat().st_size != listed.size:
                faults[listed.path] = f"{CANNOT_BE_READ}: it is not complete yet"
                continue
        if file.exists():
            found.append(NewSegment(name, listed.size, file))
    wrong = _wrong(found, connection)
    faults |= {one.name.path: wrong[one.file] for one in found if one.file in wrong}
    return [one for one in found if one.file not in wrong], faults


def _wrong(found: Sequence[NewSegment], connection: Connection) -> dict[Path, str]:
    """Return which files cannot be used, and why."""
    wrong = faults_of([one.file for one in found], connection)
    for one in found:
        if one.file not in wrong and (fault := digest_fault(one.file, one.name.digest)):
            wrong[one.file] = fault
    return wrong


def _take_in(
    new: Sequence[tuple[SegmentName, Listed]], shared: SharedFolder, cache: TeamCache
) -> None:
    with TemporaryDirectory(prefix="spendlight-team-") as folder:
        found, faults = fetch(new, shared, Path(folder), cache.db)
        faults |= _taken_in(found, cache)
        cache.note_faults(
            CachedSegment(listed.path, listed.size, listed.modified, faults[listed.path])
            for _, listed in new
            if listed.path in faults
        )


def _taken_in(found: Sequence[NewSegment], cache: TeamCache) -> dict[str, str]:
    """Take in segments, and return those that turn out to be damaged; half by half if any is."""
    errors = duckdb()
    try:
        cache.take_in(found)
    except (errors.BinderException, errors.CatalogException, errors.ParserException):
        raise  # a mistake of ours
    except (errors.Error, UnicodeDecodeError) as error:
        if _is_ours(error, found):
            raise
        if len(found) == 1:
            return {found[0].name.path: f"{CANNOT_BE_READ}: its contents are damaged"}
    else:
        return {}
    half = len(found) // 2
    return _taken_in(found[:half], cache) | _taken_in(found[half:], cache)


def _is_ours(error: Exception, found: Sequence[NewSegment]) -> bool:
    """Whether something is wrong with the cache or its disk, rather than with a segment."""
    errors = duckdb()
    if isinstance(error, errors.OutOfMemoryException | errors.FatalException):
        return True
    return isinstance(error, errors.IOException) and not any(
        str(one.file) in str(error) for one in found
    )


def _note_machines(shared: SharedFolder, cache: TeamCache, listed: Sequence[Listed]) -> None:
    """Read the names of machines again whose file has another size, or is new."""
    known = cache.machine_files()
    found: list[tuple[str, str, str, str]] = []
    for one in machine_files(listed):
        machine = machine_of(one)
        if known.get(f"machine={machine}") != mark_of(one):
            names = names_in(shared.read_small(one.path) or b"")
            found.append((machine, *names, mark_of(one)))
    if found:
        cache.note_machines(found)


def machine_files(listed: Iterable[Listed]) -> list[Listed]:
    """Return the files that say what machines are called."""
    start, end = "machine=", f"/{MACHINE_FILE}"
    return [
        one
        for one in listed
        if one.path.startswith(start) and one.path.endswith(end) and one.path.count("/") == 1
    ]


def machine_of(listed: Listed) -> str:
    """Return the key of the machine that a file is about."""
    return listed.path.partition("/")[0].removeprefix("machine=")


def mark_of(listed: Listed) -> str:
    """Return what changes if a machine's file does."""
    return f"{listed.size}:{listed.modified}"


def names_in(content: bytes) -> tuple[str, str]:
    """Return the machine's name and the person's from a machine's file; "" where it has none."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return "", ""
    if not isinstance(found, dict):
        return "", ""
    return _fit(found.get("name")), _fit(found.get("person"))


def _fit(name: object) -> str:
    """Return a name in one line, without commas, that fits into a table."""
    letters = name if isinstance(name, str) else ""
    letters = "".join(letter if letter.isprintable() else " " for letter in letters[:1000])
    return " ".join(letters.replace(",", " ").split())[:MOST_LETTERS].strip()
