"""Compares the ledger with the logs, which are read again from the beginning."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from spendlight import paths
from spendlight.ledger.audit import copies, count_wrong_sums
from spendlight.ledger.usage_ledger import UsageLedger
from spendlight.metering.described_blocks import UNLOGGED
from spendlight.metering.entry import rank

if TYPE_CHECKING:
    from collections.abc import Callable

    from spendlight.ledger.audit import HeldCopy
    from spendlight.tracker.reading import LogReader
    from spendlight.tracker.safekeeping import LedgerKeeper
    from spendlight.tracker.snapshot import ScanProgress


@dataclass(frozen=True, slots=True)
class Verification:
    """The result of the comparison.

    Attributes:
        answers: How many copies of answers the logs hold, counted once in each data folder.
        held: How many the ledger holds; more if logs have been deleted.
        missing: How many of those in the logs the ledger does not hold.
        different: How many it holds with other figures.
        first_difference: A log with one of these, and where its line begins.
        wrong_sums: How many sums do not agree with the answers they are made from.
        unread: How many logs could not be read again.
        mended_answers: How many were missing or different before they were read again.
        mended_sums: How many sums did not agree before they were rebuilt.
    """

    answers: int
    held: int
    missing: int
    different: int
    first_difference: tuple[str, int] | None
    wrong_sums: int
    unread: int
    mended_answers: int = 0
    mended_sums: int = 0

    @property
    def is_good(self) -> bool:
        """Whether the ledger holds everything in the logs, with the same figures."""
        return not (self.missing or self.different or self.wrong_sums)


def verified(
    keeper: LedgerKeeper,
    reader: LogReader,
    on_progress: Callable[[ScanProgress], None] | None = None,
) -> Verification:
    """Compare the ledger in use with the logs, and repair what is wrong; return the result.

    Args:
        keeper: Keeps the ledger; a damaged one is replaced first.
        reader: Reads all logs into a new ledger, and then the new ones into the other.
        on_progress: Called after every file.

    Raises:
        LedgerError: If the ledger, or a temporary one, cannot be used.
    """

    def compare() -> Verification:
        with tempfile.TemporaryDirectory(
            prefix="spendlight-", ignore_cleanup_errors=True
        ) as folder:
            fresh = paths.ledger_path(Path(folder))
            reader.refill()  # before, so that it knows which logs were renamed
            with UsageLedger(fresh) as ledger:
                done = reader.read_into(ledger, on_progress)
            reader.refill()  # and after, so that it has read all that the new one has
            unread = len(done.failures)
            found, wrong = _compared(fresh, keeper.path, Path(folder), unread)
            if found.is_good:
                return found
            with keeper.open() as ledger:
                ledger.drop_copies(wrong)
            reader.refill()
            again, _ = _compared(fresh, keeper.path, Path(folder), unread)
            return replace(
                again,
                mended_answers=found.missing + found.different - again.missing - again.different,
                mended_sums=found.wrong_sums - again.wrong_sums,
            )

    keeper.use(keeper.demand_sound)
    return keeper.use(compare)


def _compared(
    fresh: Path, known: Path, folder: Path, unread: int
) -> tuple[Verification, dict[str, set[tuple[int, int]]]]:
    """Return the result of comparing, and by log which of its copies are different.

    Logs with missing copies are included. A copy is identified by answer and request.
    """
    held = {_fingerprint(copy) for copy in copies(known)}
    answers = 0
    suspects: dict[tuple[str, int, int], HeldCopy] = {}
    for copy in copies(fresh):
        if copy.entry.variant == UNLOGGED.number:  # depends on logs that may be gone
            continue
        answers += 1
        if _fingerprint(copy) not in held:
            suspects[_key(copy)] = copy
    count = len(held)
    del held
    found = {_key(copy): copy for copy in copies(known) if _key(copy) in suspects}
    missing = [copy for key, copy in suspects.items() if key not in found]
    different = [
        copy for key, copy in suspects.items() if key in found and _differs(copy, found[key])
    ]
    first = min(((copy.path, copy.entry.offset) for copy in (*missing, *different)), default=None)
    wrong: dict[str, set[tuple[int, int]]] = {copy.path: set() for copy in missing}
    for copy in different:
        wrong.setdefault(copy.path, set()).add(copy.entry[:2])
    verification = Verification(
        answers=answers,
        held=count,
        missing=len(missing),
        different=len(different),
        first_difference=first,
        wrong_sums=count_wrong_sums(known, folder / "sums.sqlite3"),
        unread=unread,
    )
    return verification, wrong


def _differs(copy: HeldCopy, held: HeldCopy) -> bool:
    """Return whether the ledger's copy differs from a log's.

    A better copy from another line does not count as different: its log has been deleted since, or
    rewritten.
    """
    lines = [(one.path, one.entry.offset, one.entry.at_ms) for one in (held, copy)]
    if lines[0] == lines[1]:
        return True
    return rank(held.entry, held.path) > rank(copy.entry, copy.path)


def _key(copy: HeldCopy) -> tuple[str, int, int]:
    return copy.root, copy.entry.answer, copy.entry.request


def _fingerprint(copy: HeldCopy) -> int:
    """Return a hash of a whole copy, so that a large ledger needs little memory.

    Its circumstances are left out: they may be filled in later, and change no figure.
    """
    entry = copy.entry._replace(attribution=0, tools=0)
    return hash((copy.path, *entry[:3], *entry[4:]))
