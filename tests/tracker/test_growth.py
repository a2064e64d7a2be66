"""Four times as many logs, sessions or answers are four times the work, however arranged."""

from __future__ import annotations

import gc
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.makers import LEFT_OUT, append, line, write_log
from tests.tracker.worlds import QUESTIONS, World, at

from spendlight.ledger import answer_search, opening, reader
from spendlight.tracker import read_jobs, refresh

FEW = 150
MANY = 4 * FEW
AT_MOST = 5.5
"""Quadratic work would be sixteen times as much; some grows with a logarithmic factor."""

STEPS_AT_ONCE = 20


class Work:
    """Counts calls in Python, and instructions of SQLite in steps of twenty."""

    def __init__(self) -> None:
        self.calls = 0
        self.steps = 0

    def count_call(self, _frame: object, event: str, _argument: object) -> None:
        self.calls += event in {"call", "c_call"}

    def count_steps(self) -> int:
        self.steps += 1
        return 0


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch) -> Any:  # noqa: ANN401  # a generator
    work = Work()

    def watched(path: Path) -> sqlite3.Connection:
        connection = opening.connect(path)
        connection.set_progress_handler(work.count_steps, STEPS_AT_ONCE)
        return connection

    with monkeypatch.context() as patched:
        patched.setattr(reader, "connect", watched)
        gc.disable()
        before = sys.getprofile()
        sys.setprofile(work.count_call)
        try:
            yield work
        finally:
            sys.setprofile(before)
            gc.enable()


def world_of(place: Path) -> World:
    place.mkdir()
    return World(place)


def logs_of_one_moment(root: Path, count: int) -> None:
    for number in range(count):
        write_log(root, f"p/s{number}.jsonl", line(id=f"m{number}"))


def logs_of_many_projects(root: Path, count: int) -> None:
    for number in range(count):
        write_log(root, f"p{number}/s{number}.jsonl", line(id=f"m{number}", timestamp=at(number)))


def logs_of_many_days(root: Path, count: int) -> None:
    for number in range(count):
        text = line(id=f"m{number}", timestamp=at(-720 * number))
        write_log(root, f"p/s{number}.jsonl", text)


def logs_with_a_model_each(root: Path, count: int) -> None:
    for number in range(count):
        text = line(id=f"m{number}", model=f"model-{number}", timestamp=at(20 * number))
        write_log(root, f"p/s{number}.jsonl", text)


def answers_of_one_moment(root: Path, count: int) -> None:
    write_log(root, "p/s.jsonl", *(line(id=f"m{number}") for number in range(count)))


def requests_of_one_answer(root: Path, count: int) -> None:
    for number in range(count):
        text = line(requestId=f"r{number}", isSidechain=number % 2 == 0)
        write_log(root, f"p/s{number % 9}.jsonl", text)
    write_log(root, "p/s.jsonl", *(line(requestId=f"r{number}") for number in range(count)))


def copies_of_one_answer(root: Path, count: int) -> None:
    for number in range(count):
        write_log(root, f"p/s{number}.jsonl", line(output_tokens=number))


def sessions_as_long_as_all(root: Path, count: int) -> None:
    for number in range(count // 5):
        lines = (line(id=f"m{number}-{m}", timestamp=at(2000 * m)) for m in range(5))
        write_log(root, f"p/s{number}.jsonl", *lines)


def answers_without_a_name(root: Path, count: int) -> None:
    lines = (line(id=LEFT_OUT, timestamp=at(number)) for number in range(count))
    write_log(root, "p/s.jsonl", *lines)


def lines_that_are_none(root: Path, count: int) -> None:
    write_log(root, "p/s.jsonl", *(line(input_tokens=-1) for _ in range(count)))


@pytest.mark.parametrize(
    "make",
    [
        logs_of_one_moment,
        logs_of_many_projects,
        logs_with_a_model_each,
        answers_of_one_moment,
        requests_of_one_answer,
        copies_of_one_answer,
        sessions_as_long_as_all,
        answers_without_a_name,
        lines_that_are_none,
    ],
)
def test_work_is_proportional_to_the_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path, int], None]
) -> None:
    monkeypatch.setattr(
        refresh, "FIRST_COMMIT_S", 1e9
    )  # a part ends depending on its contents only
    done: dict[int, Work] = {}
    for count in (10, FEW, MANY):  # load modules first
        world = world_of(tmp_path / str(count))
        make(world.root, count)
        with counted(monkeypatch) as work:
            tracker = world.read()
            for question in QUESTIONS:
                tracker.ask(question)
        done[count] = work

    assert done[MANY].calls < AT_MOST * done[FEW].calls
    assert done[MANY].steps < AT_MOST * done[FEW].steps


@pytest.mark.parametrize("roots", [1, 2])
def test_the_work_of_one_more_answer_does_not_grow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, roots: int
) -> None:
    monkeypatch.setattr(answer_search, "MOST_CHUNKS_BEHIND", 20)
    done: dict[int, tuple[int, int]] = {}
    for count in (10, FEW, 8 * FEW):  # load modules first
        world = world_of(tmp_path / str(count))
        other = world.make_root("other")
        write_log(other, "p/other.jsonl", line(id="other"), line(output_tokens=-1))
        if roots > 1:  # which the ledger knows then, and the tracker is not asked for
            world.read(other)
        logs_of_many_days(world.root, count)
        with counted(monkeypatch) as work, closing(world.tracker(is_long_lived=True)) as tracker:
            tracker.refresh()
            log = world.root / "projects/p/s0.jsonl"
            for number in range(2):  # the first builds the index
                before = work.calls, work.steps
                append(log, line(id=f"new{number}", timestamp=at(0)))
                refreshed = tracker.refresh(only={str(log)})
                assert refreshed.new_answers == 1
            done[count] = work.calls - before[0], work.steps - before[1]

    for many, few in zip(done[8 * FEW], done[FEW], strict=True):
        assert many < 1.5 * few


def test_a_huge_line_is_searched_a_few_times_whatever_its_contents(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_jobs, "PART_BYTES", 1 << 18)
    done: dict[int, Work] = {}
    for count in (1, 8, 32):
        world = world_of(tmp_path / str(count))
        write_log(world.root, "p/s.jsonl", line(content="x" * (count << 18)), line(id="last"))
        with counted(monkeypatch) as work:
            tracker = world.read()
        assert tracker.ask(QUESTIONS[0]).total.answers == 2
        done[count] = work

    assert done[32].calls < AT_MOST * done[8].calls
