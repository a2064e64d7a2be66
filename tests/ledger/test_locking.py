from __future__ import annotations

from pathlib import Path

from spendlight.ledger.locking import alone


def test_what_stands_in_the_place_of_a_lock_is_moved_aside_and_kept(tmp_path: Path) -> None:
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
