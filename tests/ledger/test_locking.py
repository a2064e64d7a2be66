from __future__ import annotations

from pathlib import Path

from spendlight.ledger.locking import alone


def test_something_other_than_a_lock_in_its_place_is_moved_aside(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    for number in (1, 2):
        (lock / f"mine-{number}").mkdir(parents=True)
        with alone(lock):
            assert lock.is_file()
        lock.unlink()

    assert sorted(str(file.relative_to(tmp_path)) for file in tmp_path.glob("*/*")) == [
        "lock-aside-1/mine-1",
        "lock-aside-2/mine-2",
    ]
