"""Runs of packed sums: what belongs to one group and one session, in the order to add it up.

A report over years has a hundred thousand sums. They stay packed until they have been added up.
"""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from spendlight.ledger.sums.packing import (
    DamagedSumsError,
    pack_sums,
    sums_in,
    unpack_sums,
)
from spendlight.ledger.sums.slicing import kinds, log_path
from spendlight.metering.sums import Sum

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from spendlight.ledger.sums.slicing import Row, Slicer
    from spendlight.metering.entry import ModelVariant, SessionName
    from spendlight.metering.sums import UsageSlice

_OFFSET = 4 + Sum._fields.index("first_offset")
"""The column of the first offset in a `Row`."""


Run = tuple[int, "SessionName", bytes]
"""Sums of one group and one session: the group as in `UsageSlice`, the session (or `NO_SESSION`),
and the packed sums, see `packing`. No class, as there are tens of thousands."""


class Runs:
    """Runs of packed sums, in the order to add them up.

    Args:
        runs: The runs.
        slicer: Knows the variants.
        context_thresholds: The context sizes by which sums are separated, ascending.
    """

    def __init__(
        self, runs: Sequence[Run], slicer: Slicer, context_thresholds: Sequence[int]
    ) -> None:
        self.runs = runs
        self._slicer = slicer
        self._passed = (0, *context_thresholds)

    @property
    def keys(self) -> list[tuple[int, SessionName]]:
        """The group and the session of each run."""
        return [run[:2] for run in self.runs]

    @property
    def packed(self) -> list[bytes]:
        """The sums of each run."""
        return [packed for *_, packed in self.runs]

    @property
    def counts(self) -> list[int]:
        """How many sums there are in each run."""
        return [sums_in(packed) for *_, packed in self.runs]

    def kind_of(self, number: int, price_class: int) -> tuple[ModelVariant, int, bool]:
        """Return what decides the price of a sum: see `UsageSlice`.

        Args:
            number: The variant's number.
            price_class: The price class.

        Raises:
            DamagedSumsError: If one of them is unknown.
        """
        try:
            variant = self._slicer.variants((number,))[number]
            return variant, self._passed[price_class // 2], bool(price_class % 2)
        except LookupError as error:
            raise DamagedSumsError(repr(error)) from error

    def slices(self) -> list[UsageSlice]:
        """Return all sums as slices, in the same order.

        Raises:
            DamagedSumsError: If a variant or price class is unknown.
        """
        groups, sessions = ([run[at] for run in self.runs] for at in range(2))
        (by_group, by_session), columns = unpack_sums(self.packed, groups, sessions)
        return self._slicer.packed(by_group, by_session, columns, self._passed[1:])


def runs_of(rows: Iterable[Row], sessions: dict[int, SessionName]) -> list[Run]:
    """Return rows as runs, in the same order.

    Args:
        rows: The rows.
        sessions: The names of their sessions, by number.
    """
    return [
        (group, sessions[session], pack_sums(row[2:] for row in found))
        for (group, session), found in groupby(rows, itemgetter(0, 1))
    ]


def in_order_of_logs(
    connection: sqlite3.Connection,
    kept: Iterable[tuple[int, int, bytes]],
    rows: Iterable[Row],
    sessions: dict[int, SessionName],
) -> list[Run]:
    """Return runs in the order in which ccusage would find them: by path, then as in the log.

    Args:
        connection: Where to look up variants.
        kept: Packed sums, those of each session in the order of its logs, each with its group and
            the number of its session; the groups of a session follow one another.
        rows: Sums in any order.
        sessions: The names of sessions, by number.
    """
    by_path: dict[str, list[Run]] = {}
    loose: dict[str, list[Row]] = {}
    mixed: set[str] = set()
    shared: set[str] = set()
    with_groups: set[str] = set()
    path, last_path, last_session = "", "", 0
    for group, session, packed in kept:
        name = sessions[session]
        if session == last_session:
            with_groups.add(path)
        else:
            path = log_path(name)
            if path not in by_path:
                by_path[path] = []
            elif path == last_path:
                shared.add(path)
            else:
                mixed.add(path)
        by_path[path].append((group, name, packed))
        last_path, last_session = path, session
    mixed |= shared & with_groups
    names: dict[str, SessionName] = {}
    for row in rows:
        name = sessions[row[1]]
        path = log_path(name)
        names[path] = name
        loose.setdefault(path, []).append(row)
    for path in mixed | (loose.keys() & by_path.keys()):
        names[path] = by_path[path][0][1]
        loose.setdefault(path, []).extend(_rows(by_path[path]))
    kind_of = kinds(connection) if loose else {}

    def by_offset(row: Row) -> tuple[Any, ...]:
        return row[0], row[_OFFSET], kind_of[row[2]], row[3]

    for path, found in loose.items():
        found.sort(key=by_offset)
        by_path[path] = [
            (group, names[path], pack_sums(row[2:] for row in some))
            for group, some in groupby(found, itemgetter(0))
        ]
    return [run for path in sorted(by_path) for run in by_path[path]]


def _rows(runs: Sequence[Run]) -> list[Row]:
    """Return runs as rows; the number of their session is 0."""
    of_runs, _, packed = zip(*runs, strict=True)
    (groups,), columns = unpack_sums(packed, of_runs)
    return list(zip(groups, [0] * len(groups), *columns, strict=True))
