"""What lies in a team's folder and is no segment is named; the rest counts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.makers import line, write_log
from tests.tracker.team.teams import Member, segments
from tests.tracker.worlds import World

from spendlight.tracker.questions.periods import Periods

Spoil = Callable[[Path], object]


def rewritten(path: Path, change: Callable[[pa.Table], pa.Table], mark: str = "segment 1") -> None:
    table = change(pq.read_table(path))
    pq.write_table(table.replace_schema_metadata({"spendlight": mark}), path)


def with_column(name: str, value: object) -> Spoil:
    def spoil(path: Path) -> None:
        def change(table: pa.Table) -> pa.Table:
            at = table.schema.get_field_index(name)
            column = pa.array([value] * len(table), table.schema.field(name).type)
            return table.set_column(at, name, column)

        rewritten(path, change)

    return spoil


SPOILT: dict[str, tuple[Spoil, str]] = {
    "empty": (lambda path: path.write_bytes(b""), "not a segment"),
    "cut off": (lambda path: path.write_bytes(path.read_bytes()[:-20]), "cut off"),
    "text": (lambda path: path.write_text("PAR1 hello"), "cut off"),
    "damaged": (
        lambda path: path.write_bytes(b"PAR1" + b"\xff" * 500 + path.read_bytes()[504:]),
        "cut off",
    ),
    "foreign": (lambda path: pq.write_table(pa.table({"a": [1]}), path), "not a segment"),
    "newer": (lambda path: rewritten(path, lambda table: table, "segment 2"), "newer version"),
    "fewer columns": (lambda path: rewritten(path, lambda t: t.drop(["role"])), "not a segment"),
    "many tokens": (with_column("output", 2**40), "no answer can have"),
    "negative tokens": (with_column("input", -1), "no answer can have"),
    "null": (with_column("answer", None), "no answer can have"),
    "long name": (with_column("project", "x" * 10_000), "no answer can have"),
    "unknown role": (with_column("role", 9), "no answer can have"),
    "no number": (with_column("recorded_cost", float("nan")), "no answer can have"),
    "far future": (with_column("at_ms", 2**60), "no answer can have"),
}


def test_what_is_wrong_does_not_depend_on_the_other_segments(world: World) -> None:
    spoil, reason = SPOILT["damaged"]
    for name in "abc":
        member = Member(world, name)
        write_log(member.roots[0], "p/s.jsonl", line(id=name))
        member.publish()
    for number, path in enumerate(segments(world)):
        before = path.read_bytes()
        spoil(path)
        taken_in = Member(world, f"late{number}").tracker.team.ask(Periods()).taken_in
        assert taken_in is not None
        assert [reason in one.reason for one in taken_in.unreadable] == [True]
        path.write_bytes(before)


@pytest.mark.parametrize("kind", SPOILT)
def test_is_named_and_the_rest_counts(world: World, kind: str) -> None:
    desk, lap = Member(world, "desk"), Member(world, "lap")
    write_log(desk.roots[0], "p/s.jsonl", line())
    write_log(lap.roots[0], "p/t.jsonl", line(id="b"))
    desk.publish()
    lap.publish()
    path = next(one for one in segments(world) if desk_key(desk) in str(one))
    whole = path.read_bytes()
    spoil, reason = SPOILT[kind]
    spoil(path)

    answer = lap.tracker.team.ask(Periods())

    assert answer.value.total.answers == 1
    assert answer.taken_in is not None
    (fault,) = answer.taken_in.unreadable
    assert fault.path.endswith(path.name)
    assert reason in fault.reason

    path.write_bytes(whole)  # a folder that is being synchronized
    again = lap.tracker.team.ask(Periods())
    assert again.value.total.answers == 2
    assert again.taken_in is not None
    assert again.taken_in.unreadable == ()


def desk_key(machine: Member) -> str:
    return machine.rows()[0].machine_id
