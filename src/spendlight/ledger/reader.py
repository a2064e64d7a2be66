"""Reads the ledger: how far logs were read, and sums over roots and spans of time."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Final, Self

from spendlight.ledger.attribution_reader import AttributionReader
from spendlight.ledger.checking import glance, translated_errors
from spendlight.ledger.losses import losses_in
from spendlight.ledger.marks import MARK_COLUMNS, mark_of
from spendlight.ledger.opening import connect, reading
from spendlight.ledger.private_files import file_at
from spendlight.ledger.problems import problems_in, unread_lines
from spendlight.ledger.sums import buckets, days
from spendlight.ledger.sums.runs import Runs, in_order_of_logs
from spendlight.ledger.sums.slicing import Slicer, in_order_of_time
from spendlight.metering.entry import NO_SESSION, SessionName
from spendlight.metering.periods import DAY_MS
from spendlight.metering.slices import SLOT_MS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from pathlib import Path
    from types import TracebackType

    from spendlight.ledger.batches import FileMark
    from spendlight.ledger.losses import Loss
    from spendlight.ledger.machines import Scope
    from spendlight.ledger.sums.days import ModelUse
    from spendlight.metering.described_blocks import BlockBounds
    from spendlight.metering.entry import LineProblem
    from spendlight.metering.periods import Span
    from spendlight.metering.sums import UsageSlice


MANY_DAYS_MS: Final = 100 * DAY_MS
"""From this much on sums of sessions are fewer than buckets."""

_group = itemgetter(0)


class LedgerReader(AttributionReader):
    """One open connection to the ledger, for one thread at a time.

    Every method may raise `LedgerUnusableError` or `LedgerBusyError`.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = file_at(path)  # before it is opened, to notice a replacement
        self._db = connect(path)
        self._slicer = Slicer(self._db)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._db.close()

    def hold_little(self) -> None:
        """Release the memory that caches pages of the file: it may stay open for long."""
        self._db.execute("PRAGMA shrink_memory")

    def is_at(self, path: Path) -> bool:
        """Return whether the file at this path is certainly still the one that is open."""
        return self._file is not None and self._file == file_at(path)

    @property
    def path(self) -> Path:
        """The path of the ledger."""
        return self._path

    def glance(self) -> None:
        """Check for damage, as far as that takes no time."""
        with translated_errors(self._path):
            glance(self._db)

    def losses(self) -> list[Loss]:
        """Return what was damaged in it and exists nowhere else."""
        with translated_errors(self._path):
            return losses_in(self._db)

    def price_list(self) -> str | None:
        """Return the name of the price list that was in force last."""
        with translated_errors(self._path):
            row = self._db.execute(
                "SELECT name FROM price_lists ORDER BY in_force_since_ms DESC LIMIT 1"
            ).fetchone()
        return row[0] if row else None

    def known_states(self) -> set[tuple[str, int, int, int]]:
        """Return what each file looked like when it was read: its path, size, mtime and inode."""
        with translated_errors(self._path):
            return set(self._db.execute("SELECT path, size, mtime_ns, inode FROM files"))

    def marks(self, names: Collection[str] | None = None) -> dict[str, FileMark]:
        """Return how far files were read, by their paths; by default all files."""
        statement = f"SELECT path, {MARK_COLUMNS} FROM files f"  # noqa: S608  # our own names
        with translated_errors(self._path):
            if names is None:
                rows = self._db.execute(statement).fetchall()
            else:
                one = f"{statement} WHERE path = ?"
                rows = [row for name in names for row in self._db.execute(one, (name,))]
        return {row[0]: mark_of(*row[1:]) for row in rows}

    def sessions_of_files(self) -> dict[str, SessionName]:
        """Return the session of each file, by its path."""
        statement = (
            "SELECT f.path, s.project, s.project_path, s.session FROM files f"
            " JOIN sessions s ON s.id = f.session"
        )
        with translated_errors(self._path):
            return {path: SessionName(*name) for path, *name in self._db.execute(statement)}

    def extent(self, scope: Scope | None = None) -> tuple[int, int] | None:
        """Return the moments of the first and the last answer, or None if there is none.

        Args:
            scope: Which roots; by default all.
        """
        with translated_errors(self._path):
            if scope is not None and scope.roots is not None:
                from spendlight.ledger.extent import extent_within  # rarely needed

                return extent_within(self._db, scope.roots)
            first, last = self._db.execute(
                "SELECT (SELECT MIN(first_ms) FROM buckets"
                " WHERE slot = (SELECT MIN(slot) FROM buckets)), MAX(last_ms) FROM chunks"
            ).fetchone()
        return None if first is None else (first, last)

    def projects(self, scope: Scope) -> list[str]:
        """Return the projects that have sessions, in alphabetical order."""
        where = "EXISTS (SELECT 1 FROM files f WHERE f.session = s.id)"  # else all have moved
        if scope.roots is not None:
            where += f" AND root IN ({','.join(map(str, scope.roots))})"  # our own numbers
        statement = f"SELECT DISTINCT project FROM sessions s WHERE {where} ORDER BY project"  # noqa: S608  # as above
        with translated_errors(self._path):
            return [row[0] for row in self._db.execute(statement)]

    def by_day(
        self,
        scope: Scope,
        spans: Iterable[Span],
        *,
        with_sessions: bool = False,
        project: str | None = None,
    ) -> Iterator[UsageSlice]:
        """Yield sums by local day; the slices' group is the day's number since 1970-01-01.

        Args:
            scope: Which roots.
            spans: When, each with its offset from UTC.
            with_sessions: Separate slices for each session.
            project: Only this project.
        """
        for span in spans:
            group = f"(slot * {SLOT_MS} + {span.offset_ms:d}) / {DAY_MS}"
            yield from self._sums(scope, span, group, with_sessions=with_sessions, project=project)

    def by_day_in_order(self, scope: Scope, spans: Sequence[Span]) -> list[UsageSlice]:
        """Like `by_day` for all sessions together, but each day in the order of the logs.

        Args:
            scope: Which roots.
            spans: When, each with its offset from UTC, in the order of time.
        """
        runs = self.runs_by_day(scope, spans)
        with translated_errors(self._path):
            return runs.slices()

    def runs_by_day(self, scope: Scope, spans: Sequence[Span]) -> Runs:
        """Like `by_day_in_order`, still packed."""
        is_part = scope.roots is not None and len(scope.shadows) == 1
        if is_part and spans and spans[-1].end_ms - spans[0].start_ms >= MANY_DAYS_MS:
            found = self.runs_by_session(scope, spans, by_day=True)  # days are kept of all roots
            runs = sorted(((day, NO_SESSION, sums) for day, _, sums in found.runs), key=_group)
            return Runs(runs, self._slicer, self.context_thresholds)
        with translated_errors(self._path), reading(self._db):
            return days.read(self._db, self._slicer, scope, spans, self.context_thresholds)

    def models_met(self) -> set[str]:
        """Return the names of all models that have ever given an answer, as logged."""
        with translated_errors(self._path):
            return {name for (name,) in self._db.execute("SELECT DISTINCT name FROM variants")}

    def models_used(self, scope: Scope) -> list[ModelUse]:
        """Return the models that have ever given an answer, in the order of their first."""
        with translated_errors(self._path), reading(self._db):
            return days.models_used(self._db, self._slicer, scope)

    def by_session(
        self,
        scope: Scope,
        spans: Iterable[Span],
        *,
        by_day: bool = False,
        project: str | None = None,
    ) -> list[UsageSlice]:
        """Return sums by session, in the order of the logs; a session may occur repeatedly.

        Args:
            scope: Which roots.
            spans: When, each with its offset from UTC; they follow one another without a gap.
            by_day: Separate local days; the slices' group is the day's number since 1970-01-01.
            project: Only this project.
        """
        runs = self.runs_by_session(scope, spans, by_day=by_day, project=project)
        with translated_errors(self._path):
            return runs.slices()

    def runs_by_session(
        self,
        scope: Scope,
        spans: Iterable[Span],
        *,
        by_day: bool = False,
        project: str | None = None,
    ) -> Runs:
        """Like `by_session`, still packed."""
        from spendlight.ledger.sums import sessions  # most reports have none

        with translated_errors(self._path), reading(self._db):
            found = sessions.read(self._db, list(spans), scope, by_day=by_day, project=project)
            numbers = {row[1] for row in found.rows}.union([kept[1] for kept in found.kept])
            runs = in_order_of_logs(self._db, *found, self._slicer.sessions(numbers))
            return Runs(runs, self._slicer, self.context_thresholds)

    def by_slot(
        self,
        scope: Scope,
        span: Span,
        *,
        with_sessions: bool = False,
        project: str | None = None,
    ) -> Iterator[UsageSlice]:
        """Yield sums by slot, in the order of time; the slices' group is the slot.

        Args:
            scope: Which roots.
            span: When.
            with_sessions: Separate slices for each session.
            project: Only this project.
        """
        yield from self._sums(scope, span, "slot", with_sessions=with_sessions, project=project)

    def by_block(self, scope: Scope, span: Span, block_ms: int) -> list[UsageSlice]:
        """Return slices in chronological order; none extends beyond the end of a block.

        If not everything is asked for, blocks are counted from the first one after a long pause.

        Args:
            scope: Which roots.
            span: When; what comes before it in its first hour, or in its block, is included.
            block_ms: How long blocks are: whole hours.
        """
        from spendlight.ledger.sums import blocks  # most reports have none

        with translated_errors(self._path), reading(self._db):
            return blocks.read(
                self._db, self._slicer, scope, span, block_ms, self.context_thresholds
            )

    def runs_by_block(self, scope: Scope, span: Span) -> Runs | None:
        """Like `by_block` for five hours, a packed run for each block; None if not kept so."""
        from spendlight.ledger.sums.blocks import read_kept  # as above

        with translated_errors(self._path), reading(self._db):
            return read_kept(self._db, self._slicer, scope, span, self.context_thresholds)

    def described_blocks(self, scope: Scope) -> list[BlockBounds]:
        """Return the bounds of blocks in session-block files, in chronological order."""
        with translated_errors(self._path):
            if self._db.execute("SELECT 1 FROM described_blocks LIMIT 1").fetchone() is None:
                return []
            from spendlight.ledger.described import bounds_in  # nearly nobody has any

            return bounds_in(self._db, scope)

    def answers(
        self, scope: Scope, span: Span, *, session: str | None = None, in_order: bool = True
    ) -> Iterator[UsageSlice]:
        """Yield a slice for each answer.

        Args:
            scope: Which roots.
            span: When; the slices' group is 0.
            session: Only sessions of this id.
            in_order: In chronological order; otherwise as they are read, with few in memory.
        """
        from spendlight.ledger import chunks  # most reports are made of sums

        pieces: list[UsageSlice] = []
        with translated_errors(self._path):
            context_thresholds = self.context_thresholds
            for in_session, entries in chunks.entries_in(self._db, scope, span, session):
                found = self._slicer.answers(in_session, entries, context_thresholds)
                if in_order:
                    pieces += found
                else:
                    yield from found
        yield from in_order_of_time(pieces)

    def answers_of(self, scope: Scope, session: str) -> Iterator[UsageSlice]:
        """Yield a slice for each answer in the logs of a session, in chronological order.

        An answer is included whichever of its copies counts, and wherever that is. The session's id
        may be in the path or in the answers.
        """
        from spendlight.ledger.owners import entries_of  # needed for a single session only

        pieces: list[UsageSlice] = []
        with translated_errors(self._path), reading(self._db):
            context_thresholds = self.context_thresholds
            for in_session, entries in entries_of(self._db, scope, session):
                pieces += self._slicer.answers(in_session, entries, context_thresholds)
        yield from in_order_of_time(pieces)

    def problems(self) -> list[LineProblem]:
        """Return the lines that could not be read, by file and offset."""
        with translated_errors(self._path):
            return problems_in(self._db)

    def unread_lines(self, scope: Scope) -> int:
        """Return how many lines should have been an answer and could not be read."""
        with translated_errors(self._path):
            return unread_lines(self._db, scope)

    def answer_count(self) -> int:
        """Return how many answers are in the archive."""
        from spendlight.ledger import chunks  # as above

        with translated_errors(self._path):
            return chunks.count_answers(self._db)

    def _sums(
        self,
        scope: Scope,
        span: Span,
        group: str,
        *,
        with_sessions: bool,
        project: str | None = None,
    ) -> Iterator[UsageSlice]:
        with translated_errors(self._path):
            rows = buckets.read(
                self._db, scope, span, group, with_sessions=with_sessions, project=project
            )
            pieces = self._slicer.slices(rows, self.context_thresholds)
        yield from in_order_of_time(pieces)

    @property
    def context_thresholds(self) -> tuple[int, ...]:
        """The context sizes by which sums are separated, ascending."""
        return buckets.context_thresholds_in(self._db)
