"""Sums of the buckets by session, whatever the moment; with them, sums of days by session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from spendlight.ledger.buckets import run_with_sums
from spendlight.metering.packed import Sum
from spendlight.metering.periods import DAY_MS
from spendlight.metering.slices import QUARTER_MS, SLOT_MS, slot_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from spendlight.ledger.machines import Scope
    from spendlight.ledger.slicing import Row
    from spendlight.metering.periods import Span

_LONG_MS: Final = 100 * DAY_MS
"""A shorter stretch has fewer buckets than a ledger of years has sessions."""

_KEYS: Final = ("session", "variant", "price_class", "shadow")
_MAKE: Final = (
    f"INSERT INTO session_sums SELECT {', '.join(f'b.{key}' for key in _KEYS)}, {{sums}}"  # noqa: S608  # names of ours
    " FROM buckets b WHERE b.slot >= ? AND b.slot <= ?"
)
_MAKE_ONE: Final = f"{_MAKE} AND b.session = ? GROUP BY 1, 2, 3, 4"
_MAKE_ALL: Final = f"{_MAKE} GROUP BY 1, 2, 3, 4"


def renew_session_sums(connection: sqlite3.Connection, sessions: Iterable[int]) -> None:
    """Make the sums of some sessions anew from their buckets. Within a transaction."""
    for session in sessions:
        connection.execute("DELETE FROM session_sums WHERE session = ?", (session,))
        first_ms, last_ms = connection.execute(
            "SELECT MIN(c.first_ms), MAX(c.last_ms) FROM files f JOIN chunks c ON c.file = f.id"
            " WHERE f.session = ?",
            (session,),
        ).fetchone()
        if first_ms is not None:
            bounds = slot_of(first_ms), slot_of(last_ms)
            run_with_sums(connection, _MAKE_ONE, "b.", (*bounds, session))


def rebuild_session_sums(connection: sqlite3.Connection) -> None:
    """Make the sums of all sessions anew from the buckets. Within a transaction."""
    connection.execute("DELETE FROM session_sums")
    run_with_sums(connection, _MAKE_ALL, "b.", (0, 1 << 62))


def sums_by_session(
    connection: sqlite3.Connection,
    spans: Sequence[Span],
    scope: Scope,
    *,
    by_day: bool,
    project: str | None = None,
) -> list[Row]:
    """Return the sums of sessions.

    What a session used within one day, or all it ever did, is known as a sum. Only what does not
    lie in one day, or not wholly in the spans, is summed up from the buckets.

    Args:
        connection: Where to read.
        spans: When, each with its offset from UTC; they follow one another without a gap.
        scope: Which roots.
        by_day: Keep local days apart.
        project: Only this project.
    """
    if not spans:
        return []
    question = _Question(spans, scope, by_day=by_day, project=project)
    if spans[-1].end_ms - spans[0].start_ms < _LONG_MS or len(scope.shadows) > 1:
        return question.ask_buckets(connection, question.first, question.last)
    rows, parted = question.ask_sums(connection)
    if parted is not None:
        first, last = max(parted[0], question.first), min(parted[1], question.last)
        rows += question.ask_buckets(connection, first, last, only_parted=True)
    return rows


class _Question:
    """What is asked, in SQL.

    Attributes:
        first: The first slot.
        last: The last slot.
    """

    def __init__(
        self, spans: Sequence[Span], scope: Scope, *, by_day: bool, project: str | None
    ) -> None:
        self.first, self.last = slot_of(spans[0].start_ms), slot_of(spans[-1].end_ms - 1)
        self._spans = spans
        self._by_day = by_day
        self._joins = ""
        self._parameters: list[object] = list(scope.shadows)
        self._where = f"b.shadow IN ({','.join('?' * len(scope.shadows))})"
        if scope.roots is not None or project is not None:
            self._joins = " JOIN sessions s ON s.id = b.session"
        if scope.roots is not None:
            self._where += f" AND s.root IN ({','.join('?' * len(scope.roots))})"
            self._parameters += scope.roots
        if project is not None:
            self._where += " AND s.project = ?"
            self._parameters.append(project)

    def ask_sums(self, connection: sqlite3.Connection) -> tuple[list[Row], tuple[int, int] | None]:
        """Return what is known as a sum, and the first and last slot of what is parted, if any."""
        sums = ", ".join(f"b.{name}" for name in Sum._fields)
        rows: list[Row] = connection.execute(
            f"SELECT CASE WHEN {self._is_whole('b')} THEN {self._group(_slot('b.first_ms'))} END,"  # noqa: S608  # names of ours
            f" b.session, b.variant, b.price_class, {sums}"
            f" FROM session_sums b{self._joins} WHERE {self._where}"
            f" AND {_slot('b.last_ms')} >= {self.first} AND {_slot('b.first_ms')} <= {self.last}",
            self._parameters,
        ).fetchall()
        parted = [row for row in rows if row[0] is None]
        if not parted:
            return rows, None
        at = 4 + Sum._fields.index("first_ms")
        bounds = (
            slot_of(min(row[at] for row in parted)),
            slot_of(max(row[at + 1] for row in parted)),
        )
        return [row for row in rows if row[0] is not None], bounds

    def ask_buckets(
        self, connection: sqlite3.Connection, first: int, last: int, *, only_parted: bool = False
    ) -> list[Row]:
        """Return the sums from one slot to another: of everything, or only of what is parted."""
        joins = self._joins
        if only_parted:
            keys = " AND ".join(f"t.{key} = b.{key}" for key in _KEYS)
            joins += f" CROSS JOIN session_sums t ON {keys} AND NOT ({self._is_whole('t')})"
        statement = (
            f"SELECT {self._group('b.slot')} AS grp, b.session, b.variant, b.price_class, {{sums}}"  # noqa: S608  # names of ours
            f" FROM buckets b{joins} WHERE {self._where} AND b.slot >= {first} AND b.slot <= {last}"
            " GROUP BY grp, b.session, b.variant, b.price_class"
        )
        return run_with_sums(connection, statement, "b.", self._parameters).fetchall()

    def _is_whole(self, table: str) -> str:
        """Return the condition that a session's sum lies within one group, and in the spans."""
        first, last = _slot(f"{table}.first_ms"), _slot(f"{table}.last_ms")
        condition = f"{first} >= {self.first} AND {last} <= {self.last}"
        if self._by_day:
            condition += f" AND {self._group(first)} = {self._group(last)}"
        return condition

    def _group(self, slot: str) -> str:
        """Return the local day of a slot, or 0 where days are not kept apart."""
        if not self._by_day:
            return "0"
        offset = f"{self._spans[-1].offset_ms:d}"
        if len(self._spans) > 1:
            cases = (
                f"WHEN {slot} <= {slot_of(span.end_ms - 1)} THEN {span.offset_ms:d}"
                for span in self._spans[:-1]
            )
            offset = f"CASE {' '.join(cases)} ELSE {offset} END"
        return f"(({slot} * {SLOT_MS} + {offset}) / {DAY_MS})"


def _slot(moment: str) -> str:
    """Return the slot of a moment, as `slot_of` does."""
    return f"({moment} / {QUARTER_MS} * 2 + ({moment} % {QUARTER_MS} > 0))"
