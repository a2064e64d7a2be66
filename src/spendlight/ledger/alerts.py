"""What the ledger keeps of alerts: which were told, a log of them, and what the last look saw."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, NamedTuple, Self, TypeVar

import msgspec

from spendlight.ledger.checking import translated_errors
from spendlight.ledger.opening import connect, transaction
from spendlight.metering.alert_rules import AlertMemory
from spendlight.metering.budgets import Alert, AlertFate, AlertRecord, Mute

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path
    from types import TracebackType

MOST_KEYS: Final = 10_000
"""Years of them; a clock that is set back further repeats an alert at worst."""

MOST_RECORDS: Final = 1_000
"""More than anybody scrolls through."""

_MEMORY: Final = "memory"
_MUTE: Final = "mute"

_Value = TypeVar("_Value")


class KeptAlerts(NamedTuple):
    """All that a ledger keeps of alerts.

    Attributes:
        delivered: Keys, the oldest first.
        log: Fates and alerts as they are stored, the oldest first.
        memory: What the last look saw.
        mute: The user's last wish to hear nothing.
    """

    delivered: list[str]
    log: list[tuple[str, str]]
    memory: AlertMemory | None
    mute: Mute | None


class AlertStore:
    """The alerts in a ledger; for one thread at a time.

    Every method may raise `LedgerUnusableError` or `LedgerBusyError`.

    Args:
        path: The ledger.
        connection: To it, if there is one already; it stays open when the store is left.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection | None = None) -> None:
        self._path = path
        self._is_guest = connection is not None
        self._db = connect(path) if connection is None else connection

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if not self._is_guest:
            self._db.close()

    @contextmanager
    def as_only_writer(self) -> Iterator[None]:
        """Keep all other processes from telling anything until this one has decided."""
        with translated_errors(self._path), transaction(self._db):
            yield

    def memory(self) -> AlertMemory | None:
        """Return what the last look saw; None where there was none that can be understood."""
        return self._state(_MEMORY, AlertMemory)

    def mute(self) -> Mute | None:
        """Return the user's last wish to hear nothing, whether it still holds or not."""
        return self._state(_MUTE, Mute)

    def set_mute(self, mute: Mute | None) -> None:
        """Remember the user's wish to hear nothing, or that there is none."""
        self._set_state(_MUTE, mute)

    def delivered(self, keys: Iterable[str]) -> set[str]:
        """Return which of some keys are delivered."""
        with translated_errors(self._path):
            return {
                key
                for key in keys
                if self._db.execute(
                    "SELECT 1 FROM delivered_alerts WHERE key = ?", (key,)
                ).fetchone()
            }

    def deliver(self, keys: Collection[str], records: Collection[AlertRecord]) -> None:
        """Remember that keys are delivered, and what came about. As the only writer."""
        if keys:
            self._db.executemany(
                "INSERT OR IGNORE INTO delivered_alerts (key) VALUES (?)", ((key,) for key in keys)
            )
            self._db.execute(
                "DELETE FROM delivered_alerts"
                " WHERE id <= (SELECT MAX(id) FROM delivered_alerts) - ?",
                (MOST_KEYS,),
            )
        if records:
            self._db.executemany(
                "INSERT INTO alert_log (fate, alert) VALUES (?, ?)",
                ((record.fate, _text(record.alert)) for record in records),
            )
            self._db.execute(
                "DELETE FROM alert_log WHERE id <= (SELECT MAX(id) FROM alert_log) - ?",
                (MOST_RECORDS,),
            )

    def remember(self, memory: AlertMemory | None) -> None:
        """Keep what a look has seen."""
        self._set_state(_MEMORY, memory)

    def kept(self) -> KeptAlerts:
        """Return all that there is, to be taken in by another ledger."""
        with translated_errors(self._path):
            keys = self._db.execute("SELECT key FROM delivered_alerts ORDER BY id").fetchall()
            log = self._db.execute("SELECT fate, alert FROM alert_log ORDER BY id").fetchall()
        return KeptAlerts([key for (key,) in keys], log, self.memory(), self.mute())

    def take_in(self, kept: KeptAlerts) -> None:
        """Take in what another ledger keeps: nothing that it has told is told again.

        Of two states the later one holds. Doing so again changes nothing.
        """
        with self.as_only_writer():
            known = set(self._db.execute("SELECT fate, alert FROM alert_log"))
            self.deliver(kept.delivered, ())
            self._db.executemany(
                "INSERT INTO alert_log (fate, alert) VALUES (?, ?)",
                [record for record in kept.log if record not in known],
            )
            memory, mute = self.memory(), self.mute()
            if kept.memory and (memory is None or memory.seen_at < kept.memory.seen_at):
                self.remember(kept.memory)
            if kept.mute and (mute is None or mute.since < kept.mute.since):
                self.set_mute(kept.mute)

    def log(self, count: int) -> tuple[AlertRecord, ...]:
        """Return the last alerts, the latest first, but none that cannot be understood."""
        with translated_errors(self._path):
            rows = self._db.execute(
                "SELECT fate, alert FROM alert_log ORDER BY id DESC LIMIT ?", (count,)
            ).fetchall()
        records: list[AlertRecord] = []
        for fate, text in rows:
            alert = _value(text, Alert)
            if alert is not None and fate in set(AlertFate):
                records.append(AlertRecord(alert=alert, fate=AlertFate(fate)))
        return tuple(records)

    def _state(self, key: str, kind: type[_Value]) -> _Value | None:
        with translated_errors(self._path):
            row = self._db.execute("SELECT value FROM alert_state WHERE key = ?", (key,)).fetchone()
        return None if row is None else _value(row[0], kind)

    def _set_state(self, key: str, value: AlertMemory | Mute | None) -> None:
        with translated_errors(self._path):
            if value is None:
                self._db.execute("DELETE FROM alert_state WHERE key = ?", (key,))
            else:
                self._db.execute(
                    "INSERT OR REPLACE INTO alert_state VALUES (?, ?)", (key, _text(value))
                )


def _text(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _value(text: str, kind: type[_Value]) -> _Value | None:
    """Return what a text says; one of another version may say something else."""
    try:
        return msgspec.json.decode(text, type=kind)
    except msgspec.DecodeError:
        return None
