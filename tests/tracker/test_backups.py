"""The ledger is backed up and restored, and figures are correct whatever happens to it."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from tests.makers import LEFT_OUT, append, line, write_log
from tests.tracker.backed_up import ANSWERS, tear
from tests.tracker.worlds import World, causes, figures, logs, total, write_logs

from spendlight.errors import (
    BackupFailedError,
    LedgerCorruptError,
    LedgerLossError,
    LedgerReplacedError,
)
from spendlight.ledger import backups
from spendlight.ledger.backups import daily
from spendlight.ledger.usage_ledger import UsageLedger
from spendlight.tracker import safekeeping
from spendlight.tracker.tracker import UsageTracker


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def behead(path: Path) -> None:
    path.write_bytes(bytes(100) + path.read_bytes()[100:])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def spoil_table(name: str) -> Callable[[Path], None]:
    """Return a function that overwrites the first page of a table with garbage."""

    def spoil(path: Path) -> None:
        with closing(sqlite3.connect(path)) as connection:
            page, size = connection.execute(
                "SELECT rootpage, (SELECT page_size FROM pragma_page_size) FROM sqlite_master"
                " WHERE name = ?",
                (name,),
            ).fetchone()
        data = bytearray(path.read_bytes())
        data[(page - 1) * size : page * size] = b"\xa5" * size
        path.write_bytes(data)

    return spoil


def test_only_the_second_pass_makes_a_backup(world: World) -> None:
    write_log(world.root, "p/s.jsonl", line())
    path = world.place / "data" / "ledger.sqlite3"

    world.read()
    assert daily(path) == []
    for _ in range(3):
        world.read()

    assert len(daily(path)) == 1


def test_a_long_lived_tracker_makes_backups_on_request(world: World) -> None:
    write_log(world.root, "p/s.jsonl", line())
    path = world.place / "data" / "ledger.sqlite3"
    world.read()
    tracker = world.read(is_long_lived=True)
    assert daily(path) == []

    for _ in range(3):
        tracker.back_up()

    assert len(daily(path)) == 1
    tracker.close()


@pytest.mark.parametrize(
    "spoil",
    [
        tear,
        truncate,
        behead,
        empty,
        Path.unlink,
        *map(spoil_table, ("files", "chunks", "chunk_answers", "buckets", "meta", "sessions")),
    ],
)
def test_a_damaged_ledger_is_restored_and_filled_from_the_logs(
    world: World, ledger: Path, spoil: Callable[[Path], None]
) -> None:
    before = figures(world.read())
    spoil(ledger)
    tracker = world.read()

    assert figures(tracker) == before
    (warning,) = tracker.warnings
    assert isinstance(warning, LedgerReplacedError)
    assert "was restored from the backup of" in warning.title
    assert "read from the logs again" in warning.advice
    assert tracker.health().ledger_path == str(ledger)
    again = world.read()
    assert figures(again) == before
    assert again.warnings == ()


@pytest.mark.parametrize("spoil", [tear, truncate, behead])
def test_without_a_backup_a_new_ledger_is_filled_from_the_logs(
    world: World, spoil: Callable[[Path], None]
) -> None:
    write_log(world.root, "p/s.jsonl", *(line(id=f"m{n}") for n in range(ANSWERS)))
    before = figures(world.read())
    ledger = world.place / "data" / "ledger.sqlite3"
    spoil(ledger)
    spoilt = ledger.read_bytes()

    tracker = world.read()

    assert figures(tracker) == before
    (warning,) = tracker.warnings
    (kept,) = ledger.parent.glob("ledger-corrupt-*.sqlite3")
    assert kept.read_bytes() == spoilt
    assert "There was no good backup." in warning.advice
    assert warning.advice.endswith(f"The damaged file is kept as {kept}")


def test_the_loss_of_deleted_logs_is_reported(world: World) -> None:
    gone = write_log(world.root, "p/gone.jsonl", line(id="gone"))
    write_log(world.root, "p/s.jsonl", line())
    world.read()
    ledger = world.place / "data" / "ledger.sqlite3"
    gone.unlink()
    spoil_table("chunks")(ledger)

    tracker = world.read()

    assert total(tracker).answers == 1
    assert "Usage from logs deleted before is lost." in tracker.warnings[0].advice
    (said_again,) = world.read().warnings
    assert isinstance(said_again, LedgerLossError)
    assert said_again.title == "1 answer is missing from the figures"
    assert str(gone) in said_again.advice


def test_entries_left_in_a_damaged_ledger_are_recovered(world: World) -> None:
    gone = write_log(world.root, "p/gone.jsonl", line(id="gone"))
    write_log(world.root, "p/s.jsonl", line())
    before = figures(world.read())
    gone.unlink()
    spoil_table("buckets")(world.place / "data" / "ledger.sqlite3")
    tracker = world.read()

    assert figures(tracker) == before
    assert "is lost" not in tracker.warnings[0].advice
    assert world.read().warnings == ()


def test_a_loss_that_cannot_be_determined_is_reported(world: World, ledger: Path) -> None:
    behead(ledger)

    warning = world.read().warnings[0]

    assert "If logs have been deleted since then, their usage is lost." in warning.advice


def test_logs_deleted_before_the_backup_are_not_lost(world: World) -> None:
    gone = write_log(world.root, "p/gone.jsonl", line(id="gone"))
    write_log(world.root, "p/s.jsonl", line())
    world.read()
    world.read()
    gone.unlink()
    ledger = world.place / "data" / "ledger.sqlite3"
    spoil_table("buckets")(ledger)

    tracker = world.read()

    assert total(tracker).answers == 2
    assert "is lost" not in tracker.warnings[0].advice


def test_a_question_restores_a_damaged_ledger(world: World, ledger: Path) -> None:
    tracker = world.read()
    before = figures(tracker)
    spoil_table("buckets")(ledger)

    assert figures(tracker) == before
    assert [type(warning) for warning in tracker.warnings] == [LedgerReplacedError]


def test_an_invalid_write_ahead_log_is_ignored(world: World, ledger: Path) -> None:
    before = figures(world.read())
    ledger.with_name(ledger.name + "-wal").write_bytes(b"\xa5" * 40_000)

    tracker = world.read()

    assert figures(tracker) == before
    assert tracker.warnings == ()


def test_usage_lost_in_a_damaged_write_ahead_log_is_read_again(world: World, ledger: Path) -> None:
    wal = ledger.with_name(ledger.name + "-wal")
    with closing(sqlite3.connect(ledger)) as reader:  # an open connection prevents merging
        reader.execute("SELECT 1 FROM files").fetchall()
        append(world.root / "projects" / "p" / "new.jsonl", line(id="newer"))
        before = figures(world.read())
        torn, whole = wal.read_bytes(), ledger.read_bytes()
    ledger.write_bytes(whole)
    wal.write_bytes(torn[: len(torn) // 2] + b"\xa5" * (len(torn) // 2))

    tracker = world.read()

    assert figures(tracker) == before
    assert tracker.warnings == ()


def test_a_repeatedly_damaged_ledger_is_replaced_by_a_temporary_one(
    world: World, ledger: Path
) -> None:
    tracker = world.read()
    for _ in range(2):
        behead(ledger)
        tracker.refresh()

    assert total(tracker).answers == ANSWERS
    assert causes(tracker) == [LedgerReplacedError, LedgerCorruptError]


def test_a_ledger_that_cannot_be_moved_is_replaced_by_a_temporary_one(
    world: World, ledger: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> Path:
        raise PermissionError

    monkeypatch.setattr(backups, "quarantine", refuse)
    behead(ledger)
    spoilt = ledger.read_bytes()

    tracker = world.read()

    assert total(tracker).answers == ANSWERS
    assert causes(tracker) == [LedgerCorruptError]
    assert ledger.read_bytes() == spoilt


def test_a_failed_backup_is_reported_once_and_stops_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    write_log(world.root, "p/s.jsonl", line())
    monkeypatch.setattr(backups, "back_up", fail)
    tracker = world.read()

    for _ in range(3):
        assert tracker.refresh().is_complete

    (warning,) = tracker.warnings
    assert isinstance(warning, BackupFailedError)
    assert "No space left on device" in warning.title
    assert str(world.place / "data" / "backups") in warning.advice


def test_damage_found_by_a_backup_is_repaired(
    world: World, ledger: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracker = world.read()
    before = figures(tracker)
    write_log(world.root, "q/s.jsonl", line(id="elsewhere"))
    spoil_table("problems")(ledger)

    class Tomorrow(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            assert tz is UTC
            return datetime.now(UTC) + timedelta(days=1)

    monkeypatch.setattr(safekeeping, "datetime", Tomorrow)
    monkeypatch.setattr(UsageLedger, "glance", lambda _: None)
    tracker = world.read()

    assert [type(warning) for warning in tracker.warnings] == [LedgerReplacedError]
    assert total(tracker).answers == ANSWERS + 1
    assert figures(tracker) != before


@pytest.mark.usefixtures("warnings_ignored")
def test_a_temporary_ledger_is_not_backed_up(world: World) -> None:
    write_log(world.root, "p/s.jsonl", line())
    (world.place / "data").write_text("in the way")
    tracker = world.read()
    tracker.refresh()

    assert not (Path(tracker.health().ledger_path).parent / "backups").exists()


@settings(max_examples=60, deadline=None)
@given(earlier=logs(), later=logs())
def test_a_restored_ledger_contains_everything_from_the_logs(
    earlier: dict[str, list[bytes]], later: dict[str, list[bytes]]
) -> None:
    with tempfile.TemporaryDirectory() as place:
        world = World(Path(place))
        write_logs(world.root, earlier)
        tracker: UsageTracker = world.read()
        for name in earlier:
            if name not in later:
                (world.root / "projects" / name).unlink()
        write_logs(world.root, {name: earlier.get(name, []) + later[name] for name in later})

        assert tracker.verify().is_good


def test_a_log_renamed_since_the_last_pass_is_recognized(world: World) -> None:
    log = write_log(world.root, "p/s.jsonl", line(id=LEFT_OUT, requestId=LEFT_OUT), line(id="b"))
    tracker = world.read()
    log.rename(world.root / "projects" / "top.jsonl")

    assert tracker.verify().is_good
    assert total(tracker).answers == 2
