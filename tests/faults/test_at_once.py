"""The tray and three command lines use one ledger simultaneously."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from tests.makers import append, line
from tests.tracker.worlds import World, figures, total

from spendlight.demo import DEMO
from spendlight.demo import write_logs as write_demo
from spendlight.desktop.door import Door
from spendlight.desktop.refresh import RefreshController
from spendlight.desktop.workers import PoolMap, TaskPool

pytestmark = pytest.mark.slow

SMALL = replace(DEMO, days=5, files=60, answers=3_000, target_bytes=8_000_000, resumed_share=0.3)
COMMAND_LINES = 3


@pytest.fixture
def tray(world: World) -> Iterator[RefreshController]:
    """The part of the tray that refreshes, with its threads."""
    pool, parse_map = TaskPool(1), PoolMap(2)
    controller = RefreshController(
        Door(lambda: world.tracker(parse_map=parse_map)).refresh, pool.run
    )
    yield controller
    controller.shut_down()
    pool.shut_down()
    parse_map.shut_down()


def start(world: World) -> subprocess.Popen[str]:
    """Start a command line with the tray's ledger."""
    data = str(world.place / "data")
    options = ["--data-dir", data, "--prices", str(world.prices_file), "--timezone", "UTC"]
    return subprocess.Popen(
        [sys.executable, "-m", "spendlight", "daily", "--json", "--offline", *options],
        env=os.environ | {"CLAUDE_CONFIG_DIR": str(world.root)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_the_tray_and_three_command_lines_count_everything_once(
    qtbot: QtBot, world: World, tray: RefreshController
) -> None:
    write_demo(world.root, SMALL)
    alone = world.read(data="alone")
    expected = total(alone).tokens.total

    programs = [start(world) for _ in range(COMMAND_LINES)]
    qtbot.waitUntil((world.place / "data").exists, timeout=20_000)
    with qtbot.waitSignal(tray.refreshed, timeout=20_000):
        tray.start()
    ran = [program.communicate() for program in programs]

    assert [json.loads(out)["totals"]["totalTokens"] for out, _ in ran] == [expected] * 3
    assert [err for _, err in ran] == [""] * 3
    assert figures(world.tracker()) == figures(alone)


def test_new_usage_meanwhile_counts_once(
    qtbot: QtBot, world: World, tray: RefreshController
) -> None:
    write_demo(world.root, SMALL)
    growing: list[Path] = sorted(world.root.rglob("*.jsonl"))[:8]

    programs = [start(world) for _ in range(COMMAND_LINES)]
    tray.start()
    number = 0
    while any(program.poll() is None for program in programs):
        for log in growing:
            number += 1
            append(log, line(id=f"more_{number}", requestId=f"more_{number}"))
        with qtbot.waitSignal(tray.refreshed, timeout=20_000):
            tray.request()
    for program in programs:
        _, err = program.communicate()
        assert (program.returncode, err) == (0, "")
    world.read()

    assert number
    assert figures(world.tracker()) == figures(world.read(data="alone"))
