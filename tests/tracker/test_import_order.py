"""What several files come to depends neither on their order nor on how entries are split."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.ledger.test_buckets import buckets, rebuild
from tests.tracker.machines import Computer
from tests.tracker.worlds import World, figures

from spendlight.logs.claude_code.native import NATIVE
from spendlight.tracker import import_reading, importing
from spendlight.tracker.entry_files import write_json
from spendlight.tracker.entry_rows import EntryRow, Header

MACHINES = [f"{number:016x}" for number in range(1, 4)]
ANSWERS = [f"{number:016x}" for number in range(1, 13)]


@settings(max_examples=5, deadline=None)
@given(st.randoms(use_true_random=False), st.booleans(), st.sampled_from([1, 7, 400_000]))
def test_imports_in_any_order_and_split_come_to_the_same_ledger(
    rng: random.Random,
    is_native: bool,  # noqa: FBT001  # drawn
    most: int,
) -> None:
    rows = [_row(rng) for _ in range(60)]
    rows = list({(row.machine_id, row.path, row.offset): row for row in rows}.values())
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        world = World(Path(folder))
        whole = Computer(world, "whole").read()
        whole.take_in(_written(world, "whole", rows))
        if not is_native:
            patch.setattr(import_reading, "export_reader", lambda: None)
            patch.setattr(NATIVE, "_library", None)
        patch.setattr(importing, "MOST_ENTRIES", most)
        parts = Computer(world, "parts").read()
        files = _split(rng, rows)
        while files:
            some = [files.pop() for _ in range(min(len(files), rng.randrange(1, 4)))]
            parts.take_in(*(_written(world, f"{len(files)}-{i}", f) for i, f in enumerate(some)))

        found = parts.rows()

        assert found == whole.rows()
        assert figures(parts.tracker) == figures(whole.tracker)
        for computer in (whole, parts):
            ledger = world.place / f"data-{computer.name}" / "ledger.sqlite3"
            kept = buckets(ledger)
            rebuild(ledger)
            assert sorted(kept, key=repr) == sorted(buckets(ledger), key=repr)


def _split(rng: random.Random, rows: list[EntryRow]) -> list[list[EntryRow]]:
    """Return the rows in several files, some of them more than once, in any order."""
    files: list[list[EntryRow]] = [[] for _ in range(rng.randrange(1, 9))]
    for row in rows:
        for _ in range(rng.choice((1, 1, 2))):
            rng.choice(files).append(row)
    for file in files:
        rng.shuffle(file)
    return files


def _written(world: World, name: str, rows: list[EntryRow]) -> Path:
    path = world.place / f"{name}.json"
    with path.open("wb") as sink:
        write_json(rows, Header("entries", 1), sink)
    return path


def _row(rng: random.Random) -> EntryRow:
    machine = rng.choice(MACHINES)
    session = f"s{rng.randrange(3)}"
    is_subagent = rng.random() < 0.2
    place = f"/{session}/subagents/a" if is_subagent else f"/{session}"
    output = rng.choice((0, 1, 2, 2**20))
    day, hour, minute = rng.randrange(1, 4), rng.randrange(24), rng.choice((0, 14, 15, 59))
    return EntryRow(
        timestamp=f"2026-03-{day:02}T{hour:02}:{minute:02}:00.000Z",
        machine=f"m{machine[-1]}",
        project="p",
        project_path="p",
        session_id=session,
        model=rng.choice(("claude-sonnet-4-5-20250929", "claude-opus-4-5-20251101")),
        input_tokens=rng.choice((1, 1, 300_000)),
        output_tokens=output,
        reasoning_tokens=rng.choice((0, 0, rng.randrange(output + 1))),
        cache_creation_5m_tokens=0,
        cache_creation_1h_tokens=0,
        cache_read_tokens=rng.choice((0, 5)),
        cost=None,
        recorded_cost=rng.choice((None, None, 0.25)),
        limit_reset=rng.choice((None, None, "2026-03-04T00:00:00.000Z")),
        is_counted=True,
        is_sidechain=is_subagent or rng.random() < 0.1,
        answer=rng.choice(ANSWERS),
        request=rng.choice(("0000000000000001", "0000000000000001", "0000000000000002")),
        path=f"/h/.claude/projects/p{place}.jsonl",
        offset=rng.randrange(40),
        root="/h/.claude",
        machine_id=machine,
    )
