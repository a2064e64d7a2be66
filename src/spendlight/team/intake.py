"""Takes in the segments that are new in a team's folder."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from spendlight.team.cache import CachedSegment, NewSegment
from spendlight.team.checking import (
    CANNOT_BE_READ,
    MOST_BYTES,
    USUAL,
    digest_fault,
    faults_of,
    faults_outside,
    most_seconds,
)
from spendlight.team.engine import duckdb, is_readable, limited
from spendlight.team.listing import Listed, Unreadable
from spendlight.team.segments import SegmentName, not_merged, renamed_segment, segment_name
from spendlight.team.shared_folder import SharedFolderError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from spendlight.team.cache import TeamCache
    from spendlight.team.engine import Connection
    from spendlight.team.listing import Listing
    from spendlight.team.reading import ReadSegment
    from spendlight.team.shared_folder import SharedFolder

Wanted = tuple[SegmentName, Listed]
"""A segment, as it was listed."""

FILES_AT_ONCE: Final = 4_096
BYTES_AT_ONCE: Final = 512 << 20
"""At most this much is downloaded before it is taken in; the more at once, the faster it is."""

MOST_FAILURES: Final = 3
"""After so many files that cannot be downloaded, we look whether the folder still can be used."""

MOST_FAILING_S: Final = 60.0
"""After so long without success, the others are left for the next time."""

_TOO_LARGE: Final = f"it is larger than {MOST_BYTES >> 20} MB"
_NOT_THERE: Final = f"{CANNOT_BE_READ}: it is listed, but not there yet, or no longer"
_NOT_COMPLETE: Final = f"{CANNOT_BE_READ}: it is not complete yet"


class TakenIn(NamedTuple):
    """The result of looking for new segments.

    Attributes:
        segments: How many there are in the team's folder.
        new: How many of them were new.
        unreadable: Those that cannot be read, and folders.
        missing: How many were taken in earlier and are no longer there; they still count.
        still_counting: Those of the unreadable that were taken in earlier, or have files that were:
            what was read then was checked, and still counts.
    """

    segments: int
    new: int
    unreadable: tuple[Unreadable, ...]
    missing: int
    still_counting: frozenset[str] = frozenset()


class Fetched(NamedTuple):
    """What was downloaded, or is on this machine anyway; it has not been checked.

    Attributes:
        found: The segments.
        faults: What is wrong with others, by their paths.
        error: Why no more was downloaded, if the folder cannot be used any more.
    """

    found: list[NewSegment]
    faults: dict[str, str]
    error: SharedFolderError | None = None


class Endurance:
    """Decides whether it is a file that cannot be used, or the whole folder.

    Args:
        shared: The folder.
    """

    def __init__(self, shared: SharedFolder) -> None:
        self._shared = shared
        self._failures = 0
        self._failing_s = 0.0

    def call(self, function: Callable[[], None]) -> str:
        """Call a function that uses a file; return what is wrong with the file, or "".

        Raises:
            SharedFolderError: If it is the folder that cannot be used.
        """
        start = time.monotonic()
        try:
            function()
        except FileNotFoundError:
            return _NOT_THERE
        except SharedFolderError as error:
            self._failures += 1
            self._failing_s += time.monotonic() - start
            if self._failing_s > MOST_FAILING_S:
                raise
            if self._failures % MOST_FAILURES == 0:
                self._shared.demand_team()
            return f"{CANNOT_BE_READ}: {error.reason}"
        return ""


def segments_in(listing: Listing) -> list[Wanted]:
    """Return the segments among the files of a team."""
    return [(name, one) for one in listing.files if (name := segment_name(one.path)) is not None]


def unknown(segments: Iterable[Wanted], cache: TeamCache) -> list[Wanted]:
    """Return the segments that must be read: first those that were never tried.

    If some of them are merged, they are all: others may not be needed then.
    """
    by_path = {one.path: one for one in cache.segments()}
    replaced = cache.replaced()
    new: list[Wanted] = []
    again = []
    for one in segments:
        if one[1].path in replaced:
            continue
        before = by_path.get(one[1].path)
        if before is None:
            new.append(one)
        elif _has_changed(before, one[1]):
            again.append(one)
    return [one for one in new if one[0].is_merged] or new + again


def _has_changed(known: CachedSegment, listed: Listed) -> bool:
    """Whether a file must be read again: it was not complete before, or is another one now."""
    is_same_time = not known.fault or known.modified == listed.modified
    may_be_read = known.fault.startswith(CANNOT_BE_READ)
    return known.size != listed.size or not is_same_time or may_be_read


def batches(wanted: Iterable[Wanted]) -> Iterator[list[Wanted]]:
    """Yield what is to be fetched at a time."""
    batch: list[Wanted] = []
    size = 0
    for one in wanted:
        if batch and (len(batch) == FILES_AT_ONCE or size + one[1].size > BYTES_AT_ONCE):
            yield batch
            batch, size = [], 0
        batch.append(one)
        size += one[1].size
    if batch:
        yield batch


def fetch(
    wanted: Sequence[Wanted], shared: SharedFolder, folder: Path, endurance: Endurance
) -> Fetched:
    """Download segments that are not on this machine.

    Args:
        wanted: The segments.
        shared: Where they are.
        folder: Where to put them.
        endurance: Decides when to stop.
    """
    fetched = Fetched([], {})
    for number, (name, listed) in enumerate(wanted):
        if listed.size > MOST_BYTES:
            fetched.faults[listed.path] = _TOO_LARGE
            continue
        file = shared.local_path(listed.path)
        if file is None:
            file = folder / f"{number}.parquet"
            try:
                fault = endurance.call(partial(shared.fetch, listed.path, file, listed.size))
            except SharedFolderError as error:
                return Fetched(fetched.found, {}, error)  # it was the folder each time
            if not fault and file.stat().st_size != listed.size:
                fault = _NOT_COMPLETE
            if fault:
                fetched.faults[listed.path] = fault
                continue
        fetched.found.append(NewSegment(name, listed.size, file))
    return fetched


def checked(
    found: Sequence[NewSegment],
    connection: Connection,
    *,
    values: bool = True,
    indices: bool = True,
) -> tuple[list[NewSegment], dict[str, str]]:
    """Return the segments that can be used, and what is wrong with the others by their paths.

    Args:
        found: Segments that are on this machine.
        connection: A database for checking them.
        values: Whether to look at the values in them, too.
        indices: Whether to read their indices.
    """
    faults = (faults_of if values else faults_outside)([one.file for one in found], connection)
    rest = [one for one in found if one.file not in faults]
    read: Sequence[ReadSegment]
    if indices:
        from spendlight.team.reading import read_segments  # it needs numpy

        read = read_segments([(one.file, one.name.digest) for one in rest])
    else:
        read = [(digest_fault(one.file, one.name.digest), None) for one in rest]
    changed = {one.file: fault for one, (fault, _) in zip(rest, read, strict=True) if fault}
    faults |= changed | faults_of([] if values else list(changed), connection)  # it says more
    indexed = zip(rest, read, strict=True)
    good = [one._replace(contents=index) for one, (_, index) in indexed if one.file not in faults]
    return good, {one.name.path: faults[one.file] for one in found if one.file in faults}


def take_in(wanted: Sequence[Wanted], fetched: Fetched, cache: TeamCache) -> dict[str, str]:
    """Take in segments; return what is wrong with others by their paths.

    Args:
        wanted: The segments, as they were listed.
        fetched: What became of them.
        cache: What gets them; those that it knows by now are left out.
    """
    known = {one.path for _, one in unknown(wanted, cache)}
    found = [one for one in fetched.found if one.name.path in known]
    good, faults = checked(found, cache.db, values=False, indices=not cache.may_add_small(found))
    faults |= _looked_at(good, cache)
    faults |= fetched.faults
    cache.note_faults(
        CachedSegment(listed.path, listed.size, listed.modified, faults[listed.path])
        for _, listed in wanted
        if listed.path in faults
    )
    return faults


def _looked_at(found: Sequence[NewSegment], cache: TeamCache) -> dict[str, str]:
    """Take in segments while their values are looked at; return those that cannot be used.

    Reading them once takes a third of the time. If anything is unusual, they are read again.
    """
    errors = duckdb()
    size = sum(one.size for one in found)
    try:
        with limited(cache.db, most_seconds(size)):
            return cache.take_in(found, which=USUAL)
    except (errors.BinderException, errors.CatalogException, errors.ParserException):
        raise  # a mistake of ours
    except (errors.Error, UnicodeDecodeError):
        good, faults = checked(found, cache.db)
        return faults | _taken_in(good, cache)


def _taken_in(found: Sequence[NewSegment], cache: TeamCache) -> dict[str, str]:
    """Take in segments, and return those that turn out to be damaged; half by half if any is."""
    errors = duckdb()
    try:
        return cache.take_in(found)
    except (errors.BinderException, errors.CatalogException, errors.ParserException):
        raise  # a mistake of ours
    except (errors.Error, UnicodeDecodeError):
        if len(found) == 1:
            if is_readable(found[0].file):
                raise  # the cache is damaged, or its disk full
            return {found[0].name.path: f"{CANNOT_BE_READ}: its contents are damaged"}
        if all(is_readable(one.file) for one in found):
            raise
    half = len(found) // 2
    return _taken_in(found[:half], cache) | _taken_in(found[half:], cache)


def result(
    listing: Listing,
    segments: Sequence[Wanted],
    new: int,
    cache: TeamCache,
    unreadable: Iterable[Unreadable] = (),
) -> TakenIn:
    """Return what became of everything in the team's folder.

    Args:
        listing: What is there.
        segments: See `segments_in`.
        new: How many segments were new.
        cache: What was taken in so far.
        unreadable: What else cannot be read.
    """
    paths = {listed.path for _, listed in segments}
    stored = cache.segments()
    replaced = cache.replaced()
    wanted = paths - replaced
    faults = {s.path: s.fault for s in stored if s.fault and s.path in wanted}
    for one in (*unreadable_in(listing), *unreadable):
        faults.setdefault(one.path, one.reason)
    hidden = tuple(path for path in faults if path.endswith("/"))
    taken = [one.path for one in stored if not one.fault]
    gone = [path for path in taken if path not in paths and not path.startswith(hidden)]
    missing = len(not_merged(gone, [name for name, _ in segments]))
    found = sorted(Unreadable(*one) for one in faults.items())
    still = frozenset(taken) & faults.keys()
    still |= {folder for folder in hidden if any(path.startswith(folder) for path in taken)}
    return TakenIn(len(paths), new, tuple(found), missing, still)


def unreadable_in(listing: Listing) -> list[Unreadable]:
    """Return what cannot be looked at, and what a program renamed that copies files."""
    found = [
        Unreadable(one.path, f"{CANNOT_BE_READ}: {one.reason}")
        for one in listing.unreadable
        if one.path.endswith("/") or segment_name(one.path) is not None
    ]
    paths = {one.path for one in listing.files}
    for one in listing.files:
        was = renamed_segment(one.path)
        if was is not None and was not in paths:
            found.append(Unreadable(one.path, f"it was renamed; it must be called {was}"))
    return found
