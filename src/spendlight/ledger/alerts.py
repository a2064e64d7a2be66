"""Alerts in the ledger: which were delivered, a log of them, and the state of the last check."""

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
"""Enough for years; if the clock is set back further, an alert may be repeated."""

MOST_RECORDS: Final = 1_000
"""More than anybody will scroll through."""

_MEMORY: Final = "memory"
_MUTE: Final = "mute"

_Value = TypeVar("_Value")


class KeptAlerts(NamedTuple):
    """Everything that a ledger keeps about alerts.

    Attributes:
        delivered: Keys, the oldest first.
        log: Outcomes and alerts as they are stored, the oldest first.
        memory: The state at the last check.
        mute: When the user last muted alerts, and for how long.
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
        connection: An open connection to it, if there is one; it stays open on exit.
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
        """Keep all other processes from raising alerts until this one has decided."""
        with translated_errors(self._path), transaction(self._db):
            yield

    def memory(self) -> AlertMemory | None:
        """Return the state at the last check; None if there is none that can be decoded."""
        return self._state(_MEMORY, AlertMemory)

    def mute(self) -> Mute | None:
        """Return the last mute that the user set, whether it is still in force or not."""
        return self._state(_MUTE, Mute)

    def set_mute(self, mute: Mute | None) -> None:
        """Store the mute that the user has set, or that there is none."""
        self._set_state(_MUTE, mute)

    def delivered(self, keys: Iterable[str]) -> set[str]:
        """Return which of these keys have been delivered."""
        with translated_errors(self._path):
            return {
                key
                for key in keys
                if self._db.execute(
                    "SELECT 1 FROM delivered_alerts WHERE key = ?", (key,)
                ).fetchone()
            }

    def deliver(self, keys: Collection[str], records: Collection[AlertRecord]) -> None:
        """Store that keys have been delivered, and what happened. As the only writer."""
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
        """Store the state of a check."""
        self._set_state(_MEMORY, memory)

    def kept(self) -> KeptAlerts:
        """Return everything, for another ledger to take over."""
        with translated_errors(self._path):
            keys = self._db.execute("SELECT key FROM delivered_alerts ORDER BY id").fetchall()
            log = self._db.execute("SELECT fate, alert FROM alert_log ORDER BY id").fetchall()
        return KeptAlerts([key for (key,) in keys], log, self.memory(), self.mute())

    def take_in(self, kept: KeptAlerts) -> None:
        """Take over what another ledger keeps: no alert that it has delivered is repeated.

        Of two states the later one wins. Doing it again changes nothing.
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
        """Return the last alerts, the latest first, without any that cannot be decoded."""
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
    """Decode a text; return None if another version wrote it in a different form."""
    try:
        return msgspec.json.decode(text, type=kind)
    except msgspec.DecodeError:
        return None
