"""Session-block files with invalid or unusual contents."""

from __future__ import annotations

import json
import os

import pytest
from tests.tracker.block_files import block, bounds, write
from tests.tracker.worlds import World, tokens


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("{", "it is not valid JSON"),
        ("[" * 100_000, "it is not valid JSON"),
        ("7", "it contains no blocks"),
        ("[7]", "block 1: it is not an object"),
        ('[{"startTime": "noon"}]', "block 1: startTime is not a time"),
        ('[{"startTime": 10}]', "block 1: startTime is not a time"),
        (
            json.dumps([block(0, 300, startTime="9999-12-31T20:00:00Z")]),
            "block 1: startTime is after 2199",
        ),
        (
            json.dumps([block(0, 300, endTime="2200-01-01T00:00:00Z")]),
            "block 1: endTime is after 2199",
        ),
        (json.dumps([block(10, 10)]), "block 1: its end is not after its start"),
        (json.dumps([block(0, 2000)]), "block 1: its end is not after its start"),
        (json.dumps([block(0, 300, (-1, 0, 0, 0))]), "block 1: inputTokens is not a number of"),
        (json.dumps([block(0, 300, (0, 2**63, 0, 0))]), "block 1: outputTokens is not a number of"),
        (json.dumps([block(0, 300, cost=float("inf"))]), "block 1: costUSD is not an amount"),
        (json.dumps([block(0, 300, tokenCounts=[])]), "block 1: tokenCounts is not an object"),
    ],
)
def test_an_invalid_file_is_reported_and_others_are_read(
    world: World, content: str, reason: str
) -> None:
    write(world.root, [block(0, 300)], "session_blocks_0.json")
    path = write(world.root, None)
    path.write_text(content)

    tracker = world.read()
    tracker.refresh()

    (problem,) = tracker.health().problems
    assert problem.path == str(path)
    assert problem.reason.startswith(reason)
    assert tokens(tracker) == 21_510


def test_a_block_without_an_end_lasts_five_hours_and_others_a_day_at_most(world: World) -> None:
    endless = {key: value for key, value in block(0, 0).items() if key != "endTime"}
    write(world.root, [endless, block(400, 400 + 1440)])

    tracker = world.read()

    lengths = [(end - start).total_seconds() / 60 for start, end, _ in bounds(tracker)]
    assert (lengths, tracker.health().problems) == ([300, 1440], ())


def test_a_file_with_a_time_beyond_the_ledgers_range_is_read(world: World) -> None:
    path = write(world.root, [block(0, 300)])
    beyond_ns = 2**63 + 1_000_000_000
    try:
        os.utime(path, ns=(beyond_ns, beyond_ns))
    except OverflowError:
        pytest.skip("no file can have such a time here")
    if path.stat().st_mtime_ns < 2**63:
        pytest.skip("this file system knows no such time")

    assert tokens(world.read()) == 21_510


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
@pytest.mark.parametrize("mtime_s", [-(10**9), 10**10, 2**45])
def test_a_file_may_have_been_written_at_any_time(world: World, mtime_s: int) -> None:
    path = write(world.root, [block(0, 300)])
    os.utime(path, (mtime_s, mtime_s))

    assert len(bounds(world.read())) == 1


def test_a_pipe_with_such_a_name_is_ignored(world: World) -> None:
    write(world.root, [block(0, 300)])
    os.mkfifo(world.root / "usage_tracking" / "session_blocks_2.json")

    assert tokens(world.read()) == 21_510
