"""Reads chosen rows of many segments, while something else is done."""

from __future__ import annotations

from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from spendlight.team.checking import POSSIBLE_NUMBERS, distrusting
from spendlight.team.engine import connect
from spendlight.worker_threads import start_thread

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    Columns = Mapping[str, NDArray[Any]]

READ: Final = (
    "request",
    "copy",
    "is_sidechain",
    "has_speed",
    "is_refused",
    "input",
    "output",
    "cache_write_5m",
    "cache_write_1h",
    "cache_read",
    "web_searches",
    "recorded_cost",
    "limit_reset_ms",
)
"""What is read; the rest is in indices."""

_NULLS: Final = {"recorded_cost": "'nan'::DOUBLE", "limit_reset_ms": "-1::BIGINT"}


class RowReading:
    """Rows of segments that are being read on a thread, which ends whether they are wanted or not.

    Args:
        files: The segments.
        wanted: Which rows: of each its file's position in *files*, as ``file``, its ``row_number``
            in it, and its ``answer``.
        unused: Columns that contain nothing, and need not be read, as each takes time.
    """

    def __init__(self, files: Sequence[Path], wanted: Columns, unused: Collection[str]) -> None:
        self.wanted = wanted
        self._read = partial(_read, [str(file) for file in files], wanted, unused)
        self._found: Future[Columns] = Future()
        try:
            start_thread(self._run)
        except RuntimeError:  # the system allows no more
            self._run()

    def _run(self) -> None:
        try:
            self._found.set_result(self._read())
        except BaseException as error:  # noqa: BLE001  # raised again where the rows are wanted
            self._found.set_exception(error)

    def result(self) -> Columns:
        """Wait for the rows, and return them: the columns `READ`, ``file`` and ``row_number``.

        What is null is not a number, or -1.

        Raises:
            duckdb.Error: If they cannot be read.
        """
        return self._found.result()


def _read(files: Sequence[str], wanted: Columns, unused: Collection[str]) -> Columns:
    columns = ", ".join(
        f"{_NULLS.get(name, '0::BIGINT')} AS {name}"
        if name in unused
        else f"COALESCE(r.{name}, {_NULLS[name]}) AS {name}"
        if name in _NULLS
        else f"r.{name}"
        for name in READ
    )
    possible = " AND ".join(one for name, one in POSSIBLE_NUMBERS.items() if name not in unused)
    with connect() as connection, distrusting(connection):
        connection.register("wanted", dict(wanted))
        found = connection.execute(
            f"SELECT {columns}, r.file_index AS file, r.file_row_number AS row_number"
            " FROM (SELECT *, file_index FROM read_parquet(?, file_row_number = true)) r"
            " JOIN wanted w ON w.file = r.file_index AND w.row_number = r.file_row_number"
            f" AND w.answer = r.answer WHERE {possible}",
            [list(files)],
        ).fetchnumpy()
    return {name: np.asarray(column) for name, column in found.items()}
