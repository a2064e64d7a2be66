"""The time zone of a single report changes what is shown, but nothing that is stored."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path

import pytest
from tests.cli.shell import TOKENS, Shell
from tests.makers import line
from tests.tracker.worlds import at

from spendlight import paths
from spendlight.ledger.opening import connect
from spendlight.ledger.sums.offsets import kept_offsets

TOKYO_MS = 9 * 3_600_000
SUMS = ("buckets", "day_sums", "block_sums", "session_sums", "session_day_sums", "meta")


@pytest.fixture(autouse=True)
def logs(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    shell.log("p/s.jsonl", line(), line(id="b", timestamp=at(1440)))


def ledger() -> Path:
    return paths.data_dir(os.environ) / "ledger.sqlite3"


def kept() -> list[list[tuple[object, ...]]]:
    """Return all rows of the sums and of their metadata."""
    with closing(connect(ledger())) as connection:
        return [
            connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall()  # noqa: S608  # ours
            for table in SUMS
        ]


@pytest.mark.parametrize("verb", ["daily", "monthly", "session", "blocks"])
def test_the_time_zone_of_a_report_is_not_stored(shell: Shell, verb: str) -> None:
    shell.run("daily")
    sums = kept()
    file = ledger().read_bytes()

    ran = shell.run(verb, "--timezone", "Asia/Tokyo", "--json")

    assert ran.code == 0
    assert kept() == sums
    assert ledger().read_bytes() == file


def test_new_usage_is_added_to_the_sums_of_the_usual_zone_only(shell: Shell) -> None:
    shell.run("daily")
    shell.log("p/t.jsonl", line(id="c"))

    ran = shell.run("daily", "--timezone", "Asia/Tokyo", "--json")

    assert ran.json["totals"]["totalTokens"] == 3 * TOKENS
    with closing(connect(ledger())) as connection:
        assert kept_offsets(connection) == [0]
    assert shell.run("daily", "--json").json["totals"]["totalTokens"] == 3 * TOKENS


def test_a_new_zone_of_the_machine_is_stored(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    shell.run("daily", "--timezone", "Asia/Tokyo")
    with closing(connect(ledger())) as connection:
        assert kept_offsets(connection) == []
    monkeypatch.setenv("TZ", "Asia/Tokyo")

    shell.run("daily")

    with closing(connect(ledger())) as connection:
        assert kept_offsets(connection) == [TOKYO_MS]
