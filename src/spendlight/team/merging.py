"""Merges the many small segments that a machine publishes, so that there are never too many.

A merged segment names those that it replaces. All are there for a while, which changes nothing:
the same record of a copy counts once. No clock is involved, and nothing is remembered elsewhere, so
it may be interrupted at any time.

A merged segment has one sequence number, so records in it become newer than they are. Where that
would matter, because another segment withdraws or renews a copy in between, they are not merged.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from spendlight.team.checking import replaced_by
from spendlight.team.engine import connect
from spendlight.team.intake import Endurance, checked, fetch, segments_in
from spendlight.team.writing import local_folder, merge_segments, mergeable

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from spendlight.team.cache import NewSegment
    from spendlight.team.intake import Wanted
    from spendlight.team.segments import SegmentName
    from spendlight.team.shared_folder import SharedFolder

EVERY: Final = 16
"""After so many publications we look whether there is something to merge."""

MOST: Final = 32
"""More segments of a month are merged."""

LARGEST: Final = 4
"""So many of them, the largest, are left alone, so that each record is merged a few times only."""

DELAY: Final = 64
"""Segments are deleted this many publications after they were merged: by then, programs that copy
files have delivered the merged one, and who has listed them has read them."""

MOST_BYTES: Final = 64 << 20
"""Larger segments than this, together, are not merged."""


def merge(shared: SharedFolder, machine: str, sequence: int) -> int:
    """Merge the segments of a machine, and delete what was merged long ago; return how many were.

    Args:
        shared: The team's folder.
        machine: The key of a machine. If several publish its usage at the same time, as those who
            pull it, each merges what it finds.
        sequence: The number of its last publication.

    Raises:
        SharedFolderError: If the folder cannot be used.
        NotWrittenError: If segments cannot be written on this machine.
    """
    if sequence % EVERY:
        return 0
    segments = segments_in(shared.list(f"machine={machine}"))
    months: dict[str, list[Wanted]] = {}
    for one in segments:
        months.setdefault(one[0].month, []).append(one)
    return sum(
        _merge_month(shared, month, segments, sequence)
        for month in months.values()
        if len(month) > MOST
    )


def _merge_month(
    shared: SharedFolder, month: Sequence[Wanted], segments: Sequence[Wanted], sequence: int
) -> int:
    replaced: dict[str, int] = {}
    with local_folder() as folder:
        for one in _fetched(shared, [one for one in month if one[0].is_merged], folder):
            for path in replaced_by(one.file, one.name):
                replaced[path] = max(replaced.get(path, 0), _merged_at(one.name))
    live = [one for one in month if one[1].path not in replaced]
    for name, listed in month:
        if replaced.get(listed.path, sequence) + DELAY <= sequence:
            shared.delete(name.path)
            shared.delete(name.days_path)
    live.sort(key=lambda one: one[1].size)
    if len(live) <= MOST:
        return 0
    others = [one for one in segments if one[1].path not in replaced]
    return _merge(shared, live[:-LARGEST], others)


def _merged_at(name: SegmentName) -> int:
    """Return the number of the last publication before a merged segment was written.

    It has the number of the last that it replaces, and it is written after each `EVERY`.
    """
    return -(-name.sequence // EVERY) * EVERY


def _merge(shared: SharedFolder, small: Sequence[Wanted], others: Sequence[Wanted]) -> int:
    """Merge segments of a month as far as that is possible.

    Args:
        shared: The team's folder.
        small: Those to be merged, the smallest first.
        others: All segments of the machine.
    """
    chosen: list[Wanted] = []
    size = 0
    for one in small:
        size += one[1].size
        if size > MOST_BYTES:
            break
        chosen.append(one)
    with local_folder() as folder:
        names = {one.file: one.name for one in _fetched(shared, chosen, folder)}
        if len(names) <= LARGEST:
            return 0
        near = _near(names.values(), others)
        beside = Path(folder, "others")
        beside.mkdir()
        names = mergeable(names, {one.file: one.name for one in _fetched(shared, near, beside)})
        if len(names) <= LARGEST:
            return 0
        first = next(iter(names.values()))
        written = merge_segments(names, first.machine, first.month, folder)
        shared.publish(written.days, written.name.days_path)
        shared.publish(written.path, written.name.path)
        return len(names)


def _near(names: Collection[SegmentName], others: Iterable[Wanted]) -> list[Wanted]:
    """Return the other segments that are not older than all of some, nor newer."""
    paths = {name.path for name in names}
    numbers = [name.sequence for name in names]
    return [
        one
        for one in others
        if one[0].path not in paths and min(numbers) <= one[0].sequence <= max(numbers)
    ]


def _fetched(shared: SharedFolder, wanted: Sequence[Wanted], folder: Path) -> list[NewSegment]:
    """Return those segments that can be read, and were not changed."""
    if not wanted:
        return []
    fetched = fetch(wanted, shared, folder, Endurance(shared))
    if fetched.error is not None:
        raise fetched.error
    with connect() as connection:
        good, _ = checked(fetched.found, connection)
    return good
