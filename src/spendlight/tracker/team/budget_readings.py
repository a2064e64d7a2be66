"""How much of a team's budgets was used when it was last published: a file beside the ledger.

The process that publishes measures it; the tray only reads the file, as DuckDB takes 60 MB.
"""

from __future__ import annotations

from contextlib import suppress
from math import isfinite
from typing import TYPE_CHECKING, Any, Final

from spendlight.metering.periods import TOO_LATE_MS, to_ms, to_utc
from spendlight.metering.team_budgets import TeamReading
from spendlight.tracker.team.state_file import NOT_READABLE, StateFile

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path

    from spendlight.metering.budgets import BudgetState

FILE: Final = StateFile("team-budgets.json", 1 << 20)


def known_readings(folder: Path) -> tuple[TeamReading, ...]:
    """Return what is known of the budgets; nothing if the file cannot be read.

    Args:
        folder: The ledger's.
    """
    with suppress(*NOT_READABLE):
        return tuple(map(_reading, FILE.read(folder)))
    return ()


def note_readings(folder: Path, states: Iterable[BudgetState]) -> None:
    """Remember how much is used. What cannot be written is not remembered, as the disk may be full.

    Args:
        folder: The ledger's.
        states: All budgets of the team; what was known of others is forgotten.
    """
    content = [
        {
            "rule": one.budget.rule,
            "used": one.used,
            "startsAtMs": to_ms(one.starts_at),
            "measuredAtMs": to_ms(one.measured_at),
            "basis": one.basis,
        }
        for one in states
        if one.starts_at is not None and one.measured_at is not None
    ]
    FILE.write(folder, content)


def forget_readings(folder: Path) -> None:
    """Forget how much is used."""
    FILE.forget(folder)


def _reading(found: dict[str, Any]) -> TeamReading:
    rule, used, basis = found["rule"], found["used"], found["basis"]
    is_amount = isinstance(used, int | float) and isfinite(used) and used >= 0
    if not (isinstance(rule, str) and isinstance(basis, str) and is_amount):
        raise ValueError(found)
    return TeamReading(
        rule, float(used), _moment(found["startsAtMs"]), _moment(found["measuredAtMs"]), basis
    )


def _moment(at_ms: object) -> datetime:
    if not isinstance(at_ms, int) or not 0 <= at_ms < TOO_LATE_MS:
        raise ValueError(at_ms)
    return to_utc(at_ms)
