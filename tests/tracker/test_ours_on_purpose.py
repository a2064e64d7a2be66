"""Where our figures differ from ccusage's, each with its number in the list of differences."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime

import pytest
from tests.ledger.older import take_back
from tests.makers import LEFT_OUT, OPUS, QUICK, SONNET, encoded, line, progress, record, write_log
from tests.tracker.worlds import NOW, REPORTS, World, at, sums, tokens, total

from spendlight.metering.entry import Role
from spendlight.metering.periods import DateRange
from spendlight.metering.pricing import CostMode
from spendlight.tracker.questions.answers import SessionAnswers
from spendlight.tracker.questions.blocks import LIMIT_OF_FULLEST_BLOCK, Blocks
from spendlight.tracker.questions.periods import Periods
from spendlight.tracker.questions.selection import Selection
from spendlight.tracker.questions.sessions import Sessions

PLAIN: dict[str, object] = {
    "input_tokens": 1000,
    "output_tokens": 100,
    "cache_creation_input_tokens": 0,
    "cache_read_input_tokens": 0,
    "cache_creation": LEFT_OUT,
}


def test_1_every_report_has_the_same_total(world: World) -> None:
    write_log(
        world.root,
        "p/s.jsonl",
        line(requestId=LEFT_OUT),
        line(requestId=LEFT_OUT, timestamp=at(700)),
        line(id="msg_02", isSidechain=True),
    )
    write_log(world.root, "p/t.jsonl", line(id="msg_02", requestId="replay", isSidechain=True))

    assert len(set(sums(world.read()))) == 1


def test_2_a_subagent_seen_in_a_progress_line_alone_counts(world: World) -> None:
    write_log(world.root, "p/s.jsonl", progress(record(isSidechain=True)))

    assert total(world.read()).answers == 1


def test_2_a_subagent_with_a_log_of_its_own_counts_once(world: World) -> None:
    write_log(world.root, "p/s.jsonl", progress(record(isSidechain=True)))
    write_log(world.root, "p/s/subagents/agent-a1.jsonl", line(isSidechain=True))

    assert total(world.read()).answers == 1


def test_7_the_project_is_named_below_the_root_searched(world: World) -> None:
    root = world.make_root("projects/of/ada")
    write_log(root, "engine/s.jsonl", line())

    report = world.read(root).ask(Sessions())

    assert [row.name.project for row in report.rows] == ["engine"]


def test_8_a_model_without_a_price_is_not_free_but_unknown(world: World) -> None:
    write_log(world.root, "p/s.jsonl", line(model="mystery"), line(id="msg_02", **PLAIN))

    spent = total(world.read())

    assert spent.unpriced == ("mystery",)
    assert spent.cost == pytest.approx(1000 * 5e-6 + 100 * 25e-6, rel=1e-9)


@pytest.mark.parametrize(
    ("context", "dollars"),
    [
        pytest.param(200_000, 200_000 * 3e-6 + 100 * 15e-6, id="at-the-threshold"),
        pytest.param(200_001, 200_001 * 6e-6 + 100 * 22.5e-6, id="beyond-it"),
    ],
)
def test_9_the_whole_request_costs_the_long_context_price(
    world: World, context: int, dollars: float
) -> None:
    write_log(world.root, "p/s.jsonl", line(**(PLAIN | {"model": SONNET, "input_tokens": context})))

    assert total(world.read()).cost == pytest.approx(dollars, rel=1e-9)


def test_9_the_cache_counts_towards_the_threshold(world: World) -> None:
    changes = {"model": SONNET, "input_tokens": 1, "cache_read_input_tokens": 200_000}
    write_log(world.root, "p/s.jsonl", line(**(PLAIN | changes)))

    expected = 1 * 6e-6 + 200_000 * 0.6e-6 + 100 * 22.5e-6
    assert total(world.read()).cost == pytest.approx(expected, rel=1e-9)


def test_9_small_requests_do_not_pass_the_threshold_together(world: World) -> None:
    changes = PLAIN | {"model": SONNET, "input_tokens": 150_000}
    write_log(world.root, "p/s.jsonl", *(line(**(changes | {"id": f"m{n}"})) for n in range(4)))

    assert total(world.read()).cost == pytest.approx(4 * (150_000 * 3e-6 + 0.0015), rel=1e-9)


def test_10_the_us_cost_a_tenth_more(world: World) -> None:
    write_log(world.root, "p/s.jsonl", line(**(PLAIN | {"model": QUICK, "inference_geo": "us"})))

    assert total(world.read()).cost == pytest.approx(1.1 * (0.005 + 0.0025), rel=1e-9)


def test_11_web_searches_are_shown_beside_the_cost(world: World) -> None:
    searches = {"server_tool_use": {"web_search_requests": 3}}
    write_log(world.root, "p/s.jsonl", line(**(PLAIN | searches)))

    spent = total(world.read())

    assert spent.web_searches == 3
    assert spent.web_search_cost == pytest.approx(0.03, rel=1e-9)
    assert spent.cost == pytest.approx(0.0075, rel=1e-9)


@pytest.mark.parametrize("name", ["daily", "weekly", "monthly", "session"])
def test_13_the_last_day_of_a_range_is_in_every_report(world: World, name: str) -> None:
    write_log(world.root, "p/s.jsonl", line(timestamp="2026-03-01T23:59:59.999Z"))
    only = DateRange(date(2026, 3, 1), date(2026, 3, 1))

    report = world.read().ask(REPORTS[name]._replace(selection=Selection(days=only)))

    assert len(report.rows) == 1
    assert report.total.answers == 1


def test_13_the_fullest_block_is_a_limit_for_the_active_one_alone_too(world: World) -> None:
    write_log(world.root, "p/s.jsonl", line(timestamp=at(-6000)), line(id="b"), line(id="c"))
    tracker = world.read()

    def limit(*, is_active_only: bool) -> int | None:
        question = Blocks(
            now=NOW,
            token_limit=LIMIT_OF_FULLEST_BLOCK,
            is_active_only=is_active_only,
        )
        return tracker.ask(question).rows[-1].limit_tokens

    assert limit(is_active_only=True) == limit(is_active_only=False) == 21_403


def test_13_recorded_cost_counts_on_days_without_tokens(world: World) -> None:
    nothing = {"input_tokens": 0, "output_tokens": 0, "costUSD": 0.5}
    write_log(world.root, "p/s.jsonl", line(**(PLAIN | nothing)))
    tracker = world.read()

    names = [name for name in REPORTS if name != "session"]
    costs = [tracker.ask(REPORTS[name]).total.cost for name in names]

    assert costs == [0.5] * 4


def test_13_nothing_costs_no_negative_zero(world: World) -> None:
    assert str(total(world.read()).cost) == "0.0"


def test_14_a_deleted_log_stays_counted(world: World) -> None:
    path = write_log(world.root, "p/s.jsonl", line())
    tracker = world.read()
    before = tokens(tracker)

    path.unlink()
    tracker.refresh()

    assert before == tokens(tracker) == tokens(world.tracker())


@pytest.mark.parametrize(
    ("mode", "dollars"),
    [(CostMode.AUTO, 0.5075), (CostMode.CALCULATE, 0.015), (CostMode.DISPLAY, 0.5)],
)
def test_each_cost_mode_has_another_source_of_costs(
    world: World, mode: CostMode, dollars: float
) -> None:
    recorded = line(**(PLAIN | {"id": "msg_02", "costUSD": 0.5}))
    write_log(world.root, "p/s.jsonl", line(**PLAIN), recorded)

    report = world.read().ask(Periods(Selection(mode=mode)))

    assert report.total.cost == pytest.approx(dollars, rel=1e-9)


@pytest.mark.parametrize("year", [2900, 9999])
def test_an_answer_far_in_the_future_stops_no_report(world: World, year: int) -> None:
    far = line(id="far", timestamp=f"{year}-12-31T23:59:59.999Z")
    write_log(world.root, "p/s.jsonl", line(), far)
    tracker = world.read()

    assert len(set(sums(tracker))) == 1
    assert total(tracker).answers + len(tracker.health().problems) == 2


def test_a_request_refused_before_any_output_costs_nothing_in_any_mode(world: World) -> None:
    refused = PLAIN | {"id": "r", "stop_reason": "refusal"}
    write_log(world.root, "p/s.jsonl", line(**(refused | {"output_tokens": 0, "model": QUICK})))
    write_log(world.root, "p/t.jsonl", line(**(refused | {"model": "unheard-of", "id": "u"})))
    tracker = world.read()

    for mode in CostMode:
        report = tracker.ask(Sessions(Selection(mode=mode)))
        costs = {model.label: (model.cost, model.is_priced) for model in report.total.models}
        assert costs[QUICK] == (0.0, True)
        assert costs["unheard-of"] == (0.0, mode is CostMode.DISPLAY)
    assert total(tracker).tokens.input == 2000
    assert len(set(sums(tracker))) == 1
    assert [one.role for one in tracker.ask(SessionAnswers("s"))] == [Role.REFUSED]
    assert [one.role for one in tracker.ask(SessionAnswers("t"))] == [Role.ANSWER]


def test_attempts_and_compactions_are_billed_besides_the_answer(
    world: World,
) -> None:
    steps = [
        {"type": "compaction", "input_tokens": 100_000, "output_tokens": 1000},
        {"type": "message", "model": QUICK, "input_tokens": 1000, "output_tokens": 10},
        {"type": "message", "model": SONNET, "input_tokens": 9999, "output_tokens": 0},
        {"type": "fallback_message", "model": OPUS, "input_tokens": 1000, "output_tokens": 100},
    ]
    write_log(world.root, "p/s.jsonl", line(**PLAIN, iterations=steps))
    write_log(world.root, "p/t.jsonl", line(**PLAIN, iterations=steps))  # a copy: a resumed session
    tracker = world.read()

    spent = total(tracker)
    costs = {model.label: round(model.cost, 9) for model in spent.models}
    assert costs == {OPUS: 0.0075 + 0.525, QUICK: 0.00525}
    assert (spent.answers, spent.tokens.total) == (3, 1100 + 101_000 + 1010)
    assert len(set(sums(tracker))) == 1
    roles = {one.role for one in tracker.ask(SessionAnswers("s"))}
    assert roles == {Role.ANSWER, Role.COMPACTION, Role.ATTEMPT}


def test_a_ledger_with_older_rules_reads_the_logs_again_and_doubles_nothing(
    world: World,
) -> None:
    steps = [
        {"type": "message", "model": QUICK, "input_tokens": 1000, "output_tokens": 10},
        {"type": "fallback_message", "model": OPUS, "input_tokens": 1000, "output_tokens": 100},
    ]
    refused = PLAIN | {"output_tokens": 0, "id": "r"}
    as_it_is = line(**PLAIN, iterations=steps) + line(**refused, stop_reason="refusal")
    as_it_was_read = line(**PLAIN) + line(**refused, stop_reason="end_turn")[:-1]
    log = write_log(world.root, "p/s.jsonl", as_it_was_read.ljust(len(as_it_is) - 1) + b"\n")
    write_log(world.root, "p/other.jsonl", line(**(PLAIN | {"id": "o"})))
    gone = write_log(world.root, "p/gone.jsonl", line(**(PLAIN | {"id": "g"})))
    world.read()
    gone.unlink()
    written = log.stat()
    with log.open("r+b") as file:
        file.write(as_it_is)
    os.utime(log, ns=(written.st_atime_ns, written.st_mtime_ns))
    assert world.tracker().refresh().new_answers == 0  # no change is visible
    with closing(sqlite3.connect(world.place / "data" / "ledger.sqlite3")) as connection:
        take_back(connection, 6)

    tracker = world.read()

    spent = total(tracker)
    costs = {model.label: round(model.cost, 9) for model in spent.models}
    assert costs == {OPUS: 3 * 0.0075, QUICK: 0.00525}
    assert spent.answers == 5
    assert len(set(sums(tracker))) == 1
    assert tracker.verify().is_good
    assert tracker.refresh().new_answers == 0


def test_an_answer_at_the_earliest_time_stops_no_report(world: World) -> None:
    write_log(world.root, "p/s.jsonl", line(timestamp="1970-01-01T00:00:00Z"))
    tracker = world.read()

    assert tracker.ask(Periods()).rows[0].start == date(1970, 1, 1)
    assert len(set(sums(tracker))) == 1


def test_aliases_rename_and_price_a_model(world: World) -> None:
    write_log(world.root, "p/s.jsonl", line(**(PLAIN | {"model": "my-proxy-model"})))
    environ = {
        "CLAUDE_CONFIG_DIR": str(world.root),
        "CCUSAGE_MODEL_ALIASES": f'{{"my-proxy-model": "{OPUS}"}}',
    }

    spent = total(world.read(environ=environ))

    assert [model.label for model in spent.models] == [OPUS]
    assert spent.cost == pytest.approx(0.0075, rel=1e-9)


def test_the_answers_of_a_session_can_be_listed(world: World) -> None:
    write_log(world.root, "p/one.jsonl", line(id="b", timestamp=at(5)), line(id="a"))
    write_log(world.root, "p/two.jsonl", line(id="c"))
    tracker = world.read()

    answers = tracker.ask(SessionAnswers("one"))

    assert [answer.at for answer in answers] == [
        datetime(2026, 3, 1, 12, 0, tzinfo=UTC),
        datetime(2026, 3, 1, 12, 5, tzinfo=UTC),
    ]
    assert tracker.ask(SessionAnswers("none")) == ()


def test_a_line_without_an_answer_counts_nothing(world: World) -> None:
    write_log(world.root, "p/s.jsonl", encoded({"type": "user", "message": {"usage": "none"}}))

    assert total(world.read()).answers == 0
