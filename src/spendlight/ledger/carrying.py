"""Copies what a temporary ledger holds into the real one; doing it twice changes nothing.

Entries are recorded like any others, so the same copy of an answer counts as if they had been read
from the logs here. What follows from the entries is not copied, but computed.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from spendlight.errors import LedgerCorruptError, LedgerError
from spendlight.ledger import chunks
from spendlight.ledger.attributions import circumstances_of
from spendlight.ledger.batches import Batch, FileMark, LogName, NamedSession
from spendlight.ledger.checking import translated_errors
from spendlight.ledger.described import COLUMNS
from spendlight.ledger.marks import MARK_COLUMNS, mark_of
from spendlight.ledger.name_facts import facts_in
from spendlight.ledger.opening import connect
from spendlight.ledger.private_files import file_at
from spendlight.ledger.session_notes import ARE_PULL_REQUESTS, ARE_TITLES
from spendlight.ledger.transfer import variants_in
from spendlight.ledger.usage_ledger import UsageLedger
from spendlight.metering.described_blocks import DescribedBlock
from spendlight.metering.entry import CLAUDE_CODE, LineProblem, SessionName
from spendlight.metering.packed import pack
from spendlight.metering.session_notes import PullRequest, SessionTitle

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from spendlight.metering.attribution import Attribution, Tools
    from spendlight.metering.entry import ModelVariant, UsageEntry
    from spendlight.metering.session_notes import SessionNote

MOST_ENTRIES: Final = 16_000
"""This many are held in memory before they are written, and at least those of one file."""

CARRIED: Final = frozenset(
    {"chunks", "chunk_answers", "files", "sessions", "roots", "variants", "problems"}
    | {"price_lists", "delivered_alerts", "alert_log", "alert_state", "described_blocks"}
    | {"named_sessions", "lost_copies", "session_notes"}
    | {"attributions", "attribution_names", "attribution_facts"}
)
"""The tables that are carried over."""

_PROJECTS: Final = "projects"
_ALERTS: Final = ("delivered_alerts", "alert_log", "alert_state")

LEFT: Final = frozenset({"meta", "shadows", "buckets", "day_sums", "block_sums"}) | {
    "session_sums",
    "session_day_sums",
    "answer_index",
    "signatures",
    "losses",
    "published",
}
"""The tables that are not: sums, index, signatures and shadows follow from the entries, and the
other ledger has its own machine name, context sizes and imports. Nothing is imported into a
temporary ledger, or published from it."""


class SourceUnreadableError(LedgerError):
    """The ledger to be carried over cannot be used now, or not by this version of the program."""


class Carried(NamedTuple):
    """What was carried over.

    Attributes:
        new_answers: Answers that the other ledger did not hold.
        is_whole: Whether everything in it could be read.
    """

    new_answers: int
    is_whole: bool


class _File(NamedTuple):
    """A log that was read differently in the two ledgers.

    Attributes:
        number: Its number in the source.
        name: Its path.
        mark: How far the source has read it, with the number there.
    """

    number: int
    name: LogName
    mark: FileMark


def carry_over(source: Path, target: Path) -> Carried:
    """Copy everything that a ledger holds into another one.

    Only logs that were read differently in the two are compared. Each batch is one transaction,
    so this can be interrupted at any moment and repeated.

    Raises:
        SourceUnreadableError: If the source cannot be used now, or by this version.
        LedgerError: If the target cannot be written.
    """
    try:
        connection = connect(source)
    except LedgerCorruptError:
        return Carried(0, is_whole=False)
    except LedgerError as error:
        raise SourceUnreadableError(error.title, error.advice) from error
    new_answers = 0
    with closing(connection), UsageLedger(target) as ledger:
        reader = _Reader(connection, ledger)
        for batch in reader.batches():
            new_answers += ledger.record(batch).new_answers
        new_answers += reader.take_in_described()
        reader.take_in_rest(source, target)
    return Carried(new_answers, reader.is_whole)


class _Reader:
    """Reads a ledger as far as possible, and yields what must be written to another.

    Attributes:
        is_whole: Whether everything could be read so far.
    """

    def __init__(self, source: sqlite3.Connection, target: UsageLedger) -> None:
        self._db = source
        self._target = target
        self.is_whole = True
        self._described: list[tuple[FileMark, int]] = []

    def batches(self) -> Iterator[Batch]:
        """Yield the contents of the logs that were read differently."""
        known = self._target.marks()
        states = {mark[1:4] for mark in known.values()}
        files = [
            file
            for file in self._files()
            if _differs(file.mark, known.get(file.name.path))
            and not (file.mark.inode and file.mark.size >= 0 and file.mark[1:4] in states)
        ]  # a file in the same state was read to its end there, under whatever name
        if not files:
            return
        numbers = self._target.enlist([file.name for file in files])
        variants = self._variants()
        context_thresholds = self._target.context_thresholds
        describing = {file for (file,) in self._rows("SELECT file FROM described_blocks")}
        for file in files:
            if file.number in describing:
                mark = known.get(file.name.path)
                is_ahead = mark is None or _is_ahead(file.mark, mark)
                now = file.mark if mark is None or is_ahead else mark
                self._described.append((now._replace(number=numbers[file.name.path]), file.number))
        files = [file for file in files if file.number not in describing]
        for group in self._grouped(files, variants):
            marks, entries, problems, sessions, lost, owners = [], [], [], [], [], []
            notes: list[tuple[int, SessionNote]] = []
            for file, found, is_whole in group:
                number = numbers[file.name.path]
                entries += [entry._replace(file=number) for entry in found]
                problems += [(number, problem) for problem in self._problems(file.number)]
                sessions += self._sessions(file.number, number)
                lost += self._lost(file.number, number)
                notes += [(number, note) for note in self._notes(file.number)]
                if is_whole and _is_ahead(file.mark, known.get(file.name.path)):
                    marks.append(file.mark._replace(number=number))
                    owners.append((number, file.name.session))
            batch = _batch(marks, entries, variants, problems, context_thresholds)
            attributions, tools = self._circumstances(entries)
            yield batch._replace(
                sessions=sessions,
                lost=lost,
                owners=owners,
                notes=notes,
                attributions=attributions,
                tools=tools,
                is_of_this_machine=True,
            )

    def take_in_described(self) -> int:
        """Copy the blocks that files describe; return how many add usage.

        The part of them that no log holds is computed once the target has the logs' answers.
        """
        new = 0
        for mark, file in self._described:
            rows = self._rows(f"SELECT {COLUMNS} FROM described_blocks WHERE file = ?", file)  # noqa: S608  # ours
            blocks = [DescribedBlock(*row) for row in rows]
            new += self._target.describe(mark, blocks, self._problems(file)).new_answers
        return new

    def take_in_rest(self, source: Path, target: Path) -> None:
        """Copy what does not depend on logs: names, the prices that were in force, and alerts."""
        try:
            facts = facts_in(self._db)
        except sqlite3.DatabaseError:
            self.is_whole = False
        else:
            self._target.take_in_facts(facts)
        price_lists = self._rows("SELECT * FROM price_lists")
        with closing(connect(target)) as connection, translated_errors(target):
            statement = "INSERT OR IGNORE INTO price_lists VALUES (?, ?, ?)"
            connection.executemany(statement, price_lists)
        if not any(self._rows(f"SELECT 1 FROM {table} LIMIT 1") for table in _ALERTS):  # noqa: S608  # ours
            return
        from spendlight.ledger.alerts import AlertStore  # the terminal tells none

        try:
            kept = AlertStore(source, self._db).kept()
        except LedgerError:
            self.is_whole = False
        else:
            self._target.alerts.take_in(kept)

    def _grouped(
        self, files: Sequence[_File], variants: Collection[int]
    ) -> Iterator[list[tuple[_File, list[UsageEntry], bool]]]:
        """Yield files with their entries, some at a time, and whether those are complete."""
        group: list[tuple[_File, list[UsageEntry], bool]] = []
        count = 0
        for file in files:
            entries, is_whole = self._entries(file.number, variants)
            group.append((file, entries, is_whole))
            count += len(entries)
            if count >= MOST_ENTRIES:
                yield group
                group, count = [], 0
        if group:
            yield group

    def _entries(self, file: int, variants: Collection[int]) -> tuple[list[UsageEntry], bool]:
        """Return the entries of a file that can be read, and whether they are complete.

        An entry whose model is no longer known cannot be read either.
        """
        entries: list[UsageEntry] = []
        is_whole = True
        for (number,) in self._rows("SELECT id FROM chunks WHERE file = ?", file):
            try:
                for chunk in chunks.load_numbers(self._db, [number]):
                    known = [entry for entry in chunk.entries if entry.variant in variants]
                    is_whole = is_whole and len(known) == len(chunk.entries)
                    entries += known
            except sqlite3.DatabaseError:
                is_whole = False
        self.is_whole = self.is_whole and is_whole
        return entries, is_whole

    def _files(self) -> list[_File]:
        rows = self._rows(
            "SELECT f.path, r.folder, r.machine, r.parent, r.agent, s.project, s.project_path,"  # noqa: S608  # ours
            f" s.session, {MARK_COLUMNS} FROM files f"
            " JOIN roots r ON r.id = f.root JOIN sessions s ON s.id = f.session ORDER BY f.id"
        )
        names = _names(
            self._rows("SELECT folder, agent FROM roots"),
            [(root.folder, root.agent) for root in self._target.roots() if not root.key],
        )
        found = []
        for path, root, machine, parent, agent, *rest in rows:
            folder = names.get(root, root)
            mark = mark_of(*rest[3:])
            name = LogName(
                folder + path.removeprefix(root) if path.startswith(root) else path,
                folder,
                machine,
                names.get(parent, parent),
                SessionName(*rest[:3]),
                mark.first_name,
                agent,
            )
            found.append(_File(mark.number, name, mark._replace(first_name="")))
        return found

    def _circumstances(
        self, entries: Sequence[UsageEntry]
    ) -> tuple[dict[int, Attribution], dict[int, Tools]]:
        try:
            return circumstances_of(self._db, entries)
        except sqlite3.DatabaseError:
            self.is_whole = False
            return {}, {}

    def _variants(self) -> dict[int, ModelVariant]:
        try:
            return variants_in(self._db)
        except (sqlite3.DatabaseError, ValueError):  # ValueError: this version does not know it
            self.is_whole = False
            return {}

    def _problems(self, file: int) -> list[LineProblem]:
        return [
            LineProblem("", offset, reason, bool(is_counted))
            for offset, reason, is_counted in self._rows(
                "SELECT offset, reason, is_counted FROM problems WHERE file = ?", file
            )
        ]

    def _sessions(self, file: int, number: int) -> list[NamedSession]:
        """Return the sessions that answers in a file name, with the file's number in the target."""
        return [
            NamedSession(number, offset, name, is_later_part=True)
            for offset, name in self._rows(
                "SELECT offset, session FROM named_sessions WHERE file = ?", file
            )
        ]

    def _notes(self, file: int) -> list[SessionNote]:
        """Return what a file says about sessions beside their answers."""
        titles = self._rows(
            "SELECT offset, session, kind, text, key FROM session_notes"  # noqa: S608  # ours
            f" WHERE file = ? AND {ARE_TITLES}",
            file,
        )
        requests = self._rows(
            "SELECT offset, session, key, number, text FROM session_notes"  # noqa: S608  # ours
            f" WHERE file = ? AND {ARE_PULL_REQUESTS}",
            file,
        )
        return [*(SessionTitle(*row) for row in titles), *(PullRequest(*row) for row in requests)]

    def _lost(self, file: int, number: int) -> list[tuple[int, int, int, int]]:
        """Return the copies in a file that have lost, with the file's number in the target."""
        return [
            (number, answer, offset, 0)
            for answer, offset in self._rows(
                "SELECT answer, offset FROM lost_copies WHERE file = ?", file
            )
        ]

    def _rows(self, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Return the rows of a table, or of its index, that can be read."""
        found: list[tuple[Any, ...]] = []
        try:
            for row in self._db.execute(statement, parameters):
                found.append(row)  # noqa: PERF402  # the rows before the damage count
        except sqlite3.DatabaseError:
            self.is_whole = False
        return found


def _differs(mark: FileMark, known: FileMark | None) -> bool:
    return known is None or mark[1:] != known[1:]


def _names(folders: Iterable[tuple[str, str]], known: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the target's names of data folders that the source knows by other names.

    Another path to the same folder means the same one; see `spendlight.tracker.data_folders`.

    Args:
        folders: The source's, each with its agent.
        known: The target's.
    """
    known = list(known)
    others = [root for root in folders if root not in known]
    if not others:
        return {}
    by_identity = {_identity(*root): root[0] for root in known}
    found = {root[0]: by_identity.get(_identity(*root)) for root in others}
    return {folder: name for folder, name in found.items() if name is not None}


def _identity(folder: str, agent: str) -> object:
    """Return what identifies a data folder; its name if it does not exist."""
    held = Path(folder, _PROJECTS) if agent == CLAUDE_CODE else Path(folder)
    return agent, file_at(held) or folder


def _is_ahead(mark: FileMark, known: FileMark | None) -> bool:
    """Return whether the mark covers more of the same file; if not, the next pass reads it."""
    if known is None or not known.read_to:
        return True
    return mark.inode == known.inode and mark.read_to >= known.read_to


def _batch(
    marks: Sequence[FileMark],
    entries: Sequence[UsageEntry],
    variants: Mapping[int, ModelVariant],
    problems: Sequence[tuple[int, LineProblem]],
    context_thresholds: Sequence[int],
) -> Batch:
    """Return a batch that lists answers with several copies separately."""
    copies = Counter(entry.answer for entry in entries)
    by_file: dict[int, list[UsageEntry]] = {}
    disputed = []
    for entry in entries:
        if copies[entry.answer] > 1:
            disputed.append(entry)
        else:
            by_file.setdefault(entry.file, []).append(entry)
    packed = [pack(file, found, context_thresholds) for file, found in by_file.items()]
    return Batch(marks, (), packed, disputed, variants, problems, context_thresholds)
