"""What is kept in the ledger of Claude Code's blocks and of each agent's days is right and used."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.makers import NOON, OPUS, append, line, write_log
from tests.tracker.tally_agent import TALLY
from tests.tracker.tally_worlds import Home, count, model, start, write
from tests.tracker.worlds import World

from spendlight.metering.entry import CLAUDE_CODE
from spendlight.metering.periods import Span
from spendlight.tracker.questions.blocks import Blocks
from spendlight.tracker.questions.periods import Periods
from spendlight.tracker.questions.selection import Selection
from spendlight.tracker.tracker import UsageTracker

LATER = datetime(2030, 1, 1, tzinfo=UTC)


def answer(minutes: int) -> bytes:
    """Return the line of an answer of Claude Code's some minutes after noon."""
    moment = datetime.fromisoformat(NOON) + timedelta(minutes=minutes)
    timestamp = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return line(id=f"m{minutes}", requestId=f"r{minutes}", timestamp=timestamp)


def blocks(tracker: UsageTracker) -> list[tuple[int, int, int]]:
    """Return begin, answers and tokens of all blocks."""
    return [
        (row.block.start_ms, row.spending.answers, row.spending.tokens.total)
        for row in tracker.ask(Blocks(now=LATER)).rows
    ]


_MINUTES = st.lists(st.integers(0, 4000), min_size=1, max_size=6, unique=True).map(sorted)


@pytest.mark.usefixtures("tally")
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(of_claude=_MINUTES, of_tally=_MINUTES, more=_MINUTES)
def test_blocks_are_as_if_there_were_no_other_agent(
    tmp_path_factory: pytest.TempPathFactory,
    of_claude: list[int],
    of_tally: list[int],
    more: list[int],
) -> None:
    both = Home(tmp_path_factory.mktemp("home"))
    log = write_log(both.root, "p/s.jsonl", *map(answer, of_claude))
    counts = [count(10 * n, n, minutes=at) for n, at in enumerate(of_tally, 1)]
    run = write(both.tally, "runs/a.jsonl", start(), model(OPUS), *counts)
    both.count()
    append(log, *(answer(10_000 + minutes) for minutes in more))
    append(run, count(9000, 900, minutes=10_000 + more[0]))

    found = blocks(both.count())

    alone = World(tmp_path_factory.mktemp("alone"))
    write_log(alone.root, "p/s.jsonl", log.read_bytes())
    assert found == blocks(alone.read())


def test_blocks_are_kept_whatever_other_agents_there_are(both: Home) -> None:
    write_log(both.root, "p/s.jsonl", answer(0), answer(900))
    write(both.tally, "runs/a.jsonl", start(), model(OPUS), count(10, 1, minutes=5))
    tracker = both.count()

    def kept(source: object) -> int:
        runs = source.ledger.runs_by_block(source.with_blocks().scope, Span(0, 1 << 42, 0))  # type: ignore[attr-defined]
        return len(runs.keys)

    assert tracker._desk.read(kept) == 2  # noqa: SLF001  # that they are kept is seen nowhere
    assert tracker.verify().is_good


def test_days_of_an_agent_are_the_same_over_years_as_one_by_one(both: Home) -> None:
    days = (0, 1, 2, 200, 201, 700)
    write_log(both.root, "p/s.jsonl", *(answer(1440 * day) for day in days))
    write_log(both.root, "p/t.jsonl", *(answer(1440 * day + 30) for day in days[1:]))
    counts = [count(10 * n, n, minutes=1440 * day) for n, day in enumerate(days, 1)]
    write(both.tally, "runs/a.jsonl", start(), model(OPUS), *counts)
    tracker = both.count()

    def told(*agents: str) -> list[tuple[str, int]]:
        found = tracker.ask(Periods(Selection(agents=agents)))
        return [(f"{row.start}", row.spending.tokens.total) for row in found.rows]

    of_claude, of_tally, of_all = told(CLAUDE_CODE), told(TALLY.name), told()
    assert len(of_claude) == len(of_tally) == len(of_all) == len(days)
    assert [tokens for _, tokens in of_tally] == [11] * len(days)
    assert [(day, one + 11) for day, one in of_claude] == of_all


def test_a_period_says_what_each_agent_used(both: Home) -> None:
    write_log(both.root, "p/s.jsonl", answer(0))
    write(
        both.tally, "runs/a.jsonl", start(), model(OPUS), count(10, 1), count(20, 2, minutes=1440)
    )

    first, second = both.count().ask(Periods(with_agents=True)).rows

    assert [(agent, one.tokens.total) for agent, one in first.of_agents] == [
        (CLAUDE_CODE, 21_403),
        (TALLY.name, 11),
    ]
    assert (first.agent, first.spending.tokens.total) == ("", 21_414)
    assert (second.agent, second.spending.tokens.total) == (TALLY.name, 11)
