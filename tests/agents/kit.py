"""What every agent's cases go through, whatever kinds of logs the agent writes.

A `Case` is a home directory with an agent's files, and what they add up to. `tests.agents.cases`
lists those of all agents; `test_every_agent` has each of them read in one go, in increments, in any
order, cut at any byte, twice, after the files are deleted, and on another machine.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final, NamedTuple

from tests.makers import OPUS, SONNET
from tests.tracker.worlds import World

from spendlight.tracker.questions.sessions import Sessions
from spendlight.tracker.tracker import UsageTracker

GPT: Final = "gpt-test"
GEMINI: Final = "gemini-test"
"""Models of a maker without cache writes; beside `OPUS` and `SONNET`."""

Counts = tuple[int, int, int, int]
"""Input, output with reasoning, cache writes and cache reads."""


class Lines(bytes):
    """A log to which lines are appended."""


class Document(bytes):
    """A document that is rewritten as a whole."""


class Database(tuple[str, ...]):
    """A database, as the statements that make it, each a transaction of its own."""

    __slots__ = ()


class Text(bytes):
    """A file that an agent writes once, and that is no log."""


File = Lines | Document | Database | Text


class Case(NamedTuple):
    """A home directory with the files of an agent, and what they contain.

    Attributes:
        name: What it is about.
        agent: The agent's name in the ledger.
        files: Its files by their paths below the home directory, with "/".
        sessions: The tokens of each session, by its project and id.
        cost: What all of it costs, in dollars; None if that is not known.
        problems: How many things should have been an answer and are not.
        reasoning: How many tokens of the output are of reasoning, in all sessions.
        environ: More environment variables; ``{home}`` is the home directory.
    """

    name: str
    agent: str
    files: Mapping[str, File]
    sessions: Mapping[tuple[str, str], Counts]
    cost: float | None
    problems: int = 0
    environ: Mapping[str, str] = {}
    reasoning: int = 0

    def has(self, kind: type[File]) -> bool:
        """Whether it has a file of some kind."""
        return any(isinstance(file, kind) for file in self.files.values())


def name_of(case: Case) -> str:
    """Return the name of a case in the names of tests."""
    return f"{case.agent}: {case.name}"


def lines(*objects: object) -> Lines:
    """Return a log with an object a line."""
    return Lines(
        b"".join(json.dumps(one, separators=(",", ":")).encode() + b"\n" for one in objects)
    )


def document(value: object) -> Document:
    """Return a document."""
    return Document(json.dumps(value, separators=(",", ":")).encode())


def insert(table: str, *values: object) -> str:
    """Return the statement that adds a row to a table, or replaces one."""
    texts = (
        "NULL" if one is None else repr(one) if isinstance(one, int | float) else f"'{one}'"
        for one in values
    )
    return f"INSERT OR REPLACE INTO {table} VALUES ({', '.join(texts)})"  # noqa: S608  # made here


class AgentHome(World):
    """A place with the home directory of an agent.

    Args:
        place: Where to make it.
        case: Whose files it gets, once they are written.
    """

    def __init__(self, place: Path, case: Case) -> None:
        super().__init__(place)
        prices = json.loads(self.prices_file.read_text())
        for model, price in ((GPT, 2e-6), (GEMINI, 1e-6)):
            prices[model] = {
                "input_cost_per_token": price,
                "output_cost_per_token": price * 8,
                "cache_read_input_token_cost": price / 10,
            }
        self.prices_file.write_text(json.dumps(prices))
        self.case = case
        self.home = place / "home"
        self.home.mkdir(exist_ok=True)

    def open(self, data: str = "data", **changes: Any) -> UsageTracker:  # noqa: ANN401  # any option
        """Return a tracker that has read nothing yet."""
        named = {key: text.format(home=self.home) for key, text in self.case.environ.items()}
        environ = {"HOME": str(self.home), "SPENDLIGHT_MACHINE": "desk"} | named
        return self.tracker(data=data, environ=environ, **changes)

    def count(self, data: str = "data", **changes: Any) -> UsageTracker:  # noqa: ANN401  # any option
        """Return a tracker that has read everything."""
        tracker = self.open(data, **changes)
        tracker.refresh()
        return tracker

    def path(self, name: str) -> Path:
        """Return the path of a file."""
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def write(self, share: float = 1, only: Sequence[str] | None = None) -> None:
        """Write the files, or what there is of them when a share of it has been written.

        Args:
            share: Of a log or document, its first bytes; of a database, its first statements.
            only: Which logs; by default all.
        """
        for name, file in self.case.files.items():
            if only is None or name in only or isinstance(file, Text):
                self.write_part(
                    name, len(file) if isinstance(file, Text) else round(len(file) * share)
                )

    @property
    def logs(self) -> dict[str, Lines | Document | Database]:
        """The files with usage, by their names."""
        files = self.case.files.items()
        return {name: file for name, file in files if not isinstance(file, Text)}

    def write_part(self, name: str, size: int) -> None:
        """Write the first bytes of a file, or execute the first statements of a database."""
        file, path = self.case.files[name], self.path(name)
        if not isinstance(file, Database):
            path.write_bytes(file[:size])
            return
        done = path.with_name(f"{path.name}.done")
        before = int(done.read_text()) if done.exists() else 0
        with closing(sqlite3.connect(path)) as db:
            for statement in file[before:size]:
                db.execute(statement)
                db.commit()
        done.write_text(str(max(size, before)))

    def delete(self) -> None:
        """Delete the files, and the folders that they are in."""
        shutil.rmtree(self.home)
        self.home.mkdir()

    def touch(self) -> None:
        """Give all files another time, as a copy of them would have."""
        for name in self.case.files:
            os.utime(self.home / name, ns=(0, 10**18))


def found(tracker: UsageTracker) -> dict[tuple[str, str], Counts]:
    """Return the tokens of each session, by its project and id."""
    return {
        (row.name.project, row.name.session): (
            row.spending.tokens.input,
            row.spending.tokens.output,
            row.spending.tokens.cache_write,
            row.spending.tokens.cache_read,
        )
        for row in tracker.ask(Sessions()).rows
    }


def cost(tracker: UsageTracker) -> float | None:
    """Return what everything costs, to a millionth of a cent."""
    total = tracker.ask(Sessions()).total
    return round(total.cost, 8) if not total.unpriced else None


def expect(tracker: UsageTracker, case: Case) -> None:
    """Check that everything in a case was counted."""
    assert found(tracker) == case.sessions
    assert tracker.ask(Sessions()).total.reasoning == case.reasoning
    assert cost(tracker) == (None if case.cost is None else round(case.cost, 8))


def shares(count: int) -> Iterator[float]:
    """Yield how much of the files is there at some moments, up to everything."""
    return (step / count for step in range(1, count + 1))


MODELS: Final = (OPUS, SONNET, GPT, GEMINI)
