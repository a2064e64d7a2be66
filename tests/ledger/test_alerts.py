from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spendlight.errors import LedgerBusyError
from spendlight.ledger import alerts, opening
from spendlight.ledger.alerts import AlertStore, KeptAlerts
from spendlight.ledger.migrations import MIGRATIONS
from spendlight.metering.alert_rules import AlertMemory, RuleMemory
from spendlight.metering.budgets import (
    Alert,
    AlertFate,
    AlertRecord,
    Budget,
    BudgetPeriod,
    Metric,
    Mute,
    Severity,
)

NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite3"


def record(number: int) -> AlertRecord:
    budget = Budget(name="b", amount=50)
    alert = Alert(
        key=f"b|{number}", budget=budget, level=0.8, severity=Severity.WARN, used=40, at=NOW
    )
    return AlertRecord(alert=alert, fate=AlertFate.SHOWN)


def keep(path: Path, *keys: str, records: tuple[AlertRecord, ...] = ()) -> None:
    with AlertStore(path) as store, store.as_only_writer():
        store.deliver(keys, records)


def test_a_new_ledger_has_no_alerts(path: Path) -> None:
    with AlertStore(path) as store:
        assert store.memory() is None
        assert store.mute() is None
        assert store.delivered(["any"]) == set()
        assert store.log(10) == ()


def test_a_ledger_from_before_there_were_alerts_stores_them(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(MIGRATIONS[0])
        connection.execute("PRAGMA user_version = 1")

    keep(path, "one", records=(record(1),))

    with AlertStore(path) as store:
        assert store.delivered(["one", "two"]) == {"one"}
        assert store.log(10) == (record(1),)


def test_delivered_alerts_are_remembered(path: Path) -> None:
    keep(path, "one", "two")
    keep(path, "two", "three")

    with AlertStore(path) as store:
        assert store.delivered(["one", "two", "three", "four"]) == {"one", "two", "three"}


def test_the_alert_log_has_the_latest_first_and_a_limit(path: Path) -> None:
    keep(path, records=(record(1), record(2)))
    keep(path, records=(record(3),))

    with AlertStore(path) as store:
        assert store.log(2) == (record(3), record(2))


def test_the_oldest_keys_and_records_are_deleted(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alerts, "MOST_KEYS", 3)
    monkeypatch.setattr(alerts, "MOST_RECORDS", 2)

    for number in range(5):
        keep(path, str(number), records=(record(number),))

    with AlertStore(path) as store:
        assert store.delivered(map(str, range(5))) == {"2", "3", "4"}
        assert store.log(10) == (record(4), record(3))


def test_ten_thousand_keys_are_remembered(path: Path) -> None:
    keep(path, *map(str, range(10_001)))

    with AlertStore(path) as store:
        assert store.delivered(["0", "1", "10000"]) == {"1", "10000"}


def test_a_mute_is_remembered_until_it_is_ended(path: Path) -> None:
    mute = Mute(NOW, NOW + timedelta(hours=1))
    with AlertStore(path) as store:
        store.set_mute(mute)
    with AlertStore(path) as store:
        assert store.mute() == mute
        store.set_mute(None)
        assert store.mute() is None


@pytest.mark.parametrize("text", ["", "nonsense", "{}", '{"basis":1}', "[]", "null"])
def test_a_state_written_by_another_version_is_ignored(path: Path, text: str) -> None:
    keep(path, records=(record(1),))
    with closing(sqlite3.connect(path)) as connection:
        for key in ("memory", "mute"):
            connection.execute("INSERT INTO alert_state VALUES (?, ?)", (key, text))
        connection.execute("INSERT INTO alert_log VALUES (9, 'shown', ?)", (text,))
        connection.execute("INSERT INTO alert_log SELECT 10, 'sung', alert FROM alert_log LIMIT 1")
        connection.commit()

    with AlertStore(path) as store:
        assert store.memory() is None
        assert store.mute() is None
        assert store.log(10) == (record(1),)


def test_only_one_process_decides_at_a_time(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "BUSY_TIMEOUT_S", 0.01)
    with AlertStore(path) as one, AlertStore(path) as other:
        with (
            one.as_only_writer(),
            pytest.raises(LedgerBusyError),
            other.as_only_writer(),
        ):
            pass
        with other.as_only_writer():
            other.deliver(["now"], ())
        assert one.delivered(["now"]) == {"now"}


def test_an_interrupted_decision_has_no_effect(path: Path) -> None:
    def decide() -> None:
        with AlertStore(path) as store, store.as_only_writer():
            store.deliver(["half"], (record(1),))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        decide()

    with AlertStore(path) as store:
        assert store.delivered(["half"]) == set()
        assert store.log(10) == ()


@pytest.mark.parametrize("seconds", [-1, 0, 1])
def test_when_states_of_two_ledgers_are_merged_the_later_one_wins(path: Path, seconds: int) -> None:
    later = NOW + timedelta(seconds=seconds)
    own, others = memory("own", NOW), memory("others", later)
    own_mute, others_mute = Mute(NOW, NOW + HOUR), Mute(later, NOW + 2 * HOUR)
    with AlertStore(path) as store:
        store.remember(own)
        store.set_mute(own_mute)

        store.take_in(KeptAlerts([], [], others, others_mute))

        assert store.memory() == (others if seconds > 0 else own)
        assert store.mute() == (others_mute if seconds > 0 else own_mute)


def memory(basis: str, seen_at: datetime) -> AlertMemory:
    return AlertMemory(basis=basis, seen_at=seen_at, settled_until=NOW)


_MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # the zone is separate
_NUMBERS = st.floats(0, 1e12)
_LIMITS = st.builds(
    Budget,
    name=st.text(),
    amount=_NUMBERS,
    metric=st.sampled_from(Metric),
    period=st.sampled_from(BudgetPeriod),
    levels=st.lists(st.floats(0.1, 2)).map(tuple),
)
_ALERTS = st.builds(
    Alert,
    key=st.text(),
    budget=_LIMITS,
    level=_NUMBERS,
    severity=st.sampled_from(Severity),
    used=_NUMBERS,
    at=_MOMENTS,
    exhausted_at=st.none() | _MOMENTS,
)
_RULES = st.builds(
    RuleMemory,
    definition=st.text(),
    instance=st.text(),
    resets_at=st.none() | _MOMENTS,
    share=_NUMBERS,
    since=st.none() | _MOMENTS,
)
_MEMORIES = st.builds(
    AlertMemory,
    basis=st.text(),
    seen_at=_MOMENTS,
    settled_until=_MOMENTS,
    rules=st.dictionaries(st.text(), _RULES, max_size=3),
    shown_at=st.none() | _MOMENTS,
    pending=st.none() | _ALERTS,
    held=st.none() | _ALERTS,
)


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_MEMORIES)
def test_a_stored_state_is_read_back_unchanged(path: Path, memory: AlertMemory) -> None:
    with AlertStore(path) as store:
        store.remember(memory)
    with AlertStore(path) as store:
        assert store.memory() == memory
