"""Writes the results of a pass into the ledger, and updates the sums they affect."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from spendlight.ledger import chunks, described, new_logs
from spendlight.ledger.answer_index import next_chunk
from spendlight.ledger.answer_search import FEW_ANSWERS, extend_index, holding
from spendlight.ledger.attributions import CalledTools, note_circumstances
from spendlight.ledger.batches import Batch, FileMark, Recorded
from spendlight.ledger.comparing import Comparison
from spendlight.ledger.duplicates import Copy, best_copies, shadows, unite_tools
from spendlight.ledger.enlisting import session_in
from spendlight.ledger.known_answers import KnownAnswers
from spendlight.ledger.losses import forget_losses
from spendlight.ledger.machines import file_order, shadow_text
from spendlight.ledger.marks import state_column
from spendlight.ledger.owners import note_lost, note_sessions
from spendlight.ledger.sums import buckets
from spendlight.ledger.sums.kept import renew_coarser
from spendlight.metering.described_blocks import UNLOGGED
from spendlight.metering.packed import WORD_BYTES, pack, shadows_of
from spendlight.metering.packed_logs import joined_logs
from spendlight.metering.session_names import SUBAGENTS
from spendlight.metering.settling import PYTHON
from spendlight.metering.slices import slot_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from spendlight.ledger.batches import NewLog
    from spendlight.ledger.comparing import Compared
    from spendlight.ledger.machines import Shadow
    from spendlight.ledger.sums.slicing import Row
    from spendlight.metering.described_blocks import DescribedBlock
    from spendlight.metering.entry import LineProblem, SessionName, UsageEntry
    from spendlight.metering.packed import PackedEntries
    from spendlight.metering.settling import Settler
    from spendlight.metering.summing import Sums


class Recorder:
    """Writes one batch; must be used within a transaction.

    Args:
        connection: Where to write.
        context_thresholds: Context sizes at which any price changes, ascending.
    """

    def __init__(self, connection: sqlite3.Connection, context_thresholds: Sequence[int]) -> None:
        self._db = connection
        self._context_thresholds = context_thresholds
        self._files: dict[int, tuple[int, str, int]] = {}
        self._new: dict[int, NewLog] = {}
        self._shadows: dict[Shadow, int] = {frozenset(): 0}
        self._changed: dict[int, set[int]] = {}
        self._sums: list[tuple[int, str, Sums]] = []
        self._tools = CalledTools(connection)

    def record(self, batch: Batch) -> Recorded:
        """Write how far files were read, their entries, and their problems."""
        if batch.new_logs is not None:
            batch, self._new = new_logs.enlist(self._db, batch, batch.new_logs)
        self._write_marks(batch)
        note_circumstances(self._db, batch)
        self._tools.learn(batch.tools)
        self._give_to_owners(batch.owners)
        if not new_logs.are_written_fast(batch.packed_logs, self._new):
            batch = batch.expanded()
        if batch.context_thresholds is not None and tuple(batch.context_thresholds) != tuple(
            self._context_thresholds
        ):
            # another process has fetched other prices since this pass was planned
            batch = batch.expanded()
            cut = [
                pack(packed.file, packed.entries(), self._context_thresholds)
                for packed in batch.packed
            ]
            batch = batch._replace(packed=cut)
        settler = batch.settler or PYTHON
        lists = batch.answers
        answers = settler.answer_set(lists)
        known = batch.known or KnownAnswers()
        known.begin(self._db)
        without = () if known.has_any(lists) else known.chunks
        holders = holding(self._db, answers, answers.common, without)
        held = set().union(*holders.values())
        has_copies = bool(holders) or len(answers) < sum(map(len, lists)) // WORD_BYTES
        if has_copies:
            batch = batch.expanded()
        self._look_up({packed.file for packed in batch.packed} - self._new.keys())
        found: list[tuple[PackedEntries, bytes | None]] = [(one, None) for one in batch.packed]
        disputed = list(batch.disputed)
        if has_copies:
            found, more, *_ = self._compare(batch.packed, holders, settler)
            disputed += more
        first = next_chunk(self._db)
        self._store(found)
        others = new_logs.write(self._db, joined_logs(batch.packed_logs), self._new)
        known.add(answers, first, next_chunk(self._db) - 1)
        added = buckets.make(self._db, self._sums, others)
        slots = {row[0] for row in added}
        self._settle(disputed, holders)
        self._renew_unlogged(slots | set().union(*self._changed.values()))
        self._renew_sums(slots, added)
        if len(answers) <= FEW_ANSWERS:  # a first scan looks all of them up at once
            extend_index(self._db)
        return Recorded(len(answers) - len(held), frozenset(slots), frozenset(held))

    def describe(
        self, mark: FileMark, blocks: Sequence[DescribedBlock], problems: Iterable[LineProblem]
    ) -> Recorded:
        """Write a session-block file's blocks, its problems and its mark."""
        variants = {UNLOGGED.number: UNLOGGED}
        told = [(mark.number, problem) for problem in problems]
        self._write_marks(Batch((mark,), (mark.number,), (), (), variants, told))
        described.describe(self._db, mark.number, blocks)
        slots: set[int] = set()
        new = self._renew_unlogged({slot_of(block.start_ms) for block in blocks})
        self._renew_sums(slots)
        return Recorded(new, frozenset(slots))

    def settle_again(
        self, answers: Collection[int], touched: Mapping[int, set[int]]
    ) -> frozenset[int]:
        """Decide again about answers whose logs have moved; return the slots whose sums changed.

        Args:
            answers: Which answers.
            touched: The slots, by session, whose sums are to be rebuilt in any case.
        """
        self._changed = {session: set(slots) for session, slots in touched.items() if slots}
        self._settle((), holding(self._db, answers), answers)
        slots: set[int] = set()
        self._renew_unlogged(set().union(*self._changed.values()))
        self._renew_sums(slots)
        return frozenset(slots)

    def _renew_sums(self, slots: set[int], added: Iterable[Row] = ()) -> None:
        """Rebuild the sums that no longer agree with their entries; add their slots to *slots*.

        Args:
            slots: Where buckets were added to.
            added: What was added to them.
        """
        of_sessions = {session: list(changed) for session, changed in self._changed.items()}
        for row in added:
            of_sessions.setdefault(row[1], []).append(row[0])
        if self._changed:
            buckets.renew(self._db, self._context_thresholds, self._changed)
            slots.update(*self._changed.values())
        unchanged = [row for row in added if row[1] not in self._changed]
        renew_coarser(self._db, slots, of_sessions, unchanged)

    def _renew_unlogged(self, slots: set[int]) -> int:
        """Update the answers that represent what no log holds; return how many are new."""
        changes = described.changes(self._db, slots)
        void: dict[int, set[int]] = {}
        answers: set[int] = set()
        for held, wanted in changes:
            for entry, number, row in held:
                void.setdefault(number, set()).add(row)
                answers.add(entry.answer)
                session = self._file(entry.file)[2]
                self._changed.setdefault(session, set()).add(slot_of(entry.at_ms))
            if wanted is not None:
                answers.add(wanted.answer)
        for chunk in chunks.load_numbers(self._db, sorted(void)):
            chunks.replace(self._db, chunk.without(void[chunk.number]))
        if answers:
            wanted_now = [change.wanted for change in changes if change.wanted is not None]
            self._settle(wanted_now, holding(self._db, answers), answers)
        return sum(not held for held, _ in changes)

    def _write_marks(self, batch: Batch) -> None:
        forget_losses(self._db, [mark.number for mark in batch.marks])
        self._db.executemany(
            "UPDATE files SET size = ?, mtime_ns = ?, inode = ?, read_to = ?, fingerprint = ?,"
            " state = ? WHERE id = ?",
            (
                (*mark[1:6], state_column(mark), mark.number)
                for mark in batch.marks
                if mark.number not in self._new
            ),
        )
        self._db.executemany(
            "INSERT OR IGNORE INTO variants VALUES (?, ?, ?, ?, ?)",
            ((number, *variant) for number, variant in batch.variants.items()),
        )
        if self._db.execute("SELECT 1 FROM problems LIMIT 1").fetchone():
            self._db.executemany(
                "DELETE FROM problems WHERE file = ?", ((number,) for number in batch.reread)
            )
        self._db.executemany(
            "INSERT OR IGNORE INTO problems VALUES (?, ?, ?, ?)",
            ((file, p.offset, p.reason, p.is_counted) for file, p in batch.problems),
        )
        note_sessions(self._db, batch.reread, batch.sessions)
        reread = set(batch.reread) - self._new.keys()
        if reread or batch.notes:
            from spendlight.ledger.session_notes import note  # rarely needed

            note(self._db, reread, batch.notes)
        note_lost(self._db, batch.lost, self._session)

    def _give_to_owners(self, owners: Iterable[tuple[int, SessionName]]) -> None:
        """Assign files, and what is known of them, to the sessions that their contents name."""
        for number, name in owners:
            root, order, before = self._file(number)
            session = session_in(self._db, root, name)
            if session == before:
                continue
            self._db.execute("UPDATE files SET session = ? WHERE id = ?", (session, number))
            self._files[number] = root, order, session
            self._new.pop(number, None)  # as it says another session
            held = chunks.load(self._db, "c.file = ?", (number,))
            slots = {slot_of(entry.at_ms) for chunk in held for entry in chunk.entries}
            for changed in (before, session) if slots else ():
                self._changed.setdefault(changed, set()).update(slots)

    def _compare(
        self, found: Sequence[PackedEntries], holders: Collection[int], settler: Settler
    ) -> Compared:
        """Compare what was found with each other and with its copies in the ledger."""
        compared = Comparison(
            self._db,
            self._context_thresholds,
            settler,
            self._file,
            lambda roots: self._shadow(frozenset((root, frozenset()) for root in roots)),
            self._tools,
        ).compare(found, holders)
        note_lost(self._db, compared.lost, self._session)
        for file, slots in compared.changed.items():
            self._changed.setdefault(self._session(file), set()).update(slots)
        return compared

    def _store(self, found: Iterable[tuple[PackedEntries, bytes | None]]) -> None:
        """Store new entries with their shadows."""
        new = [one for one in found if one[0].answers]
        known = {packed.file for packed, _ in new} - self._new.keys()
        growing = chunks.files_with_room(self._db, known) if known else set()
        whole: list[tuple[PackedEntries, bytes | None]] = []
        parts: list[tuple[PackedEntries, bytes | None]] = []
        for packed, marks in new:
            has_room = packed.file in growing and packed.count < chunks.FULL_CHUNK
            (parts if has_room else whole).append((packed, marks))
            growing.add(packed.file)  # more of this file may follow
            log = self._new.get(packed.file)
            if log is not None and SUBAGENTS not in log.name.path:
                self._sums.append((log.session, "", packed.sums))
            else:
                _, path, session = self._file(packed.file)
                self._sums.append((session, path, packed.sums))
        chunks.add_packed(self._db, whole)
        for packed, marks in parts:
            each = [0] * packed.count if marks is None else shadows_of(marks)
            chunks.add_entries(self._db, packed.file, packed.entries(), each)

    def _settle(
        self,
        entries: Iterable[UsageEntry],
        holders: Mapping[int, Collection[int]],
        others: Iterable[int] = (),
    ) -> None:
        """Write answers of which there are several copies, here or in the ledger.

        Args:
            entries: New copies.
            holders: The chunks that hold copies, each with their answers.
            others: More answers, of which the ledger may have lost a copy.
        """
        groups: dict[int, list[Copy]] = {answer: [] for answer in others}
        for entry in entries:
            groups.setdefault(entry.answer, []).append(self._copy(entry))
        affected = [
            number for number, held in holders.items() if not groups.keys().isdisjoint(held)
        ]
        loaded = {chunk.number: chunk for chunk in chunks.load_numbers(self._db, affected)}
        for chunk in loaded.values():
            self._add_held(chunk, groups)
        void: dict[int, set[int]] = {}
        fresh: dict[int, list[tuple[UsageEntry, int]]] = {}
        for copies in groups.values():
            verdicts = list(self._verdicts(copies))
            self._note_lost(verdicts)
            self._unite_tools(verdicts, loaded, void)
            for copy, shadow in verdicts:
                if shadow is None and copy.row is not None:
                    number, row = copy.row
                    void.setdefault(number, set()).add(row)
                elif shadow is not None and copy.row is None:
                    fresh.setdefault(copy.entry.file, []).append((copy.entry, shadow))
                elif shadow is not None and copy.row is not None and copy.shadow != shadow:
                    number, row = copy.row
                    loaded[number].shadows[row] = shadow
                    void.setdefault(number, set())
                else:
                    continue
                session = self._file(copy.entry.file)[2]
                self._changed.setdefault(session, set()).add(slot_of(copy.entry.at_ms))
        for number, rows in void.items():
            chunks.replace(self._db, loaded[number].without(rows))
        for file, added in fresh.items():
            chunks.add_entries(self._db, file, [e for e, _ in added], [s for _, s in added])

    def _add_held(self, chunk: chunks.Chunk, groups: Mapping[int, list[Copy]]) -> None:
        """Add a chunk's copies of the answers in question."""
        for row, (entry, shadow) in enumerate(zip(chunk.entries, chunk.shadows, strict=True)):
            if entry.answer in groups:
                copy = self._copy(entry)
                copy.row, copy.shadow = (chunk.number, row), shadow
                groups[entry.answer].append(copy)

    def _verdicts(self, copies: Sequence[Copy]) -> Iterator[tuple[Copy, int | None]]:
        """Yield each copy of an answer with its new shadow, or with None if it has lost."""
        kept = best_copies(copies)
        for copy, shadow in zip(kept, shadows(kept), strict=True):
            yield copy, self._shadow(shadow)
        stays = set(map(id, kept))
        yield from ((copy, None) for copy in copies if id(copy) not in stays)

    def _unite_tools(
        self,
        verdicts: Sequence[tuple[Copy, int | None]],
        loaded: Mapping[int, chunks.Chunk],
        void: dict[int, set[int]],
    ) -> None:
        """Have copies call the tools, too, of those that have lost to them."""
        for copy in unite_tools(verdicts, self._tools.united):
            if copy.row is not None:
                number, row = copy.row
                loaded[number].entries[row] = copy.entry
                void.setdefault(number, set())

    def _note_lost(self, verdicts: Sequence[tuple[Copy, int | None]]) -> None:
        """Note the copies of an answer that have lost against one in another file."""
        lost = [copy for copy, shadow in verdicts if shadow is None]
        if not lost:
            return
        winners = {
            (copy.root, copy.entry.request): copy.entry.file
            for copy, shadow in verdicts
            if shadow is not None
        }
        pairs = ((copy.entry, winners[copy.root, copy.entry.request]) for copy in lost)
        note_lost(
            self._db,
            [
                (entry.file, entry.answer, entry.offset, winner)
                for entry, winner in pairs
                if entry.file != winner
            ],
            self._session,
        )

    def _session(self, number: int) -> int:
        return self._file(number)[2]

    def _copy(self, entry: UsageEntry) -> Copy:
        root, order, _ = self._file(entry.file)
        return Copy.of(entry, root, order)

    def _file(self, number: int) -> tuple[int, str, int]:
        """Return a file's root, its sort key among all files, and its session."""
        if number in self._new and number not in self._files:
            root, session, name = self._new[number]
            self._files[number] = (root, file_order(name.path, name.root), session)
        if number not in self._files:
            root, path, session, folder = self._db.execute(
                "SELECT f.root, f.path, f.session, r.folder FROM files f"
                " JOIN roots r ON r.id = f.root WHERE f.id = ?",
                (number,),
            ).fetchone()
            self._files[number] = (root, file_order(path, folder), session)
        return self._files[number]

    def _look_up(self, numbers: Collection[int]) -> None:
        """Look up many files at once, for `_file` to return."""
        if not numbers:
            return
        rows = self._db.execute(
            "SELECT f.id, f.root, f.path, f.session, r.folder FROM json_each(?) e"
            " CROSS JOIN files f ON f.id = e.value CROSS JOIN roots r ON r.id = f.root",
            (json.dumps(list(numbers)),),
        )
        for number, root, path, session, folder in rows:
            self._files[number] = (root, file_order(path, folder), session)

    def _shadow(self, shadow: Shadow) -> int:
        number = self._shadows.get(shadow)
        if number is None:
            text = shadow_text(shadow)
            self._db.execute("INSERT OR IGNORE INTO shadows (roots) VALUES (?)", (text,))
            row = self._db.execute("SELECT id FROM shadows WHERE roots = ?", (text,)).fetchone()
            number = self._shadows[shadow] = int(row[0])
        return number
