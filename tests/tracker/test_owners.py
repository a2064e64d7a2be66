from __future__ import annotations

import random
import tempfile
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.ledger.older import take_back
from tests.makers import LEFT_OUT, append, line, write_log
from tests.tracker.test_parts import shuffled
from tests.tracker.worlds import NOW, World, at

from spendlight.ledger.opening import connect
from spendlight.tracker import read_jobs
from spendlight.tracker.questions.answers import SessionAnswers
from spendlight.tracker.questions.sessions import Sessions
from spendlight.tracker.tracker import UsageTracker

BEFORE = 7
"""The last schema without the sessions that lines name."""


def said(number: int, session: object, **changes: object) -> bytes:
    """Return an answer's line that names a session; its number is also its input tokens."""
    names = {"id": f"m{number}", "requestId": f"r{number}", "timestamp": at(number)}
    return line(**(names | {"input_tokens": number, "sessionId": session} | changes))


def numbers(tracker: UsageTracker, session: str) -> list[int]:
    """Return the numbers of a session's answers."""
    found = [row.tokens.input for row in tracker.ask(SessionAnswers(session))]
    assert len(set(found)) == len(found)
    return sorted(found)


def sessions(tracker: UsageTracker) -> set[str]:
    report = tracker.ask(Sessions())
    return {row.name.session for row in report.rows}


def forget(world: World) -> None:
    """Convert the ledger to the schema of a version that did not record the sessions of answers."""
    with closing(connect(world.place / "data" / "ledger.sqlite3")) as connection:
        take_back(connection, BEFORE)


@pytest.fixture
def agents(world: World) -> list[Path]:
    """The logs of a session, of its subagents beside it, and of another session."""
    return [
        write_log(world.root, "p/s1.jsonl", said(1, "s1")),
        write_log(world.root, "p/agent-a.jsonl", said(2, "s1"), said(3, "s1")),
        write_log(world.root, "p/agent-b.jsonl", said(4, "s1", isSidechain=True)),
        write_log(world.root, "p/agent-c.jsonl", said(5, "s2"), said(6, LEFT_OUT)),
        write_log(world.root, "p/s2.jsonl", said(7, "s2")),
    ]


@pytest.mark.usefixtures("agents")
def test_a_session_includes_the_flat_logs_of_its_subagents(world: World) -> None:
    tracker = world.read()

    assert numbers(tracker, "s1") == [1, 2, 3, 4]
    assert numbers(tracker, "s2") == [5, 7]
    assert numbers(tracker, "agent-c") == [5, 6]
    assert numbers(tracker, "s3") == []
    assert sessions(tracker) == {"s1", "s2", "agent-a", "agent-b", "agent-c"}


def test_subagents_are_included_after_deletion_and_growth(world: World, agents: list[Path]) -> None:
    tracker = world.read()
    append(agents[1], said(8, "s1"))
    append(agents[4], said(9, "s1"), said(10, "s2"))
    tracker.refresh()
    for log in agents:
        log.unlink()

    assert numbers(world.read(), "s1") == [1, 2, 3, 4, 8, 9]
    assert numbers(world.read(), "s2") == [5, 7, 9, 10]


@pytest.mark.usefixtures("agents")
def test_an_older_ledger_learns_sessions_from_the_logs(world: World) -> None:
    write_log(world.root, "p/t1.jsonl", said(7, "t1"))
    world.read()
    forget(world)

    tracker = world.read()

    assert numbers(tracker, "s1") == [1, 2, 3, 4]
    assert numbers(tracker, "t1") == [7]
    assert tracker.snapshot(NOW) == world.read(data="fresh").snapshot(NOW)


@pytest.mark.parametrize("is_first_alone", [False, True])
@pytest.mark.parametrize(("first", "second"), [("a", "b"), ("b", "a")])
def test_a_session_whose_answers_all_count_elsewhere_is_found(
    world: World, first: str, second: str, *, is_first_alone: bool
) -> None:
    history = range(1, 4)
    one = write_log(world.root, f"p/{first}.jsonl", *(said(n, first) for n in history))
    if is_first_alone:
        world.read()
    other = write_log(
        world.root, f"p/{second}.jsonl", *(said(n, second) for n in history), said(4, second)
    )
    tracker = world.read()
    one.unlink()
    other.unlink()

    assert numbers(tracker, first) == [1, 2, 3]
    assert numbers(tracker, second) == [1, 2, 3, 4]
    assert len(tracker.ask(Sessions()).rows) <= 2


def test_a_session_is_found_if_the_counting_copy_is_in_another_root(world: World) -> None:
    other = world.make_root("other")
    write_log(other, "p/a.jsonl", said(1, "a"), said(2, "a"))
    fuller = (said(number, "b", output_tokens=900) for number in (1, 2))
    write_log(world.root, "p/b.jsonl", *fuller)
    tracker = world.read(world.root, other)

    assert numbers(tracker, "a") == numbers(tracker, "b") == [1, 2]
    assert sessions(tracker) == {"b"}
    assert numbers(world.read(other), "a") == [1, 2]
    assert numbers(world.read(other), "b") == []


class Said(NamedTuple):
    """A line: its answer, its log, and the session that it names."""

    number: int
    log: str
    session: str


SAID = st.builds(
    Said, st.integers(1, 6), st.sampled_from("abc"), st.sampled_from(["a", "b", "c", "d"])
)


@settings(max_examples=60, deadline=None)
@given(st.lists(SAID, max_size=12), st.integers(0, 3), st.integers(0, 2**16))
def test_a_session_has_the_answers_of_its_logs_and_those_that_name_it(
    lines: list[Said], steps: int, seed: int
) -> None:
    generator = random.Random(seed)  # noqa: S311  # any will do
    with tempfile.TemporaryDirectory() as place, pytest.MonkeyPatch.context() as patch:
        world = World(Path(place))
        patch.setattr(read_jobs, "PART_BYTES", generator.choice([600, 2000, 1 << 20]))
        for number, one in enumerate(lines):
            path = world.root / "projects" / "p" / f"{one.log}.jsonl"
            path.parent.mkdir(parents=True, exist_ok=True)
            append(path, said(one.number, one.session))
            if steps and number % steps == 0:
                world.read(parse_map=shuffled(seed))
        tracker = world.read(parse_map=shuffled(seed))

        found = {session: numbers(tracker, session) for session in "abcd"}

    copies: dict[tuple[int, str], str] = {}
    for one in lines:  # the first of several copies in one log counts and names the session
        copies.setdefault((one.number, one.log), one.session)
    assert found == {
        session: sorted(
            {number for (number, log), name in copies.items() if session in {log, name}}
        )
        for session in "abcd"
    }
