from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

from spendlight.cli.arguments import parse
from spendlight.cli.world import tracker_options


def test_what_was_typed_reaches_the_tracker() -> None:
    words = "--data-dir d --prices p --config c.json -O --exclude-vms --single-thread"

    options = tracker_options(parse([*words.split(), "live"]))

    assert options.data_dir == Path("d")
    assert options.prices_file == Path("p")
    assert options.config_file == Path("c.json")
    assert options.is_offline
    assert not options.with_vms
    assert not options.has_processes


def test_what_was_not_typed_is_left_to_the_tracker(tmp_path: Path) -> None:
    options = tracker_options(parse(["daily", "-z", "Asia/Tokyo", "--data-dir", str(tmp_path)]))

    assert not options.is_offline
    assert options.with_vms
    assert options.has_processes
    assert options.time_zone == ZoneInfo("Asia/Tokyo")
