from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple, cast

import pytest

from spendlight.desktop.door import MANY_ANSWERS, Door
from spendlight.tracker.questions.choices import Choices
from spendlight.tracker.snapshot import Refreshed
from spendlight.tracker.tracker import UsageTracker


class Found(NamedTuple):
    """The part of a pass's result that the door uses."""

    new_answers: int


class Reader:
    """A fake tracker whose passes find a given number of answers."""

    time_zone = None

    def __init__(self) -> None:
        self.finds = 0

    def refresh(self, *_: object) -> Refreshed:
        return cast("Refreshed", Found(self.finds))


@pytest.fixture
def reader() -> Reader:
    return Reader()


@pytest.fixture
def tidied() -> list[str]:
    return []


@pytest.fixture
def make_pass(reader: Reader, tidied: list[str]) -> Callable[[int, frozenset[str] | None], None]:
    door = Door(lambda: cast("UsageTracker", reader), lambda: tidied.append("up"))

    def make(finds: int, only: frozenset[str] | None) -> None:
        reader.finds = finds
        door.refresh(threading.Event(), lambda _: None, only)

    return make


Pass = Callable[[int, frozenset[str] | None], None]
LOG = frozenset({"p/s.jsonl"})


def test_memory_is_released_after_many_new_answers(make_pass: Pass, tidied: list[str]) -> None:
    for _ in range(4):
        make_pass(MANY_ANSWERS // 2, LOG)

    assert len(tidied) == 2


def test_after_few_answers_memory_is_released_with_the_next_minute(
    make_pass: Pass, tidied: list[str]
) -> None:
    make_pass(1, LOG)
    assert not tidied

    make_pass(0, frozenset())
    assert len(tidied) == 1

    make_pass(0, frozenset())
    assert len(tidied) == 1


def test_answers_are_made_within_what_surrounds_them(reader: Reader) -> None:
    made: list[str] = []

    @contextmanager
    def surrounding() -> Iterator[None]:
        made.append("before")
        yield
        made.append("after")

    reader.ask = lambda question: made.append(type(question).__name__)  # type: ignore[attr-defined]
    door = Door(lambda: cast("UsageTracker", reader), while_answering=surrounding)
    door.ask(Choices())

    assert made == ["before", "Choices", "after"]
