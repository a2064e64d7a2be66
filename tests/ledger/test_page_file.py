"""Reading a ledger's file does not drop the locks of this process."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from spendlight.ledger import checking, page_file, page_seals
from spendlight.ledger.page_seals import Proof
from spendlight.ledger.usage_ledger import UsageLedger

READ_NAME = """
import sys
from pathlib import Path
from spendlight.ledger.usage_ledger import UsageLedger

with UsageLedger(Path(sys.argv[1])) as ledger:
    print(ledger.this_machine().name)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "ledger.sqlite3"
    with UsageLedger(path) as ledger:
        ledger.name_machine("ada")
    return path


def name_elsewhere(path: Path) -> str:
    """Return the machine's name as read by another process."""
    command = [sys.executable, "-c", READ_NAME, str(path)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, timeout=60)
    return done.stdout.strip()


def is_proven(path: Path) -> bool:
    return page_seals.prove(path, reads_all=True) is Proof.SOUND


@pytest.mark.skipif(os.name != "posix", reason="locks are a process's there only")
@pytest.mark.parametrize(
    "look",
    [
        pytest.param(is_proven, id="proof"),
        pytest.param(page_seals.seal_all, id="all hashes"),
        pytest.param(lambda path: page_seals._seal(path, [1]), id="one hash"),  # noqa: SLF001  # as when it is tidied
        pytest.param(checking.broken_structure, id="structure"),
    ],
)
def test_reading_the_file_preserves_the_locks_of_a_connection(
    look: Callable[[Path], object], path: Path
) -> None:
    with UsageLedger(path) as ledger:
        ledger.name_machine("grace")

        look(path)

        assert name_elsewhere(path) == "grace"
        ledger.name_machine("lovelace")
        assert name_elsewhere(path) == "lovelace"
    assert name_elsewhere(path) == "lovelace"
    assert is_proven(path)


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="nobody lists open files there")
def test_files_are_closed_when_no_connection_needs_them(path: Path) -> None:
    def count_open() -> int:
        return sum(1 for _ in Path("/proc/self/fd").iterdir())

    before = count_open()
    with UsageLedger(path):
        is_proven(path)
        inside = count_open()
        is_proven(path)
        assert count_open() == inside

    assert count_open() == before


def test_a_connection_collected_meanwhile_does_not_disturb_reading(path: Path) -> None:
    whole = path.read_bytes()
    forgotten = UsageLedger(path)
    forgotten.name_machine("grace")

    with page_file.opened(path) as file:
        first = file.read(100)
        forgotten.close()  # as when garbage is collected, in this very thread
        rest = file.read(len(whole))

    assert first + rest[: len(whole) - 100] == whole[:100] + path.read_bytes()[100 : len(whole)]
    assert is_proven(path)
