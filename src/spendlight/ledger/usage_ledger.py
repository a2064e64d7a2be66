"""The ledger: an archive of answers, how far each log was read, and sums that make reports fast."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from spendlight.ledger.batches import Batch, FileMark, LogName, NamedSession, NewLogs, Recorded
from spendlight.ledger.checking import translated_errors
from spendlight.ledger.imported_files import (
    imported_file,
    is_size_known,
    kept_segments,
    note_imported_file,
    note_kept_segments,
)
from spendlight.ledger.machines import Scope, name_machine, note_import
from spendlight.ledger.opening import transaction
from spendlight.ledger.reader import LedgerReader
from spendlight.ledger.sums.buckets import (
    CONTEXT_THRESHOLDS_KEY,
    PRICE_STEPS_KEY,
    price_steps_in,
)
from spendlight.ledger.sums.days import ModelUse
from spendlight.ledger.sums.offsets import kept_offsets
from spendlight.metering.periods import offsets_in
from spendlight.metering.slices import QUARTER_MS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import tzinfo

    from spendlight.ledger.alerts import AlertStore
    from spendlight.ledger.filling import UnattributedLog
    from spendlight.ledger.imported_files import ImportedFile
    from spendlight.ledger.machines import Machine
    from spendlight.ledger.meanwhile import Meanwhile
    from spendlight.ledger.name_facts import NameFacts
    from spendlight.ledger.publishing import Unpublished
    from spendlight.metering.attribution import Attribution, Tools
    from spendlight.metering.described_blocks import DescribedBlock
    from spendlight.metering.entry import LineProblem, UsageEntry
    from spendlight.metering.session_notes import SessionNote

__all__ = [
    "Batch",
    "FileMark",
    "LogName",
    "ModelUse",
    "NamedSession",
    "NewLogs",
    "Recorded",
    "Scope",
    "UsageLedger",
]


class UsageLedger(LedgerReader):
    """An open ledger for reading and writing, for one thread at a time.

    Every method may raise `LedgerUnusableError` or `LedgerBusyError`.
    """

    @property
    def alerts(self) -> AlertStore:
        """The alerts in it, over the same connection."""
        from spendlight.ledger.alerts import AlertStore  # the terminal raises no alerts

        return AlertStore(self._path, self._db)

    def enlist(self, names: Sequence[LogName], reserved: NewLogs | None = None) -> dict[str, int]:
        """Assign numbers to files that have none; return all numbers by path.

        Args:
            names: The files.
            reserved: Logs that have got numbers, although they are not written yet.
        """
        if not names:
            return {}
        from spendlight.ledger.enlisting import enlist  # most passes write nothing

        with translated_errors(self._path), transaction(self._db):
            return enlist(self._db, names, reserved)

    def number_new(self, names: Sequence[LogName]) -> NewLogs:
        """Assign numbers to logs that have none; `record` writes them, once they have been read."""
        if not names:
            return NewLogs()
        from spendlight.ledger.enlisting import number_new  # most passes find nothing new

        with translated_errors(self._path), transaction(self._db):
            return number_new(self._db, names)

    def record(self, batch: Batch) -> Recorded:
        """Write entries together with how far the files were read: everything or nothing."""
        from spendlight.ledger.recording import Recorder  # most passes write nothing

        with translated_errors(self._path), transaction(self._db):
            return Recorder(self._db, self.context_thresholds).record(batch)

    def describe(
        self, mark: FileMark, blocks: Sequence[DescribedBlock], problems: Iterable[LineProblem]
    ) -> Recorded:
        """Write the blocks of a session-block file; see `spendlight.ledger.described`.

        Args:
            mark: The file, and what identifies its current contents.
            blocks: The blocks that it describes.
            problems: What is wrong with it.
        """
        from spendlight.ledger.recording import Recorder  # most passes write nothing

        with translated_errors(self._path), transaction(self._db):
            return Recorder(self._db, self.context_thresholds).describe(mark, blocks, problems)

    def is_to_be_filled(self, today: int) -> bool:
        """Return whether circumstances of answers are to be read from logs; see `filling`."""
        statement = "SELECT 1 FROM attribution_facts WHERE of = 'log' AND value <> ? LIMIT 1"
        with translated_errors(self._path):
            return self._db.execute(statement, (today,)).fetchone() is not None

    def unattributed_logs(self, today: int, count: int) -> list[UnattributedLog]:
        """Return some of the logs from which circumstances are to be read."""
        from spendlight.ledger.filling import logs_to_read  # once

        with translated_errors(self._path), transaction(self._db):
            return logs_to_read(self._db, today, count)

    def note_tried(self, number: int, today: int) -> None:
        """Note that such a log could not be read today."""
        statement = "UPDATE attribution_facts SET value = ? WHERE of = 'log' AND number = ?"
        with translated_errors(self._path), transaction(self._db):
            self._db.execute(statement, (today, number))

    def fill_in(  # noqa: PLR0913  # all that a log says
        self,
        number: int,
        found: Iterable[UsageEntry],
        attributions: Mapping[int, Attribution],
        tools: Mapping[int, Tools],
        notes: Iterable[SessionNote] = (),
        *,
        is_of_this_machine: bool = True,
    ) -> None:
        """Write what a log says about the circumstances of its answers; see `filling`."""
        from spendlight.ledger.filling import fill_in  # once

        with translated_errors(self._path), transaction(self._db):
            told = (found, attributions, tools, notes)
            fill_in(self._db, number, *told, is_of_this_machine=is_of_this_machine)

    def folders_to_find(self, today: int, count: int) -> list[str]:
        """Return folders whose repository is to be found; see `name_facts`."""
        statement = (
            "SELECT 1 FROM attribution_facts"
            " WHERE of = 'folder' AND value = 0 AND other <> ? LIMIT 1"
        )
        with translated_errors(self._path):
            if self._db.execute(statement, (today,)).fetchone() is None:
                return []
            from spendlight.ledger.name_facts import folders_to_find  # rarely needed

            return folders_to_find(self._db, today, count)

    def note_repositories(self, repositories: Mapping[str, str], today: int) -> None:
        """Store to which repositories folders belong, "" if that is not known."""
        from spendlight.ledger.name_facts import note_repositories  # rarely needed

        with translated_errors(self._path), transaction(self._db):
            note_repositories(self._db, repositories, today)

    def take_in_facts(self, facts: NameFacts) -> None:
        """Store what another ledger knows of names; see `name_facts`."""
        from spendlight.ledger.name_facts import take_in  # rarely needed

        with translated_errors(self._path), transaction(self._db):
            take_in(self._db, facts)

    def index_answers(self) -> None:
        """Index all answers if many chunks are not indexed yet, which takes a fifth of a second."""
        from spendlight.ledger.answer_search import extend_index, is_index_short  # rarely needed

        with translated_errors(self._path):
            if is_index_short(self._db):
                with transaction(self._db):
                    extend_index(self._db, 0)

    def demand_writable(self) -> None:
        """Make sure that it can be written, by writing what is there already."""
        with translated_errors(self._path), transaction(self._db):
            version = self._db.execute("PRAGMA user_version").fetchone()[0]
            self._db.execute(f"PRAGMA user_version = {version:d}")

    def use_context_thresholds(self, thresholds: Iterable[int]) -> None:
        """Make sure that sums are separated by these context sizes."""
        with translated_errors(self._path):
            if set(thresholds) <= set(self.context_thresholds):
                return
            from spendlight.ledger.sums.kept import rebuild_all  # a new list is rare

            with transaction(self._db):
                context_thresholds = sorted({*self.context_thresholds, *thresholds})
                self._db.execute(
                    "INSERT OR REPLACE INTO meta VALUES (?, ?)",
                    (CONTEXT_THRESHOLDS_KEY, json.dumps(context_thresholds)),
                )
                rebuild_all(self._db, context_thresholds)

    def use_price_steps(self, steps: Iterable[int]) -> None:
        """Make sure that sums are separated at these moments, each the beginning of a day in UTC.

        Args:
            steps: In Unix milliseconds.
        """
        with translated_errors(self._path):
            if set(steps) <= set(price_steps_in(self._db)):
                return
            from spendlight.ledger.sums.kept import rebuild_coarser  # new steps are rare

            with transaction(self._db):
                self._db.execute(
                    "INSERT OR REPLACE INTO meta VALUES (?, ?)",
                    (PRICE_STEPS_KEY, json.dumps(sorted({*price_steps_in(self._db), *steps}))),
                )
                rebuild_coarser(self._db)

    def keep_days(self, zone: tzinfo, meanwhile: Meanwhile | None = None) -> None:
        """Keep the sums of a zone's days from now on, and those of blocks.

        Args:
            zone: Where days begin.
            meanwhile: How to sum up both at the same time, if at all.
        """
        with translated_errors(self._path):
            extent = self.extent()
            if extent is None:
                return
            offsets = [one for one in offsets_in(zone, *extent) if one % QUARTER_MS == 0]
            if not set(offsets) <= set(kept_offsets(self._db)):
                from spendlight.ledger.sums import kept  # rarely needed

                with transaction(self._db):
                    kept.keep_days(self._db, offsets, meanwhile)

    def drop_copies(self, wrong: Mapping[str, Collection[tuple[int, int]]]) -> None:
        """Forget copies of some answers, and have their logs read again by the next pass.

        All sums are rebuilt.

        Args:
            wrong: Hashes of answer and request, by the log whose copy is wrong; the log exists.
        """
        from spendlight.ledger.repeating import drop_copies  # needed by `doctor` only

        with translated_errors(self._path), transaction(self._db):
            drop_copies(self._db, wrong)

    def note_price_list(self, fingerprint: str, name: str, now_ms: int) -> None:
        """Store since when a price list has been in force."""
        with translated_errors(self._path):
            self._db.execute(
                "INSERT OR REPLACE INTO price_lists VALUES (?, ?, ?)", (fingerprint, name, now_ms)
            )

    def name_machine(self, name: str) -> Machine:
        """Store this machine's name."""
        with translated_errors(self._path), transaction(self._db):
            return name_machine(self._db, name)

    def entries_in_files(self, files: Collection[int]) -> dict[int, set[UsageEntry]]:
        """Return the entries of some files as they are held, by the file's number."""
        from spendlight.ledger import chunks  # needed for imports only

        held: dict[int, set[UsageEntry]] = {}
        with translated_errors(self._path):
            for number in files:
                for chunk in chunks.load(self._db, "c.file = ?", (number,)):
                    held.setdefault(number, set()).update(chunk.entries)
        return held

    def is_size_known(self, importer: str, size: int) -> bool:
        """Return whether any file of this size was imported."""
        with translated_errors(self._path):
            return is_size_known(self._db, importer, size)

    def imported_file(self, file: ImportedFile) -> str | None:
        """Return what `note_import` was told of a file; None if it was not imported."""
        with translated_errors(self._path):
            return imported_file(self._db, file)

    def note_import(
        self,
        machines: Iterable[Machine],
        now_ms: int,
        files: Mapping[ImportedFile, str] | None = None,
        *,
        segments: Iterable[str] = (),
        importer: str = "",
    ) -> None:
        """Store when machines were imported, their current names, and from which files.

        Args:
            machines: The machines.
            now_ms: The time in Unix milliseconds.
            files: What is to be remembered of each file.
            segments: The paths of segments of the team that were taken in.
            importer: The key of this machine.
        """
        with translated_errors(self._path), transaction(self._db):
            note_import(self._db, machines, now_ms)
            for file, what in (files or {}).items():
                note_imported_file(self._db, file, what)
            note_kept_segments(self._db, importer, segments)

    def kept_segments(self, importer: str) -> set[str]:
        """Return the paths of the segments of a team whose entries were taken in.

        Args:
            importer: The key of this machine.
        """
        with translated_errors(self._path):
            return kept_segments(self._db, importer)

    def note_publishing(self, team: str, new: Unpublished) -> None:
        """Remember what is about to be published; see `spendlight.ledger.publishing`."""
        from spendlight.ledger.publishing import note_publishing  # most have no team

        with translated_errors(self._path), transaction(self._db):
            note_publishing(self._db, team, new)

    def note_published(self, team: str, done: Unpublished, sequence: int) -> None:
        """Remember what was published to a team; see `spendlight.ledger.publishing`."""
        from spendlight.ledger.publishing import note_published  # most have no team

        with translated_errors(self._path), transaction(self._db):
            note_published(self._db, team, done, sequence)

    def forget_published(self) -> None:
        """Have everything published again."""
        from spendlight.ledger.publishing import forget_published  # most have no team

        with translated_errors(self._path), transaction(self._db):
            forget_published(self._db)
