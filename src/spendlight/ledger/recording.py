"""Writes what a pass found into the ledger, in one transaction, and renews the sums it touches."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Final, NamedTuple

from spendlight.ledger.settling import Copy, best_copies, shadows
from spendlight.metering.entry import rank
from spendlight.metering.slices import QUARTER_MS, slot_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from spendlight.metering.entry import (
        FoundEntry,
        LineProblem,
        ModelVariant,
        SessionName,
        UsageEntry,
    )

_ANSWERS_A_QUERY: Final = 500
"""SQLite takes at least 999 parameters in a statement."""

_INSERT_ENTRY: Final = "INSERT INTO entries VALUES (NULL, ?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"

_SIDECHAIN: Final = 1
_HAS_SPEED: Final = 2


class FileState(NamedTuple):
    """A log file and how far it was read.

    Attributes:
        path: In full.
        root: The folder whose ``projects`` it stands in.
        machine: The virtual machine of the root, or "".
        parent: The folder in whose ``vms`` the root stands, or "".
        read_to: Where the next pass goes on, in bytes.
        fingerprint: Of the bytes before that.
        is_reread: Whether it was read from its beginning, so that problems known are void.
    """

    path: str
    root: str
    machine: str
    parent: str
    session: SessionName
    size: int
    mtime_ns: int
    inode: int
    read_to: int
    fingerprint: int
    is_reread: bool


class Recorded(NamedTuple):
    """What was written.

    Attributes:
        new_answers: Answers that the ledger did not hold in any root.
        slots: The slots whose sums changed.
    """

    new_answers: int
    slots: frozenset[int]


class Recorder:
    """Writes one batch; to be used within a transaction."""

    def __init__(self, connection: sqlite3.Connection, cuts: Sequence[int]) -> None:
        self._db = connection
        self._cuts = cuts
        self._roots: dict[str, int] = dict(connection.execute("SELECT folder, id FROM roots"))
        self._variants: dict[ModelVariant, int] = {}
        self._shadows: dict[frozenset[int], int] = {frozenset(): 0}

    def record(
        self,
        files: Iterable[FileState],
        found: Collection[FoundEntry],
        problems: Iterable[LineProblem],
    ) -> Recorded:
        """Write how far files were read, what was found in them, and what was wrong with them."""
        numbers = {file.path: self._file(file) for file in files}
        self._db.executemany(
            "INSERT OR IGNORE INTO problems VALUES (?, ?, ?, ?)",
            ((numbers[p.path], p.offset, p.reason, p.is_counted) for p in problems),
        )
        groups: dict[int, list[Copy]] = {}
        for entry, path, root in found:
            copy = Copy(
                None,
                self._roots[root],
                entry.request,
                entry.at_ms,
                rank(entry, path),
                entry,
                numbers[path],
                None,
            )
            groups.setdefault(entry.answer, []).append(copy)
        new_answers = len(groups)
        for answer, held in self._held(groups):
            if all(copy.row is None for copy in groups[answer]):
                new_answers -= 1
            groups[answer].append(held)
        touched = self._write(groups)
        self._renew_buckets(touched)
        return Recorded(new_answers, frozenset(touched))

    def _file(self, file: FileState) -> int:
        root = self._root(file)
        number = self._number(
            "SELECT id FROM files WHERE path = ?",
            (file.path,),
            "INSERT INTO files VALUES (NULL, ?, ?, ?, 0, 0, 0, 0, 0)",
            (root, self._session(root, file.session), file.path),
        )
        self._db.execute(
            "UPDATE files SET size = ?, mtime_ns = ?, inode = ?, read_to = ?, fingerprint = ?"
            " WHERE id = ?",
            (file.size, file.mtime_ns, file.inode, file.read_to, file.fingerprint, number),
        )
        if file.is_reread:
            self._db.execute("DELETE FROM problems WHERE file = ?", (number,))
        return number

    def _root(self, file: FileState) -> int:
        number = self._roots.get(file.root)
        if number is None:
            number = self._roots[file.root] = self._insert(
                "INSERT INTO roots VALUES (NULL, ?, ?, ?)", (file.root, file.machine, file.parent)
            )
        return number

    def _session(self, root: int, name: SessionName) -> int:
        return self._number(
            "SELECT id FROM sessions WHERE root = ? AND project_path = ? AND session = ?",
            (root, name.project_path, name.session),
            "INSERT INTO sessions VALUES (NULL, ?, ?, ?, ?)",
            (root, *name),
        )

    def _variant(self, variant: ModelVariant) -> int:
        number = self._variants.get(variant)
        if number is None:
            number = self._variants[variant] = self._number(
                "SELECT id FROM variants"
                " WHERE name = ? AND is_fast = ? AND geo = ? AND is_advisor = ?",
                variant,
                "INSERT INTO variants VALUES (NULL, ?, ?, ?, ?)",
                variant,
            )
        return number

    def _shadow(self, roots: frozenset[int]) -> int:
        number = self._shadows.get(roots)
        if number is None:
            text = shadow_text(roots)
            number = self._shadows[roots] = self._number(
                "SELECT id FROM shadows WHERE roots = ?",
                (text,),
                "INSERT INTO shadows VALUES (NULL, ?)",
                (text,),
            )
        return number

    def _number(
        self, select: str, wanted: Sequence[object], insert: str, values: Sequence[object]
    ) -> int:
        row = self._db.execute(select, wanted).fetchone()
        return int(row[0]) if row else self._insert(insert, values)

    def _insert(self, statement: str, values: Sequence[object]) -> int:
        number = self._db.execute(statement, values).lastrowid
        return int(number or 0)

    def _held(self, groups: Collection[int]) -> Iterator[tuple[int, Copy]]:
        """Yield the copies that the ledger holds of some answers."""
        if self._db.execute("SELECT 1 FROM entries LIMIT 1").fetchone() is None:
            return
        answers = list(groups)
        for start in range(0, len(answers), _ANSWERS_A_QUERY):
            chunk = answers[start : start + _ANSWERS_A_QUERY]
            rows = self._db.execute(
                "SELECT e.answer, e.id, f.root, e.request, e.at_ms, e.flags, e.input + e.output"  # noqa: S608  # only question marks
                " + e.cache_write_5m + e.cache_write_1h + e.cache_read, f.path, e.offset, e.file,"
                " e.shadow FROM entries e JOIN files f ON f.id = e.file"
                f" WHERE e.answer IN ({','.join('?' * len(chunk))})",
                chunk,
            ).fetchall()
            for answer, row, root, request, at_ms, flags, total, path, offset, file, shadow in rows:
                place = (
                    bool(flags & _SIDECHAIN),
                    -int(total),
                    not flags & _HAS_SPEED,
                    path,
                    offset,
                    0,
                )
                yield answer, Copy(row, root, request, at_ms, place, None, file, shadow)

    def _write(self, groups: dict[int, list[Copy]]) -> set[int]:
        """Write what changed; return the slots whose sums are void."""
        inserts: list[tuple[object, ...]] = []
        touched: set[int] = set()
        for answer, copies in groups.items():
            held_at = {c.row: c.at_ms for c in copies if c.row is not None}
            kept = best_copies(copies) if len(copies) > 1 else copies
            for copy, roots in zip(kept, shadows(kept), strict=True):
                shadow = self._shadow(roots)
                if copy.entry is not None:
                    values = self._values(copy.entry, copy.file, shadow)
                    if copy.row is None:
                        inserts.append((answer, *values))
                    else:
                        self._replace(copy.row, values)
                        touched.add(slot_of(held_at[copy.row]))
                elif copy.shadow != shadow:
                    self._db.execute(
                        "UPDATE entries SET shadow = ? WHERE id = ?", (shadow, copy.row)
                    )
                else:
                    continue
                touched.add(slot_of(copy.at_ms))
        self._db.executemany(_INSERT_ENTRY, inserts)
        return touched

    def _values(self, entry: UsageEntry, file: int, shadow: int) -> tuple[object, ...]:
        return (
            entry.request,
            entry.at_ms,
            file,
            entry.offset,
            self._variant(entry.variant),
            entry.is_sidechain * _SIDECHAIN + entry.has_speed * _HAS_SPEED,
            shadow,
            entry.input,
            entry.output,
            entry.cache_write_5m,
            entry.cache_write_1h,
            entry.cache_read,
            entry.web_searches,
            entry.recorded_cost,
            entry.limit_reset_ms,
        )

    def _replace(self, row: int, values: Sequence[object]) -> None:
        self._db.execute(
            "UPDATE entries SET request = ?, at_ms = ?, file = ?, offset = ?, variant = ?,"
            " flags = ?, shadow = ?, input = ?, output = ?, cache_write_5m = ?,"
            " cache_write_1h = ?, cache_read = ?, web_searches = ?, recorded_cost = ?,"
            " limit_reset_ms = ? WHERE id = ?",
            (*values, row),
        )

    def _renew_buckets(self, touched: Collection[int]) -> None:
        """Make the sums of some slots anew from the entries in them."""
        self._db.execute(
            "CREATE TEMP TABLE IF NOT EXISTS touched"
            " (slot INTEGER PRIMARY KEY, first_ms INTEGER, last_ms INTEGER)"
        )
        self._db.execute("DELETE FROM touched")
        self._db.executemany("INSERT INTO touched VALUES (?, ?, ?)", map(_slot_range, touched))
        self._db.execute("DELETE FROM buckets WHERE slot IN (SELECT slot FROM touched)")
        fill_buckets(
            self._db,
            self._cuts,
            "touched t CROSS JOIN entries e ON e.at_ms BETWEEN t.first_ms AND t.last_ms",
        )


def rebuild_buckets(connection: sqlite3.Connection, cuts: Sequence[int]) -> None:
    """Make all sums anew from the entries."""
    connection.execute("DELETE FROM buckets")
    fill_buckets(connection, cuts, "entries e")


def fill_buckets(connection: sqlite3.Connection, cuts: Sequence[int], source: str) -> None:
    """Sum entries into buckets that do not exist yet.

    Args:
        connection: Within a transaction.
        cuts: Context sizes at which some price changes, ascending.
        source: The entries, as ``e``, in SQL.
    """
    price_class = "+".join(
        ["2*0"]
        + [f"2*(e.input+e.cache_write_5m+e.cache_write_1h+e.cache_read > {cut:d})" for cut in cuts]
    )
    statement = (
        f"INSERT INTO buckets SELECT e.at_ms / {QUARTER_MS} * 2 + (e.at_ms % {QUARTER_MS} > 0),"  # noqa: S608  # numbers and names of ours
        f" f.session, e.variant, {price_class} + (e.recorded_cost IS NOT NULL), e.shadow,"
        f" {{sums}}, TOTAL(e.recorded_cost), SUM(e.web_searches), COUNT(*), MIN(e.at_ms),"
        f" MAX(e.at_ms), MAX(e.limit_reset_ms) FROM {source} JOIN files f ON f.id = e.file"
        " GROUP BY 1, 2, 3, 4, 5"
    )
    run_with_sums(connection, statement, "e.")


def run_with_sums(
    connection: sqlite3.Connection,
    statement: str,
    prefix: str,
    parameters: Sequence[object] = (),
) -> sqlite3.Cursor:
    """Run a statement in which ``{sums}`` stands for the sums of the five kinds of tokens.

    Sums beyond 2^63 make SQLite fail; no log of a sane program has such counts, but one line of an
    insane one must not stop all others, so they are capped then.
    """
    try:
        return connection.execute(statement.format(sums=_sums(prefix, "SUM({})")), parameters)
    except sqlite3.OperationalError as error:
        if "integer overflow" not in str(error):
            raise
        capped = "CAST(MIN(TOTAL({}), 9.2e18) AS INTEGER)"
        return connection.execute(statement.format(sums=_sums(prefix, capped)), parameters)


def shadow_text(roots: frozenset[int]) -> str:
    """Return a set of roots as the ledger stores it."""
    return ",".join(map(str, sorted(roots)))


def _sums(prefix: str, template: str) -> str:
    kinds = ("input", "output", "cache_write_5m", "cache_write_1h", "cache_read")
    return ", ".join(template.format(prefix + kind) for kind in kinds)


def _slot_range(slot: int) -> tuple[int, int, int]:
    start = slot // 2 * QUARTER_MS
    return (slot, start + 1, start + QUARTER_MS - 1) if slot % 2 else (slot, start, start)
