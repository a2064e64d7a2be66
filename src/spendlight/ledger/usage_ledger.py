"""The ledger: an archive of answers, how far each log was read, and sums that make reports fast."""

from __future__ import annotations

import json
from bisect import bisect_left
from typing import TYPE_CHECKING, Final, Self

from spendlight.ledger import chunks
from spendlight.ledger.buckets import run_with_sums
from spendlight.ledger.checking import glance, translated_errors
from spendlight.ledger.hours import rebuild_sums, sums_by_day
from spendlight.ledger.machines import (
    Machine,
    Root,
    Scope,
    name_machine,
    note_import,
    parts_of,
    roots,
    scope_of,
    this_machine,
)
from spendlight.ledger.opening import connect, transaction
from spendlight.ledger.recording import (
    Batch,
    FileMark,
    LogName,
    Recorded,
    Recorder,
    enlist,
)
from spendlight.metering.entry import NO_SESSION, LineProblem, ModelVariant, SessionName
from spendlight.metering.periods import DAY_MS
from spendlight.metering.slices import SLOT_MS, UsageSlice, slot_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from pathlib import Path
    from types import TracebackType

    from spendlight.metering.entry import UsageEntry
    from spendlight.metering.periods import Span

__all__ = ["Batch", "FileMark", "LogName", "Recorded", "Scope", "UsageLedger"]

_CUTS_KEY: Final = "context_cuts"


class UsageLedger:
    """One open connection to the ledger; it belongs to the thread that opened it.

    Every method may raise `LedgerUnusableError` or `LedgerBusyError`.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._db = connect(path)
        self._sessions: dict[int, SessionName] = {}
        self._variants: dict[int, ModelVariant] = {}

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

    def glance(self) -> None:
        """Look whether it is damaged, where that takes no time."""
        with translated_errors(self._path):
            glance(self._db)

    # Writing

    def enlist(self, names: Sequence[LogName]) -> dict[str, int]:
        """Give files a number that have none yet; return the numbers by path."""
        if not names:
            return {}
        with translated_errors(self._path), transaction(self._db):
            return enlist(self._db, names)

    def record(self, batch: Batch) -> Recorded:
        """Write what was found together with how far the files were read: all of it or nothing."""
        with translated_errors(self._path), transaction(self._db):
            return Recorder(self._db, self.cuts).record(batch)

    def use_cuts(self, thresholds: Iterable[int]) -> None:
        """Make sure that sums are apart where a request passes one of these context sizes."""
        with translated_errors(self._path):
            if set(thresholds) <= set(self.cuts):
                return
            with transaction(self._db):
                cuts = sorted({*self.cuts, *thresholds})
                self._db.execute(
                    "INSERT OR REPLACE INTO meta VALUES (?, ?)", (_CUTS_KEY, json.dumps(cuts))
                )
                rebuild_sums(self._db, cuts)

    def note_price_list(self, fingerprint: str, name: str, now_ms: int) -> None:
        """Remember since when a price list has been in force."""
        with translated_errors(self._path):
            self._db.execute(
                "INSERT OR REPLACE INTO price_lists VALUES (?, ?, ?)", (fingerprint, name, now_ms)
            )

    def price_list(self) -> str | None:
        """Return the name of the price list that was in force last."""
        with translated_errors(self._path):
            row = self._db.execute(
                "SELECT name FROM price_lists ORDER BY in_force_since_ms DESC LIMIT 1"
            ).fetchone()
        return row[0] if row else None

    def name_machine(self, name: str) -> Machine:
        """Remember what this machine is called."""
        with translated_errors(self._path), transaction(self._db):
            return name_machine(self._db, name)

    def note_import(self, machines: Iterable[Machine], now_ms: int) -> None:
        """Remember when machines were imported, and what they are called now."""
        with translated_errors(self._path), transaction(self._db):
            note_import(self._db, machines, now_ms)

    # Reading

    def this_machine(self) -> Machine | None:
        """Return who this machine is, or None where the ledger was never told."""
        with translated_errors(self._path):
            return this_machine(self._db)

    def roots(self) -> list[Root]:
        """Return the data folders it knows, here and on other machines."""
        with translated_errors(self._path):
            return roots(self._db)

    def marks(self, names: Collection[str] | None = None) -> dict[str, FileMark]:
        """Return how far files were read, by their paths; by default all files."""
        statement = "SELECT path, id, size, mtime_ns, inode, read_to, fingerprint FROM files"
        with translated_errors(self._path):
            if names is None:
                rows = self._db.execute(statement).fetchall()
            else:
                rows = [
                    row
                    for name in names
                    for row in self._db.execute(f"{statement} WHERE path = ?", (name,))
                ]
        return {row[0]: FileMark(*row[1:]) for row in rows}

    def scope(
        self,
        folders: Collection[str],
        *,
        with_vms: bool = True,
        machines: Collection[str] = (),
    ) -> Scope:
        """Return the scope of some data folders here, and of all that was imported.

        Args:
            folders: The roots' folders, whether they still exist or not.
            with_vms: Whether virtual machines found in one of them belong to it, also deleted ones.
            machines: Only what stands on these machines, by their names; by default on all.
        """
        with translated_errors(self._path):
            return scope_of(self._db, folders, with_vms=with_vms, machines=machines)

    def parts(self, scope: Scope) -> list[tuple[str, Scope]]:
        """Return what each machine has of a scope, in the order of their names."""
        with translated_errors(self._path):
            return parts_of(self._db, scope)

    def extent(self, scope: Scope | None = None) -> tuple[int, int] | None:
        """Return the first and the last moment there is an answer of, or None without any.

        Args:
            scope: Which roots; by default all.
        """
        if scope is None or scope.roots is None:
            statement = "SELECT (SELECT MIN(first_ms) FROM chunks), MAX(last_ms) FROM chunks"
        else:
            statement = (
                "SELECT MIN(c.first_ms), MAX(c.last_ms) FROM chunks c JOIN files f"  # noqa: S608  # numbers of ours
                f" ON f.id = c.file WHERE f.root IN ({','.join(map(str, scope.roots))})"
            )
        with translated_errors(self._path):
            first, last = self._db.execute(statement).fetchone()
        return None if first is None else (first, last)

    def projects(self, scope: Scope) -> list[str]:
        """Return the projects there are sessions of, in alphabetical order."""
        where = ""
        if scope.roots is not None:
            where = f" WHERE root IN ({','.join(map(str, scope.roots))})"  # numbers of ours
        statement = f"SELECT DISTINCT project FROM sessions{where} ORDER BY project"  # noqa: S608  # as above
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
            with_sessions: Keep sessions apart.
            project: Only this project.
        """
        for span in spans:
            group = f"(slot * {SLOT_MS} + {span.offset_ms:d}) / {DAY_MS}"
            yield from self._sums(scope, span, group, with_sessions=with_sessions, project=project)

    def by_day_in_order(self, scope: Scope, spans: Iterable[Span]) -> Iterator[UsageSlice]:
        """Do as `by_day` does for all sessions together, in the order of the logs."""
        cuts = (0, *self.cuts)
        with translated_errors(self._path):
            rows = list(sums_by_day(self._db, spans, scope.shadows, scope.roots))
        pieces = [
            UsageSlice(
                row.day,
                NO_SESSION,
                self._variant(row.variant),
                cuts[row.price_class // 2],
                bool(row.price_class % 2),
                *row.sums,
            )
            for row in rows
        ]
        met = sorted(zip((row.met for row in rows), pieces, strict=True), key=_as_met)
        return (piece for _, piece in met)

    def by_session(
        self, scope: Scope, spans: Iterable[Span], *, project: str | None = None
    ) -> Iterator[UsageSlice]:
        """Yield sums by session; a session may come again in each span."""
        for span in spans:
            yield from self._sums(scope, span, "0", with_sessions=True, project=project)

    def by_slot(
        self, scope: Scope, span: Span, *, with_sessions: bool = False
    ) -> Iterator[UsageSlice]:
        """Yield sums by slot, in the order of time; the slices' group is the slot."""
        yield from self._sums(scope, span, "slot", with_sessions=with_sessions)

    def answers(
        self, scope: Scope, span: Span, *, session: str | None = None
    ) -> Iterator[UsageSlice]:
        """Yield a slice for each answer, in the order of time.

        Args:
            scope: Which roots.
            span: When; the slices' group is 0.
            session: Only sessions of this id.
        """
        where = "c.last_ms >= ? AND c.first_ms < ?"
        parameters: list[object] = [span.start_ms, span.end_ms]
        if session is not None:
            where += " AND f.session IN (SELECT id FROM sessions WHERE session = ?)"
            parameters.append(session)
        if scope.roots is not None:
            where += f" AND f.root IN ({','.join(map(str, scope.roots))})"
        pieces: list[UsageSlice] = []
        with translated_errors(self._path):
            cuts = (0, *self.cuts)
            for chunk in chunks.load(self._db, where, parameters):
                name = self._session(chunk.session)
                pieces.extend(
                    self._piece(entry, name, cuts)
                    for entry, shadow in zip(chunk.entries, chunk.shadows, strict=True)
                    if span.start_ms <= entry.at_ms < span.end_ms and shadow in scope.shadows
                )
        pieces.sort(key=_order)
        yield from pieces

    def _piece(self, entry: UsageEntry, name: SessionName, cuts: Sequence[int]) -> UsageSlice:
        passed = bisect_left(cuts, entry.tokens.context, lo=1) - 1
        return UsageSlice(
            0,
            name,
            self._variant(entry.variant),
            cuts[passed],
            entry.recorded_cost is not None,
            *entry[7:12],
            entry.recorded_cost or 0.0,
            entry.web_searches,
            1,
            entry.at_ms,
            entry.at_ms,
            entry.limit_reset_ms,
            entry.offset,
        )

    def problems(self) -> list[LineProblem]:
        """Return the lines that could not be read, by file and place."""
        with translated_errors(self._path):
            rows = self._db.execute(
                "SELECT f.path, p.offset, p.reason, p.is_counted FROM problems p"
                " JOIN files f ON f.id = p.file ORDER BY f.path, p.offset"
            )
            return [
                LineProblem(path, offset, reason, bool(ok)) for path, offset, reason, ok in rows
            ]

    def unread_lines(self, scope: Scope) -> int:
        """Return how many lines should have been an answer and could not be read."""
        statement = "SELECT COUNT(*) FROM problems p WHERE NOT p.is_counted"
        if scope.roots is not None:
            roots = ",".join(map(str, scope.roots))
            statement += f" AND p.file IN (SELECT id FROM files WHERE root IN ({roots}))"  # noqa: S608  # numbers of ours
        with translated_errors(self._path):
            return int(self._db.execute(statement).fetchone()[0])

    def answer_count(self) -> int:
        """Return how many answers are in the archive."""
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
        session = "b.session" if with_sessions else "0"
        where, parameters = self._where(scope, "s.root", "b.shadow")
        source = "buckets b"
        if scope.roots is not None or project is not None:
            source += " JOIN sessions s ON s.id = b.session"
        if project is not None:
            where += " AND s.project = ?"
            parameters.append(project)
        statement = (
            f"SELECT {group} AS grp, {session} AS sess, b.variant, b.price_class, {{sums}},"  # noqa: S608  # names of ours
            " SUM(b.recorded_cost), SUM(b.web_searches), SUM(b.answers), MIN(b.first_ms) AS first,"
            " MAX(b.last_ms), MAX(b.limit_reset_ms), MIN(b.first_offset)"
            f" FROM {source} WHERE b.slot >= ? AND b.slot <= ?{where}"
            " GROUP BY grp, sess, b.variant, b.price_class ORDER BY grp, first, MIN(b.first_offset)"
        )
        first, last = slot_of(span.start_ms), slot_of(span.end_ms - 1)
        cuts = (0, *self.cuts)
        with translated_errors(self._path):
            rows = run_with_sums(self._db, statement, "b.", (first, last, *parameters)).fetchall()
        pieces = [
            UsageSlice(
                row[0],
                self._session(row[1]),
                self._variant(row[2]),
                cuts[row[3] // 2],
                bool(row[3] % 2),
                *row[4:],
            )
            for row in rows
        ]
        pieces.sort(key=_order)
        yield from pieces

    @staticmethod
    def _where(scope: Scope, root: str, shadow: str) -> tuple[str, list[object]]:
        """Return the condition that keeps to a scope, and its parameters."""
        where = f" AND {shadow} IN ({','.join('?' * len(scope.shadows))})"
        parameters: list[object] = list(scope.shadows)
        if scope.roots is not None:
            where += f" AND {root} IN ({','.join('?' * len(scope.roots))})"
            parameters += scope.roots
        return where, parameters

    def _session(self, number: int) -> SessionName:
        if not number:
            return NO_SESSION
        if number not in self._sessions:
            rows = self._db.execute("SELECT id, project, project_path, session FROM sessions")
            self._sessions = {row[0]: SessionName(*row[1:]) for row in rows}
        return self._sessions[number]

    def _variant(self, number: int) -> ModelVariant:
        if number not in self._variants:
            rows = self._db.execute("SELECT id, name, is_fast, geo, is_advisor FROM variants")
            self._variants = {
                row[0]: ModelVariant(row[1], bool(row[2]), row[3], bool(row[4])) for row in rows
            }
        return self._variants[number]

    @property
    def cuts(self) -> tuple[int, ...]:
        """Context sizes at which sums are kept apart, ascending."""
        row = self._db.execute("SELECT value FROM meta WHERE key = ?", (_CUTS_KEY,)).fetchone()
        return tuple(int(cut) for cut in json.loads(row[0])) if row else ()


def _as_met(pair: tuple[str, UsageSlice]) -> tuple[object, ...]:
    """Sort by where the logs speak of it first; what is in one line, as ever."""
    met, piece = pair
    return met, *_order(piece)[2:]


def _order(piece: UsageSlice) -> tuple[object, ...]:
    """Sort by group and time; never by the ledger's numbers, which depend on what came first."""
    variant = piece.variant
    return (
        piece.group,
        piece.first_ms,
        variant.is_advisor,
        variant,
        piece.context_floor,
        piece.is_recorded,
        piece.session,
    )
