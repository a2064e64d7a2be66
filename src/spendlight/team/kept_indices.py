"""Makes the indices of kept segments that have none, or one that is separated otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from spendlight.team.indexing import indices_of_ordered
from spendlight.team.ordering import make_ordered
from spendlight.team.segment_index import EMPTY, encode
from spendlight.team.segments import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from spendlight.team.engine import Connection
    from spendlight.team.kept_segments import KeptSegments

FILES_AT_ONCE: Final = 64
"""The indices of so many segments without one are made at once."""

_NOT_IN_INDEX: Final = frozenset({"request", "copy", "is_sidechain", "has_speed", "is_refused"})


def make_indices(
    connection: Connection,
    kept: KeptSegments,
    numbers: Sequence[int],
    thresholds: Sequence[int] | None = None,
    which: str = "TRUE",
) -> None:
    """Make the indices of segments from their rows, and keep them.

    Args:
        connection: A database.
        kept: The segments.
        numbers: Their numbers.
        thresholds: See `ordering.make_ordered`.
        which: SQL that is true of each record, or fails.
    """
    columns = ", ".join(f'"{name}"' for name in COLUMNS if name not in _NOT_IN_INDEX)
    for part in _parts(numbers, FILES_AT_ONCE):
        files = [str(kept.path(number)) for number in part]
        source = (
            f"(SELECT {columns}, 0 AS request, 0 AS copy, file_index::BIGINT AS number,"
            " file_row_number::BIGINT AS row_number"
            f" FROM read_parquet(?, file_row_number = true) WHERE {which})"
        )
        make_ordered(connection, source, [files], thresholds)
        made = indices_of_ordered(connection, thresholds)
        connection.execute("DROP TABLE ordered")
        for at, number in enumerate(part):  # an empty one is not among those that were made
            kept.note_index(number, encode(made.get(at, EMPTY), level=1))


def _parts(numbers: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    for start in range(0, len(numbers), size):
        yield numbers[start : start + size]
