from __future__ import annotations

import pickle
import subprocess
import sys
import typing

import pytest

from spendlight.metering.entry import SessionName, TokenCounts
from spendlight.values import NamedTuple


class Ours(NamedTuple):
    """What it is.

    Attributes:
        name: Its name.
    """

    name: str
    size: int | None = None
    parts: tuple[str, ...] = ("a",)

    @property
    def text(self) -> str:
        """Both."""
        return f"{self.name}: {self.size}"

    def bigger(self) -> Ours:
        return self._replace(size=1 + (self.size or 0))

    @classmethod
    def nameless(cls) -> Ours:
        return cls("")


class Theirs(typing.NamedTuple):
    """What it is.

    Attributes:
        name: Its name.
    """

    name: str
    size: int | None = None
    parts: tuple[str, ...] = ("a",)


def test_it_is_like_the_one_of_typing() -> None:
    assert Ours._fields == Theirs._fields
    assert Ours._field_defaults == Theirs._field_defaults
    assert Ours.__doc__ == Theirs.__doc__
    assert list(Ours.__annotations__) == list(Theirs.__annotations__)
    assert repr(Ours("x", 2)) == repr(Theirs("x", 2)).replace("Theirs", "Ours")
    assert (Ours.__module__, Ours.__qualname__) == (__name__, "Ours")
    assert Ours("x", size=2) == ("x", 2, ("a",))
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'name'"):
        Ours()  # type: ignore[call-arg]


def test_it_has_its_methods_and_properties() -> None:
    assert Ours("x", 2).text == "x: 2"
    assert Ours("x").bigger().bigger().size == 2
    assert Ours.nameless() == Ours("")
    assert TokenCounts(1) + TokenCounts(2) == TokenCounts(3)


def test_it_can_be_sent_to_another_process() -> None:
    name = SessionName("p", "p/q", "s")

    assert pickle.loads(pickle.dumps(name)) == name  # noqa: S301  # our own
    assert isinstance(pickle.loads(pickle.dumps(name)), SessionName)  # noqa: S301  # our own


COUNT = """
import typing
made = []
make = typing.NamedTupleMeta.__new__
def counted(kind, name, *rest):
    made.append(name)
    return make(kind, name, *rest)
typing.NamedTupleMeta.__new__ = counted
import spendlight.cli.arguments, spendlight.cli.main, spendlight.cli.world, spendlight.cli.reporting
import spendlight.tracker.questions.periods
print(*made)
"""


def test_a_command_does_not_wait_for_those_of_typing() -> None:
    """Except for those that take a type variable."""
    done = subprocess.run([sys.executable, "-c", COUNT], capture_output=True, text=True, check=True)

    assert set(done.stdout.split()) <= {
        "AnswerRow",
        "BlockRow",
        "Column",
        "PeriodRow",
        "Report",
        "SessionRow",
    }
