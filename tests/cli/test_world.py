from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from tests.cli.shell import Shell

from spendlight.cli.arguments import parse
from spendlight.cli.world import opened, tracker_options
from spendlight.ledger.backups import daily
from spendlight.tracker.safekeeping import LedgerKeeper


def test_arguments_reach_the_tracker() -> None:
    words = "--data-dir d --prices p --config c.json -O --exclude-vms --single-thread"

    options = tracker_options(parse([*words.split(), "live"]))

    assert options.data_dir == Path("d")
    assert options.prices_file == Path("p")
    assert options.config_file == Path("c.json")
    assert options.is_offline
    assert not options.with_vms
    assert not options.has_threads


def test_omitted_arguments_are_left_to_the_tracker(tmp_path: Path) -> None:
    options = tracker_options(parse(["daily", "-z", "Asia/Tokyo", "--data-dir", str(tmp_path)]))

    assert not options.is_offline
    assert options.with_vms
    assert options.has_threads
    assert options.time_zone == ZoneInfo("Asia/Tokyo")


def test_the_daily_backup_is_made_after_printing(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    printed: list[str] = []

    def watched(back_up: Callable[..., None]) -> Callable[..., None]:
        def watch(keeper: LedgerKeeper, *, is_awaited: bool) -> None:
            printed.append(capsys.readouterr().out)
            back_up(keeper, is_awaited=is_awaited)

        return watch

    ledger = shell.place / "data" / "ledger.sqlite3"
    words = ("daily", "--json", "--data-dir", str(ledger.parent))
    shell.log("p/s.jsonl")
    shell.run(*words)
    assert daily(ledger) == []
    monkeypatch.setattr(LedgerKeeper, "back_up", watched(LedgerKeeper.back_up))

    shell.run(*words)

    assert [text.endswith("}\n") for text in printed] == [True]
    assert len(daily(ledger)) == 1


def test_a_closed_pipe_does_not_prevent_the_backup(shell: Shell) -> None:
    ledger = shell.place / "data" / "ledger.sqlite3"
    arguments = parse(["daily", "--data-dir", str(ledger.parent), "--prices", str(shell.prices)])
    shell.log("p/s.jsonl")

    def leave() -> None:
        with opened(arguments) as world:
            world.read_logs()
            raise BrokenPipeError

    for _ in range(2):
        with pytest.raises(BrokenPipeError):
            leave()

    assert len(daily(ledger)) == 1
