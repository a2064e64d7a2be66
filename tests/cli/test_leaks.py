"""Where money leaks, on logs whose answers are computed by hand here.

Opus costs 5 dollars a million tokens of input, 6.25 to write to the cache for five minutes, 10 for
an hour, and 0.50 to read from it.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.cli.shell import Shell
from tests.cli.test_json_schemas import holds
from tests.makers import SONNET, encoded, line, price_list

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
EVER = ("--since", "2026-01-01")


def turn(  # noqa: PLR0913  # what a request consists of
    minutes: float,
    *,
    read: int = 0,
    write: int = 0,
    hour: int = 0,
    new: int = 0,
    output: int = 0,
    tools: tuple[str, ...] = (),
    **changes: object,
) -> bytes:
    """Return the line of an answer, so many minutes after noon."""
    at = (NOON + timedelta(minutes=minutes)).isoformat(timespec="milliseconds")
    name = f"{minutes} {changes.get('agentId', '')} {changes.get('sessionId', '')}"
    uses = [{"type": "tool_use", "id": tool, "name": tool, "input": {}} for tool in tools]
    told: dict[str, object] = {
        "id": f"msg_{name}",
        "requestId": f"req_{name}",
        "timestamp": at.replace("+00:00", "Z"),
        "input_tokens": new,
        "output_tokens": output,
        "cache_read_input_tokens": read,
        "cache_creation_input_tokens": write + hour,
        "cache_creation": {"ephemeral_5m_input_tokens": write, "ephemeral_1h_input_tokens": hour},
        "content": uses or [{"type": "text", "text": "Done."}],
    }
    return line(**(told | changes))


def leaks(shell: Shell, *words: str) -> Any:  # noqa: ANN401  # JSON
    told = shell.run("leaks", "--json", *(words or EVER)).json
    holds("leaks", told)
    return told


def facts(leak: dict[str, Any]) -> tuple[int, int, float, float]:
    """Return the figures of a leak, costs in millionths of a dollar."""
    return leak["answers"], leak["tokens"], micro(leak["cost"]), micro(leak["extraCost"])


def micro(dollars: float) -> float:
    return round(dollars * 1e6, 3)


def test_what_no_later_answer_read_from_the_cache_was_written_in_vain(shell: Shell) -> None:
    shell.log(
        "p/s.jsonl",
        turn(0, write=10_000),
        turn(1, read=10_000, write=2_000),
        turn(2, read=11_500, write=1_000),  # 500 of the 2,000 were not read, nor these 1,000
    )

    assert facts(leaks(shell)["unreadCacheWrites"]) == (2, 1_500, 9_375, 1_875)


def test_a_cache_for_an_hour_is_still_read_after_half_of_it(shell: Shell) -> None:
    shell.log("p/s1.jsonl", turn(0, hour=10_000), turn(30, read=10_000))
    shell.log("p/s2.jsonl", turn(1, hour=4_000), turn(62, read=4_000))

    assert facts(leaks(shell)["unreadCacheWrites"]) == (1, 4_000, 40_000, 20_000)


def test_what_another_subagent_reads_first_was_not_in_vain(shell: Shell) -> None:
    for agent, request in {
        "a": turn(0, write=20_000, agentId="a"),
        "b": turn(1, read=5_000, agentId="b"),
    }.items():
        shell.log(f"p/s/subagents/agent-{agent}.jsonl", request)

    assert facts(leaks(shell)["unreadCacheWrites"])[:2] == (1, 15_000)


def test_what_may_still_be_read_is_not_judged(shell: Shell) -> None:
    just = (datetime.now(UTC) - timedelta(minutes=1)).isoformat(timespec="milliseconds")
    shell.log("p/s.jsonl", turn(0, write=9_000, timestamp=just.replace("+00:00", "Z")))

    assert leaks(shell)["unreadCacheWrites"]["answers"] == 0


def test_context_is_sent_again_after_the_cache_has_expired(shell: Shell) -> None:
    shell.log(
        "p/s.jsonl",
        turn(0, write=10_000),
        turn(4, read=10_000, write=500),  # in time
        turn(9.5, write=10_000, new=700),  # 10,000 written again, and 500 sent again as input
        turn(20, read=2_000, write=3_000),  # became shorter: compacted or cleared
    )

    # 10,000 × 6.25 + 500 × 5, against 10,500 × 0.50
    assert facts(leaks(shell)["expiredContext"]) == (1, 10_500, 65_000, 59_750)


def test_a_cache_for_an_hour_does_not_expire_after_five_minutes(shell: Shell) -> None:
    shell.log("p/s1.jsonl", turn(0, hour=10_000), turn(6, hour=10_000))
    shell.log("p/s2.jsonl", turn(1, hour=8_000), turn(62, hour=8_000))

    assert facts(leaks(shell)["expiredContext"]) == (1, 8_000, 80_000, 76_000)


def test_each_model_has_a_cache_of_its_own(shell: Shell) -> None:
    shell.log("p/s.jsonl", turn(0, write=10_000), turn(9, write=10_000, model=SONNET))

    assert leaks(shell)["expiredContext"]["answers"] == 0


def test_long_context_costs_more_for_all_tokens_of_a_request(shell: Shell) -> None:
    shell.log(
        "p/s1.jsonl",
        turn(0, read=250_000, output=1_000, model=SONNET),
        turn(1, read=200_000, output=1_000, model=SONNET),  # not beyond the threshold
        encoded({"type": "ai-title", "aiTitle": "Read the archive"}),
    )
    shell.log("p/s2.jsonl", turn(2, read=250_000, output=1_000))  # Opus costs the same

    told = leaks(shell)["longContext"]

    # 250,000 × 0.60 + 1,000 × 22.50, against 250,000 × 0.30 + 1,000 × 15
    assert facts(told) == (1, 251_000, 172_500, 82_500)
    assert [(one["sessionId"], one["title"]) for one in told["sessions"]] == [
        ("s1", "Read the archive")
    ]


def test_subagents_that_begin_alike_write_the_same_cache(shell: Shell) -> None:
    requests = {
        "a": turn(0, write=12_000, agentId="a"),
        "b": turn(0.1, write=15_000, agentId="b"),  # 12,000 that a had written
        "c": turn(1, read=5_000, write=15_000, agentId="c"),  # 7,000 more than it read
        "d": turn(7, write=15_000, agentId="d"),  # the cache has expired
    }
    for agent, request in requests.items():
        shell.log(f"p/s/subagents/agent-{agent}.jsonl", request)
    shell.log("p/t/subagents/agent-e.jsonl", turn(0.2, write=15_000, agentId="e", sessionId="t"))

    assert facts(leaks(shell)["rebuiltCaches"]) == (2, 19_000, 118_750, 109_250)


def test_the_same_tokens_are_priced_with_the_next_cheaper_model(shell: Shell) -> None:
    models: dict[str, dict[str, object]] = {
        "acme-large": {"input_cost_per_token": 4e-9, "output_cost_per_token": 8e-9},
        "acme-medium": {
            "input_cost_per_token": 2e-9,
            "output_cost_per_token": 4e-9,
            "max_input_tokens": 5_000,
        },
        "acme-small": {"input_cost_per_token": 1e-9, "output_cost_per_token": 2e-9},
    }
    shell.prices.write_text(json.dumps(price_list() | models))
    shell.log(
        "p/s.jsonl",
        turn(0, new=1_000, output=500, model="acme-large"),
        turn(1, new=9_000, output=500, model="acme-large"),  # more than acme-medium can read
        turn(2, new=1_000, output=500, model="acme-medium"),
        turn(3, new=1_000, output=500, model="acme-small"),
    )

    told = leaks(shell)["cheaperModels"]

    nano = [
        (
            one["modelName"],
            one["cheaperModel"],
            one["answers"],
            one["answersLeftOut"],
            round(one["cost"] * 1e9),
            round(one["cheaperCost"] * 1e9),
        )
        for one in told
    ]
    assert nano == [
        ("acme-large", "acme-medium", 1, 1, 8_000, 4_000),
        ("acme-medium", "acme-small", 1, 0, 4_000, 2_000),
    ]


def test_results_of_tools_are_measured_by_the_growth_of_the_context(shell: Shell) -> None:
    shell.log(
        "p/s.jsonl",
        turn(0, write=10_000, output=500, tools=("Bash",)),
        turn(0.5, model="<synthetic>"),  # made up by Claude Code, as about an error
        turn(1, read=10_000, write=4_500, tools=("Read", "Grep")),  # 4,000 from Bash
        turn(2, read=14_500, write=100, tools=("Bash",)),  # 100 from several; reads all again
        turn(3, read=2_000, write=500),  # shorter: compacted
    )

    told = leaks(shell)["toolResults"]

    assert told["otherTokens"] == 100
    (bash,) = told["tools"]
    assert (bash["tool"], bash["answers"], bash["tokens"]) == ("Bash", 1, 4_000)
    # 4,000 × 6.25 when they were written, and 4,000 × 0.50 when they were read again
    assert (micro(bash["firstCost"]), micro(bash["cost"])) == (25_000, 27_000)


def test_only_answers_of_the_period_count_but_what_came_before_is_known(shell: Shell) -> None:
    shell.log(
        "p/s.jsonl",
        turn(11 * 60 + 50, write=10_000),  # 23:50
        turn(12 * 60 + 10, write=10_000),  # 00:10 on the next day
        turn(12 * 60 + 11, read=10_000),
    )

    told = leaks(shell, "--since", "2026-03-02", "--until", "2026-03-02")
    before = leaks(shell, "--until", "2026-03-01")

    assert facts(told["expiredContext"])[:2] == (1, 10_000)
    assert told["unreadCacheWrites"]["answers"] == 0
    assert before["expiredContext"]["answers"] == 0
    assert before["unreadCacheWrites"]["answers"] == 1


def test_the_ledger_is_enough(shell: Shell) -> None:
    shell.log("p/s.jsonl", turn(0, write=9_000, tools=("Bash",)), turn(7, write=9_900))
    before = leaks(shell)
    for log in (shell.claude / "projects").rglob("*.jsonl"):
        log.unlink()

    assert leaks(shell) == before
    assert before["toolResults"]["tools"][0]["tokens"] == 900


def test_the_text_has_the_figures_and_how_they_are_computed(shell: Shell) -> None:
    shell.log(
        "p/s.jsonl",
        turn(0, write=10_000, tools=("Bash",)),
        turn(6, write=14_000, output=10),
        encoded({"type": "ai-title", "aiTitle": "Mend the clock"}),
    )

    text = shell.run("leaks", *EVER).out

    assert text.startswith("Where money leaks, since 2026-01-01\nCost in this time: $0.15. ")
    assert "they overlap, so they do not add up" in " ".join(text.split())
    unread = "Cache writes never read again", "24 k tokens in 2 answers", "$0.03"
    expired = "Context sent again after pauses", "10 k tokens in 1 answer", "$0.06"
    lines = [line for line in text.splitlines() if "prices.json" not in line]
    for parts in (unread, expired):
        assert any(all(part in line for part in parts) for line in lines)
    assert "none" in next(line for line in lines if line.startswith("Long context"))
    assert any(line.split() == ["Bash", "4", "k", "tokens", "$0.03"] for line in lines)
    assert "results themselves are not kept" in " ".join(text.split())


def test_no_usage_is_said_in_a_sentence(shell: Shell) -> None:
    shell.log("p/s.jsonl", turn(0, write=10))

    out = shell.run("leaks", "--last", "7d").out
    assert "No usage matches these options." in out
    assert "Only usage since 2" in out
    assert leaks(shell, "--last", "7d")["totals"]["totalTokens"] == 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--last", "0d"], "'0d' is not a period; use a number of days, weeks or months"),
        (["--last", "7y"], "'7y' is not a period"),
        (["--last", "7d", "--since", "2026-01-01"], "--last cannot be combined with --since"),
    ],
)
def test_invalid_periods_are_refused(shell: Shell, words: list[str], message: str) -> None:
    ran = shell.run("leaks", *words)

    assert ran.code == 2
    assert message in ran.err


def test_a_model_without_a_price_is_counted_and_costs_nothing(shell: Shell) -> None:
    shell.log("p/s.jsonl", turn(0, write=10_000, model="claude-nobody-knows"))

    told = leaks(shell)["unreadCacheWrites"]

    assert (told["answers"], told["unpricedAnswers"], told["cost"]) == (1, 1, 0)
    assert "1 answer of models without a price not included." in " ".join(
        shell.run("leaks", *EVER).out.split()
    )
