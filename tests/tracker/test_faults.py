"""Failures are reported, and figures are shown whenever possible."""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tests.makers import append, line, write_log
from tests.tracker.worlds import REPORTS, World, causes, total

from spendlight.errors import (
    BadArgumentError,
    LedgerBusyError,
    LedgerError,
    LedgerTooNewError,
    LedgerUnusableError,
    NoClaudeFoundError,
    PriceListError,
)
from spendlight.ledger import opening
from spendlight.tracker.options import TrackerOptions
from spendlight.tracker.questions.sessions import Sessions
from spendlight.tracker.snapshot import DataState
from spendlight.tracker.tracker import UsageTracker


@pytest.fixture
def ledger(world: World) -> Path:
    """The path of the ledger, in a world with one answer."""
    write_log(world.root, "p/s.jsonl", line())
    return world.place / "data" / "ledger.sqlite3"


def from_the_future(ledger: Path) -> None:
    ledger.parent.mkdir()
    with closing(sqlite3.connect(ledger)) as connection:
        connection.execute("PRAGMA user_version = 999")


def of_another_program(ledger: Path) -> None:
    ledger.parent.mkdir()
    with closing(sqlite3.connect(ledger)) as connection:
        connection.execute("CREATE TABLE entries (id)")


def file_for_folder(ledger: Path) -> None:
    ledger.parent.write_text("in the way")


def folder_for_file(ledger: Path) -> None:
    ledger.mkdir(parents=True)


@pytest.mark.parametrize(
    ("break_it", "error"),
    [
        (from_the_future, LedgerTooNewError),
        (of_another_program, LedgerUnusableError),
        (file_for_folder, LedgerUnusableError),
        (folder_for_file, LedgerUnusableError),
    ],
)
def test_without_its_ledger_it_uses_a_temporary_one_and_says_so(
    world: World, ledger: Path, break_it: Callable[[Path], None], error: type[LedgerError]
) -> None:
    break_it(ledger)
    tracker = world.tracker()

    refreshed = tracker.refresh()

    assert refreshed.new_answers == total(tracker).answers == 1
    assert causes(tracker) == [error]
    assert tracker.health().warnings == tracker.warnings
    assert tracker.refresh().new_answers == 0


def test_a_ledger_deleted_while_it_runs_does_not_mean_no_usage(world: World, ledger: Path) -> None:
    tracker = world.read()
    shutil.rmtree(ledger.parent)
    ledger.parent.touch()

    refreshed = tracker.refresh(only=frozenset())  # nothing has changed but the time

    assert refreshed.snapshot.state is not DataState.NO_LOGS
    assert total(tracker).answers == 1
    assert causes(tracker) == [LedgerUnusableError]


@pytest.mark.usefixtures("warnings_ignored")
def test_an_unusable_ledger_is_not_changed(world: World, ledger: Path) -> None:
    of_another_program(ledger)
    before = ledger.read_bytes()

    world.read()

    assert before == ledger.read_bytes()


def test_questions_before_the_first_pass_fill_a_temporary_ledger(
    world: World, ledger: Path
) -> None:
    of_another_program(ledger)
    tracker = world.tracker()

    assert total(tracker).answers == 1
    assert len(tracker.warnings) == 1


def test_a_disk_that_fills_up_leads_to_a_temporary_ledger(
    world: World, ledger: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracker = world.read()
    whole: Callable[..., sqlite3.Connection] = sqlite3.connect

    def small(path: Path, **options: float | None) -> sqlite3.Connection:
        connection = whole(path, **options)
        if Path(path) == ledger:
            connection.execute("PRAGMA max_page_count = 1")
        return connection

    monkeypatch.setattr(sqlite3, "connect", small)
    lines = [line(id=f"m{number}") for number in range(2000)]
    write_log(world.root, "p/t.jsonl", *lines)
    tracker.refresh()

    assert total(tracker).answers == 2001
    assert causes(tracker) == [LedgerUnusableError]
    assert "full" in tracker.warnings[0].title


@pytest.fixture
def busy(ledger: Path, world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Keep a ledger with one answer locked."""
    world.read()
    monkeypatch.setattr(opening, "BUSY_TIMEOUT_S", 0.01)
    with closing(sqlite3.connect(ledger, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield ledger


def test_a_busy_ledger_is_reported(world: World, busy: Path) -> None:
    append(world.root / "projects" / "p" / "s.jsonl", line(id="msg_02"))
    tracker = world.tracker()

    with pytest.raises(LedgerBusyError) as caught:
        tracker.refresh()

    assert str(busy) in caught.value.advice
    assert tracker.warnings == ()


def test_a_busy_ledger_still_answers(world: World, busy: Path) -> None:
    assert busy.exists()
    assert total(world.tracker()).answers == 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other permissions")
def test_the_ledger_is_private(world: World, ledger: Path) -> None:
    tracker = world.read()
    with closing(sqlite3.connect(ledger)) as reader:
        reader.execute("SELECT 1 FROM chunks").fetchall()
        parts = sorted(ledger.parent.glob("ledger*"))

        assert {oct(part.stat().st_mode & 0o777) for part in parts} == {"0o600"}
    assert oct(ledger.parent.stat().st_mode & 0o777) == "0o700"
    assert total(tracker).answers == 1


def test_an_empty_home_is_no_error(world: World) -> None:
    tracker = world.read(environ={"HOME": str(world.place / "nobody")})

    assert total(tracker).answers == 0


def test_a_wrong_claude_config_dir_is_reported(world: World) -> None:
    tracker = world.read(world.place / "nowhere")

    assert total(tracker).answers == 0
    with pytest.raises(NoClaudeFoundError, match="CLAUDE_CONFIG_DIR"):
        tracker.demand_data()


@pytest.mark.parametrize("content", [b"", b"garbage", b"[]", b'{"a": 1}', b"\xff"])
def test_an_invalid_price_list_is_reported(world: World, content: bytes) -> None:
    world.prices_file.write_bytes(content)

    with pytest.raises(PriceListError) as caught:
        world.tracker()

    assert str(world.prices_file) in caught.value.title


def test_a_named_configuration_must_be_readable(world: World) -> None:
    broken = world.place / "ccusage.json"
    broken.write_text("{")

    with pytest.raises(BadArgumentError, match="cannot be read"):
        world.tracker(config_file=broken)


def test_a_configuration_that_was_only_found_may_be_invalid(world: World) -> None:
    (world.root / "ccusage.json").write_text("{")

    assert world.tracker().prices.source.overridden == 0


def test_the_users_own_prices_override_the_list(world: World) -> None:
    (world.root / "ccusage.json").write_text(
        '{"pricingOverrides": {"mine": {"inputCostPerToken": 1e-6, "outputCostPerToken": 1e-6}}}'
    )
    changes = {"cache_creation": None, "cache_creation_input_tokens": 0}
    write_log(
        world.root,
        "p/s.jsonl",
        line(model="mine", input_tokens=7, cache_read_input_tokens=0, output_tokens=3, **changes),
    )

    assert total(world.read()).cost == pytest.approx(10e-6, rel=1e-9)


@pytest.mark.parametrize("mtime_s", [-(10**9), 10**10, 10**12, 2**45])
def test_a_log_may_have_been_written_at_any_time(world: World, mtime_s: int) -> None:
    log = write_log(world.root, "p/s.jsonl", line())
    os.utime(log, (mtime_s, mtime_s))
    tracker = world.read()
    append(log, line(id="later"))
    os.utime(log, (mtime_s, mtime_s))

    tracker.refresh()

    assert total(tracker).answers == 2
    assert tracker.health().unreadable == ()


@pytest.mark.parametrize("count", [2**32, 2**63 - 1])
def test_impossible_counts_are_problems_and_do_not_stop_the_rest(world: World, count: int) -> None:
    insane = [line(id=f"m{number}", output_tokens=count) for number in range(4)]
    write_log(world.root, "p/insane.jsonl", *insane)
    write_log(world.root, "p/sane.jsonl", line())
    tracker = world.read()

    reports = [tracker.ask(question).total for question in REPORTS.values()]

    assert [(total.answers, total.tokens.output) for total in reports] == [(1, 400)] * 5
    assert len(tracker.health().problems) == 4


@pytest.mark.parametrize(
    "usage", [{"output_tokens": 2**32 - 1}, {"server_tool_use": {"web_search_requests": 2**32 - 1}}]
)
def test_the_largest_counts_do_not_stop_the_rest(world: World, usage: dict[str, object]) -> None:
    insane = [line(id=f"m{number}", **usage) for number in range(4)]
    write_log(world.root, "p/insane.jsonl", *insane)
    write_log(world.root, "p/sane.jsonl", line())
    tracker = world.read()

    sessions = tracker.ask(Sessions()).rows

    assert {row.name.session: row.spending.answers for row in sessions} == {"insane": 4, "sane": 1}
    assert sessions[1].spending.tokens.output == 400
    assert [tracker.ask(one).total.answers for one in REPORTS.values()] == [5] * 5


def test_a_tracker_without_options_uses_the_environment_of_the_process(home: Path) -> None:
    write_log(home / ".claude", "p/s.jsonl", line())

    tracker = UsageTracker.open(TrackerOptions(is_offline=True))
    tracker.refresh()

    assert total(tracker).answers == 1
    assert Path(tracker.health().ledger_path).is_relative_to(home)
