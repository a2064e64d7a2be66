"""Repairs a damaged ledger, and reports to the user what was done."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from spendlight.errors import (
    LedgerError,
    LedgerLossError,
    LedgerMendedError,
    LedgerUnprovenError,
    UsageError,
)
from spendlight.ledger import page_seals
from spendlight.ledger.backups import told
from spendlight.ledger.page_seals import Proof
from spendlight.ledger.usage_ledger import UsageLedger

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spendlight.ledger.losses import Loss
    from spendlight.ledger.mending import Mending


def may_be_damage(error: Exception) -> bool:
    """Return whether an error may come from a damaged ledger."""
    return isinstance(error, LedgerError) or not isinstance(error, (UsageError, OSError))


def demand_proven(path: Path, *, reads_all: bool = False) -> tuple[UsageError, ...]:
    """Make sure that a ledger's file is undamaged; correct a flipped bit.

    Args:
        path: The ledger.
        reads_all: Read all of it, even if nobody seems to have touched it since the last time.

    Returns:
        What the user should be told.

    Raises:
        LedgerUnprovenError: If only its whole contents could tell.
        LedgerError: If it cannot be opened.
    """
    proof = page_seals.prove(path, reads_all=reads_all)
    if proof is Proof.CORRECTED:
        return (LedgerMendedError.of_bits(),)
    if proof is Proof.NONE:
        UsageLedger(path).close()  # migrates one of an earlier version, which verifies it
        if page_seals.prove(path) is Proof.NONE:
            raise LedgerUnprovenError(str(path))
    return ()


def mended(path: Path, cause: Exception) -> tuple[UsageError, ...] | None:
    """Find and repair the damage in a ledger on which an operation failed.

    Returns:
        What the user should be told, or None if nothing is damaged.

    Raises:
        OSError: If files cannot be moved or written.
        LedgerBusyError: If another process keeps the ledger locked.
        LedgerUnusableError: If the ledger cannot be read or written.
    """
    from spendlight.ledger.mending import mend  # rarely needed

    done = mend(path, datetime.now(UTC), cause)
    return None if done is None else tuple(_told(done))


def told_losses(ledger: UsageLedger) -> tuple[UsageError, ...]:
    """Return what the user should be told about lost answers, unless their log is back."""
    return tuple(
        _lost(loss) for loss in ledger.losses() if not loss.path or not Path(loss.path).exists()
    )


def _told(done: Mending) -> Iterator[UsageError]:
    """Yield what the user should be told about a repair, except losses, which the ledger lists."""
    if done.recovery is not None:
        yield told(done.recovery)
    if done.flipped:
        yield LedgerMendedError.of_bits()
    if done.restored:
        made_at = f"{done.made_at.astimezone():%Y-%m-%d %H:%M}" if done.made_at else ""
        yield LedgerMendedError.of_parts(done.restored, made_at)
    if done.unsure:
        yield LedgerMendedError.of_names(done.unsure)
    if done.reread:
        yield LedgerMendedError.of_logs(done.reread)
    if done.sums and not (done.restored or done.reread or done.losses):
        yield LedgerMendedError.of_sums(done.sums)


def _lost(loss: Loss) -> LedgerLossError:
    first, last = (
        f"{datetime.fromtimestamp(at_ms / 1000):%Y-%m-%d}" if at_ms else ""  # noqa: DTZ006  # the user's day
        for at_ms in (loss.first_ms, loss.last_ms)
    )
    days = first if first == last else f"{first} to {last}"
    return LedgerLossError(loss.path, days, loss.answers)
