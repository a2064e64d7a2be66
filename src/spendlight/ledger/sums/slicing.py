"""Makes slices of the ledger's rows, replaces numbers by names, and sorts them."""

from __future__ import annotations

import json
from bisect import bisect_left
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

from spendlight.ledger.sums.packing import DamagedSumsError
from spendlight.metering.entry import NO_SESSION, ModelVariant, Role, SessionName
from spendlight.metering.sums import UsageSlice, sum_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Sequence

    from spendlight.metering.entry import UsageEntry

Row = tuple[Any, ...]
"""The group, the numbers of the session (0 for none) and of the variant, and the price class;
then the sums, in the order of `UsageSlice`."""


_new_slice: Callable[[Iterable[Any]], UsageSlice] = partial(tuple.__new__, UsageSlice)
_new_name: Callable[[Iterable[Any]], SessionName] = partial(tuple.__new__, SessionName)
"""Like `_make`, but without checking the number of fields a hundred thousand times."""

_MANY: Final = 2_000
"""More sessions than this are faster read all together."""


class Slicer:
    """Makes slices, and caches the names that it has looked up.

    Args:
        connection: Where to look up names.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self._sessions = {0: NO_SESSION}
        self._variants: dict[int, ModelVariant] = {}

    def slices(self, rows: Sequence[Row], context_thresholds: Sequence[int]) -> list[UsageSlice]:
        """Return rows of sums as slices, in the same order.

        Args:
            rows: The rows.
            context_thresholds: The context sizes by which sums are separated, ascending.
        """
        self._look_up({row[1] for row in rows}, {row[2] for row in rows})
        sessions, variants, passed = self._sessions, self._variants, (0, *context_thresholds)
        return [
            UsageSlice(
                row[0],
                sessions[row[1]],
                variants[row[2]],
                passed[row[3] // 2],
                bool(row[3] % 2),
                *row[4:],
            )
            for row in rows
        ]

    def packed(
        self,
        groups: Sequence[int],
        sessions: Sequence[SessionName],
        columns: Sequence[Sequence[Any]],
        context_thresholds: Sequence[int],
    ) -> list[UsageSlice]:
        """Return sums that were packed as slices, in the same order.

        Args:
            groups: The group of each.
            sessions: The session of each.
            columns: The numbers of variants and price classes, then the sums.
            context_thresholds: The context sizes by which sums are separated, ascending.

        Raises:
            DamagedSumsError: If a variant or price class is unknown.
        """
        variants, classes, *sums = columns
        self._look_up(set(), set(variants))
        passed = [size for size in (0, *context_thresholds) for _ in range(2)]
        is_recorded = [False, True] * len(passed)
        fields = (
            groups,
            sessions,
            map(self._variants.__getitem__, variants),
            map(passed.__getitem__, classes),
            map(is_recorded.__getitem__, classes),
            *sums,
        )
        try:
            return list(map(_new_slice, zip(*fields, strict=True)))
        except LookupError as error:
            raise DamagedSumsError(repr(error)) from error

    def answers(
        self, session: int, entries: Iterable[UsageEntry], context_thresholds: Sequence[int]
    ) -> list[UsageSlice]:
        """Return a slice for each of some entries of one session."""
        entries = list(entries)
        self._look_up({session}, {entry.variant for entry in entries})
        name, passed = self._sessions[session], (0, *context_thresholds)
        return [
            UsageSlice(
                0,
                name,
                self._variants[entry.variant],
                passed[bisect_left(passed, entry.context, lo=1) - 1],
                entry.recorded_cost is not None,
                *sum_of(entry),
            )
            for entry in entries
        ]

    def sessions(self, numbers: Iterable[int]) -> dict[int, SessionName]:
        """Return sessions by their numbers, possibly others as well."""
        self._look_up(set(numbers), set())
        return self._sessions

    def variants(self, numbers: Iterable[int]) -> dict[int, ModelVariant]:
        """Return variants by their numbers."""
        self._look_up(set(), set(numbers))
        return {number: self._variants[number] for number in numbers}

    def _look_up(self, sessions: set[int], variants: set[int]) -> None:
        missing = sessions.difference(self._sessions)  # `-` would go through all that are known
        statement = "SELECT id, project, project_path, session FROM sessions"
        if missing:
            of_some = ""
            given: tuple[str, ...] = ()
            if len(missing) <= _MANY:
                of_some = " WHERE id IN (SELECT value FROM json_each(?))"
                given = (json.dumps(list(missing)),)
            rows = self._db.execute(f"{statement}{of_some}", given)
            self._sessions |= {row[0]: _new_name(row[1:]) for row in rows}
        if not variants <= self._variants.keys():
            rows = self._db.execute("SELECT id, name, is_fast, geo, role FROM variants")
            self._variants = {
                row[0]: ModelVariant(row[1], bool(row[2]), row[3], Role(row[4])) for row in rows
            }


def kinds(connection: sqlite3.Connection) -> dict[int, tuple[object, ...]]:
    """Return the sort keys of variants in the same line: the answer itself, then its advisors."""
    rows = connection.execute("SELECT id, role, name, is_fast, geo FROM variants")
    return {number: tuple(kind) for number, *kind in rows}


def in_order_of_time(pieces: Iterable[UsageSlice]) -> list[UsageSlice]:
    """Return slices by group and time, and at the same moment by everything else in them.

    Neither the ledger's numbers nor the order of its rows decide anything: they depend on what was
    read or imported first.
    """
    return _sorted_by_time(list(pieces))


def log_path(name: SessionName) -> str:
    """Return the path of a session's log, relative to ``projects``."""
    return f"{name.project_path}/{name.session}.jsonl"


def _sorted_by_time(pieces: list[UsageSlice]) -> list[UsageSlice]:
    """Return slices sorted by group and time; other keys are computed only to break ties."""
    if len(pieces) > 1:
        starts = list(map(_start, pieces))
        pieces.sort(key=_start if len(set(starts)) == len(starts) else _by_time)
    return pieces


_start = attrgetter("group", "first_ms", "first_offset")


def _by_time(piece: UsageSlice) -> tuple[object, ...]:
    time = piece.group, piece.first_ms, piece.first_offset
    return *time, *_kind_of(piece), piece.session, piece[_SUMS], piece.limit_reset_ms or 0


_SUMS: Final = slice(UsageSlice._fields.index("input"), UsageSlice._fields.index("limit_reset_ms"))
"""The sums that are never None."""


def _kind_of(piece: UsageSlice) -> tuple[object, ...]:
    return piece.variant.role, piece.variant, piece.context_threshold, piece.is_recorded
