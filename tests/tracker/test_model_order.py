"""A row's models are in the order in which ccusage reads them: log by log, line by line."""

from __future__ import annotations

from contextlib import closing

import pytest
from tests.ledger.older import take_back
from tests.makers import OPUS, QUICK, SONNET, line, write_log
from tests.tracker.worlds import AnyReport, World, at

from spendlight.ledger.opening import connect
from spendlight.ledger.schema import ORDERS_BY_OFFSET
from spendlight.metering.periods import Period
from spendlight.metering.session_names import order_in_session
from spendlight.tracker.questions.blocks import Blocks
from spendlight.tracker.questions.periods import Periods
from spendlight.tracker.questions.sessions import Sessions
from spendlight.tracker.tracker import UsageTracker

BY_LOG = (
    Periods(),
    Periods(by_project=True),
    Periods(period=Period.WEEK),
    Periods(period=Period.MONTH),
    Sessions(),
)


def models(tracker: UsageTracker, question: AnyReport) -> list[str]:
    (row,) = tracker.ask(question).rows
    return [model.label for model in row.spending.models]


@pytest.fixture
def logs(world: World) -> World:
    write_log(
        world.root,
        "p/s1.jsonl",
        line(id="a", model=OPUS, timestamp=at(30)),
        line(id="b", model=QUICK, timestamp=at(20)),
    )
    write_log(world.root, "p/s1/subagents/agent-b.jsonl", line(id="c", model=OPUS, timestamp=at(0)))
    write_log(
        world.root,
        "p/s1/subagents/workflows/wf_a/agent-a.jsonl",
        line(id="d", model="claude-x", timestamp=at(1)),
    )
    write_log(
        world.root, "p/s1/subagents/agent-c.jsonl", line(id="e", model=SONNET, timestamp=at(10))
    )
    return world


@pytest.mark.parametrize("question", BY_LOG)
def test_models_are_in_the_order_of_the_logs(logs: World, question: AnyReport) -> None:
    tracker = logs.read()

    assert models(tracker, question) == [OPUS, QUICK, SONNET, "claude-x"]


def test_models_of_a_block_are_in_the_order_of_time(logs: World) -> None:
    tracker = logs.read()

    assert models(tracker, Blocks()) == [OPUS, "claude-x", SONNET, QUICK]


@pytest.mark.parametrize("question", BY_LOG)
def test_models_are_in_that_order_in_an_older_ledger(logs: World, question: AnyReport) -> None:
    logs.read()
    with closing(connect(logs.place / "data" / "ledger.sqlite3")) as connection:
        connection.execute("UPDATE buckets SET first_offset = 0")
        take_back(connection, ORDERS_BY_OFFSET - 1)

    assert models(logs.read(), question) == [OPUS, QUICK, SONNET, "claude-x"]


def test_places_in_a_session_are_in_the_order_of_the_paths() -> None:
    paths = [
        "p/s1.jsonl",
        "p/s1/subagents/a.jsonl",
        "p/s1/subagents/agent-0a1.jsonl",
        "p/s1/subagents/agent-a.jsonl",
        "p/s1/subagents/agent-acompact-1.jsonl",
        "p/s1/subagents/agent-f00d1.jsonl",
        "p/s1/subagents/b.jsonl",
        "p/s1/subagents/workflows/wf_0/agent-z.jsonl",
        "p/s1/subagents/workflows/wf_a/agent-a.jsonl",
        "p/s1/subagents/z.jsonl",
    ]

    places = [order_in_session(path) for path in paths]

    assert places == sorted(set(places))
    assert places[0] == 0
    assert max(places) + (1 << 32) < 1 << 63
    assert [order_in_session(path.replace("/", "\\")) for path in paths] == places
