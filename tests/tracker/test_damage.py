"""Whichever bit of the ledger flips: no report fails, or is wrong without a warning."""

from __future__ import annotations

import os
import random
import shutil
import sys
from contextlib import closing
from pathlib import Path

import pytest
from tests.ledger.older import take_back
from tests.makers import OPUS, QUICK, SONNET, line, write_log
from tests.tracker.worlds import QUESTIONS, World, at, figures, total

from spendlight import errors
from spendlight.errors import LedgerLossError, LedgerMendedError, UsageError
from spendlight.ledger import chunks, page_seals
from spendlight.ledger.answer_search import holding
from spendlight.ledger.opening import connect
from spendlight.ledger.schema import SCHEMA
from spendlight.ledger.usage_ledger import UsageLedger
from spendlight.tracker.tracker import UsageTracker

PAGE_BYTES = 4096
SESSIONS = 12
DAYS_BETWEEN = 40
"""Long enough for many days and blocks."""


class Spoilt:
    """A ledger with more history than the logs, which can be damaged repeatedly."""

    def __init__(self, place: Path) -> None:
        self.world = World(place)
        self.other = self.world.make_root("other")
        self.data = place / "data"
        self.ledger = self.data / "ledger.sqlite3"
        self.seals = page_seals._beside(self.ledger, page_seals.SUFFIX)  # noqa: SLF001  # the real name
        self.logs = [self._log(number) for number in range(SESSIONS)]
        self.read()
        self.tracker().refresh()  # makes the daily backup
        for log in self.logs[::3]:
            log.unlink()
        self.right = figures(self.read())
        self.sound = self.ledger.read_bytes()
        shutil.copytree(self.data, place / "kept")

    def _log(self, number: int) -> Path:
        models = (OPUS, SONNET, QUICK, "mystery-model")
        lines = [
            line(
                id=f"m{number}-{row}",
                requestId=f"r{number}-{row}",
                timestamp=at(number * DAYS_BETWEEN * 1440 + row * 37),
                model=models[(number + row) % 4],
                output_tokens=row * 91 + number,
                cache_read_input_tokens=(row % 3) * 150_000,
            )
            for row in range(9)
        ]
        if number % 4 == 1:  # a copy of the session before, on a side chain
            when = at((number - 1) * DAYS_BETWEEN * 1440)
            lines.append(line(id=f"m{number - 1}-0", timestamp=when, isSidechain=True))
        root = self.world.root if number % 4 else self.other
        return write_log(root, f"project{number % 5}/s{number}.jsonl", *lines, b'{"usage"}\n')

    def tracker(self, *, is_long_lived: bool = False) -> UsageTracker:
        roots = (self.world.root, self.other)
        return self.world.tracker(*roots, is_long_lived=is_long_lived)

    def read(self) -> UsageTracker:
        tracker = self.tracker()
        tracker.read_logs(backs_up=False)
        return tracker

    def restore(self) -> None:
        """Restore the state before the damage."""
        shutil.rmtree(self.data)
        shutil.copytree(self.world.place / "kept", self.data)

    def flip(self, chance: random.Random, page: int, bits: int = 1) -> None:
        """Flip bits in a page; half of the time the first one is in its header."""
        data = bytearray(self.sound)
        for _ in range(bits):
            reach = 100 if chance.random() < 0.5 and not page else PAGE_BYTES
            data[page * PAGE_BYTES + chance.randrange(reach)] ^= 1 << chance.randrange(8)
        self.ledger.write_bytes(data)

    @property
    def pages(self) -> int:
        return len(self.sound) // PAGE_BYTES


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Spoilt:
    return Spoilt(tmp_path_factory.mktemp("spoilt"))


@pytest.fixture
def spoilt(made: Spoilt) -> Spoilt:
    made.restore()
    return made


def kinds(tracker: UsageTracker) -> list[type[UsageError]]:
    return [type(warning) for warning in tracker.warnings]


def rows(tracker: UsageTracker) -> list[object]:
    """Return the raw rows of the five reports, which is faster than `figures`."""
    return [tracker.ask(question).rows for question in QUESTIONS[:5]]


@pytest.mark.slow  # reads all reports five hundred times
def test_five_hundred_flipped_bits_are_repaired_and_reported(spoilt: Spoilt) -> None:
    right = rows(spoilt.read())
    chance = random.Random(11)  # noqa: S311  # it must be reproducible
    for number in range(500):
        spoilt.flip(chance, number % spoilt.pages)

        tracker = spoilt.tracker(is_long_lived=True)
        tracker.read_logs()

        found = rows(tracker)
        tracker.close()
        assert (found, kinds(tracker)) == (right, [LedgerMendedError]), number
    assert spoilt.ledger.read_bytes() == spoilt.sound


@pytest.mark.usefixtures("warnings_ignored")
@pytest.mark.parametrize("bits", [1, 40])
def test_without_page_hashes_damage_is_repaired_from_the_backup(spoilt: Spoilt, bits: int) -> None:
    chance = random.Random(bits)  # noqa: S311  # it must be reproducible
    for page in range(0, spoilt.pages, 4):
        spoilt.restore()
        spoilt.seals.unlink()
        spoilt.flip(chance, page, bits)

        tracker = spoilt.read()

        assert figures(tracker) == spoilt.right, page
        again = spoilt.read()
        assert (figures(again), kinds(again)) == (spoilt.right, []), page


@pytest.mark.usefixtures("warnings_ignored")
def test_without_a_backup_no_figure_is_wrong_without_a_warning(spoilt: Spoilt) -> None:
    chance = random.Random(5)  # noqa: S311  # it must be reproducible
    for page in range(1, spoilt.pages, 4):
        spoilt.restore()
        spoilt.seals.unlink()
        shutil.rmtree(spoilt.data / "backups")
        spoilt.flip(chance, page, 3)

        right = spoilt.right
        for tracker in (spoilt.read(), spoilt.read()):
            found = figures(tracker)
            assert found == right or tracker.warnings, page
            right = found if errors.LedgerReplacedError in kinds(tracker) else right  # is said once


def spoil_chunk(path: Path, log: Path) -> None:
    """Overwrite the entries of a log in the ledger."""
    with closing(connect(path)) as connection:
        connection.execute(
            "UPDATE chunks SET columns = ZEROBLOB(LENGTH(columns)) WHERE file ="
            " (SELECT id FROM files WHERE path = ?)",
            (str(log),),
        )


def test_a_damaged_chunk_is_restored_and_newer_usage_kept(spoilt: Spoilt) -> None:
    newer = write_log(spoilt.world.root, "project0/new.jsonl", line(id="new", output_tokens=77))
    before = figures(spoilt.read())
    newer.unlink()
    spoil_chunk(spoilt.ledger, spoilt.logs[0])

    tracker = spoilt.tracker()
    tracker.verify()

    assert figures(tracker) == before
    (warning,) = tracker.warnings
    assert warning.title.startswith(
        "A damaged part of the usage ledger was restored from the backup of"
    )
    assert spoilt.read().warnings == ()


@pytest.mark.usefixtures("warnings_ignored")
def test_a_loss_is_reported_until_its_log_comes_back(spoilt: Spoilt) -> None:
    log = spoilt.logs[3]
    shutil.rmtree(spoilt.data / "backups")
    spoil_chunk(spoilt.ledger, log)

    spoilt.tracker().verify()

    (warning,) = spoilt.read().warnings
    assert isinstance(warning, LedgerLossError)
    assert warning.title == "9 answers from 2026-06-29 are missing from the figures"
    assert str(log) in warning.advice
    assert total(spoilt.read()).answers == (SESSIONS - 1) * 9
    spoilt._log(3)  # noqa: SLF001  # it comes back
    assert (figures(spoilt.read()), spoilt.read().warnings) == (spoilt.right, ())
    log.unlink()


def test_a_damaged_sum_is_recomputed_for_the_question_that_reads_it(
    spoilt: Spoilt,
) -> None:
    with closing(connect(spoilt.ledger)) as connection:
        connection.execute("UPDATE day_sums SET sums = ZEROBLOB(LENGTH(sums))")
        connection.execute("UPDATE session_sums SET sums = x'00'")
        connection.execute("UPDATE session_day_sums SET sums = x'00'")
        connection.execute("UPDATE block_sums SET sums = ZEROBLOB(LENGTH(sums))")

    tracker = spoilt.read()

    assert figures(tracker) == spoilt.right
    assert kinds(tracker) == [LedgerMendedError]
    assert spoilt.read().warnings == ()


def test_a_damaged_name_is_restored_from_the_backup(spoilt: Spoilt) -> None:
    with closing(connect(spoilt.ledger)) as connection:
        connection.create_function("sign_row", -1, lambda *_: 0)
        connection.execute("UPDATE sessions SET project = 'nobody'")
        connection.execute("UPDATE variants SET name = 'gpt'")

    tracker = spoilt.tracker()
    tracker.verify()

    assert figures(tracker) == spoilt.right
    assert kinds(tracker) == [LedgerMendedError]


def test_a_bug_is_not_treated_as_damage(spoilt: Spoilt) -> None:
    tracker = spoilt.read()

    with pytest.raises(ZeroDivisionError):
        tracker._desk.read(lambda _: 1 // 0)  # noqa: SLF001  # nothing public fails like this

    assert (figures(tracker), tracker.warnings) == (spoilt.right, ())


def test_a_ledger_of_an_earlier_version_is_signed_and_its_damage_found(spoilt: Spoilt) -> None:
    with closing(connect(spoilt.ledger)) as connection:
        take_back(connection, 11)
        connection.execute("UPDATE chunks SET columns = ZEROBLOB(LENGTH(columns)) WHERE id = 1")
        connection.execute("UPDATE buckets SET input = input + 1000 WHERE session = 3")
    spoilt.seals.unlink()

    tracker = spoilt.read()

    assert figures(tracker) == spoilt.right
    assert kinds(tracker) == [LedgerMendedError]
    assert spoilt.read().warnings == ()


def test_the_signature_of_a_chunk_is_checked_whenever_it_is_read(spoilt: Spoilt) -> None:
    with closing(connect(spoilt.ledger)) as connection:
        connection.execute("UPDATE chunks SET last_ms = last_ms + 1 WHERE id = 2")
        with pytest.raises(chunks.DamagedChunkError):
            list(chunks.load(connection, "1"))
        connection.execute("UPDATE chunk_answers SET answers = ZEROBLOB(8) WHERE chunk = 3")
        with pytest.raises(chunks.DamagedChunkError):
            holding(connection, {1})


def test_reading_while_another_process_writes_finds_no_damage(spoilt: Spoilt) -> None:
    with UsageLedger(spoilt.ledger) as other:
        other.note_price_list("one", "of another process", 1)
        assert spoilt.read().warnings == ()
        other.note_price_list("two", "of another process", 2)

    assert page_seals.prove(spoilt.ledger, reads_all=True) is page_seals.Proof.SOUND


def test_a_long_write_ahead_log_is_moved_and_recorded(
    spoilt: Spoilt, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_seals, "CHECKPOINT_BYTES", 1)
    before = spoilt.ledger.read_bytes()
    with UsageLedger(spoilt.ledger) as ledger:
        ledger.name_machine("lovelace")

        assert spoilt.ledger.read_bytes() != before
        assert page_seals.prove(spoilt.ledger, reads_all=True) is page_seals.Proof.SOUND


def test_a_flipped_bit_in_the_schema_is_not_a_newer_version(spoilt: Spoilt) -> None:
    spoilt.seals.unlink()
    with closing(connect(spoilt.ledger)) as connection:
        connection.execute(f"PRAGMA user_version = {SCHEMA ^ 64}")

    assert figures(spoilt.read()) == spoilt.right
    assert spoilt.read().warnings == ()


def test_a_ledger_of_a_newer_version_is_not_changed(spoilt: Spoilt) -> None:
    with closing(connect(spoilt.ledger)) as connection:
        connection.execute(f"PRAGMA user_version = {SCHEMA + 1}")
        connection.execute("UPDATE meta SET value = ? WHERE key = 'schema'", (str(SCHEMA + 1),))
    before = spoilt.ledger.read_bytes()

    tracker = spoilt.read()

    assert "from a newer version" in tracker.warnings[0].title
    assert spoilt.ledger.read_bytes() == before


def test_a_long_lived_tracker_finds_damage_with_the_next_backup(spoilt: Spoilt) -> None:
    tray = spoilt.tracker(is_long_lived=True)
    tray.read_logs()
    data = bytearray(spoilt.sound)
    data[-100] ^= 4
    spoilt.ledger.write_bytes(data)
    for backup in (spoilt.data / "backups").glob("ledger-*"):
        backup.unlink()

    tray.back_up()

    assert kinds(tray) == [LedgerMendedError]
    assert figures(tray) == spoilt.right
    tray.close()


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("ledger.sqlite3-pages", "folder"),
        ("ledger.sqlite3-pages", "pipe"),
        ("ledger.sqlite3-pages-lock", "junk"),
        ("ledger.sqlite3-pages-lock", "folder"),
        ("backups/lock", "junk"),
    ],
)
def test_something_else_in_place_of_hashes_or_locks_costs_no_history(
    name: str, kind: str, spoilt: Spoilt
) -> None:
    if kind == "pipe" and sys.platform == "win32":
        pytest.skip("there are no pipes with names")
    right = rows(spoilt.read())
    place = spoilt.data / name
    place.unlink(missing_ok=True)
    if kind == "junk":
        place.write_bytes(b"neither lock nor hashes " * 300)
    elif kind == "folder":
        place.mkdir()
    else:
        os.mkfifo(place)
    spoilt.ledger.write_bytes(spoilt.sound)  # with another time, so it must be verified again

    tracker = spoilt.read()
    assert (rows(tracker), tracker.warnings) == (right, ())
    spoil_chunk(spoilt.ledger, spoilt.logs[0])
    tracker = spoilt.tracker()
    assert tracker.verify().is_good
    assert (rows(tracker), kinds(tracker)) == (right, [LedgerMendedError])
    assert spoilt.read().warnings == ()


@pytest.mark.usefixtures("warnings_ignored")
@pytest.mark.parametrize("copies", ["with a backup", "without"])
@pytest.mark.parametrize("table", ["variants", "roots", "sessions", "files", "shadows"])
def test_rows_missing_with_their_signatures_change_no_figure(
    table: str, copies: str, spoilt: Spoilt
) -> None:
    with closing(connect(spoilt.ledger)) as connection:
        connection.execute(f"DELETE FROM {table} WHERE id % 2")  # noqa: S608  # names of ours
    spoilt.seals.unlink()
    if copies == "without":
        shutil.rmtree(spoilt.data / "backups")

    tracker = spoilt.read()

    assert figures(tracker) == spoilt.right or (copies == "without" and tracker.warnings)
    assert spoilt.tracker().verify().is_good
    again = spoilt.read()
    assert figures(again) == figures(tracker)
    if copies == "with a backup":
        assert again.warnings == ()


@pytest.mark.parametrize("table", ["sessions", "chunks", "meta", "buckets"])
def test_a_missing_table_is_restored_from_the_backup(table: str, spoilt: Spoilt) -> None:
    with closing(connect(spoilt.ledger)) as connection:
        connection.execute(f"DROP TABLE {table}")
    spoilt.seals.unlink()

    tracker = spoilt.read()

    assert figures(tracker) == spoilt.right
    assert tracker.warnings
    assert spoilt.tracker().verify().is_good
    assert (figures(spoilt.read()), spoilt.read().warnings) == (spoilt.right, ())
