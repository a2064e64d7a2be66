"""The index in a segment says the same as its rows, and is trusted as little."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from random import Random

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.makers import line, write_log
from tests.tracker.team.teams import Member, by_hand, segments, team_figures
from tests.tracker.worlds import World, at

from spendlight.team import counting, segment_index
from spendlight.team.indices import Indices
from spendlight.team.segment_index import (
    GROUP,
    BadIndexError,
    SegmentColumns,
    decode,
    encode,
    index_in,
    inserted,
    names_of,
)
from spendlight.team.settling import QUARTER_MS
from spendlight.tracker.questions.periods import Periods

Change = Callable[[bytes], bytes]


def random_line(random: Random, number: int) -> bytes:
    """Return a copy of one of a few answers, whose copies differ in whatever decides."""
    return line(
        id=f"answer-{number}",
        requestId=random.choice(["r1", "r2"]),
        timestamp=at(random.choice([0.0, 42.0, 9000.0])),
        output_tokens=random.randrange(9),
        cache_read_input_tokens=random.choice([0, 150_000, 250_000]),
        isSidechain=random.random() < 0.3,
        **({"costUSD": 0.1} if random.random() < 0.2 else {}),
    )


@pytest.fixture
def team(world: World) -> list[Member]:
    """Return machines that have published random copies of the same answers, twice."""
    random = Random(7)  # noqa: S311  # the same each time
    members = [Member(world, name) for name in "abc"]
    for turn in range(2):
        for member in members:
            for log in range(2):
                lines = [random_line(random, random.randrange(40)) for _ in range(15)]
                write_log(member.roots[0], f"p{log}/{turn}.jsonl", *lines)
            member.publish()
    return members


def reshape(world: World, change: Change) -> None:
    """Change the segments of a team, as if their machines had written them so."""
    for path in segments(world):
        content = change(path.read_bytes())
        number, _, _ = path.name.partition("-")
        path.unlink()
        digest = sha256(content).hexdigest()[:16]
        path.with_name(f"{number}-{digest}.parquet").write_bytes(content)


def without_index(content: bytes) -> bytes:
    """Return a segment as older versions wrote it."""
    index = index_in(content)
    assert index is not None
    end = content.rindex(segment_index.MAGIC)
    start = end - 4 - len(index)
    return content[:start] + content[end + len(segment_index.MAGIC) :]


def with_index(change: Callable[[bytes], bytes]) -> Change:
    """Return what changes the index of a segment."""

    def changed(content: bytes) -> bytes:
        index = index_in(content)
        assert index is not None
        return inserted(without_index(content), change(bytes(index)))

    return changed


def test_figures_are_those_of_the_rows(team: list[Member], world: World) -> None:
    expected = team_figures(team[0].tracker)
    assert team_figures(team[0].tracker, scheduler="here") == expected  # by nothing but the rows
    total = team[0].tracker.team.ask(Periods()).value.total
    assert (total.tokens, total.answers) == by_hand(team)

    reshape(world, without_index)

    assert team_figures(Member(world, "late").tracker) == expected


def test_a_new_segment_changes_as_much_as_all_together(team: list[Member], world: World) -> None:
    random = Random(8)  # noqa: S311  # the same each time
    for turn in range(4):
        lines = [random_line(random, random.randrange(40)) for _ in range(6)]
        member = team[turn % len(team)]
        write_log(member.roots[0], f"p0/late{turn}.jsonl", *lines)
        member.publish()
        step_by_step = team_figures(team[0].tracker)
        assert team_figures(Member(world, f"late{turn}").tracker) == step_by_step


ODD: dict[str, Change] = {
    "nothing": lambda _: b"",
    "noise": lambda index: bytes(byte ^ 0x5A for byte in index),
    "cut off": lambda index: index[: len(index) // 2],
    "another version": lambda index: msgspec.msgpack.encode(
        [99, *msgspec.msgpack.decode(index)[1:]]
    ),
}


@pytest.mark.parametrize("kind", ODD)
def test_rows_count_where_an_index_is_none(team: list[Member], world: World, kind: str) -> None:
    expected = team_figures(team[0].tracker)

    reshape(world, with_index(ODD[kind]))

    assert team_figures(Member(world, "late").tracker) == expected


def made(answers: list[int], **changes: list[int] | list[float]) -> SegmentColumns:
    """Return what the index of a segment with a single group is made of."""
    columns: dict[str, list[int] | list[float]] = {name: [0] for name in GROUP}
    columns |= {"rows": [len(answers)], "moment": [0] * len(answers), "offset": [0] * len(answers)}
    columns |= changes
    arrays = {
        name: np.array(one, float if name == "cost" else np.int64) for name, one in columns.items()
    }
    log = ("", "claude-code", "/r", "/r/projects/p/s.jsonl", "p", "p", "s")
    variants = [("claude-opus-4-5-20251101", False, "", 0)]
    return SegmentColumns([log], variants, [(100_000, 200_000)], arrays, np.array(answers))


IMPOSSIBLE: dict[str, dict[str, list[int] | list[float]]] = {
    "tokens": {"input": [1 << 40]},
    "log": {"log": [1]},
    "variant": {"variant": [7]},
    "time": {"quarter": [1 << 50]},
    "moment": {"moment": [QUARTER_MS]},
    "offset": {"offset": [-5]},
    "thresholds": {"passed": [3]},
    "cost": {"cost": [float("inf")]},
    "reset": {"reset": [-2]},
}


@pytest.mark.parametrize("kind", IMPOSSIBLE)
def test_rows_count_where_an_index_has_what_no_answer_can_have(world: World, kind: str) -> None:
    desk = Member(world, "desk")
    write_log(desk.roots[0], "p/s.jsonl", line(output_tokens=5))
    desk.publish()
    expected = team_figures(desk.tracker)

    reshape(world, with_index(lambda _: encode(made([1], **IMPOSSIBLE[kind]))))

    late = Member(world, "late").tracker
    assert team_figures(late) == expected
    taken_in = late.team.ask(Periods()).taken_in
    assert taken_in is not None
    assert taken_in.unreadable == ()


def test_a_segment_whose_rows_are_not_those_of_its_index_is_named(world: World) -> None:
    desk, lap = Member(world, "desk"), Member(world, "lap")
    same = line(id="same", requestId="r")
    for member in (desk, lap):
        write_log(member.roots[0], "p/s.jsonl", same)
        member.publish()
    key = desk.rows()[0].machine_id
    number = desk.rows()[0].answer

    def lie(_: bytes) -> bytes:
        return encode(made([int(number, 16), 5]))

    path = next(one for one in segments(world) if key in str(one))
    others = {one: one.read_bytes() for one in segments(world) if one != path}
    reshape(world, with_index(lie))
    for one in segments(world):
        if key not in str(one):
            one.unlink()
    for one, content in others.items():
        one.write_bytes(content)

    answer = Member(world, "late").tracker.team.ask(Periods())
    assert answer.value.total.answers == 1
    assert answer.taken_in is not None
    (fault,) = answer.taken_in.unreadable
    assert key in fault.path
    assert "damaged" in fault.reason


def test_a_cache_without_its_segments_is_made_again(team: list[Member], world: World) -> None:
    expected = team_figures(team[0].tracker)
    shutil.rmtree(Path(world.place, "data-a", "team.segments"))
    write_log(team[1].roots[0], "p0/more.jsonl", random_line(Random(1), 3))  # noqa: S311
    team[1].publish()

    found = team_figures(team[0].tracker)

    assert found == team_figures(team[2].tracker)
    assert expected != []


def test_figures_do_not_depend_on_how_many_rows_are_in_memory(
    team: list[Member], world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = team_figures(team[0].tracker)
    monkeypatch.setattr(counting, "ROWS_AT_ONCE", 10)
    assert team_figures(Member(world, "late").tracker) == expected


GROUPS = st.lists(
    st.tuples(
        st.lists(st.integers(0, (1 << 63) - 1), min_size=1, max_size=5),
        st.integers(0, 1 << 40),
        st.integers(0, 1 << 53),
    ),
    max_size=6,
)


@given(GROUPS)
def test_an_index_is_what_was_written(groups: list[tuple[list[int], int, int]]) -> None:
    answers = [answer for each, _, _ in groups for answer in each]
    lengths = [len(each) for each, _, _ in groups]
    columns = {name: np.zeros(len(groups), np.int64) for name in GROUP}
    columns |= {"rows": np.array(lengths, np.int64)}
    columns["output"] = np.array([tokens for _, tokens, _ in groups], np.int64)
    columns["cost"] = np.array([tokens / 7 for _, tokens, _ in groups], float)
    offsets = np.array([offset for each, _, offset in groups for _ in each], np.int64)
    rows = {"moment": np.arange(len(answers)), "offset": offsets}
    log = ("", "a", "r", "p", "x", "y", "z")
    source = SegmentColumns([log], [], [], columns | rows, np.array(answers, np.int64))

    index = decode(encode(source))

    found = Indices({3: index})
    assert found.answer.tolist() == answers
    assert found["output"].tolist() == columns["output"].tolist()
    assert found["cost"].tolist() == columns["cost"].tolist()
    assert found.offset.tolist() == offsets.tolist()
    assert np.bincount(found.group, minlength=len(groups)).tolist() == lengths
    assert names_of(index.names, len(groups)).logs == [log]


@given(st.binary(max_size=200))
def test_bytes_that_are_no_index_are_said_to_be_none(content: bytes) -> None:
    with pytest.raises(BadIndexError):
        decode(content)
