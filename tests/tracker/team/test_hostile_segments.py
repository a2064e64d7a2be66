"""Segments with the right names that somebody made to do harm: each is named, the rest counts."""

from __future__ import annotations

import os
import struct
import tempfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.makers import line, write_log
from tests.tracker.team.teams import Member, folder_of, segments
from tests.tracker.worlds import World

from spendlight.team import checking
from spendlight.team.cache import NewSegment
from spendlight.team.engine import connect, is_readable
from spendlight.team.intake import checked
from spendlight.team.segments import SegmentName
from spendlight.team.settling import MOST_SUM, sum_of
from spendlight.tracker.questions.periods import Periods

STRANGER = "0123456789abcdef"
MARKED = {"spendlight": "segment 1"}
HUGE = 0x0123456789ABCDEF
ZEROS = pa.array([0] * 200_000, pa.int32())

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


def dictionary(table: pa.Table, path: Path) -> None:
    """Write a few names that a million rows have: fifteen gigabytes, if somebody reads them all."""
    many = table.take(ZEROS)
    for name in ("agent", "vm", "root", "path", "project", "project_path", "session", "model"):
        at = many.schema.get_field_index(name)
        many = many.set_column(at, name, pa.DictionaryArray.from_arrays(ZEROS, [name[0] * 8_192]))
    pq.write_table(many, path, compression="zstd")
    assert path.stat().st_size < 1 << 20


def understating(table: pa.Table, path: Path) -> None:
    """Write a zip bomb whose metadata says that it is small."""
    bomb(table, path)
    patch_sizes(path, lambda size: 9_000 if size > 1 << 20 else size)


def making_up(table: pa.Table, path: Path) -> None:
    """Write a zip bomb, one of whose columns takes less than nothing."""
    bomb(table, path)
    patch_sizes(path, lambda size: -size if size > 1 << 20 else size)


def patch_sizes(path: Path, change: Callable[[int], int]) -> None:
    """Change the sizes of columns in the metadata of a segment, when decompressed."""
    metadata = pq.read_metadata(path)
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    sizes = {
        group.column(number).total_uncompressed_size
        for group in groups
        for number in range(metadata.num_columns)
    }
    content = path.read_bytes()
    footer = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
    told = content[footer:]
    for size in sizes:
        if change(size) != size:
            length = len(varint(size))
            assert varint(size) in told
            told = told.replace(varint(size), varint(change(size), length))
    path.write_bytes(content[:footer] + told)


def varint(number: int, length: int = 1) -> bytes:
    """Return a number as Thrift writes it, with at least as many bytes."""
    rest = number << 1 if number >= 0 else (-number << 1) - 1
    found = bytearray()
    while rest > 127 or len(found) < length - 1:
        found.append(rest & 127 | 128)
        rest >>= 7
    found.append(rest)
    return bytes(found)


def nested(table: pa.Table, path: Path) -> None:
    pq.write_table(table.set_column(0, "answer", pa.array([{"a": 1}] * len(table))), path)


HOSTILE: dict[str, tuple[Change, str]] = {
    "twenty thousand columns": (wide, "not a segment"),
    "a zip bomb": (bomb, "too large when decompressed"),
    "a dictionary of long names": (dictionary, "too large when decompressed"),
    "a size below zero": (making_up, "cut off or damaged"),
    "no number": (setting(recorded_cost=float("nan")), "no answer can have"),
    "a time before 1970": (setting(at_ms=-1), "no answer can have"),
    "a hash below zero": (setting(answer=-1), "no answer can have"),
    "lying statistics": (lying, "no answer can have"),
    "another type": (nested, "not a segment"),
    "2^63 - 1": (setting(cache_read=2**63 - 1), "no answer can have"),
    "the least number": (setting(input=-(2**63)), "no answer can have"),
    "infinity": (setting(recorded_cost=float("inf")), "no answer can have"),
    "a huge name": (setting(session="x" * 10_000_000), "too large when decompressed"),
}


@pytest.fixture(scope="module")
def segment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A valid one."""
    world = World(tmp_path_factory.mktemp("segment"))
    desk = Member(world, "desk")
    write_log(desk.roots[0], "p/s.jsonl", line(), line(id="b", project="q"))
    desk.publish()
    return segments(world)[0]


def fault_of(content: bytes) -> str:
    """Return what is wrong with a segment whose name belongs to its contents, or ""."""
    with tempfile.TemporaryDirectory() as folder, connect() as connection:
        path = Path(folder, "segment")
        path.write_bytes(content)
        name = SegmentName(STRANGER, "2026-03", 1, sha256(content).hexdigest()[:16])
        good, faults = checked([NewSegment(name, len(content), path)], connection)
        assert len(good) + len(faults) == 1
        assert faults or is_readable(path)
        return faults.get(name.path, "")


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_a_segment_cut_off_anywhere_is_a_fault(segment: Path, data: st.DataObject) -> None:
    content = segment.read_bytes()
    end = data.draw(st.integers(0, len(content) - 1))

    assert fault_of(content) == ""
    assert fault_of(content[:end]) in {
        "it is cut off or damaged",
        "it is not a segment of a Spendlight team",
    }


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=8)), min_size=1, max_size=4)
)
def test_whatever_is_in_a_segment_is_a_fault_or_can_be_read(
    segment: Path, changes: list[tuple[float, bytes]]
) -> None:
    content = bytearray(segment.read_bytes())
    for place, new in changes:
        at = int(place * (len(content) - len(new)))
        content[at : at + len(new)] = new

    fault_of(bytes(content))


def test_a_bomb_that_denies_it_takes_a_limited_time(
    world: World, desk: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "CHECK_S", 0.01)
    monkeypatch.setattr(checking, "CHECK_S_PER_MB", 0.0)
    slip_in(world, lambda table, made: understating(table.replace_schema_metadata(MARKED), made))

    answer = desk.tracker.team.ask(Periods())

    assert answer.value.total.answers <= 1
    assert answer.taken_in is not None
    assert "too large when decompressed" in {
        one.reason.removeprefix("it is ") for one in answer.taken_in.unreadable
    }


def test_no_sum_is_too_large_for_its_column() -> None:
    with connect() as connection:
        connection.execute("CREATE TABLE sums AS SELECT 1::BIGINT << 62 AS input FROM range(3)")
        statement = " ".join(("SELECT", sum_of("input"), "FROM sums"))
        (found,) = connection.execute(statement).fetchone()

    assert found == MOST_SUM


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
