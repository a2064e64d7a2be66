"""A ledger of a version without limits for counts is cleaned of impossible ones."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from tests.ledger.older import take_back
from tests.makers import OPUS, append, entry, line, write_log
from tests.tracker.worlds import QUESTIONS, World, total

from spendlight.ledger.opening import connect
from spendlight.ledger.schema import BOUNDS_COUNTS
from spendlight.ledger.usage_ledger import Batch, FileMark, UsageLedger
from spendlight.metering.entry import ModelVariant, UsageEntry
from spendlight.metering.packed import pack
from spendlight.tracker.questions.periods import Periods

MOST = 2**63 - 1
MODELS = [ModelVariant(name) for name in (OPUS, "claude-haiku-4-5", "claude-opus-4-1")]


def believe(world: World, log: Path, entries: list[UsageEntry]) -> Path:
    """Write entries into the ledger like an older version; return its path."""
    path = world.place / "data" / "ledger.sqlite3"
    with UsageLedger(path) as ledger:
        mark = ledger.marks()[str(log)]
        found = pack(mark.number, [one._replace(file=mark.number) for one in entries], ())
        variants = {variant.number: variant for variant in MODELS}
        ledger.record(Batch([mark], (), [found], (), variants, ()))
    return path


def make_older(path: Path) -> None:
    """Convert a ledger to the last schema without limits for counts."""
    with closing(connect(path)) as connection:
        take_back(connection, BOUNDS_COUNTS - 1)


def poison() -> list[UsageEntry]:
    """Six answers with 2^63 - 1 tokens, two for each of three models."""
    return [
        entry(answer=10 + n, request=n, offset=1000 + n, variant=MODELS[n % 3].number, input=MOST)
        for n in range(6)
    ]


@pytest.mark.parametrize("is_deleted", [False, True])
def test_answers_with_impossible_counts_become_line_problems(
    world: World, *, is_deleted: bool
) -> None:
    log = write_log(world.root, "p/s.jsonl", line())
    world.read()
    make_older(believe(world, log, poison()))
    if is_deleted:
        log.unlink()

    tracker = world.read()

    reports = [tracker.ask(question).total for question in QUESTIONS]
    assert [(spent.answers, spent.tokens.input) for spent in reports] == [(1, 3)] * len(QUESTIONS)
    problems = tracker.health().problems
    assert len(problems) == (6 if is_deleted else 0)  # existing logs were read once more
    if not is_deleted:
        append(log, line(id="later"))
        tracker.refresh()
        assert total(tracker).answers == 2


def test_impossible_costs_and_numbers_of_searches_are_removed(world: World) -> None:
    log = write_log(world.root, "p/s.jsonl", line())
    world.read()
    odd = [
        entry(answer=20, request=1, offset=1000, recorded_cost=1e308),
        entry(answer=21, request=2, offset=2000, recorded_cost=1e308),
        entry(answer=22, request=3, offset=3000, web_searches=MOST),
    ]
    make_older(believe(world, log, odd))
    log.unlink()

    tracker = world.read()

    spent = tracker.ask(Periods()).total
    assert (spent.answers, spent.web_searches) == (4, 0)
    assert 0 < spent.cost < 1
    assert [problem.is_counted for problem in tracker.health().problems] == [True] * 3


def test_a_ledger_that_still_has_them_answers_nevertheless(world: World) -> None:
    log = write_log(world.root, "p/s.jsonl", line())
    tracker = world.read()
    believe(world, log, poison())

    assert [tracker.ask(one).total.answers for one in QUESTIONS] == [7] * len(QUESTIONS)


def test_marks_fit_whatever_the_file_attributes(world: World) -> None:
    write_log(world.root, "p/s.jsonl", line())
    world.read()
    with UsageLedger(world.place / "data" / "ledger.sqlite3") as ledger:
        (mark,) = ledger.marks().values()
        extreme = FileMark(mark.number, MOST, -MOST, MOST, mark.read_to, mark.fingerprint)
        ledger.record(Batch([extreme], (), (), (), {}, ()))

        assert list(ledger.marks().values()) == [extreme]
