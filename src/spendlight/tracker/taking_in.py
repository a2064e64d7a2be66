"""Takes temporary ledgers over into the user's, once that can be used again."""

from __future__ import annotations

from contextlib import suppress
from enum import Enum, auto
from typing import TYPE_CHECKING

from spendlight.errors import (
    LedgerBusyError,
    LedgerError,
    LedgerUnusableError,
    LeftoverUnreadableError,
)
from spendlight.ledger.usage_ledger import UsageLedger

if TYPE_CHECKING:
    from pathlib import Path

    from spendlight.errors import UsageError
    from spendlight.ledger.temporary import TemporaryLedger


class Taken(Enum):
    """How much of a temporary ledger was taken over."""

    ALL = auto()
    PART = auto()
    """The rest is damaged."""
    NOTHING = auto()
    """It cannot be used now, or is from a newer version."""


def demand_usable(ledger: Path) -> None:
    """Make sure that a ledger can be read and written.

    Raises:
        LedgerError: If it cannot.
    """
    with UsageLedger(ledger) as opened:
        opened.glance()
        opened.demand_writable()


def take_in_leftovers(ledger: Path) -> tuple[UsageError, ...]:
    """Take over the temporary ledgers that others have left behind, unless that must wait.

    Returns:
        What the user should be told.

    Raises:
        LedgerCorruptError: If the user's ledger turns out to be damaged.
    """
    from spendlight.ledger import temporary  # rarely needed

    notes: tuple[UsageError, ...] = ()
    for found in temporary.left_behind(ledger):
        try:
            taken = take_in(found, ledger)
        except (LedgerBusyError, LedgerUnusableError):
            found.leave()
            break  # it will be tried again
        except BaseException:
            found.leave()
            raise
        notes += finish(found, taken)
    return notes


def take_in(temporary: TemporaryLedger, ledger: Path) -> Taken:
    """Take a temporary ledger over into the user's; doing it twice changes nothing.

    Raises:
        LedgerError: If the user's ledger cannot be written.
    """
    from spendlight.ledger import carrying  # rarely needed

    try:
        carried = carrying.carry_over(temporary.path, ledger)
    except carrying.SourceUnreadableError:
        return Taken.NOTHING
    return Taken.ALL if carried.is_whole else Taken.PART


def finish(temporary: TemporaryLedger, taken: Taken) -> tuple[UsageError, ...]:
    """Remove a temporary ledger that was taken over, or keep it for the rest.

    Returns:
        What the user should be told.
    """
    if taken is Taken.ALL:
        temporary.remove()
    elif taken is Taken.NOTHING:
        temporary.leave()
    else:
        return (LeftoverUnreadableError(str(temporary.put_aside())),)
    return ()


def copy_alerts(ledger: Path, temporary: TemporaryLedger) -> None:
    """Copy the alerts to a temporary ledger, as far as the user's can be read."""
    from spendlight.ledger.alerts import AlertStore  # the terminal raises none

    with suppress(LedgerError), AlertStore(ledger) as known, AlertStore(temporary.path) as store:
        store.take_in(known.kept())
