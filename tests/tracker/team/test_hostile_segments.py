"""Segments with the right names that somebody made to do harm: each is named, the rest counts."""

from __future__ import annotations

import os
import struct
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.makers import line, write_log
from tests.tracker.team.teams import Member, folder_of, segments
from tests.tracker.worlds import World

from spendlight.tracker.questions.periods import Periods

STRANGER = "0123456789abcdef"
MARKED = {"spendlight": "segment 1"}
HUGE = 0x0123456789ABCDEF

Change = Callable[[pa.Table, Path], None]


def setting(**values: object) -> Change:
    """Return what writes a segment with columns of one value."""

    def write(table: pa.Table, path: Path) -> None:
        pq.write_table(changed(table, **values), path)

    return write


def changed(table: pa.Table, **values: object) -> pa.Table:
    for name, value in values.items():
        at = table.schema.get_field_index(name)
        column = pa.array([value] * len(table), table.schema.field(name).type)
        table = table.set_column(at, name, column)
    return table


def wide(table: pa.Table, path: Path) -> None:
    columns = {f"column {number}": [1] for number in range(20_000)}
    pq.write_table(pa.table(columns).replace_schema_metadata(MARKED), path)
    assert len(table) == 1


def bomb(table: pa.Table, path: Path) -> None:
    many = pa.concat_tables([changed(table, project="x" * 8_000)] * 20_000).combine_chunks()
    pq.write_table(many, path, compression="zstd", use_dictionary=False)
    assert path.stat().st_size < 1 << 22


def lying(table: pa.Table, path: Path) -> None:
    """Write numbers that are too large, and statistics that deny it."""
    told = changed(table, input=HUGE)
    pq.write_table(told, path, compression="none", use_dictionary=False)
    content = bytearray(path.read_bytes())
    footer = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
    changed_end = content[footer:].replace(struct.pack("<q", HUGE), struct.pack("<q", 9))
    assert changed_end != content[footer:]
    path.write_bytes(content[:footer] + changed_end)


def nested(table: pa.Table, path: Path) -> None:
    pq.write_table(table.set_column(0, "answer", pa.array([{"a": 1}] * len(table))), path)


HOSTILE: dict[str, tuple[Change, str]] = {
    "twenty thousand columns": (wide, "not a segment"),
    "a zip bomb": (bomb, "too large when decompressed"),
    "lying statistics": (lying, "no answer can have"),
    "another type": (nested, "not a segment"),
    "2^63 - 1": (setting(cache_read=2**63 - 1), "no answer can have"),
    "the least number": (setting(input=-(2**63)), "no answer can have"),
    "infinity": (setting(recorded_cost=float("inf")), "no answer can have"),
    "a huge name": (setting(session="x" * 10_000_000), "too large when decompressed"),
}


@pytest.fixture
def desk(world: World) -> Member:
    desk = Member(world, "desk")
    write_log(desk.roots[0], "p/s.jsonl", line())
    desk.publish()
    return desk


def slip_in(world: World, change: Change) -> Path:
    """Publish what somebody made of the first segment, under the name that it should have."""
    first = segments(world)[0]
    part = world.place / "made"
    change(pq.read_table(first), part)
    digest = sha256(part.read_bytes()).hexdigest()[:16]
    month = folder_of(world) / f"machine={STRANGER}" / first.parent.name
    month.mkdir(parents=True, exist_ok=True)
    return part.rename(month / f"00000001-{digest}.parquet")


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_segment_is_named(world: World, desk: Member, kind: str) -> None:
    change, reason = HOSTILE[kind]
    path = slip_in(world, lambda table, made: change(table.replace_schema_metadata(MARKED), made))

    answer = desk.tracker.team.ask(Periods())

    assert answer.value.total.answers == 1
    assert answer.taken_in is not None
    (fault,) = answer.taken_in.unreadable
    assert fault.path.endswith(path.name)
    assert reason in fault.reason


def test_a_valid_segment_with_another_name_does_not_count(world: World, desk: Member) -> None:
    (path,) = segments(world)
    other = path.with_name(f"00000002-{STRANGER}.parquet")
    other.write_bytes(path.read_bytes())

    answer = desk.tracker.team.ask(Periods())

    assert answer.taken_in is not None
    (fault,) = answer.taken_in.unreadable
    assert fault.path.endswith(other.name)
    assert "not complete, or was changed" in fault.reason


def test_any_damaged_byte_is_noticed(world: World, desk: Member) -> None:
    lap = Member(world, "lap")
    (path,) = segments(world)
    whole = path.read_bytes()
    for at in range(4, len(whole), 397):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 64]) + whole[at + 1 :])
        answer = lap.tracker.team.ask(Periods())
        assert answer.value.total.answers == 0
        assert answer.taken_in is not None
        assert len(answer.taken_in.unreadable) == 1
    path.write_bytes(whole)

    assert lap.tracker.team.ask(Periods()).value.total.answers == 1
    assert desk.tracker.team.ask(Periods()).value.total.answers == 1


def test_what_sync_programs_and_others_leave_does_not_count(world: World, desk: Member) -> None:
    (path,) = segments(world)
    for name in (
        f"{path.stem} (lap's conflicted copy 2026-03-01).parquet",
        f"{path.stem}.sync-conflict-20260301-120000-ABCDEFG.parquet",
        f".syncthing.{path.name}.tmp",
        f"~syncthing~{path.name}.tmp",
        f"{path.name}.123-abc.part",
        f"{path.name}.icloud",
    ):
        path.with_name(name).write_bytes(path.read_bytes()[:-10])
    os.mkfifo(path.with_name(f"00000002-{STRANGER}.parquet"))
    path.with_name(f"00000003-{STRANGER}.parquet").symlink_to("/dev/zero")
    path.with_name(f"00000004-{STRANGER}.parquet").symlink_to("nowhere")
    path.with_name(f"00000005-{STRANGER}.parquet").mkdir()
    folder_of(world).joinpath("loop").symlink_to(folder_of(world))

    answer = desk.tracker.team.ask(Periods())

    assert answer.value.total.answers == 1
    assert answer.taken_in is not None
    assert answer.taken_in.unreadable == ()
    assert answer.taken_in.segments == 1


def test_names_cannot_write_to_the_terminal(world: World, desk: Member) -> None:
    slip_in(
        world,
        lambda table, path: pq.write_table(
            changed(table, project="\x1b[2J\nevil", answer=7).replace_schema_metadata(MARKED), path
        ),
    )
    told = folder_of(world) / f"machine={STRANGER}" / "machine.json"
    told.write_text('{"name": "\\u001b[31mred\\n,", "person": ["no text"]}')

    status = desk.tracker.team.status()

    (one,) = (machine for machine in status.machines if machine.key == STRANGER)
    assert (one.label, one.person) == ("[31mred", "unknown")
    assert status.taken_in is not None
    assert status.taken_in.unreadable == ()
