"""Makes the indices of segments from their rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from spendlight.team.ordering import (
    CLAUDE,
    EVERYDAY_THRESHOLDS,
    LOG,
    ORDER,
    THRESHOLDS,
    VARIANT,
)
from spendlight.team.segment_index import COUNTS, SegmentColumns
from spendlight.team.settling import MOST_SUM, QUARTER_MS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from spendlight.team.engine import Connection
    from spendlight.team.segment_index import LogNames, VariantNames

_KEYS: Final = ("is_withdrawn", "log", "variant", "quarter", "passed", "is_recorded")


def indices_of_ordered(
    connection: Connection, thresholds: Sequence[int] | None = None
) -> dict[int, SegmentColumns]:
    """Return the index of each segment in the table ``ordered``, by its number."""
    counts = ", ".join(
        f"CASE WHEN is_withdrawn THEN 0 ELSE {name} END AS {name}" for name in COUNTS
    )
    found = connection.execute(
        "SELECT number, row_number, is_withdrawn::BIGINT AS is_withdrawn, log_number AS log,"
        f" variant_number AS variant, quarter, passed, is_recorded, answer, {counts},"
        f" CASE WHEN is_withdrawn THEN 0 ELSE at_ms - quarter * {QUARTER_MS} END AS moment,"
        ' "offset", COALESCE(limit_reset_ms + 1, 0) AS reset,'
        f" COALESCE(recorded_cost, 0)::DOUBLE AS cost FROM ordered ORDER BY number, {ORDER}"
    ).fetchnumpy()
    rows = {name: np.asarray(column) for name, column in found.items()}
    rows = {
        name: column if name == "cost" else column.astype(np.int64) for name, column in rows.items()
    }
    logs = _names(connection, "ordered_logs", LOG)
    variants = _names(connection, "ordered_variants", VARIANT)
    numbers, firsts = np.unique(rows["number"], return_index=True)
    lasts = np.append(firsts, len(rows["number"]))[1:]
    indices = {}
    for number, first, last in zip(numbers.tolist(), firsts.tolist(), lasts.tolist(), strict=False):
        part = {name: column[first:last] for name, column in rows.items()}
        named = variants.get(number, [])
        sizes = [tuple(thresholds) if thresholds is not None else sizes_of(one[0]) for one in named]
        indices[number] = _index(part, logs.get(number, []), named, sizes)
    return indices


def sizes_of(model: str) -> tuple[int, ...]:
    """Return the context sizes by which the sums of a model are separated in segments."""
    return EVERYDAY_THRESHOLDS if model.startswith(CLAUDE) else THRESHOLDS


def _names(connection: Connection, table: str, names: Sequence[str]) -> dict[int, list[Any]]:
    rows = connection.execute(
        f"SELECT number, {', '.join(names)} FROM {table} ORDER BY number, named"
    ).fetchall()
    found: dict[int, list[Any]] = {}
    for number, *row in rows:
        found.setdefault(number, []).append(tuple(row))
    return found


def _index(
    rows: Mapping[str, NDArray[Any]],
    logs: list[LogNames],
    variants: list[VariantNames],
    thresholds: list[tuple[int, ...]],
) -> SegmentColumns:
    """Return the index of rows that are in order."""
    count = len(rows["answer"])
    is_new = np.zeros(count, bool)
    is_new[:1] = True
    for name in _KEYS:
        is_new[1:] |= rows[name][1:] != rows[name][:-1]
    starts = np.flatnonzero(is_new)
    columns: dict[str, NDArray[Any]] = {name: rows[name][starts] for name in _KEYS}
    columns["rows"] = np.diff(starts, append=count)
    for name in COUNTS:
        columns[name] = _sums(rows[name], starts)
    columns["reset"] = np.maximum.reduceat(rows["reset"], starts) if count else starts
    columns["cost"] = _costs(rows["cost"], starts, columns["is_recorded"])
    columns |= {"moment": rows["moment"], "offset": rows["offset"]}
    row_numbers = rows["row_number"]
    is_in_order = bool((row_numbers == np.arange(count)).all())
    return SegmentColumns(
        logs, variants, thresholds, columns, rows["answer"], None if is_in_order else row_numbers
    )


def _sums(counts: NDArray[np.int64], starts: NDArray[np.int64]) -> NDArray[np.int64]:
    if not len(counts):
        return starts
    return np.minimum(np.add.reduceat(counts, starts), MOST_SUM)


def _costs(
    costs: NDArray[np.float64], starts: NDArray[np.int64], is_recorded: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the sums of recorded costs, added up one by one in the order of the rows."""
    found = np.zeros(len(starts))
    ends = [*starts.tolist()[1:], len(costs)]
    for at in np.flatnonzero(is_recorded).tolist():
        total = 0.0
        for cost in costs[starts[at] : ends[at]].tolist():
            total += cost
        found[at] = total
    return found
