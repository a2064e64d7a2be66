"""The pages that wait in a write-ahead log are found, however many there are."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from spendlight.ledger.opening import connect, transaction
from spendlight.ledger.page_seals import Proof, prove
from spendlight.ledger.usage_ledger import UsageLedger
from spendlight.ledger.waiting_pages import FRAME_BYTES, PAGE_BYTES, pages_waiting

HEADER = 32
MANY = 700


def numbers_in(log: bytes, frames: int) -> set[int]:
    """Return the numbers of pages in the first frames of a log."""
    starts = [HEADER + at * FRAME_BYTES for at in range(frames)]
    return {int.from_bytes(log[start : start + 4], "big") for start in starts}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A write-ahead log of many pages, several of which are in it twice."""
    path = tmp_path_factory.mktemp("whole") / "some.sqlite3"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        connection.execute("CREATE TABLE one (number INTEGER PRIMARY KEY, value BLOB)")
        for number in range(MANY // 3):
            connection.execute("INSERT INTO one VALUES (?, ?)", (number, bytes(PAGE_BYTES)))
        data = Path(f"{path}-wal").read_bytes()
    assert len(data) > HEADER + (MANY + 1) * FRAME_BYTES
    return data


@pytest.fixture
def log(tmp_path: Path, whole: bytes) -> Path:
    """That log in a file of its own."""
    path = tmp_path / "log"
    path.write_bytes(whole)
    return path


@pytest.mark.parametrize("frames", [0, 1, 255, 256, 257, 512, MANY])
@pytest.mark.parametrize("rest", [0, 23, 24, FRAME_BYTES - 1])
def test_all_pages_are_found(log: Path, frames: int, rest: int) -> None:
    """Also the page of a frame that is cut off after its header."""
    data = log.read_bytes()
    os.truncate(log, HEADER + frames * FRAME_BYTES + rest)

    with pages_waiting(log) as pages:
        assert pages() == numbers_in(data, frames + (rest >= 24))


def test_what_is_left_from_an_earlier_log_is_ignored(log: Path) -> None:
    data = bytearray(log.read_bytes())
    for at in range(300, 400):
        data[HEADER + at * FRAME_BYTES + 8] ^= 1  # in the salt
    log.write_bytes(data)

    with pages_waiting(log) as pages:
        assert pages() == numbers_in(bytes(data), 300)


def test_a_damaged_header_means_no_pages(log: Path) -> None:
    data = bytearray(log.read_bytes())
    data[8:12] = b"\xff" * 4  # the size of a page

    log.write_bytes(data)

    with pages_waiting(log) as pages:
        assert pages() == set()


def test_pages_here_and_there_are_recorded(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite3"
    with closing(connect(path)) as connection, transaction(connection):
        rows = ((str(number), "x" * 1_000, 0) for number in range(2_000))
        connection.executemany("INSERT INTO price_lists VALUES (?, ?, ?)", rows)
    assert prove(path, reads_all=True) is Proof.SOUND

    with UsageLedger(path) as ledger:
        for number in (0, 1, 2, 700, 702, 1_100, 1_999):
            ledger.note_price_list(str(number), "y" * 1_000, 1)

    assert prove(path, reads_all=True) is Proof.SOUND
